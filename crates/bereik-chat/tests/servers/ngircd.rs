//! ngircd on loopback, with and without TLS, from a folder of its own.

use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::leash::{Folder, Leashed, free_port};

/// For `localhost`, until 2120.
pub(crate) const CERTIFICATE: &[u8] =
    include_bytes!("../../../bereik-feed/tests/web/localhost.der");
const KEY: &[u8] = include_bytes!("../../../bereik-feed/tests/web/localhost.key.der");

/// The group ffdhe2048 (RFC 7919): without one ngircd makes its own at each start, which takes from a second to a minute.
const GROUP: &str = "-----BEGIN DH PARAMETERS-----\n\
    MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz\n\
    +8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a\n\
    87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7\n\
    YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi\n\
    7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD\n\
    ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==\n\
    -----END DH PARAMETERS-----\n";

pub(crate) struct Ngircd {
    pub(crate) port: u16,
    pub(crate) tls_port: u16,
    config: PathBuf,
    server: Option<Leashed>,
    folder: Folder,
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

impl Ngircd {
    /// Knows whoever comes, or whoever has this password.
    pub(crate) fn start(password: &str) -> Self {
        let folder = Folder::new("ngircd");
        let (port, tls_port) = (free_port(), free_port());
        let certificate = folder.write("cert.pem", &pem("CERTIFICATE", CERTIFICATE));
        let key = folder.write("key.pem", &pem("PRIVATE KEY", KEY));
        let group = folder.write("group.pem", GROUP);
        let text = format!(
            "[Global]\nName = irc.bereik.test\nInfo = test\nAdminEMail = x@bereik.test\n\
             Listen = 127.0.0.1\nPorts = {port}\nServerUID = irc\nServerGID = irc\nPassword = {password}\n\
             [Limits]\nMaxConnectionsIP = 100\nMaxNickLength = 16\nPingTimeout = 120\n\
             [Options]\nIdent = no\nPAM = no\nDNS = no\n\
             [SSL]\nCertFile = {}\nKeyFile = {}\nDHFile = {}\nPorts = {tls_port}\n\
             [Channel]\nName = #desk\n",
            certificate.display(),
            key.display(),
            group.display(),
        );
        let config = folder.write("ngircd.conf", &text);
        let mut ngircd = Self {
            port,
            tls_port,
            config,
            server: None,
            folder,
        };
        ngircd.run();
        ngircd
    }

    /// Runs it, anew where it runs, at the ports that it had.
    pub(crate) fn run(&mut self) {
        self.stop();
        let program = [
            "/usr/sbin/ngircd",
            "/usr/local/sbin/ngircd",
            "/usr/bin/ngircd",
        ];
        let program = program
            .map(PathBuf::from)
            .into_iter()
            .find(|path| path.exists());
        let program = program.expect("ngircd, which cargo xtask test installs");
        let config = self.config.to_str().expect("a path of ASCII").to_owned();
        let log = self.folder.path("log");
        self.server = Some(Leashed::start(&program, &["-n", "-f", &config], &log));
        for _ in 0..200 {
            let there = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            if there(self.port) && there(self.tls_port) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("ngircd does not start: {:?}", std::fs::read_to_string(log));
    }

    /// Ends it, with every connection.
    pub(crate) fn stop(&mut self) {
        self.server = None;
    }
}
