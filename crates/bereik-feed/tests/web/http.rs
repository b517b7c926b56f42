//! The HTTP client against servers that answer as they should, and as they should not.

use std::error::Error as _;
use std::io::Write as _;
use std::time::Duration;

use bereik_feed::UrlErrorKind;
use bereik_feed::http::{
    Client, Credentials, HttpError, HttpErrorKind, HttpLimits, Method, Request, Response,
};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::server::{Answer, Then, Web, answer, guard, raw};

use HttpErrorKind::{Broken, Redirects, Refused, TimedOut, TooLong, Unreachable};

const BODY_BYTES_MAX: usize = 100_000;

/// A client that may ask this server.
fn client(web: &Web) -> Client {
    let limits = HttpLimits::default().with_body_bytes_max(BODY_BYTES_MAX);
    Client::new(guard(web)).with_limits(limits)
}

async fn get(web: &Web, path: &str) -> Result<Response, HttpError> {
    let client = client(web);
    let url = client.guard().check(&web.url(path)).expect("it is allowed");
    client.send(&Request::get(url)).await
}

/// What becomes of an answer.
async fn outcome(answer: Answer) -> Result<Vec<u8>, HttpErrorKind> {
    let web = Web::start(move |_| answer.clone()).await;
    let response = get(&web, "/anna.ics").await;
    response.map(|r| r.body().to_vec()).map_err(|e| e.kind())
}

/// What becomes of an answer with somebody who is in no mood to wait.
async fn outcome_in_a_hurry(answer: Answer) -> Result<Vec<u8>, HttpErrorKind> {
    let web = Web::start(move |_| answer.clone()).await;
    let limits = HttpLimits::default()
        .with_request_for(Duration::from_millis(900))
        .with_read_for(Duration::from_millis(300));
    let client = Client::new(guard(&web)).with_limits(limits);
    let url = client.guard().check(&web.url("/")).expect("it is allowed");
    let response = client.send(&Request::get(url)).await;
    response.map(|r| r.body().to_vec()).map_err(|e| e.kind())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn gzipped(body: &[u8]) -> Answer {
    answer("200 OK", "Content-Encoding: gzip\r\n", body)
}

fn head(fields: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n")
}

#[tokio::test]
async fn a_whole_answer_is_read() {
    let web = Web::start(|_| answer("200 OK", "ETag: \"1\"\r\n", b"hello")).await;
    let response = get(&web, "/a/b.ics?key=1#part").await.expect("an answer");
    assert_eq!((response.status(), response.body()), (200, &b"hello"[..]));
    assert_eq!(response.header("etag"), Some("\"1\""));
    let asked = web.asked().remove(0).to_ascii_lowercase();
    let port = web.port();
    assert!(
        asked.starts_with("get /a/b.ics?key=1 http/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.contains(&format!("\r\nhost: 127.0.0.1:{port}\r\n")));
    assert!(asked.contains("\r\naccept-encoding: gzip\r\n"));
    assert!(asked.contains("\r\nconnection: close\r\n"));
    assert!(!asked.contains("authorization"));
}

#[tokio::test]
async fn every_status_is_an_answer() {
    for (status, number) in [
        ("404 Not Found", 404),
        ("503 Busy", 503),
        ("207 Multi", 207),
    ] {
        let web = Web::start(move |_| answer(status, "", b"x")).await;
        let response = get(&web, "/").await.expect("an answer");
        assert_eq!((response.status(), response.body()), (number, &b"x"[..]));
    }
    let web = Web::start(|_| raw("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n")).await;
    assert_eq!(get(&web, "/").await.expect("an answer").status(), 304);
    // One without a place to go to is no redirect.
    let web = Web::start(|_| answer("302 Found", "", b"")).await;
    assert_eq!(get(&web, "/").await.expect("an answer").status(), 302);
    // A word in advance is passed over.
    let early = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    assert_eq!(outcome(raw(early)).await, Ok(b"x".to_vec()));
}

#[tokio::test]
async fn chunks_and_a_closed_connection_end_a_body() {
    let chunked = head("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
    assert_eq!(outcome(raw(chunked)).await, Ok(b"abcde".to_vec()));
    assert_eq!(outcome(raw(head("") + "abc")).await, Ok(b"abc".to_vec()));
    // One that keeps its connection open all the same.
    let kept = answer("200 OK", "", b"abc").then(Then::Hang);
    assert_eq!(outcome(kept).await, Ok(b"abc".to_vec()));
}

#[tokio::test]
async fn packed_bodies_are_unpacked() {
    assert_eq!(
        outcome(gzipped(&gzip(b"hello"))).await,
        Ok(b"hello".to_vec())
    );
    let two = [gzip(b"hel"), gzip(b"lo")].concat();
    assert_eq!(outcome(gzipped(&two)).await, Ok(b"hello".to_vec()));
    let plain = answer("200 OK", "Content-Encoding: identity\r\n", b"hello");
    assert_eq!(outcome(plain).await, Ok(b"hello".to_vec()));
    let x = answer("200 OK", "Content-Encoding: X-GZIP\r\n", &gzip(b"hello"));
    assert_eq!(outcome(x).await, Ok(b"hello".to_vec()));

    let whole = gzip(b"hello");
    let cut = &whole[..whole.len() - 4];
    assert_eq!(outcome(gzipped(cut)).await, Err(Broken));
    assert_eq!(outcome(gzipped(b"not packed")).await, Err(Broken));
    let mut wrong = whole.clone();
    let sum = wrong.len() - 6;
    wrong[sum] ^= 1;
    assert_eq!(
        outcome(gzipped(&wrong)).await,
        Err(Broken),
        "a wrong checksum"
    );
    for encoding in ["br", "deflate", "gzip, gzip"] {
        let fields = format!("Content-Encoding: {encoding}\r\n");
        let twice = answer("200 OK", &fields, &gzip(&whole));
        assert_eq!(outcome(twice).await, Err(Broken), "{encoding}");
    }
}

#[tokio::test]
async fn a_small_body_that_unpacks_to_a_large_one_is_too_long() {
    let exact = gzip(&vec![0; BODY_BYTES_MAX]);
    assert_eq!(outcome(gzipped(&exact)).await, Ok(vec![0; BODY_BYTES_MAX]));
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < BODY_BYTES_MAX, "{} bytes", bomb.len());
    assert_eq!(outcome(gzipped(&bomb)).await, Err(TooLong));
    // Nothing, packed over and over, of which no length is said.
    let first = head("Content-Encoding: gzip\r\n");
    let nothing = raw(first).then(Then::Forever(gzip(b"")));
    assert_eq!(outcome(nothing).await, Err(TooLong));
}

#[tokio::test]
async fn a_length_that_lies_is_an_error() {
    let said =
        |length: &str, body: &str| raw(head(&format!("Content-Length: {length}\r\n")) + body);
    assert_eq!(outcome(said("5", "hello")).await, Ok(b"hello".to_vec()));
    assert_eq!(outcome(said("6", "hello")).await, Err(Broken), "too long");
    assert_eq!(outcome(said("4", "hello")).await, Err(Broken), "too short");
    assert_eq!(
        outcome(said("0", "hello")).await,
        Err(Broken),
        "nothing at all"
    );
    assert_eq!(outcome(said("-5", "hello")).await, Err(Broken));
    assert_eq!(outcome(said("5x", "hello")).await, Err(Broken));
    assert_eq!(
        outcome(said("5\r\nContent-Length: 4", "hello")).await,
        Err(Broken)
    );
    // It is believed before anything is read.
    let long = said(&(BODY_BYTES_MAX + 1).to_string(), "").then(Then::Hang);
    assert_eq!(outcome(long).await, Err(TooLong));
    let absurd = said("99999999999999999999999999", "").then(Then::Hang);
    assert_eq!(outcome(absurd).await, Err(Broken));
    // More comes a while after the end.
    let late = said("5", "hello").bytes;
    let web = Web::start(move |_| raw(late.clone()).then(Then::Later(b"more".to_vec()))).await;
    let error = get(&web, "/").await.expect_err("more than was said");
    assert_eq!(error.kind(), Broken);
}

#[tokio::test]
async fn what_breaks_off_is_an_error() {
    let chunked = head("Transfer-Encoding: chunked\r\n");
    for broken in [
        String::new(),
        "HTTP/1.1 200".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Le".to_owned(),
        head("Content-Length: 1000\r\n") + "BEGIN:VCALENDAR",
        chunked.clone() + "5\r\nabc",
        chunked.clone() + "3\r\nabc\r\n",
        chunked.clone() + "zz\r\nabc\r\n0\r\n\r\n",
        chunked + "ffffffffffffffffff\r\nabc",
        "\u{0}\u{1}\u{2}garbage\r\n\r\n".to_owned(),
        "<html>no head</html>\r\n\r\n".to_owned(),
        "SSH-2.0-OpenSSH_9.2\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n".to_owned(),
        "HTTP/1.1 2x0 OK\r\n\r\n".to_owned(),
        "HTTP/2 200 OK\r\n\r\n".to_owned(),
    ] {
        let name: String = broken.chars().take(80).collect();
        assert_eq!(outcome(raw(broken)).await, Err(Broken), "{name:?}");
    }
}

#[tokio::test]
async fn what_never_ends_is_too_long() {
    let body = raw(head("")).then(Then::Forever(vec![b'x'; 1000]));
    assert_eq!(outcome(body).await, Err(TooLong));
    let first = head("Transfer-Encoding: chunked\r\n") + "400\r\n";
    let chunk = format!("{}\r\n400\r\n", "x".repeat(1024));
    let chunks = raw(first).then(Then::Forever(chunk.into_bytes()));
    assert_eq!(outcome(chunks).await, Err(TooLong));
    let fields = raw("HTTP/1.1 200 OK\r\n").then(Then::Forever(b"X-More: and more\r\n".to_vec()));
    assert_eq!(outcome(fields).await, Err(TooLong));
    let line = raw("HTTP/1.1 200 OK\r\nX: ").then(Then::Forever(vec![b'x'; 1000]));
    assert_eq!(outcome(line).await, Err(TooLong));
    let status = raw("HTTP/1.1 200 ").then(Then::Forever(vec![b'O'; 1000]));
    assert_eq!(outcome(status).await, Err(TooLong));
    let many = "X: y\r\n".repeat(101);
    assert_eq!(outcome(raw(head(&many))).await, Err(TooLong));
}

#[tokio::test]
async fn nobody_waits_for_who_is_slow() {
    let hang = raw("").then(Then::Hang);
    assert_eq!(outcome_in_a_hurry(hang).await, Err(TimedOut));
    let begun = raw(head("Content-Length: 1000\r\n") + "BEGIN");
    let hang = begun.clone().then(Then::Hang);
    assert_eq!(outcome_in_a_hurry(hang).await, Err(TimedOut));
    // Each byte comes in time, and all of them do not.
    let drip = begun.then(Then::Drip(Duration::from_millis(50)));
    assert_eq!(outcome_in_a_hurry(drip).await, Err(TimedOut));
    let early = b"HTTP/1.1 100 Continue\r\n\r\n".to_vec();
    let early = raw(early.clone()).then(Then::Forever(early));
    assert_eq!(outcome_in_a_hurry(early).await, Err(TimedOut));
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let web = Web::start(|_| answer("200 OK", "", b"")).await;
    let (client, url) = (client(&web), web.url("/"));
    let url = client.guard().check(&url).expect("it is allowed");
    web.stop().await;
    let error = client.send(&Request::get(url)).await.expect_err("nobody");
    assert_eq!(error.kind(), Unreachable);
    assert!(error.is_temporary() && error.source().is_some());
}

/// A server on which `/N` leads to `/N-1`, and `/0` answers.
fn countdown(status: &'static str) -> impl Fn(&str) -> Answer {
    move |request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        match path.trim_start_matches('/').parse::<u32>() {
            Ok(0) => answer("200 OK", "", b"there"),
            Ok(n) => answer(status, &format!("Location: {}\r\n", n - 1), b"not read"),
            Err(_) => answer("404 Not Found", "", b""),
        }
    }
}

#[tokio::test]
async fn five_redirects_are_followed() {
    let web = Web::start(countdown("302 Found")).await;
    let response = get(&web, "/5").await.expect("an answer");
    assert_eq!(response.body(), b"there");
    assert_eq!(response.url().as_str(), web.url("/0"));
    let error = get(&web, "/6").await.expect_err("too many");
    assert_eq!((error.kind(), error.is_temporary()), (Redirects, false));
    let looping = Web::start(|_| answer("301 Moved", "Location: /\r\n", b"")).await;
    assert_eq!(
        get(&looping, "/").await.expect_err("a loop").kind(),
        Redirects
    );
    assert_eq!(looping.connections(), 6);
    // What a redirect says beside its place is not read.
    let endless = |request: &str| match request.starts_with("GET /a ") {
        true => {
            raw("HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n").then(Then::Forever(vec![b'x'; 99]))
        }
        false => answer("200 OK", "", b"there"),
    };
    let web = Web::start(endless).await;
    assert_eq!(get(&web, "/a").await.expect("an answer").body(), b"there");
}

#[tokio::test]
async fn a_redirect_repeats_the_request() {
    for (status, expected) in [
        ("301 Moved", "PROPFIND"),
        ("302 Found", "PROPFIND"),
        ("303 See Other", "GET"),
        ("307 Temporary", "PROPFIND"),
        ("308 Permanent", "PROPFIND"),
    ] {
        let web = Web::start(countdown(status)).await;
        let client = client(&web);
        let url = client.guard().check(&web.url("/1")).expect("it is allowed");
        let request = Request::new(Method::Propfind, url)
            .with_header("Depth", "0")
            .expect("a field")
            .with_body("<propfind/>");
        client.send(&request).await.expect("an answer");
        let last = web.asked().remove(1);
        assert!(
            last.starts_with(&format!("{expected} /0 HTTP/1.1\r\n")),
            "{status}: {last}"
        );
        assert!(last.contains("depth: 0\r\n"));
        assert_eq!(last.ends_with("<propfind/>"), expected == "PROPFIND");
    }
}

#[tokio::test]
async fn credentials_stay_with_their_origin() {
    let other = Web::start(|_| answer("200 OK", "", b"")).await;
    let away = format!("Location: {}\r\n", other.url("/"));
    let web = Web::start(
        move |request: &str| match request.starts_with("GET /away") {
            true => answer("302 Found", &away, b""),
            false => countdown("302 Found")(request),
        },
    )
    .await;
    let client = Client::new(guard(&web).with_port(other.port()));
    let send = async |path: &str, credentials: Credentials| {
        let url = client.guard().check(&web.url(path)).expect("it is allowed");
        let request = Request::get(url).with_credentials(credentials);
        let request = request.with_header("x-key", "s3cret").expect("a field");
        client.send(&request).await.expect("an answer");
    };
    let token = || Credentials::bearer("s3cret").expect("a token");
    send(
        "/1",
        Credentials::basic("anna", "geh\u{e9}im").expect("a name"),
    )
    .await;
    for request in web.asked() {
        assert!(
            request.contains("authorization: Basic YW5uYTpnZWjDqWlt\r\n"),
            "{request}"
        );
    }
    send("/away", token()).await;
    assert!(web.asked()[2].contains("authorization: Bearer s3cret\r\n"));
    assert_eq!(other.asked().len(), 1);
    let there = other.asked().remove(0);
    assert!(
        !there.contains("s3cret") && !there.contains("authorization"),
        "{there}"
    );
}

#[tokio::test]
async fn secrets_are_not_shown() {
    let web = Web::start(|_| raw("s3cret")).await;
    let client = client(&web);
    let url = client
        .guard()
        .check(&web.url("/s3cret?s3cret"))
        .expect("it is allowed");
    let credentials = Credentials::basic("s3cret", "s3cret").expect("a name");
    let request = Request::get(url)
        .with_credentials(credentials.clone())
        .with_header("x-key", "s3cret")
        .expect("a field")
        .with_body("s3cret");
    let error = client.send(&request).await.expect_err("no answer");
    let source = error.source().map(ToString::to_string);
    let shown = format!("{request:?} {credentials:?} {client:?} {error} {error:?} {source:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("czNjcmV0"),
        "{shown}"
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    let invalid = |result: Result<_, HttpError>| {
        result.is_err_and(|error: HttpError| error.kind() == HttpErrorKind::Invalid)
    };
    assert!(invalid(Credentials::basic("an:na", "x")));
    assert!(invalid(Credentials::basic("anna", "x\r\nHost: y")));
    assert!(invalid(Credentials::bearer("")));
    assert!(invalid(Credentials::bearer("a b")));
    let url = bereik_feed::UrlGuard::new()
        .check("https://example.org/")
        .expect("an address");
    let with = |name: &str, value: &str| Request::get(url.clone()).with_header(name, value).err();
    for (name, value) in [
        ("Authorization", "x"),
        ("Cookie", "x"),
        ("Host", "x"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("X Y", "z"),
        ("", "z"),
        ("X", "y\r\nZ: z"),
    ] {
        let kind = with(name, value).map(|error| error.kind());
        assert_eq!(kind, Some(HttpErrorKind::Invalid), "{name}: {value}");
    }
    assert!(with("If-None-Match", "\"1\"").is_none());
}

#[tokio::test]
async fn a_scheme_never_goes_down() {
    let (web, tls) =
        Web::start_tls(|_| answer("302 Found", "Location: http://localhost/\r\n", b"")).await;
    let guard = guard(&web).with_host("localhost");
    let client = Client::new(guard).with_tls(&tls);
    let url = format!("https://localhost:{}/", web.port());
    let url = client.guard().check(&url).expect("it is allowed");
    let error = client
        .send(&Request::get(url))
        .await
        .expect_err("downwards");
    assert_eq!(
        (error.kind(), error.refused()),
        (Refused, Some(UrlErrorKind::Scheme))
    );
}

#[tokio::test]
async fn a_certificate_is_trusted_for_its_name_alone() {
    let (web, tls) = Web::start_tls(|_| answer("200 OK", "", b"hello")).await;
    let guard = guard(&web).with_host("localhost");
    let trusting = Client::new(guard).with_tls(&tls);
    let send = async |client: &Client, host: &str| {
        let url = format!("https://{host}:{}/", web.port());
        let url = client.guard().check(&url).expect("it is allowed");
        let answer = client.send(&Request::get(url)).await;
        answer.map(|r| r.body().to_vec()).map_err(|e| e.kind())
    };
    assert_eq!(send(&trusting, "localhost").await, Ok(b"hello".to_vec()));
    assert_eq!(
        send(&trusting, "127.0.0.1").await,
        Err(HttpErrorKind::Insecure)
    );
    let strange = Client::new(trusting.guard().clone());
    assert_eq!(
        send(&strange, "localhost").await,
        Err(HttpErrorKind::Insecure)
    );
    // One that does not speak TLS at all.
    let plain = Web::start(|_| answer("200 OK", "", b"hello")).await;
    let limits = HttpLimits::default().with_read_for(Duration::from_millis(500));
    let client = client(&plain).with_limits(limits);
    let url = format!("https://127.0.0.1:{}/", plain.port());
    let url = client.guard().check(&url).expect("it is allowed");
    let kind = client
        .send(&Request::get(url))
        .await
        .map_err(|e| e.kind())
        .err();
    assert!(
        matches!(kind, Some(Broken | HttpErrorKind::Insecure | TimedOut)),
        "{kind:?}"
    );
}
