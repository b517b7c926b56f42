//! Synapse on loopback, with and without TLS, from a folder of its own.

use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bereik_channel::http::{Call, Http};
use serde_json::json;

use crate::leash::{Folder, Leashed, free_port};

/// For `localhost`, until 2120.
pub(crate) const CERTIFICATE: &[u8] =
    include_bytes!("../../../bereik-feed/tests/web/localhost.der");
const KEY: &[u8] = include_bytes!("../../../bereik-feed/tests/web/localhost.key.der");

pub(crate) struct Synapse {
    pub(crate) url: String,
    pub(crate) tls_url: String,
    _server: Leashed,
    _folder: Folder,
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

/// `messages_per_second` is what each user may send; ten at once.
fn config(folder: &Folder, port: u16, tls_port: u16, messages_per_second: u32) -> String {
    let path = |name: &str| folder.path(name).display().to_string();
    let certificate = folder.write("cert.pem", &pem("CERTIFICATE", CERTIFICATE));
    let key = folder.write("key.pem", &pem("PRIVATE KEY", KEY));
    let often = json!({"per_second": 1000, "burst_count": 1000});
    let listener = |port: u16, tls: bool| {
        json!({
            "port": port, "tls": tls, "type": "http", "bind_addresses": ["127.0.0.1"],
            "resources": [{"names": ["client", "media"], "compress": false}],
        })
    };
    let config = json!({
        "server_name": "bereik.test",
        "report_stats": false,
        "listeners": [listener(port, false), listener(tls_port, true)],
        "tls_certificate_path": certificate,
        "tls_private_key_path": key,
        "database": {"name": "sqlite3", "args": {"database": path("homeserver.db")}},
        "media_store_path": path("media"),
        "signing_key_path": path("signing.key"),
        "trusted_key_servers": [],
        "suppress_key_server_warning": true,
        "federation_domain_whitelist": [],
        "macaroon_secret_key": "m",
        "form_secret": "f",
        "enable_registration": true,
        "enable_registration_without_verification": true,
        "presence": {"enabled": true},
        "rc_message": {"per_second": messages_per_second, "burst_count": 10},
        "rc_registration": often,
        "rc_login": {"address": often, "account": often, "failed_attempts": often},
        "rc_joins": {"local": often, "remote": often},
        "rc_invites": {"per_room": often, "per_user": often, "per_issuer": often},
        "rc_room_creation": often,
        "rc_presence": {"per_user": often},
    });
    config.to_string()
}

impl Synapse {
    pub(crate) async fn start(messages_per_second: u32) -> Self {
        let programs = std::env::var_os("BEREIK_SLOW_PYTHON");
        let programs = PathBuf::from(programs.expect("BEREIK_SLOW_PYTHON names a folder"));
        let (python, folder) = (programs.join("python"), Folder::new("synapse"));
        let (port, tls_port) = (free_port(), free_port());
        // JSON is YAML.
        let text = config(&folder, port, tls_port, messages_per_second);
        let config = folder.write("homeserver.yaml", &text);
        let config = config.to_str().expect("a path of ASCII");
        let server = ["-m", "synapse.app.homeserver", "-c", config];
        let keys = std::process::Command::new(&python)
            .args(server)
            .arg("--generate-keys")
            .current_dir(folder.path(""))
            .output();
        assert!(keys.expect("python").status.success(), "a signing key");
        let log = folder.path("log");
        let synapse = Self {
            url: format!("http://127.0.0.1:{port}"),
            tls_url: format!("https://localhost:{tls_port}"),
            _server: Leashed::start(&python, &server, &log),
            _folder: folder,
        };
        for _ in 0..1_200 {
            let there = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            if there(port) && there(tls_port) {
                return synapse;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("synapse does not start: {:?}", std::fs::read_to_string(log));
    }

    /// A new account: its token.
    pub(crate) async fn register(&self, name: &str) -> String {
        let told = json!({"username": name, "password": "a long password", "auth": {"type": "m.login.dummy"}});
        let call = Call::post(format!("{}/_matrix/client/v3/register", self.url), &told);
        let http = Http::new().expect("a client");
        let answer = http
            .with_answer_within(Duration::from_secs(60))
            .ask(call)
            .await;
        let told = answer.expect("an answer").json;
        told["access_token"].as_str().expect("a token").to_owned()
    }
}
