//! Which events of each room were seen, in order, so that a receipt for one says what of ours was read.

use std::collections::{BTreeMap, VecDeque};

use bereik_core::id::Key;

const EVENTS_MAX: usize = 200;
const ROOMS_MAX: usize = 4_096;

/// A receipt tells of so many messages of ours, the newest.
const READ_MAX: usize = 20;

/// Ours by their key.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<String, VecDeque<(String, Option<Key>)>>);

impl Seen {
    /// Takes down what a timeline tells, in its order. What was told before keeps its place, and what is new stands before
    /// the one that it came before.
    pub(super) fn note(&mut self, room: &str, timeline: Vec<(&str, Option<Key>)>) {
        if self.0.len() == ROOMS_MAX && !self.0.contains_key(room) {
            self.0.pop_first();
        }
        let events = self.0.entry(room.to_owned()).or_default();
        let mut before = events.len();
        for (event, key) in timeline.into_iter().rev() {
            match events.iter().position(|(seen, _)| seen == event) {
                Some(at) => before = at,
                None => events.insert(before, (event.to_owned(), key)),
            }
        }
        let over = events.len().saturating_sub(EVENTS_MAX);
        drop(events.drain(..over));
    }

    /// Our messages up to an event, oldest first: each event and its key. None where the event was not seen.
    pub(super) fn ours_up_to(&self, room: &str, event: &str) -> Option<Vec<(&str, &Key)>> {
        let events = self.0.get(room)?;
        let last = events.iter().position(|(seen, _)| seen == event)?;
        let up_to = events.iter().take(last + 1);
        let ours = up_to.filter_map(|(event, key)| Some((event.as_str(), key.as_ref()?)));
        let ours: Vec<_> = ours.collect();
        let skipped = ours.len().saturating_sub(READ_MAX);
        Some(ours[skipped..].to_vec())
    }

    /// The event that carries a message of ours in a room.
    pub(super) fn event_of(&self, room: &str, key: &Key) -> Option<&str> {
        let mut events = self.0.get(room)?.iter().rev();
        let found = events.find(|(_, of)| of.as_ref() == Some(key))?;
        Some(&found.0)
    }

    pub(super) fn key_of(&self, room: &str, event: &str) -> Option<&Key> {
        let mut events = self.0.get(room)?.iter().rev();
        events.find(|(seen, _)| seen == event)?.1.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;
    use bereik_core::id::Key;

    #[test]
    fn what_is_told_again_and_from_earlier_on_keeps_its_order() {
        let ours = |name: &str| Key::parse(name).ok();
        let mut seen = Seen::default();
        seen.note("!r", vec![("$4", None), ("$5", ours("M5"))]);
        seen.note(
            "!r",
            vec![
                ("$2", ours("M2")),
                ("$3", None),
                ("$4", None),
                ("$6", ours("M6")),
            ],
        );
        let read = |event| -> Vec<&str> {
            let ours = seen.ours_up_to("!r", event).expect("it was seen");
            ours.into_iter().map(|(_, key)| key.as_str()).collect()
        };
        assert_eq!(read("$3"), ["M2"]);
        assert_eq!(read("$5"), ["M2", "M5"]);
        assert_eq!(read("$6"), ["M2", "M5", "M6"]);
        assert!(seen.ours_up_to("!r", "$7").is_none());
        assert_eq!(
            seen.event_of("!r", &Key::parse("M5").expect("a key")),
            Some("$5")
        );
    }
}
