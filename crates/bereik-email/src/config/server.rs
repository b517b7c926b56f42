//! A server, the account on it, and how the connection to it is kept secret.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::config::Security;
use crate::error::{ConfigError, ConfigErrorKind};

/// A server, the account on it, and how the connection to it is kept secret.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
    pub(crate) asked: Option<Security>,
    pub(crate) login: Option<Login>,
    pub(crate) certificates: Vec<Certificates>,
}

/// A user and his password.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

/// Certificates that are trusted besides the system's own.
#[derive(Clone, Debug)]
pub(crate) enum Certificates {
    File(PathBuf),
    Pem(Vec<u8>),
}

impl Server {
    pub(crate) fn new(host: &str, port: u16) -> Result<Self, ConfigError> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let is_host =
            !host.is_empty() && (host.chars().all(is_name) || host.parse::<IpAddr>().is_ok());
        if !is_host || port == 0 {
            return Err(ConfigError::url(
                "the host or port of the mail server is none",
            ));
        }
        Ok(Self {
            host: host.into(),
            port,
            asked: None,
            login: None,
            certificates: Vec::new(),
        })
    }

    pub(crate) fn log_in(&mut self, user: impl Into<String>, password: impl Into<String>) {
        let (user, password) = (user.into(), password.into());
        self.login = Some(Login { user, password });
    }

    pub(crate) fn security(&self) -> Security {
        let is_harmless = self.login.is_none() && self.is_loopback();
        let fallback = if is_harmless {
            Security::Plain
        } else {
            Security::StartTls
        };
        self.asked.unwrap_or(fallback)
    }

    /// Whether the server is on this machine.
    fn is_loopback(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        &*self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let is_plain = self.security() == Security::Plain;
        if is_plain && self.login.is_some() && !self.is_loopback() {
            let what = "a password is not sent unencrypted to another machine";
            return Err(ConfigError::new(ConfigErrorKind::Insecure, what));
        }
        let has_control = |text: &str| text.chars().any(char::is_control);
        let login = self.login.as_ref();
        if login.is_some_and(|login| has_control(&login.user) || has_control(&login.password)) {
            let what = "the user or the password holds a control character";
            return Err(ConfigError::new(ConfigErrorKind::Login, what));
        }
        Ok(())
    }

    /// Each bundle of trusted certificates in PEM, the files read.
    pub(crate) fn read_certificates(&self) -> Result<Vec<Vec<u8>>, ConfigError> {
        let refused = |what| ConfigError::new(ConfigErrorKind::Certificates, what);
        let mut bundles = Vec::new();
        for certificates in &self.certificates {
            let pem = match certificates {
                Certificates::File(path) => {
                    let unread = refused("the file of trusted certificates cannot be read");
                    std::fs::read(path).map_err(|error| unread.with_source(error))?
                }
                Certificates::Pem(pem) => pem.clone(),
            };
            if !pem.windows(PEM_MARK.len()).any(|window| window == PEM_MARK) {
                return Err(NO_CERTIFICATE);
            }
            bundles.push(pem);
        }
        Ok(bundles)
    }
}

const PEM_MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";

pub(crate) const NO_CERTIFICATE: ConfigError = ConfigError::new(
    ConfigErrorKind::Certificates,
    "what is to be trusted is not a certificate in PEM",
);
