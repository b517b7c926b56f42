//! What is known of a company's people over a range, from their agendas on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bereik::core::directory::Directory;
use bereik::core::{ChannelKind, FreeBusy, Interval, OpenTime, PersonId};
use bereik::feed::{calendar_files, read_calendars};
use bereik::presence::PersonFacts;
use chrono::TimeDelta;

/// So far ahead agendas are read in one go.
const DAYS: i64 = 59;

/// What the agendas say that a directory beside them names, and what is wrong in them.
pub(crate) fn read(
    directory: &Directory,
    folder: &Path,
    range: Interval,
) -> (BTreeMap<PersonId, PersonFacts>, BTreeSet<String>) {
    let files = calendar_files(directory, folder);
    let mut parts: BTreeMap<PersonId, Vec<(FreeBusy, OpenTime)>> = BTreeMap::new();
    let mut wrong = BTreeSet::new();
    let mut at = range.start();
    while at < range.end() {
        for update in read_calendars(&files, at) {
            wrong.extend(update.failures.iter().map(ToString::to_string));
            wrong.extend(update.problems.iter().map(ToString::to_string));
            let part = (update.free_busy.clone(), update.open_time.clone());
            parts.entry(update.person.clone()).or_default().push(part);
        }
        at += TimeDelta::days(DAYS);
    }
    let facts = parts.into_iter().map(|(person, parts)| {
        let facts = PersonFacts {
            free_busy: free_busy(&parts),
            open_time: open_time(&parts),
            ..PersonFacts::default()
        };
        (person, facts)
    });
    (facts.collect(), wrong)
}

/// One after the other; unknown where one of them is.
fn free_busy(parts: &[(FreeBusy, OpenTime)]) -> FreeBusy {
    let known: Option<Vec<Interval>> = parts.iter().map(|(part, _)| part.known()).collect();
    let Some(known) = known.and_then(hull) else {
        return FreeBusy::unknown();
    };
    let claims = parts.iter().flat_map(|(part, _)| part.intervals());
    let builder = claims.fold(FreeBusy::builder(known), |builder, (interval, kind)| {
        builder.claim(interval, kind)
    });
    builder.build()
}

fn open_time(parts: &[(FreeBusy, OpenTime)]) -> OpenTime {
    let known: Option<Vec<Interval>> = parts.iter().map(|(_, part)| part.known()).collect();
    let Some(known) = known.and_then(hull) else {
        return OpenTime::unknown();
    };
    let open = parts.iter().flat_map(|(_, part)| {
        let of = |channel| part.intervals(channel).iter().map(move |i| (channel, *i));
        ChannelKind::ALL.into_iter().flat_map(of)
    });
    OpenTime::new(known, open)
}

fn hull(parts: Vec<Interval>) -> Option<Interval> {
    parts.into_iter().reduce(|whole, part| whole.hull(&part))
}
