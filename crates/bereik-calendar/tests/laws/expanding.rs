//! Laws of what a calendar says of a window, of the work that takes, and of what else can be asked of it.

use bereik_calendar::{Expanded, Explained, Marks, Occurrence, ShiftNames};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::free_busy::FreeBusyKind;
use bereik_core::interval::Interval;

use super::case::Case;
use super::spelling::Text;
use super::{Answers, is_lost, ran_out, side_by_side};

/// Nothing is said of time that was not asked for; what is said stands in order, and each stretch is maximal.
pub(super) fn answers_lie_in_the_window(case: &Case<'_>, answers: &Answers) {
    let is_inside = |interval: Interval| case.window.intersection(&interval) == Some(interval);
    let occurrences = &answers.occurrences.value;
    assert!(
        occurrences.iter().all(|one| is_inside(one.interval)),
        "{case:?} {occurrences:?}"
    );
    assert!(occurrences.is_sorted_by_key(|one| one.interval));
    let free_busy = &answers.free_busy.value;
    assert!(
        free_busy.known().is_none_or(is_inside),
        "{case:?} {free_busy:?}"
    );
    let stretches: Vec<(Interval, FreeBusyKind)> = free_busy.intervals().collect();
    assert!(
        stretches
            .iter()
            .all(|(interval, kind)| is_inside(*interval) && *kind != FreeBusyKind::Free)
    );
    for pair in stretches.windows(2) {
        let ((first, kind), (second, other)) = (pair[0], pair[1]);
        let is_apart =
            first.end() < second.start() || (first.end() == second.start() && kind != other);
        assert!(is_apart, "{free_busy:?}");
    }
}

/// While something takes time, the owner is not said to be any freer than that.
pub(super) fn no_occurrence_is_free(case: &Case<'_>, answers: &Answers) {
    let free_busy = &answers.free_busy.value;
    let most = match ran_out(&answers.free_busy.problems) {
        true => FreeBusyKind::Unknown,
        false => FreeBusyKind::OutOfOffice,
    };
    let busy = answers
        .occurrences
        .value
        .iter()
        .filter(|one| one.kind != FreeBusyKind::Free);
    for one in busy {
        let said = side_by_side(free_busy, free_busy, one.interval);
        let is_as_busy = said.iter().all(|(_, kind, _)| *kind >= one.kind.min(most));
        assert!(is_as_busy, "{one:?} in {free_busy:?}\n{case:?}");
    }
}

/// No question takes more steps than the limit.
pub(super) fn steps_are_bounded(case: &Case<'_>, answers: &Answers) {
    let steps = [
        answers.free_busy.steps,
        answers.occurrences.steps,
        answers.explained.steps,
        answers.calendar.open_time(case.window, &case.reading).steps,
    ];
    assert!(
        steps.iter().all(|steps| *steps <= case.limits.steps_max()),
        "{steps:?}"
    );
}

/// An explanation has the stretches of the answer, and claims of the kind of each that leave none of it open.
pub(super) fn each_stretch_is_explained(case: &Case<'_>, answers: &Answers) {
    let (free_busy, explained) = (&answers.free_busy.value, &answers.explained.value);
    let all = side_by_side(free_busy, free_busy, case.window);
    let expected = all
        .iter()
        .filter(|(_, kind, _)| *kind != FreeBusyKind::Free);
    let expected: Vec<_> = expected.map(|(start, kind, _)| (*start, *kind)).collect();
    let said: Vec<_> = explained
        .iter()
        .map(|one| (one.interval.start(), one.kind))
        .collect();
    assert_eq!(said, expected, "{case:?}");
    for one in explained {
        let end = free_busy
            .next_change_after(one.interval.start())
            .unwrap_or(case.window.end());
        assert_eq!(one.interval.end(), end.min(case.window.end()), "{case:?}");
        if !ran_out(&answers.explained.problems) {
            is_covered(one, case);
        }
    }
}

fn is_covered(explained: &Explained, case: &Case<'_>) {
    let claims = &explained.claims;
    assert!(claims.is_sorted(), "{explained:?}");
    let mut covered = explained.interval.start();
    for claim in claims {
        let is_part = claim.kind == explained.kind && claim.interval.overlaps(&explained.interval);
        assert!(is_part, "{explained:?}\n{case:?}");
        if claim.interval.start() <= covered {
            covered = covered.max(claim.interval.end());
        }
    }
    assert!(
        covered >= explained.interval.end(),
        "{explained:?}\n{case:?}"
    );
}

/// What is asked does not change what is said, as long as the steps last.
pub(super) fn a_smaller_window_says_the_same(case: &Case<'_>, answers: &Answers) {
    let whole = &answers.free_busy;
    let part = answers.calendar.free_busy(case.part, &case.reading);
    for (at, in_whole, in_part) in side_by_side(&whole.value, &part.value, case.part) {
        // A longer window may run out of steps sooner, and then it knows less, but frees nobody.
        let is_less_known =
            ran_out(&whole.problems) && in_whole >= in_part.min(FreeBusyKind::Unknown);
        assert!(
            in_whole == in_part || is_less_known,
            "{at} {in_whole:?} {in_part:?}\n{case:?}"
        );
    }
}

/// Beyond a limit nothing is known, so that nobody is free because of one.
pub(super) fn tighter_limits_free_nobody(case: &Case<'_>, answers: &Answers) {
    let wide = Case::wide_limits();
    if case.limits == wide {
        return;
    }
    let known = bereik_calendar::read(case.content, &wide).free_busy(case.window, &case.reading);
    if ran_out(&known.problems) {
        return;
    }
    // What is unknown in one zone need not be in another, which stands in for one that was on too long a line.
    let names_a_zone = |text: Text| text.has("X-WR-TIMEZONE");
    let is_home_sure = case.limits.line_bytes_max() == wide.line_bytes_max()
        || !Text::of(case.content).is_none_or(names_a_zone);
    let said = &answers.free_busy.value;
    for (at, tight, wide) in side_by_side(said, &known.value, case.window) {
        let is_no_freer = tight >= wide.min(FreeBusyKind::Unknown);
        let may_differ = wide == FreeBusyKind::Unknown && !is_home_sure;
        assert!(
            is_no_freer || may_differ,
            "{at} {tight:?} {wide:?}\n{case:?}"
        );
    }
}

/// An event that bears a mark is one of the occurrences, takes no time unless its owner is away or elsewhere
/// meanwhile, and everything that is open is such an event.
pub(super) fn marked_events_open_and_take_no_time(case: &Case<'_>, answers: &Answers) {
    let marks = Marks::new()
        .with_category("reachable", &[ChannelKind::Chat, ChannelKind::Phone])
        .with_title("Open hour", &[ChannelKind::Phone]);
    let calendar = bereik_calendar::read_marked(case.content, &case.limits, &marks);
    let open = calendar.open_time(case.window, &case.reading);
    assert!(open.steps <= case.limits.steps_max(), "{}", open.steps);
    let occurrences = calendar.occurrences(case.window, &case.reading);
    let given_up = is_lost(&occurrences.problems) || ran_out(&occurrences.problems);
    if !given_up {
        bear_marks(&occurrences, &answers.occurrences);
    }
    for channel in ChannelKind::ALL {
        let stretches = open.value.intervals(channel);
        assert!(
            stretches.is_sorted_by(|a, b| a.end() < b.start()),
            "{open:?}"
        );
        for stretch in stretches {
            let is_inside = case.window.intersection(stretch) == Some(*stretch);
            let takes_no_time = given_up || takes_no_time(*stretch, &occurrences.value);
            assert!(
                is_inside && takes_no_time,
                "{stretch:?} {channel:?}\n{case:?}"
            );
        }
    }
}

/// Marks change nothing but what the events that bear them say of their time.
fn bear_marks(marked: &Expanded<Vec<Occurrence>>, plain: &Expanded<Vec<Occurrence>>) {
    let by_line = |all: &[Occurrence]| {
        let key = |one: &Occurrence| (one.interval, one.line, one.kind);
        let mut sorted: Vec<_> = all.iter().map(key).collect();
        sorted.sort_unstable();
        sorted
    };
    let (marked, plain) = (by_line(&marked.value), by_line(&plain.value));
    assert_eq!(marked.len(), plain.len());
    for (marked, plain) in marked.iter().zip(&plain) {
        let is_same_time = (marked.0, marked.1) == (plain.0, plain.1);
        let is_kind_kept = marked.2 == plain.2 || marked.2 == FreeBusyKind::Free;
        assert!(is_same_time && is_kind_kept, "{marked:?} {plain:?}");
    }
}

/// Whether occurrences that leave their owner free, elsewhere or away leave none of a stretch out.
fn takes_no_time(stretch: Interval, occurrences: &[Occurrence]) -> bool {
    let leaves_open = |one: &&Occurrence| {
        matches!(
            one.kind,
            FreeBusyKind::Free | FreeBusyKind::Elsewhere | FreeBusyKind::OutOfOffice
        )
    };
    let mut covered = stretch.start();
    for one in occurrences.iter().filter(leaves_open) {
        if one.interval.start() <= covered {
            covered = covered.max(one.interval.end());
        }
    }
    covered >= stretch.end()
}

/// A shift is the time of an event, in the window and in order, and of somebody who was named.
pub(super) fn shifts_are_occurrences(case: &Case<'_>, answers: &Answers) {
    let person = |name: &str| name.parse().expect("the test's own value");
    let names = ShiftNames::new()
        .with_title("Anna on call", person("anna"))
        .with_address("bob@example.org", person("bob"));
    let roster = bereik_calendar::read_shifts(case.content, &case.limits, &names);
    let shifts = roster.shifts(case.window, &case.reading);
    assert!(shifts.steps <= case.limits.steps_max(), "{}", shifts.steps);
    assert!(
        shifts
            .value
            .is_sorted_by_key(|shift| (shift.interval, &shift.person))
    );
    let occurrences = &answers.occurrences;
    for shift in &shifts.value {
        assert!(
            ["anna", "bob"].contains(&shift.person.as_str()),
            "{shift:?}"
        );
        assert_eq!(
            case.window.intersection(&shift.interval),
            Some(shift.interval),
            "{case:?}"
        );
        let at = |one: &Occurrence| one.interval.cmp(&shift.interval);
        let is_found = occurrences.value.binary_search_by(at).is_ok();
        assert!(
            is_found || ran_out(&occurrences.problems),
            "{shift:?}\n{case:?}"
        );
    }
}
