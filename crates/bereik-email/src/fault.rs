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
        (Step::StartTls, _) => ChannelError::new(ErrorKind::Security, Scope::Channel),
        (Step::Connect | Step::Greeting | Step::Login, _) => refused(Scope::Channel),
        // The message is too big (RFC 3463, 3.4), wherever that is noticed.
        (_, Some((3, 4))) => refused(Scope::Message),
        (Step::Sender, _) if code == 552 => refused(Scope::Message),
        (Step::Sender, _) => refused(Scope::Channel),
        // The address or the mailbox (RFC 3463, 3.2 and 3.3), wherever that is noticed.
        (_, Some((1 | 2, _))) => refused(Scope::Recipient),
        // We may not relay, or not send at all: so servers say that our account is not enough.
        (Step::Recipient, Some((7, _))) if code == 554 => refused(Scope::Channel),
        (Step::Recipient, _) if code == 552 => refused(Scope::Message),
        (Step::Recipient, _) => refused(Scope::Recipient),
        (_, None) if matches!(code, 550 | 551 | 553) => refused(Scope::Recipient),
        _ => refused(Scope::Message),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Enhanced, Step, fault};

    /// What a server says at a step, and whose fault it is, whether to try again, and what to do.
    const TABLE: &str = "
        Greeting   421 4.3.2 busy              | Channel BackOff Unavailable
        Greeting   554 no mail here            | Channel Never Refused
        StartTls   454 4.7.0 not now           | Channel BackOff Unavailable
        StartTls   502 5.5.1 never heard of    | Channel Never Security
        Login      454 4.7.0 not now           | Channel BackOff Unavailable
        Login      535 5.7.8 wrong             | Channel Never Credentials
        Login      504 5.5.4 no such mechanism | Channel Never Credentials
        Sender     421 bye                     | Channel BackOff Unavailable
        Sender     452 4.3.1 disk full         | Channel BackOff Unavailable
        Sender     530 5.7.0 log in first      | Channel Never Credentials
        Sender     550 5.7.1 not your address  | Channel Never Refused
        Sender     552 too big                 | Message Never Refused
        Recipient  421 bye                     | Channel BackOff Unavailable
        Recipient  450 4.2.1 busy              | Recipient BackOff Refused
        Recipient  451 4.7.1 greylisted        | Recipient BackOff Refused
        Recipient  452 4.2.2 full              | Recipient BackOff Refused
        Recipient  550 5.1.1 unknown           | Recipient Never Refused
        Recipient  550 unknown                 | Recipient Never Refused
        Recipient  551 not local               | Recipient Never Refused
        Recipient  553 not allowed             | Recipient Never Refused
        Recipient  552 5.2.2 full              | Recipient Never Refused
        Recipient  552 5.3.4 too big           | Message Never Refused
        Recipient  554 5.7.1 relay denied      | Channel Never Refused
        Data       450 4.2.1 busy              | Recipient BackOff Refused
        Data       554 no valid recipients     | Message Never Refused
        Dot        421 4.3.2 going down        | Channel BackOff Unavailable
        Dot        451 4.3.0 later             | Recipient BackOff Refused
        Dot        550 5.1.1 unknown           | Recipient Never Refused
        Dot        550 unknown                 | Recipient Never Refused
        Dot        550 5.7.1 looks like spam   | Message Never Refused
        Dot        552 5.3.4 too big           | Message Never Refused
        Dot        554 5.6.0 bad content       | Message Never Refused
    ";

    fn step(name: &str) -> Step {
        let steps = [
            Step::Greeting,
            Step::StartTls,
            Step::Login,
            Step::Sender,
            Step::Recipient,
            Step::Data,
            Step::Dot,
        ];
        let mut named = steps.into_iter().filter(|step| format!("{step:?}") == name);
        named.next().expect("a step")
    }

    #[test]
    fn every_refusal_is_told_apart() {
        for row in TABLE.lines().filter(|row| !row.trim().is_empty()) {
            let (said, expected) = row.split_once('|').unwrap();
            let (name, reply) = said.trim().split_once(' ').unwrap();
            let (code, text) = reply.trim().split_once(' ').unwrap();
            let enhanced = Enhanced::read(text);
            let cause = Cause::Reply {
                code: code.parse().unwrap(),
                enhanced,
            };
            let error = fault(step(name), &cause);
            let (scope, retry, kind) = (error.scope(), error.retry(), error.kind());
            assert_eq!(
                format!("{scope:?} {retry:?} {kind:?}"),
                expected.trim(),
                "{row}"
            );
            assert_eq!(error.sent(), bereik_channel::Sent::No, "{row}");
        }
    }

    #[test]
    fn an_enhanced_code_is_read_whole_or_not_at_all() {
        assert!(Enhanced::read("5.1.1 unknown").is_some());
        for text in [
            "",
            "unknown",
            "5.1 unknown",
            "5.1.1.1 x",
            "3.1.1 x",
            "5.1000.1 x",
            "127.0.0.1",
        ] {
            assert_eq!(Enhanced::read(text), None, "{text}");
        }
    }
}
