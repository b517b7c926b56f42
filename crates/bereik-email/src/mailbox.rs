//! The channel that reads: one folder of one account over IMAP.

mod cursor;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bereik_channel::{
    Batch, Capability, Channel, ChannelError, Cursor, ErrorKind, Event, EventKind, Evidence,
    Feature, Health, Initiative, Outbound, Receipt,
};
use bereik_core::ChannelKind;
use bereik_core::id::Key;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, sleep, timeout_at};

use crate::config::{MailboxConfig, Security};
use crate::error::ConfigError;
use crate::imap::{Fault, Folder, Part, Session, Tls, client_config};
use crate::read::{HEAD_BYTES_MAX, MailReader};
use cursor::Place;

/// One folder of one account, read over IMAP.
///
/// - Each mail is one event. Its id is made of its bytes, so a mail that is read again is the same
///   event, also after the server has given new numbers to all mails.
/// - A cursor is a number of the server and the life of the folder in which it counts. In another
///   life there is a [gap](EventKind::Gap), and the folder is read from its start.
/// - Nothing in the folder changes, unless it was asked for
///   ([`with_marking`](MailboxConfig::with_marking)).
/// - Of a mail that is too large the head is read. The message says so, and the mail stays where
///   it is.
///
/// ```no_run
/// # async fn lesson() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Cursor};
/// use bereik_email::{Mailbox, MailboxConfig};
///
/// let url = "imaps://helpdesk%40example.org:secret@mail.example.org";
/// let mailbox = Mailbox::new(MailboxConfig::parse(url)?)?;
/// let mut cursor = Cursor::START;
/// loop {
///     let batch = mailbox.receive(cursor, 16).await?;
///     println!("{} events", batch.events.len());
///     cursor = batch.cursor;
/// }
/// # }
/// ```
pub struct Mailbox {
    config: MailboxConfig,
    tls: Option<Tls>,
    reader: MailReader,
    capability: Capability,
    /// A login that nobody uses at the moment.
    resting: Mutex<Option<Session>>,
    /// The last mail that was marked as read.
    marked: Mutex<Option<Place>>,
}

/// How many bytes of mails one batch brings, and one mail more.
const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// For so many mails at a time sizes are asked for.
const SIZES_MAX: usize = 256;

impl Mailbox {
    /// Makes the channel; nothing is connected yet. Reads the files of certificates.
    ///
    /// # Errors
    /// When a password would be sent unencrypted to another machine, or the certificates cannot
    /// be read.
    pub fn new(config: MailboxConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let tls = match config.security() {
            Security::Plain => None,
            Security::ImplicitTls | Security::StartTls => Some(client_config(&config.server)?),
        };
        let capability = Capability::new(Evidence::None)
            .with(&[Feature::Receive, Feature::Replay])
            .with_initiative(Initiative::Never);
        Ok(Self {
            config,
            tls,
            reader: MailReader::new(),
            capability,
            resting: Mutex::new(None),
            marked: Mutex::new(None),
        })
    }

    /// The same, reading mails in another way: those that [answer a
    /// sender's](MailReader::for_sender).
    #[must_use]
    pub fn with_reader(mut self, reader: MailReader) -> Self {
        self.reader = reader;
        self
    }

    /// A login: the one that rests, or a new one.
    async fn log_in(&self) -> Result<Session, Fault> {
        let rested = self.resting().take();
        match rested {
            Some(session) => Ok(session),
            None => Session::open(&self.config, self.tls.as_ref()).await,
        }
    }

    fn resting(&self) -> MutexGuard<'_, Option<Session>> {
        unpoisoned(&self.resting)
    }

    /// Reads until there is something or the time is over; none then.
    async fn poll(
        &self,
        session: &mut Session,
        from: Option<Place>,
        at_most: usize,
        until: Instant,
    ) -> Result<Option<Batch>, Fault> {
        let mut place = from;
        if let Some(taken) = from
            && self.config.marks_read
        {
            self.mark(session, taken).await?;
        }
        loop {
            let folder = session.look(&self.config.folder, false).await?;
            let validity = folder.validity;
            if let Some(before) = place.filter(|place| place.validity != validity) {
                return Ok(Some(gap(before, validity)));
            }
            let after = place.map_or(0, |place| place.uid);
            let mut uids = session.uids_after(folder, after).await?;
            uids.truncate(at_most.min(SIZES_MAX));
            if let Some(last) = uids.last() {
                let batch = self.take(session, folder, &uids, until).await?;
                if !batch.events.is_empty() {
                    return Ok(Some(batch));
                }
                // All of them went while they were asked for.
                place = Some(Place {
                    validity,
                    uid: *last,
                });
                continue;
            }
            if !session.wait(until).await? {
                return Ok(None);
            }
        }
    }

    /// Marks what the caller has taken, as his cursor says.
    async fn mark(&self, session: &mut Session, taken: Place) -> Result<(), Fault> {
        let marked = *unpoisoned(&self.marked);
        let same_life = marked.filter(|marked| marked.validity == taken.validity);
        let from = same_life.map_or(1, |marked| marked.uid.saturating_add(1));
        if from > taken.uid {
            return Ok(());
        }
        let folder = session.look(&self.config.folder, true).await?;
        if folder.validity == taken.validity {
            session.mark_read(from, taken.uid).await?;
            *unpoisoned(&self.marked) = Some(taken);
        }
        Ok(())
    }

    /// Reads these mails, as many as fit into a batch.
    async fn take(
        &self,
        session: &mut Session,
        folder: Folder,
        uids: &[u32],
        until: Instant,
    ) -> Result<Batch, Fault> {
        let validity = folder.validity;
        let mut batch = Batch::default();
        let mut bytes = 0;
        for (uid, size) in session.sizes(uids).await? {
            let place = Place { validity, uid };
            let taken = match self.take_one(session, place, size).await {
                Ok(taken) => taken,
                // What was taken before it is not lost; the next call meets the fault.
                Err(_) if !batch.events.is_empty() => {
                    session.spoil();
                    return Ok(batch);
                }
                Err(fault) => return Err(fault),
            };
            let Some((event, length)) = taken else {
                continue;
            };
            batch.events.push(event);
            batch.cursor = place.write();
            bytes += length;
            if bytes > BATCH_BYTES_MAX || is_over(until).await {
                break;
            }
        }
        Ok(batch)
    }

    /// Reads one mail; none where it is gone.
    async fn take_one(
        &self,
        session: &mut Session,
        place: Place,
        size: u64,
    ) -> Result<Option<(Event, usize)>, Fault> {
        let max = self.config.mail_bytes_max;
        let asked = if size <= max.into() {
            // One byte more than there may be tells whether the size was true.
            session.fetch(place.uid, size, Part::Start(max + 1)).await
        } else {
            session
                .fetch(place.uid, size, Part::Start(HEAD_BYTES_MAX))
                .await
        };
        let bytes = match asked {
            Ok(bytes) => bytes,
            // A server that cannot read a mail of its own stands in the way of all after it.
            Err(fault) if fault.is_refusal() => {
                return self.take_head(session, place, size).await.map(Some);
            }
            Err(fault) => return Err(fault),
        };
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let kind = if size <= max.into() && bytes.len() <= max as usize {
            self.reader.read(&bytes)
        } else {
            self.reader.read_start(&bytes, size.max(bytes.len() as u64))
        };
        let id = mail_key(&bytes, size);
        Ok(Some((Event { id, kind }, bytes.len())))
    }

    /// Reads the head of a mail that the server does not give; a gap where it gives nothing.
    async fn take_head(
        &self,
        session: &mut Session,
        place: Place,
        size: u64,
    ) -> Result<(Event, usize), Fault> {
        match session
            .fetch(place.uid, size, Part::Head(HEAD_BYTES_MAX))
            .await
        {
            Ok(Some(head)) => {
                let kind = self.reader.read_start(&head, size);
                let id = mail_key(&head, size);
                Ok((Event { id, kind }, head.len()))
            }
            Err(fault) if !fault.is_refusal() => Err(fault),
            Ok(None) | Err(_) => {
                let Place { validity, uid } = place;
                let id = key(&format!("gap/{validity}/{uid}"));
                let kind = EventKind::Gap;
                Ok((Event { id, kind }, 0))
            }
        }
    }
}

/// Nothing here leaves a value half written.
fn unpoisoned<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder has begun a new life: what was read of the old one may not have been all.
fn gap(before: Place, validity: u32) -> Batch {
    let id = key(&format!(
        "gap/{}/{}/{validity}",
        before.validity, before.uid
    ));
    let kind = EventKind::Gap;
    let place = Place { validity, uid: 0 };
    Batch {
        events: vec![Event { id, kind }],
        cursor: place.write(),
    }
}

/// A name made of the mail itself. The stamps of the servers on its way tell two mails apart that
/// are otherwise the same.
fn mail_key(bytes: &[u8], size: u64) -> Key {
    let mut hash = Sha256::new();
    hash.update(size.to_be_bytes());
    hash.update(bytes);
    let digits = hash.finalize().into_iter().take(20);
    let digits: String = digits.map(|byte| format!("{byte:02x}")).collect();
    key(&format!("mail/{digits}"))
}

fn key(text: &str) -> Key {
    Key::parse(text).expect("words, numbers and slashes are a key")
}

async fn is_over(until: Instant) -> bool {
    // What is not ready at once loses against a time that is over.
    timeout_at(until, tokio::task::yield_now()).await.is_err()
}

#[async_trait]
impl Channel for Mailbox {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, _message: &Outbound) -> Result<Receipt, ChannelError> {
        Err(ChannelError::unsupported())
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        let nothing = || Batch {
            events: Vec::new(),
            cursor: after.clone(),
        };
        if at_most == 0 {
            return Ok(nothing());
        }
        let until = sleep(self.config.poll_for).deadline();
        let from = Place::read(&after);
        let mut may_try_again = true;
        loop {
            // Taken out, it is not put back by a call that is dropped: an answer may be under way.
            let mut session = self.log_in().await?;
            match self.poll(&mut session, from, at_most, until).await {
                Ok(batch) => {
                    *self.resting() = session.if_sound();
                    return Ok(batch.unwrap_or_else(nothing));
                }
                // Servers end a connection that is silent for long: that is no fault of theirs.
                Err(fault) if may_try_again && session.has_waited() && fault.is_broken() => {
                    may_try_again = false;
                }
                Err(fault) => return Err(fault.into()),
            }
        }
    }

    async fn probe(&self) -> Health {
        let looked = async {
            let mut session = Session::open(&self.config, self.tls.as_ref()).await?;
            session.look(&self.config.folder, false).await?;
            session.close().await;
            Ok::<_, Fault>(())
        };
        match looked.await.map_err(ChannelError::from) {
            Ok(()) => Health::Up,
            Err(error) if error.kind() == ErrorKind::Credentials => Health::NeedsCredentials,
            Err(_) => Health::Down { retry_after: None },
        }
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("host", &self.config.server.host)
            .field("port", &self.config.server.port)
            .field("security", &self.config.security())
            .finish_non_exhaustive()
    }
}
