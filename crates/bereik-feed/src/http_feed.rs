//! A calendar at a web address.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bereik_calendar::{ProblemReason, Reading};
use bereik_core::Interval;
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use crate::file::name_of;
use crate::http::{Client, Credentials, HttpError, HttpErrorKind, Request, Response};
use crate::source::{Agenda, Source, SourceError};
use crate::update::FailureKind;
use crate::url_guard::{CheckedUrl, UrlError};

/// An iCalendar feed by `https` or `webcal`.
///
/// It asks with `If-None-Match` and `If-Modified-Since` (RFC 9110 13.1), and looks at a hash of what
/// comes besides: a server that sends the same again has said nothing new. A page to sign in, or a
/// calendar that breaks off, is a failure and not a calendar without events.
///
/// ```no_run
/// use bereik_calendar::Reading;
/// use bereik_feed::http::Client;
/// use bereik_feed::{CalendarWatch, HttpFeed, Pace, UrlGuard};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new(UrlGuard::new());
/// let url = client.guard().check("webcal://calendar.example.org/anna.ics?key=s3cret")?;
/// let feed = HttpFeed::new(client, url, Reading::new());
/// # let clock = || "2026-11-23T10:00:00Z".parse().expect("an instant");
/// let mut watch = CalendarWatch::new(Vec::new(), clock);
/// watch.add_source("anna".parse()?, Box::new(feed), Pace::default());
/// # Ok(()) }
/// ```
pub struct HttpFeed {
    client: Client,
    url: Result<CheckedUrl, UrlError>,
    name: Box<str>,
    reading: Arc<Reading>,
    credentials: Option<Credentials>,
    seen: Option<Seen>,
}

/// What was given last.
struct Seen {
    window: Interval,
    hash: [u8; 32],
    etag: Option<Box<str>>,
    last_modified: Option<Box<str>>,
}

impl HttpFeed {
    /// The calendar at this address.
    #[must_use]
    pub fn new(client: Client, url: CheckedUrl, reading: Reading) -> Self {
        let name = url.to_string();
        Self::of(client, Ok(url), &name, reading)
    }

    /// The calendar at an address that nobody has checked yet.
    pub(crate) fn of_text(client: Client, url: &str, reading: Reading) -> Self {
        let (name, url) = (name_of(Path::new(url)), client.guard().check(url));
        Self::of(client, url, &name, reading)
    }

    fn of(client: Client, url: Result<CheckedUrl, UrlError>, name: &str, reading: Reading) -> Self {
        Self {
            client,
            url,
            name: name.into(),
            reading: Arc::new(reading),
            credentials: None,
            seen: None,
        }
    }

    /// Asks in this name.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Is called so in failures, in place of scheme and host. No secret.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    fn request(&self, url: &CheckedUrl, known: Option<&Seen>) -> Result<Request, HttpError> {
        let mut request =
            Request::get(url.clone()).with_header("accept", "text/calendar, */*;q=0.1")?;
        let known = known.map(|seen| (seen.etag.as_deref(), seen.last_modified.as_deref()));
        let (etag, last_modified) = known.unwrap_or_default();
        if let Some(etag) = etag {
            request = request.with_header("if-none-match", etag)?;
        }
        if let Some(last_modified) = last_modified {
            request = request.with_header("if-modified-since", last_modified)?;
        }
        Ok(match &self.credentials {
            Some(credentials) => request.with_credentials(credentials.clone()),
            None => request,
        })
    }

    /// The hash of a body, and what it says unless it is the one that is known.
    async fn read(
        &self,
        response: Response,
        window: Interval,
    ) -> Result<([u8; 32], Option<Agenda>), SourceError> {
        let reading = self.reading.clone();
        let known = self.known(window).map(|seen| seen.hash);
        let read = move || {
            let hash: [u8; 32] = Sha256::digest(response.body()).into();
            let is_same = known == Some(hash);
            let agenda = (!is_same).then(|| Agenda::read(response.body(), window, &reading));
            (hash, agenda)
        };
        let read = spawn_blocking(read).await;
        let (hash, agenda) = read.map_err(|_| FailureKind::Unreadable)?;
        let is_foreign =
            |reason| matches!(reason, ProblemReason::CutOff | ProblemReason::NotACalendar);
        let mut problems = agenda.iter().flat_map(|agenda| &agenda.problems);
        match problems.any(|problem| is_foreign(problem.reason())) {
            true => Err(FailureKind::NotACalendar.into()),
            false => Ok((hash, agenda)),
        }
    }

    fn known(&self, window: Interval) -> Option<&Seen> {
        self.seen.as_ref().filter(|seen| seen.window == window)
    }
}

#[async_trait]
impl Source for HttpFeed {
    fn name(&self) -> &str {
        &self.name
    }

    async fn poll(&mut self, window: Interval) -> Result<Option<Agenda>, SourceError> {
        let url = self.url.as_ref().map_err(|_| FailureKind::Refused)?;
        let known = self.known(window);
        let request = self.request(url, known)?;
        let response = self.client.send(&request).await?;
        match (response.status(), known) {
            (304, Some(_)) => return Ok(None),
            (200, _) => {}
            _ => return Err(SourceError::of_response(&response)),
        }
        let field = |name| response.header(name).map(Box::from);
        let (etag, last_modified) = (field("etag"), field("last-modified"));
        let (hash, agenda) = self.read(response, window).await?;
        self.seen = Some(Seen {
            window,
            hash,
            etag,
            last_modified,
        });
        Ok(agenda)
    }
}

impl fmt::Debug for HttpFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpFeed")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl SourceError {
    /// What an answer means that holds no calendar: its status, and how long it asks to wait
    /// (RFC 9110 10.2.3).
    #[must_use]
    pub fn of_response(response: &Response) -> Self {
        let retry_after = retry_after(response);
        let kind = match response.status() {
            401 | 407 => FailureKind::SignIn,
            403 => FailureKind::NotPermitted,
            404 | 410 => FailureKind::Missing,
            408 => FailureKind::TimedOut,
            429 => FailureKind::Throttled,
            503 if retry_after.is_some() => FailureKind::Throttled,
            413 => FailureKind::TooLong,
            500.. => FailureKind::Unavailable,
            _ => FailureKind::NotACalendar,
        };
        let error = Self::new(kind);
        match retry_after {
            Some(time) => error.with_retry_after(time),
            None => error,
        }
    }
}

/// Seconds, or an instant that is measured by the server's own clock.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let sent = httpdate::parse_http_date(response.header("date")?).ok()?;
    Some(at.duration_since(sent).unwrap_or_default())
}

impl From<HttpError> for SourceError {
    fn from(error: HttpError) -> Self {
        Self::new(match error.kind() {
            HttpErrorKind::Broken | HttpErrorKind::Redirects => FailureKind::Broken,
            HttpErrorKind::Insecure => FailureKind::Insecure,
            HttpErrorKind::Invalid | HttpErrorKind::Refused => FailureKind::Refused,
            HttpErrorKind::TimedOut => FailureKind::TimedOut,
            HttpErrorKind::TooLong => FailureKind::TooLong,
            HttpErrorKind::Unreachable => FailureKind::Unreachable,
        })
    }
}
