//! A plain form as a channel: no script, one page to ask and one to thank, and what was asked is kept before that.

mod config;
mod page;
mod read;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use bereik_channel::{
    Arrival, Batch, Capability, Channel, ChannelError, Cursor, Event, EventKind, Evidence, Feature,
    Health, Inbox, Initiative, Outbound, Receipt,
};
use bereik_core::ChannelKind;
use bereik_switchboard::Clock;
use tokio::time::timeout;

use crate::asset;
use crate::limit::Counters;
use crate::origin::allowed;
use crate::page::language_of;
use crate::site::From;
use crate::token::Token;
pub use config::FormConfig;
use page::Shown;
use read::{Asked, Unread};

/// How long a form may take to arrive.
const READ_WITHIN: Duration = Duration::from_secs(60);
/// The digits of a receipt's number: 80 random bits.
const NUMBER_DIGITS: usize = 20;

/// A form on a website, as a [`Channel`] that brings questions and nothing else. Nobody can be written to over it:
/// [`Initiative::Never`], and sending is unsupported. The answer goes to the address that the customer gave, by the channel of
/// mail that the switchboard has beside it. Mail does not reach who left a telephone number only: he is called, by hand or over
/// a line of the company.
///
/// | | |
/// |---|---|
/// | served | the form (GET), and what is posted (POST), `application/x-www-form-urlencoded` or `multipart/form-data` |
/// | asked | the question; a name; an e-mail address or a telephone number; files |
/// | comes in | a message from the e-mail address, or the number where there is none, with the page and a receipt's number at its end |
/// | kept | in the [`Inbox`], before the page that says thank you; the same form twice is kept once |
/// | script | none, and none is allowed |
/// | bounds | [`FormConfig`]: bytes, and how often an address may post |
/// | turned away | a form of a site that is not [named](FormConfig::with_origin), and software that fills in every field |
/// | languages | English and Dutch, by `?lang=` or `Accept-Language` |
///
/// It can be shown in a frame ([`FormConfig::with_frame_ancestor`]), and a site may have a form of its own that posts to it,
/// with the fields `text`, `name`, `email`, `phone`, `page` and `file`.
///
/// ```
/// use bereik_channel::{Channel, Feature, Inbox, Initiative};
/// use bereik_switchboard::Clock;
/// use bereik_web::{FormConfig, WebForm};
/// use std::sync::Arc;
///
/// let form = WebForm::new(Arc::new(Inbox::new()), Clock::system(), FormConfig::new("Rivers & Co"));
/// assert!(form.capability().can(Feature::Receive));
/// assert_eq!(form.capability().initiative, Initiative::Never);
/// let app: axum::Router = axum::Router::new().nest("/ask", WebForm::router(&Arc::new(form)));
/// # drop(app);
/// ```
pub struct WebForm {
    inbox: Arc<Inbox>,
    clock: Clock,
    config: FormConfig,
    counters: Arc<Counters>,
    capability: Capability,
}

impl WebForm {
    /// A form whose questions are kept in this inbox. With a file, a question that somebody was thanked for outlives the
    /// process.
    #[must_use]
    pub fn new(inbox: Arc<Inbox>, clock: Clock, config: FormConfig) -> Self {
        let features = [Feature::Receive, Feature::Replay];
        Self {
            inbox,
            clock,
            counters: Counters::new(config.limits()),
            config,
            capability: Capability::new(Evidence::None)
                .with(&features)
                .with_initiative(Initiative::Never),
        }
    }

    /// The page with the form, to be mounted under any path. The address that counts against
    /// [`FormConfig::per_address`] is that of axum's `ConnectInfo`, or of a [`ClientAddress`](crate::ClientAddress).
    pub fn router(form: &Arc<Self>) -> Router {
        Router::new()
            .route("/", get(ask).post(take))
            .route("/form.css", get(|| async { asset::style(asset::FORM_CSS) }))
            .layer(DefaultBodyLimit::max(form.config.bytes_max))
            .with_state(Arc::clone(form))
    }

    /// Keeps a question, and gives the number by which it is known.
    async fn keep(&self, asked: Asked, shown: &Shown<'_>) -> Result<String, StatusCode> {
        let number = match asked.number.clone() {
            Some(number) => number,
            None => new_number().ok_or(StatusCode::SERVICE_UNAVAILABLE)?,
        };
        let order = self.clock.now().timestamp_micros();
        let messages = asked.messages(&number, shown.texts());
        let arrivals = messages.into_iter().map(|(id, message)| Arrival {
            order,
            event: Event {
                id,
                kind: EventKind::Message(message),
            },
        });
        match self.inbox.keep(arrivals.collect()).await {
            Ok(_) => Ok(number),
            Err(error) => {
                tracing::warn!(%error, "a form could not be kept");
                Err(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }

    async fn read(&self, request: Request) -> Result<Asked, Unread> {
        let reading = Asked::read(request, self.config.bytes_max);
        match timeout(READ_WITHIN, reading).await {
            Ok(read) => read,
            Err(_) => Err(Unread::Broken),
        }
    }
}

fn new_number() -> Option<String> {
    let mut digits = Token::new().ok()?.reveal().to_ascii_uppercase();
    digits.truncate(NUMBER_DIGITS);
    Some(digits)
}

async fn ask(
    State(form): State<Arc<WebForm>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let shown = Shown::new(&form.config, &uri, language_of(&uri, &headers));
    let Some(number) = new_number() else {
        return shown.sorry(StatusCode::SERVICE_UNAVAILABLE);
    };
    let from = headers.get(axum::http::header::REFERER);
    let page = from.and_then(|page| page.to_str().ok()).unwrap_or_default();
    let asked = Asked {
        number: Some(number),
        page: page.to_owned(),
        ..Asked::default()
    };
    shown.form(StatusCode::OK, &asked, "")
}

async fn take(
    State(form): State<Arc<WebForm>>,
    OriginalUri(uri): OriginalUri,
    From(address): From,
    request: Request,
) -> Response {
    let shown = Shown::new(&form.config, &uri, language_of(&uri, request.headers()));
    if allowed(request.headers(), &form.config.origins).is_none() {
        return shown.sorry(StatusCode::FORBIDDEN);
    }
    let now = form.clock.now();
    let room = form.counters.enter(address, now);
    let Some(Ok(())) = room.map(|mut room| room.take(now)) else {
        return shown.sorry(StatusCode::TOO_MANY_REQUESTS);
    };
    let asked = match form.read(request).await {
        Ok(asked) => asked,
        Err(Unread::Broken) => return shown.sorry(StatusCode::BAD_REQUEST),
        Err(Unread::TooLarge) => return shown.sorry(StatusCode::PAYLOAD_TOO_LARGE),
    };
    if asked.is_by_software {
        return shown.thanks("");
    }
    if let Some(missing) = asked.missing() {
        let why = &shown.texts()[missing];
        return shown.form(StatusCode::UNPROCESSABLE_ENTITY, &asked, why);
    }
    match form.keep(asked, &shown).await {
        Ok(number) => shown.thanks(&number),
        Err(status) => shown.sorry(status),
    }
}

#[async_trait]
impl Channel for WebForm {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, _: &Outbound) -> Result<Receipt, ChannelError> {
        Err(ChannelError::unsupported())
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        self.inbox.receive(&after, at_most).await
    }

    async fn probe(&self) -> Health {
        Health::Up
    }
}

impl fmt::Debug for WebForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebForm")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
