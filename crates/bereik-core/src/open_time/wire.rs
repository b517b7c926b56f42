//! Open time as serde writes and reads it.

use crate::channel_kind::ChannelKind;
use crate::interval::Interval;

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    channel: ChannelKind,
    interval: Interval,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenTime {
    known: Option<Interval>,
    open: Vec<Open>,
}

impl From<super::OpenTime> for OpenTime {
    fn from(value: super::OpenTime) -> Self {
        let open = value
            .iter()
            .map(|(channel, interval)| Open { channel, interval });
        Self {
            known: value.known,
            open: open.collect(),
        }
    }
}

impl TryFrom<OpenTime> for super::OpenTime {
    type Error = &'static str;

    fn try_from(wire: OpenTime) -> Result<Self, Self::Error> {
        let open = wire.open.iter().map(|open| (open.channel, open.interval));
        let built = match wire.known {
            Some(known) => Self::new(known, open.clone()),
            None => Self::unknown(),
        };
        let is_same = built.iter().eq(open);
        is_same
            .then_some(built)
            .ok_or("open time must be ascending, disjoint, joined and inside the known interval")
    }
}
