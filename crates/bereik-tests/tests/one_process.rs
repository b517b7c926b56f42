//! Every adapter that speaks TLS, in one process: there is one provider of rustls, and none is installed for the process.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::sync::Arc;

use bereik::channel::http::{Call, Http};
use bereik::channel::{Channel, ErrorKind, Health, Sent};
use bereik::core::presence::PresenceState;
use bereik::email::{Mailbox, MailboxConfig, Security, Smtp, SmtpConfig};
use bereik::xmpp::{Xmpp, XmppConfig};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set by cargo xtask test"))
}

/// Trusts the servers of the tests and nobody else.
fn tls() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let file = variable("BEREIK_SMTP_CA");
    for certificate in CertificateDer::pem_file_iter(file).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap();
    config.with_root_certificates(roots).with_no_client_auth()
}

#[tokio::test]
#[ignore = "needs an SMTP and an IMAP server; cargo xtask test runs it"]
async fn all_speak_tls_side_by_side_and_trust_no_stranger() {
    let authority = variable("BEREIK_SMTP_CA");
    let smtp = SmtpConfig::parse(&variable("BEREIK_SMTP_URL")).unwrap();
    let smtp = Smtp::new(smtp.with_certificate_file(&authority)).unwrap();
    let port = variable("BEREIK_IMAPS_PORT").parse().unwrap();
    let mailbox = MailboxConfig::new("localhost", port)
        .unwrap()
        .with_login("reader9@bereik.test", "readerpw")
        .with_certificate_file(&authority)
        .with_security(Security::ImplicitTls);
    let mailbox = Mailbox::new(mailbox).unwrap();
    // What answers here speaks TLS, and no HTTP after it.
    let url = format!("https://localhost:{port}/");
    let (trusting, strict) = (Http::with_tls(tls()), Http::new().unwrap());
    let xmpp = XmppConfig::new("reader9@localhost", "readerpw").unwrap();
    let xmpp = xmpp.with_server("localhost", port).with_direct_tls();
    let known_chat = Xmpp::new(xmpp.clone().with_tls(tls())).unwrap();
    let unknown_chat = Xmpp::new(xmpp).unwrap();
    let (mail, box_, known, unknown, chat, stranger) = tokio::join!(
        smtp.probe(),
        mailbox.probe(),
        trusting.ask(Call::get(url.clone())),
        strict.ask(Call::get(url.clone())),
        known_chat.publish(PresenceState::Available),
        unknown_chat.publish(PresenceState::Available),
    );
    assert_eq!((mail, box_), (Health::Up, Health::Up));
    let known = known.expect_err("it is no web server");
    assert_ne!(known.kind(), ErrorKind::Security);
    assert_eq!(chat.map_err(|error| error.kind()), Err(ErrorKind::Protocol));
    for unknown in [unknown.map(drop), stranger] {
        let unknown = unknown.expect_err("nobody vouches for it");
        let is = (unknown.kind(), unknown.sent());
        assert_eq!(is, (ErrorKind::Security, Sent::No));
    }
    assert!(
        CryptoProvider::get_default().is_none(),
        "nothing is installed for the process"
    );
}
