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
    /// How long it is waited for an answer before the next level, in seconds, 1 to 86,400.
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
    /// How many times the whole is gone through again when nobody answered, 0 to 100.
    #[cfg_attr(feature = "serde", serde(default))]
    pub repeat_max: u32,
}
