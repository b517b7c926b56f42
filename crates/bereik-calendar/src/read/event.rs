//! The properties of an event, one by one, into its typed form.

use bereik_core::free_busy::FreeBusyKind;

use super::intake::Intake;
use super::property::{Name, Property};
use super::value::{self, When};
use crate::civil::{DAY, day_of};
use crate::component::{Ending, Event, ExtraEnd, Flaw, Form, Home, Role, Stamp, Voice};
use crate::key::address_key;
use crate::problem::ProblemReason;
use crate::recurrence::{Rule, RuleError};

/// UIDs are cut off beyond this many bytes.
const UID_BYTES_MAX: usize = 1_024;
/// Attendees beyond this many are not looked at.
const VOICES_MAX: usize = 10_000;
/// Rules of one event beyond this many are not expanded.
const RULES_MAX: usize = 32;

/// Takes one property into an event.
pub(super) fn property(
    intake: &mut Intake<'_>,
    event: &mut Event,
    line: u32,
    name: Name,
    property: &Property<'_>,
) {
    let text = property.value.trim_ascii();
    match name {
        Name::Attendee => attendee(intake, event, property),
        Name::BusyStatus | Name::GroupWiseShowAs => {
            // Of two, the one that leaves him busier.
            let status = kind_in(&BUSY_STATUSES, text);
            event.declared.busy_status = event.declared.busy_status.max(status);
        }
        Name::Categories => event.found |= intake.looking.channels_of_categories(text),
        Name::DtEnd => end(intake, event, line, property),
        Name::DtStart => start(intake, event, line, property),
        Name::Duration => duration(intake, event, line, text),
        Name::EventType => event.declared.event_type = kind_in(&EVENT_TYPES, text),
        Name::ExDate => except(intake, event, line, property),
        Name::ExRule => except_rule(intake, event, line, text),
        Name::IntendedStatus => event.declared.intended_status = kind_in(&BUSY_STATUSES, text),
        Name::Organizer => {
            let address = address_key(text);
            voice(intake, event, address, Role::Organizer);
        }
        Name::RDate => extra(intake, event, line, property),
        Name::RRule => rule(intake, event, line, text),
        Name::RecurrenceId => replaces(intake, event, line, property),
        Name::Sequence => match value::sequence(text) {
            Some(sequence) => event.sequence = sequence,
            None => event.is_unranked = true,
        },
        Name::Status => {
            event.declared.is_cancelled =
                text.eq_ignore_ascii_case(b"CANCELLED") || text.eq_ignore_ascii_case(b"CANCELED");
            event.declared.is_tentative = text.eq_ignore_ascii_case(b"TENTATIVE");
        }
        Name::Summary => event.found |= intake.looking.found_in_title(text),
        Name::Transparency => {
            event.declared.is_opaque = text.eq_ignore_ascii_case(b"OPAQUE");
            event.declared.is_transparent = text.eq_ignore_ascii_case(b"TRANSPARENT");
        }
        Name::Uid => event.uid = intake.keep_uid(text.get(..UID_BYTES_MAX).unwrap_or(text)),
        _ => {}
    }
}

fn start(intake: &mut Intake<'_>, event: &mut Event, line: u32, property: &Property<'_>) {
    let start = intake.stamp(line, property);
    if event.start.is_some() {
        if event.start != start {
            intake.problem(line, ProblemReason::Doubled);
        }
        return;
    }
    event.start = start;
    if start.is_some() {
        return;
    }
    match value::vague_day(property.value) {
        Some(day) => {
            let floating = Form::Floating(intake.home);
            event.start = Some(Stamp::new(When::Date(day), floating, intake.home));
            event.is_start_vague = true;
            intake.problem(line, ProblemReason::StartOfDay);
        }
        None => {
            event.flawed(Flaw::Anywhere);
            intake.problem(line, ProblemReason::Start);
        }
    }
}

fn end(intake: &mut Intake<'_>, event: &mut Event, line: u32, property: &Property<'_>) {
    let end = match intake.stamp(line, property) {
        Some(stamp) => Ending::At(stamp),
        None => {
            intake.problem(line, ProblemReason::End);
            Ending::Unreadable
        }
    };
    match event.end {
        Ending::At(_) if event.end != end => intake.problem(line, ProblemReason::Doubled),
        _ => event.end = end,
    }
}

/// DTEND goes before DURATION where a file has both.
fn duration(intake: &mut Intake<'_>, event: &mut Event, line: u32, text: &[u8]) {
    if matches!(event.end, Ending::At(_) | Ending::Unreadable) {
        return;
    }
    event.end = match value::duration(text) {
        Some(span) => Ending::Lasts(span),
        None => {
            intake.problem(line, ProblemReason::End);
            Ending::Unreadable
        }
    };
}

fn rule(intake: &mut Intake<'_>, event: &mut Event, line: u32, text: &[u8]) {
    let tables = &mut intake.tables;
    let rules = &mut event.recurrence_mut(&mut tables.recurrences).rules;
    let reason = match Rule::parse(text) {
        Ok(_) if rules.len() >= RULES_MAX => ProblemReason::TooManyDates,
        Ok(rule) => return rules.push(&mut tables.rules, rule),
        Err(RuleError::Malformed) => ProblemReason::Rule,
        Err(RuleError::Scale) => ProblemReason::RuleScale,
    };
    intake.problem(line, reason);
    event.flawed(Flaw::FromStart);
}

fn except_rule(intake: &mut Intake<'_>, event: &mut Event, line: u32, text: &[u8]) {
    let tables = &mut intake.tables;
    let rules = &mut event.recurrence_mut(&mut tables.recurrences).except_rules;
    match Rule::parse(text) {
        Ok(rule) if rules.len() < RULES_MAX => rules.push(&mut tables.except_rules, rule),
        _ => intake.problem(line, ProblemReason::ExceptionRule),
    }
}

fn except(intake: &mut Intake<'_>, event: &mut Event, line: u32, property: &Property<'_>) {
    let form = intake.form_of(line, property);
    for text in members(property.value) {
        let Some(stamp) = stamp_in(text, form, intake.home, property) else {
            intake.problem(line, ProblemReason::ExceptionDate);
            continue;
        };
        let tables = &mut intake.tables;
        let except = &mut event.recurrence_mut(&mut tables.recurrences).except;
        if except.len() >= intake.limits.dates_max() {
            intake.problem(line, ProblemReason::TooManyDates);
            return event.flawed(Flaw::FromStart);
        }
        except.push(&mut tables.except, stamp);
    }
}

fn extra(intake: &mut Intake<'_>, event: &mut Event, line: u32, property: &Property<'_>) {
    let form = intake.form_of(line, property);
    for text in members(property.value) {
        let mut halves = text.splitn(2, |byte| *byte == b'/');
        let start = stamp_in(
            halves.next().unwrap_or_default(),
            form,
            intake.home,
            property,
        );
        let end = match halves.next() {
            None => Some(ExtraEnd::Same),
            Some(end) => value::duration(end)
                .map(ExtraEnd::Lasts)
                .or_else(|| stamp_in(end, form, intake.home, property).map(ExtraEnd::At)),
        };
        let (Some(start), Some(end)) = (start, end) else {
            intake.problem(line, ProblemReason::RecurrenceDate);
            event.flawed(Flaw::Anywhere);
            continue;
        };
        let tables = &mut intake.tables;
        let extra = &mut event.recurrence_mut(&mut tables.recurrences).extra;
        if extra.len() >= intake.limits.dates_max() {
            intake.problem(line, ProblemReason::TooManyDates);
            return event.flawed(Flaw::Anywhere);
        }
        extra.push(&mut tables.extra, (start, end));
    }
}

/// The members of a list; some end it with a comma.
pub(super) fn members(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let members = text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    members.filter(|member| !member.is_empty())
}

/// The time that a value, or one member of a list, gives.
pub(super) fn stamp_in(
    text: &[u8],
    form: Form,
    home: Home,
    property: &Property<'_>,
) -> Option<Stamp> {
    let when = match value::when(text)? {
        // Some write VALUE=DATE before a time, which is a day where it is at midnight.
        When::Wall(wall) | When::Utc(wall) if wall % DAY == 0 && property.has_type(b"DATE") => {
            When::Date(day_of(wall))
        }
        when => when,
    };
    Some(Stamp::new(when, form, home))
}

fn replaces(intake: &mut Intake<'_>, event: &mut Event, line: u32, property: &Property<'_>) {
    let range = property.range.unwrap_or_default();
    match intake.stamp(line, property) {
        Some(stamp) => {
            event.replaces = Some(stamp);
            event.replaces_after = range.eq_ignore_ascii_case(b"THISANDFUTURE");
        }
        None => {
            intake.problem(line, ProblemReason::RecurrenceId);
            event.is_unranked = true;
            if range.eq_ignore_ascii_case(b"THISANDFUTURE") {
                // Whom it moves, and from when on, is anybody's guess.
                event.flawed(Flaw::Anywhere);
            }
        }
    }
}

fn attendee(intake: &mut Intake<'_>, event: &mut Event, property: &Property<'_>) {
    let role = match property.part_stat {
        None => Role::Silent,
        Some(answer) if answer.eq_ignore_ascii_case(b"ACCEPTED") => Role::Accepted,
        Some(answer)
            if answer.eq_ignore_ascii_case(b"DECLINED")
                || answer.eq_ignore_ascii_case(b"DELEGATED") =>
        {
            Role::Declined
        }
        Some(_) => Role::Tentative,
    };
    voice(intake, event, address_key(property.value), role);
    let other = property.email.and_then(address_key);
    voice(intake, event, other, role);
}

fn voice(intake: &mut Intake<'_>, event: &mut Event, address: Option<u64>, role: Role) {
    if let Some(address) = address.filter(|_| event.voices.len() < VOICES_MAX) {
        let voices = &mut intake.tables.voices;
        event.voices.push(voices, Voice::new(address, role));
    }
}

/// X-MICROSOFT-CDO-BUSYSTATUS and its kin.
const BUSY_STATUSES: [(&[u8], FreeBusyKind); 7] = [
    (b"BUSY", FreeBusyKind::Busy),
    (b"FREE", FreeBusyKind::Free),
    (b"TENTATIVE", FreeBusyKind::Tentative),
    (b"OOF", FreeBusyKind::OutOfOffice),
    (b"WORKINGELSEWHERE", FreeBusyKind::Elsewhere),
    (b"OUT_OF_OFFICE", FreeBusyKind::OutOfOffice),
    (b"OUT OF OFFICE", FreeBusyKind::OutOfOffice),
];

/// Google's event types, as exporters write them.
const EVENT_TYPES: [(&[u8], FreeBusyKind); 3] = [
    (b"OUTOFOFFICE", FreeBusyKind::OutOfOffice),
    (b"WORKINGLOCATION", FreeBusyKind::Elsewhere),
    (b"FOCUSTIME", FreeBusyKind::Busy),
];

/// FBTYPE and BUSYTYPE (RFC 5545 section 3.2.9).
const FREE_BUSY_TYPES: [(&[u8], FreeBusyKind); 6] = [
    (b"BUSY", FreeBusyKind::Busy),
    (b"FREE", FreeBusyKind::Free),
    (b"BUSY-TENTATIVE", FreeBusyKind::Tentative),
    (b"BUSY-UNAVAILABLE", FreeBusyKind::OutOfOffice),
    (b"X-ELSEWHERE", FreeBusyKind::Elsewhere),
    (b"X-UNKNOWN", FreeBusyKind::Unknown),
];

/// The kind of a word, if it is one of these.
fn kind_in(words: &[(&[u8], FreeBusyKind)], text: &[u8]) -> Option<FreeBusyKind> {
    let found = words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, kind)| *kind)
}

/// A type that nobody knows is busy.
pub(super) fn free_busy_kind(text: Option<&[u8]>) -> FreeBusyKind {
    text.and_then(|text| kind_in(&FREE_BUSY_TYPES, text))
        .unwrap_or(FreeBusyKind::Busy)
}

/// A PERIOD in UTC (RFC 5545 section 3.3.9), in Unix seconds.
pub(super) fn utc_period(text: &[u8]) -> Option<(i64, i64)> {
    let at = text.iter().position(|byte| *byte == b'/')?;
    let Some(When::Utc(start)) = value::when(&text[..at]) else {
        return None;
    };
    let end = &text[at + 1..];
    match value::duration(end) {
        Some(span) => {
            let seconds = i64::from(span.days) * DAY + span.seconds;
            Some((start, start + seconds))
        }
        None => match value::when(end)? {
            When::Utc(end) => Some((start, end)),
            _ => None,
        },
    }
}
