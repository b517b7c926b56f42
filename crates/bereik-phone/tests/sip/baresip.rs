//! Baresip: a telephone with sound, which is told what to do over a socket.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::leash::{Folder, Leash, free_port};

pub(crate) struct Baresip {
    _leash: Leash,
    folder: Folder,
    control: Mutex<TcpStream>,
    heard: Mutex<Vec<u8>>,
}

impl Baresip {
    /// A telephone of this user at this registrar, that records what it hears.
    pub(crate) async fn start(user: &str, registrar: u16) -> Self {
        let folder = Folder::new("baresip");
        let (port, control, media) = (free_port(), free_port(), free_port());
        let path = folder.path().to_str().expect("a path").to_owned();
        let config = include_str!("baresip.config")
            .replace("FOLDER", &path)
            .replace("CONTROL", &control.to_string())
            .replace("MEDIA", &format!("{media}-{}", media + 20))
            .replace("PORT", &port.to_string());
        let account = format!(
            "<sip:{user}@bereik.test;transport=udp>;auth_user={user};auth_pass={user}pw;\
            outbound=\"sip:127.0.0.1:{registrar};transport=udp\";regint=60;answermode=manual;audio_codecs=pcmu\n"
        );
        for (name, text) in [
            ("config", config.as_str()),
            ("accounts", &account),
            ("contacts", ""),
        ] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let leash = Leash::new("baresip", &["-f", &path], folder.path());
        let control = Self::connect(control, &folder).await;
        let baresip = Self {
            _leash: leash,
            folder,
            control: Mutex::new(control),
            heard: Mutex::default(),
        };
        for _ in 0..400 {
            if baresip.folder.read("out").contains("200 OK") {
                return baresip;
            }
            sleep(Duration::from_millis(25)).await;
        }
        panic!("it does not register: {}", baresip.folder.read("out"));
    }

    async fn connect(port: u16, folder: &Folder) -> TcpStream {
        for _ in 0..400 {
            if let Ok(control) = TcpStream::connect(("127.0.0.1", port)) {
                control.set_nonblocking(true).expect("a socket");
                return control;
            }
            sleep(Duration::from_millis(25)).await;
        }
        panic!("baresip does not start: {}", folder.read("out"));
    }

    /// Tells it to do something.
    pub(crate) fn does(&self, command: &str, parameters: &str) {
        let command = json!({ "command": command, "params": parameters, "token": "t" }).to_string();
        let mut framed = String::new();
        write!(framed, "{}:{command},", command.len()).expect("a text");
        let mut control = self.control.lock().expect("nobody panics with it");
        control.write_all(framed.as_bytes()).expect("it listens");
    }

    /// All that it told so far.
    pub(crate) fn told(&self) -> Vec<Value> {
        let mut heard = self.heard.lock().expect("nobody panics with it");
        let mut control = self.control.lock().expect("nobody panics with it");
        let mut chunk = [0; 65_536];
        while let Ok(size) = control.read(&mut chunk) {
            if size == 0 {
                break;
            }
            heard.extend(&chunk[..size]);
        }
        let (mut rest, mut told) = (heard.as_slice(), Vec::new());
        while let Some(colon) = rest.iter().position(|byte| *byte == b':') {
            let size = std::str::from_utf8(&rest[..colon]).expect("a number");
            let end = colon + 1 + size.parse::<usize>().expect("a number");
            let Some(text) = rest.get(colon + 1..end) else {
                break;
            };
            told.push(serde_json::from_slice(text).expect("JSON"));
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        told
    }

    /// Waits until it tells of this kind of event; gives the last.
    pub(crate) async fn hears(&self, kind: &str) -> Value {
        for _ in 0..400 {
            let mut told = self.told().into_iter();
            if let Some(event) = told.rfind(|event| event["type"] == kind) {
                return event;
            }
            sleep(Duration::from_millis(25)).await;
        }
        panic!("no {kind}: {:?}\n{}", self.told(), self.folder.read("out"));
    }

    /// What it heard: a WAV file of 16 bits and 8,000 Hz.
    pub(crate) fn speaker(&self) -> Vec<i16> {
        let names = std::fs::read_dir(self.folder.path()).expect("a folder");
        let names = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let name = names.into_iter().find(|name| name.ends_with("-dec.wav"));
        let bytes = name.map(|name| std::fs::read(self.folder.path().join(name)).expect("a file"));
        let bytes = bytes.unwrap_or_default();
        let sound = bytes.get(44..).unwrap_or_default();
        sound
            .chunks_exact(2)
            .map(|two| i16::from_le_bytes([two[0], two[1]]))
            .collect()
    }
}
