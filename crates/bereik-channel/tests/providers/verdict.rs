//! What is made of each fault, and that nothing of the words gets into it.

use bereik_channel::{Channel, ChannelError, ErrorKind, Outbound, Retry, Scope, Sent};

use crate::fault::{Fault, Server};

/// Kind, scope, retry, and whether it may have been sent.
pub(crate) type Verdict = (ErrorKind, Scope, Retry, Sent);

pub(crate) const REFUSED: Verdict = (ErrorKind::Refused, Scope::Recipient, Retry::Never, Sent::No);
pub(crate) const INVALID: Verdict = (ErrorKind::Invalid, Scope::Message, Retry::Never, Sent::No);
pub(crate) const CREDENTIALS: Verdict = (
    ErrorKind::Credentials,
    Scope::Channel,
    Retry::Never,
    Sent::No,
);
pub(crate) const SLOWER: Verdict = (
    ErrorKind::Throttled,
    Scope::Recipient,
    Retry::BackOff,
    Sent::No,
);
pub(crate) const AWAY: Verdict = (
    ErrorKind::Unavailable,
    Scope::Channel,
    Retry::BackOff,
    Sent::No,
);
pub(crate) const BROKEN: Verdict = (
    ErrorKind::Unavailable,
    Scope::Channel,
    Retry::BackOff,
    Sent::Maybe,
);
const SILENT: Verdict = (
    ErrorKind::TimedOut,
    Scope::Channel,
    Retry::BackOff,
    Sent::Maybe,
);
const STRANGE: Verdict = (
    ErrorKind::Protocol,
    Scope::Channel,
    Retry::Never,
    Sent::Maybe,
);

/// What may go wrong with any provider.
fn of_any_provider() -> Vec<(Fault, Verdict)> {
    vec![
        (Fault::says(503, "upstream connect error"), BROKEN),
        (
            Fault::says(200, "<html>a hotel's log-in page</html>"),
            STRANGE,
        ),
        (Fault::Endless, STRANGE),
        (Fault::Silent, SILENT),
        (Fault::Closed, BROKEN),
        (Fault::Away, AWAY),
    ]
}

fn verdict(error: &ChannelError) -> Verdict {
    (error.kind(), error.scope(), error.retry(), error.sent())
}

/// Sends a message to a provider with each fault in turn.
pub(crate) async fn hold<C: Channel>(
    own: Vec<(Fault, Verdict)>,
    message: &Outbound,
    channel: impl Fn(&str) -> C,
) {
    for (fault, expected) in own.into_iter().chain(of_any_provider()) {
        let name = format!("{fault:?}");
        let server = Server::start(fault).await;
        let channel = channel(&server.url());
        let error = channel.send(message).await.expect_err(&name);
        assert_eq!(verdict(&error), expected, "{name}");
        let shown = format!("{error} {error:?} {channel:?}");
        let secrets = ["secret", message.body.as_str(), "upstream", "Bad Request"];
        let is_told = secrets.iter().any(|secret| shown.contains(secret));
        assert!(!is_told, "{shown}");
    }
}

/// What is no address of the provider is refused before anybody is asked.
pub(crate) async fn refuse<C: Channel>(
    addresses: &[&str],
    message: &Outbound,
    channel: impl Fn(&str) -> C,
) {
    let server = Server::start(Fault::says(500, "")).await;
    let channel = channel(&server.url());
    for address in addresses {
        let mut message = message.clone();
        message.to = address.parse().expect("an address of some sort");
        let error = channel.send(&message).await.expect_err(address);
        let is = (error.kind(), error.scope());
        assert_eq!(is, (ErrorKind::Invalid, Scope::Recipient), "{address}");
    }
    assert_eq!(server.asked(), 0);
}
