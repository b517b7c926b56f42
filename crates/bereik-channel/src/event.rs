//! What comes in over a channel, and how far it was read.

use std::fmt;

use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, OfferId, PersonId};

use crate::attachment::Attachments;
use crate::capability::{TextLimit, TextUnit};
use crate::label::Label;
use crate::receipt::Evidence;

/// How far a channel was read. What is in it is the channel's own; a caller keeps it and gives
/// it back.
///
/// ```
/// use bereik_channel::Cursor;
/// assert!(Cursor::START.as_str().is_none());
/// let kept = Cursor::parse("uidvalidity=7 uid=41")?;
/// assert_eq!(kept.as_str(), Some("uidvalidity=7 uid=41"));
/// # Ok::<(), bereik_channel::CursorError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Option<String>", into = "Option<String>")]
pub struct Cursor(Option<Box<str>>);

/// A text is not a [`Cursor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is 1 to {} bytes", Cursor::BYTES_MAX)]
pub struct CursorError;

impl Cursor {
    /// Before the first event that the channel still has.
    pub const START: Self = Self(None);

    /// The longest cursor, in bytes.
    pub const BYTES_MAX: usize = 4_096;

    /// Takes what a channel needs to find its place again.
    ///
    /// # Errors
    /// When the text is empty or longer than [`Cursor::BYTES_MAX`].
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        if (1..=Self::BYTES_MAX).contains(&text.len()) {
            Ok(Self(Some(text.into())))
        } else {
            Err(CursorError)
        }
    }

    /// What the channel wrote; none at the start.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl TryFrom<Option<String>> for Cursor {
    type Error = CursorError;
    fn try_from(text: Option<String>) -> Result<Self, CursorError> {
        text.map_or(Ok(Self::START), |text| Self::parse(&text))
    }
}

impl From<Cursor> for Option<String> {
    fn from(cursor: Cursor) -> Self {
        cursor.0.map(String::from)
    }
}

/// What a person answered to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "whoever answers says yes or no")]
pub enum Answer {
    /// Taken.
    Accepted,
    /// Turned down.
    Declined,
}

/// A message that came in. `Debug` shows none of its words.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Inbound {
    /// Who wrote.
    pub from: Address,
    /// What he calls himself.
    pub from_name: Option<Label>,
    /// What it is about.
    pub subject: Option<Label>,
    /// The words.
    pub body: Body,
    /// The files that came with it.
    pub attachments: Attachments,
    /// Whether software made it (RFC 3834): then it is never answered automatically.
    pub is_automatic: bool,
    /// Whether a machine wrote it in the place of whom it was sent to: out of office. Such a
    /// message is automatic too.
    pub is_automatic_reply: bool,
    /// The messages before it, oldest first, as in [`Outbound::answers`](crate::Outbound::answers).
    /// Whoever knows the name of a message can claim to answer it: it counts together with
    /// [`from`](Self::from).
    pub answers: Vec<Key>,
    /// Under what name the provider knows it, where that is a key: what answers it names this.
    pub provider_id: Option<Key>,
}

impl Inbound {
    /// A message without name and subject, made by a person, that answers nothing.
    #[must_use]
    pub const fn new(from: Address, body: Body) -> Self {
        Self {
            from,
            from_name: None,
            subject: None,
            body,
            attachments: Attachments::new(),
            is_automatic: false,
            is_automatic_reply: false,
            answers: Vec::new(),
            provider_id: None,
        }
    }

    /// Cuts words of any length into bodies, each as long as one may be and none inside a letter, so that a message that is
    /// longer than a [`Body`] comes in as several and nothing is lost. What is nothing but blanks is none. The first part
    /// has the message's own id, the others that with their number.
    ///
    /// ```
    /// use bereik_channel::Inbound;
    /// use bereik_core::message::Body;
    /// let parts = Inbound::parts("M7", &"a".repeat(Body::BYTES_MAX + 1));
    /// let ids: Vec<&str> = parts.iter().map(|(id, _)| id.as_str()).collect();
    /// assert_eq!(ids, ["M7", "M7:2"]);
    /// ```
    #[must_use]
    pub fn parts(id: &str, words: &str) -> Vec<(Key, Body)> {
        let limit = |unit| TextLimit {
            max: Body::BYTES_MAX,
            unit,
        };
        // A letter with thousands of accents is cut all the same.
        let parts = limit(TextUnit::Bytes).split(words).unwrap_or_else(|_| {
            let ends = words.char_indices().map(|(at, _)| at).chain([words.len()]);
            let ends: Vec<usize> = ends
                .step_by(Body::BYTES_MAX / 4)
                .chain([words.len()])
                .collect();
            ends.windows(2).map(|two| &words[two[0]..two[1]]).collect()
        });
        let bodies = parts.into_iter().filter_map(|part| Body::parse(part).ok());
        let parts = bodies.zip(1..).filter_map(|(body, number)| {
            let id = match number {
                1 => Key::parse(id),
                _ => Key::parse(&format!("{id}:{number}")),
            };
            Some((id.ok()?, body))
        });
        parts.collect()
    }
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("from", &self.from)
            .field("body", &self.body)
            .field("attachments", &self.attachments)
            .field("is_automatic", &self.is_automatic)
            .field("is_automatic_reply", &self.is_automatic_reply)
            .finish_non_exhaustive()
    }
}

/// What somebody says of a meeting that he was invited to, or invited to (RFC 5546).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Attendance {
    /// He comes.
    Accepted,
    /// He calls it off: he is who invited.
    Cancelled,
    /// He does not come.
    Declined,
    /// Somebody else comes in his place.
    Delegated,
    /// He may come.
    Tentative,
    /// He has not said.
    Undecided,
}

/// What happened on a channel.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// An offer was answered.
    Answered {
        /// Which.
        offer: OfferId,
        /// What.
        answer: Answer,
        /// By whom, where the channel knows; on a line of one person, it is his.
        by: Option<PersonId>,
        /// The address from which it came, where the channel knows: whose it is says who answered.
        from: Option<Address>,
    },
    /// Somebody said whether he comes to a meeting.
    Attendance {
        /// The UID of the meeting (RFC 5545, 3.8.4.7), as it stood in the invitation.
        of: Key,
        /// Who.
        by: Address,
        /// What.
        answer: Attendance,
        /// The message that says so, with his own words.
        message: Inbound,
    },
    /// A message or an offer that went out is late: the provider has it and goes on trying.
    Delayed {
        /// Its idempotency key.
        of: Key,
    },
    /// More is known of a message or an offer that went out.
    Delivery {
        /// Its idempotency key.
        of: Key,
        /// How far it got; none when it came back.
        evidence: Evidence,
    },
    /// Something may have been missed: read again what matters.
    Gap,
    /// A message came in.
    Message(Inbound),
    /// Somebody is there, or is not.
    Presence {
        /// Who.
        of: Address,
        /// How.
        state: PresenceState,
    },
    /// Somebody is writing.
    Typing {
        /// Who.
        from: Address,
    },
}

/// One event of a channel.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "its name, and what it is")]
pub struct Event {
    /// Its name, unique for the account: an event that comes twice has the same one.
    pub id: Key,
    /// What happened.
    pub kind: EventKind,
}

/// What came in after a cursor, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the events, and how far that is")]
pub struct Batch {
    /// The events, oldest first; empty when nothing came in the channel's poll time.
    pub events: Vec<Event>,
    /// How far the channel was read with them.
    pub cursor: Cursor,
}
