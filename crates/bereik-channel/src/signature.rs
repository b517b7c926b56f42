//! Whether a webhook comes from whom it says: the signatures of the providers, over the bytes as they came.
//!
//! Each is verified before a byte of the body is parsed, in constant time, against one secret or, while secrets are
//! changed, two.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

mod twilio;

pub use twilio::TwilioBody;

/// How far the clock of a provider may be from ours, in seconds, both ways.
const SKEW_MAX_S: u64 = 300;
/// A header names no more signatures than this.
const SIGNATURES_MAX: usize = 8;

/// The secret that we share with a provider; two while it is changed. `Debug` shows neither.
///
/// ```
/// use bereik_channel::signature::Secrets;
/// assert!(Secrets::new("").is_err());
/// let changing = Secrets::new("new-one")?.with_previous("old-one")?;
/// assert_eq!(format!("{changing:?}"), "Secrets { .. }");
/// # Ok::<(), bereik_channel::signature::SecretError>(())
/// ```
#[derive(Clone)]
pub struct Secrets {
    current: SecretSlice<u8>,
    previous: Option<SecretSlice<u8>>,
}

/// A secret is empty, or not in the form that its provider gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret is empty or not in the form that its provider gives it")]
pub struct SecretError;

/// The mark before secrets of Standard Webhooks.
const STANDARD_MARK: &str = "whsec_";

impl Secrets {
    /// One secret, as the provider shows it: its bytes are the key.
    ///
    /// # Errors
    /// When it is empty: everybody could sign with it.
    pub fn new(secret: impl Into<SecretString>) -> Result<Self, SecretError> {
        let current = bytes_of(secret.into())?;
        Ok(Self {
            current,
            previous: None,
        })
    }

    /// One secret of Standard Webhooks: `whsec_` and the key in base64.
    ///
    /// # Errors
    /// When it is not in that form, or empty.
    pub fn standard(secret: impl Into<SecretString>) -> Result<Self, SecretError> {
        let current = standard_bytes(&secret.into())?;
        Ok(Self {
            current,
            previous: None,
        })
    }

    /// The same, where the secret from before is good too.
    ///
    /// # Errors
    /// When it is empty.
    pub fn with_previous(mut self, secret: impl Into<SecretString>) -> Result<Self, SecretError> {
        self.previous = Some(bytes_of(secret.into())?);
        Ok(self)
    }

    /// The same for a secret of Standard Webhooks.
    ///
    /// # Errors
    /// When it is not in that form, or empty.
    pub fn with_previous_standard(
        mut self,
        secret: impl Into<SecretString>,
    ) -> Result<Self, SecretError> {
        self.previous = Some(standard_bytes(&secret.into())?);
        Ok(self)
    }

    fn each(&self) -> impl Iterator<Item = &[u8]> {
        let all = std::iter::once(&self.current).chain(&self.previous);
        all.map(|secret| secret.expose_secret())
    }

    /// Whether one of these, under one of our secrets, is the code of what `feed` is given.
    fn sha256_is_one_of(&self, signatures: &[Vec<u8>], feed: impl Fn(&mut Hmac<Sha256>)) -> bool {
        self.each().any(|secret| {
            let mac = sha256_with(secret, &feed);
            let is_it = |signature: &Vec<u8>| mac.clone().verify_slice(signature).is_ok();
            signatures.iter().any(is_it)
        })
    }
}

fn bytes_of(secret: SecretString) -> Result<SecretSlice<u8>, SecretError> {
    let bytes = secret.expose_secret().as_bytes().to_vec();
    (!bytes.is_empty()).then(|| bytes.into()).ok_or(SecretError)
}

fn standard_bytes(secret: &SecretString) -> Result<SecretSlice<u8>, SecretError> {
    let coded = secret.expose_secret().strip_prefix(STANDARD_MARK);
    let bytes = coded.and_then(|coded| STANDARD.decode(coded).ok());
    let bytes = bytes.filter(|bytes| !bytes.is_empty());
    bytes.map(Into::into).ok_or(SecretError)
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

fn sha256_with(secret: &[u8], feed: &impl Fn(&mut Hmac<Sha256>)) -> Hmac<Sha256> {
    let mut mac = with_key(secret);
    feed(&mut mac);
    mac
}

fn with_key<M: KeyInit>(secret: &[u8]) -> M {
    M::new_from_slice(secret).expect("a code takes a key of any length")
}

/// Why a webhook is not believed. In alphabetical order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signature, or what belongs to it, is not written as this provider writes it.
    #[error("the signature is malformed")]
    Malformed,
    /// There is no signature.
    #[error("the signature is missing")]
    Missing,
    /// It was signed more than five minutes ago, or for later than in five minutes.
    #[error("the signature is stale")]
    Stale,
    /// It is not the signature of these bytes under our secret.
    #[error("the signature is wrong")]
    Wrong,
}

fn believed(is_right: bool) -> Result<(), SignatureError> {
    is_right.then_some(()).ok_or(SignatureError::Wrong)
}

fn check_time(timestamp: &str, now: DateTime<Utc>) -> Result<(), SignatureError> {
    let is_number = !timestamp.is_empty() && timestamp.bytes().all(|c| c.is_ascii_digit());
    let at: i64 = match timestamp.parse() {
        Ok(at) if is_number => at,
        _ => return Err(SignatureError::Malformed),
    };
    if now.timestamp().abs_diff(at) > SKEW_MAX_S {
        return Err(SignatureError::Stale);
    }
    Ok(())
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    Some(digits.chunks(2).map(|two| two[0] << 4 | two[1]).collect())
}

/// Verifies `X-Hub-Signature-256`, as GitHub and Meta (WhatsApp, Messenger, Instagram) write it: `sha256=` and the
/// code of the body in hex.
///
/// ```
/// use bereik_channel::signature::{Secrets, SignatureError, verify_hub};
/// let secrets = Secrets::new("It's a Secret to Everybody")?;
/// let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
/// assert_eq!(verify_hub(&secrets, Some(signature), b"Hello, World!"), Ok(()));
/// assert_eq!(verify_hub(&secrets, Some(signature), b"Hello, World?"), Err(SignatureError::Wrong));
/// # Ok::<(), bereik_channel::signature::SecretError>(())
/// ```
///
/// # Errors
/// When the webhook is not to be believed.
pub fn verify_hub(
    secrets: &Secrets,
    signature: Option<&str>,
    body: &[u8],
) -> Result<(), SignatureError> {
    let signature = signature.ok_or(SignatureError::Missing)?;
    let code = signature.strip_prefix("sha256=").and_then(bytes_of_hex);
    let code = code.ok_or(SignatureError::Malformed)?;
    believed(secrets.sha256_is_one_of(&[code], |mac| mac.update(body)))
}

/// Verifies `X-Slack-Signature` (version 0): `v0=` and the code of `v0:TIMESTAMP:BODY` in hex, where the time is that
/// of `X-Slack-Request-Timestamp` in Unix seconds.
///
/// # Errors
/// When the webhook is not to be believed, or its time is more than 300 seconds from `now`.
pub fn verify_slack(
    secrets: &Secrets,
    timestamp: Option<&str>,
    signature: Option<&str>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), SignatureError> {
    let (timestamp, signature) = timestamp.zip(signature).ok_or(SignatureError::Missing)?;
    let code = signature.strip_prefix("v0=").and_then(bytes_of_hex);
    let code = code.ok_or(SignatureError::Malformed)?;
    check_time(timestamp, now)?;
    believed(secrets.sha256_is_one_of(&[code], |mac| {
        [b"v0:", timestamp.as_bytes(), b":", body]
            .iter()
            .for_each(|part| mac.update(part));
    }))
}

/// Verifies a webhook of the Standard Webhooks specification: `webhook-id`, `webhook-timestamp` in Unix seconds, and
/// `webhook-signature`, which names one or more signatures with their version; only `v1` is believed.
///
/// # Errors
/// When the webhook is not to be believed, or its time is more than 300 seconds from `now`.
pub fn verify_standard(
    secrets: &Secrets,
    (id, timestamp): (Option<&str>, Option<&str>),
    signatures: Option<&str>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), SignatureError> {
    let (id, timestamp) = id.zip(timestamp).ok_or(SignatureError::Missing)?;
    let signatures = signatures.ok_or(SignatureError::Missing)?;
    let codes = signatures.split(' ').take(SIGNATURES_MAX);
    let codes = codes.filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    let codes: Vec<Vec<u8>> = codes.collect();
    if codes.is_empty() || id.is_empty() {
        return Err(SignatureError::Malformed);
    }
    check_time(timestamp, now)?;
    let feed = |mac: &mut Hmac<Sha256>| feed_standard(mac, id, timestamp, body);
    believed(secrets.sha256_is_one_of(&codes, feed))
}

fn feed_standard(mac: &mut Hmac<Sha256>, id: &str, timestamp: &str, body: &[u8]) {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body]
        .iter()
        .for_each(|part| mac.update(part));
}

/// Signs a webhook of ours by the Standard Webhooks specification, with the current secret: what `webhook-signature`
/// says.
///
/// ```
/// use bereik_channel::signature::{Secrets, sign_standard, verify_standard};
/// use chrono::DateTime;
/// let secrets = Secrets::standard("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
/// let at = DateTime::from_timestamp(1_614_265_330, 0).ok_or("an instant")?;
/// let signature = sign_standard(&secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
/// assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn sign_standard(secrets: &Secrets, id: &str, at: DateTime<Utc>, body: &[u8]) -> String {
    let timestamp = at.timestamp().to_string();
    let feed = |mac: &mut Hmac<Sha256>| feed_standard(mac, id, &timestamp, body);
    let mac = sha256_with(secrets.current.expose_secret(), &feed);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// Verifies a token that a provider sends as it is, as Telegram does in `X-Telegram-Bot-Api-Secret-Token`.
///
/// # Errors
/// When the webhook is not to be believed.
pub fn verify_token(secrets: &Secrets, token: Option<&str>) -> Result<(), SignatureError> {
    let token = token.ok_or(SignatureError::Missing)?;
    // Codes of both, under a key of which nothing follows, are compared: the time tells nothing, not even a length.
    let code = |bytes: &[u8]| sha256_with(b"token", &|mac: &mut Hmac<Sha256>| mac.update(bytes));
    let given = code(token.as_bytes()).finalize().into_bytes();
    let is_it = |secret: &[u8]| code(secret).verify_slice(&given).is_ok();
    believed(secrets.each().any(is_it))
}

/// Verifies `X-Twilio-Signature`: the code, with SHA-1 and in base64, of the URL that Twilio was given and of what it
/// posts to it.
///
/// `url` is the public URL with its query, byte for byte as Twilio calls it: from the configuration, never from a
/// header. It may have been signed with the default port or without it. In a [`TwilioBody::Json`] the URL names the
/// body's hash in `bodySHA256`, and both must be right.
///
/// # Errors
/// When the webhook is not to be believed.
pub fn verify_twilio(
    secrets: &Secrets,
    url: &str,
    signature: Option<&str>,
    body: TwilioBody<'_>,
) -> Result<(), SignatureError> {
    let signature = signature.ok_or(SignatureError::Missing)?;
    let code = STANDARD.decode(signature);
    let code = code.map_err(|_| SignatureError::Malformed)?;
    if let TwilioBody::Json(body) = body {
        let hash = twilio::body_hash(url).ok_or(SignatureError::Malformed)?;
        let hash = bytes_of_hex(&hash).ok_or(SignatureError::Malformed)?;
        believed(Sha256::digest(body).as_slice() == hash)?;
    }
    let posted = twilio::signed_part(body);
    let is_right = |url: &str| {
        secrets.each().any(|secret| {
            let mut mac = with_key::<Hmac<Sha1>>(secret);
            mac.update(url.as_bytes());
            mac.update(posted.as_bytes());
            mac.verify_slice(&code).is_ok()
        })
    };
    believed(twilio::variants(url).any(|url| is_right(&url)))
}
