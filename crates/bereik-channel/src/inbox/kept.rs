//! What an inbox holds: events that wait for earlier ones, events that were put in order, and the names of those that
//! came.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use bereik_core::id::Key;
use tokio::time::Instant;

use super::journal::{Journal, Record};
use super::{Arrival, Inbox, InboxError, InboxErrorKind, now};
use crate::event::{Cursor, Event, EventKind};

/// When the file has so many lines more than are needed, it is written anew.
const SPARE_LINES_MAX: usize = 2 * Inbox::KEPT_MAX;

struct Waiting {
    event: Event,
    since: Instant,
}

pub(super) struct Kept {
    /// Tells the cursors of this inbox from those of another.
    epoch: u64,
    /// By order, and then as they came.
    waiting: BTreeMap<(i64, u64), Waiting>,
    arrivals: u64,
    /// The newest of those that found their order.
    events: VecDeque<Event>,
    /// How many ever did.
    released: u64,
    names: HashSet<Key>,
    /// The oldest first.
    names_in_order: VecDeque<Key>,
    journal: Option<Journal>,
}

impl Kept {
    pub(super) fn new() -> Self {
        Self {
            // Each of these hashers begins with numbers of its own.
            epoch: RandomState::new().build_hasher().finish(),
            waiting: BTreeMap::new(),
            arrivals: 0,
            events: VecDeque::new(),
            released: 0,
            names: HashSet::new(),
            names_in_order: VecDeque::new(),
            journal: None,
        }
    }

    /// What a file says, which is written anew, without what is not needed any more.
    pub(super) async fn restored(
        journal: Journal,
        records: Vec<Record>,
    ) -> Result<Self, InboxError> {
        let mut kept = Self::new();
        let since = now();
        let mut places = HashMap::new();
        for (record, number) in records.into_iter().zip(0..) {
            let is_first = number == 0;
            match record {
                Record::Begun {
                    epoch,
                    released,
                    names,
                } if is_first => {
                    (kept.epoch, kept.released) = (epoch, released);
                    names.into_iter().for_each(|name| kept.remember(name));
                }
                _ if is_first => return Err(InboxError::new(InboxErrorKind::Damaged)),
                Record::Begun { .. } => return Err(InboxError::new(InboxErrorKind::Damaged)),
                // A provider that got no answer brought it again.
                Record::Arrived { event, .. } if kept.names.contains(&event.id) => {}
                Record::Arrived { order, event } => {
                    places.insert(event.id.clone(), (order, kept.arrivals));
                    kept.wait(Arrival { order, event }, since);
                }
                Record::Released { names } => {
                    let places = names.iter().filter_map(|name| places.remove(name));
                    for place in places.collect::<Vec<_>>() {
                        kept.release_one(place);
                    }
                }
            }
        }
        kept.journal = Some(journal);
        kept.rewrite().await?;
        Ok(kept)
    }

    /// Takes down what came and is new.
    pub(super) async fn keep(
        &mut self,
        arrivals: Vec<Arrival>,
        now: Instant,
    ) -> Result<usize, InboxError> {
        let mut fresh: Vec<Arrival> = Vec::new();
        let mut names = HashSet::new();
        for arrival in arrivals {
            let name = &arrival.event.id;
            if !self.names.contains(name) && names.insert(name.clone()) {
                fresh.push(arrival);
            }
        }
        if self.waiting.len() + fresh.len() > Inbox::KEPT_MAX {
            return Err(InboxError::new(InboxErrorKind::Full));
        }
        if let Some(journal) = self.journal.as_mut().filter(|_| !fresh.is_empty()) {
            let records = fresh.iter().map(|arrival| Record::Arrived {
                order: arrival.order,
                event: arrival.event.clone(),
            });
            journal.append(&records.collect::<Vec<_>>()).await?;
        }
        let count = fresh.len();
        for arrival in fresh {
            self.wait(arrival, now);
        }
        Ok(count)
    }

    fn wait(&mut self, arrival: Arrival, since: Instant) {
        let Arrival { order, event } = arrival;
        self.remember(event.id.clone());
        let place = (order, self.arrivals);
        self.arrivals += 1;
        self.waiting.insert(place, Waiting { event, since });
    }

    fn remember(&mut self, name: Key) {
        if self.names.insert(name.clone()) {
            self.names_in_order.push_back(name);
        }
        while self.names_in_order.len() > Inbox::NAMES_MAX {
            if let Some(oldest) = self.names_in_order.pop_front() {
                self.names.remove(&oldest);
            }
        }
    }

    /// Puts what has waited long enough behind the others, and what stands before it.
    pub(super) async fn release(
        &mut self,
        now: Instant,
        settle_for: Duration,
    ) -> Result<(), InboxError> {
        let is_due = |waiting: &Waiting| waiting.since + settle_for <= now;
        let mut last_first = self.waiting.iter().rev();
        let last = last_first.find(|(_, waiting)| is_due(waiting));
        let Some(last) = last.map(|(place, _)| *place) else {
            return Ok(());
        };
        let due = self.waiting.range(..=last);
        let (places, names): (Vec<_>, Vec<_>) = due
            .map(|(place, waiting)| (*place, waiting.event.id.clone()))
            .unzip();
        if let Some(journal) = &mut self.journal {
            journal.append(&[Record::Released { names }]).await?;
        }
        for place in places {
            self.release_one(place);
        }
        let needed = self.waiting.len() + self.events.len();
        let has = self.journal.as_ref().map_or(0, Journal::lines);
        if has > needed + SPARE_LINES_MAX {
            self.rewrite().await?;
        }
        Ok(())
    }

    fn release_one(&mut self, place: (i64, u64)) {
        let Some(waiting) = self.waiting.remove(&place) else {
            return;
        };
        self.events.push_back(waiting.event);
        self.released += 1;
        if self.events.len() > Inbox::KEPT_MAX {
            self.events.pop_front();
        }
    }

    /// Writes a file that says what is here and no more.
    async fn rewrite(&mut self) -> Result<(), InboxError> {
        let here = self.events.iter();
        let here = here.chain(self.waiting.values().map(|waiting| &waiting.event));
        let here: HashSet<&Key> = here.map(|event| &event.id).collect();
        let names = self.names_in_order.iter();
        let names = names.filter(|name| !here.contains(name)).cloned();
        let before = self.released - self.events.len() as u64;
        let mut records = vec![Record::Begun {
            epoch: self.epoch,
            released: before,
            names: names.collect(),
        }];
        let arrived = |order, event: &Event| Record::Arrived {
            order,
            event: event.clone(),
        };
        records.extend(self.events.iter().map(|event| arrived(0, event)));
        let released = self.events.iter().map(|event| event.id.clone());
        records.push(Record::Released {
            names: released.collect(),
        });
        let waiting = self.waiting.iter();
        records.extend(waiting.map(|((order, _), waiting)| arrived(*order, &waiting.event)));
        match &mut self.journal {
            Some(journal) => journal.replace(&records).await,
            None => Ok(()),
        }
    }

    /// When the next event has waited long enough.
    pub(super) fn next_at(&self, settle_for: Duration) -> Option<Instant> {
        let since = self.waiting.values().map(|waiting| waiting.since).min();
        since.map(|since| since + settle_for)
    }

    /// The events after a cursor, and the cursor behind them.
    pub(super) fn events_after(&self, after: &Cursor, at_most: usize) -> (Vec<Event>, Cursor) {
        let gone = self.released - self.events.len() as u64;
        let after = self.number_of(after);
        let mut events = Vec::new();
        if at_most == 0 {
            return (events, self.cursor(after.unwrap_or(gone)));
        }
        let from = match after {
            Some(number) if number >= gone => number,
            _ => {
                let name = format!("gap:{:x}:{gone}", self.epoch);
                events.push(Event {
                    id: Key::parse(&name).expect("numbers and colons are a key"),
                    kind: EventKind::Gap,
                });
                gone
            }
        };
        let skipped = usize::try_from(from - gone).unwrap_or(usize::MAX);
        let before = events.len();
        let rest = self.events.iter().skip(skipped);
        events.extend(rest.take(at_most - before).cloned());
        let read = (events.len() - before) as u64;
        (events, self.cursor(from + read))
    }

    /// How many events a cursor says were read; none where it is of another inbox.
    fn number_of(&self, cursor: &Cursor) -> Option<u64> {
        let Some(text) = cursor.as_str() else {
            return Some(0);
        };
        let (epoch, number) = text.split_once(':')?;
        let is_ours = u64::from_str_radix(epoch, 16) == Ok(self.epoch);
        let number = number.parse().ok().filter(|_| is_ours);
        number.filter(|number| *number <= self.released)
    }

    fn cursor(&self, number: u64) -> Cursor {
        let text = format!("{:x}:{number}", self.epoch);
        Cursor::parse(&text).expect("two numbers are a cursor")
    }
}
