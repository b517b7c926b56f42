//! Which state leaves which kind of channel open: a table that an embedder can replace.

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::presence::PresenceState;

/// What a state makes of a kind of channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "these four are what routing can tell apart"
)]
pub enum ReachRule {
    /// Not now; from the end of the state on.
    Closed,
    /// Only through an escalation, or in a calamity.
    OnCall,
    /// Now, if there is a line.
    Open,
    /// Nobody knows.
    Unknown,
}

/// What each state makes of each kind of channel.
///
/// By default: who is available, tentative or elsewhere can be reached over everything; who is busy or
/// does not want to be disturbed over what waits for him (e-mail, social, voicemail); who is
/// off duty or out of office over nothing; who is on call only on call. A state without a row is unknown.
///
/// ```
/// use bereik_core::channel_kind::ChannelKind;
/// use bereik_core::presence::PresenceState;
/// use bereik_presence::{ReachRule, ReachRules};
///
/// let rules = ReachRules::default();
/// assert_eq!(rules.rule(PresenceState::Busy, ChannelKind::Email), ReachRule::Open);
/// assert_eq!(rules.rule(PresenceState::Busy, ChannelKind::Chat), ReachRule::Closed);
/// let rules = rules.with(PresenceState::Busy, ChannelKind::Chat, ReachRule::Open);
/// assert_eq!(rules.rule(PresenceState::Busy, ChannelKind::Chat), ReachRule::Open);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct ReachRules(Vec<(PresenceState, PerChannel<ReachRule>)>);

impl Default for ReachRules {
    fn default() -> Self {
        use PresenceState as State;
        let all = |rule| PerChannel::from_fn(|_| rule);
        let open = all(ReachRule::Open);
        let closed = all(ReachRule::Closed);
        let occupied = PerChannel::from_fn(|channel| match channel.is_live() {
            true => ReachRule::Closed,
            false => ReachRule::Open,
        });
        Self(vec![
            (State::Available, open),
            (State::Busy, occupied),
            (State::DoNotDisturb, occupied),
            (State::Elsewhere, open),
            (State::OffDuty, closed),
            (State::OnCall, all(ReachRule::OnCall)),
            (State::OutOfOffice, closed),
            (State::Tentative, open),
            (State::Unknown, all(ReachRule::Unknown)),
        ])
    }
}

impl ReachRules {
    /// What a state makes of a kind of channel.
    #[must_use]
    pub fn rule(&self, state: PresenceState, channel: ChannelKind) -> ReachRule {
        let row = self.0.iter().find(|(of, _)| *of == state);
        row.map_or(ReachRule::Unknown, |(_, rules)| rules[channel])
    }

    /// The same with another rule in one place.
    #[must_use]
    pub fn with(mut self, state: PresenceState, channel: ChannelKind, rule: ReachRule) -> Self {
        match self.0.iter_mut().find(|(of, _)| *of == state) {
            Some((_, rules)) => rules[channel] = rule,
            None => {
                let mut rules = PerChannel::from_fn(|_| ReachRule::Unknown);
                rules[channel] = rule;
                self.0.push((state, rules));
            }
        }
        self
    }
}
