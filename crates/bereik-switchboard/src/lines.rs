//! Which lines of somebody work, and a message that tries one.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bereik_channel::{ChannelError, ErrorKind, Evidence, Health, Label, Outbound, Scope};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::id::{Key, LineId, PersonId};
use bereik_core::line::Line;
use bereik_core::message::Body;
use bereik_presence::is_in_service;
use chrono::{DateTime, Utc};
use tokio::time::timeout;

use crate::deliver::DELIVERY_MAX;
use crate::switchboard::Switchboard;

/// How a line stands, as far as that is known now.
///
/// ```
/// use std::sync::Arc;
/// use bereik_channel::{Evidence, Memory};
/// # use bereik_core::directory::Draft;
/// # use bereik_core::group::Group;
/// # use bereik_core::{ChannelKind, Person, Zone};
/// # use bereik_core::line::Line;
/// use bereik_switchboard::{Switchboard, TestOutcome};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut anna = Person::new("anna".parse()?, "Anna");
/// # anna.lines.push(Line::new("anna-mail".parse()?, ChannelKind::Email, "anna@rivers.example".parse()?));
/// # let directory = Draft::new("Rivers & Co", Zone::utc())
/// #     .with_group(Group::new("helpdesk".parse()?, "Helpdesk", vec!["anna".parse()?]))
/// #     .with_person(anna)
/// #     .check()?;
/// let mail = Arc::new(Memory::new(ChannelKind::Email));
/// let switchboard = Switchboard::builder(directory).with_channel(mail).start().await?;
/// let tested = switchboard.test_line(&"anna-mail".parse()?).await.ok_or("a line")?;
/// assert_eq!(tested.outcome, TestOutcome::Reached(Evidence::Taken));
/// assert!(switchboard.lines_of(&"anna".parse()?)[0].is_served);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineState {
    /// The line.
    pub line: LineId,
    /// Its kind of channel.
    pub channel: ChannelKind,
    /// Whether it is in service now, by its hours.
    pub is_in_service: bool,
    /// Whether a channel of the switchboard leads to it; without one it is for people to use.
    pub is_served: bool,
    /// What the last probe of its channel said; none before the first.
    pub health: Option<Health>,
    /// What became of the last test message since the switchboard was started.
    pub tested: Option<Tested>,
}

impl LineState {
    /// Whether an offer would go out over it now.
    #[must_use]
    pub fn works(&self) -> bool {
        self.is_in_service && self.is_served && self.health.is_some_and(Health::is_usable)
    }
}

/// A test message, and what became of it so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tested {
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub outcome: TestOutcome,
}

/// What became of a test message. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestOutcome {
    /// The channel did not take it, or nobody knows whether it did.
    Failed(ErrorKind),
    /// It got so far; more may be known later.
    Reached(Evidence),
    /// It was taken, and came back.
    Returned,
}

/// The test messages that went out over lines, the last of each.
#[derive(Debug, Default)]
pub(crate) struct Tests(Mutex<BTreeMap<LineId, Tested>>);

impl Tests {
    fn by_line(&self) -> MutexGuard<'_, BTreeMap<LineId, Tested>> {
        // A poisoned lock is taken all the same: every write leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, line: &LineId) -> Option<Tested> {
        self.by_line().get(line).copied()
    }

    fn begin(&self, line: &LineId, at: DateTime<Utc>) {
        let outcome = TestOutcome::Reached(Evidence::None);
        self.by_line().insert(line.clone(), Tested { at, outcome });
    }

    /// What the channel answered; its evidence may have come before.
    fn sent(&self, line: &LineId, at: DateTime<Utc>, outcome: TestOutcome) -> Tested {
        match self.by_line().get_mut(line) {
            Some(tested) if tested.at == at => {
                if tested.outcome == TestOutcome::Reached(Evidence::None) {
                    tested.outcome = outcome;
                }
                *tested
            }
            // Another one was begun meanwhile.
            _ => Tested { at, outcome },
        }
    }

    /// Takes evidence of a message, if it is the last test message of a line.
    pub(crate) fn learn(&self, of: &Key, evidence: Evidence) {
        let line = of.as_str().strip_prefix("test/");
        let line = line.and_then(|rest| rest.rsplit_once('/')?.0.parse().ok());
        let Some(line) = line else { return };
        let mut by_line = self.by_line();
        let Some(tested) = by_line.get_mut(&line) else {
            return;
        };
        if test_key(&line, tested.at) != *of {
            return;
        }
        tested.outcome = match (tested.outcome, evidence) {
            // What was delivered does not come back.
            (TestOutcome::Reached(Evidence::Delivered | Evidence::Read), Evidence::None) => return,
            (_, Evidence::None) => TestOutcome::Returned,
            (TestOutcome::Reached(known), new) => TestOutcome::Reached(known.max(new)),
            (_, new) => TestOutcome::Reached(new),
        };
    }
}

fn test_key(line: &LineId, at: DateTime<Utc>) -> Key {
    let text = format!("test/{line}/{}", at.timestamp_millis());
    Key::parse(&text).expect("the id of a line and a number are a key")
}

fn test_message(directory: &Directory, line: &Line, at: DateTime<Utc>) -> Outbound {
    let id = &line.id;
    let text = format!(
        "This is a test of the line {id}: it works as far as here. There is nothing to do."
    );
    let body = Body::parse(&text).expect("a sentence and an id are a body");
    let subject = Label::parse(&format!("Test of the line {id}"));
    let subject = subject.expect("some words and an id are a label");
    let message = Outbound::new(test_key(id, at), line.address.clone(), body, at);
    let message = message.with_subject(subject);
    // A company may be called by what is no label.
    match Label::parse(directory.name()) {
        Ok(name) => message.with_from_name(name),
        Err(_) => message,
    }
}

impl Switchboard {
    /// How the lines of a person stand, in the order of the directory; none for somebody who is not
    /// known.
    #[must_use]
    pub fn lines_of(&self, person: &PersonId) -> Vec<LineState> {
        let (directory, now) = (self.directory(), self.now());
        let Some(person) = directory.person(person) else {
            return Vec::new();
        };
        let zone = directory.zone_of(person);
        let state = |line: &Line| {
            let served = self.channels.of_line(line);
            LineState {
                line: line.id.clone(),
                channel: line.channel,
                is_in_service: is_in_service(&directory, line, zone, now),
                is_served: served.is_some(),
                health: served.and_then(|served| served.health()),
                tested: self.channels.tests().of(&line.id),
            }
        };
        person.lines.iter().map(state).collect()
    }

    /// Sends a test message over a line: to whom it leads, over the channel over which an offer would
    /// go. What is found out later, that it was delivered, read or came back, stands in
    /// [`lines_of`](Self::lines_of).
    ///
    /// A line that only rings is not rung: its outcome is [`ErrorKind::Unsupported`].
    ///
    /// Nothing, where the directory has no such line.
    pub async fn test_line(&self, line: &LineId) -> Option<Tested> {
        let (directory, at) = (self.directory(), self.now());
        let (line, _) = directory.line(line)?;
        let tests = self.channels.tests();
        tests.begin(&line.id, at);
        let sent = match self.channels.of_line(line) {
            Some(served) => {
                let message = test_message(&directory, line, at);
                let sent = timeout(DELIVERY_MAX, served.channel.send(&message)).await;
                let late =
                    || Err(ChannelError::new(ErrorKind::TimedOut, Scope::Channel).maybe_sent());
                sent.unwrap_or_else(|_| late())
            }
            None => Err(ChannelError::unsupported()),
        };
        let outcome = match sent {
            Ok(receipt) => TestOutcome::Reached(receipt.evidence),
            Err(error) => TestOutcome::Failed(error.kind()),
        };
        Some(tests.sent(&line.id, at, outcome))
    }
}
