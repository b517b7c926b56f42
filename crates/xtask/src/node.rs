//! What tests need from npm, each list in a folder of its own under `target`.

use crate::failure::Failure;
use crate::install::{self, Consent};
use crate::python;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages that are installed together.
pub(crate) struct Packages {
    /// Names a folder with these packages, in place of the one that is made here.
    pub(crate) variable: &'static str,
    folder: &'static str,
    /// Each by its version.
    names: &'static [&'static str],
    /// Those beneath them that are compiled here, because they have no program for this machine with them.
    compiled: &'static [&'static str],
}

/// Prism, Twilio's description of its interface, Microsoft's packages for bots, cards and Graph, and an emulator of Telegram.
pub(crate) const PLAIN: Packages = Packages {
    variable: "BEREIK_NODE_PACKAGES",
    folder: "node-packages",
    names: &[
        "@microsoft/microsoft-graph-types@2.43.1",
        "@stoplight/prism-cli@5.14.2",
        "@twilio/cli-core@8.3.2",
        "adaptivecards@3.0.6",
        "botframework-connector@4.23.3",
        "telegram-test-api@4.2.1",
    ],
    compiled: &[],
};

/// The servers of Bluesky: the last ones that run on Node 20.
pub(crate) const SLOW: Packages = Packages {
    variable: "BEREIK_SLOW_NODE_PACKAGES",
    folder: "slow-node-packages",
    names: &["@atproto/dev-env@0.3.215"],
    compiled: &["better-sqlite3"],
};

/// Is written last and holds the list that was installed: what is half done or of another list is made anew.
const DONE: &str = "installed.txt";

const ATTEMPTS: u32 = 3;

/// Makes sure that the packages are there and returns the folder.
pub(crate) fn ensure(packages: &Packages, consent: Consent) -> Result<PathBuf, Failure> {
    let variable = packages.variable;
    if let Some(name) = env::var_os(variable) {
        let folder = PathBuf::from(&name);
        return match folder.join("node_modules").is_dir() {
            true => Ok(folder),
            false => Err(Failure::new(format!(
                "{variable} names no folder with packages: {}",
                name.display()
            ))),
        };
    }
    install::ensure_node(consent)?;
    let folder = python::target().join(packages.folder);
    let list = packages.names.join("\n");
    let is_done = fs::read_to_string(folder.join(DONE)).is_ok_and(|done| done == list);
    if is_done {
        return Ok(folder);
    }
    if consent == Consent::Refuse {
        return Err(Failure::new(format!(
            "the tests need the packages {}, which are not installed in {}: \
             set {variable} to a folder that has them, or leave out --no-install",
            packages.names.join(" and "),
            folder.display()
        )));
    }
    make(packages, &folder)?;
    let done = folder.join(DONE);
    fs::write(&done, list)
        .map_err(|reason| Failure::new(format!("cannot write {}: {reason}", done.display())))?;
    Ok(folder)
}

fn make(packages: &Packages, folder: &Path) -> Result<(), Failure> {
    println!(
        "xtask: installing {} with npm",
        packages.names.join(" and ")
    );
    let cannot = |doing: &str, reason: std::io::Error| {
        Failure::new(format!("cannot {doing} {}: {reason}", folder.display()))
    };
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|reason| cannot("remove", reason))?;
    }
    fs::create_dir_all(folder).map_err(|reason| cannot("make", reason))?;
    // Without it npm looks for a project in the folders above.
    fs::write(folder.join("package.json"), "{\"private\": true}\n")
        .map_err(|reason| cannot("write into", reason))?;
    let mut attempt = 1;
    loop {
        let mut npm = Command::new("npm");
        npm.current_dir(folder)
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .args(["--loglevel", "error", "--save-exact"])
            .args(packages.names);
        match python::run(npm, "npm could not install the packages of the tests") {
            Ok(()) => break,
            Err(failure) if attempt == ATTEMPTS => return Err(failure),
            Err(_) => attempt += 1,
        }
        println!("xtask: npm failed, attempt {attempt} of {ATTEMPTS}");
    }
    match packages.compiled {
        [] => Ok(()),
        compiled => compile(compiled, folder),
    }
}

/// Compiles with the headers that node came with.
fn compile(packages: &[&str], folder: &Path) -> Result<(), Failure> {
    install::ensure_node_compiler()?;
    println!("xtask: compiling {}", packages.join(" and "));
    let node = install::find("node").and_then(|node| node.canonicalize().ok());
    let prefix = node
        .as_deref()
        .and_then(Path::parent)
        .and_then(Path::parent);
    let prefix = prefix.unwrap_or(Path::new("/usr"));
    let mut npm = Command::new("npm");
    npm.current_dir(folder)
        .args(["rebuild", "--build-from-source", "--loglevel", "error"])
        .arg(format!("--nodedir={}", prefix.display()))
        .args(packages);
    python::run(npm, "npm could not compile the packages of the tests")
}
