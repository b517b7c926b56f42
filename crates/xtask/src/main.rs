//! The test command: installs what the tests need, starts it, and runs every test; and the fuzzing beside them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks on its terminal"
)]

mod failure;
mod fuzz;
mod install;
mod node;
mod python;
mod servers;
mod suite;

use crate::failure::Failure;
use crate::install::Consent;
use lexopt::Arg::{Long, Short, Value};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask fuzz [TARGET] [--seconds N] [--jobs N] [--keep] [--no-install]
    look for inputs that break a law of the calendar or of the engine (TARGET: calendar, routing; without one
    the calendar), for N seconds (default 60) in N jobs (default 2); --keep adds the inputs that reach new
    code to the kept corpus
cargo xtask fuzz [TARGET] --input FILE [--no-install]
    try one input again
cargo xtask test [--slow] [--no-install] [-- CARGO-TEST-ARGUMENTS]
    install what the tests need, start it, run every test, stop it again; with --slow those, and only those, in
    files named slow_….rs, whose servers take minutes to install;
    CARGO-TEST-ARGUMENTS take the place of `--workspace`, for example `-- -p bereik-email`
cargo xtask property [--rounds N]
    run the laws of every room N times, each time on new cases (default 10)
cargo xtask servers [--no-install]
    start the servers, print what the tests read from the environment, stop at Ctrl-C
";

/// What was asked for on the command line.
enum Task {
    Fuzz {
        consent: Consent,
        plan: fuzz::Plan,
        input: Option<PathBuf>,
    },
    Help,
    Property {
        rounds: u32,
    },
    Servers {
        consent: Consent,
    },
    Test {
        consent: Consent,
        pace: Pace,
        selection: Vec<OsString>,
    },
}

/// Which tests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// All but the slow ones.
    Plain,
    /// Those whose servers take minutes to install, and no others.
    Slow,
}

/// What tests start themselves: each variable by which they find it, and where it is.
pub(crate) struct Programs(Vec<(&'static str, PathBuf)>);

impl Programs {
    fn ensure(consent: Consent, pace: Pace) -> Result<Self, Failure> {
        let mut programs = vec![
            (install::BROWSER_VARIABLE, install::ensure(consent)?),
            (
                python::PLAIN.variable,
                python::ensure(&python::PLAIN, consent)?,
            ),
            (node::PLAIN.variable, node::ensure(&node::PLAIN, consent)?),
        ];
        if pace == Pace::Slow {
            install::ensure_slow(consent)?;
            programs.extend([
                (
                    python::SLOW.variable,
                    python::ensure(&python::SLOW, consent)?,
                ),
                (node::SLOW.variable, node::ensure(&node::SLOW, consent)?),
            ]);
        }
        Ok(Self(programs))
    }
}

fn main() -> ExitCode {
    match read_task().and_then(run) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode, Failure> {
    match task {
        Task::Fuzz {
            consent,
            plan,
            input,
        } => {
            install::ensure_compiler(consent)?;
            match input {
                Some(input) => fuzz::run_again(plan.target, &input),
                None => fuzz::search(&plan),
            }
        }
        Task::Help => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        Task::Property { rounds } => suite::run_laws(rounds),
        Task::Servers { consent } => {
            let programs = Programs::ensure(consent, Pace::Plain)?;
            let mail = servers::Mail::start()?;
            mail.print_environment(&programs);
            mail.wait()?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Test {
            consent,
            pace,
            selection,
        } => {
            let folders = suite::Folders::from_environment()?;
            let programs = Programs::ensure(consent, pace)?;
            let mut mail = servers::Mail::start()?;
            suite::run_all(&mut mail, &programs, &folders, pace, &selection)
        }
    }
}

fn read_task() -> Result<Task, Failure> {
    let mut words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let selection = match words.iter().position(|word| word == "--") {
        Some(at) => words.split_off(at).split_off(1),
        None => Vec::new(),
    };
    let mut arguments = lexopt::Parser::from_args(words);
    let wrong = |reason: lexopt::Error| Failure::new(format!("{reason}\n{USAGE}"));
    let mut word = None;
    let mut consent = Consent::Install;
    let mut pace = Pace::Plain;
    let mut rounds = 10;
    let mut input = None;
    let mut plan = fuzz::Plan {
        target: fuzz::TARGETS[0],
        seconds: 60,
        jobs: 2,
        keeps: false,
    };
    while let Some(argument) = arguments.next().map_err(wrong)? {
        match argument {
            Long("help") | Short('h') => return Ok(Task::Help),
            Long("input") => input = Some(arguments.value().map_err(wrong)?.into()),
            Long("jobs") => plan.jobs = number(&mut arguments).map_err(wrong)?,
            Long("keep") => plan.keeps = true,
            Long("no-install") => consent = Consent::Refuse,
            Long("rounds") => rounds = number(&mut arguments).map_err(wrong)?,
            Long("slow") => pace = Pace::Slow,
            Long("seconds") => plan.seconds = number(&mut arguments).map_err(wrong)?,
            Value(value) if word.is_none() => word = Some(value),
            Value(value) if word.as_deref() == Some("fuzz".as_ref()) => {
                let known = fuzz::TARGETS.into_iter().find(|target| value == *target);
                plan.target = known.ok_or_else(|| wrong(Value(value).unexpected()))?;
            }
            other => return Err(wrong(other.unexpected())),
        }
    }
    match word.as_deref().and_then(std::ffi::OsStr::to_str) {
        None => Ok(Task::Help),
        Some("fuzz") => Ok(Task::Fuzz {
            consent,
            plan,
            input,
        }),
        Some("property") => Ok(Task::Property { rounds }),
        Some("servers") => Ok(Task::Servers { consent }),
        Some("test") => Ok(Task::Test {
            consent,
            pace,
            selection,
        }),
        Some(other) => Err(Failure::new(format!("there is no task `{other}`\n{USAGE}"))),
    }
}

/// The number that follows an option.
fn number(arguments: &mut lexopt::Parser) -> Result<u32, lexopt::Error> {
    let value = arguments.value()?;
    lexopt::ValueExt::parse(&value)
}
