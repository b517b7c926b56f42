//! The machine: inputs in at an instant, outputs out until it says when to come back.

use std::collections::VecDeque;

use bereik_core::ChannelKind;
use bereik_core::contact::{Addressee, ContactSummary};
use bereik_core::directory::Directory;
use bereik_core::explanation::Explanation;
use bereik_core::group::Requirement;
use bereik_core::id::ContactId;
use chrono::{DateTime, Utc};

use crate::answer::Answer;
use crate::input::Input;
use crate::output::Output;
use crate::snapshot::{RestoreError, RestoreErrorKind};

/// The routing engine. It reads no clock and does no I/O.
#[derive(Debug)]
pub struct Engine {
    directory: Directory,
    out: VecDeque<Output>,
}

impl Engine {
    /// An engine that knows nobody's presence and has no contacts.
    #[must_use]
    pub fn new(directory: Directory) -> Self {
        Self {
            directory,
            out: VecDeque::new(),
        }
    }

    /// First fires every deadline due at or before `at`, each at its own instant and in order,
    /// then takes the input.
    pub fn handle(&mut self, _at: DateTime<Utc>, _input: Input) -> Answer {
        Answer::Done
    }

    /// What it has to say next; call until it answers [`Output::Wait`].
    pub fn poll_output(&mut self) -> Output {
        self.out.pop_front().unwrap_or(Output::Wait(None))
    }

    /// The whole state as bytes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    /// The engine of which the bytes are a snapshot.
    ///
    /// # Errors
    /// When the bytes are damaged or of another version.
    pub fn restore(_bytes: &[u8]) -> Result<Self, RestoreError> {
        Err(RestoreError::new(RestoreErrorKind::Malformed, 0))
    }

    /// The configuration in force.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// How a contact stands, while the engine holds it.
    #[must_use]
    pub fn contact(&self, _id: ContactId) -> Option<ContactSummary> {
        None
    }

    /// Every contact that the engine holds: the open ones and the lately closed, by id.
    pub fn contacts(&self) -> impl Iterator<Item = ContactSummary> {
        std::iter::empty()
    }

    /// Who would be offered a contact for this addressee at `at`, why, and why not the others.
    #[must_use]
    pub fn decide(
        &self,
        _at: DateTime<Utc>,
        _addressee: &Addressee,
        _requires: &[Requirement],
        _channel: ChannelKind,
    ) -> Explanation {
        Explanation {
            circle: 0,
            chosen: Vec::new(),
            decided_by: None,
            excluded: Vec::new(),
        }
    }
}
