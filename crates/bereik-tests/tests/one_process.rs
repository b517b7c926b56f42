//! Every adapter that speaks TLS, in one process: there is one provider of rustls, and none is installed for the process.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

#[path = "../../bereik-chat/tests/servers/leash.rs"]
mod leash;
#[path = "../../bereik-chat/tests/servers/ngircd.rs"]
mod ngircd;

use std::sync::Arc;
use std::time::Duration;

use bereik::channel::http::{Call, Http};
use bereik::channel::{Channel, ErrorKind, Health, Inbox, Sent};
use bereik::chat::{Irc, IrcAccount, Matrix};
use bereik::core::presence::PresenceState;
use bereik::email::{Mailbox, MailboxConfig, Security, Smtp, SmtpConfig};
use bereik::social::{Bluesky, Mastodon};
use bereik::xmpp::{Xmpp, XmppConfig};
use ngircd::{CERTIFICATE, Ngircd};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set by cargo xtask test"))
}

/// Trust in the servers of the tests and nobody else.
fn tls() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let file = variable("BEREIK_SMTP_CA");
    for certificate in CertificateDer::pem_file_iter(file).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    roots.add(CertificateDer::from(CERTIFICATE)).unwrap();
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap();
    config.with_root_certificates(roots).with_no_client_auth()
}

#[tokio::test]
#[ignore = "needs an SMTP, an IMAP and an IRC server; cargo xtask test runs it"]
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
    let server = Ngircd::start("");
    let account = IrcAccount::new("localhost", server.tls_port, "desk").unwrap();
    let inbox = Inbox::new().with_settle_for(Duration::ZERO);
    let irc = Irc::new(account, tls(), Arc::new(inbox));
    let origin = url.trim_end_matches('/');
    let matrix = Matrix::new(trusting.clone(), origin, "token");
    let foreign = Matrix::new(strict.clone(), origin, "token");
    let mastodon = Mastodon::new(trusting.clone(), origin, "token");
    let bluesky = Bluesky::new(trusting.clone(), "desk.test", "password").with_server(origin);
    let xmpp = XmppConfig::new("reader9@localhost", "readerpw").unwrap();
    let xmpp = xmpp.with_server("localhost", port).with_direct_tls();
    let known_chat = Xmpp::new(xmpp.clone().with_tls(tls())).unwrap();
    let unknown_chat = Xmpp::new(xmpp).unwrap();
    let (mail, box_, chat, mastodon, bluesky) = tokio::join!(
        smtp.probe(),
        mailbox.probe(),
        irc.probe(),
        mastodon.probe(),
        bluesky.probe(),
    );
    assert_eq!((mail, box_, chat), (Health::Up, Health::Up, Health::Up));
    let down = Health::Down { retry_after: None };
    assert_eq!((mastodon, bluesky), (down, down));
    let (rooms, chat, page) = tokio::join!(
        matrix.publish(PresenceState::Available),
        known_chat.publish(PresenceState::Available),
        trusting.ask(Call::get(url.clone())),
    );
    let strange = [rooms, chat, page.map(drop)].map(|said| said.map_err(|error| error.kind()));
    assert_ne!(strange[0], Err(ErrorKind::Security));
    assert_eq!(strange[1], Err(ErrorKind::Protocol));
    assert_ne!(strange[2], Err(ErrorKind::Security));
    assert!(strange.iter().all(Result::is_err), "none of it is there");
    let (rooms, chat, page) = tokio::join!(
        foreign.publish(PresenceState::Available),
        unknown_chat.publish(PresenceState::Available),
        strict.ask(Call::get(url.clone())),
    );
    for said in [rooms, chat, page.map(drop)] {
        let error = said.expect_err("nobody vouches for it");
        let is = (error.kind(), error.sent());
        assert_eq!(is, (ErrorKind::Security, Sent::No));
    }
    assert!(
        CryptoProvider::get_default().is_none(),
        "nothing is installed for the process"
    );
}
