//! What tests need that is written in Python: CalDAV servers and verifiers of signatures, in a folder of their own under
//! `target`.

use crate::failure::Failure;
use crate::install::{self, Consent};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Names a folder with these programs, in place of the one that is made here.
pub(crate) const VARIABLE: &str = "BEREIK_CALDAV_SERVERS";

/// Every package by its version, so that each machine runs the same servers.
const PACKAGES: &str = include_str!("python.txt");

/// The programs that the tests start; this Python knows the packages.
const PROGRAMS: [&str; 3] = ["python", "radicale", "xandikos"];

/// Is written last and holds the list that was installed: what is half done or of another list is made anew.
const DONE: &str = "installed.txt";

const ATTEMPTS: u32 = 3;

/// Makes sure that the servers are there and returns the folder of their programs.
pub(crate) fn ensure(consent: Consent) -> Result<PathBuf, Failure> {
    if let Some(name) = env::var_os(VARIABLE) {
        let folder = PathBuf::from(&name);
        return match has_programs(&folder) {
            true => Ok(folder),
            false => Err(Failure::new(format!(
                "{VARIABLE} names no folder with {}: {}",
                PROGRAMS.join(" and "),
                name.display()
            ))),
        };
    }
    let folder = place();
    let programs = folder.join("bin");
    let is_done = fs::read_to_string(folder.join(DONE)).is_ok_and(|list| list == PACKAGES);
    if is_done && has_programs(&programs) {
        return Ok(programs);
    }
    if consent == Consent::Refuse {
        return Err(Failure::new(format!(
            "the tests need the CalDAV servers {}, which are not installed in {}: \
             set {VARIABLE} to the folder of their programs, or leave out --no-install",
            PROGRAMS.join(" and "),
            folder.display()
        )));
    }
    make(&folder)?;
    Ok(programs)
}

fn has_programs(folder: &Path) -> bool {
    PROGRAMS.iter().all(|name| folder.join(name).is_file())
}

fn place() -> PathBuf {
    target().join("caldav-servers")
}

/// The folder in which cargo builds.
pub(crate) fn target() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        root.canonicalize().unwrap_or(root).join("target")
    });
    // Programs of Python name their folder in their first line.
    std::path::absolute(&target).unwrap_or(target)
}

/// Makes a virtual environment and installs the packages in it.
fn make(folder: &Path) -> Result<(), Failure> {
    println!("xtask: installing {} with pip", PROGRAMS.join(" and "));
    match fs::remove_dir_all(folder) {
        Err(reason) if folder.exists() => {
            return Err(Failure::new(format!(
                "cannot remove {}: {reason}",
                folder.display()
            )));
        }
        _ => {}
    }
    install::ensure_python(Consent::Install)?;
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv"]).arg(folder);
    run(environment, "python3 cannot make a virtual environment")?;
    let list = folder.join("packages.txt");
    fs::write(&list, PACKAGES)
        .map_err(|reason| Failure::new(format!("cannot write {}: {reason}", list.display())))?;
    let mut attempt = 1;
    loop {
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary", ":all:", "--timeout", "30", "--requirement"])
            .arg(&list);
        match run(pip, "pip could not install the CalDAV servers of the tests") {
            Ok(()) => break,
            Err(failure) if attempt == ATTEMPTS => return Err(failure),
            Err(_) => attempt += 1,
        }
        println!("xtask: pip failed, attempt {attempt} of {ATTEMPTS}");
    }
    fs::rename(&list, folder.join(DONE))
        .map_err(|reason| Failure::new(format!("cannot rename {}: {reason}", list.display())))
}

pub(crate) fn run(mut command: Command, what_failed: &str) -> Result<(), Failure> {
    let output = command.stdin(Stdio::null()).output();
    let output =
        output.map_err(|reason| Failure::new(format!("{what_failed}: cannot run it: {reason}")))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "{what_failed}: {}",
            install::last_line(&output)
        ))),
    }
}
