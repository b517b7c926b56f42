//! Signatures of webhooks: what is right is believed, and nothing else.

use bereik_channel::signature::{
    Secrets, SignatureError, TwilioBody, verify_hub, verify_slack, verify_standard, verify_token,
    verify_twilio,
};
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};
use serde_json::Value;

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const FORM: &[u8] =
    b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309";
const FORM_SIGNED: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

fn secrets(secret: &str) -> Secrets {
    Secrets::new(secret).expect("a secret")
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("an instant")
}

/// The body that Slack's own documentation signs.
const COMMAND: &[u8] = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const COMMAND_AT: &str = "1531420618";
const COMMAND_SIGNED: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

fn command(
    signature: Option<&str>,
    timestamp: Option<&str>,
    now: i64,
) -> Result<(), SignatureError> {
    verify_slack(&secrets(SECRET), timestamp, signature, COMMAND, at(now))
}

#[test]
fn a_time_is_good_for_five_minutes_both_ways() {
    let signed = 1_531_420_618;
    let says = |now| command(Some(COMMAND_SIGNED), Some(COMMAND_AT), now);
    for (later, expected) in [
        (-301, Err(SignatureError::Stale)),
        (-300, Ok(())),
        (0, Ok(())),
        (300, Ok(())),
        (301, Err(SignatureError::Stale)),
    ] {
        assert_eq!(says(signed + later), expected, "{later}");
    }
}

#[test]
fn what_is_missing_or_malformed_is_told_apart() {
    let now = 1_531_420_618;
    let (code, time) = (Some(COMMAND_SIGNED), Some(COMMAND_AT));
    assert_eq!(command(None, time, now), Err(SignatureError::Missing));
    assert_eq!(command(code, None, now), Err(SignatureError::Missing));
    for malformed in ["", "v0=", "v1=00", "v0=a2114d57", &COMMAND_SIGNED[3..]] {
        let said = command(Some(malformed), time, now);
        assert_eq!(said, Err(SignatureError::Malformed), "{malformed}");
    }
    for malformed in ["", "+1531420618", " 1531420618", "1531420618.0", "soon"] {
        let said = command(code, Some(malformed), now);
        assert_eq!(said, Err(SignatureError::Malformed), "{malformed}");
    }
    let longer = "9".repeat(40);
    assert_eq!(
        command(code, Some(&longer), now),
        Err(SignatureError::Malformed)
    );
}

#[test]
fn an_empty_secret_is_none() {
    assert!(Secrets::new("").is_err());
    assert!(secrets("new").with_previous("").is_err());
    for text in [
        "",
        "whsec_",
        "whsec_???",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ] {
        assert!(Secrets::standard(text).is_err(), "{text}");
    }
}

#[test]
fn while_secrets_are_changed_both_are_good() {
    let changing = secrets("new").with_previous(SECRET).expect("a secret");
    let now = at(1_531_420_618);
    let (code, time) = (Some(COMMAND_SIGNED), Some(COMMAND_AT));
    assert_eq!(verify_slack(&changing, time, code, COMMAND, now), Ok(()));
    let changed = secrets("new");
    let said = verify_slack(&changed, time, code, COMMAND, now);
    assert_eq!(said, Err(SignatureError::Wrong));
    assert_eq!(verify_token(&changing, Some("new")), Ok(()));
    assert_eq!(verify_token(&changing, Some(SECRET)), Ok(()));
    for other in ["", "ne", "new ", "NEW"] {
        let said = verify_token(&changing, Some(other));
        assert_eq!(said, Err(SignatureError::Wrong), "{other}");
    }
    assert_eq!(verify_token(&changing, None), Err(SignatureError::Missing));
}

fn form(url: &str, signature: &str, body: &[u8]) -> Result<(), SignatureError> {
    verify_twilio(
        &secrets("12345"),
        url,
        Some(signature),
        TwilioBody::Form(body),
    )
}

#[test]
fn the_order_of_fields_does_not_matter_but_everything_else_does() {
    assert_eq!(form(URL, FORM_SIGNED, FORM), Ok(()));
    let fields = std::str::from_utf8(FORM).expect("text");
    let mut reordered: Vec<&str> = fields.split('&').collect();
    reordered.reverse();
    assert_eq!(
        form(URL, FORM_SIGNED, reordered.join("&").as_bytes()),
        Ok(())
    );
    let more = format!("{fields}&Extra=1");
    let other = fields.replace("1234&", "1235&");
    for body in [more.as_str(), &other, ""] {
        let said = form(URL, FORM_SIGNED, body.as_bytes());
        assert_eq!(said, Err(SignatureError::Wrong), "{body}");
    }
    for url in [
        "http://mycompany.com/myapp.php?foo=1&bar=2",
        "https://mycompany.com:8443/myapp.php?foo=1&bar=2",
        "https://mycompany.com/myapp.php?bar=2&foo=1",
        "https://mycompany.com/myapp.php",
    ] {
        let said = form(url, FORM_SIGNED, FORM);
        assert_eq!(said, Err(SignatureError::Wrong), "{url}");
    }
}

#[test]
fn a_body_that_is_no_form_is_the_one_that_the_url_names() {
    let url = format!(
        "{URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    );
    let says = |url: &str, body: &[u8]| {
        let code = Some("a9nBmqA0ju/hNViExpshrM61xv4=");
        verify_twilio(&secrets("12345"), url, code, TwilioBody::Json(body))
    };
    let body = br#"{"property": "value", "boolean": true}"#;
    assert_eq!(says(&url, body), Ok(()));
    assert_eq!(says(&url, b"{}"), Err(SignatureError::Wrong));
    assert_eq!(says(URL, body), Err(SignatureError::Malformed));
    let doubled = format!("{url}&bodySHA256=00");
    assert_eq!(says(&doubled, body), Err(SignatureError::Malformed));
}

/// The signatures that providers document.
#[test]
#[ignore = "reads the folder that BEREIK_CHANNELS names"]
fn channels_every_documented_signature_is_believed() {
    let folder = std::env::var_os("BEREIK_CHANNELS").expect("BEREIK_CHANNELS names the folder");
    let text =
        std::fs::read(PathBuf::from(folder).join("vectors.json")).expect("a file of vectors");
    let vectors: Vec<Value> = serde_json::from_slice(&text).expect("a list");
    assert!(vectors.len() >= 11, "{}", vectors.len());
    for vector in &vectors {
        let name = vector["name"].as_str().expect("a name");
        assert_eq!(verify(vector, "expected"), Ok(()), "{name}");
        assert!(verify(vector, "name").is_err(), "{name}");
    }
}

/// What we say of a vector when its signature stands under this name.
fn verify(vector: &Value, signature: &str) -> Result<(), SignatureError> {
    let text = |name: &str| vector[name].as_str();
    let signature = text(signature);
    let body = text("body").unwrap_or_default().as_bytes();
    if let Some(token) = text("token") {
        let url = text("url").expect("a URL");
        let fields = vector["params"].as_object().map(encoded);
        let posted = match &fields {
            Some(fields) => TwilioBody::Form(fields.as_bytes()),
            None => TwilioBody::Json(body),
        };
        return verify_twilio(&secrets(token), url, signature, posted);
    }
    let secret = text("secret").expect("a secret");
    if let Some(id) = text("id") {
        let secrets = Secrets::standard(secret).expect("a secret");
        let signed = vector["timestamp"].as_i64().expect("an instant");
        let timestamp = signed.to_string();
        let named = (Some(id), Some(timestamp.as_str()));
        return verify_standard(&secrets, named, signature, body, at(signed));
    }
    match text("timestamp") {
        Some(timestamp) => {
            let now = at(timestamp.parse().expect("an instant"));
            verify_slack(&secrets(secret), Some(timestamp), signature, body, now)
        }
        None => verify_hub(&secrets(secret), signature, body),
    }
}

/// Fields as a form posts them.
fn encoded(fields: &serde_json::Map<String, Value>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        let all = value
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![value.clone()]);
        for value in &all {
            form.append_pair(name, value.as_str().expect("a text"));
        }
    }
    form.finish()
}

proptest! {
    /// Whatever is posted, nothing panics, and no single other byte is believed.
    #[test]
    fn another_byte_is_another_body(
        body in prop::collection::vec(any::<u8>(), 1..200),
        at_byte in any::<prop::sample::Index>(),
        other in 1_u8..,
        text in ".{0,80}",
    ) {
        let secrets = secrets(SECRET);
        let now = at(1_795_000_000);
        let signature = bereik_channel::signature::sign_standard(&secrets, "evt_1", now, &body);
        let says = |body: &[u8], now| {
            let named = (Some("evt_1"), Some("1795000000"));
            verify_standard(&secrets, named, Some(&signature), body, now)
        };
        prop_assert_eq!(says(&body, now), Ok(()));
        prop_assert_eq!(says(&body, now + TimeDelta::seconds(301)), Err(SignatureError::Stale));
        let mut changed = body.clone();
        changed[at_byte.index(body.len())] ^= other;
        prop_assert_eq!(says(&changed, now), Err(SignatureError::Wrong));
        prop_assert!(verify_hub(&secrets, Some(&text), &body).is_err());
        prop_assert!(verify_standard(&secrets, (Some(&text), Some("1795000000")), Some(&text), &body, now).is_err());
        prop_assert!(verify_twilio(&secrets, &text, Some(&text), TwilioBody::Form(&body)).is_err());
        prop_assert!(verify_twilio(&secrets, &text, Some(&text), TwilioBody::Json(&body)).is_err());
    }
}
