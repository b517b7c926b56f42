//! What others may see: who is reachable, when somebody is back, the other ways, and for whom more.

use chrono::{DateTime, Utc};

use crate::address::Address;
use crate::channel_kind::ChannelKind;
use crate::id::{GroupId, PersonId};
use crate::presence::{PresenceSource, PresenceState};

pub mod json_ld;
pub mod page;

/// Who looks, from the narrowest view to the widest: a later one sees all that an earlier one sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "a table of views has a place for each of the three"
)]
pub enum Audience {
    /// Anybody outside.
    Customer,
    /// Anybody of the company.
    Colleague,
    /// Who shares a group with the person.
    OwnGroup,
}

impl Audience {
    /// Every audience, the narrowest view first.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Colleague, Self::OwnGroup];
}

/// How long whoever asks now will wait. Passed in by whoever can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "two numbers")]
pub struct ExpectedWait {
    /// Half of those who ask wait at most so many seconds.
    pub p50_s: u32,
    /// Nine of ten wait at most so many seconds.
    pub p90_s: u32,
}

/// How a person or a group stands, as outsiders see it, from the best to the least that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Standing {
    /// Can be reached right now.
    Available,
    /// There, but occupied: the wait is longer.
    Busy,
    /// Off duty, on call or on leave; which of them is nobody's business.
    Away,
    /// Outside its opening hours. Only of a group that has some: they are published, so that this gives
    /// nothing away. A person, and a group without hours of its own, is away.
    Closed,
    /// Nothing is known: write, and somebody will answer.
    Offline,
}

/// What outsiders see of one person or group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "what an outsider may know, and no more"
)]
pub struct PublicView {
    /// How it stands.
    pub standing: Standing,
    /// Over which channels it can be reached right now, in alphabetical order.
    pub now_over: Vec<ChannelKind>,
    /// When it can next be reached, if it cannot now and the instant lies within the horizon.
    pub back_at: Option<DateTime<Utc>>,
    /// Other ways: public addresses.
    pub other_ways: Vec<(ChannelKind, Address)>,
    /// How long the wait is, while it is busy and somebody can tell.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub expected_wait: Option<ExpectedWait>,
}

impl PublicView {
    /// The same with an expected wait, which is shown while it is busy only.
    ///
    /// ```
    /// use bereik_core::public_view::{ExpectedWait, PublicView, Standing};
    /// let busy = PublicView {
    ///     standing: Standing::Busy,
    ///     now_over: vec![],
    ///     back_at: None,
    ///     other_ways: vec![],
    ///     expected_wait: None,
    /// };
    /// let wait = ExpectedWait { p50_s: 90, p90_s: 300 };
    /// let away = PublicView { standing: Standing::Away, ..busy.clone() };
    /// assert_eq!(busy.with_expected_wait(wait).expected_wait, Some(wait));
    /// assert_eq!(away.with_expected_wait(wait).expected_wait, None);
    /// ```
    #[must_use]
    pub fn with_expected_wait(mut self, wait: ExpectedWait) -> Self {
        self.expected_wait = (self.standing == Standing::Busy).then_some(wait);
        self
    }
}

/// What outsiders see of a whole company, groups and people in the directory's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(
    clippy::exhaustive_structs,
    reason = "what an outsider may know, and no more"
)]
pub struct PublicBoard {
    /// The public groups.
    pub groups: Vec<(GroupId, PublicView)>,
    /// The public people.
    pub people: Vec<(PersonId, PublicView)>,
}

impl PublicBoard {
    /// The same with the expected wait of a group, which is shown while it is busy only.
    #[must_use]
    pub fn with_expected_wait(mut self, group: &GroupId, wait: ExpectedWait) -> Self {
        for (id, view) in &mut self.groups {
            if id == group {
                view.expected_wait = (view.standing == Standing::Busy).then_some(wait);
            }
        }
        self
    }
}

/// What an audience sees of one person or group. What it may not see is absent: an empty list, or
/// none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct View {
    /// How it stands.
    pub standing: Standing,
    /// Over which channels it can be reached right now, in alphabetical order.
    pub now_over: Vec<ChannelKind>,
    /// When it can next be reached, if it cannot now.
    pub back_at: Option<DateTime<Utc>>,
    /// Ways to it: addresses in service, the own ones first.
    pub ways: Vec<(ChannelKind, Address)>,
    /// How long the wait is, while it is busy.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub expected_wait: Option<ExpectedWait>,
    /// What is known of the person beyond that, for those who may know.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub inside: Option<InsideView>,
}

/// What only people of the company see of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct InsideView {
    /// The kind of state: busy, out of office, off duty.
    pub state: PresenceState,
    /// What decided it.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub source: Option<PresenceSource>,
    /// Until when the state stands, as far as is known.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub until: Option<DateTime<Utc>>,
    /// How far the clock of the person's zone is ahead of UTC, in minutes, -1,440 to 1,440.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub utc_offset_min: Option<i32>,
}

impl View {
    /// A view of which nothing more than this is seen.
    #[must_use]
    pub const fn new(standing: Standing) -> Self {
        Self {
            standing,
            now_over: Vec::new(),
            back_at: None,
            ways: Vec::new(),
            expected_wait: None,
            inside: None,
        }
    }
}

impl InsideView {
    /// A state, and nothing more.
    #[must_use]
    pub const fn new(state: PresenceState) -> Self {
        Self {
            state,
            source: None,
            until: None,
            utc_offset_min: None,
        }
    }
}

impl From<View> for PublicView {
    /// What an outsider sees of it; what only insiders see is dropped.
    fn from(view: View) -> Self {
        Self {
            standing: view.standing,
            now_over: view.now_over,
            back_at: view.back_at,
            other_ways: view.ways,
            expected_wait: view.expected_wait,
        }
    }
}

/// What an audience sees of a whole company, groups and people in the directory's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "groups and people")]
pub struct ViewBoard {
    /// The groups that the audience sees.
    pub groups: Vec<(GroupId, View)>,
    /// The people whom the audience sees.
    pub people: Vec<(PersonId, View)>,
}
