//! A connection on which the server knows us.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{ChannelError, ErrorKind, Scope};
use rustls::ClientConfig;
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, sleep, timeout};

use super::account::{IrcAccount, Pace};
use super::stream::{Lines, silent};
use super::wire::{self, Line};

/// Where the runtime's time stands.
pub(super) fn now() -> Instant {
    sleep(Duration::ZERO).deadline()
}

/// What is to be said, in order.
pub(super) enum Out {
    /// Nobody waits for what comes of it.
    Aside(String),
    /// Of the message that is being sent.
    Part(String),
    /// What the server answers when it has done all that went before.
    Question(String),
}

pub(super) struct Session {
    pub(super) lines: Lines,
    /// Our nick, as the server has it.
    pub(super) nick: String,
    pub(super) joined: BTreeSet<String>,
    pub(super) out: VecDeque<Out>,
    turns: Turns,
}

impl Session {
    /// Connects and becomes known.
    pub(super) async fn open(
        account: &IrcAccount,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Self, ChannelError> {
        let mut lines = Lines::open(account, tls).await?;
        let registering = register(&mut lines, account);
        let nick = timeout(account.answer_within, registering).await;
        let nick = nick.map_err(|_| silent())??;
        let joins = account.channels.iter();
        let joins = joins.map(|name| Out::Aside(format!("JOIN {name}")));
        Ok(Self {
            lines,
            nick,
            joined: BTreeSet::new(),
            out: joins.collect(),
            turns: Turns::new(account.pace),
        })
    }

    /// When the next line may be said.
    pub(super) fn turn_at(&self) -> Instant {
        self.turns.next_at()
    }

    /// Says the next line, and gives it back.
    pub(super) async fn say_next(&mut self) -> Result<Option<Out>, ChannelError> {
        let Some(out) = self.out.pop_front() else {
            return Ok(None);
        };
        self.turns.take(now());
        let (Out::Aside(line) | Out::Part(line) | Out::Question(line)) = &out;
        self.lines.say(line).await?;
        Ok(Some(out))
    }

    /// Who is where: we ourselves, that is.
    pub(super) fn note_place(&mut self, line: &Line<'_>) {
        let is_us = |nick: &str| wire::folded(nick) == wire::folded(&self.nick);
        let place = wire::folded(line.param(0));
        match line.command {
            "JOIN" if line.nick.is_some_and(is_us) => {
                self.joined.insert(place);
            }
            "PART" if line.nick.is_some_and(is_us) => {
                self.joined.remove(&place);
            }
            "KICK" if is_us(line.param(1)) => {
                self.joined.remove(&place);
            }
            "NICK" if line.nick.is_some_and(is_us) => line.param(0).clone_into(&mut self.nick),
            _ => {}
        }
    }
}

/// RFC 2812, 3.1, and the login of IRCv3 where there is one. Gives our nick as the server writes it.
async fn register(lines: &mut Lines, account: &IrcAccount) -> Result<String, ChannelError> {
    let nick = &account.nick;
    if let Some(password) = &account.password {
        let line = format!("PASS :{}", password.expose_secret());
        lines.say(&line).await?;
    }
    if account.login.is_some() {
        lines.say("CAP REQ :sasl").await?;
    }
    lines.say(&format!("NICK {nick}")).await?;
    lines.say(&format!("USER bereik 0 * :{nick}")).await?;
    loop {
        let text = lines.hear().await?;
        let Some(line) = Line::read(&text) else {
            continue;
        };
        match line.command {
            "001" => return Ok(line.param(0).to_owned()),
            "PING" => lines.say(&format!("PONG :{}", line.last())).await?,
            // A server without capabilities knows no login.
            "421" if line.param(1) == "CAP" => return Err(no_login()),
            "CAP" if line.param(1) == "NAK" => return Err(no_login()),
            "CAP" if line.param(1) == "ACK" => lines.say("AUTHENTICATE PLAIN").await?,
            "AUTHENTICATE" if line.last() == "+" => {
                for line in account.login_lines() {
                    lines.say(&line).await?;
                }
            }
            "903" => lines.say("CAP END").await?,
            _ => {
                if let Some(error) = wire::rejection(&line) {
                    return Err(error);
                }
            }
        }
    }
}

fn no_login() -> ChannelError {
    ChannelError::new(ErrorKind::Credentials, Scope::Channel).with_code("no SASL")
}

/// So many lines at once, and then one each so long: when the last of them are forgotten.
struct Turns {
    pace: Pace,
    taken: VecDeque<Instant>,
}

impl Turns {
    const fn new(pace: Pace) -> Self {
        Self {
            pace,
            taken: VecDeque::new(),
        }
    }

    fn next_at(&self) -> Instant {
        let at_once = self.pace.at_once.max(1) as usize;
        let first = self.taken.front().filter(|_| self.taken.len() >= at_once);
        first.copied().unwrap_or_else(now)
    }

    fn take(&mut self, at: Instant) {
        while self.taken.front().is_some_and(|first| *first <= at) {
            self.taken.pop_front();
        }
        let from = self.taken.back().map_or(at, |last| *last);
        self.taken.push_back(from + self.pace.every);
    }
}
