//! The suite that every adapter passes, its tests chosen by what the channel declares.

mod incoming;
mod offers;
mod sending;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bereik_core::id::Key;
use bereik_core::message::Body;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, OfferId};
use chrono::{DateTime, Utc};
use tokio::time::sleep;

use crate::alert::AlertTo;
use crate::capability::Feature;
use crate::channel::Channel;
use crate::error::{ChannelError, ErrorKind};
use crate::event::Answer;
use crate::health::Health;

/// What arrived at the other end of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what a reader of it sees")]
pub struct Arrived {
    /// The subject, where there is one.
    pub subject: Option<String>,
    /// The text, decoded, its lines ended by line feeds.
    pub text: String,
}

/// A channel under test together with its other end: who reads what arrives, writes back, and
/// answers.
#[async_trait]
pub trait OtherEnd: Send + Sync {
    /// The channel.
    fn channel(&self) -> &dyn Channel;

    /// An address that takes messages.
    fn address(&self) -> Address;

    /// To whom alerts can be shown.
    fn alert_to(&self) -> AlertTo {
        AlertTo::Address(self.address())
    }

    /// An address of the right kind that nobody has, where the provider tells so at once.
    fn unknown_address(&self) -> Option<Address> {
        None
    }

    /// All that has arrived, offers included, oldest first.
    async fn arrived(&self) -> Vec<Arrived>;

    /// Whether messages come in at all: over some channels only answers and evidence do.
    fn can_write(&self) -> bool {
        true
    }

    /// How our own presence is shown there, where that can be seen; only for channels that
    /// [publish](crate::Feature::Publish) it.
    async fn shown(&self) -> Option<PresenceState> {
        None
    }

    /// Writes a message to us; only for channels that [receive](crate::Feature::Receive).
    async fn write(&self, _body: &Body) {}

    /// Answers an offer; only for channels that bring [answers](crate::Feature::Answer).
    async fn answer(&self, _offer: OfferId, _answer: Answer) {}
}

/// A rule of the contract that a channel broke.
#[derive(Debug, thiserror::Error)]
#[error("`{rule}`: {what}")]
pub struct Broken {
    rule: &'static str,
    what: What,
    source: Option<ChannelError>,
}

impl Broken {
    /// The name of the test that found it.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        self.rule
    }
}

/// What a single test found.
#[derive(Debug)]
enum What {
    Failed(&'static str, ChannelError),
    Saw(&'static str),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(doing, error) => write!(f, "{doing}: {error}"),
            Self::Saw(what) => f.write_str(what),
        }
    }
}

type Verdict = Result<(), What>;

/// How long something may take to arrive, or to come in.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// One run of the suite: names that no other run used, so that a provider with a memory can be
/// tested more than once.
struct Run<'a> {
    end: &'a dyn OtherEnd,
    name: &'a str,
    at: DateTime<Utc>,
}

/// Runs every test that the channel's capability calls for and gives their names.
///
/// `name` marks this run's messages: one word that no earlier run against the same provider
/// used. `at` is the instant that the messages carry.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// use async_trait::async_trait;
/// use bereik_channel::conformance::{self, Arrived, OtherEnd};
/// use bereik_channel::{Channel, Dispatch, Memory};
/// use bereik_core::{Address, ChannelKind};
/// use chrono::DateTime;
///
/// struct Outbox(Memory, Address);
///
/// #[async_trait]
/// impl OtherEnd for Outbox {
///     fn channel(&self) -> &dyn Channel { &self.0 }
///     fn address(&self) -> Address { self.1.clone() }
///     async fn arrived(&self) -> Vec<Arrived> {
///         self.0.outbox().into_iter().filter_map(|dispatch| match dispatch {
///             Dispatch::Alert(alert) => Some((Some(alert.subject), alert.text)),
///             Dispatch::Message(message) => Some((message.subject, message.body)),
///             _ => None,
///         }).map(|(subject, text)| Arrived {
///             subject: subject.map(|subject| subject.as_str().to_owned()),
///             text: text.as_str().to_owned(),
///         }).collect()
///     }
/// }
///
/// let outbox = Outbox(Memory::holding(ChannelKind::Email), "jan@example.org".parse()?);
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let tests = conformance::check(&outbox, "run-1", at).await?;
/// assert!(tests.contains(&"an offer arrives"));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// With the first rule that the channel broke.
pub async fn check(
    end: &dyn OtherEnd,
    name: &str,
    at: DateTime<Utc>,
) -> Result<Vec<&'static str>, Broken> {
    let run = Run { end, name, at };
    let mut passed = Vec::new();
    let probe = run.probe().await;
    run.record("the channel is healthy", probe, &mut passed)?;
    sending::check(&run, &mut passed).await?;
    offers::check(&run, &mut passed).await?;
    let (rule, verdict) = run.publishes().await;
    run.record(rule, verdict, &mut passed)?;
    incoming::check(&run, &mut passed).await?;
    Ok(passed)
}

impl Run<'_> {
    fn channel(&self) -> &dyn Channel {
        self.end.channel()
    }

    fn record(
        &self,
        rule: &'static str,
        verdict: Verdict,
        passed: &mut Vec<&'static str>,
    ) -> Result<(), Broken> {
        let what = match verdict {
            Ok(()) => {
                passed.push(rule);
                return Ok(());
            }
            Err(what) => what,
        };
        let source = match &what {
            What::Failed(_, error) => Some(error.clone()),
            What::Saw(_) => None,
        };
        Err(Broken { rule, what, source })
    }

    async fn probe(&self) -> Verdict {
        match self.channel().probe().await {
            Health::Up => Ok(()),
            _ => Err(What::Saw("the probe says otherwise")),
        }
    }

    /// Busy first and available in the end, so that nobody is left with the wrong impression.
    async fn publishes(&self) -> (&'static str, Verdict) {
        let publish = async |state| self.channel().publish(state).await;
        if !self.channel().capability().can(Feature::Publish) {
            let answer = publish(PresenceState::Busy).await;
            return (
                "showing our presence is unsupported",
                is_unsupported(answer),
            );
        }
        let shown = async {
            for state in [PresenceState::Busy, PresenceState::Available] {
                publish(state).await.or_failed("publish")?;
                let shown = self.end.shown().await;
                let is_it = shown.is_none_or(|shown| shown == state);
                is_true(is_it, "something else is shown")?;
            }
            Ok(())
        };
        ("our presence is shown", shown.await)
    }

    fn key(&self, what: &str) -> Key {
        let text = format!("{}.{what}", self.name);
        let plain = text.chars().filter(char::is_ascii_graphic);
        let short: String = plain.take(100).collect();
        Key::parse(&short).expect("a dot and printable characters are a key")
    }

    fn body(&self, text: &str) -> Body {
        let text = format!("{} {text}", self.name);
        Body::parse(&text).expect("the texts of the suite are bodies")
    }

    /// What arrived with this mark in it, once at least so much has, or patience has run out.
    async fn arrived_with(&self, mark: &str, at_least: usize) -> Vec<Arrived> {
        let mut waited = Duration::ZERO;
        loop {
            let mut arrived = self.end.arrived().await;
            arrived.retain(|one| one.text.contains(mark));
            if arrived.len() >= at_least || waited >= PATIENCE {
                return arrived;
            }
            sleep(PAUSE).await;
            waited += PAUSE;
        }
    }
}

trait OrFailed<T> {
    fn or_failed(self, doing: &'static str) -> Result<T, What>;
}

impl<T> OrFailed<T> for Result<T, ChannelError> {
    fn or_failed(self, doing: &'static str) -> Result<T, What> {
        self.map_err(|error| What::Failed(doing, error))
    }
}

fn is_true(holds: bool, otherwise: &'static str) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(What::Saw(otherwise))
    }
}

fn is_unsupported<T>(answer: Result<T, ChannelError>) -> Verdict {
    match answer {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
        Err(error) => Err(What::Failed(
            "it fails otherwise than as unsupported",
            error,
        )),
        Ok(_) => Err(What::Saw("it does what it does not declare")),
    }
}
