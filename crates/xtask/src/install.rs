//! What the tests need beyond crates, and how a Debian machine comes by it.

use crate::failure::Failure;
use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

/// Whether the command may install packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    Install,
    Refuse,
}

/// One thing that must be on the machine: found by any of `evidence`, brought by `package`.
struct Part {
    package: &'static str,
    evidence: &'static [&'static str],
}

/// Names another browser than the ones that are looked for.
pub(crate) const BROWSER_VARIABLE: &str = "BEREIK_CHROMIUM";

/// The browsers that serve the browser tests, best first.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// What every test together needs.
const TEST_PARTS: &[Part] = &[
    Part {
        package: "baresip-core",
        evidence: &["baresip"],
    },
    Part {
        package: "chromium",
        evidence: BROWSERS,
    },
    Part {
        package: "dovecot-core",
        evidence: &["dovecot"],
    },
    Part {
        package: "dovecot-imapd",
        evidence: &["/usr/lib/dovecot/imap", "/usr/libexec/dovecot/imap"],
    },
    Part {
        package: "fonts-liberation",
        evidence: &["/usr/share/fonts"],
    },
    Part {
        package: "kamailio",
        evidence: &["kamailio"],
    },
    Part {
        package: "kamailio-presence-modules",
        evidence: &[
            "/usr/lib/aarch64-linux-gnu/kamailio/modules/presence.so",
            "/usr/lib/x86_64-linux-gnu/kamailio/modules/presence.so",
        ],
    },
    Part {
        package: "libxml2-utils",
        evidence: &["xmllint"],
    },
    Part {
        package: "msmtp",
        evidence: &["msmtp"],
    },
    Part {
        package: "ngircd",
        evidence: &["ngircd"],
    },
    Part {
        package: "openssl",
        evidence: &["openssl"],
    },
    Part {
        package: "postfix",
        evidence: &["postfix"],
    },
    Part {
        package: "prosody",
        evidence: &["prosody"],
    },
    Part {
        package: "sip-tester",
        evidence: &["sipp"],
    },
];

/// What a fuzz target needs: libFuzzer is written in C++ and is compiled with it.
const FUZZ_PARTS: &[Part] = &[Part {
    package: "g++",
    evidence: &["c++"],
}];

/// What the servers of the tests need that are written in Python: one that can make virtual environments, which Debian's own
/// cannot without this package.
const PYTHON_PARTS: &[Part] = &[Part {
    package: "python3-venv",
    evidence: &["python3"],
}];

/// What the packages of the tests need that are written in JavaScript.
const NODE_PARTS: &[Part] = &[
    Part {
        package: "nodejs",
        evidence: &["node"],
    },
    Part {
        package: "npm",
        evidence: &["npm"],
    },
];

/// What the slow tests start besides packages of npm and pip.
const SLOW_PARTS: &[Part] = &[Part {
    package: "postgresql",
    evidence: &["/usr/lib/postgresql"],
}];

/// What compiles a package of npm: the headers of node come with some nodes, and with a package of their own in Debian.
const NODE_COMPILER_PARTS: &[Part] = &[
    Part {
        package: "g++",
        evidence: &["c++"],
    },
    Part {
        package: "libnode-dev",
        evidence: &["/usr/include/node/node.h"],
    },
    Part {
        package: "make",
        evidence: &["make"],
    },
    Part {
        package: "python3",
        evidence: &["python3"],
    },
];

/// Where daemons live, which an ordinary user's `PATH` leaves out.
const SYSTEM_FOLDERS: &[&str] = &["/usr/local/sbin", "/usr/sbin", "/sbin"];

const ATTEMPTS: u32 = 3;

/// Makes sure that what the tests need is there and returns the path of the browser.
pub(crate) fn ensure(consent: Consent) -> Result<PathBuf, Failure> {
    if let Some(name) = env::var_os(BROWSER_VARIABLE)
        && browser().is_none()
    {
        return Err(Failure::new(format!(
            "{BROWSER_VARIABLE} names no program: {}",
            name.display()
        )));
    }
    bring(TEST_PARTS, "the tests need", consent)?;
    browser().ok_or_else(|| Failure::new("chromium is not there although its package is installed"))
}

/// Makes sure that what the slow tests need besides is there.
pub(crate) fn ensure_slow(consent: Consent) -> Result<(), Failure> {
    bring(SLOW_PARTS, "the slow tests need", consent)
}

/// Makes sure that there is a C++ compiler, with which libFuzzer is built.
pub(crate) fn ensure_compiler(consent: Consent) -> Result<(), Failure> {
    match env::var_os("CXX") {
        Some(_) => Ok(()),
        None => bring(FUZZ_PARTS, "the fuzz target needs", consent),
    }
}

/// Makes sure that there is a Python that can make virtual environments.
pub(crate) fn ensure_python(consent: Consent) -> Result<(), Failure> {
    let need = "the servers of the tests need";
    bring(PYTHON_PARTS, need, consent)
}

/// Makes sure that there is a node, and npm to install with.
pub(crate) fn ensure_node(consent: Consent) -> Result<(), Failure> {
    bring(NODE_PARTS, "the packages of the tests need", consent)
}

/// Makes sure that packages of npm can be compiled.
pub(crate) fn ensure_node_compiler() -> Result<(), Failure> {
    bring(NODE_COMPILER_PARTS, "the slow tests need", Consent::Install)
}

/// Installs the parts that are missing, if that is allowed.
fn bring(parts: &[Part], whose_need: &str, consent: Consent) -> Result<(), Failure> {
    let missing = missing_packages(parts);
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(", ");
    if consent == Consent::Refuse {
        return Err(Failure::new(format!(
            "{whose_need} packages that are not installed: {names}; \
             install them, or leave out --no-install"
        )));
    }
    if find("apt-get").is_none() {
        return Err(Failure::new(format!(
            "{whose_need} {names}, and there is no apt-get here to install them with: \
             install them by hand and run again"
        )));
    }
    install(&missing)
}

fn missing_packages(parts: &[Part]) -> Vec<&'static str> {
    parts
        .iter()
        .filter(|part| match part.package {
            "chromium" => browser().is_none(),
            "python3-venv" => !is_venv_there(),
            _ => part.evidence.iter().all(|name| find(name).is_none()),
        })
        .map(|part| part.package)
        .collect()
}

/// Whether the first Python on the path can make a virtual environment with pip in it.
fn is_venv_there() -> bool {
    let mut python = Command::new("python3");
    python.args(["-c", "import ensurepip, venv"]);
    python.output().is_ok_and(|output| output.status.success())
}

/// The browser named by the environment, else the first one on the machine.
fn browser() -> Option<PathBuf> {
    match env::var_os(BROWSER_VARIABLE) {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.exists()),
        None => BROWSERS.iter().find_map(|name| find(name)),
    }
}

/// Finds a program by name, or a path that begins with a slash.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    if name.starts_with('/') {
        return Some(PathBuf::from(name)).filter(|path| path.exists());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(SYSTEM_FOLDERS.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

fn install(packages: &[&str]) -> Result<(), Failure> {
    println!("xtask: installing {} with apt-get", packages.join(", "));
    if packages.contains(&"postfix") {
        keep_postfix_quiet()?;
    }
    keep_services_quiet(packages)?;
    // A broken foreign package source fails the update and may not matter: the installation decides.
    apt_get(&["update"])?;
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    let mut reason = String::new();
    for attempt in 1..=ATTEMPTS {
        if attempt > 1 {
            println!("xtask: apt-get install failed, attempt {attempt} of {ATTEMPTS}");
            thread::sleep(Duration::from_secs(5));
        }
        let output = apt_get(&arguments)?;
        if output.status.success() {
            return Ok(());
        }
        reason = last_line(&output);
    }
    Err(Failure::new(format!(
        "apt-get could not install {}: {reason}",
        packages.join(", ")
    )))
}

/// Tells Debian that postfix is to be unpacked and left unconfigured: the machine gets no mail server of its own.
fn keep_postfix_quiet() -> Result<(), Failure> {
    if find("debconf-set-selections").is_none() {
        return Ok(());
    }
    let mut child = privileged("debconf-set-selections")?
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|reason| Failure::new(format!("cannot run debconf-set-selections: {reason}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A failure here shows in the exit status below.
        let _ = stdin.write_all(b"postfix postfix/main_mailer_type select No configuration\n");
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Failure::new(
            "debconf-set-selections refused the choice for postfix",
        )),
    }
}

/// What Debian starts as soon as it is installed, by package.
const SERVICES: &[(&str, &str)] = &[
    ("dovecot-core", "dovecot.service"),
    ("kamailio", "kamailio.service"),
    ("ngircd", "ngircd.service"),
    ("prosody", "prosody.service"),
];

/// Tells systemd, where there is one, that the services of these packages do not start: the tests start their own.
fn keep_services_quiet(packages: &[&str]) -> Result<(), Failure> {
    if find("systemctl").is_none() {
        return Ok(());
    }
    let new = SERVICES.iter().filter(|(of, _)| packages.contains(of));
    for (_, service) in new {
        let masked = privileged("systemctl")?.args(["mask", service]).output();
        if masked.is_ok_and(|output| output.status.success()) {
            println!("xtask: {service} is masked; `systemctl unmask {service}` undoes that");
        }
    }
    Ok(())
}

fn apt_get(arguments: &[&str]) -> Result<Output, Failure> {
    privileged("env")?
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"])
        .args(["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|reason| Failure::new(format!("cannot run apt-get: {reason}")))
}

pub(crate) fn last_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    line.unwrap_or("no reason given").to_owned()
}

/// A command that runs as root: as it is for root, through sudo for others.
pub(crate) fn privileged(program: &str) -> Result<Command, Failure> {
    let program = find(program).unwrap_or_else(|| PathBuf::from(program));
    if number("-u", None)? == 0 {
        return Ok(Command::new(program));
    }
    let sudo = find("sudo").ok_or_else(|| {
        Failure::new(
            "installing and starting the mail server needs root: run as root, or install sudo",
        )
    })?;
    let mut command = Command::new(sudo);
    command.arg(program);
    Ok(command)
}

/// Whose mail it is: the user who runs the tests, or nobody where that is root, which postfix refuses.
pub(crate) fn mail_owner() -> Result<(u32, u32), Failure> {
    let user = if number("-u", None)? == 0 {
        Some("nobody")
    } else {
        None
    };
    Ok((number("-u", user)?, number("-g", user)?))
}

/// Asks `id` for a user's or a group's number.
fn number(which: &str, user: Option<&str>) -> Result<u32, Failure> {
    let output = Command::new("id")
        .arg(which)
        .args(user.map(OsStr::new))
        .output();
    output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .and_then(|text| text.trim().parse().ok())
        .ok_or_else(|| Failure::new(format!("`id {which}` does not say a number")))
}
