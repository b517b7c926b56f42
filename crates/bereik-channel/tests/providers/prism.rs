//! Prism: answers as a description of an interface says, and tells what of a request the description does not allow.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::time::sleep;

pub(crate) struct Prism {
    node: Child,
    port: u16,
    lines: Arc<Mutex<Vec<String>>>,
    reading: Option<JoinHandle<()>>,
    description: PathBuf,
}

/// A description in a file of the folder that a variable names.
pub(crate) fn file(variable: &str, path: &str) -> String {
    let folder = std::env::var_os(variable);
    let folder = folder.unwrap_or_else(|| panic!("{variable} names the folder of {path}"));
    std::fs::read_to_string(Path::new(&folder).join(path)).expect("a description")
}

impl Prism {
    pub(crate) async fn start(description: String) -> Self {
        let packages = std::env::var_os("BEREIK_NODE_PACKAGES");
        let packages = PathBuf::from(packages.expect("BEREIK_NODE_PACKAGES names a folder"));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let file = std::env::temp_dir().join(format!("bereik-prism-{port}.yaml"));
        std::fs::write(&file, description).expect("a temporary file");
        let mut node = Command::new("node")
            .arg(packages.join("node_modules/@stoplight/prism-cli/dist/index.js"))
            .args(["mock", "-h", "127.0.0.1", "-p", &port.to_string()])
            .arg(&file)
            .env("NO_COLOR", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (read, kept) = (node.stdout.take().expect("it talks"), Arc::clone(&lines));
        let reading = std::thread::spawn(move || {
            for line in BufReader::new(read).lines().map_while(Result::ok) {
                kept.lock().expect("nobody panics with it").push(line);
            }
        });
        let reading = Some(reading);
        let prism = Self {
            node,
            port,
            lines,
            reading,
            description: file,
        };
        for _ in 0..600 {
            if prism.has("Prism is listening") {
                return prism;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("Prism does not start: {:?}", prism.lines.lock());
    }

    fn has(&self, text: &str) -> bool {
        let lines = self.lines.lock().expect("nobody panics with it");
        lines.iter().any(|line| line.contains(text))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits for something that the description does not allow.
    pub(crate) async fn await_violation(&self) {
        for _ in 0..100 {
            if !self.violations().is_empty() {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("Prism sees nothing wrong");
    }

    /// What of our requests the description does not allow.
    pub(crate) fn violations(&self) -> Vec<String> {
        let lines = self.lines.lock().expect("nobody panics with it");
        assert!(
            lines.iter().any(|line| line.contains("Request received")),
            "nothing was asked"
        );
        lines
            .iter()
            .filter(|line| line.contains("[VALIDATOR]") && line.contains("error"))
            // Its own examples are not all as it describes them.
            .filter(|line| !line.contains("Violation: response"))
            .cloned()
            .collect()
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
        if let Some(reading) = self.reading.take() {
            let _ = reading.join();
        }
        let _ = std::fs::remove_file(&self.description);
    }
}
