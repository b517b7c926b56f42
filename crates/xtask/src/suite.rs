//! Runs `cargo test` so that each test runs once, and counts what it says.

use crate::Programs;
use crate::failure::Failure;
use crate::servers::Mail;
use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

/// Where the corpora of real calendars are, if they are on this machine.
pub(crate) struct Corpus(Option<PathBuf>);

impl Corpus {
    /// Reads `BEREIK_CORPUS`, and refuses one that names no folder.
    pub(crate) fn from_environment() -> Result<Self, Failure> {
        let Some(name) = env::var_os("BEREIK_CORPUS").filter(|name| !name.is_empty()) else {
            return Ok(Self(None));
        };
        match PathBuf::from(&name).canonicalize() {
            Ok(path) if path.is_dir() => Ok(Self(Some(path))),
            _ => Err(Failure::new(format!(
                "BEREIK_CORPUS names no folder: {}",
                name.display()
            ))),
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

/// Runs every test of the workspace, or of `selection`, with the servers in its environment.
pub(crate) fn run_all(
    mail: &mut Mail,
    programs: &Programs,
    corpus: &Corpus,
    selection: &[OsString],
) -> Result<ExitCode, Failure> {
    let mut command = cargo();
    command.args(["test", "--no-fail-fast"]);
    if selection.is_empty() {
        command.arg("--workspace");
    }
    command.args(selection).args(["--", "--include-ignored"]);
    match &corpus.0 {
        Some(path) => command.env("BEREIK_CORPUS", path),
        None => command.args(["--skip", "corpus_"]),
    };
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
    if corpus.0.is_none() {
        println!(
            "The corpus tests were left out: set BEREIK_CORPUS to the folder of the corpora to run them."
        );
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

/// Runs the laws of every room so many times.
///
/// A law fixes its number of cases so that one run stays short; each run draws other cases.
pub(crate) fn run_laws(rounds: u32) -> Result<ExitCode, Failure> {
    for round in 1..=rounds {
        println!("xtask: the laws, round {round} of {rounds}");
        let status = cargo()
            .args([
                "test",
                "--quiet",
                "--workspace",
                "--no-fail-fast",
                "--test",
                "laws",
                "--test",
                "rules",
            ])
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
