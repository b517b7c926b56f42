//! Presence: publishing documents (RFC 3903), and hearing of others (RFC 3856, RFC 6665).

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bereik_channel::{ChannelError, ErrorKind, Event, EventKind, Scope};
use bereik_core::Address;
use bereik_core::id::Key;
use bereik_core::presence::PresenceState;
use rsipstack::platform::CancellationToken;
use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::sip::{Header, Method, Response, StatusCode, Uri};
use rsipstack::transaction::transaction::Transaction;
use tokio::time::sleep;

use super::fault::fault;
use super::stack::{Stack, fault_of, reply};
use super::{caller, pidf};

/// The longest document that is published, in bytes: with its headers it fits in a datagram.
pub(super) const DOCUMENT_BYTES_MAX: usize = 7_000;
/// So many others are watched at once.
const WATCHED_MAX: usize = 1_024;
/// How long we ask to hear of others, in seconds.
const WATCHES_FOR_S: u64 = 600;
/// After what went wrong, it is tried again after this.
const TRIES_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// A server that grants less than this is asked no more often.
const SHORTEST: Duration = Duration::from_secs(1);

/// What is published, until something else is.
pub(super) struct Publication {
    stop: CancellationToken,
    tag: String,
}

/// Publishes a document, in the place of the last, and keeps it alive.
pub(super) async fn publish(
    stack: &Arc<Stack>,
    document: Vec<u8>,
    lasts: Duration,
) -> Result<(), ChannelError> {
    if document.is_empty() || document.len() > DOCUMENT_BYTES_MAX {
        return Err(ChannelError::new(ErrorKind::Invalid, Scope::Message));
    }
    let before = take(stack);
    let (tag, granted) = publish_as(stack, before, document.clone(), lasts).await?;
    let stop = stack.stop.child_token();
    let publication = Publication {
        stop: stop.clone(),
        tag,
    };
    {
        let mut published = stack
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = published.replace(publication) {
            // Two at once: the later one stands.
            other.stop.cancel();
        }
    }
    let kept = keep_alive(Arc::clone(stack), document, lasts, granted, stop);
    tokio::spawn(kept);
    Ok(())
}

/// Takes back what is published.
pub(super) async fn unpublish(stack: &Stack) -> Result<(), ChannelError> {
    let Some(tag) = take(stack) else {
        return Ok(());
    };
    match put(stack, Some(&tag), Vec::new(), Duration::ZERO).await {
        // It had ended by itself.
        Err(error) if error.code() == Some("412") => Ok(()),
        other => other.map(drop),
    }
}

fn take(stack: &Stack) -> Option<String> {
    let mut published = stack
        .published
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let published = published.take()?;
    published.stop.cancel();
    Some(published.tag)
}

/// Publishes in the place of what has this tag; where the server no longer has that, anew (RFC 3903, 11.3).
async fn publish_as(
    stack: &Stack,
    tag: Option<String>,
    document: Vec<u8>,
    lasts: Duration,
) -> Result<(String, Duration), ChannelError> {
    match put(stack, tag.as_deref(), document.clone(), lasts).await {
        Err(error) if tag.is_some() && error.code() == Some("412") => {
            put(stack, None, document, lasts).await
        }
        other => other,
    }
}

/// One PUBLISH: with a tag and without a document it lives on. Gives the new tag, and how long it lives.
async fn put(
    stack: &Stack,
    tag: Option<&str>,
    document: Vec<u8>,
    lasts: Duration,
) -> Result<(String, Duration), ChannelError> {
    let mut headers = vec![
        Header::Event("presence".into()),
        Header::Expires(lasts.as_secs().to_string().into()),
    ];
    if !document.is_empty() {
        headers.push(Header::ContentType("application/pidf+xml".into()));
    }
    headers.extend(tag.map(|tag| Header::Other("SIP-If-Match".to_owned(), tag.to_owned())));
    let answer = stack
        .ask(Method::Publish, stack.own.clone(), headers, document)
        .await;
    // To publish the same again changes nothing.
    let response = answer.map_err(|error| {
        ChannelError::new(error.kind(), error.scope()).with_retry(error.retry())
    })?;
    if !(200..300).contains(&response.status_code.code()) {
        return Err(fault_of(&response));
    }
    let tag = value(&response, "SIP-ETag").ok_or_else(|| fault(500, None))?;
    Ok((tag, granted(&response).unwrap_or(lasts)))
}

fn value(response: &Response, name: &str) -> Option<String> {
    let mut headers = response.headers.iter();
    let found = headers.find(|header| header.name().eq_ignore_ascii_case(name))?;
    let value = found.value().trim();
    (1..=256).contains(&value.len()).then(|| value.to_owned())
}

fn granted(response: &Response) -> Option<Duration> {
    let seconds = response
        .expires_header()?
        .value()
        .trim()
        .parse::<u32>()
        .ok()?;
    Some(Duration::from_secs(seconds.into()))
}

/// At three quarters of its life it is asked to live on.
fn next_after(granted: Duration) -> Duration {
    (granted * 3 / 4).max(SHORTEST)
}

async fn keep_alive(
    stack: Arc<Stack>,
    document: Vec<u8>,
    lasts: Duration,
    granted: Duration,
    stop: CancellationToken,
) {
    let mut wait = next_after(granted);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(wait) => {}
        }
        let tag = {
            let published = stack
                .published
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            published.as_ref().map(|published| published.tag.clone())
        };
        let renewed = match put(&stack, tag.as_deref(), Vec::new(), lasts).await {
            Err(_) => put(&stack, None, document.clone(), lasts).await,
            renewed => renewed,
        };
        let mut published = stack
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if stop.is_cancelled() {
            return;
        }
        wait = match (renewed, published.as_mut()) {
            (Ok((tag, granted)), Some(published)) => {
                published.tag = tag;
                next_after(granted)
            }
            _ => TRIES_AGAIN_AFTER,
        };
    }
}

/// Somebody of whom we hear.
pub(super) struct Watch {
    of: Address,
    stop: CancellationToken,
    /// The name of the newest subscription: what comes by another is old.
    call: String,
    /// What was told last.
    state: Option<PresenceState>,
}

/// Asks to hear of somebody, again and again. The first answer says whether the server lets us.
pub(super) async fn watch(stack: &Arc<Stack>, of: Address) -> Result<(), ChannelError> {
    let uri = stack.account.uri(&of)?;
    {
        let watched = stack.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.iter().any(|watch| watch.of == of) {
            return Ok(());
        }
        if watched.len() >= WATCHED_MAX {
            return Err(ChannelError::new(ErrorKind::Throttled, Scope::Channel));
        }
    }
    let stop = stack.stop.child_token();
    let granted = subscribe(stack, &of, &uri, &stop).await;
    let granted = granted.inspect_err(|_| unwatch(stack, &of))?;
    tokio::spawn(watch_on(Arc::clone(stack), of, uri, stop, granted));
    Ok(())
}

/// Hears of him no longer.
pub(super) fn unwatch(stack: &Stack, of: &Address) {
    let mut watched = stack.watched.lock().unwrap_or_else(PoisonError::into_inner);
    watched.retain(|watch| {
        if watch.of == *of {
            watch.stop.cancel();
        }
        watch.of != *of
    });
}

async fn watch_on(
    stack: Arc<Stack>,
    of: Address,
    uri: Uri,
    stop: CancellationToken,
    granted: Duration,
) {
    let mut wait = next_after(granted);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(wait) => {}
        }
        wait = match subscribe(&stack, &of, &uri, &stop).await {
            Ok(granted) => next_after(granted),
            Err(_) => TRIES_AGAIN_AFTER,
        };
    }
}

/// One SUBSCRIBE. Each is a subscription of its own, which brings the state whole, and the one before it runs out: so
/// nothing hangs on a server that has forgotten one.
async fn subscribe(
    stack: &Stack,
    of: &Address,
    uri: &Uri,
    stop: &CancellationToken,
) -> Result<Duration, ChannelError> {
    let headers = vec![
        Header::Event("presence".into()),
        Header::Accept("application/pidf+xml".into()),
        Header::Expires(WATCHES_FOR_S.to_string().into()),
        Header::Contact(format!("<{}>", stack.contact).into()),
    ];
    let request = stack.request(Method::Subscribe, uri.clone(), headers, Vec::new())?;
    let call = request.call_id_header().map(|id| id.value().to_owned());
    let call = call.map_err(|_| ChannelError::unavailable())?;
    {
        // The first news may come before the answer.
        let mut watched = stack.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if stop.is_cancelled() {
            return Err(ChannelError::unavailable());
        }
        match watched.iter_mut().find(|watch| watch.of == *of) {
            Some(watch) => watch.call = call,
            None => watched.push(Watch {
                of: of.clone(),
                stop: stop.clone(),
                call,
                state: None,
            }),
        }
    }
    let answer = stack.ask_with(request).await;
    let response = answer.map_err(|error| {
        ChannelError::new(error.kind(), error.scope()).with_retry(error.retry())
    })?;
    match response.status_code.code() {
        200..=299 => Ok(granted(&response).unwrap_or(Duration::from_secs(WATCHES_FOR_S))),
        _ => Err(fault_of(&response)),
    }
}

/// News of somebody, where we asked for it. What was told before is no news.
pub(super) async fn notified(stack: &Stack, mut asked: Transaction) {
    let request = &asked.original;
    let found = request.call_id_header().ok().and_then(|call| {
        let watched = stack.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = watched.iter().find(|watch| watch.call == call.value());
        watch.map(|watch| (watch.of.clone(), watch.state))
    });
    let Some((of, before)) = found else {
        return reply(&mut asked, StatusCode::CallTransactionDoesNotExist).await;
    };
    let state = pidf::read(&request.body).filter(|state| Some(*state) != before);
    let id = caller::call_id(request).and_then(|id| Key::parse(&format!("P:{id}")).ok());
    let Some((state, id)) = state.zip(id) else {
        return reply(&mut asked, StatusCode::OK).await;
    };
    let kind = EventKind::Presence {
        of: of.clone(),
        state,
    };
    if stack.keep(Event { id, kind }).await.is_err() {
        return reply(&mut asked, StatusCode::ServiceUnavailable).await;
    }
    {
        let mut watched = stack.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watch) = watched.iter_mut().find(|watch| watch.of == of) {
            watch.state = Some(state);
        }
    }
    reply(&mut asked, StatusCode::OK).await;
}
