//! The mail server of a test run, on a leash that breaks when this process ends, however it ends.

use crate::Programs;
use crate::failure::Failure;
use crate::install::{mail_owner, privileged};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::time::Duration;

/// The script that starts the daemons, waits for its standard input to end and stops them.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mail.sh");

/// A free port may be taken by somebody else before a daemon binds it; so many tries.
const ATTEMPTS: u32 = 3;

/// How long a daemon may take to greet.
const GREETING_MAX: Duration = Duration::from_secs(20);

/// A postfix and a dovecot with accounts `alice@bereik.test` (`alicepw`), `bob@bereik.test` (`bobpw`), and
/// `reader1@bereik.test` to `reader9@bereik.test` (`readerpw`).
pub(crate) struct Mail {
    script: Child,
    leash: Option<ChildStdin>,
    folder: PathBuf,
    ports: Ports,
}

/// Where the daemons listen.
struct Ports {
    plain: u16,
    submission: u16,
    imap: u16,
    imaps: u16,
}

impl Mail {
    /// Starts the daemons in a fresh folder on free ports of loopback.
    pub(crate) fn start() -> Result<Self, Failure> {
        println!("xtask: starting postfix and dovecot on loopback");
        let mut reason = Failure::new("the mail server was not tried");
        for _ in 0..ATTEMPTS {
            match Self::try_start() {
                Ok(mail) => return Ok(mail),
                Err(failure) => reason = failure,
            }
        }
        Err(reason)
    }

    fn try_start() -> Result<Self, Failure> {
        let ports = Ports::free()?;
        let (uid, gid) = mail_owner()?;
        let mut script = privileged("sh")?
            .arg(SCRIPT)
            .args(
                [ports.plain, ports.submission, ports.imap, ports.imaps]
                    .map(|port| port.to_string()),
            )
            .args([uid.to_string(), gid.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|reason| Failure::new(format!("cannot start the mail server: {reason}")))?;
        let leash = script.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = script.stdout.take() {
            // An unreadable line is an empty one, and that is a failure below.
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let Some(folder) = line.trim_end().strip_prefix("ready ") else {
            let reason = match line.trim_end() {
                "" => "its script ended without a word",
                reason => reason,
            };
            return Err(Failure::new(format!(
                "the mail server did not start: {reason}"
            )));
        };
        let folder = PathBuf::from(folder);
        let mail = Self {
            script,
            leash,
            folder,
            ports,
        };
        await_greeting(mail.ports.plain, "220 ")?;
        await_greeting(mail.ports.submission, "220 ")?;
        await_greeting(mail.ports.imap, "* OK ")?;
        Ok(mail)
    }

    /// What the tests read: where the server is, whom to trust and where mail arrives.
    ///
    /// Their temporary files go with the servers' own, so that a run that is killed leaves none behind.
    pub(crate) fn environment(&self, programs: &Programs) -> Vec<(&'static str, OsString)> {
        let url = format!(
            "smtp://alice%40bereik.test:alicepw@localhost:{}",
            self.ports.submission
        );
        let programs = programs.0.iter();
        let mut environment: Vec<(&str, OsString)> = programs
            .map(|(variable, place)| (*variable, place.into()))
            .collect();
        environment.extend([
            ("BEREIK_IMAP_PORT", self.ports.imap.to_string().into()),
            ("BEREIK_IMAPS_PORT", self.ports.imaps.to_string().into()),
            ("BEREIK_MAILDIR", self.folder.join("mail").into()),
            ("BEREIK_SMTP_CA", self.folder.join("ca.pem").into()),
            (
                "BEREIK_SMTP_PLAIN_PORT",
                self.ports.plain.to_string().into(),
            ),
            ("BEREIK_SMTP_URL", url.into()),
            ("TMPDIR", self.folder.join("tmp").into()),
        ]);
        environment
    }

    /// Prints the environment in a form that a shell can read.
    pub(crate) fn print_environment(&self, programs: &Programs) {
        for (name, value) in self.environment(programs) {
            println!("export {name}='{}'", value.display());
        }
    }

    /// Ties a process group to the leash: it is killed with the servers.
    pub(crate) fn tie(&mut self, process_group: u32) -> Result<(), Failure> {
        self.tell(&format!("child {process_group}\n"))
    }

    /// Forgets the tied process group, which has ended.
    pub(crate) fn untie(&mut self) -> Result<(), Failure> {
        self.tell("child\n")
    }

    fn tell(&mut self, line: &str) -> Result<(), Failure> {
        self.leash
            .as_mut()
            .and_then(|leash| leash.write_all(line.as_bytes()).ok())
            .ok_or_else(|| Failure::new("the mail server stopped before its time"))
    }

    /// Keeps the servers until the script ends by itself, which it does only when it is killed.
    pub(crate) fn wait(mut self) -> Result<(), Failure> {
        match self.script.wait() {
            Ok(_) => Err(Failure::new("the mail server stopped before its time")),
            Err(reason) => Err(Failure::new(format!(
                "cannot wait for the mail server: {reason}"
            ))),
        }
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        drop(self.leash.take());
        // The script ends once its input does; it has no news for us.
        let _ = self.script.wait();
    }
}

impl Ports {
    /// Ports that nobody uses, all held until each is known.
    fn free() -> Result<Self, Failure> {
        let failed = |reason| Failure::new(format!("no free port on loopback: {reason}"));
        let mut held = Vec::new();
        let mut port = || {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
            let port = listener.local_addr().map_err(failed)?.port();
            held.push(listener);
            Ok(port)
        };
        Ok(Self {
            plain: port()?,
            submission: port()?,
            imap: port()?,
            imaps: port()?,
        })
    }
}

fn await_greeting(port: u16, greeting: &str) -> Result<(), Failure> {
    let mut line = String::new();
    let read = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).and_then(|stream| {
        stream.set_read_timeout(Some(GREETING_MAX))?;
        BufReader::new(stream).read_line(&mut line)
    });
    match read {
        Ok(_) if line.starts_with(greeting) => Ok(()),
        Ok(_) => Err(Failure::new(format!(
            "the mail server on port {port} did not greet"
        ))),
        Err(reason) => Err(Failure::new(format!(
            "the mail server on port {port} is silent: {reason}"
        ))),
    }
}
