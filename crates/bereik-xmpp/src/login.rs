//! From nothing to a stream that is encrypted and logged in (RFC 6120, 5 and 6).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minidom::Element;
use sasl::client::Mechanism;
use sasl::client::mechanisms::{Plain, Scram};
use sasl::common::scram::{Sha1, Sha256};
use sasl::common::{Credentials, parse_frame};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;

use crate::config::XmppConfig;
use crate::fault::Fault;
use crate::stream::Stream;
use crate::wire::element;

pub(crate) type Secret = Stream<TlsStream<TcpStream>>;

const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const STREAM: &str = "http://etherx.jabber.org/streams";
const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";

/// A server may ask us to derive a key in so many rounds (RFC 5802, 5.1): a million takes about a second.
const ROUNDS_MAX: u32 = 1_000_000;

/// Connects, encrypts and logs in; gives the stream and what the server can. The caller bounds its time.
pub(crate) async fn log_in(
    config: &XmppConfig,
    tls: &Arc<ClientConfig>,
) -> Result<(Secret, Element), Fault> {
    let (host, port) = &config.server;
    let connected = TcpStream::connect((host.as_str(), *port)).await;
    let connection = connected.map_err(|_| Fault::Away)?;
    // Small answers are waited for on both sides.
    connection.set_nodelay(true).map_err(|_| Fault::Away)?;
    let domain = config.jid.domain().as_str();
    let connection = if config.is_direct {
        connection
    } else {
        agree_on_tls(connection, domain).await?
    };
    let tls = TlsConnector::from(Arc::clone(tls)).connect(config.domain.clone(), connection);
    let mut stream = Stream::new(tls.await?);
    let features = begin(&mut stream, domain).await?;
    authenticate(&mut stream, &features, config).await?;
    let features = begin(&mut stream, domain).await?;
    Ok((stream, features))
}

async fn begin<S>(stream: &mut Stream<S>, domain: &str) -> Result<Element, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.begin(domain).await?;
    let features = stream.element().await?;
    let is_it = features.is("features", STREAM);
    is_it.then_some(features).ok_or(Fault::Garbage)
}

/// Says nothing before TLS but that we want it. What came in the clear behind the server's assent is not believed.
async fn agree_on_tls(connection: TcpStream, domain: &str) -> Result<TcpStream, Fault> {
    let mut stream = Stream::new(connection);
    let features = begin(&mut stream, domain).await?;
    if !features.has_child("starttls", TLS) {
        return Err(Fault::NotSecret);
    }
    stream.send(&element("starttls", TLS, &[])).await?;
    let agreed = stream.element().await?.is("proceed", TLS);
    let connection = stream.into_connection().filter(|_| agreed);
    connection.ok_or(Fault::NotSecret)
}

async fn authenticate(
    stream: &mut Secret,
    features: &Element,
    config: &XmppConfig,
) -> Result<(), Fault> {
    let mut mechanism = mechanism(features, config)?;
    let mut auth = element("auth", SASL, &[("mechanism", mechanism.name())]);
    auth.append_text_node(STANDARD.encode(mechanism.initial()));
    stream.send(&auth).await?;
    loop {
        let said = stream.element().await?;
        let words = STANDARD.decode(said.text().trim());
        match (said.name(), words) {
            ("challenge", Ok(challenge)) => {
                check_rounds(&challenge)?;
                let answer = mechanism.response(&challenge);
                let answer = answer.map_err(|_| Fault::Garbage)?;
                let mut response = element("response", SASL, &[]);
                response.append_text_node(STANDARD.encode(answer));
                stream.send(&response).await?;
            }
            // Who knows the password proves it too: the server's signature is looked at.
            ("success", Ok(proof)) => {
                return mechanism.success(&proof).map_err(|_| Fault::NotSecret);
            }
            ("failure", _) => return Err(refused(&said)),
            _ => return Err(Fault::Garbage),
        }
    }
}

/// The best way of proving the password that both sides know.
fn mechanism(
    features: &Element,
    config: &XmppConfig,
) -> Result<Box<dyn Mechanism + Send + Sync>, Fault> {
    let offered = features.get_child("mechanisms", SASL);
    let offered = offered.into_iter().flat_map(Element::children);
    let offered: Vec<String> = offered.map(Element::text).collect();
    let has = |name: &str| offered.iter().any(|offered| offered == name);
    let credentials = Credentials::default()
        // RFC 5802, 5.1: these two separate the fields.
        .with_username(config.user.replace('=', "=3D").replace(',', "=2C"))
        .with_password(config.password.expose_secret());
    let made: Result<Box<dyn Mechanism + Send + Sync>, _> = if has("SCRAM-SHA-256") {
        Scram::<Sha256>::from_credentials(credentials).map(|it| Box::new(it) as _)
    } else if has("SCRAM-SHA-1") {
        Scram::<Sha1>::from_credentials(credentials).map(|it| Box::new(it) as _)
    } else if has("PLAIN") {
        let credentials = credentials.with_username(&config.user);
        Plain::from_credentials(credentials).map(|it| Box::new(it) as _)
    } else {
        return Err(Fault::Missing("SCRAM or PLAIN"));
    };
    made.map_err(|_| Fault::Garbage)
}

fn check_rounds(challenge: &[u8]) -> Result<(), Fault> {
    let fields = parse_frame(challenge).map_err(|_| Fault::Garbage)?;
    let rounds: Option<u32> = fields.get("i").and_then(|rounds| rounds.parse().ok());
    match rounds {
        Some(rounds) if rounds > ROUNDS_MAX => Err(Fault::Garbage),
        _ => Ok(()),
    }
}

fn refused(failure: &Element) -> Fault {
    let reason = failure.children().find(|child| child.name() != "text");
    let reason = reason.map_or("not-authorized", Element::name);
    match reason {
        "temporary-auth-failure" => Fault::Closed,
        _ => Fault::Credentials(reason.to_owned()),
    }
}
