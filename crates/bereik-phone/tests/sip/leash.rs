//! A program that ends when its test does, however that ends.

use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::sleep;

/// Runs a program until its own input ends: it does when we end, also when we are killed.
const LEASH: &str = "exec 3<&0; signal=$1; shift; \"$@\" </dev/null & pid=$!; \
    (cat >/dev/null; kill -s $signal $pid) <&3 & wait $pid; code=$?; kill $! 2>/dev/null; exit $code";

pub(crate) struct Leash {
    shell: Child,
}

impl Leash {
    pub(crate) fn new(program: &str, arguments: &[&str], folder: &Path) -> Self {
        let log = |name: &str| {
            let file = std::fs::File::create(folder.join(name)).expect("a file");
            Stdio::from(file)
        };
        // Kamailio takes its children along; the others would say goodbye at length.
        let signal = match program {
            "kamailio" => "TERM",
            _ => "KILL",
        };
        let shell = Command::new("sh")
            .args(["-c", LEASH, "leash", signal, program])
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(log("out"))
            .stderr(log("err"))
            .spawn()
            .expect("a shell");
        Self { shell }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.shell.try_wait().expect("a child").is_some()
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        for _ in 0..1_200 {
            if let Some(status) = self.shell.try_wait().expect("a child") {
                return status;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not end");
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// A folder that goes when the test does.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("bereik-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.0.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A port that nobody has at the moment, and with it the next score; none is given twice, not to another process either.
pub(crate) fn free_port() -> u16 {
    const BLOCK: u32 = 24;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // The last port of a block says that it is given.
    static GIVEN: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    let first = std::process::id().wrapping_mul(37);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(first) % 900;
        // Below the ports that the system gives away by itself.
        let port = u16::try_from(10_000 + number * BLOCK).expect("it is small");
        let Ok(given) = UdpSocket::bind(("127.0.0.1", port + 23)) else {
            continue;
        };
        let is_free = |port| {
            UdpSocket::bind(("127.0.0.1", port)).is_ok()
                && TcpListener::bind(("127.0.0.1", port)).is_ok()
        };
        if is_free(port) && is_free(port + 1) {
            GIVEN.lock().expect("nobody panics with it").push(given);
            return port;
        }
    }
}

/// Whether somebody hears at this port. It is looked up: to try it would take it away.
pub(crate) fn is_bound(port: u16) -> bool {
    let sockets = std::fs::read_to_string("/proc/net/udp").expect("Linux");
    sockets.contains(&format!(" 0100007F:{port:04X} "))
}
