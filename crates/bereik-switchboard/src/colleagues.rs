//! Commands around colleagues: asking them in, handing a contact on, over another channel too.

use bereik_core::address::Address;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::Addressee;
use bereik_core::group::Requirement;
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::message::Author;
use bereik_routing::Input;

use crate::error::SwitchboardError;
use crate::switchboard::Switchboard;

impl Switchboard {
    /// Asks one more person into a conversation. The members of a group who can what is required
    /// are asked one after the other until somebody comes.
    ///
    /// # Errors
    /// As [`Switchboard::claim`]; also when a person asked by name cannot be reached or has no hand
    /// free.
    pub async fn invite(
        &self,
        contact: ContactId,
        whom: Addressee,
        requires: Vec<Requirement>,
        by: PersonId,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::Invited {
            contact,
            whom,
            requires,
            by,
        })
        .await
    }

    /// Hands a contact to a colleague or a group, with all its history. Its owner keeps it until
    /// somebody accepts.
    ///
    /// # Errors
    /// As [`Switchboard::invite`]; also when `by` does not have the contact.
    pub async fn transfer(
        &self,
        contact: ContactId,
        whom: Addressee,
        requires: Vec<Requirement>,
        by: PersonId,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::Transferred {
            contact,
            whom,
            requires,
            by,
        })
        .await
    }

    /// Asks colleagues for advice without giving the contact away. All who can be asked are asked
    /// at once.
    ///
    /// # Errors
    /// As [`Switchboard::invite`].
    pub async fn consult(
        &self,
        contact: ContactId,
        whom: Addressee,
        requires: Vec<Requirement>,
        by: PersonId,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::Consulted {
            contact,
            whom,
            requires,
            by,
        })
        .await
    }

    /// Takes an offer back that somebody asked for, with the rest of what he asked.
    ///
    /// # Errors
    /// When the offer is not known or was not asked for by this person, the store is unavailable,
    /// or the switchboard has stopped.
    pub async fn withdraw(&self, offer: OfferId, by: Author) -> Result<(), SwitchboardError> {
        self.just(Input::Withdrawn { offer, by }).await
    }

    /// Goes on with the same conversation over another channel.
    ///
    /// # Errors
    /// As [`Switchboard::claim`]; also when nobody has the contact, or a participant cannot hold
    /// it over that channel.
    pub async fn hand_over(
        &self,
        contact: ContactId,
        channel: ChannelKind,
        address: Option<Address>,
        by: Author,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::HandedOver {
            contact,
            channel,
            address,
            line: None,
            by,
        })
        .await
    }

    /// The channel to which a conversation was handed over did not carry it: it goes on over the
    /// one before.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn hand_over_failed(
        &self,
        contact: ContactId,
        channel: ChannelKind,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::HandOverFailed { contact, channel }).await
    }

    /// Somebody is done with wrapping up, and can be asked again.
    ///
    /// # Errors
    /// When the person is not known or does not wrap up, the store is unavailable, or the
    /// switchboard has stopped.
    pub async fn wrapped_up(&self, person: PersonId) -> Result<(), SwitchboardError> {
        self.just(Input::WrappedUp { person }).await
    }

    /// Somebody needs so many seconds more for wrapping up.
    ///
    /// # Errors
    /// As [`Switchboard::wrapped_up`]; also when it is as long as it can be.
    pub async fn prolong_wrap_up(
        &self,
        person: PersonId,
        for_s: u32,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::WrapUpProlonged { person, for_s }).await
    }
}
