//! What tests need from npm: Prism, Twilio's description of its interface, Microsoft's packages for bots, cards and Graph,
//! and an emulator of Telegram, in a folder of their own under `target`.

use crate::failure::Failure;
use crate::install::{self, Consent};
use crate::python;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names a folder with these packages, in place of the one that is made here.
pub(crate) const VARIABLE: &str = "BEREIK_NODE_PACKAGES";

/// Each by its version.
const PACKAGES: [&str; 6] = [
    "@microsoft/microsoft-graph-types@2.43.1",
    "@stoplight/prism-cli@5.14.2",
    "@twilio/cli-core@8.3.2",
    "adaptivecards@3.0.6",
    "botframework-connector@4.23.3",
    "telegram-test-api@4.2.1",
];

/// Is written last and holds the list that was installed: what is half done or of another list is made anew.
const DONE: &str = "installed.txt";

const ATTEMPTS: u32 = 3;

/// Makes sure that the packages are there and returns the folder.
pub(crate) fn ensure(consent: Consent) -> Result<PathBuf, Failure> {
    if let Some(name) = env::var_os(VARIABLE) {
        let folder = PathBuf::from(&name);
        return match folder.join("node_modules").is_dir() {
            true => Ok(folder),
            false => Err(Failure::new(format!(
                "{VARIABLE} names no folder with packages: {}",
                name.display()
            ))),
        };
    }
    install::ensure_node(consent)?;
    let folder = python::target().join("node-packages");
    let list = PACKAGES.join("\n");
    let is_done = fs::read_to_string(folder.join(DONE)).is_ok_and(|done| done == list);
    if is_done {
        return Ok(folder);
    }
    if consent == Consent::Refuse {
        return Err(Failure::new(format!(
            "the tests need the packages {}, which are not installed in {}: \
             set {VARIABLE} to a folder that has them, or leave out --no-install",
            PACKAGES.join(" and "),
            folder.display()
        )));
    }
    make(&folder)?;
    let done = folder.join(DONE);
    fs::write(&done, list)
        .map_err(|reason| Failure::new(format!("cannot write {}: {reason}", done.display())))?;
    Ok(folder)
}

fn make(folder: &Path) -> Result<(), Failure> {
    println!("xtask: installing {} with npm", PACKAGES.join(" and "));
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
            .args(PACKAGES);
        match python::run(npm, "npm could not install the packages of the tests") {
            Ok(()) => return Ok(()),
            Err(failure) if attempt == ATTEMPTS => return Err(failure),
            Err(_) => attempt += 1,
        }
        println!("xtask: npm failed, attempt {attempt} of {ATTEMPTS}");
    }
}
