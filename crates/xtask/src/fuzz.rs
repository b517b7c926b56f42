//! Builds a fuzz target on stable, runs it for a bounded time on a copy of its kept corpus, and keeps what it found.

use crate::failure::Failure;
use crate::suite::cargo;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// The targets that there are, in `fuzz/fuzz_targets`.
pub(crate) const TARGETS: [&str; 2] = ["calendar", "routing"];

/// What rustc needs to count coverage for libFuzzer, as `cargo fuzz` passes it; all of it is stable.
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1 --cfg fuzzing";

/// Bytes of an input, for libFuzzer and so also of each kept file.
const INPUT_BYTES_MAX: u32 = 8_192;

/// Seconds that one input may take: guards against hangs, the laws count steps.
const INPUT_SECONDS_MAX: u32 = 20;

/// Memory of one job, in MiB.
const MEMORY_MAX: u32 = 1_024;

/// The settings before a calendar that has none of its own; see `tests/laws/case.rs` of the calendar.
const PLAIN: &[u8] = b"000000000000000\n";

/// What is to be run, and how.
pub(crate) struct Plan {
    /// Which target.
    pub(crate) target: &'static str,
    /// How long each job looks for new inputs.
    pub(crate) seconds: u32,
    /// How many run at once, from one corpus.
    pub(crate) jobs: u32,
    /// Whether inputs that reach something new go into the kept corpus.
    pub(crate) keeps: bool,
}

/// Where things are, from the folder of the workspace.
struct Places {
    target: &'static str,
    root: PathBuf,
    /// What is made here and never committed.
    work: PathBuf,
    /// What is committed.
    kept: PathBuf,
    /// Where inputs go that break a law.
    artifacts: PathBuf,
}

impl Places {
    fn new(target: &'static str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root.canonicalize().unwrap_or(root);
        Self {
            target,
            work: root.join("target/fuzz"),
            kept: root.join("fuzz/corpus").join(target),
            artifacts: root.join("fuzz/artifacts").join(target),
            root,
        }
    }
}

/// Looks for inputs that break a law, for as long as the plan says.
pub(crate) fn search(plan: &Plan) -> Result<ExitCode, Failure> {
    let places = Places::new(plan.target);
    let program = build(&places)?;
    let corpus = fresh_folder(&places.work.join("corpus"))?;
    gather(&places, &corpus)?;
    fs::create_dir_all(&places.artifacts)
        .map_err(|reason| cannot("make", &places.artifacts, &reason))?;
    println!(
        "xtask: fuzzing {} for {} s, {} at once",
        plan.target, plan.seconds, plan.jobs
    );
    let mut jobs = Vec::new();
    for number in 1..=plan.jobs {
        let log = places.work.join(format!("job-{number}.log"));
        let file = File::create(&log).map_err(|reason| cannot("make", &log, &reason))?;
        let mut command = fuzzer(&program, &places);
        command
            .arg(&corpus)
            .arg(format!("-max_total_time={}", plan.seconds))
            .args(["-print_final_stats=1", "-reload=1"])
            .stderr(file);
        let child = command
            .spawn()
            .map_err(|reason| cannot("run", &program, &reason))?;
        jobs.push((child, log));
    }
    let mut has_failed = false;
    for (mut child, log) in jobs {
        let status = child
            .wait()
            .map_err(|reason| cannot("await", &program, &reason))?;
        report(plan.target, &log, status.success());
        has_failed |= !status.success();
    }
    if plan.keeps {
        keep(&places, &program, &corpus)?;
    }
    Ok(match has_failed {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

/// Runs the target on one input, such as one that broke a law.
pub(crate) fn run_again(target: &'static str, input: &Path) -> Result<ExitCode, Failure> {
    // The target runs in another folder.
    let input = &input
        .canonicalize()
        .map_err(|reason| cannot("read", input, &reason))?;
    let places = Places::new(target);
    let program = build(&places)?;
    let mut command = fuzzer(&program, &places);
    let status = command
        .arg(input)
        .status()
        .map_err(|reason| cannot("run", &program, &reason))?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Builds the target, in a folder of its own: nothing else is built with these flags.
fn build(places: &Places) -> Result<PathBuf, Failure> {
    println!("xtask: building the fuzz target {}", places.target);
    let host = host()?;
    // With a target named, the flags stay away from build scripts and macros, which have no libFuzzer to link with.
    let status = cargo()
        .args([
            "build",
            "--release",
            "--locked",
            "--bin",
            places.target,
            "--target",
            &host,
        ])
        .arg("--manifest-path")
        .arg(places.root.join("fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(&places.work)
        .env("RUSTFLAGS", COVERAGE)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .stdin(Stdio::null())
        .status()
        .map_err(|reason| Failure::new(format!("cannot run cargo: {reason}")))?;
    match status.success() {
        true => Ok(places.work.join(host).join("release").join(places.target)),
        false => Err(Failure::new(
            "the fuzz target does not build; where its lock file is out of date, \
             `cargo update --workspace --manifest-path fuzz/Cargo.toml` helps",
        )),
    }
}

/// The platform that rustc builds for, where nobody says otherwise.
fn host() -> Result<String, Failure> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let line = text
        .iter()
        .flat_map(|text| text.lines())
        .find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned)
        .ok_or_else(|| Failure::new("`rustc -vV` names no host"))
}

/// The target with what holds for each use of it.
fn fuzzer(program: &Path, places: &Places) -> Command {
    let mut command = Command::new(program);
    command
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
        .arg(format!("-rss_limit_mb={MEMORY_MAX}"))
        .arg(format!("-artifact_prefix={}/", places.artifacts.display()))
        .current_dir(&places.work)
        .stdin(Stdio::null());
    let words = places.root.join(format!("fuzz/{}.dict", places.target));
    if words.is_file() {
        command.arg(format!("-dict={}", words.display()));
    }
    command
}

/// Copies what is kept, and what was written by hand, into a folder that may change.
fn gather(places: &Places, corpus: &Path) -> Result<(), Failure> {
    let copy = |file: &Path, head: &[u8]| {
        let bytes = fs::read(file).map_err(|reason| cannot("read", file, &reason))?;
        let copy = corpus.join(file.file_name().unwrap_or(OsStr::new("input")));
        fs::write(&copy, [head, &bytes].concat()).map_err(|reason| cannot("write", &copy, &reason))
    };
    let seeds = places.root.join("fuzz/seeds").join(places.target);
    for folder in [&places.kept, &seeds] {
        for file in files_in(folder)? {
            copy(&file, &[])?;
        }
    }
    if places.target != "calendar" {
        return Ok(());
    }
    for file in files_in(&places.root.join("crates/bereik-calendar/tests/corpus"))? {
        if file.extension().is_some_and(|extension| extension == "ics") {
            copy(&file, PLAIN)?;
        }
    }
    Ok(())
}

/// Makes the kept corpus anew: of the smallest inputs that reach all that is reached, as few as reach it together.
fn keep(places: &Places, program: &Path, corpus: &Path) -> Result<(), Failure> {
    let smallest = fresh_folder(&places.work.join("smallest"))?;
    let fewest = fresh_folder(&places.work.join("fewest"))?;
    merge(
        places,
        program,
        "-merge=1",
        &[&smallest, &places.kept, corpus],
    )?;
    merge(places, program, "-set_cover_merge=1", &[&fewest, &smallest])?;
    fresh_folder(&places.kept)?;
    let files = files_in(&fewest)?;
    for file in &files {
        let copy = places
            .kept
            .join(file.file_name().unwrap_or(OsStr::new("input")));
        fs::copy(file, &copy).map_err(|reason| cannot("write", &copy, &reason))?;
    }
    println!(
        "xtask: {} inputs are kept in {}",
        files.len(),
        places.kept.display()
    );
    Ok(())
}

/// Lets libFuzzer choose inputs of the other folders for the first. How often code is reached is left out: it
/// would multiply what is kept.
fn merge(places: &Places, program: &Path, how: &str, folders: &[&Path]) -> Result<(), Failure> {
    let log = places.work.join("keep.log");
    let file = File::create(&log).map_err(|reason| cannot("make", &log, &reason))?;
    let status = fuzzer(program, places)
        .args([how, "-use_counters=0"])
        .args(folders)
        .stderr(file)
        .status()
        .map_err(|reason| cannot("run", program, &reason))?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "the corpus was not kept: see {}",
            log.display()
        ))),
    }
}

/// Says how far a job came, and where it failed, how to go on.
fn report(target: &str, log: &Path, has_passed: bool) {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let counts = |line: &&&str| line.starts_with('#') && line.contains(" cov: ");
    let last = lines.iter().rev().find(counts);
    let rate = lines
        .iter()
        .filter(|line| line.starts_with("stat::average_exec"));
    for line in last.into_iter().chain(rate) {
        println!(
            "xtask: {}",
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        );
    }
    if has_passed {
        return;
    }
    let tail = lines.iter().position(|line| line.contains("panicked at"));
    let tail = tail.unwrap_or(lines.len().saturating_sub(40));
    for line in lines.iter().skip(tail).take(60) {
        println!("{line}");
    }
    println!("xtask: the whole of it is in {}", log.display());
    let marker = "Test unit written to ";
    for line in &lines {
        if let Some((_, input)) = line.split_once(marker) {
            println!("xtask: run it again with `cargo xtask fuzz {target} --input {input}`");
        }
    }
}

/// The files of a folder in order; none where it is not there.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let paths: Result<Vec<PathBuf>, _> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut paths = paths.map_err(|reason| cannot("read", folder, &reason))?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}

/// A folder with nothing in it.
fn fresh_folder(folder: &Path) -> Result<PathBuf, Failure> {
    // It may not be there; whether it is empty shows in the next line.
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(|reason| cannot("make", folder, &reason))?;
    Ok(folder.to_owned())
}

fn cannot(verb: &str, path: &Path, reason: &std::io::Error) -> Failure {
    Failure::new(format!("cannot {verb} {}: {reason}", path.display()))
}
