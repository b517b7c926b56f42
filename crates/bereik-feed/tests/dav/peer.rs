//! Radicale and Xandikos as processes on loopback, each in a folder of its own.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};

/// `anna:annapw`, as RFC 7617 has it.
const AUTHORIZATION: &str = "YW5uYTphbm5hcHc=";
/// How often a server is looked for, a tenth of a second apart.
const LOOKS_MAX: u32 = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Radicale,
    Xandikos,
}

impl Kind {
    /// The calendar that each test has.
    pub(crate) const fn calendar(self) -> &'static str {
        match self {
            Self::Radicale => "/anna/work/",
            Self::Xandikos => "/anna/calendars/calendar/",
        }
    }

    /// Where a second one can be made.
    pub(crate) const fn second(self) -> &'static str {
        match self {
            Self::Radicale => "/anna/home/",
            Self::Xandikos => "/anna/calendars/home/",
        }
    }
}

/// A server that runs until it is dropped.
pub(crate) struct Peer {
    pub(crate) kind: Kind,
    folder: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Peer {
    /// Starts one with an empty calendar of Anna, whose password is `annapw`; Xandikos asks for none.
    pub(crate) fn start(kind: Kind, name: &str) -> Self {
        let name = format!("bereik-{kind:?}-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = free.local_addr().expect("a port").port();
        drop(free);
        let child = None;
        let mut peer = Self {
            kind,
            folder,
            port,
            child,
        };
        peer.run();
        if kind == Kind::Radicale {
            peer.make_calendar(kind.calendar());
        }
        peer
    }

    /// Runs the server, on the port and the folder that it had.
    pub(crate) fn run(&mut self) {
        let mut command = match self.kind {
            Kind::Radicale => radicale(&self.folder, self.port),
            Kind::Xandikos => xandikos(&self.folder, self.port),
        };
        let log = std::fs::File::create(self.folder.join("log")).expect("a log");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.child = Some(command.spawn().expect("the server's program"));
        for _ in 0..LOOKS_MAX {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("{:?} did not start: {log}", self.kind);
    }

    /// Kills it, as a power cut does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it can be killed");
            child.wait().expect("it has ended");
        }
    }

    /// Stops it where it is, or lets it go on: connections are taken, and nothing comes.
    pub(crate) fn signal(&self, signal: &str) {
        let child = self.child.as_ref().expect("it runs");
        let sent = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        self.ask("PUT", path, text);
    }

    pub(crate) fn delete(&self, path: &str) {
        self.ask("DELETE", path, "");
    }

    /// A second calendar of Anna.
    pub(crate) fn make_second(&self) {
        self.make_calendar(self.kind.second());
    }

    /// RFC 4791 section 5.3.1.
    fn make_calendar(&self, path: &str) {
        let body = "<C:mkcalendar xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"/>";
        self.ask("MKCALENDAR", path, body);
    }

    /// Radicale forgets which sync-tokens it gave, as it does after a month.
    pub(crate) fn forget_tokens(&self) {
        let calendar = self.folder.join("store/collection-root/anna/work");
        let tokens = calendar.join(".Radicale.cache/sync-token");
        std::fs::remove_dir_all(tokens).expect("it has given some");
    }

    fn ask(&self, method: &str, path: &str, body: &str) {
        let kind = match method {
            "PUT" => "text/calendar",
            _ => "text/xml",
        };
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("it runs");
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Authorization: Basic {AUTHORIZATION}\r\nContent-Type: {kind}; charset=utf-8\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(status.starts_with('2'), "{method} {path}: {answer}");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder of both programs, which `cargo xtask test` makes.
fn program(name: &str) -> Command {
    let folder = std::env::var_os("BEREIK_PYTHON");
    let folder = folder.expect("BEREIK_PYTHON names the folder of the servers' programs");
    Command::new(Path::new(&folder).join(name))
}

fn radicale(folder: &Path, port: u16) -> Command {
    let shown = folder.display();
    let settings = format!(
        "[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {shown}/users\n\
         htpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {shown}/store\n\
         [reporting]\nmax_freebusy_occurrence = 20\n[logging]\nlevel = warning\n"
    );
    std::fs::write(folder.join("users"), "anna:annapw\n").expect("a temporary file");
    std::fs::write(folder.join("settings"), settings).expect("a temporary file");
    let mut command = program("radicale");
    command.arg("--config").arg(folder.join("settings"));
    command
}

fn xandikos(folder: &Path, port: u16) -> Command {
    let mut command = program("xandikos");
    command
        .args(["serve", "--defaults", "--current-user-principal", "/anna/"])
        .args(["--listen-address", "127.0.0.1", "--port", &port.to_string()])
        .arg("--directory")
        .arg(folder.join("store"))
        .arg("--state-dir")
        .arg(folder.join("state"));
    command
}

/// A wire between a client and a server that counts what is asked.
pub(crate) struct Tap {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tap {
    pub(crate) async fn on(server: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = asked.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let heard = heard.clone();
                tokio::spawn(async move {
                    let server = tokio::net::TcpStream::connect(("127.0.0.1", server)).await?;
                    let (mut from_client, mut to_client) = client.into_split();
                    let (mut from_server, mut to_server) = server.into_split();
                    let back = tokio::spawn(async move {
                        copy(&mut from_server, &mut to_client).await?;
                        to_client.shutdown().await
                    });
                    let mut request = Vec::new();
                    while from_client.read_buf(&mut request).await? > 0 {
                        to_server.write_all(&request).await?;
                        let text = String::from_utf8_lossy(&request).into_owned();
                        heard.lock().expect("no panic").push(text);
                        request.clear();
                    }
                    back.abort();
                    std::io::Result::Ok(())
                });
            }
        });
        Self { port, asked }
    }

    /// What went over the wire since the last time.
    pub(crate) fn drain(&self) -> String {
        std::mem::take(&mut *self.asked.lock().expect("no panic")).concat()
    }
}
