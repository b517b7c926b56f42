//! What a fault at each step of a transaction means: whose it is, whether to try again, and
//! whether the mail may have been sent.

use std::error::Error as _;
use std::io;

use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};

/// The steps of a transaction, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Connect,
    Greeting,
    StartTls,
    Login,
    Sender,
    Recipient,
    Data,
    /// The mail's text, up to but not including the final dot.
    Text,
    /// The final dot and the answer to it.
    Dot,
}

impl Step {
    /// Whether TLS may begin in it: with the connection, or after STARTTLS.
    const fn may_be_tls(self) -> bool {
        matches!(self, Self::Connect | Self::StartTls)
    }
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// No connection, or it ended.
    Closed,
    /// What came was no SMTP.
    Garbage,
    /// What we need, the server does not offer.
    NotOffered,
    /// The server said no.
    Reply {
        code: u16,
        enhanced: Option<Enhanced>,
    },
    /// No answer in time.
    Silent,
    /// TLS failed: the certificate, or what should have been TLS.
    Tls,
}

/// An enhanced status code (RFC 3463).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Enhanced {
    class: u16,
    subject: u16,
    detail: u16,
}

impl Enhanced {
    /// Reads it from the beginning of a reply's text (RFC 2034).
    fn read(text: &str) -> Option<Self> {
        let mut numbers = text.split_whitespace().next()?.split('.').map(str::parse);
        let mut next = || numbers.next()?.ok().filter(|number| *number < 1_000);
        let read = Self {
            class: next()?,
            subject: next()?,
            detail: next()?,
        };
        let is_whole = numbers.next().is_none() && matches!(read.class, 2 | 4 | 5);
        is_whole.then_some(read)
    }
}

impl Cause {
    pub(crate) fn of(error: &lettre::transport::smtp::Error, step: Step) -> Self {
        let said = || error.source().map(ToString::to_string).unwrap_or_default();
        if let Some(code) = error.status() {
            let enhanced = Enhanced::read(&said());
            return Self::Reply {
                code: code.into(),
                enhanced,
            };
        }
        if error.is_response() {
            // The library's words for an end in the middle of a reply.
            let is_end = said() == "incomplete response";
            return if is_end { Self::Closed } else { Self::Garbage };
        }
        if error.is_client() {
            return Self::NotOffered;
        }
        if error.is_tls() {
            return Self::Tls;
        }
        Self::of_io(error, step)
    }

    fn of_io(error: &lettre::transport::smtp::Error, step: Step) -> Self {
        let mut source = error.source();
        while let Some(inner) = source {
            if let Some(io) = inner.downcast_ref::<io::Error>() {
                return match io.kind() {
                    io::ErrorKind::TimedOut => Self::Silent,
                    // What rustls has to say comes as bad data, and so does what is not UTF-8.
                    io::ErrorKind::InvalidData if step.may_be_tls() => Self::Tls,
                    io::ErrorKind::InvalidData => Self::Garbage,
                    _ => Self::Closed,
                };
            }
            source = inner.source();
        }
        // A connection that failed without a word of the system: no address, no name for TLS.
        if step == Step::StartTls {
            Self::Tls
        } else {
            Self::Closed
        }
    }
}

/// The error of a cause at a step.
pub(crate) fn fault(step: Step, cause: &Cause) -> ChannelError {
    let channel = |kind| ChannelError::new(kind, Scope::Channel);
    let error = match cause {
        Cause::Closed => channel(ErrorKind::Unavailable).with_retry(Retry::BackOff),
        Cause::Garbage => channel(ErrorKind::Protocol).with_retry(Retry::BackOff),
        Cause::NotOffered => match step {
            Step::StartTls => channel(ErrorKind::Security),
            Step::Login => channel(ErrorKind::Credentials),
            _ => channel(ErrorKind::Protocol),
        },
        Cause::Reply { code, enhanced } => return refusal(step, *code, *enhanced),
        Cause::Silent => channel(ErrorKind::TimedOut).with_retry(Retry::BackOff),
        Cause::Tls => channel(ErrorKind::Security),
    };
    if step == Step::Dot {
        error.maybe_sent()
    } else {
        error
    }
}

/// The error of a reply that says no. After one the mail was surely not sent, at any step.
fn refusal(step: Step, code: u16, enhanced: Option<Enhanced>) -> ChannelError {
    let error = if (400..500).contains(&code) {
        refusal_for_now(step, code)
    } else {
        refusal_for_good(step, code, enhanced)
    };
    error.with_code(&match enhanced {
        Some(Enhanced {
            class,
            subject,
            detail,
        }) => format!("{code} {class}.{subject}.{detail}"),
        None => code.to_string(),
    })
}

fn refusal_for_now(step: Step, code: u16) -> ChannelError {
    // 421 ends the connection whatever it answers (RFC 5321, 3.8).
    let is_about_recipient = step >= Step::Recipient && code != 421;
    let error = if is_about_recipient {
        ChannelError::new(ErrorKind::Refused, Scope::Recipient)
    } else {
        ChannelError::new(ErrorKind::Unavailable, Scope::Channel)
    };
    error.with_retry(Retry::BackOff)
}

fn refusal_for_good(step: Step, code: u16, enhanced: Option<Enhanced>) -> ChannelError {
    let refused = |scope| ChannelError::new(ErrorKind::Refused, scope);
    let credentials = ChannelError::new(ErrorKind::Credentials, Scope::Channel);
    let subject = enhanced.map(|enhanced| (enhanced.subject, enhanced.detail));
    // RFC 4954, 6: authentication required, too weak, or only with encryption.
    if matches!(code, 530 | 534 | 535 | 538) || step == Step::Login {
        return credentials;
    }
    match (step, subject) {
        // The message is too big (RFC 3463, 3.4), wherever that is noticed.
        (Step::Sender | Step::Recipient, Some((3, 4))) => refused(Scope::Message),
        (Step::Sender, _) if code == 552 => refused(Scope::Message),
        (Step::Recipient, _) => refused(Scope::Recipient),
        (Step::Data | Step::Text | Step::Dot, Some((1 | 2, _))) => refused(Scope::Recipient),
        (Step::Data | Step::Text | Step::Dot, None) if matches!(code, 550 | 551 | 553) => {
            refused(Scope::Recipient)
        }
        (Step::Data | Step::Text | Step::Dot, _) => refused(Scope::Message),
        _ => refused(Scope::Channel),
    }
}
