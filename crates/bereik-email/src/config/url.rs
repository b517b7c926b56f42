//! Reads a configuration from a URL.

use std::time::Duration;

use bereik_channel::Label;
use bereik_core::Address;
use bereik_core::id::Key;

use super::{MailboxConfig, Security, Server, SmtpConfig};
use crate::error::{ConfigError, ConfigErrorKind};

/// The two schemes of a protocol and their ports: plain or encrypted later, and encrypted at once.
struct Schemes {
    later: (&'static str, u16),
    at_once: (&'static str, u16),
    otherwise: ConfigError,
}

const SMTP: Schemes = Schemes {
    later: ("smtp", 587),
    at_once: ("smtps", 465),
    otherwise: ConfigError::url(
        "a mail server is written `smtp://` or `smtps://`, then USER:PASSWORD@HOST:PORT",
    ),
};

const IMAP: Schemes = Schemes {
    later: ("imap", 143),
    at_once: ("imaps", 993),
    otherwise: ConfigError::url(
        "a mailbox is written `imap://` or `imaps://`, then USER:PASSWORD@HOST:PORT/FOLDER",
    ),
};

/// A URL taken apart, the options not yet read.
struct Parts<'a> {
    server: Server,
    path: &'a str,
    options: &'a str,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str, schemes: Schemes) -> Result<Self, ConfigError> {
        let Schemes {
            later,
            at_once,
            otherwise,
        } = schemes;
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(otherwise);
        };
        let (implicit, port) = if scheme.eq_ignore_ascii_case(later.0) {
            (None, later.1)
        } else if scheme.eq_ignore_ascii_case(at_once.0) {
            (Some(Security::ImplicitTls), at_once.1)
        } else {
            return Err(otherwise);
        };
        let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (login, place) = match place.rsplit_once('@') {
            Some((login, place)) => (Some(read_login(login)?), place),
            None => (None, place),
        };
        let (server, path) = place.split_once('/').unwrap_or((place, ""));
        let (host, port) = read_server(server, port)?;
        let mut server = Server::new(host, port)?;
        server.asked = implicit;
        if let Some((user, password)) = login {
            server.log_in(user, password);
        }
        Ok(Self {
            server,
            path,
            options,
        })
    }
}

impl Server {
    /// Takes what the options say of secrecy and trust.
    fn take(&mut self, options: &Options) -> Result<(), ConfigError> {
        match (self.asked, options.security) {
            (Some(_), Some(Security::Plain)) => {
                return Err(ConfigError::url(
                    "TLS from the first byte is encrypted: `tls=none` contradicts it",
                ));
            }
            (None, Some(security)) => self.asked = Some(security),
            (Some(_), _) | (None, None) => {}
        }
        if let Some(path) = &options.certificate_file {
            let file = super::Certificates::File(path.into());
            self.certificates.push(file);
        }
        self.check()
    }
}

pub(super) fn parse(text: &str) -> Result<SmtpConfig, ConfigError> {
    let Parts {
        mut server,
        path,
        options,
    } = Parts::read(text, SMTP)?;
    if !path.is_empty() {
        return Err(SMTP.otherwise);
    }
    let options = Options::read(options, &["ca", "from", "mark", "name", "tls"])?;
    let user = server.login.as_ref().map(|login| login.user.as_str());
    let from = options.from.as_deref().or(user).ok_or(NO_SENDER)?;
    let from = read_sender(from)?;
    server.take(&options)?;
    let mut config = SmtpConfig::of(server, from)?;
    config.from_name = options.name;
    config.mark = options.mark;
    Ok(config)
}

pub(super) fn parse_mailbox(text: &str) -> Result<MailboxConfig, ConfigError> {
    let Parts {
        mut server,
        path,
        options,
    } = Parts::read(text, IMAP)?;
    let folder = decode(path)?;
    let options = Options::read(options, &["ca", "poll", "read", "tls"])?;
    server.take(&options)?;
    let mut config = MailboxConfig::of(server);
    if !folder.is_empty() {
        config = config.with_folder(folder);
    }
    if let Some(seconds) = options.poll_seconds {
        config = config.with_poll_for(Duration::from_secs(seconds.into()));
    }
    if options.marks_read {
        config = config.with_marking();
    }
    Ok(config)
}

const NO_SENDER: ConfigError = ConfigError::new(
    ConfigErrorKind::Sender,
    "the mail server's URL names no sender: add `?from=name@example.org`",
);

fn read_login(text: &str) -> Result<(String, String), ConfigError> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    Ok((decode(user)?, decode(password)?))
}

fn read_server(text: &str, port: u16) -> Result<(&str, u16), ConfigError> {
    let bad_port = |_| ConfigError::url("the port of the mail server is not a number up to 65535");
    if let Some(rest) = text.strip_prefix('[') {
        let unclosed = ConfigError::url("an IPv6 address is written in brackets");
        let (host, after) = rest.split_once(']').ok_or(unclosed)?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, port.parse().map_err(bad_port)?)),
            None if after.is_empty() => Ok((host, port)),
            None => Err(ConfigError::url("only a port may follow an IPv6 address")),
        };
    }
    match text.split_once(':') {
        Some((host, port)) => Ok((host, port.parse().map_err(bad_port)?)),
        None => Ok((text, port)),
    }
}

fn read_sender(text: &str) -> Result<Address, ConfigError> {
    text.parse().map_err(|_| NO_SENDER)
}

#[derive(Default)]
struct Options {
    from: Option<String>,
    name: Option<Label>,
    mark: Option<Key>,
    security: Option<Security>,
    certificate_file: Option<String>,
    poll_seconds: Option<u16>,
    marks_read: bool,
}

impl Options {
    /// Reads the options of which these are the names that mean something here.
    fn read(text: &str, names: &[&str]) -> Result<Self, ConfigError> {
        let mut options = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value)?;
            if !names.contains(&name) {
                return Err(BAD_OPTION);
            }
            match (name, value.as_str()) {
                ("ca", _) => options.certificate_file = Some(value),
                ("from", _) => options.from = Some(value),
                ("mark", text) => options.mark = Some(Key::parse(text).map_err(|_| BAD_OPTION)?),
                ("name", text) => options.name = Some(Label::parse(text).map_err(|_| BAD_OPTION)?),
                ("poll", text) => {
                    options.poll_seconds = Some(text.parse().map_err(|_| BAD_OPTION)?);
                }
                ("read", "mark") => options.marks_read = true,
                ("tls", "none") => options.security = Some(Security::Plain),
                ("tls", "required") => options.security = Some(Security::StartTls),
                _ => return Err(BAD_OPTION),
            }
        }
        Ok(options)
    }
}

const BAD_OPTION: ConfigError = ConfigError::url(
    "an option of the mail server's URL is none of those that it can have, or its value cannot be",
);

/// Percent decoding; what comes out has no control characters.
fn decode(text: &str) -> Result<String, ConfigError> {
    let wrong = || ConfigError::url("the percent encoding in the mail server's URL is wrong");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit().ok_or_else(wrong)?, digit().ok_or_else(wrong)?);
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    if text.chars().any(char::is_control) {
        Err(wrong())
    } else {
        Ok(text)
    }
}
