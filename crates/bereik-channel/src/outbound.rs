//! Messages on their way out.

use bereik_core::Address;
use bereik_core::id::Key;
use bereik_core::message::Body;
use chrono::{DateTime, Utc};

use crate::label::Label;

/// A message on its way out. `Debug` shows none of its words.
///
/// ```
/// use bereik_channel::{Label, Outbound};
/// use bereik_core::{id::Key, message::Body};
/// use chrono::DateTime;
///
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let message = Outbound::new(Key::parse("message/M12")?, "jan@example.org".parse()?, Body::parse("We are on it.")?, at)
///     .with_subject(Label::parse("Your question")?)
///     .with_answers(vec![Key::parse("message/M11")?]);
/// assert!(!format!("{message:?}").contains("on it"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outbound {
    /// Its idempotency key: the same key is the same message.
    pub id: Key,
    /// To whom.
    pub to: Address,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// In whose name, where the channel shows one; its own name otherwise.
    pub from_name: Option<Label>,
    /// What it is about, for channels with [subjects](crate::Feature::Subject).
    pub subject: Option<Label>,
    /// The words.
    pub body: Body,
    /// The messages before it in the conversation, oldest first; the last is the one that it
    /// answers. Each is the [`id`](Self::id) of a message that went out over this channel, or
    /// the provider's id of one that came in.
    pub answers: Vec<Key>,
    /// Whether software wrote it: then the other side's software is asked not to answer
    /// (RFC 3834). It counts as such until [said otherwise](Self::by_hand).
    pub is_automatic: bool,
}

impl Outbound {
    /// A message made by software, without a subject, in the channel's own name, that answers
    /// nothing.
    #[must_use]
    pub const fn new(id: Key, to: Address, body: Body, at: DateTime<Utc>) -> Self {
        Self {
            id,
            to,
            at,
            from_name: None,
            subject: None,
            body,
            answers: Vec::new(),
            is_automatic: true,
        }
    }

    /// The same, in somebody's name.
    #[must_use]
    pub fn with_from_name(mut self, from_name: Label) -> Self {
        self.from_name = Some(from_name);
        self
    }

    /// The same, written by a person.
    #[must_use]
    pub const fn by_hand(mut self) -> Self {
        self.is_automatic = false;
        self
    }

    /// The same, with a subject.
    #[must_use]
    pub fn with_subject(mut self, subject: Label) -> Self {
        self.subject = Some(subject);
        self
    }

    /// The same, as an answer to the last of these, oldest first.
    #[must_use]
    pub fn with_answers(mut self, answers: Vec<Key>) -> Self {
        self.answers = answers;
        self
    }
}
