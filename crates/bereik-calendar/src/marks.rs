//! By which categories and titles people say that they are available, and over which channels.

use std::fmt;

use bereik_core::channel_kind::ChannelKind;

use crate::read::text;

/// What marks an event as time in which its owner is available.
///
/// A category is compared without regard to case, as calendar programs treat it; a title is compared as a
/// whole and exactly, blanks around it apart. An event that bears several marks opens the channels of
/// all.
///
/// ```
/// use bereik_calendar::{Limits, Marks, Reading};
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::interval::Interval;
///
/// let file = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Open hour\r\n\
///     DTSTART:20261123T160000Z\r\nDTEND:20261123T170000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
/// let marks = Marks::new().with_title("Open hour", &[ChannelKind::Phone]);
/// let calendar = bereik_calendar::read_marked(file.as_bytes(), &Limits::default(), &marks);
///
/// let day: Interval = "2026-11-23T00:00:00Z/2026-11-24T00:00:00Z".parse()?;
/// let open = calendar.open_time(day, &Reading::new()).value;
/// let hour: Interval = "2026-11-23T16:00:00Z/2026-11-23T17:00:00Z".parse()?;
/// assert_eq!(open.intervals(ChannelKind::Phone), [hour]);
/// // It takes no time.
/// assert_eq!(calendar.free_busy(day, &Reading::new()).value.intervals().len(), 0);
/// # Ok::<(), bereik_core::interval::IntervalError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Categories in lower case, with the channels that they open.
    categories: Vec<(String, u32)>,
    titles: Vec<(String, u32)>,
}

impl Marks {
    /// Marks nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An event of this category (RFC 5545 section 3.8.1.2) opens these channels.
    #[must_use]
    pub fn with_category(mut self, name: &str, channels: &[ChannelKind]) -> Self {
        let name = name.trim().to_lowercase();
        self.categories.push((name, bits(channels)));
        self
    }

    /// An event of exactly this title (RFC 5545 section 3.8.1.12) opens these channels.
    #[must_use]
    pub fn with_title(mut self, title: &str, channels: &[ChannelKind]) -> Self {
        let title = title.trim().to_owned();
        self.titles.push((title, bits(channels)));
        self
    }

    /// Whether nothing is marked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.categories.is_empty() && self.titles.is_empty()
    }

    /// The channels that a CATEGORIES line opens, as bits.
    pub(crate) fn channels_of_categories(&self, line: &[u8]) -> u32 {
        text::members(line).fold(0, |channels, member| {
            let name = text::unescaped(member).trim().to_lowercase();
            channels | channels_of(&self.categories, &name)
        })
    }

    /// The channels that a SUMMARY opens, as bits.
    pub(crate) fn channels_of_title(&self, line: &[u8]) -> u32 {
        channels_of(&self.titles, text::unescaped(line).trim())
    }
}

/// How many marks there are; their words are those of people's calendars.
impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Marks")
            .field("categories", &self.categories.len())
            .field("titles", &self.titles.len())
            .finish()
    }
}

/// The channels of bits that were made here.
pub(crate) fn channels(bits: u32) -> impl Iterator<Item = ChannelKind> {
    let all = ChannelKind::ALL.into_iter();
    all.filter(move |channel| bits >> *channel as u32 & 1 == 1)
}

fn bits(channels: &[ChannelKind]) -> u32 {
    let bits = channels.iter().map(|channel| 1 << *channel as u32);
    bits.fold(0, |all, bit| all | bit)
}

fn channels_of(marks: &[(String, u32)], name: &str) -> u32 {
    let of_name = marks.iter().filter(|(mark, _)| mark == name);
    of_name.fold(0, |all, (_, channels)| all | channels)
}
