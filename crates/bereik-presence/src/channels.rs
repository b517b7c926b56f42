//! A set of kinds of channel.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::open_time::OpenTime;
use chrono::{DateTime, Utc};

/// A set of kinds of channel, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Channels(u8);

const _: () = assert!(
    ChannelKind::ALL.len() <= u8::BITS as usize,
    "each kind has a bit"
);

impl Channels {
    pub(crate) const NONE: Self = Self(0);

    /// What is marked as open at an instant.
    pub(crate) fn marked(open_time: &OpenTime, now: DateTime<Utc>) -> Self {
        if open_time.known().is_none() {
            return Self::default();
        }
        let is_open = |channel: &ChannelKind| open_time.is_open_at(*channel, now);
        ChannelKind::ALL.into_iter().filter(is_open).collect()
    }

    pub(crate) fn insert(&mut self, channel: ChannelKind) {
        self.0 |= 1 << channel as u8;
    }

    pub(crate) const fn contains(self, channel: ChannelKind) -> bool {
        self.0 >> channel as u8 & 1 == 1
    }

    /// Whether one of them is live.
    pub(crate) fn has_live(self) -> bool {
        ChannelKind::ALL
            .into_iter()
            .any(|channel| channel.is_live() && self.contains(channel))
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<ChannelKind> for Channels {
    fn from_iter<I: IntoIterator<Item = ChannelKind>>(channels: I) -> Self {
        let mut all = Self::default();
        for channel in channels {
            all.insert(channel);
        }
        all
    }
}
