//! Kamailio: a registrar, a proxy and a server of presence.

use std::path::Path;
use std::time::Duration;

use bereik_phone::SipAccount;
use tokio::time::sleep;

use crate::leash::{Folder, Leash, free_port};

pub(crate) struct Kamailio {
    _leash: Leash,
    folder: Folder,
    pub(crate) port: u16,
    /// Where it sends what is for +31208888888.
    pub(crate) elsewhere: u16,
}

/// What the server of presence keeps, and in which form.
const TABLES: [&str; 5] = [
    "version",
    "presentity",
    "active_watchers",
    "watchers",
    "xcap",
];
const TABLES_FOLDER: &str = "/usr/share/kamailio/dbtext/kamailio";

impl Kamailio {
    pub(crate) async fn start() -> Self {
        let (folder, port, elsewhere) = (Folder::new("kamailio"), free_port(), free_port());
        let path = folder.path().to_str().expect("a path").to_owned();
        for name in ["run", "tables"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        for table in TABLES {
            let (from, to) = (
                Path::new(TABLES_FOLDER).join(table),
                folder.path().join("tables").join(table),
            );
            std::fs::copy(from, to).expect("a table");
        }
        let config = include_str!("kamailio.cfg")
            .replace("STATIC", &elsewhere.to_string())
            .replace("PORT", &port.to_string());
        let config = config.replace("FOLDER", &path);
        std::fs::write(folder.path().join("kamailio.cfg"), config).expect("a file");
        let run = format!("{path}/run");
        let arguments = [
            "-DD",
            "-E",
            "-f",
            "kamailio.cfg",
            "-Y",
            &run,
            "-m",
            "64",
            "-M",
            "8",
        ];
        let leash = Leash::new("kamailio", &arguments, folder.path());
        let kamailio = Self {
            _leash: leash,
            folder,
            port,
            elsewhere,
        };
        for _ in 0..400 {
            // Its children read the port a moment after it is bound.
            if kamailio.is_up() {
                return kamailio;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("kamailio does not start: {}", kamailio.log());
    }

    fn is_up(&self) -> bool {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
        let wait = Some(Duration::from_millis(50));
        socket.set_read_timeout(wait).expect("a socket");
        let port = socket.local_addr().expect("an address").port();
        let ping = format!(
            "OPTIONS sip:bereik.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKup\r\n\
            From: <sip:a@bereik.test>;tag=1\r\nTo: <sip:bereik.test>\r\nCall-ID: up{port}\r\nCSeq: 1 OPTIONS\r\n\
            Max-Forwards: 9\r\nContent-Length: 0\r\n\r\n"
        );
        let _ = socket.send_to(ping.as_bytes(), ("127.0.0.1", self.port));
        socket.recv(&mut [0; 2_048]).is_ok()
    }

    /// An account of ours there.
    pub(crate) fn account(&self, user: &str) -> SipAccount {
        SipAccount::new(format!("127.0.0.1:{}", self.port), user, "bereik.test")
            .with_password(format!("{user}pw"))
            .with_local("127.0.0.1:0".parse().expect("an address"))
            .with_trying_within(Duration::from_secs(5))
    }

    pub(crate) fn log(&self) -> String {
        self.folder.read("err")
    }

    /// Waits until it has logged this so often.
    pub(crate) async fn logs(&self, words: &str, times: usize) {
        for _ in 0..400 {
            if self.log().matches(words).count() >= times {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not log {words:?} {times} times: {}", self.log());
    }
}
