//! Messages (RFC 3428): one that goes out, and those that come in.

use bereik_channel::{ChannelError, Event, EventKind, Evidence, Inbound, Outbound, Receipt};
use rsipstack::sip::{Header, Method, Request, StatusCode};
use rsipstack::transaction::transaction::Transaction;

use super::caller::{call_id, caller};
use super::stack::{Stack, fault_of, reply_with};

/// Of the 1,300 bytes that a request may have (RFC 3428, 8), so many are the text's.
pub(super) const TEXT_BYTES_MAX: usize = 700;

/// Sends it; 200 and 202 say that the other side, or a server in its place, took it.
pub(super) async fn send(stack: &Stack, message: &Outbound) -> Result<Receipt, ChannelError> {
    let to = stack.account.uri(&message.to)?;
    let mut headers = vec![Header::ContentType("text/plain;charset=UTF-8".into())];
    headers.extend(automatic(message));
    let text = message.body.as_str().as_bytes().to_vec();
    let response = stack.ask(Method::Message, to, headers, text).await?;
    match response.status_code.code() {
        200..=299 => Ok(Receipt::new(Evidence::Taken)),
        // Nobody was asked, so nobody declined.
        _ => Err(fault_of(&response)),
    }
}

/// What software wrote says so (RFC 3834).
fn automatic(message: &Outbound) -> Option<Header> {
    let says = ("Auto-Submitted".to_owned(), "auto-generated".to_owned());
    message
        .is_automatic
        .then_some(Header::Other(says.0, says.1))
}

/// Takes one that came in. It is kept before the other side hears so.
pub(super) async fn take(stack: &Stack, mut asked: Transaction) {
    let (headers, status) = match read(&asked.original) {
        Ok(events) => {
            let mut status = StatusCode::OK;
            for event in events {
                if stack.keep(event).await.is_err() {
                    status = StatusCode::ServiceUnavailable;
                }
            }
            (Vec::new(), status)
        }
        Err(StatusCode::UnsupportedMediaType) => {
            let accept = Header::Accept("text/plain".into());
            (vec![accept], StatusCode::UnsupportedMediaType)
        }
        Err(status) => (Vec::new(), status),
    };
    reply_with(&mut asked, status, headers).await;
}

fn read(request: &Request) -> Result<Vec<Event>, StatusCode> {
    let is_text = request.headers.iter().all(|header| match header {
        Header::ContentType(media) => is_plain(media.value()),
        Header::ContentEncoding(_) => false,
        _ => true,
    });
    if !is_text {
        return Err(StatusCode::UnsupportedMediaType);
    }
    let words = std::str::from_utf8(&request.body).map_err(|_| StatusCode::BadRequest)?;
    let id = call_id(request).ok_or(StatusCode::BadRequest)?;
    let (from, name) = caller(request);
    let is_automatic = request.headers.iter().any(|header| match header {
        Header::Other(name, value) => {
            let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
            name == "auto-submitted" && !value.starts_with("no")
        }
        _ => false,
    });
    let parts = Inbound::parts(&format!("M:{id}"), words).into_iter();
    let events = parts.map(|(id, body)| {
        let mut message = Inbound::new(from.clone(), body);
        message.from_name = name.clone();
        message.is_automatic = is_automatic;
        let kind = EventKind::Message(message);
        Event { id, kind }
    });
    Ok(events.collect())
}

fn is_plain(media: &str) -> bool {
    let mut words = media
        .split(';')
        .map(|word| word.trim().to_ascii_lowercase());
    let is_plain = words.next().is_some_and(|kind| kind == "text/plain");
    let is_utf8 = |word: String| match word.strip_prefix("charset=") {
        Some(charset) => matches!(charset.trim_matches('"'), "utf-8" | "us-ascii"),
        None => true,
    };
    is_plain && words.all(is_utf8)
}
