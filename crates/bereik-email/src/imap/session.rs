//! A login at an IMAP server, and what is asked of it.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::command::{folder, plain_login, quoted};
use super::connection::{Connection, Tls};
use super::fault::Fault;
use super::response::{Fetched, Response, Status, Told, words};
use crate::config::{MailboxConfig, Security};

/// A login at an IMAP server, with a folder open once it was looked at.
pub(crate) struct Session {
    connection: Connection,
    capabilities: Vec<String>,
    said: u64,
    /// Whether the folder changed since it was looked at.
    has_news: bool,
    /// Whether an answer was given up half heard.
    is_spoiled: bool,
    /// Whether it was silent for a while, so that the server may have ended it.
    has_waited: bool,
    answer_max: Duration,
}

/// What a folder says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Folder {
    pub(crate) validity: u32,
    next_uid: Option<u32>,
    exists: u32,
}

/// How much of a mail is asked for, with its bound in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Head(u32),
    Start(u32),
}

/// In a folder with more mails than this, a search looks at so many numbers at a time: its answer
/// names each mail that it finds.
const WINDOW: u32 = 100_000;

/// How long we wait for a farewell.
const FAREWELL_MAX: Duration = Duration::from_millis(500);

/// The slowest that a mail may come, once the time for an answer is over.
const BYTES_PER_SECOND_MIN: u64 = 32 * 1024;

/// How often a server is asked that does not tell by itself.
const PAUSE: Duration = Duration::from_secs(5);

impl Session {
    /// Connects, encrypts and logs in.
    pub(crate) async fn open(config: &MailboxConfig, tls: Option<&Tls>) -> Result<Self, Fault> {
        let until = sleep(config.login_max).deadline();
        let connection = Connection::open(&config.server, tls, until).await?;
        let mut session = Self {
            connection,
            capabilities: Vec::new(),
            said: 0,
            has_news: false,
            is_spoiled: false,
            has_waited: false,
            answer_max: config.answer_max,
        };
        session.greet(config, until).await?;
        if let (Security::StartTls, Some(tls)) = (config.security(), tls) {
            session = session.encrypted(config, tls, until).await?;
        }
        session.log_in(config, until).await?;
        Ok(session)
    }

    async fn greet(&mut self, config: &MailboxConfig, until: Instant) -> Result<(), Fault> {
        match self.connection.hear(0, until).await? {
            Response::Told(Told::Status {
                status: Status::Ok, ..
            }) => Ok(()),
            // Who is known already cannot begin TLS: somebody in the path may say so.
            Response::Told(Told::Status {
                status: Status::PreAuth,
                ..
            }) => match config.security() {
                Security::StartTls => Err(Fault::NotSecret),
                Security::ImplicitTls | Security::Plain => Ok(()),
            },
            Response::Told(Told::Status {
                status: Status::Bye,
                ..
            }) => Err(Fault::Closed),
            _ => Err(Fault::Garbage),
        }
    }

    async fn encrypted(
        mut self,
        config: &MailboxConfig,
        tls: &Tls,
        until: Instant,
    ) -> Result<Self, Fault> {
        match self.command("STARTTLS", 0, until, |_| {}).await {
            Ok(_) => {}
            Err(Fault::No(_)) => return Err(Fault::NotSecret),
            Err(fault) => return Err(fault),
        }
        self.connection = self
            .connection
            .encrypted(&config.server, tls, until)
            .await?;
        Ok(self)
    }

    async fn log_in(&mut self, config: &MailboxConfig, until: Instant) -> Result<(), Fault> {
        self.learn_capabilities(until).await?;
        let Some(login) = &config.server.login else {
            return Ok(());
        };
        let answer = plain_login(&login.user, &login.password);
        let logged_in = if self.can("AUTH=PLAIN") && self.can("SASL-IR") {
            let line = format!("AUTHENTICATE PLAIN {answer}");
            self.command(&line, 0, until, |_| {}).await
        } else if self.can("AUTH=PLAIN") {
            self.authenticate(&answer, until).await
        } else if self.can("LOGINDISABLED") {
            Err(Fault::No(None))
        } else {
            let user_and_password = quoted(&login.user).zip(quoted(&login.password));
            let (user, password) = user_and_password.ok_or(Fault::Login(None))?;
            let line = format!("LOGIN {user} {password}");
            self.command(&line, 0, until, |_| {}).await
        };
        match logged_in {
            Ok(()) => self.learn_capabilities(until).await,
            Err(Fault::No(code)) => Err(Fault::Login(code)),
            Err(fault) => Err(fault),
        }
    }

    async fn authenticate(&mut self, answer: &str, until: Instant) -> Result<(), Fault> {
        let tag = self.begin("AUTHENTICATE PLAIN", until).await?;
        if !self.hear_until_continue(&tag, until).await? {
            return Err(Fault::Garbage);
        }
        self.connection.say(answer, until).await?;
        self.finish(&tag, 0, until, |_| {}).await
    }

    async fn learn_capabilities(&mut self, until: Instant) -> Result<(), Fault> {
        let mut told = Vec::new();
        self.command("CAPABILITY", 0, until, |one| {
            if let Told::Capability(capabilities) = one {
                told = capabilities;
            }
        })
        .await?;
        self.capabilities = told;
        Ok(())
    }

    fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|one| one == capability)
    }

    /// Looks at a folder; read-only, unless something in it is to be marked.
    pub(crate) async fn look(&mut self, name: &str, is_marking: bool) -> Result<Folder, Fault> {
        let name = quoted(&folder(name)).ok_or(Fault::No(None))?;
        let verb = if is_marking { "SELECT" } else { "EXAMINE" };
        let (mut validity, mut next_uid, mut exists) = (None, None, 0);
        let until = self.deadline();
        self.command(&format!("{verb} {name}"), 0, until, |one| match one {
            Told::Exists(number) => exists = number,
            Told::Status {
                code: Some(code), ..
            } => match words(&code).as_slice() {
                [word, number] if word == "UIDVALIDITY" => validity = number.parse().ok(),
                [word, number] if word == "UIDNEXT" => next_uid = number.parse().ok(),
                _ => {}
            },
            _ => {}
        })
        .await?;
        self.has_news = false;
        // Without it there is no telling one mail from another (RFC 3501, 2.3.1.1).
        let validity = validity.ok_or(Fault::Garbage)?;
        Ok(Folder {
            validity,
            next_uid,
            exists,
        })
    }

    /// The numbers of the mails after this one, in order: the first of them at least.
    pub(crate) async fn uids_after(
        &mut self,
        folder: Folder,
        after: u32,
    ) -> Result<Vec<u32>, Fault> {
        let Some(mut low) = after.checked_add(1) else {
            return Ok(Vec::new());
        };
        let Some(next) = folder.next_uid.filter(|_| folder.exists > WINDOW) else {
            return self.search(low, None).await;
        };
        while low < next {
            let high = low.saturating_add(WINDOW - 1);
            let found = self.search(low, Some(high)).await?;
            if !found.is_empty() {
                return Ok(found);
            }
            let Some(above) = high.checked_add(1) else {
                break;
            };
            low = above;
        }
        Ok(Vec::new())
    }

    async fn search(&mut self, low: u32, high: Option<u32>) -> Result<Vec<u32>, Fault> {
        let high_or_all = high.map_or_else(|| "*".to_owned(), |high| high.to_string());
        let mut found = Vec::new();
        let line = format!("UID SEARCH UID {low}:{high_or_all}");
        let until = self.deadline();
        self.command(&line, 0, until, |one| {
            if let Told::Search(uids) = one {
                found.extend(uids);
            }
        })
        .await?;
        // `7:*` names the last mail too where its number is below 7 (RFC 3501, 6.4.8).
        found.retain(|uid| *uid >= low && high.is_none_or(|high| *uid <= high));
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// How large each of these mails is; one that is gone is not among them.
    pub(crate) async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<(u32, u64)>, Fault> {
        let list: Vec<String> = uids.iter().map(u32::to_string).collect();
        let line = format!("UID FETCH {} (UID RFC822.SIZE)", list.join(","));
        let mut sizes = Vec::new();
        let until = self.deadline();
        self.command(&line, 0, until, |one| {
            if let Told::Fetch(Fetched {
                uid: Some(uid),
                size: Some(size),
                ..
            }) = one
                && uids.contains(&uid)
            {
                sizes.push((uid, size));
            }
        })
        .await?;
        sizes.sort_unstable();
        sizes.dedup_by_key(|(uid, _)| *uid);
        Ok(sizes)
    }

    /// A part of a mail of this size, which stays unread; none where it is gone.
    pub(crate) async fn fetch(
        &mut self,
        uid: u32,
        size: u64,
        part: Part,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let (section, max) = match part {
            Part::Head(max) => ("HEADER", max),
            Part::Start(max) => ("", max),
        };
        let line = format!("UID FETCH {uid} (UID BODY.PEEK[{section}]<0.{max}>)");
        let mut body = None;
        let on_the_way = Duration::from_secs(size.min(max.into()) / BYTES_PER_SECOND_MIN);
        let until = sleep(self.answer_max + on_the_way).deadline();
        self.command(&line, max.into(), until, |one| {
            if let Told::Fetch(fetched) = one
                && fetched.uid == Some(uid)
                && fetched.body.is_some()
            {
                body = fetched.body;
            }
        })
        .await?;
        Ok(body)
    }

    /// Marks the mails up to this one as read.
    pub(crate) async fn mark_read(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        let line = format!("UID STORE {from}:{to} +FLAGS.SILENT (\\Seen)");
        let until = self.deadline();
        self.command(&line, 0, until, |_| {}).await
    }

    /// Waits until the folder has news, or until then: whether to look again.
    pub(crate) async fn wait(&mut self, until: Instant) -> Result<bool, Fault> {
        if self.has_news {
            return Ok(true);
        }
        if !self.can("IDLE") {
            let pause = sleep(PAUSE).deadline();
            tokio::time::sleep_until(pause.min(until)).await;
            return Ok(pause < until);
        }
        self.has_waited = true;
        // RFC 2177: the server speaks when there is something to say.
        let answer = self.deadline();
        let tag = self.begin("IDLE", answer).await?;
        if !self.hear_until_continue(&tag, answer).await? {
            return Err(Fault::Garbage);
        }
        while !self.has_news {
            let Some(heard) = self.hear_before(until).await? else {
                break;
            };
            self.note(&heard)?;
        }
        let is_awake = self.has_news;
        let answer = self.deadline();
        self.connection.say("DONE", answer).await?;
        self.finish(&tag, 0, answer, |_| {}).await?;
        Ok(is_awake)
    }

    /// The next response, if it begins before that instant.
    async fn hear_before(&mut self, until: Instant) -> Result<Option<Response>, Fault> {
        if timeout_at(until, self.connection.begins()).await.is_err() {
            return Ok(None);
        }
        let answer = self.deadline();
        self.connection.hear(0, answer).await.map(Some)
    }

    /// Lets nobody use it again.
    pub(crate) const fn spoil(&mut self) {
        self.is_spoiled = true;
    }

    /// Whether it may have ended because nobody spoke.
    pub(crate) const fn has_waited(&self) -> bool {
        self.has_waited
    }

    /// Itself, if somebody may use it again.
    pub(crate) fn if_sound(self) -> Option<Self> {
        (!self.is_spoiled).then_some(self)
    }

    /// Says goodbye, and leaves without waiting for long.
    pub(crate) async fn close(mut self) {
        let until = sleep(FAREWELL_MAX).deadline();
        // Whatever is said to a goodbye changes nothing.
        let _ = self.command("LOGOUT", 0, until, |_| {}).await;
    }

    fn deadline(&self) -> Instant {
        sleep(self.answer_max).deadline()
    }

    async fn begin(&mut self, line: &str, until: Instant) -> Result<String, Fault> {
        self.said += 1;
        let tag = format!("a{}", self.said);
        self.connection.say(&format!("{tag} {line}"), until).await?;
        Ok(tag)
    }

    async fn command(
        &mut self,
        line: &str,
        literals_max: u64,
        until: Instant,
        told: impl FnMut(Told),
    ) -> Result<(), Fault> {
        let tag = self.begin(line, until).await?;
        self.finish(&tag, literals_max, until, told).await
    }

    async fn finish(
        &mut self,
        tag: &str,
        literals_max: u64,
        until: Instant,
        mut told: impl FnMut(Told),
    ) -> Result<(), Fault> {
        loop {
            let heard = self.connection.hear(literals_max, until).await?;
            self.note(&heard)?;
            match heard {
                Response::Told(one) => told(one),
                Response::Done {
                    tag: done,
                    status,
                    code,
                } if done == tag => {
                    return match status {
                        Status::Ok => Ok(()),
                        Status::Bad | Status::No => Err(Fault::No(code)),
                        Status::Bye | Status::PreAuth => Err(Fault::Garbage),
                    };
                }
                Response::Continue | Response::Done { .. } => return Err(Fault::Garbage),
            }
        }
    }

    /// Waits for the server to ask on: whether it does.
    async fn hear_until_continue(&mut self, tag: &str, until: Instant) -> Result<bool, Fault> {
        loop {
            let heard = self.connection.hear(0, until).await?;
            self.note(&heard)?;
            match heard {
                Response::Continue => return Ok(true),
                Response::Told(_) => {}
                Response::Done {
                    tag: done, code, ..
                } if done == tag => return Err(Fault::No(code)),
                Response::Done { .. } => return Ok(false),
            }
        }
    }

    /// Takes note of what concerns the connection, whatever was asked.
    fn note(&mut self, heard: &Response) -> Result<(), Fault> {
        match heard {
            Response::Told(Told::Exists(_)) => self.has_news = true,
            Response::Told(Told::Status {
                status: Status::Bye,
                ..
            }) => return Err(Fault::Closed),
            _ => {}
        }
        Ok(())
    }
}
