//! A prosody of our own, in a folder of its own, that ends with the tests.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bereik_xmpp::XmppConfig;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The accounts are `u0` to `u39`, each with this password.
pub(crate) const PASSWORD: &str = "geheim";

/// Ends prosody when our end of its standard input is gone, however that happens.
const GUARD: &str =
    r#"prosody -F --config "$1" </dev/null >/dev/null 2>&1 & cat >/dev/null; kill $!; wait"#;

pub(crate) struct Prosody {
    guard: Option<Child>,
    folder: PathBuf,
    pub(crate) port: u16,
    pub(crate) direct_port: u16,
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn run(folder: &Path, arguments: &[&str]) {
    let mut openssl = Command::new("openssl");
    let done = openssl.args(arguments).current_dir(folder).output();
    let done = done.expect("openssl is installed");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// An authority, and a certificate of it for localhost: rustls takes no certificate that is its own authority.
fn certify(folder: &Path) {
    let key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ];
    let request = |rest: &[&'static str]| [&["req"], &key[..], rest].concat();
    run(
        folder,
        &request(&[
            "-x509",
            "-days",
            "3",
            "-subj",
            "/CN=authority",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ]),
    );
    run(
        folder,
        &request(&[
            "-subj",
            "/CN=localhost",
            "-keyout",
            "localhost.key",
            "-out",
            "leaf.csr",
        ]),
    );
    let extensions = "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n";
    std::fs::write(folder.join("extensions"), extensions).expect("a file");
    let signed = "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3 -extfile extensions -out localhost.crt";
    run(folder, &signed.split(' ').collect::<Vec<_>>());
}

impl Prosody {
    pub(crate) async fn start(more: &str) -> Self {
        let (port, direct_port) = (free_port(), free_port());
        let name = format!("bereik-prosody-{}-{port}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let accounts = folder.join("data/localhost/accounts");
        std::fs::create_dir_all(&accounts).expect("a temporary folder");
        certify(&folder);
        for number in 0..40 {
            let account = format!("return {{ [\"password\"] = \"{PASSWORD}\" }};");
            std::fs::write(accounts.join(format!("u{number}.dat")), account).expect("a file");
        }
        let config = format!(
            r#"
run_as_root = true
pidfile = "{0}/prosody.pid"
data_path = "{0}/data"
certificates = "{0}"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ {direct_port} }}
s2s_ports = {{ }}
modules_enabled = {{ "roster"; "saslauth"; "tls"; "disco"; "presence"; "message"; "iq"; "ping"; "mam"; "smacks"; "posix"; "pep"; "offline" }}
modules_disabled = {{ "s2s" }}
authentication = "internal_plain"
storage = "internal"
c2s_require_encryption = true
c2s_stanza_size_limit = 2 * 1024 * 1024
ssl = {{ key = "{0}/localhost.key"; certificate = "{0}/localhost.crt" }}
log = {{ debug = "{0}/prosody.log" }}
{more}
VirtualHost "localhost"
Component "rooms.localhost" "muc"
"#,
            folder.display()
        );
        std::fs::write(folder.join("prosody.cfg.lua"), config).expect("a file");
        let mut prosody = Self {
            guard: None,
            folder,
            port,
            direct_port,
        };
        prosody.begin().await;
        prosody
    }

    /// Starts it over the data that it has.
    pub(crate) async fn begin(&mut self) {
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(self.folder.join("prosody.cfg.lua"))
            .stdin(Stdio::piped())
            .spawn();
        self.guard = Some(guard.expect("a shell"));
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("prosody does not start: {}", self.log());
    }

    /// What it says of itself.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("prosody.log")).unwrap_or_default()
    }

    pub(crate) fn end(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }

    /// Ends it and starts it again over the same data.
    pub(crate) async fn restart(&mut self) {
        self.end();
        self.begin().await;
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A TLS that trusts this server and nobody else.
    pub(crate) fn tls(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(self.authority()).expect("a certificate");
        roots.add(certificate).expect("an authority");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions of TLS");
        Arc::new(config.with_root_certificates(roots).with_no_client_auth())
    }

    pub(crate) fn config(&self, account: &str) -> XmppConfig {
        XmppConfig::new(&format!("{account}@localhost"), PASSWORD)
            .expect("an account")
            .with_server("127.0.0.1", self.port)
            .with_tls(self.tls())
    }
}

impl Drop for Prosody {
    fn drop(&mut self) {
        self.end();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
