//! The commands about peers and promises: praise, communities, calls that were promised.

use bereik_core::id::{ContactId, GroupId, PersonId, SkillId};
use bereik_core::message::Author;
use bereik_core::praise::{Judgement, Verdict};
use bereik_routing::Input;
use chrono::{DateTime, Utc};

use crate::error::SwitchboardError;
use crate::switchboard::Switchboard;

impl Switchboard {
    /// A peer says of somebody's help in a contact in which both took part whether it helped. What
    /// somebody received is asked by [`Switchboard::ask`].
    ///
    /// # Errors
    /// As [`Switchboard::claim`]; also when it is his own help, when one of them did not take part,
    /// or when the person does not have the skill.
    pub async fn praise(
        &self,
        contact: ContactId,
        of: PersonId,
        skill: SkillId,
        judgement: Judgement,
        by: PersonId,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::Praised {
            contact,
            of,
            skill,
            judgement,
            by,
        })
        .await
    }

    /// Somebody asks to be let into a community.
    ///
    /// # Errors
    /// When there is no such community or person, when he was refused lately, the store is
    /// unavailable, or the switchboard has stopped.
    pub async fn apply(&self, group: GroupId, person: PersonId) -> Result<(), SwitchboardError> {
        self.just(Input::Applied { group, person }).await
    }

    /// A member of a community says whether somebody who applied is let in.
    ///
    /// # Errors
    /// As [`Switchboard::apply`]; also when nobody of that name applied, or who speaks is not a
    /// member.
    pub async fn vouch(
        &self,
        group: GroupId,
        person: PersonId,
        by: PersonId,
        verdict: Verdict,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::Vouched {
            group,
            person,
            by,
            verdict,
        })
        .await
    }

    /// The customer is promised a call for that instant: it is kept, or he is told and others are
    /// asked.
    ///
    /// # Errors
    /// As [`Switchboard::claim`]; also when the instant is past, or who promises does not take part.
    pub async fn promise_call_back(
        &self,
        contact: ContactId,
        by: PersonId,
        at: DateTime<Utc>,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::CallBackPromised { contact, by, at }).await
    }

    /// The customer was called as promised.
    ///
    /// # Errors
    /// As [`Switchboard::claim`]; also when who called does not take part.
    pub async fn call_back_kept(
        &self,
        contact: ContactId,
        by: PersonId,
    ) -> Result<(), SwitchboardError> {
        self.just(Input::CallBackKept { contact, by }).await
    }

    /// The escalation policy as it is configured now counts for a running contact too.
    ///
    /// # Errors
    /// As [`Switchboard::claim`].
    pub async fn replan(&self, contact: ContactId, by: Author) -> Result<(), SwitchboardError> {
        self.just(Input::Replanned { contact, by }).await
    }
}
