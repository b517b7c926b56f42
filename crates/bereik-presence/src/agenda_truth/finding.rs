//! What can be found in an agenda, from when on, and the offers it is held against.

use bereik_core::Interval;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::offer::{Offer, Outcome};
use chrono::{DateTime, Utc};

/// What makes an agenda hard to believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FindingKind {
    /// Whole dates are busy from midnight to midnight: a reminder or a place in an agenda, seldom work.
    /// The count is in dates, of those that were looked at.
    AllDayBlocks,
    /// Offers were accepted or declined over channels that the agenda kept closed, busy or out of
    /// office. The count is in offers, of those made in such time and answered or lapsed.
    AnswersWhileBusy,
    /// Working day after working day without a gap between meetings. The count is in working days,
    /// of those that were looked at; days that are away or blocked as a whole stand between them and are not
    /// counted.
    BackToBack,
    /// An absence that goes on and on, as if nobody had ended it. The count is in dates; the absence
    /// is told as a whole, also where it begins before the range or ends after it.
    EndlessLeave,
    /// Offers lapsed over channels that the agenda kept open. The count is in offers, of those made
    /// in such time and answered or lapsed.
    FreeYetSilent,
    /// No entry for a long time, in what is known. Entries marked as free do not count as entries. The
    /// count is in dates, of those in what was looked at.
    NoEntries,
}

impl FindingKind {
    /// Every kind, in alphabetical order.
    pub const ALL: [Self; 6] = [
        Self::AllDayBlocks,
        Self::AnswersWhileBusy,
        Self::BackToBack,
        Self::EndlessLeave,
        Self::FreeYetSilent,
        Self::NoEntries,
    ];
}

/// One thing that makes an agenda hard to believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "what, when and how much")]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// From when on; for offers, when the first was made.
    pub since: DateTime<Utc>,
    /// Until when; for offers, when the last was made.
    pub until: DateTime<Utc>,
    /// How many: dates or offers, as the kind says.
    pub count: u32,
    /// Of how many.
    pub of: u32,
}

impl Finding {
    /// Some days, of so many.
    pub(super) fn of(kind: FindingKind, days: &[Interval], of: u32) -> Option<Self> {
        Some(Self {
            kind,
            since: days.first()?.start(),
            until: days.last()?.end(),
            count: u32::try_from(days.len()).unwrap_or(u32::MAX),
            of,
        })
    }
}

/// From when on something is a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct AgendaLimits {
    /// So many dates that are busy as a whole, 1 or more; 3 by default.
    pub all_day_blocks_min: u32,
    /// So many days of 24 hours without an entry, 1 or more; 14 by default.
    pub empty_days_min: u32,
    /// So many working days without a gap, one after the other, 1 or more; 20 by default.
    pub full_days_min: u32,
    /// What counts as a gap, in minutes, 1 or more; 15 by default.
    pub gap_minutes_min: u32,
    /// More dates than this out of office in one piece; 60 by default.
    pub leave_days_max: u32,
    /// So many offers that went otherwise than the agenda said, 1 or more; 3 by default.
    pub offers_min: u32,
    /// And so many of a hundred, 0 to 100; 50 by default.
    pub percent_min: u32,
}

impl Default for AgendaLimits {
    fn default() -> Self {
        Self {
            all_day_blocks_min: 3,
            empty_days_min: 14,
            full_days_min: 20,
            gap_minutes_min: 15,
            leave_days_max: 60,
            offers_min: 3,
            percent_min: 50,
        }
    }
}

/// An offer that was made to the person, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "when, over what, and what became"
)]
pub struct PastOffer {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Over which kind of channel.
    pub channel: ChannelKind,
    /// What became of it. Those that failed or were withdrawn tell nothing about the person and
    /// are passed over.
    pub outcome: Outcome,
}

impl PastOffer {
    /// What an offer of the engine tells, once its outcome is known.
    #[must_use]
    pub const fn new(offer: &Offer, outcome: Outcome) -> Self {
        Self {
            made_at: offer.made_at,
            channel: offer.channel,
            outcome,
        }
    }

    pub(super) fn is_answered(&self) -> bool {
        matches!(self.outcome, Outcome::Accepted | Outcome::Declined)
    }

    pub(super) fn is_silent(&self) -> bool {
        self.outcome == Outcome::Lapsed
    }
}
