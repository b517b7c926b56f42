//! Laws of reading: what is lost, what does not matter, what does not come out, and calendars beside each other.

use bereik_calendar::{Calendar, Expanded, ProblemReason};
use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use chrono::{DateTime, Utc};

use super::case::Case;
use super::spelling::{CANARY, Text, followed_by};
use super::{Answers, has_any, is_lost, is_nowhere_free, ran_out};

/// Stretches beyond this many are not written: it would be the same again and slow.
const WRITTEN_MAX: usize = 100;

/// Reasons for which a file is lost as a whole; they are told in any case.
const LOSSES: usize = 5;

/// A file that was not read to its end, or is no calendar at all, frees nobody.
pub(super) fn what_is_lost_in_bulk_is_unknown(case: &Case<'_>, answers: &Answers) {
    let free_busy = &answers.free_busy;
    if is_lost(&free_busy.problems) {
        assert!(is_nowhere_free(&free_busy.value, case.window), "{case:?}");
        return;
    }
    let bytes = case.content.len();
    assert!(bytes <= case.limits.bytes_max(), "{bytes} bytes were read");
    if let Some(text) = Text::of(case.content) {
        assert!(
            text.has("VCALENDAR"),
            "bytes were taken for a calendar: {case:?}"
        );
    }
}

/// A component that begins and never ends is noticed, and whatever it hides is unknown.
pub(super) fn an_open_component_hides_everything(case: &Case<'_>) {
    let cut = followed_by(case.content, &["BEGIN:VEVENT"]);
    let answer = case.read_other(&cut).free_busy(case.window, &case.reading);
    assert!(is_lost(&answer.problems), "{case:?}");
    assert!(is_nowhere_free(&answer.value, case.window), "{case:?}");
}

/// Where nothing is wrong with a file, all of its time is known, unless it says so itself.
pub(super) fn nothing_is_unknown_without_a_problem(case: &Case<'_>, answers: &Answers) {
    let free_busy = &answers.free_busy;
    let says_so = |text: Text| text.has("FREEBUSY") || text.has("X-UNKNOWN");
    if !free_busy.problems.is_empty() || Text::of(case.content).is_none_or(says_so) {
        return;
    }
    assert_eq!(free_busy.value.known(), Some(case.window), "{case:?}");
    let mut kinds = free_busy.value.intervals().map(|(_, kind)| kind);
    assert!(kinds.all(|kind| kind != FreeBusyKind::Unknown), "{case:?}");
}

/// Reading depends on nothing but the bytes, also where there are more problems than are kept.
pub(super) fn reading_again_says_the_same(case: &Case<'_>, answers: &Answers) {
    let limits = case.limits.clone().with_problems_max(case.problems_max);
    let once = bereik_calendar::read(case.content, &limits);
    let again = bereik_calendar::read(case.content, &limits);
    assert_eq!(again.problems(), once.problems(), "{case:?}");
    assert_eq!(format!("{again:?}"), format!("{once:?}"));
    let free_busy = once.free_busy(case.window, &case.reading);
    assert_eq!(
        again.free_busy(case.window, &case.reading),
        free_busy,
        "{case:?}"
    );
    assert_eq!(free_busy.value, answers.free_busy.value, "{case:?}");
}

/// Problems are no more than asked for, but for what makes the whole file unknown, and name lines that are there.
pub(super) fn problems_are_few_and_in_the_file(case: &Case<'_>, answers: &Answers) {
    let limits = case.limits.clone().with_problems_max(case.problems_max);
    let calendar = bereik_calendar::read(case.content, &limits);
    let answer = calendar.free_busy(case.window, &case.reading);
    let (read, all) = (calendar.problems().len(), answer.problems.len());
    assert!(
        read <= case.problems_max + LOSSES,
        "{read} problems\n{case:?}"
    );
    assert!(
        all <= 2 * case.problems_max + LOSSES,
        "{all} problems\n{case:?}"
    );
    let ends = |byte: u8| case.content.iter().filter(|one| **one == byte).count();
    // Where a file is cut off by a limit, carriage returns may be all the line ends before it.
    let lines = 1 + ends(b'\n').max(ends(b'\r'));
    let named = answers
        .free_busy
        .problems
        .iter()
        .map(|problem| problem.line());
    let named = named.chain(answers.occurrences.value.iter().map(|one| one.line));
    let claims = answers.explained.value.iter().flat_map(|one| &one.claims);
    for line in named.chain(claims.map(|claim| claim.line)) {
        assert!(
            (1..=lines).contains(&line),
            "line {line} of {lines}\n{case:?}"
        );
    }
}

/// Line ends, folds and the case of names say nothing (RFC 5545 sections 2 and 3.1).
pub(super) fn spelling_does_not_matter(case: &Case<'_>, answers: &Answers) {
    let Some(text) = Text::of(case.content).filter(|_| case.is_unbounded()) else {
        return;
    };
    let other = case.read_other(&text.spelled(case.spelling));
    let free_busy = other.free_busy(case.window, &case.reading);
    let same = &answers.free_busy;
    assert_eq!(free_busy.value, same.value, "{case:?}");
    assert_eq!(free_busy.steps, same.steps, "{case:?}");
    let reasons = |all: &Expanded<FreeBusy>| -> Vec<ProblemReason> {
        all.problems
            .iter()
            .map(|problem| problem.reason())
            .collect()
    };
    assert_eq!(reasons(&free_busy), reasons(same), "{case:?}");
}

/// The order of events, and of the properties of an event, says nothing.
pub(super) fn order_does_not_matter(case: &Case<'_>, answers: &Answers) {
    let free_busy = &answers.free_busy;
    // Of two changes of one instance and all after it, with one SEQUENCE, the later holds.
    let is_plain = |text: &Text| text.lines_with("THISANDFUTURE") <= 1;
    let text = Text::of(case.content).filter(is_plain);
    let Some(other) = text.and_then(|text| text.backwards()) else {
        return;
    };
    let is_nested = has_any(&free_busy.problems, &[ProblemReason::Nesting]);
    if !case.is_unbounded() || is_nested || ran_out(&free_busy.problems) {
        return;
    }
    let other = case
        .read_other(&other)
        .free_busy(case.window, &case.reading);
    let is_same = other.value == free_busy.value || ran_out(&other.problems);
    assert!(
        is_same,
        "{:?}\n{:?}\n{case:?}",
        other.value, free_busy.value
    );
}

/// Text changes no answer, and none of it is in what a caller may print.
pub(super) fn no_text_comes_out(case: &Case<'_>, answers: &Answers) {
    let Some(text) = Text::of(case.content) else {
        return;
    };
    let calendar = case.read_other(&text.with_canaries());
    let free_busy = calendar.free_busy(case.window, &case.reading);
    if case.is_unbounded() {
        assert_eq!(free_busy.value, answers.free_busy.value, "{case:?}");
    }
    let said = printed(&calendar, case);
    assert!(!said.contains(CANARY), "{said}\n{case:?}");
}

/// Everything that has a debug form or a text, over the part of the window.
fn printed(calendar: &Calendar, case: &Case<'_>) -> String {
    let free_busy = calendar.free_busy(case.part, &case.reading);
    let occurrences = calendar.occurrences(case.part, &case.reading);
    let explained = calendar.explain(case.part, &case.reading);
    let problems = free_busy.problems.iter().map(ToString::to_string);
    let problems: Vec<String> = problems.collect();
    format!("{calendar:?} {free_busy:?} {occurrences:?} {explained:?} {problems:?}")
}

/// Two calendars in one file are both calendars: neither hides anything of the other.
pub(super) fn calendars_in_a_row_are_merged(case: &Case<'_>, answers: &Answers) {
    // A file of nothing but free/busy blocks says less than one that has an event as well.
    let is_plain = Text::of(case.content).is_some_and(|text| !text.has("FREEBUSY"));
    if !is_plain
        || !case.is_unbounded()
        || !case.is_writable()
        || is_lost(&answers.free_busy.problems)
    {
        return;
    }
    let second = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let start = format!("DTSTART:{}", second(case.part.start()));
    let end = format!("DTEND:{}", second(case.part.end()));
    let other = [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "UID:of the law that calendars in a row are merged",
        &start,
        &end,
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
        "END:VEVENT",
        "END:VCALENDAR",
    ];
    let both = case.read_other(&followed_by(case.content, &other));
    let both = both.free_busy(case.window, &case.reading);
    if is_lost(&both.problems) {
        return;
    }
    let away = FreeBusy::builder(case.window)
        .claim(case.part, FreeBusyKind::OutOfOffice)
        .build();
    let merged = answers.free_busy.value.merge(&away);
    assert_eq!(both.value, merged, "{case:?}");
}

/// A file that holds the same twice says the same.
pub(super) fn a_calendar_twice_is_the_calendar(case: &Case<'_>, answers: &Answers) {
    // Where a calendar has several owners or zones of its own, it depends on its neighbours which of them holds.
    let names = ["X-WR-CALNAME", "X-WR-TIMEZONE"];
    let is_plain = |text: &Text| names.iter().all(|name| text.lines_with(name) <= 1);
    let (Some(_), Ok(text)) = (
        Text::of(case.content).filter(is_plain),
        std::str::from_utf8(case.content),
    ) else {
        return;
    };
    let again = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if again.starts_with([' ', '\t']) {
        // It would be a fold of the line before.
        return;
    }
    let both = case.read_other(&followed_by(case.content, &[again]));
    let both = both.free_busy(case.window, &case.reading);
    let is_known =
        |answer: &Expanded<FreeBusy>| !is_lost(&answer.problems) && !ran_out(&answer.problems);
    if is_known(&answers.free_busy) && is_known(&both) {
        assert_eq!(both.value, answers.free_busy.value, "{case:?}");
    }
}

/// What is written as a VFREEBUSY is what was said, and nothing is said around it.
pub(super) fn what_is_written_reads_back_equal(case: &Case<'_>, answers: &Answers) {
    let ours = &answers.free_busy.value;
    if !case.is_writable() || ours.intervals().len() > WRITTEN_MAX {
        return;
    }
    let stamp = case.window.start();
    let text = bereik_calendar::write_free_busy(ours, "1", stamp, Some("mailto:a@example.org"));
    let theirs = bereik_calendar::read(text.as_bytes(), &Case::wide_limits());
    let around = case.window.hull(&case.part);
    let day = chrono::TimeDelta::days(1);
    let around = bereik_core::interval::Interval::new(around.start() - day, around.end() + day);
    let theirs = theirs.free_busy(around.expect("it is longer"), &case.reading);
    assert_eq!(theirs.problems, [], "{text}");
    assert_eq!(&theirs.value, ours, "{text}");
}
