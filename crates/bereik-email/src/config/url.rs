//! Reads a configuration from a URL.

use bereik_channel::Label;
use bereik_core::Address;
use bereik_core::id::Key;

use super::{Security, SmtpConfig};
use crate::error::{ConfigError, ConfigErrorKind};

pub(super) fn parse(text: &str) -> Result<SmtpConfig, ConfigError> {
    let (scheme, rest) = text.split_once("://").ok_or(NO_SCHEME)?;
    let (implicit, port) = match scheme.to_ascii_lowercase().as_str() {
        "smtp" => (None, 587),
        "smtps" => (Some(Security::ImplicitTls), 465),
        _ => return Err(NO_SCHEME),
    };
    let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
    let place = place.strip_suffix('/').unwrap_or(place);
    let (login, server) = match place.rsplit_once('@') {
        Some((login, server)) => (Some(read_login(login)?), server),
        None => (None, place),
    };
    let (host, port) = read_server(server, port)?;
    let options = Options::read(options)?;
    let from = match (&options.from, &login) {
        (Some(from), _) => read_sender(from)?,
        (None, Some((user, _))) => read_sender(user)?,
        (None, None) => return Err(NO_SENDER),
    };
    let mut config = SmtpConfig::new(host, port, from)?;
    if let Some((user, password)) = login {
        config = config.with_login(user, password);
    }
    match (implicit, options.security) {
        (Some(_), Some(Security::Plain)) => {
            return Err(ConfigError::url(
                "`smtps` is encrypted: `tls=none` contradicts it",
            ));
        }
        (Some(security), _) | (None, Some(security)) => config = config.with_security(security),
        (None, None) => {}
    }
    config.from_name = options.name;
    config.mark = options.mark;
    if let Some(path) = options.certificate_file {
        config = config.with_certificate_file(path);
    }
    config.check()?;
    Ok(config)
}

const NO_SCHEME: ConfigError = ConfigError::url(
    "a mail server is written `smtp://` or `smtps://`, then USER:PASSWORD@HOST:PORT",
);
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
}

impl Options {
    fn read(text: &str) -> Result<Self, ConfigError> {
        let mut options = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value)?;
            match (name, value.as_str()) {
                ("ca", _) => options.certificate_file = Some(value),
                ("from", _) => options.from = Some(value),
                ("mark", text) => options.mark = Some(Key::parse(text).map_err(|_| BAD_OPTION)?),
                ("name", text) => options.name = Some(Label::parse(text).map_err(|_| BAD_OPTION)?),
                ("tls", "none") => options.security = Some(Security::Plain),
                ("tls", "required") => options.security = Some(Security::StartTls),
                _ => return Err(BAD_OPTION),
            }
        }
        Ok(options)
    }
}

const BAD_OPTION: ConfigError = ConfigError::url(
    "an option of the mail server's URL is none of `ca`, `from`, `mark`, `name`, `tls=required` and `tls=none`, or its value cannot be",
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
