//! What the command line of the fire drill says.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bereik::core::ChannelKind;
use bereik::core::id::GroupId;
use bereik::sim::drill::Assumptions;
use chrono::{DateTime, Utc};
use lexopt::prelude::{Long, Short, Value, ValueExt as _};

pub(crate) const USAGE: &str = "\
cargo run --example fire-drill -- --at INSTANT [OPTIONS] [DIRECTORY.toml]

  --at INSTANT                when the calamity comes in, and from when on every instant is
                              rehearsed, RFC 3339: 2026-11-23T02:00:00+01:00
  --days DAYS                 so many days from then on, 1 to 400 (default: 90)
  --roster FILE               who is on call; may be given more than once
  --channel KIND              over which the calamity comes in: web_chat or phone (default: web_chat)
  --group ID                  for whom it is (default: whom it reaches when nobody chose)
  --answers-after SECONDS     of whoever can be reached (default: 15)
  --on-call-after SECONDS     of whoever is on call (default: 90)
  --staffed LINE              somebody sits behind it who is not in the directory; may be given
                              more than once
  --svg FILE                  draw the range there
  --colour, --no-colour       in the terminal (default: coloured where it is one)

Without DIRECTORY.toml it is the company of examples/webchat, with examples/fire-drill/roster.toml.

Exit status: 0 when somebody comes at every instant, 1 when a customer would be alone at any, 2 when
it could not be rehearsed.";

/// What is asked.
pub(crate) struct Arguments {
    pub(crate) at: DateTime<Utc>,
    pub(crate) days: i64,
    pub(crate) directory: PathBuf,
    pub(crate) rosters: Vec<PathBuf>,
    pub(crate) channel: ChannelKind,
    pub(crate) group: Option<GroupId>,
    pub(crate) assumptions: Assumptions,
    pub(crate) svg: Option<PathBuf>,
    pub(crate) is_coloured: Option<bool>,
}

impl Arguments {
    /// `None` where help is asked.
    pub(crate) fn read() -> Result<Option<Self>, lexopt::Error> {
        let mut arguments = Self {
            at: DateTime::<Utc>::UNIX_EPOCH,
            days: 90,
            directory: PathBuf::new(),
            rosters: Vec::new(),
            channel: ChannelKind::WebChat,
            group: None,
            assumptions: Assumptions::default(),
            svg: None,
            is_coloured: None,
        };
        let (mut at, mut directory) = (None, None);
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("at") => at = Some(parser.value()?.parse_with(instant)?),
                Long("help") | Short('h') => return Ok(None),
                Value(path) if directory.is_none() => directory = Some(PathBuf::from(path)),
                Long(option) => {
                    let option = option.to_owned();
                    arguments.take(&option, &mut parser)?;
                }
                argument => return Err(argument.unexpected()),
            }
        }
        arguments.at =
            at.ok_or("say when the calamity comes in: --at 2026-11-23T02:00:00+01:00")?;
        arguments.directory = directory.unwrap_or_else(|| {
            if arguments.rosters.is_empty() {
                arguments.rosters.push(ours("fire-drill/roster.toml"));
            }
            ours("webchat/directory.toml")
        });
        Ok(Some(arguments))
    }

    fn take(&mut self, option: &str, parser: &mut lexopt::Parser) -> Result<(), lexopt::Error> {
        let assumptions = &mut self.assumptions;
        match option {
            "answers-after" => assumptions.answers_after_s = parser.value()?.parse()?,
            "channel" => self.channel = parser.value()?.parse_with(channel)?,
            "colour" => self.is_coloured = Some(true),
            "days" => self.days = parser.value()?.parse_with(days)?,
            "group" => self.group = Some(parser.value()?.parse()?),
            "no-colour" => self.is_coloured = Some(false),
            "on-call-after" => assumptions.on_call_answers_after_s = parser.value()?.parse()?,
            "roster" => self.rosters.push(parser.value()?.into()),
            "staffed" => {
                let staffed: &mut BTreeSet<_> = &mut assumptions.staffed;
                staffed.insert(parser.value()?.parse()?);
            }
            "svg" => self.svg = Some(parser.value()?.into()),
            option => return Err(format!("there is no option `--{option}`").into()),
        }
        Ok(())
    }
}

fn ours(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let at = DateTime::parse_from_rfc3339(text);
    let at = at.map_err(|_| "it is not an instant: write 2026-11-23T02:00:00+01:00")?;
    Ok(at.to_utc())
}

fn days(text: &str) -> Result<i64, &'static str> {
    let days = text.parse().ok();
    days.filter(|days| (1..=400).contains(days))
        .ok_or("it is not a number of days from 1 to 400")
}

fn channel(text: &str) -> Result<ChannelKind, &'static str> {
    let mut kinds = ChannelKind::ALL.into_iter();
    kinds
        .find(|kind| kind.name() == text)
        .ok_or("there is no such kind of channel")
}
