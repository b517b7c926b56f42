//! How much a person can hold at once, and what happens when his hands are full, come free, or are
//! gone.

use std::collections::BTreeMap;

use crate::channel_kind::ChannelKind;

/// While somebody holds a contact of one kind, he holds no more than so many of another.
///
/// It is a rule about what may be held together, so it counts from both sides: with at most no web
/// chat beside a call, nobody in a call is offered a chat, and nobody in a chat a call.
///
/// ```
/// use bereik_core::ChannelKind;
/// use bereik_core::hands::Beside;
/// // A call leaves room for one chat.
/// let rule = Beside { holding: ChannelKind::Phone, of: ChannelKind::WebChat, at_most: 1 };
/// assert_ne!(rule.holding, rule.of);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Beside {
    /// While one of this kind is held,
    pub holding: ChannelKind,
    /// of this other kind
    pub of: ChannelKind,
    /// at most so many are, 0 to 255.
    pub at_most: u8,
}

/// What may be held beside what, where nobody says: a call or a meeting goes with no chat and no
/// other call.
///
/// A voice takes all of a person's attention, and whoever types with one customer would let him
/// wait for as long as a call takes: so contact centres have it too (Amazon Connect calls it
/// cross-channel concurrency and leaves it off). What can wait goes on beside a call.
pub const DEFAULT_BESIDE: [Beside; 6] = [
    none_beside(ChannelKind::Meeting, ChannelKind::Chat),
    none_beside(ChannelKind::Meeting, ChannelKind::Phone),
    none_beside(ChannelKind::Meeting, ChannelKind::WebChat),
    none_beside(ChannelKind::Phone, ChannelKind::Chat),
    none_beside(ChannelKind::Phone, ChannelKind::Meeting),
    none_beside(ChannelKind::Phone, ChannelKind::WebChat),
];

const fn none_beside(holding: ChannelKind, of: ChannelKind) -> Beside {
    Beside {
        holding,
        of,
        at_most: 0,
    }
}

/// What happens at once to a conversation over a live channel whose owner went away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum AtOnce {
    /// The other participants who are there are asked to take it over, all at once: the first to
    /// accept has it. He keeps it meanwhile, and for good when he is back before.
    AskParticipants,
    /// Nothing: he keeps it for his time.
    #[default]
    Keep,
    /// While the customer waits for an answer, somebody else is asked at once; otherwise he keeps
    /// it for his time.
    RerouteWaiting,
}

/// How long an owner who went off duty, or left his desk, keeps a conversation, unless he says
/// something; then the next participant has it, or it is routed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct OwnerAway {
    /// Over a live channel, in seconds, 1 to 86,400: a quarter of an hour where nobody says.
    pub live_for_s: u32,
    /// Over a channel that can wait, in seconds, 1 to 2,592,000 (30 days): three days where nobody
    /// says.
    pub for_s: u32,
    /// What happens at once over a live channel.
    pub at_once: AtOnce,
}

impl Default for OwnerAway {
    fn default() -> Self {
        Self {
            live_for_s: 900,
            for_s: 3 * 86_400,
            at_once: AtOnce::Keep,
        }
    }
}

/// How much people can hold at once, and what happens around it, for the whole company.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct Hands {
    /// What may be held beside what; [`DEFAULT_BESIDE`] where it is not written down, everything
    /// where the list is empty.
    pub beside: Vec<Beside>,
    /// The most that anybody holds in all, by weight; no such limit where none is named.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub capacity_total: Option<u16>,
    /// How much of the total one contact of a kind takes; [`CONTACT_WEIGHT`] for the kinds not
    /// named.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub weights: BTreeMap<ChannelKind, u8>,
    /// In how many contacts of others somebody is consulted at once.
    pub consults: u8,
    /// How much of the total one consult takes.
    pub consult_weight: u8,
    /// How many people are asked at once in a consult, 1 to 64; the next ones when those did not
    /// answer.
    pub consult_asked_max: u8,
    /// How long the question whether somebody can be consulted stands, in seconds, 1 to 86,400.
    pub consult_offer_for_s: u32,
    /// How long somebody who said yes is consulted, in seconds, 60 to 604,800 (a week). Each note
    /// that he writes prolongs it.
    pub consult_for_s: u32,
    /// How long the one who transferred a contact stays in the conversation, in seconds, 0 to
    /// 86,400. At 0 the transfer is blind: he leaves as the successor comes.
    pub warm_for_s: u32,
    /// How long somebody has for wrapping up after a contact of a kind, in seconds, 0 to 3,600;
    /// none for the kinds not named.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub wrap_up_s: BTreeMap<ChannelKind, u32>,
    /// Whether somebody who wraps up is asked in a calamity.
    pub calamity_interrupts_wrap_up: bool,
    /// What happens to a conversation whose owner is away; a group may say otherwise.
    pub owner_away: OwnerAway,
}

/// How much of the total capacity one contact takes where nobody says.
pub const CONTACT_WEIGHT: u8 = 10;

impl Default for Hands {
    fn default() -> Self {
        Self {
            beside: DEFAULT_BESIDE.to_vec(),
            capacity_total: None,
            weights: BTreeMap::new(),
            consults: 3,
            consult_weight: 3,
            consult_asked_max: 8,
            consult_offer_for_s: 300,
            consult_for_s: 3_600,
            warm_for_s: 0,
            wrap_up_s: BTreeMap::new(),
            calamity_interrupts_wrap_up: true,
            owner_away: OwnerAway::default(),
        }
    }
}

impl Hands {
    /// Whether everything is as it is where nobody says anything.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// How much of the total one contact of a kind takes.
    #[must_use]
    pub fn weight(&self, channel: ChannelKind) -> u8 {
        let named = self.weights.get(&channel);
        named.copied().unwrap_or(CONTACT_WEIGHT)
    }
}
