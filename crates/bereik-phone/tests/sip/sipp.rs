//! SIPp: the other side as a script, whose exit code is the verdict.

use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use crate::leash::{Folder, Leash, free_port, is_bound};

pub(crate) struct Sipp {
    leash: Leash,
    pub(crate) folder: Folder,
    pub(crate) port: u16,
}

impl Sipp {
    /// Plays a scenario of this folder once, with words that it names in brackets.
    pub(crate) async fn plays(scenario: &str, words: &[(&str, &str)]) -> Self {
        Self::at(
            free_port(),
            scenario,
            words,
            &["-m", "1", "-timeout", "40", "-timeout_error"],
        )
        .await
    }

    /// Takes messages at this port as long as it lives.
    pub(crate) async fn takes_messages(port: u16) -> Self {
        Self::at(port, "takes_messages", &[], &[]).await
    }

    /// Writes a message to this user at a server.
    pub(crate) async fn writes(words: &str, user: &str, server: u16) -> Self {
        let (server, words) = (format!("127.0.0.1:{server}"), [("words", words)]);
        let more = [
            "-m",
            "1",
            "-timeout",
            "20",
            "-timeout_error",
            "-s",
            user,
            &server,
        ];
        Self::at(free_port(), "writes", &words, &more).await
    }

    /// Calls a port from its own, and expects these words in the call.
    pub(crate) async fn calls(port: u16, own: u16, words: &str) -> Self {
        let (server, words) = (format!("127.0.0.1:{port}"), [("words", words)]);
        let more = ["-m", "1", "-timeout", "20", "-timeout_error", &server];
        Self::at(own, "calls", &words, &more).await
    }

    async fn at(port: u16, scenario: &str, words: &[(&str, &str)], more: &[&str]) -> Self {
        let folder = Folder::new("sipp");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sip");
        let script = script.join(format!("{scenario}.xml"));
        let mut script = std::fs::read_to_string(script).expect("a scenario");
        for (name, value) in words {
            script = script.replace(&format!("[{name}]"), value);
        }
        std::fs::write(folder.path().join("scenario.xml"), script).expect("a file");
        let media = free_port();
        let (port_text, media_text) = (port.to_string(), media.to_string());
        let mut arguments = vec![
            "-sf",
            "scenario.xml",
            "-i",
            "127.0.0.1",
            "-p",
            &port_text,
            "-mp",
            &media_text,
            "-nostdin",
            "-trace_err",
            "-trace_msg",
            "-error_file",
            "errors",
            "-message_file",
            "messages",
            "-message_overwrite",
            "true",
        ];
        arguments.extend(more);
        let leash = Leash::new("sipp", &arguments, folder.path());
        let mut sipp = Self {
            leash,
            folder,
            port,
        };
        for _ in 0..200 {
            if is_bound(port) || sipp.leash.has_ended() {
                return sipp;
            }
            sleep(Duration::from_millis(25)).await;
        }
        panic!("sipp does not start: {}", sipp.folder.read("err"));
    }

    pub(crate) fn server(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits for its verdict.
    pub(crate) async fn ends_well(mut self) {
        let status = self.leash.ended().await;
        let (errors, messages) = (self.folder.read("errors"), self.folder.read("messages"));
        assert!(status.success(), "{status}\n{errors}\n{messages}");
    }

    /// All that it received.
    pub(crate) fn received(&self) -> Vec<String> {
        let log = self.folder.read("messages");
        let messages = log.split("UDP message received [").skip(1);
        let messages = messages.filter_map(|rest| {
            let (size, rest) = rest.split_once("] bytes :\n\n")?;
            rest.get(..size.parse().ok()?).map(str::to_owned)
        });
        messages.collect()
    }
}
