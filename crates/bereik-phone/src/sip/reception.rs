//! What a caller hears who waits, as values: no I/O here.

use std::collections::BTreeMap;
use std::time::Duration;

use super::clip::Clip;

/// Something that is said to a caller. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phrase {
    /// A digit, 0 to 9: of his place, or of the minutes.
    Digit(u8),
    /// Said before we hang up.
    Goodbye,
    /// Heard again and again while nothing is said: music.
    Hold,
    /// Press 1 to keep your place and hang up; we call you back.
    KeepPlace,
    /// Leave a message after the tone, and press # when you are done.
    LeaveMessage,
    /// Minutes, after their number.
    Minutes,
    /// Your place in line is, before its number.
    Place,
    /// The expected wait is, before its minutes.
    Wait,
    /// Said once, when we pick up.
    Welcome,
}

/// How calls that come in are received. Nothing is said that there is no clip for.
///
/// ```
/// use bereik_phone::{Clip, Phrase, Reception};
/// use std::time::Duration;
/// let clip = |seconds: usize| Clip::from_samples(vec![0; seconds * 8_000]);
/// let reception = Reception::default()
///     .with_clip(Phrase::Welcome, clip(3)?)
///     .with_clip(Phrase::Hold, clip(60)?)
///     .with_waits_for(Duration::from_secs(300));
/// # Ok::<(), bereik_phone::ClipError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reception {
    clips: BTreeMap<Phrase, Clip>,
    pub(super) waits_for: Duration,
    pub(super) records_for: Duration,
}

impl Default for Reception {
    fn default() -> Self {
        Self {
            clips: BTreeMap::new(),
            waits_for: Duration::from_secs(600),
            records_for: Duration::from_secs(120),
        }
    }
}

impl Reception {
    /// The same, that says this.
    #[must_use]
    pub fn with_clip(mut self, phrase: Phrase, clip: Clip) -> Self {
        self.clips.insert(phrase, clip);
        self
    }

    /// The same, where a caller whom nobody was put through to may leave a message after so long; 10 minutes without.
    #[must_use]
    pub const fn with_waits_for(mut self, waits_for: Duration) -> Self {
        self.waits_for = waits_for;
        self
    }

    /// The same, where a message may be so long, 10 minutes at most; 2 minutes without.
    #[must_use]
    pub fn with_records_for(mut self, records_for: Duration) -> Self {
        self.records_for = records_for.min(Duration::from_secs(600));
        self
    }

    pub(super) fn clip(&self, phrase: Phrase) -> Option<Clip> {
        self.clips.get(&phrase).cloned()
    }

    /// His place, and how long it may take, in whole minutes; none where a clip for it is missing.
    pub(super) fn spell(&self, place: u32, wait: Option<Duration>) -> Option<Vec<Clip>> {
        let mut phrases = vec![Phrase::Place];
        phrases.extend(digits(u64::from(place)));
        if let Some(wait) = wait {
            phrases.push(Phrase::Wait);
            phrases.extend(digits(wait.as_secs().div_ceil(60)));
            phrases.push(Phrase::Minutes);
        }
        let clips: Option<Vec<Clip>> = phrases
            .into_iter()
            .map(|phrase| self.clip(phrase))
            .collect();
        let mut clips = clips?;
        clips.extend(self.clip(Phrase::KeepPlace));
        Some(clips)
    }
}

fn digits(number: u64) -> Vec<Phrase> {
    let text = number.to_string();
    text.bytes()
        .map(|digit| Phrase::Digit(digit - b'0'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Phrase, Reception};
    use crate::Clip;
    use std::time::Duration;

    #[test]
    fn a_place_is_spelled_where_there_are_clips_for_all_of_it() {
        let clip = |size: usize| Clip::from_samples(vec![0; size]).expect("short");
        let mut reception = Reception::default();
        for digit in 0..=8 {
            reception = reception.with_clip(Phrase::Digit(digit), clip(usize::from(digit)));
        }
        let named = [
            (Phrase::Place, 100),
            (Phrase::Wait, 200),
            (Phrase::Minutes, 300),
        ];
        for (phrase, size) in named {
            reception = reception.with_clip(phrase, clip(size));
        }
        let sizes = |place, wait| {
            let clips = reception.spell(place, wait)?;
            Some(
                clips
                    .iter()
                    .map(|clip| clip.samples().len())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(sizes(12, None), Some(vec![100, 1, 2]));
        let wait = Some(Duration::from_secs(181));
        assert_eq!(sizes(3, wait), Some(vec![100, 3, 200, 4, 300]));
        assert_eq!(sizes(9, None), None);
    }
}
