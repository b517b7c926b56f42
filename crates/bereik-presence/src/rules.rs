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
/// does not want to be disturbed over what waits for him (e-mail, social, voicemail); who is idle over that and
/// by phone; who is off duty or out of office over nothing; who is on call only on call. A state without a
/// row is unknown.
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
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReachRules {
    states: Vec<(PresenceState, PerChannel<ReachRule>)>,
    /// Over these, hours alone open nothing.
    #[cfg_attr(feature = "serde", serde(default))]
    marked_only: Vec<ChannelKind>,
}

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
        let from_afar = PerChannel::from_fn(|channel| match channel {
            ChannelKind::Chat | ChannelKind::Meeting | ChannelKind::WebChat => ReachRule::Closed,
            _ => ReachRule::Open,
        });
        let states = vec![
            (State::Available, open),
            (State::Busy, occupied),
            (State::DoNotDisturb, occupied),
            (State::Elsewhere, open),
            (State::Idle, from_afar),
            (State::OffDuty, closed),
            (State::OnCall, all(ReachRule::OnCall)),
            (State::OutOfOffice, closed),
            (State::Tentative, open),
            (State::Unknown, all(ReachRule::Unknown)),
        ];
        Self {
            states,
            marked_only: Vec::new(),
        }
    }
}

impl ReachRules {
    /// What a state makes of a kind of channel.
    #[must_use]
    pub fn rule(&self, state: PresenceState, channel: ChannelKind) -> ReachRule {
        let row = self.states.iter().find(|(of, _)| *of == state);
        row.map_or(ReachRule::Unknown, |(_, rules)| rules[channel])
    }

    /// The same with another rule in one place.
    #[must_use]
    pub fn with(mut self, state: PresenceState, channel: ChannelKind, rule: ReachRule) -> Self {
        match self.states.iter_mut().find(|(of, _)| *of == state) {
            Some((_, rules)) => rules[channel] = rule,
            None => {
                let mut rules = PerChannel::from_fn(|_| ReachRule::Unknown);
                rules[channel] = rule;
                self.states.push((state, rules));
            }
        }
        self
    }

    /// The same, where hours alone do not open this kind of channel: it is open only while the person marks it as
    /// open in his calendar, by the rules above.
    ///
    /// ```
    /// use bereik_core::channel_kind::ChannelKind;
    /// use bereik_presence::ReachRules;
    /// let rules = ReachRules::default().with_marked_only(ChannelKind::Phone);
    /// assert!(rules.is_marked_only(ChannelKind::Phone));
    /// assert!(!rules.is_marked_only(ChannelKind::Email));
    /// ```
    #[must_use]
    pub fn with_marked_only(mut self, channel: ChannelKind) -> Self {
        if !self.is_marked_only(channel) {
            self.marked_only.push(channel);
        }
        self
    }

    /// Whether this kind of channel is open only where it is marked.
    #[must_use]
    pub fn is_marked_only(&self, channel: ChannelKind) -> bool {
        self.marked_only.contains(&channel)
    }
}
