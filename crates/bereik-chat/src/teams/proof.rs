//! The token with which Bot Framework says that it is who posts (RFC 7519, RFC 7515): no I/O here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

/// How far Microsoft's clock may be from ours, in seconds, both ways.
const SKEW_MAX_S: i64 = 300;
/// Longer than any token that Microsoft signs, in bytes.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Microsoft has a few dozen.
const KEYS_MAX: usize = 256;

/// A key with which Microsoft signs, and the channels for which it does.
pub(super) struct SigningKey {
    pub(super) id: String,
    rsa: RsaPublicKeyComponents<Vec<u8>>,
    endorsements: Vec<String>,
}

impl SigningKey {
    /// The RSA keys of a set (RFC 7517); others are left out.
    pub(super) fn read_all(set: &Value) -> Vec<Self> {
        let keys = set["keys"].as_array().into_iter().flatten();
        keys.filter_map(Self::read).take(KEYS_MAX).collect()
    }

    fn read(key: &Value) -> Option<Self> {
        let number = |name: &str| {
            let bytes = decoded(key[name].as_str()?)?;
            // RFC 7518, 2: without zeros in front; some write one all the same.
            let start = bytes.iter().position(|byte| *byte != 0)?;
            Some(bytes[start..].to_vec())
        };
        let (n, e) = number("n").zip(number("e"))?;
        let endorsements = key["endorsements"].as_array().into_iter().flatten();
        Some(Self {
            id: key["kid"].as_str()?.to_owned(),
            rsa: RsaPublicKeyComponents { n, e },
            endorsements: endorsements
                .filter_map(|one| one.as_str().map(str::to_owned))
                .collect(),
        })
    }

    /// Whether what it signs is good for this channel. A key that names none is good for all.
    pub(super) fn endorses(&self, channel: &str) -> bool {
        let is_it = |one: &String| one == channel;
        self.endorsements.is_empty() || self.endorsements.iter().any(is_it)
    }
}

/// A token that was read and is not believed yet.
pub(super) struct Proof<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    key: String,
    claims: Value,
}

impl<'a> Proof<'a> {
    /// Reads the header `Authorization`. RS256 is the only way of signing that Bot Framework uses and that we know.
    pub(super) fn read(authorization: &'a str) -> Option<Self> {
        let token = authorization.strip_prefix("Bearer ")?;
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Value = serde_json::from_slice(&decoded(header)?).ok()?;
        // RFC 7515, 4.1.11: what is critical must be understood, and we understand nothing of the sort.
        if header["alg"] != "RS256" || !header["crit"].is_null() {
            return None;
        }
        Some(Self {
            signed,
            signature: decoded(signature)?,
            key: header["kid"].as_str()?.to_owned(),
            claims: serde_json::from_slice(&decoded(claims)?).ok()?,
        })
    }

    /// The name of the key that is said to have signed it.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Whether this key signed it, and it is from this issuer to this app, now.
    pub(super) fn is_good(
        &self,
        key: &SigningKey,
        (issuer, app): (&str, &str),
        at: DateTime<Utc>,
    ) -> bool {
        let instant = |name: &str| self.claims[name].as_f64().map(|s| s.floor());
        #[expect(clippy::cast_precision_loss, reason = "instants are small")]
        let (earliest, latest) = (
            (at.timestamp() - SKEW_MAX_S) as f64,
            (at.timestamp() + SKEW_MAX_S) as f64,
        );
        let ends = instant("exp").is_some_and(|exp| exp > earliest);
        let begins =
            self.claims["nbf"].is_null() || instant("nbf").is_some_and(|nbf| nbf <= latest);
        let is_ours = self.claims["iss"] == issuer && self.claims["aud"] == app;
        let verified = || {
            let signed = self.signed.as_bytes();
            key.rsa
                .verify(&RSA_PKCS1_2048_8192_SHA256, signed, &self.signature)
        };
        ends && begins && is_ours && verified().is_ok()
    }

    /// Whether what was posted names the service that the token was made for.
    pub(super) fn is_for_service(&self, url: &str) -> bool {
        self.claims["serviceurl"] == url
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
