//! The frames between a visitor's browser and us.

use bereik_core::acknowledgement::PromiseKind;
use bereik_core::id::{GroupId, PersonId};
use bereik_core::urgency::Urgency;
use serde::{Deserialize, Serialize};

use super::board::Board;
use super::shown::Shown;

/// What a browser says.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(super) enum Asked {
    /// The contact is done.
    Close,
    /// Tell what happened after this entry, and go on telling.
    Follow {
        contact: Option<u64>,
        after: u64,
    },
    /// Who is there; the first frame of a socket.
    Hello(Hello),
    /// The visitor says who he is.
    Name {
        #[serde(default)]
        name: String,
        #[serde(default)]
        email: String,
    },
    /// The visitor is on another page.
    Page {
        page: Option<String>,
    },
    /// Go on by phone.
    Phone,
    Say(Say),
    Urgency {
        urgency: Urgency,
    },
}

#[derive(Deserialize)]
pub(super) struct Hello {
    pub(super) token: Option<String>,
    #[serde(default)]
    pub(super) language: String,
    pub(super) page: Option<String>,
}

/// A message, under the browser's own number for it.
#[derive(Deserialize)]
pub(super) struct Say {
    pub(super) key: String,
    pub(super) text: String,
    /// The contact that it belongs to; none opens one.
    pub(super) contact: Option<u64>,
    /// Whom a new contact is for; none lets the page decide.
    pub(super) to: Option<To>,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct To {
    pub(super) group: Option<GroupId>,
    pub(super) person: Option<PersonId>,
}

/// What we say.
#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(super) enum Told<'a> {
    /// A message that is not part of the timeline.
    Aside {
        id: &'a str,
        clock: String,
        text: &'a str,
    },
    Board {
        board: &'a Board,
    },
    Contact {
        contact: Option<Standing>,
    },
    Entry {
        contact: u64,
        number: u64,
        clock: String,
        /// Whether it happens now, rather than being read from before.
        live: bool,
        #[serde(flatten)]
        shown: Shown,
    },
    /// A message is kept, under this number of ours.
    Kept {
        key: &'a str,
        contact: u64,
        message: Option<u64>,
    },
    Refused {
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<&'a str>,
        reason: Reason,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_s: Option<u32>,
    },
    Welcome {
        /// The secret, when it is new.
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        contact: Option<Standing>,
        bytes_max: usize,
    },
}

/// Why something was not done; the browser has the words.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    Body,
    Flood,
    Other,
    Unavailable,
}

/// How a contact stands, as its customer sees it.
#[derive(Serialize)]
pub(super) struct Standing {
    pub(super) id: u64,
    /// The name of whom it is for.
    pub(super) addressee: String,
    /// The name of the state; `closed` whenever the contact is over.
    pub(super) state: &'static str,
    /// The name of who has it.
    pub(super) owner: Option<String>,
    pub(super) people: Vec<String>,
    pub(super) urgency: Urgency,
    pub(super) promise: Option<Promised>,
}

#[derive(Serialize)]
pub(super) struct Promised {
    pub(super) kind: PromiseKind,
    pub(super) at: String,
}
