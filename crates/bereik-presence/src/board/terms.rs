//! What presence depends on that many people share: hours, a calendar, kinds of line.

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::slot::Slot;

/// What a board has to know of a person besides his facts. Many people share the same terms, and a board keeps
/// them once.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_presence::board::{Service, Terms};
/// let terms = Terms::new().with_calendar().with_line(ChannelKind::Phone, Service::Always);
/// assert_ne!(terms, Terms::new());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Terms {
    pub(super) hours: Option<Slot>,
    pub(super) has_calendar: bool,
    pub(super) lines: PerChannel<Service>,
}

/// When a person has a line of a kind in service.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Service {
    /// At any time.
    Always,
    /// During any of these hours, by the slots that [`Board::add_hours`](super::Board::add_hours) gave.
    During(Vec<Slot>),
    /// There is no line of this kind.
    #[default]
    Missing,
}

impl Terms {
    /// Neither hours nor a calendar nor a line: web chat alone, which needs none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With these working hours, by the slot that [`Board::add_hours`](super::Board::add_hours) gave.
    #[must_use]
    pub const fn with_hours(mut self, hours: Slot) -> Self {
        self.hours = Some(hours);
        self
    }

    /// With a calendar: until it is read, nothing is known.
    #[must_use]
    pub const fn with_calendar(mut self) -> Self {
        self.has_calendar = true;
        self
    }

    /// With a line of this kind besides those that are there.
    #[must_use]
    pub fn with_line(mut self, channel: ChannelKind, service: Service) -> Self {
        let lines = &mut self.lines[channel];
        match (&mut *lines, service) {
            (Service::Always, _) | (_, Service::Missing) => {}
            (Service::During(hours), Service::During(more)) => {
                hours.extend(more);
                hours.sort_unstable();
                hours.dedup();
            }
            (_, service) => *lines = service,
        }
        self
    }

    /// Every slot of hours that is named.
    pub(super) fn hours(&self) -> impl Iterator<Item = Slot> + '_ {
        let lines = self.lines.iter().flat_map(|(_, service)| match service {
            Service::During(hours) => hours.as_slice(),
            Service::Always | Service::Missing => &[],
        });
        self.hours.into_iter().chain(lines.copied())
    }
}
