//! The frames between a desk and us.

use bereik_core::entry::Entry;
use bereik_core::id::PersonId;
use bereik_core::urgency::Urgency;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::row::{Colleague, Name, OfferRow, Row};
use crate::config::KeptMail;

/// What a desk says.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(super) enum Asked {
    Accept {
        offer: u64,
    },
    Claim {
        contact: u64,
    },
    Close {
        contact: u64,
    },
    Decline {
        offer: u64,
    },
    /// Does not want to be disturbed, or does again.
    Disturb {
        welcome: bool,
    },
    /// Tell what happened to a contact after this entry, and go on telling.
    Follow {
        contact: u64,
        after: u64,
    },
    /// Who sits here; the first frame of a socket, and again when somebody else takes the seat.
    Hello {
        person: Option<PersonId>,
        #[serde(default)]
        language: String,
    },
    Invite {
        contact: u64,
        person: PersonId,
    },
    Leave {
        contact: u64,
    },
    /// Start a meeting, and send the customer its link.
    Meeting {
        contact: u64,
    },
    Phone {
        contact: u64,
    },
    Reopen {
        contact: u64,
    },
    Say(Say),
    Search {
        address: String,
    },
    Urgency {
        contact: u64,
        urgency: Urgency,
        #[serde(default)]
        reason: Option<bereik_core::id::Reason>,
    },
}

#[derive(Deserialize)]
pub(super) struct Say {
    pub(super) key: String,
    pub(super) text: String,
    pub(super) contact: u64,
    pub(super) kind: SayKind,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SayKind {
    Link,
    Note,
    Text,
}

/// What we say.
#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub(super) enum Told<'a> {
    /// What became of taking a contact.
    Acceptance {
        contact: Option<u64>,
        is_yours: bool,
    },
    Colleagues {
        people: &'a [Colleague],
    },
    Contacts {
        rows: &'a [Row],
    },
    Entry {
        contact: u64,
        entry: &'a Entry,
        /// The words of the message, if it is one and they were not erased.
        text: Option<String>,
    },
    Found {
        address: &'a str,
        rows: Vec<Row>,
    },
    Kept {
        key: &'a str,
        contact: u64,
        message: Option<u64>,
    },
    Offers {
        offers: &'a [OfferRow],
    },
    Outbox {
        mails: &'a [KeptMail],
    },
    Refused {
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<&'a str>,
        reason: Reason,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_s: Option<u32>,
    },
    Welcome {
        company: &'a str,
        /// Who sits here; none until he has said so.
        me: Option<&'a PersonId>,
        can_choose: bool,
        people: Vec<Name>,
        groups: Vec<Name>,
        lines: Vec<Name>,
        /// The company's zone, in which instants are shown.
        zone: &'a str,
        now: DateTime<Utc>,
        bytes_max: usize,
        has_meetings: bool,
        has_outbox: bool,
    },
}

/// Why something was not done; the desk has the words.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    Address,
    Body,
    Flood,
    Full,
    Link,
    NotParticipant,
    Other,
    Unavailable,
    UnreachableNow,
}
