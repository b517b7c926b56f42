//! People who can be reached and help.

use std::collections::BTreeMap;
use std::fmt;

use crate::address::Address;
use crate::channel_kind::ChannelKind;
use crate::hands::Beside;
use crate::id::{HoursId, PersonId, SkillId};
use crate::line::Line;
use crate::zone::Zone;

/// How well somebody can do something: 1 (a little) to 5 (best).
pub type Proficiency = u8;

/// Someone who can be reached and help. `Debug` shows how many calendars there are, not where: a web
/// address may hold a secret.
#[derive(Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Person {
    /// The person's id.
    pub id: PersonId,
    /// The name that customers see.
    pub name: String,
    /// Where the person's floating and all-day time is; the directory's zone where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub zone: Option<Zone>,
    /// Working hours; the directory's where none are named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub hours: Option<HoursId>,
    /// When customers see that the person can be reached: an hour a day that is open to anyone, for instance. Whenever
    /// he can, where none are named. They open nothing that working hours close.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub public_hours: Option<HoursId>,
    /// The calendars, as the embedder's feed understands them: paths, URLs.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub calendars: Vec<String>,
    /// The person's own addresses: whose answer to an invitation counts, whose mail it is.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Vec::is_empty")
    )]
    pub addresses: Vec<Address>,
    /// Ways to the person, the preferred first. Web chat needs none: the desk is its line.
    #[cfg_attr(
        feature = "serde",
        serde(default, rename = "line", skip_serializing_if = "Vec::is_empty")
    )]
    pub lines: Vec<Line>,
    /// What the person can, and how well.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub skills: BTreeMap<SkillId, Proficiency>,
    /// How many contacts of a kind of channel the person holds at once, 0 to 255;
    /// [`default_capacity`] for the kinds not named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub capacity: BTreeMap<ChannelKind, u8>,
    /// What he holds beside what, in place of the company's
    /// [`Hands::beside`](crate::hands::Hands::beside).
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub beside: Option<Vec<Beside>>,
    /// The most that he holds in all, by weight, in place of the company's
    /// [`Hands::capacity_total`](crate::hands::Hands::capacity_total).
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub capacity_total: Option<u16>,
    /// In how many contacts of others he is consulted at once, in place of the company's
    /// [`Hands::consults`](crate::hands::Hands::consults).
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub consults: Option<u8>,
    /// How long he has for wrapping up after a contact of a kind, in seconds, 0 to 3,600; the
    /// group's, else the company's, for the kinds not named.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub wrap_up_s: BTreeMap<ChannelKind, u32>,
    /// Whether customers see the person by name and may ask for him.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_public: bool,
}

/// How many contacts somebody holds at once where the directory does not say: 3 web chats or
/// chats, 1 call or meeting, 8 of what can wait.
#[must_use]
pub const fn default_capacity(channel: ChannelKind) -> u8 {
    match channel {
        ChannelKind::Chat | ChannelKind::WebChat => 3,
        ChannelKind::Meeting | ChannelKind::Phone => 1,
        ChannelKind::Email | ChannelKind::Social | ChannelKind::Voicemail => 8,
    }
}

impl Person {
    /// A person with this name and nothing else.
    #[must_use]
    pub fn new(id: PersonId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            zone: None,
            hours: None,
            public_hours: None,
            calendars: Vec::new(),
            addresses: Vec::new(),
            lines: Vec::new(),
            skills: BTreeMap::new(),
            capacity: BTreeMap::new(),
            beside: None,
            capacity_total: None,
            consults: None,
            wrap_up_s: BTreeMap::new(),
            is_public: false,
        }
    }

    /// The same person with one more skill.
    #[must_use]
    pub fn with_skill(mut self, skill: SkillId, proficiency: Proficiency) -> Self {
        self.skills.insert(skill, proficiency);
        self
    }

    /// The same person with one more line, after those he has.
    #[must_use]
    pub fn with_line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// How many contacts of this kind the person holds at once.
    #[must_use]
    pub fn capacity_for(&self, channel: ChannelKind) -> u8 {
        self.capacity
            .get(&channel)
            .copied()
            .unwrap_or(default_capacity(channel))
    }

    /// The first line of this kind, if there is one.
    #[must_use]
    pub fn line(&self, channel: ChannelKind) -> Option<&Line> {
        self.lines.iter().find(|line| line.channel == channel)
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("zone", &self.zone)
            .field("hours", &self.hours)
            .field("public_hours", &self.public_hours)
            .field("calendars", &self.calendars.len())
            .field("addresses", &self.addresses)
            .field("lines", &self.lines)
            .field("skills", &self.skills)
            .field("capacity", &self.capacity)
            .field("beside", &self.beside)
            .field("capacity_total", &self.capacity_total)
            .field("consults", &self.consults)
            .field("wrap_up_s", &self.wrap_up_s)
            .field("is_public", &self.is_public)
            .finish()
    }
}
