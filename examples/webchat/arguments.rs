//! What the command line of the example says.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use lexopt::prelude::{Long, Short, ValueExt as _};

pub(crate) const USAGE: &str = "\
cargo run --example webchat -- [OPTIONS]

  --at INSTANT        start the clock elsewhere, RFC 3339: 2026-11-23T09:10:00+01:00
  --directory FILE    the company (default: examples/webchat/directory.toml);
                      paths of agendas are relative to it
  --listen ADDRESS    where to listen (default: 127.0.0.1:8080; port 0 takes a free one)
  --origin ORIGIN     another site that may include the widget; may be given more than once
  --smtp URL          send mail: smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS, with ca=FILE for a
                      certificate authority of your own; without --smtp mail stays in an outbox
                      that the desk shows";

/// The options, with their defaults.
pub(crate) struct Arguments {
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) directory: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) origins: Vec<String>,
    pub(crate) smtp: Option<String>,
}

impl Arguments {
    pub(crate) fn read() -> Result<Option<Self>, lexopt::Error> {
        let mut arguments = Self {
            at: None,
            directory: PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/webchat/directory.toml"
            )),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            origins: Vec::new(),
            smtp: None,
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("at") => {
                    arguments.at = Some(parser.value()?.parse_with(|text| {
                        DateTime::parse_from_rfc3339(text).map(|at| at.to_utc())
                    })?)
                }
                Long("directory") => arguments.directory = parser.value()?.into(),
                Long("listen") => arguments.listen = parser.value()?.parse()?,
                Long("origin") => arguments.origins.push(parser.value()?.string()?),
                Long("smtp") => arguments.smtp = Some(parser.value()?.string()?),
                Long("help") | Short('h') => return Ok(None),
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(Some(arguments))
    }
}
