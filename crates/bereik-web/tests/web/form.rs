//! The form over HTTP: what is kept, what is turned away, and what it is as a channel.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body as HttpBody;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use bereik_channel::conformance::{self, Arrived, OtherEnd};
use bereik_channel::{Attachment, Channel, Cursor, EventKind, Feature, Inbound, Inbox};
use bereik_core::Address;
use bereik_switchboard::Clock;
use bereik_web::{FormConfig, Rate, WebForm};
use tower::ServiceExt as _;

use crate::site::at;

const OFTEN: Rate = Rate {
    at_once: 1_000,
    per_minute: 1_000,
};

fn inbox() -> Arc<Inbox> {
    let inbox = Inbox::new().with_settle_for(Duration::ZERO);
    Arc::new(inbox.with_poll_for(Duration::from_millis(100)))
}

fn form_with(config: FormConfig) -> (Arc<WebForm>, Router) {
    let clock = Clock::starting_at(at("2026-11-23T09:00:00Z"));
    let form = Arc::new(WebForm::new(inbox(), clock, config));
    let app = Router::new().nest("/ask", WebForm::router(&form));
    (form, app)
}

fn config() -> FormConfig {
    FormConfig::new("Rivers & <Co>").with_per_address(OFTEN)
}

type Answer = (StatusCode, String);

async fn send(app: &Router, mut request: Request<HttpBody>) -> Answer {
    let peer: SocketAddr = "192.0.2.7:1234".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let answer = app.clone().oneshot(request).await.unwrap();
    let policy = answer.headers().get("content-security-policy");
    let policy = policy.map(|policy| policy.to_str().unwrap().to_owned());
    if let Some(policy) = policy {
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"));
    }
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 1_000_000).await;
    (status, String::from_utf8(body.unwrap().to_vec()).unwrap())
}

fn posted(kind: &str, body: Vec<u8>) -> Request<HttpBody> {
    let request = Request::post("/ask?lang=en")
        .header("host", "form.example")
        .header("origin", "https://form.example")
        .header("content-type", kind);
    request.body(HttpBody::from(body)).unwrap()
}

async fn post(app: &Router, fields: &[(&str, &str)]) -> Answer {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let body = form.finish().into_bytes();
    send(app, posted("application/x-www-form-urlencoded", body)).await
}

async fn received(form: &WebForm) -> Vec<Inbound> {
    let batch = form.receive(Cursor::START, 50).await.unwrap();
    let messages = batch.events.into_iter().map(|event| match event.kind {
        EventKind::Message(message) => message,
        other => panic!("{other:?}"),
    });
    messages.collect()
}

#[tokio::test]
async fn a_question_is_kept_once_before_anybody_is_thanked() {
    let (form, app) = form_with(config());
    let asked = Request::get("/ask").header("accept-language", "nl-NL");
    let asked = asked.header("referer", "https://shop.example/pay?step=2");
    let (status, html) = send(&app, asked.body(HttpBody::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("Stel een vraag") && html.contains("Rivers &amp; &lt;Co&gt;"));
    let value = |name: &str| {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = html.split_once(&mark).unwrap().1;
        rest.split_once('"').unwrap().0.to_owned()
    };
    let (number, page) = (value("number"), value("page"));
    let fields = [
        ("number", number.as_str()),
        ("page", &page),
        ("text", "How do I pay?\r\n<b>Thanks</b>"),
        ("name", "Jan\r\nBcc: eve"),
        ("email", "Jan@Example.org"),
        ("phone", "0031 20 123 4567"),
    ];
    for _ in 0..2 {
        let (status, html) = post(&app, &fields).await;
        assert_eq!(status, StatusCode::OK);
        let digits: Vec<char> = number.chars().collect();
        let groups: Vec<String> = digits
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect();
        assert!(html.contains(&groups.join("-")), "{html}");
    }
    let messages = received(&form).await;
    let [message] = &messages[..] else {
        panic!("{messages:?}")
    };
    assert_eq!(message.from.to_string(), "mailto:jan@example.org");
    assert_eq!(message.from_name.as_ref().unwrap().as_str(), "Jan Bcc: eve");
    let words = format!(
        "How do I pay?\n<b>Thanks</b>\n\nTelephone: +31201234567\nPage: https://shop.example/pay?step=2\nReceipt: {number}"
    );
    assert_eq!(message.body.as_str(), words);
}

#[tokio::test]
async fn files_come_with_it_within_bounds() {
    let (form, app) = form_with(config().with_bytes_max(20_000));
    let form_of = |files: &[(&str, usize)]| {
        let mut body = String::new();
        for (name, value) in [("text", "see the file"), ("phone", "+31 20 123 4567")] {
            body.push_str(&format!(
                "--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        for (file, size) in files {
            let content = "x".repeat(*size);
            body.push_str(&format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file}\"\r\ncontent-type: image/png\r\n\r\n{content}\r\n"));
        }
        body.push_str("--b--\r\n");
        posted("multipart/form-data; boundary=b", body.into_bytes())
    };
    let (status, _) = send(&app, form_of(&[("../a.png", 9), ("", 0)])).await;
    assert_eq!(status, StatusCode::OK);
    let messages = received(&form).await;
    assert_eq!(messages[0].from.to_string(), "tel:+31201234567");
    let files: Vec<_> = messages[0]
        .attachments
        .iter()
        .map(Attachment::name)
        .collect();
    assert_eq!(files, ["_a.png"]);
    let (status, html) = send(&app, form_of(&[("large", 30_000)])).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(html.contains("too large"));
    let fields = "--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\n\r\n".repeat(100);
    let many = format!("{fields}--b--\r\n").into_bytes();
    let many = posted("multipart/form-data; boundary=b", many);
    assert_eq!(send(&app, many).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let broken = posted(
        "multipart/form-data; boundary=b",
        b"--b\r\nnothing".to_vec(),
    );
    assert_eq!(send(&app, broken).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(received(&form).await.len(), 1);
}

#[tokio::test]
async fn what_is_missing_is_said_and_what_was_written_stays() {
    let (form, app) = form_with(config());
    let long = "x".repeat(10_001);
    let table: [(&[(&str, &str)], &str); 6] = [
        (&[("email", "jan@example.org")], "question first"),
        (
            &[("text", "hello \"<i>"), ("name", "Jan")],
            "without one nobody",
        ),
        (&[("text", "hello"), ("email", "jan")], "e-mail address."),
        (
            &[("text", "hello"), ("email", "tel:+31201234567")],
            "e-mail address.",
        ),
        (
            &[("text", "hello"), ("phone", "020 123 4567")],
            "country code",
        ),
        (&[("text", &long), ("email", "jan@example.org")], "too long"),
    ];
    for (fields, why) in table {
        let (status, html) = post(&app, fields).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert!(html.contains(why), "{why}: {html}");
    }
    let (_, html) = post(&app, &[("text", "</textarea>\"<i>"), ("name", "Jan")]).await;
    assert!(html.contains("&lt;/textarea&gt;&quot;&lt;i&gt;"), "{html}");
    assert!(html.contains("value=\"Jan\""));
    assert!(received(&form).await.is_empty());
}

#[tokio::test]
async fn strangers_software_and_crowds_are_turned_away() {
    let rate = Rate {
        at_once: 2,
        per_minute: 1,
    };
    let named = config().with_origin("https://shop.example".parse().unwrap());
    let (form, app) = form_with(named.with_per_address(rate));
    let good = b"text=hello&email=jan@example.org".to_vec();
    let kind = "application/x-www-form-urlencoded";
    for origin in ["https://evil.example", "null", ""] {
        let mut request = posted(kind, good.clone());
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
        assert_eq!(
            send(&app, request).await.0,
            StatusCode::FORBIDDEN,
            "{origin}"
        );
    }
    let trapped = b"text=hello&email=jan@example.org&website=http://spam.example".to_vec();
    assert_eq!(send(&app, posted(kind, trapped)).await.0, StatusCode::OK);
    let mut request = posted(kind, good.clone());
    request
        .headers_mut()
        .insert("origin", "https://shop.example".parse().unwrap());
    assert_eq!(send(&app, request).await.0, StatusCode::OK);
    let crowd = send(&app, posted(kind, good.clone())).await;
    assert_eq!(crowd.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(received(&form).await.len(), 1);
    let (_, app) = form_with(config());
    let json = posted("application/json", b"{}".to_vec());
    assert_eq!(send(&app, json).await.0, StatusCode::BAD_REQUEST);
    let large = posted(kind, vec![b'x'; 200_000]);
    assert_eq!(send(&app, large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

/// The form for the suite of the contract: nothing is ever sent over it.
struct Customer(Arc<WebForm>);

#[async_trait]
impl OtherEnd for Customer {
    fn channel(&self) -> &dyn Channel {
        &*self.0
    }

    fn address(&self) -> Address {
        "jan@example.org".parse().unwrap()
    }

    async fn arrived(&self) -> Vec<Arrived> {
        Vec::new()
    }

    // What comes in has its receipt below, so it is compared here and not by the suite.
    fn can_write(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn it_declares_that_nobody_can_be_written_to() {
    let customer = Customer(form_with(config()).0);
    let features: Vec<Feature> = customer.0.capability().features().collect();
    assert_eq!(features, [Feature::Receive, Feature::Replay]);
    let tests = conformance::check(&customer, "form", at("2026-11-23T09:00:00Z")).await;
    let tests = tests.unwrap();
    for test in ["sending is unsupported", "an offer is unsupported"] {
        assert!(tests.contains(&test), "{tests:?}");
    }
}
