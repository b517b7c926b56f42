//! What exactly Twilio signs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use form_urlencoded::parse;

/// What Twilio posts.
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "Twilio has these two")]
pub enum TwilioBody<'a> {
    /// Form fields, as they came: `application/x-www-form-urlencoded`.
    Form(&'a [u8]),
    /// Anything else: its hash is in the URL.
    Json(&'a [u8]),
}

impl std::fmt::Debug for TwilioBody<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Form(_) => "Form(..)",
            Self::Json(_) => "Json(..)",
        })
    }
}

/// What is signed after the URL: each field's name and value, sorted, each value of a name once.
pub(super) fn signed_part(body: TwilioBody<'_>) -> String {
    let TwilioBody::Form(body) = body else {
        return String::new();
    };
    let mut fields: BTreeMap<Cow<'_, str>, BTreeSet<Cow<'_, str>>> = BTreeMap::new();
    for (name, value) in parse(body) {
        fields.entry(name).or_default().insert(value);
    }
    let mut signed = String::new();
    for (name, values) in &fields {
        for value in values {
            signed.push_str(name);
            signed.push_str(value);
        }
    }
    signed
}

/// The hash that the URL names of a body that is no form.
pub(super) fn body_hash(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut hashes = parse(query.as_bytes()).filter(|(name, _)| name == "bodySHA256");
    let (_, hash) = hashes.next()?;
    hashes.next().is_none().then(|| hash.into_owned())
}

/// The URL as it is, and with the default port of its scheme put in or taken out.
pub(super) fn variants(url: &str) -> impl Iterator<Item = Cow<'_, str>> {
    std::iter::once(Cow::Borrowed(url)).chain(other_port(url).map(Cow::Owned))
}

fn other_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let default = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let host_ends = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(host_ends);
    if let Some(bare) = host.strip_suffix(default) {
        return Some(format!("{scheme}://{bare}{rest}"));
    }
    // The colons of an IPv6 address are within brackets.
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.ends_with(']'));
    (!has_port).then(|| format!("{scheme}://{host}{default}{rest}"))
}
