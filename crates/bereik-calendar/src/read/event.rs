//! The properties of an event, one by one, into its typed form.

use bereik_core::free_busy::FreeBusyKind;

use super::assemble::Assembler;
use super::property::{Name, Property};
use super::value::{self, When};
use crate::component::{Answer, Ending, Event, ExtraEnd, Flaw};
use crate::problem::ProblemReason;
use crate::reading::address_key;
use crate::recurrence::{Rule, RuleError};

/// UIDs are cut off beyond this many bytes.
const UID_BYTES_MAX: usize = 1_024;
/// Attendees beyond this many are not looked at.
const ANSWERS_MAX: usize = 10_000;
/// Rules of one event beyond this many are not expanded.
const RULES_MAX: usize = 32;

/// Takes one property into an event.
pub(super) fn property(
    assembler: &mut Assembler<'_>,
    event: &mut Event,
    line: usize,
    name: Name,
    property: &Property<'_>,
) {
    let text = property.value.trim_ascii();
    match name {
        Name::Attendee => answer(event, property),
        Name::BusyStatus => event.marks.busy_status = busy_status(text),
        Name::DtEnd => end(assembler, event, line, property),
        Name::DtStart => start(assembler, event, line, property),
        Name::Duration => duration(assembler, event, line, text),
        Name::EventType => event.marks.event_type = event_type(text),
        Name::ExDate => except(assembler, event, line, property),
        Name::ExRule => except_rule(assembler, event, line, text),
        Name::GroupWiseShowAs => event.marks.busy_status = busy_status(text),
        Name::IntendedStatus => event.marks.intended_status = busy_status(text),
        Name::Organizer => event.organizer = address_key(text),
        Name::RDate => extra(assembler, event, line, property),
        Name::RRule => rule(assembler, event, line, text),
        Name::RecurrenceId => replaces(assembler, event, line, property),
        Name::Sequence => event.sequence = value::integer(text).unwrap_or(0),
        Name::Status => {
            event.marks.is_cancelled =
                text.eq_ignore_ascii_case(b"CANCELLED") || text.eq_ignore_ascii_case(b"CANCELED");
            event.marks.is_tentative = text.eq_ignore_ascii_case(b"TENTATIVE");
        }
        Name::Transparency => {
            event.marks.is_opaque = text.eq_ignore_ascii_case(b"OPAQUE");
            event.marks.is_transparent = text.eq_ignore_ascii_case(b"TRANSPARENT");
        }
        Name::Uid => {
            let text = text.get(..UID_BYTES_MAX).unwrap_or(text);
            event.uid = Some(String::from_utf8_lossy(text).into());
        }
        _ => {}
    }
}

fn start(assembler: &mut Assembler<'_>, event: &mut Event, line: usize, property: &Property<'_>) {
    event.start = assembler.stamp(line, property);
    if event.start.is_none() {
        assembler.problem(line, ProblemReason::Start);
        event.flawed(Flaw::Anywhere);
    }
}

fn end(assembler: &mut Assembler<'_>, event: &mut Event, line: usize, property: &Property<'_>) {
    event.end = match assembler.stamp(line, property) {
        Some(stamp) => Ending::At(stamp),
        None => {
            assembler.problem(line, ProblemReason::End);
            Ending::Unreadable
        }
    };
}

/// DTEND goes before DURATION where a file has both.
fn duration(assembler: &mut Assembler<'_>, event: &mut Event, line: usize, text: &[u8]) {
    if matches!(event.end, Ending::At(_)) {
        return;
    }
    event.end = match value::duration(text) {
        Some(span) => Ending::Lasts(span),
        None => {
            assembler.problem(line, ProblemReason::End);
            Ending::Unreadable
        }
    };
}

fn rule(assembler: &mut Assembler<'_>, event: &mut Event, line: usize, text: &[u8]) {
    let is_full = event.recurrence_mut().rules.len() >= RULES_MAX;
    match Rule::parse(text) {
        Ok(_) if is_full => {
            assembler.problem(line, ProblemReason::TooManyDates);
            event.flawed(Flaw::FromStart);
        }
        Ok(rule) => event.recurrence_mut().rules.push(rule),
        Err(error) => {
            let reason = match error {
                RuleError::Malformed => ProblemReason::Rule,
                RuleError::Scale => ProblemReason::RuleScale,
            };
            assembler.problem(line, reason);
            event.flawed(Flaw::FromStart);
        }
    }
}

fn except_rule(assembler: &mut Assembler<'_>, event: &mut Event, line: usize, text: &[u8]) {
    let rules = &mut event.recurrence_mut().except_rules;
    match Rule::parse(text) {
        Ok(rule) if rules.len() < RULES_MAX => rules.push(rule),
        _ => assembler.problem(line, ProblemReason::ExceptionRule),
    }
}

fn except(assembler: &mut Assembler<'_>, event: &mut Event, line: usize, property: &Property<'_>) {
    let zone = assembler.zone_of(line, property);
    for text in members(property.value) {
        let Some(stamp) = assembler.stamp_in(text, zone, property) else {
            assembler.problem(line, ProblemReason::ExceptionDate);
            continue;
        };
        if event.recurrence_mut().except.len() >= assembler.dates_max() {
            assembler.problem(line, ProblemReason::TooManyDates);
            return event.flawed(Flaw::FromStart);
        }
        event.recurrence_mut().except.push(stamp);
    }
}

fn extra(assembler: &mut Assembler<'_>, event: &mut Event, line: usize, property: &Property<'_>) {
    let zone = assembler.zone_of(line, property);
    for text in members(property.value) {
        let mut halves = text.splitn(2, |byte| *byte == b'/');
        let start = halves.next().unwrap_or_default();
        let start = assembler.stamp_in(start, zone, property);
        let end = match halves.next() {
            None => Some(ExtraEnd::Same),
            Some(end) => value::duration(end)
                .map(ExtraEnd::Lasts)
                .or_else(|| assembler.stamp_in(end, zone, property).map(ExtraEnd::At)),
        };
        let (Some(start), Some(end)) = (start, end) else {
            assembler.problem(line, ProblemReason::RecurrenceDate);
            event.flawed(Flaw::Anywhere);
            continue;
        };
        if event.recurrence_mut().extra.len() >= assembler.dates_max() {
            assembler.problem(line, ProblemReason::TooManyDates);
            return event.flawed(Flaw::Anywhere);
        }
        event.recurrence_mut().extra.push((start, end));
    }
}

/// The members of a list; some end it with a comma.
fn members(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let members = text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    members.filter(|member| !member.is_empty())
}

fn replaces(
    assembler: &mut Assembler<'_>,
    event: &mut Event,
    line: usize,
    property: &Property<'_>,
) {
    let range = property.range.unwrap_or_default();
    let and_after = range.eq_ignore_ascii_case(b"THISANDFUTURE");
    match assembler.stamp(line, property) {
        Some(stamp) => event.replaces = Some((stamp, and_after)),
        None => assembler.problem(line, ProblemReason::RecurrenceId),
    }
}

fn answer(event: &mut Event, property: &Property<'_>) {
    let answer = match property
        .part_stat
        .map(<[u8]>::to_ascii_uppercase)
        .as_deref()
    {
        None => Answer::Silent,
        Some(b"ACCEPTED") => Answer::Accepted,
        Some(b"DECLINED" | b"DELEGATED") => Answer::Declined,
        Some(_) => Answer::Tentative,
    };
    let addresses = [
        address_key(property.value),
        property.email.and_then(address_key),
    ];
    for address in addresses.into_iter().flatten() {
        if event.answers.len() < ANSWERS_MAX {
            event.answers.push((address, answer));
        }
    }
}

/// X-MICROSOFT-CDO-BUSYSTATUS and its kin.
fn busy_status(text: &[u8]) -> Option<FreeBusyKind> {
    Some(match text.to_ascii_uppercase().as_slice() {
        b"FREE" => FreeBusyKind::Free,
        b"TENTATIVE" => FreeBusyKind::Tentative,
        b"BUSY" => FreeBusyKind::Busy,
        b"OOF" | b"OUT_OF_OFFICE" | b"OUT OF OFFICE" => FreeBusyKind::OutOfOffice,
        b"WORKINGELSEWHERE" => FreeBusyKind::Elsewhere,
        _ => return None,
    })
}

/// Google's event types, as exporters write them.
fn event_type(text: &[u8]) -> Option<FreeBusyKind> {
    Some(match text.to_ascii_uppercase().as_slice() {
        b"OUTOFOFFICE" => FreeBusyKind::OutOfOffice,
        b"WORKINGLOCATION" => FreeBusyKind::Elsewhere,
        b"FOCUSTIME" => FreeBusyKind::Busy,
        _ => return None,
    })
}

/// FBTYPE and BUSYTYPE (RFC 5545 section 3.2.9); an unknown one is busy.
pub(super) fn free_busy_kind(text: Option<&[u8]>) -> FreeBusyKind {
    match text.unwrap_or_default().to_ascii_uppercase().as_slice() {
        b"FREE" => FreeBusyKind::Free,
        b"BUSY-TENTATIVE" => FreeBusyKind::Tentative,
        b"BUSY-UNAVAILABLE" => FreeBusyKind::OutOfOffice,
        b"X-ELSEWHERE" => FreeBusyKind::Elsewhere,
        b"X-UNKNOWN" => FreeBusyKind::Unknown,
        _ => FreeBusyKind::Busy,
    }
}

/// A PERIOD in UTC (RFC 5545 section 3.3.9), in Unix seconds.
pub(super) fn utc_period(text: &[u8]) -> Option<(i64, i64)> {
    let at = text.iter().position(|byte| *byte == b'/')?;
    let Some(When::Utc(start)) = value::when(&text[..at]) else {
        return None;
    };
    let end = &text[at + 1..];
    match value::duration(end) {
        Some(span) => Some((start, start + span.days * crate::civil::DAY + span.seconds)),
        None => match value::when(end)? {
            When::Utc(end) => Some((start, end)),
            _ => None,
        },
    }
}
