//! The words of the command line.

use std::path::{Path, PathBuf};

use bereik::core::ChannelKind;

pub(crate) const USAGE: &str = "\
usage: simulate SCENARIO.toml [options]

    --seed N            this seed in place of the scenario's
    --seeds N           so many seeds, one after the other (10 for a comparison, else 1)
    --compare OTHER     beside this scenario, with the differences
    --without CHANNEL   beside itself with one kind of channel fewer
    --svg FILE          where the plot goes (beside the scenario's name where not given; - for none)
    --timeline FILE     every entry of the first run as a line of JSON
    --check             hold every step against the invariants (exit status 1 where one breaks)
    --help              this text

channels: chat, email, meeting, phone, social, voicemail, web_chat";

#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) scenario: PathBuf,
    pub(crate) seed: Option<u64>,
    pub(crate) seeds: u64,
    pub(crate) compare: Option<PathBuf>,
    pub(crate) without: Option<ChannelKind>,
    svg: Option<PathBuf>,
    pub(crate) timeline: Option<PathBuf>,
    pub(crate) checks: bool,
}

impl Arguments {
    /// What was asked for; nothing, where only the usage was.
    pub(crate) fn parse() -> Result<Option<Self>, lexopt::Error> {
        use lexopt::prelude::{Long, Short, Value, ValueExt as _};
        let mut parser = lexopt::Parser::from_env();
        let (mut scenario, mut seeds) = (None, None);
        let mut all = Self {
            scenario: PathBuf::new(),
            seed: None,
            seeds: 1,
            compare: None,
            without: None,
            svg: None,
            timeline: None,
            checks: false,
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Long("seed") => all.seed = Some(parser.value()?.parse()?),
                Long("seeds") => seeds = Some(parser.value()?.parse()?),
                Long("compare") => all.compare = Some(parser.value()?.into()),
                Long("without") => all.without = Some(parser.value()?.parse_with(channel)?),
                Long("svg") => all.svg = Some(parser.value()?.into()),
                Long("timeline") => all.timeline = Some(parser.value()?.into()),
                Long("check") => all.checks = true,
                Long("help") | Short('h') => return Ok(None),
                Value(path) if scenario.is_none() => scenario = Some(PathBuf::from(path)),
                other => return Err(other.unexpected()),
            }
        }
        let usual = if all.is_comparison() { 10 } else { 1 };
        all.seeds = seeds.unwrap_or(usual).max(1);
        all.scenario = scenario.ok_or("there is no scenario")?;
        Ok(Some(all))
    }

    pub(crate) const fn is_comparison(&self) -> bool {
        self.compare.is_some() || self.without.is_some()
    }

    /// Where the plot goes, if one is drawn.
    pub(crate) fn svg(&self) -> Option<PathBuf> {
        match &self.svg {
            Some(path) if path == Path::new("-") => None,
            Some(path) => Some(path.clone()),
            None => Some(Path::new(self.scenario.file_stem()?).with_extension("svg")),
        }
    }
}

fn channel(name: &str) -> Result<ChannelKind, String> {
    let mut all = ChannelKind::ALL.into_iter();
    let found = all.find(|channel| channel.name() == name);
    found.ok_or_else(|| format!("there is no channel `{name}`"))
}
