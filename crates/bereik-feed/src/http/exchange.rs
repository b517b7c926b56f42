//! One request and its answer over one connection.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::time::timeout;

use crate::http::HttpLimits;
use crate::http::body::Unpacking;
use crate::http::error::{HttpError, HttpErrorKind};
use crate::http::request::Request;
use crate::http::response::{Response, is_redirect};
use crate::url_guard::CheckedUrl;

/// The longest head of an answer, in bytes, and its most fields.
const HEAD_BYTES_MAX: usize = 32 << 10;
const FIELDS_MAX: usize = 100;
/// How long the end of a connection is waited for, to see whether there is more than was said.
const END_FOR: Duration = Duration::from_millis(500);

/// Sends a request and reads its answer; of a redirect the head alone.
pub(crate) async fn exchange<T>(
    stream: T,
    request: &Request,
    url: &CheckedUrl,
    limits: HttpLimits,
) -> Result<Response, HttpError>
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let body = Full::new(Bytes::copy_from_slice(request.body()));
    let message = request.parts(url)?.body(body);
    let message = message.map_err(|error| HttpError::new(HttpErrorKind::Invalid, error))?;
    let shaken = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(FIELDS_MAX)
        .handshake(TokioIo::new(stream))
        .await;
    let (sender, mut connection) = shaken.map_err(of_hyper)?;
    let asked = ask(sender, message, url, limits);
    let driven = std::future::poll_fn(|cx| connection.poll_without_shutdown(cx));
    let response = beside(driven, asked).await?;
    if !is_redirect(response.status()) {
        let parts = connection.into_parts();
        let is_more = !parts.read_buf.is_empty() || has_more(parts.io.into_inner()).await;
        if is_more {
            return Err(HttpErrorKind::Broken.into());
        }
    }
    Ok(response)
}

/// The outcome of `main`, with `other` running beside it.
async fn beside<O>(other: impl Future, main: impl Future<Output = O>) -> O {
    let (mut other, mut main) = (pin!(other), pin!(main));
    let mut is_over = false;
    std::future::poll_fn(move |cx| {
        is_over = is_over || other.as_mut().poll(cx).is_ready();
        match main.as_mut().poll(cx) {
            Poll::Pending if !is_over => {
                // What `main` asked for may have made work.
                is_over = other.as_mut().poll(cx).is_ready();
                main.as_mut().poll(cx)
            }
            outcome => outcome,
        }
    })
    .await
}

async fn ask(
    mut sender: SendRequest<Full<Bytes>>,
    message: hyper::Request<Full<Bytes>>,
    url: &CheckedUrl,
    limits: HttpLimits,
) -> Result<Response, HttpError> {
    let head = timeout(limits.read_for, sender.send_request(message)).await;
    let head = head.map_err(|_| HttpErrorKind::TimedOut)?;
    let (head, body) = head.map_err(of_hyper)?.into_parts();
    let status = head.status.as_u16();
    let body = match is_redirect(status) {
        true => Vec::new(),
        false => {
            let encodings = head.headers.get_all(header::CONTENT_ENCODING).iter();
            let encodings: Result<Vec<_>, _> = encodings.map(|one| one.to_str()).collect();
            let encodings = encodings.map_err(|_| HttpErrorKind::Broken)?.join(",");
            read(body, &encodings, limits).await?
        }
    };
    Ok(Response::new(url.clone(), status, head.headers, body))
}

async fn read(
    mut body: Incoming,
    encoding: &str,
    limits: HttpLimits,
) -> Result<Vec<u8>, HttpError> {
    let bytes_max = limits.body_bytes_max;
    let said = body.size_hint().lower();
    if usize::try_from(said).map_or(true, |said| said > bytes_max) {
        return Err(HttpErrorKind::TooLong.into());
    }
    if body.is_end_stream() {
        return Ok(Vec::new());
    }
    let mut unpacking = Unpacking::of(Some(encoding), bytes_max)?;
    let mut packed = 0;
    loop {
        let frame = timeout(limits.read_for, body.frame()).await;
        let Some(frame) = frame.map_err(|_| HttpErrorKind::TimedOut)? else {
            return unpacking.finish();
        };
        if let Ok(piece) = frame.map_err(of_hyper)?.into_data() {
            // Packed bytes that unpack to nothing are bytes too.
            packed += piece.len();
            if packed > bytes_max {
                return Err(HttpErrorKind::TooLong.into());
            }
            unpacking.push(&piece)?;
        }
    }
}

/// Whether another byte comes where the answer should have ended.
async fn has_more(mut stream: impl AsyncRead + Unpin) -> bool {
    let mut byte = [0];
    let read = timeout(END_FOR, stream.read(&mut byte)).await;
    matches!(read, Ok(Ok(1)))
}

fn of_hyper(error: hyper::Error) -> HttpError {
    let kind = match error.is_parse_too_large() {
        true => HttpErrorKind::TooLong,
        false => HttpErrorKind::Broken,
    };
    HttpError::new(kind, error)
}
