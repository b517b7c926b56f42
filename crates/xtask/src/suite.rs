//! Runs `cargo test` so that each test runs once, and counts what it says.

use crate::failure::Failure;
use crate::servers::Mail;
use crate::{Pace, Programs};
use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

/// A folder that tests read and that need not be on this machine.
struct Folder {
    /// The variable that names it.
    variable: &'static str,
    /// How the names of the tests that read it begin.
    prefix: &'static str,
    /// What is in it.
    what: &'static str,
}

const FOLDERS: [Folder; 3] = [
    Folder {
        variable: "BEREIK_CHANNELS",
        prefix: "channels_",
        what: "channels",
    },
    Folder {
        variable: "BEREIK_CORPUS",
        prefix: "corpus_",
        what: "corpus",
    },
    Folder {
        variable: "BEREIK_VECTORS",
        prefix: "vectors_",
        what: "vectors",
    },
];

/// Where the folders of the tests are, each if it is on this machine.
pub(crate) struct Folders(Vec<(&'static Folder, Option<PathBuf>)>);

impl Folders {
    /// Reads the variables, and refuses one that names no folder.
    pub(crate) fn from_environment() -> Result<Self, Failure> {
        let folders = FOLDERS.iter().map(|folder| {
            let variable = folder.variable;
            let Some(name) = env::var_os(variable).filter(|name| !name.is_empty()) else {
                return Ok((folder, None));
            };
            match PathBuf::from(&name).canonicalize() {
                Ok(path) if path.is_dir() => Ok((folder, Some(path))),
                _ => Err(Failure::new(format!(
                    "{variable} names no folder: {}",
                    name.display()
                ))),
            }
        });
        folders.collect::<Result<_, _>>().map(Self)
    }

    /// Tells the tests where the folders are, and leaves out those that read one that is not there.
    fn hand_to(&self, command: &mut Command) {
        for (folder, path) in &self.0 {
            match path {
                Some(path) => command.env(folder.variable, path),
                None => command.args(["--skip", folder.prefix]),
            };
        }
    }

    /// Says which tests were left out.
    fn report(&self) {
        for (Folder { variable, what, .. }, _) in self.0.iter().filter(|(_, p)| p.is_none()) {
            println!("The {what} tests were left out: set {variable} to their folder to run them.");
        }
    }
}

/// What libtest said of all test programs together.
#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Count {
    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; …`.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for count in counts.split("; ") {
            let Some((number, what)) = count.split_once(' ') else {
                continue;
            };
            let number = number.parse::<u64>().unwrap_or(0);
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" | "filtered out" => self.skipped += number,
                _ => {}
            }
        }
    }
}

/// How the names of the files with slow tests begin, and of the tests in them.
const SLOW: &str = "slow_";

/// Runs every test of the workspace, or of `selection`, with the servers in its environment: the slow ones or the others.
pub(crate) fn run_all(
    mail: &mut Mail,
    programs: &Programs,
    folders: &Folders,
    pace: Pace,
    selection: &[OsString],
) -> Result<ExitCode, Failure> {
    let mut command = cargo();
    command.args(["test", "--no-fail-fast"]);
    if selection.is_empty() {
        command.arg("--workspace");
    }
    command.args(selection);
    match pace {
        Pace::Plain => command.args(["--", "--include-ignored", "--skip", SLOW]),
        Pace::Slow => command.args(["--test", &format!("{SLOW}*"), "--", "--include-ignored"]),
    };
    folders.hand_to(&mut command);
    command.envs(mail.environment(programs));
    println!("xtask: running every test");
    let mut child = command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|reason| Failure::new(format!("cannot run cargo: {reason}")))?;
    mail.tie(child.id())?;
    let mut count = Count::default();
    if let Some(stdout) = child.stdout.take() {
        relay(BufReader::new(stdout), &mut count);
    }
    let status = child
        .wait()
        .map_err(|reason| Failure::new(format!("cannot wait for cargo: {reason}")))?;
    mail.untie()?;
    if pace == Pace::Plain {
        folders.report();
    }
    println!(
        "{} passed, {} failed, {} skipped",
        count.passed, count.failed, count.skipped
    );
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Hands on each line as it comes, byte for byte, and counts.
fn relay(mut lines: impl BufRead, count: &mut Count) {
    let mut stdout = std::io::stdout();
    let mut line = Vec::new();
    while lines
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        // A closed terminal is no reason to stop counting.
        let _ = stdout.write_all(&line).and_then(|()| stdout.flush());
        count.add(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}

/// The files with laws, of whatever crate.
const LAWS: [&str; 8] = [
    "agenda_truth",
    "board",
    "coverage",
    "hours",
    "laws",
    "roster",
    "rules",
    "together",
];

/// Runs the laws of every room so many times.
///
/// A law fixes its number of cases so that one run stays short; each run draws other cases.
pub(crate) fn run_laws(rounds: u32) -> Result<ExitCode, Failure> {
    for round in 1..=rounds {
        println!("xtask: the laws, round {round} of {rounds}");
        let status = cargo()
            .args(["test", "--quiet", "--workspace", "--no-fail-fast"])
            .args(LAWS.iter().flat_map(|file| ["--test", file]))
            .status()
            .map_err(|reason| Failure::new(format!("cannot run cargo: {reason}")))?;
        if !status.success() {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The cargo that runs this command.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn counts_what_libtest_says() {
        let mut count = Count::default();
        count.add("running 4 tests");
        count.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s");
        count.add("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s");
        assert_eq!((count.passed, count.failed, count.skipped), (4, 2, 3));
    }
}
