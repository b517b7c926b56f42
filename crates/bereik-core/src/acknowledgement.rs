//! What a customer is told without being asked: facts and promises, not phrases.

use chrono::{DateTime, Utc};

use crate::channel_kind::ChannelKind;
use crate::id::{LineId, PersonId};
use crate::language::Localised;

/// A word to the customer. Each carries a fact: who has the contact, by when something happens,
/// or what happens next. The words for it are made by [`wording`](crate::wording).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Acknowledgement {
    /// Whoever is on call or on the calamity line could not be alerted: the channels to them failed.
    AlertFailed,
    /// The customer is called at that instant.
    CallBack {
        /// When.
        at: DateTime<Utc>,
        /// Who calls.
        person: PersonId,
    },
    /// The customer was promised a call and was not called; others are asked now.
    CallBackMissed {
        /// When he was to be called.
        at: DateTime<Utc>,
    },
    /// The calamity line was called; the group is being asked as well.
    CalamityRaised,
    /// The contact was closed.
    Closed,
    /// Somebody joined the conversation.
    Joined(PersonId),
    /// Somebody left the conversation.
    Left(PersonId),
    /// Phone was asked for, and there is no number to give; the conversation goes on here.
    NoPhone,
    /// The other channel did not carry it: the conversation goes on over this one.
    BackOver(ChannelKind),
    /// The conversation goes on over another channel.
    GoesOnOver {
        /// Over which.
        channel: ChannelKind,
        /// With whom.
        person: PersonId,
    },
    /// Nobody is reachable now; somebody will be there at that instant, if one is known.
    NobodyReachable {
        /// When somebody is there again, within the horizon that outsiders see.
        back_at: Option<DateTime<Utc>>,
    },
    /// The on-call line was asked.
    OnCallAsked,
    /// Somebody has the contact.
    Owned(PersonId),
    /// Phone was asked for: this line, of this person or of the company.
    PhoneOffered {
        /// The line to call.
        line: LineId,
        /// Whose line it is, when it is a person's.
        person: Option<PersonId>,
    },
    /// People are being asked now.
    Asking {
        /// By when an answer is expected.
        answer_by: DateTime<Utc>,
    },
    /// Nobody on call answered so far; they are being alerted again.
    StillAlerting {
        /// By when they are alerted once more, if they do not answer now.
        again_at: DateTime<Utc>,
    },
    /// It takes longer than was promised; people are still being asked.
    StillAsking {
        /// By when an answer is expected now.
        answer_by: DateTime<Utc>,
    },
    /// The contact waits until somebody comes free.
    Waiting {
        /// By when an answer is expected.
        answer_by: DateTime<Utc>,
        /// How many contacts are before it.
        ahead: u32,
        /// Between how many seconds it will wait, in eight cases of ten; none where that cannot be
        /// told.
        #[cfg_attr(
            feature = "serde",
            serde(default, skip_serializing_if = "Option::is_none")
        )]
        expected_s: Option<(u32, u32)>,
    },
    /// Every way was tried and nobody answered; it stands on the list that people work through.
    OnTheList {
        /// When the next try is made.
        next_try_at: DateTime<Utc>,
    },
    /// What the customer asks goes with what he asked before.
    AddedToOpen {
        /// Who has that, if somebody does.
        owner: Option<PersonId>,
        /// By when he hears, if that was promised.
        hear_by: Option<DateTime<Utc>>,
    },
    /// The customer went away; he is answered at the address that he gave.
    AnswerElsewhere {
        /// By when an answer is expected, where that was promised.
        answer_by: Option<DateTime<Utc>>,
    },
    /// The contact is part of an incident that is known.
    IncidentKnown {
        /// Who is on it, if somebody is already.
        owner: Option<PersonId>,
        /// By when the next word comes.
        next_word_by: DateTime<Utc>,
    },
    /// The incident is over.
    IncidentOver,
    /// The word that was promised of an incident has not come; more people are asked.
    IncidentWordLate {
        /// By when the next word comes.
        next_word_by: DateTime<Utc>,
    },
    /// What was written elsewhere goes on here: two contacts of the customer are one from now on.
    Merged,
    /// When the next word of an incident comes.
    NextWord {
        /// By when.
        next_word_by: DateTime<Utc>,
    },
    /// The customer went away; his contact is kept for a while.
    StillThere {
        /// Until when.
        kept_until: DateTime<Utc>,
    },
    /// The customer is asked what it is about; without an answer people are asked at that instant.
    TriageAsked {
        /// The question.
        question: Localised,
        /// The answers to choose from, the first with the number 1.
        options: Vec<Localised>,
        /// When it goes on without an answer.
        go_on_at: DateTime<Utc>,
    },
}

/// Something that was promised to a customer: what happens, and by when. Behind each stands an
/// armed deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "what, and by when")]
pub struct Promise {
    /// What was promised.
    pub kind: PromiseKind,
    /// By when.
    pub by: DateTime<Utc>,
}

/// What was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PromiseKind {
    /// A person answers, or the next way is tried.
    Answer,
    /// Somebody is there again.
    BackAt,
    /// The customer is called.
    CallBack,
    /// Another try is made.
    NextTry,
    /// The next word of an incident comes.
    NextWord,
    /// People are asked, whatever the customer answers.
    Triage,
}
