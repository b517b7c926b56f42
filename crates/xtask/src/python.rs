//! What tests need that is written in Python, each list in a virtual environment of its own under `target`.

use crate::failure::Failure;
use crate::install::{self, Consent};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Packages that are installed together.
pub(crate) struct Packages {
    /// Names a folder with their programs, in place of the one that is made here.
    pub(crate) variable: &'static str,
    folder: &'static str,
    /// Every package by its version, so that each machine runs the same.
    list: &'static str,
    /// The programs that the tests start; this Python knows the packages.
    programs: &'static [&'static str],
    /// What they are, in a sentence.
    what: &'static str,
}

/// CalDAV servers, a server of Mastodon, a client of XMPP, and verifiers of signatures.
pub(crate) const PLAIN: Packages = Packages {
    variable: "BEREIK_PYTHON",
    folder: "python",
    list: include_str!("python.txt"),
    programs: &["python", "radicale", "xandikos"],
    what: "the Python programs",
};

/// Servers that take minutes to install or to start.
pub(crate) const SLOW: Packages = Packages {
    variable: "BEREIK_SLOW_PYTHON",
    folder: "slow-python",
    list: include_str!("slow_python.txt"),
    programs: &["python"],
    what: "the slow Python programs",
};

/// Is written last and holds the list that was installed: what is half done or of another list is made anew.
const DONE: &str = "installed.txt";

const ATTEMPTS: u32 = 3;

/// Makes sure that the packages are there and returns the folder of their programs.
pub(crate) fn ensure(packages: &Packages, consent: Consent) -> Result<PathBuf, Failure> {
    let (variable, names) = (packages.variable, packages.programs.join(" and "));
    if let Some(name) = env::var_os(variable) {
        let folder = PathBuf::from(&name);
        return match packages.are_in(&folder) {
            true => Ok(folder),
            false => Err(Failure::new(format!(
                "{variable} names no folder with {names}: {}",
                name.display()
            ))),
        };
    }
    let folder = target().join(packages.folder);
    let programs = folder.join("bin");
    let is_done = fs::read_to_string(folder.join(DONE)).is_ok_and(|list| list == packages.list);
    if is_done && packages.are_in(&programs) {
        return Ok(programs);
    }
    if consent == Consent::Refuse {
        return Err(Failure::new(format!(
            "the tests need {} {names}, which are not installed in {}: \
             set {variable} to the folder of their programs, or leave out --no-install",
            packages.what,
            folder.display()
        )));
    }
    make(packages, &folder)?;
    Ok(programs)
}

impl Packages {
    fn are_in(&self, folder: &Path) -> bool {
        self.programs.iter().all(|name| folder.join(name).is_file())
    }
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
fn make(packages: &Packages, folder: &Path) -> Result<(), Failure> {
    println!("xtask: installing {} of the tests with pip", packages.what);
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
    fs::write(&list, packages.list)
        .map_err(|reason| Failure::new(format!("cannot write {}: {reason}", list.display())))?;
    let what_failed = format!("pip could not install {} of the tests", packages.what);
    let mut attempt = 1;
    loop {
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary", ":all:", "--timeout", "30", "--requirement"])
            .arg(&list);
        match run(pip, &what_failed) {
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
