//! A double line: one falls out, the next takes over, and the first comes back when it is healthy.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bereik_core::id::Key;
use bereik_core::presence::PresenceState;
use bereik_core::{Address, ChannelKind, OfferId};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::{Sleep, sleep, timeout};

use crate::alert::Alert;
use crate::capability::{Capability, Feature};
use crate::channel::Channel;
use crate::error::{ChannelError, ErrorKind, Retry, Scope, Sent};
use crate::event::{Batch, Cursor, Event};
use crate::health::Health;
use crate::outbound::Outbound;
use crate::receipt::Receipt;

/// What a [`Failover`] does when a message *may* have been sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "it goes on or it stops")]
pub enum Doubt {
    /// Take the next line: better twice than not at all. For calamity lines.
    GoOn,
    /// Pass the error on: the caller waits for evidence and decides.
    #[default]
    Stop,
}

/// Several lines, tried in order: the first that takes a message has it.
///
/// The next line is tried when nothing was sent and it is not the message that is at fault
/// ([`ChannelError::may_fail_over`]). A line whose channel is at fault then rests: it is left for
/// last until the rest is over and it [probes](Channel::probe) well again; a line is never left
/// out altogether. Each line has a deadline of its own; a line that is cut off there may have
/// sent the message, so what happens next is a matter of [`Doubt`].
///
/// An offer is taken back on every line, and events come from every line, their ids with the
/// line's number before them. It goes outermost, around the wrapped lines.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// use bereik_channel::{Channel, Failover, Health, Memory};
/// use bereik_core::ChannelKind;
/// use std::{sync::Arc, time::Duration};
///
/// # let at = chrono::DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// # let (id, body) = (bereik_core::id::Key::parse("M1")?, bereik_core::message::Body::parse("Hello")?);
/// # let message = bereik_channel::Outbound::new(id, "jan@example.org".parse()?, body, at);
/// let (first, second) = (Arc::new(Memory::new(ChannelKind::Email)), Arc::new(Memory::new(ChannelKind::Email)));
/// let double = Failover::new(first.clone(), Duration::from_secs(20))
///     .with_line(second.clone(), Duration::from_secs(20));
/// first.become_health(Health::Down { retry_after: None });
/// double.send(&message).await?;
/// assert_eq!(second.outbox().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Failover {
    lines: Vec<Line>,
    capability: Capability,
    doubt: Doubt,
    rest: Duration,
}

struct Line {
    channel: Arc<dyn Channel>,
    deadline: Duration,
    /// Runs while the line rests.
    rest: Mutex<Option<Pin<Box<Sleep>>>>,
}

impl Failover {
    /// One line, the preferred, with the longest that a message may take on it. A line that
    /// falls out rests for 30 seconds.
    #[must_use]
    pub fn new(first: Arc<dyn Channel>, deadline: Duration) -> Self {
        // The same message given twice may go over two lines.
        let capability = first.capability().without(Feature::Idempotent);
        let (doubt, rest) = (Doubt::default(), Duration::from_secs(30));
        let lines = vec![Line::new(first, deadline)];
        Self {
            lines,
            capability,
            doubt,
            rest,
        }
    }

    /// The same, with one more line, after the others. What the whole can is what all of its
    /// lines can.
    #[must_use]
    pub fn with_line(mut self, next: Arc<dyn Channel>, deadline: Duration) -> Self {
        self.capability = self.capability.both(next.capability());
        self.lines.push(Line::new(next, deadline));
        self
    }

    /// The same, with this done in doubt.
    #[must_use]
    pub const fn with_doubt(mut self, doubt: Doubt) -> Self {
        self.doubt = doubt;
        self
    }

    /// The same, with another rest for a line that fell out.
    #[must_use]
    pub const fn with_rest(mut self, rest: Duration) -> Self {
        self.rest = rest;
        self
    }

    /// The lines in the order in which they are tried now: those at rest come last.
    async fn in_order(&self) -> Vec<&Line> {
        let are_rested = join_all(self.lines.iter().map(|line| line.is_rested(self.rest))).await;
        let both = || self.lines.iter().zip(&are_rested);
        let rested = both().filter(|(_, is_rested)| **is_rested);
        let resting = both().filter(|(_, is_rested)| !**is_rested);
        rested.chain(resting).map(|(line, _)| line).collect()
    }

    async fn first_that_takes<'a>(
        &'a self,
        attempt: impl Fn(&'a dyn Channel) -> BoxFuture<'a, Result<Receipt, ChannelError>>,
    ) -> Result<Receipt, ChannelError> {
        let mut last = ChannelError::unavailable();
        for line in self.in_order().await {
            let ended = timeout(line.deadline, attempt(&*line.channel)).await;
            let error = match ended.unwrap_or_else(|_| Err(cut_off())) {
                Ok(receipt) => return Ok(receipt),
                Err(error) => error,
            };
            if error.scope() == Scope::Channel && error.kind() != ErrorKind::Unsupported {
                line.begin_rest(self.rest_after(&error));
            }
            let goes_on =
                error.may_fail_over() || (error.sent() == Sent::Maybe && self.doubt == Doubt::GoOn);
            if !goes_on {
                return Err(error);
            }
            last = error;
        }
        Err(last)
    }

    fn rest_after(&self, error: &ChannelError) -> Duration {
        match error.retry() {
            Retry::After(wait) => wait.max(self.rest),
            Retry::BackOff | Retry::Never => self.rest,
        }
    }
}

const fn cut_off() -> ChannelError {
    ChannelError::new(ErrorKind::TimedOut, Scope::Channel)
        .with_retry(Retry::BackOff)
        .maybe_sent()
}

impl Line {
    const fn new(channel: Arc<dyn Channel>, deadline: Duration) -> Self {
        let rest = Mutex::new(None);
        Self {
            channel,
            deadline,
            rest,
        }
    }

    fn begin_rest(&self, rest: Duration) {
        let timer = Some(Box::pin(sleep(rest)));
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = timer;
    }

    /// Whether the line does not rest. One whose rest is over is asked how it is first, and rests
    /// again unless it is well.
    async fn is_rested(&self, rest: Duration) -> bool {
        match self.is_rest_over() {
            None => return true,
            Some(false) => return false,
            Some(true) => {}
        }
        let health = timeout(self.deadline, self.channel.probe()).await;
        let health = health.unwrap_or(Health::Down { retry_after: None });
        if health.is_usable() {
            *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return true;
        }
        self.begin_rest(match health {
            Health::Down {
                retry_after: Some(wait),
            } => wait.max(rest),
            _ => rest,
        });
        false
    }

    /// Whether the rest is over; none when there is no rest.
    fn is_rest_over(&self) -> Option<bool> {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        let timer = rest.as_mut()?;
        Some(timer.as_mut().now_or_never().is_some())
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Channel for Failover {
    fn kind(&self) -> ChannelKind {
        self.lines[0].channel.kind()
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    fn carries(&self, to: &Address) -> bool {
        self.lines.iter().any(|line| line.channel.carries(to))
    }

    fn capability_for(&self, to: &Address) -> Capability {
        let each = self
            .lines
            .iter()
            .map(|line| line.channel.capability_for(to));
        each.fold(self.capability, |all, line| all.both(&line))
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.first_that_takes(|channel| channel.send(message)).await
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        self.first_that_takes(|channel| channel.offer(alert)).await
    }

    async fn withdraw(&self, offer: OfferId) -> Result<(), ChannelError> {
        let each = self.lines.iter().map(|line| async move {
            let ended = timeout(line.deadline, line.channel.withdraw(offer)).await;
            ended.unwrap_or_else(|_| Err(cut_off()))
        });
        join_all(each).await.into_iter().collect()
    }

    async fn publish(&self, state: PresenceState) -> Result<(), ChannelError> {
        let each = self.lines.iter().map(|line| async move {
            let ended = timeout(line.deadline, line.channel.publish(state)).await;
            ended.unwrap_or_else(|_| Err(cut_off()))
        });
        join_all(each).await.into_iter().collect()
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        let cursors = read_cursors(&after, self.lines.len());
        let each = self.lines.iter().zip(&cursors).enumerate();
        let mut waiting: FuturesUnordered<_> = each
            .map(|(number, (line, cursor))| async move {
                (number, line.channel.receive(cursor.clone(), at_most).await)
            })
            .collect();
        let mut failed = None;
        let mut is_any_well = false;
        while let Some((number, ended)) = waiting.next().await {
            match ended {
                Ok(batch) if batch.events.is_empty() => is_any_well = true,
                Ok(batch) => {
                    let mut cursors = cursors.clone();
                    cursors[number] = batch.cursor;
                    let events = batch.events.into_iter();
                    let events = events.map(|event| of_line(number, event)).collect();
                    let cursor = write_cursors(&cursors)?;
                    return Ok(Batch { events, cursor });
                }
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if !is_any_well => Err(error),
            _ => Ok(Batch {
                events: Vec::new(),
                cursor: after,
            }),
        }
    }

    async fn probe(&self) -> Health {
        let each = self.lines.iter().map(|line| async move {
            let health = timeout(line.deadline, line.channel.probe()).await;
            health.unwrap_or(Health::Down { retry_after: None })
        });
        let healths = join_all(each).await;
        if healths.iter().all(|health| *health == Health::Up) {
            Health::Up
        } else if healths.iter().any(|health| health.is_usable()) {
            Health::Degraded
        } else {
            healths[0]
        }
    }
}

impl fmt::Debug for Failover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.iter().map(|line| &line.channel);
        f.debug_list().entries(lines).finish()
    }
}

/// The same event, with the number of its line in its id: two accounts may use the same ids.
fn of_line(number: usize, event: Event) -> Event {
    let id = Key::parse(&format!("{number}/{}", event.id.as_str()));
    // An id so long that the number does not fit is unique by its length already.
    Event {
        id: id.unwrap_or(event.id),
        kind: event.kind,
    }
}

/// The cursor of each line, written as its length, a colon and itself; a line at its start is
/// `-`. A cursor that was not written here reads every line from its start.
fn read_cursors(cursor: &Cursor, lines: usize) -> Vec<Cursor> {
    let starts = vec![Cursor::START; lines];
    let Some(mut rest) = cursor.as_str() else {
        return starts;
    };
    let mut cursors = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('-') {
            cursors.push(Cursor::START);
            rest = after;
            continue;
        }
        let read = rest.split_once(':').and_then(|(length, text)| {
            let (text, after) = text.split_at_checked(length.parse().ok()?)?;
            Some((Cursor::parse(text).ok()?, after))
        });
        let Some((cursor, after)) = read else {
            return starts;
        };
        cursors.push(cursor);
        rest = after;
    }
    // Lines that were added since are read from their start.
    cursors.resize(lines, Cursor::START);
    cursors
}

fn write_cursors(cursors: &[Cursor]) -> Result<Cursor, ChannelError> {
    let texts = cursors.iter().map(|cursor| match cursor.as_str() {
        Some(text) => format!("{}:{text}", text.len()),
        None => "-".to_owned(),
    });
    let invalid = |_| ChannelError::new(ErrorKind::Invalid, Scope::Channel);
    Cursor::parse(&texts.collect::<String>()).map_err(invalid)
}
