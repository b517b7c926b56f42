//! Who is at the desk: what an embedder's sign-in says, and a link that signs in by a secret.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::{OriginalUri, Request, State};
use axum::http::header::{CACHE_CONTROL, COOKIE, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bereik_core::id::PersonId;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::{WebError, WebErrorKind};
use crate::token::hex;

/// Who is at the desk, as an [`Extension`](axum::Extension) of the request: inserted by a layer of
/// the embedder, after his own sign-in, or by [`SignInLink::guard`].
///
/// ```
/// use axum::{Extension, Router};
/// use bereik_web::SignedIn;
/// # fn desk_of(desk: Router) -> Result<Router, bereik_core::id::IdError> {
/// // An embedder's own layer would take the name from his session.
/// let desk = desk.layer(Extension(SignedIn::Person("anna".parse()?)));
/// # Ok(desk)
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one person, or one of all")]
pub enum SignedIn {
    /// A member, who says himself which: for an office where all trust each other, and for a trial.
    AnyMember,
    /// This person.
    Person(PersonId),
}

const COOKIE_NAME: &str = "bereik_desk";

/// A link that opens the desk: whoever has its secret, 256 random bits, is one of the members.
///
/// The link sets a cookie (`HttpOnly`, `SameSite=Strict`) and leads on to the desk. Neither the
/// secret nor the cookie is in `Debug`. A company with a sign-in of its own does without it.
///
/// ```
/// let link = bereik_web::SignInLink::new()?;
/// assert!(link.path().starts_with("sign-in?secret="));
/// assert!(!format!("{link:?}").contains("secret="));
/// # Ok::<(), bereik_web::WebError>(())
/// ```
#[derive(Clone)]
pub struct SignInLink {
    secret: Arc<str>,
    cookie: Arc<str>,
    is_secure: bool,
}

impl SignInLink {
    /// A link with a new secret.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new() -> Result<Self, WebError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| WebError::new(WebErrorKind::Randomness))?;
        let hash = Sha256::new()
            .chain_update(b"bereik desk cookie 1\0")
            .chain_update(bytes);
        Ok(Self {
            secret: hex(&bytes).into(),
            cookie: hex(&hash.finalize()[..]).into(),
            is_secure: false,
        })
    }

    /// The same for a desk that is served over https only: the cookie is marked `Secure`.
    #[must_use]
    pub const fn over_https(mut self) -> Self {
        self.is_secure = true;
        self
    }

    /// The link below the address at which the desk is mounted; it holds the secret.
    #[must_use]
    pub fn path(&self) -> String {
        format!("sign-in?secret={}", self.secret)
    }

    /// The desk behind this link: adds the route `sign-in`, and lets through who was there.
    pub fn guard(&self, desk: Router) -> Router {
        let sign_in = Router::new()
            .route("/sign-in", get(sign_in))
            .with_state(self.clone());
        desk.layer(from_fn_with_state(self.clone(), recognise))
            .merge(sign_in)
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let cookies = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let mut pairs = cookies
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| name == COOKIE_NAME && is_same(value, &self.cookie))
    }
}

/// Compares in a time that tells nothing about where they differ.
fn is_same(given: &str, known: &str) -> bool {
    given.as_bytes().ct_eq(known.as_bytes()).into()
}

async fn sign_in(State(link): State<SignInLink>, OriginalUri(uri): OriginalUri) -> Response {
    let query = uri.query().unwrap_or_default();
    let given = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("secret="));
    if !given.is_some_and(|given| is_same(given, &link.secret)) {
        return refuse();
    }
    let desk = uri.path().strip_suffix("/sign-in").unwrap_or_default();
    let desk = if desk.is_empty() { "/" } else { desk };
    let secure = if link.is_secure { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE_NAME}={}; Path={desk}; HttpOnly; SameSite=Strict{secure}",
        link.cookie
    );
    let headers = [
        (SET_COOKIE, cookie.as_str()),
        (LOCATION, desk),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

async fn recognise(State(link): State<SignInLink>, mut request: Request, next: Next) -> Response {
    if link.knows(request.headers()) {
        request.extensions_mut().insert(SignedIn::AnyMember);
    }
    next.run(request).await
}

/// The answer to whoever is not signed in.
pub(crate) fn refuse() -> Response {
    let headers = [(CACHE_CONTROL, "no-store")];
    let words = "Nobody is signed in here. Open the desk with its sign-in link.\n";
    (StatusCode::UNAUTHORIZED, headers, words).into_response()
}

impl fmt::Debug for SignInLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInLink").finish_non_exhaustive()
    }
}
