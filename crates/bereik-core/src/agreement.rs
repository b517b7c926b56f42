//! What was agreed: response times, and what happens when one nears.

use crate::channel_kind::ChannelKind;
use crate::id::{AgreementId, EscalationId, GroupId, HoursId, LineId, PersonId};
use crate::urgency::Urgency;

/// Agreed response times.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Agreement {
    /// The agreement's id.
    pub id: AgreementId,
    /// The hours in which its clocks run; always, where none are named. A calamity's clock
    /// always runs.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub hours: Option<HoursId>,
    /// The targets; [`Target::default_for`] where none fits.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "target", skip_serializing_if = "Vec::is_empty")
    )]
    pub targets: Vec<Target>,
    /// After how much of a target somebody is warned, in percent, 1 to 99; [`WARN_PERCENT`] where
    /// none is written.
    #[cfg_attr(
        feature = "serde",
        serde(
            default = "default_warn_percent",
            skip_serializing_if = "is_default_warn_percent"
        )
    )]
    pub warn_percent: u8,
}

/// After how much of a target somebody is warned where the agreement does not say, in percent.
pub const WARN_PERCENT: u8 = 75;

#[cfg(feature = "serde")]
const fn default_warn_percent() -> u8 {
    WARN_PERCENT
}

#[cfg(feature = "serde")]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_default_warn_percent(percent: &u8) -> bool {
    *percent == WARN_PERCENT
}

/// One of the four clocks that run for a contact. Each has its own start and stop, and none moves
/// another.
///
/// | clock | starts with | pauses | stops with |
/// |---|---|---|---|
/// | acknowledgement | the contact comes in or is opened again | never, and it runs at all hours | the first word to the customer, of a person or automatic |
/// | first answer | the contact comes in or is opened again | never | the first word of a person |
/// | next answer | a word of the customer after the first answer, or the last one leaves who had it | never: it runs only while the customer waits | a word of a person |
/// | resolution | the contact comes in or is opened again | from a message or call of a person until the customer's next word | closing |
///
/// A word is a message that the customer sees: a note is none, and neither is software's. Over
/// [`Phone`](ChannelKind::Phone) and [`Meeting`](ChannelKind::Meeting) people speak, so whoever
/// takes the contact has answered; elsewhere taking it is not yet an answer. A promise to call is
/// an answer, and so is the call. Closing stops every clock. All but the acknowledgement's run in
/// the hours of the agreement, and those of a calamity always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(clippy::exhaustive_enums, reason = "four clocks are agreed on")]
pub enum TargetClock {
    /// Until the customer was told that he was heard.
    Acknowledgement,
    /// Until a person answered.
    #[default]
    FirstAnswer,
    /// Until a person answered again.
    NextAnswer,
    /// Until the contact is closed.
    Resolution,
}

/// An agreed response time for one urgency, over one kind of channel or over all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Target {
    /// The urgency it is for.
    pub urgency: Urgency,
    /// The kind of channel it is for; every kind, where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub channel: Option<ChannelKind>,
    /// The customer is acknowledged within so many seconds, 1 to 3,600.
    pub acknowledge_for_s: u32,
    /// A person answers within so many seconds, 1 to 2,592,000 (30 days).
    pub answer_for_s: u32,
    /// A person answers each later word within so many seconds, 1 to 2,592,000 (30 days); as the
    /// first, where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub next_answer_for_s: Option<u32>,
    /// The contact is done within so many seconds, 1 to 31,536,000 (365 days of the agreement's
    /// hours); no such clock runs where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub resolve_for_s: Option<u32>,
}

impl Target {
    /// The target where nothing was agreed: calamity 120 s; phone 60 s; chats 120 s, half of it
    /// when urgent; what can wait 4 h, 1 h when urgent. Acknowledged within 5 s on a live
    /// channel, within 60 s on another.
    #[must_use]
    pub const fn default_for(urgency: Urgency, channel: ChannelKind) -> Self {
        let is_urgent = matches!(urgency, Urgency::High);
        let answer_for_s = match (urgency, channel) {
            (Urgency::Calamity, _) => 120,
            (_, ChannelKind::Phone | ChannelKind::Meeting) => 60,
            (_, ChannelKind::Chat | ChannelKind::WebChat) => {
                if is_urgent {
                    60
                } else {
                    120
                }
            }
            _ => {
                if is_urgent {
                    3_600
                } else {
                    4 * 3_600
                }
            }
        };
        let acknowledge_for_s = if channel.is_live() { 5 } else { 60 };
        Self {
            urgency,
            channel: Some(channel),
            acknowledge_for_s,
            answer_for_s,
            next_answer_for_s: None,
            resolve_for_s: None,
        }
    }

    /// How long a clock runs until it is due, in seconds; `None` where that was not agreed.
    ///
    /// ```
    /// use bereik_core::agreement::{Target, TargetClock};
    /// use bereik_core::{ChannelKind, Urgency};
    /// let target = Target::default_for(Urgency::Normal, ChannelKind::Email);
    /// assert_eq!(target.for_s(TargetClock::Acknowledgement), Some(60));
    /// assert_eq!(target.for_s(TargetClock::NextAnswer), target.for_s(TargetClock::FirstAnswer));
    /// assert_eq!(target.for_s(TargetClock::Resolution), None);
    /// ```
    #[must_use]
    pub const fn for_s(&self, clock: TargetClock) -> Option<u32> {
        match clock {
            TargetClock::Acknowledgement => Some(self.acknowledge_for_s),
            TargetClock::FirstAnswer => Some(self.answer_for_s),
            TargetClock::NextAnswer => match self.next_answer_for_s {
                None => Some(self.answer_for_s),
                agreed => agreed,
            },
            TargetClock::Resolution => self.resolve_for_s,
        }
    }
}

impl Agreement {
    /// The target for a contact: the one for its urgency and channel, else the one for its
    /// urgency, else [`Target::default_for`].
    #[must_use]
    pub fn target(&self, urgency: Urgency, channel: ChannelKind) -> Target {
        let of = |kind| {
            self.targets
                .iter()
                .find(|t| t.urgency == urgency && t.channel == kind)
        };
        of(Some(channel))
            .or_else(|| of(None))
            .copied()
            .unwrap_or_else(|| Target::default_for(urgency, channel))
    }
}

/// Somebody or something that a level of an escalation policy asks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "a level asks people, groups or lines"
)]
pub enum Ask {
    /// The reachable members of a group.
    Group(GroupId),
    /// A line, while it is in service.
    Line(LineId),
    /// A person, on call or reachable.
    Person(PersonId),
}

/// One step of an escalation policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Level {
    /// Who is asked, all at once. A level with nobody in service is skipped at once.
    pub ask: Vec<Ask>,
    /// How long it is waited for an answer before the next level, in seconds, 1 to 86,400. In a
    /// calamity the next level starts after half of its target at the latest, beside this one.
    pub for_s: u32,
}

/// What happens when nobody of the group answers: who is asked, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct EscalationPolicy {
    /// The policy's id.
    pub id: EscalationId,
    /// The levels, in order.
    #[cfg_attr(feature = "serde", serde(rename = "level"))]
    pub levels: Vec<Level>,
    /// How many times the whole is gone through again when nobody answered, 0 to 100, or
    /// [`FOR_EVER`](Self::FOR_EVER).
    #[cfg_attr(feature = "serde", serde(default))]
    pub repeat_max: u32,
}

impl EscalationPolicy {
    /// As a [`repeat_max`](Self::repeat_max): until somebody answers. After each thirty rounds
    /// the levels wait twice as long; a round in which nobody was alerted, because every offer
    /// failed or was turned down, is the last until the next try.
    pub const FOR_EVER: u32 = u32::MAX;
}
