//! The commands about customers and incidents: who somebody is, which contacts are one, what is
//! said to all.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::customer::CustomerProfile;
use bereik_core::id::{ContactId, IncidentId, Key, LineId, MessageId, NeedId, PersonId};
use bereik_core::message::{Body, MessageKind};
use bereik_routing::{Answer, Input, Refusal};

use crate::error::SwitchboardError;
use crate::switchboard::Switchboard;

impl Switchboard {
    /// The customer answers the question of triage; the answers are counted from 1.
    ///
    /// # Errors
    /// When the contact or the answer is not known, the store is unavailable, or the switchboard
    /// has stopped.
    pub async fn answer_triage(
        &self,
        contact: ContactId,
        option: u32,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::TriageAnswered { contact, option }).await
    }

    /// The customer leaves and says so.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn customer_left(&self, contact: ContactId) -> Result<(), SwitchboardError> {
        self.just(Input::CustomerLeft { contact }).await
    }

    /// What the company knows of the customer was found out otherwise than by
    /// [look-up](crate::CustomerDirectory).
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn know_customer(
        &self,
        contact: ContactId,
        profile: CustomerProfile,
    ) -> Result<(), SwitchboardError> {
        let profile = Box::new(profile);
        self.just(Input::CustomerKnown { contact, profile }).await
    }

    /// The customer uses this channel for the contact, over this line of ours where it is known: he is
    /// answered over it from now on.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn use_leg(
        &self,
        contact: ContactId,
        channel: ChannelKind,
        line: Option<LineId>,
    ) -> Result<(), SwitchboardError> {
        let used = Input::LegUsed {
            contact,
            channel,
            line,
        };
        self.just(used).await
    }

    /// One contact goes on in another, open one.
    ///
    /// # Errors
    /// When one of them or the person is not known, they are the same, or the second is over; and
    /// as [`Switchboard::claim`].
    pub async fn merge(
        &self,
        from: ContactId,
        into: ContactId,
        by: PersonId,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::Merged { from, into, by }).await
    }

    /// Makes messages of a contact one of its own. The same key again gives the same contact.
    ///
    /// # Errors
    /// When the contact does not hold the messages; and as [`Switchboard::claim`].
    pub async fn split(
        &self,
        contact: ContactId,
        messages: Vec<MessageId>,
        key: Key,
        by: PersonId,
    ) -> Result<ContactId, SwitchboardError> {
        let split = Input::Split {
            contact,
            messages,
            key,
            by,
        };
        match self.tell(split, None).await? {
            Answer::Opened(contact) => Ok(contact),
            _ => Err(SwitchboardError::refused(Refusal::UnknownContact)),
        }
    }

    /// What a contact is about concerns many: it leads an incident from now on.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn declare_incident(
        &self,
        need: NeedId,
        contact: ContactId,
        by: PersonId,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::IncidentDeclared { need, contact, by })
            .await
    }

    /// One word to every customer of an incident. The same key again says it once.
    ///
    /// # Errors
    /// When the incident does not run, or the person is not on it; and as [`Switchboard::claim`].
    pub async fn say_to_all(
        &self,
        incident: IncidentId,
        key: Key,
        by: PersonId,
        body: Body,
    ) -> Result<(), SwitchboardError> {
        let word = Input::IncidentWord {
            incident,
            key,
            kind: MessageKind::Text,
            by,
        };
        self.tell(word, Some(body)).await.map(|_| ())
    }

    /// An incident is over.
    ///
    /// # Errors
    /// When it does not run; and as [`Switchboard::claim`].
    pub async fn close_incident(
        &self,
        incident: IncidentId,
        by: PersonId,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::IncidentClosed { incident, by }).await
    }
}
