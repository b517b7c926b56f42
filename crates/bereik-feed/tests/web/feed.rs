//! A calendar at a web address as its server changes it, denies it, and dies.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bereik_calendar::Reading;
use bereik_core::directory::Draft;
use bereik_core::{FreeBusyKind, Interval, Person, PersonId, Zone};
use bereik_feed::http::{Client, Credentials};
use bereik_feed::{
    Agenda, CalendarWatch, FailureKind, HttpFeed, Pace, Source as _, SourceError, Update, UrlGuard,
    calendar_files,
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::http::gzip;
use crate::server::{Answer, Then, Web, answer, guard, raw};

use FailureKind::{
    Broken, Missing, NotACalendar, NotPermitted, Refused, SignIn, Throttled, TimedOut, Unavailable,
};

fn at(hour: u32) -> DateTime<Utc> {
    let text = format!("2026-11-23T{hour:02}:00:00Z");
    text.parse().expect("an hour of the day")
}

fn window() -> Interval {
    Interval::new(at(0), at(0) + TimeDelta::days(30)).expect("a window")
}

/// A calendar with one meeting of an hour on that Monday.
fn meeting(hour: u32) -> Vec<u8> {
    format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:canary\r\n\
         DTSTART:20261123T{hour:02}0000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes()
}

/// What a server says, and may be told to say otherwise.
#[derive(Clone, Debug)]
struct Said(Arc<Mutex<Answer>>);

impl Said {
    fn new(answer: Answer) -> Self {
        Self(Arc::new(Mutex::new(answer)))
    }

    fn set(&self, answer: Answer) {
        *self.0.lock().expect("no panic") = answer;
    }

    async fn start(&self) -> Web {
        let said = self.0.clone();
        Web::start(move |_| said.lock().expect("no panic").clone()).await
    }
}

fn feed(web: &Web) -> HttpFeed {
    let client = Client::new(guard(web));
    let url = client.guard().check(&web.url("/anna.ics?key=s3cret"));
    HttpFeed::new(client, url.expect("it is allowed"), Reading::new())
}

fn kind(agenda: Option<Agenda>, hour: u32) -> Option<FreeBusyKind> {
    agenda.map(|agenda| agenda.free_busy().kind_at(at(hour)))
}

/// A server that keeps to RFC 9110 13: 304 where the condition says so.
fn with_conditions(version: &str, request: &str) -> Answer {
    let etag = format!("\"{version}\"");
    let modified = "Mon, 23 Nov 2026 08:00:00 GMT";
    let request = request.to_ascii_lowercase();
    let is_same = request.contains(&format!("if-none-match: {etag}\r\n"))
        && request.contains(&format!("if-modified-since: {modified}\r\n").to_ascii_lowercase());
    let fields = format!("ETag: {etag}\r\nLast-Modified: {modified}\r\n");
    let hour = version.len() as u32 + 8;
    match is_same {
        true => raw(format!("HTTP/1.1 304 Not Modified\r\n{fields}\r\n")),
        false => answer("200 OK", &fields, &meeting(hour)),
    }
}

#[tokio::test]
async fn a_server_that_knows_conditions_sends_a_calendar_once() {
    let version = Arc::new(Mutex::new("v".to_owned()));
    let now = version.clone();
    let web =
        Web::start(move |request| with_conditions(&now.lock().expect("no panic"), request)).await;
    let mut feed = feed(&web);
    let first = feed.poll(window()).await.expect("an answer");
    assert_eq!(kind(first, 9), Some(FreeBusyKind::Busy));
    assert_eq!(feed.poll(window()).await, Ok(None));
    assert_eq!(feed.poll(window()).await, Ok(None));
    *version.lock().expect("no panic") = "vv".to_owned();
    let next = feed.poll(window()).await.expect("an answer");
    assert_eq!(kind(next.clone(), 9), Some(FreeBusyKind::Free));
    assert_eq!(kind(next, 10), Some(FreeBusyKind::Busy));
    assert_eq!(feed.poll(window()).await, Ok(None));
    let conditional = web
        .asked()
        .iter()
        .filter(|r| r.contains("if-none-match"))
        .count();
    assert_eq!((web.asked().len(), conditional), (5, 4));

    // For another window the same bytes say something else.
    let later = Interval::new(at(1), at(12)).expect("a window");
    let other = feed
        .poll(later)
        .await
        .expect("an answer")
        .expect("it is asked anew");
    assert_eq!(other.free_busy().known(), Some(later));
    assert!(!web.asked()[5].contains("if-none-match"));
    assert_eq!(feed.poll(later).await, Ok(None));
}

#[tokio::test]
async fn a_server_that_ignores_conditions_says_nothing_new_either() {
    let said = Said::new(answer("200 OK", "ETag: \"1\"\r\n", &meeting(9)));
    let web = said.start().await;
    let mut feed = feed(&web);
    assert!(feed.poll(window()).await.expect("an answer").is_some());
    // Not even with a new ETag, or packed.
    said.set(answer("200 OK", "ETag: \"2\"\r\n", &meeting(9)));
    assert_eq!(feed.poll(window()).await, Ok(None));
    said.set(answer(
        "200 OK",
        "Content-Encoding: gzip\r\n",
        &gzip(&meeting(9)),
    ));
    assert_eq!(feed.poll(window()).await, Ok(None));
    assert!(web.asked()[2].contains("if-none-match: \"2\"\r\n"));
    said.set(answer(
        "200 OK",
        "Content-Encoding: gzip\r\n",
        &gzip(&meeting(10)),
    ));
    let next = feed.poll(window()).await.expect("an answer");
    assert_eq!(kind(next, 10), Some(FreeBusyKind::Busy));
    // One that says 304 to who asked for all of it has said nothing.
    said.set(raw("HTTP/1.1 304 Not Modified\r\n\r\n"));
    let later = Interval::new(at(1), at(12)).expect("a window");
    assert_eq!(feed.poll(later).await, Err(NotACalendar.into()));
}

#[tokio::test]
async fn what_is_no_calendar_is_a_failure_with_a_reason() {
    let error = |kind| SourceError::new(kind);
    let after = |kind, seconds| error(kind).with_retry_after(Duration::from_secs(seconds));
    let date = "Date: Mon, 23 Nov 2026 08:00:00 GMT\r\n";
    let later = format!("{date}Retry-After: Mon, 23 Nov 2026 08:02:00 GMT\r\n");
    let passed = format!("{date}Retry-After: Mon, 23 Nov 2026 07:00:00 GMT\r\n");
    let whole = meeting(9);
    let rows = [
        (answer("401 Unauthorized", "", b""), error(SignIn)),
        (answer("403 Forbidden", "", b""), error(NotPermitted)),
        (answer("404 Not Found", "", &whole), error(Missing)),
        (answer("410 Gone", "", b""), error(Missing)),
        (
            answer("429 Slow", "Retry-After: 120\r\n", b""),
            after(Throttled, 120),
        ),
        (answer("429 Slow", "", b""), error(Throttled)),
        (answer("503 Busy", &later, b""), after(Throttled, 120)),
        (answer("503 Busy", &passed, b""), after(Throttled, 0)),
        (
            answer("503 Busy", "Retry-After: soon\r\n", b""),
            error(Unavailable),
        ),
        (answer("503 Busy", "", b""), error(Unavailable)),
        (answer("500 Fault", "", &whole), error(Unavailable)),
        (answer("204 No Content", "", b""), error(NotACalendar)),
        (answer("206 Part", "", &whole), error(NotACalendar)),
        (answer("302 Found", "", b""), error(NotACalendar)),
        (
            answer("200 OK", "", b"<html>sign in</html>"),
            error(NotACalendar),
        ),
        (answer("200 OK", "", b""), error(NotACalendar)),
        (
            answer("200 OK", "", &whole[..whole.len() - 20]),
            error(NotACalendar),
        ),
        (
            raw([b"HTTP/1.1 200 OK\r\n\r\n", &whole[..80]].concat()),
            error(NotACalendar),
        ),
        (
            raw("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nBEGIN"),
            error(Broken),
        ),
        (
            answer("302 Found", "Location: http://10.0.0.1/\r\n", b""),
            error(Refused),
        ),
        (answer("302 Found", "Location: /\r\n", b""), error(Broken)),
    ];
    let said = Said::new(answer("200 OK", "", &whole));
    let web = said.start().await;
    let mut feed = feed(&web);
    assert!(feed.poll(window()).await.expect("an answer").is_some());
    for (answer, expected) in rows {
        let name = String::from_utf8_lossy(&answer.bytes).into_owned();
        said.set(answer);
        assert_eq!(feed.poll(window()).await, Err(expected), "{name}");
    }
    // What was known before is still what is known.
    said.set(answer("200 OK", "", &whole));
    assert_eq!(feed.poll(window()).await, Ok(None));
}

#[tokio::test]
async fn a_feed_asks_in_a_name_and_does_not_tell_it() {
    let web = Web::start(|request| match request.contains("authorization: Basic ") {
        true => answer("200 OK", "", &meeting(9)),
        false => answer("401 Unauthorized", "", b""),
    })
    .await;
    let mut open = feed(&web);
    assert_eq!(open.poll(window()).await, Err(SignIn.into()));
    let credentials = Credentials::basic("anna", "s3cret").expect("a name");
    let mut known = feed(&web).with_credentials(credentials);
    assert!(known.poll(window()).await.is_ok());
    assert_eq!(known.name(), format!("http://127.0.0.1:{}/…", web.port()));
    assert!(!format!("{known:?}").contains("s3cret"));
    assert_eq!(known.with_name("anna's").name(), "anna's");
}

/// A directory in which anna has these calendars.
fn files(calendars: &[&str], folder: &std::path::Path) -> Vec<bereik_feed::CalendarFile> {
    let id: PersonId = "anna".parse().expect("an id");
    let mut person = Person::new(id, "Anna");
    person.calendars = calendars.iter().map(|text| (*text).to_owned()).collect();
    let draft = Draft::new("Rivers & Co", Zone::utc()).with_person(person);
    calendar_files(&draft.check().expect("a directory"), folder)
}

async fn next(watch: &mut CalendarWatch) -> Update {
    let update = tokio::time::timeout(Duration::from_secs(60), watch.next()).await;
    update.expect("an update comes")
}

fn kinds(update: &Update) -> [FreeBusyKind; 2] {
    [9, 10].map(|hour| update.free_busy.kind_at(at(hour)))
}

fn failures(update: &Update) -> Vec<FailureKind> {
    update
        .failures
        .iter()
        .map(|failure| failure.kind())
        .collect()
}

/// From the directory's line to the update: changed, denied, killed, too old, and back.
#[tokio::test]
async fn each_change_of_a_server_is_an_update() {
    let folder = std::env::temp_dir().join(format!("bereik-web-feed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("home.ics"), meeting(10)).expect("a file");
    let said = Said::new(answer("200 OK", "", &meeting(9)));
    let web = said.start().await;
    let client = Client::new(guard(&web));
    let url = web.url("/work.ics?key=s3cret");
    let mut watch = CalendarWatch::new(files(&[&url, "home.ics"], &folder), || at(8))
        .with_http(client, Pace::every(Duration::from_secs(1)))
        .with_source_stale_after(Duration::from_secs(4));
    let first = next(&mut watch).await;
    assert_eq!(kinds(&first), [FreeBusyKind::Busy, FreeBusyKind::Busy]);
    assert!(first.failures.is_empty());

    said.set(answer("200 OK", "", &meeting(11)));
    let changed = next(&mut watch).await;
    assert_eq!(kinds(&changed), [FreeBusyKind::Free, FreeBusyKind::Busy]);

    said.set(answer("403 Forbidden", "", b""));
    let denied = next(&mut watch).await;
    assert_eq!(
        kinds(&denied),
        [FreeBusyKind::Free, FreeBusyKind::Busy],
        "it still counts"
    );
    assert_eq!(failures(&denied), [NotPermitted]);
    let failure = &denied.failures[0];
    let sentence = format!(
        "http://127.0.0.1:{}/…: cannot be read: permission is denied",
        web.port()
    );
    assert_eq!(failure.to_string(), sentence);
    assert_eq!(
        (failure.since(), failure.last_good_at()),
        (at(8), Some(at(8)))
    );
    assert!(!format!("{denied:?} {watch:?}").contains("s3cret"));

    // Then the server is killed: in mid-answer, and altogether.
    said.set(raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nBEGIN"));
    let mut told = next(&mut watch).await;
    if failures(&told) == [NotPermitted] {
        // It had become too old before it was asked again.
        assert_eq!(kinds(&told), [FreeBusyKind::Unknown, FreeBusyKind::Busy]);
        told = next(&mut watch).await;
    }
    assert_eq!(failures(&told), [Broken]);
    if kinds(&told) != [FreeBusyKind::Unknown, FreeBusyKind::Busy] {
        told = next(&mut watch).await;
    }
    // What is too old is unknown, and hides no meeting of the other calendar.
    assert_eq!(kinds(&told), [FreeBusyKind::Unknown, FreeBusyKind::Busy]);
    assert_eq!(told.failures[0].since(), at(8));

    said.set(answer("200 OK", "", &meeting(9)));
    let back = next(&mut watch).await;
    assert_eq!(kinds(&back), [FreeBusyKind::Busy, FreeBusyKind::Busy]);
    assert!(back.failures.is_empty());
    web.stop().await;
    let gone = next(&mut watch).await;
    assert_eq!(failures(&gone), [FailureKind::Unreachable]);
    std::fs::remove_dir_all(&folder).expect("it can be removed");
}

#[tokio::test]
async fn a_hanging_server_holds_up_nobody_else() {
    let hanging = Web::start(|_| raw("").then(Then::Hang)).await;
    let quick = Web::start(|_| answer("200 OK", "", &meeting(9))).await;
    let limits = bereik_feed::http::HttpLimits::default().with_read_for(Duration::from_secs(3));
    let mut watch = CalendarWatch::new(Vec::new(), || at(8));
    for (person, web) in [("anna", &hanging), ("bo", &quick)] {
        let client = Client::new(guard(web)).with_limits(limits);
        let url = client.guard().check(&web.url("/")).expect("it is allowed");
        let feed = HttpFeed::new(client, url, Reading::new());
        watch.add_source(
            person.parse().expect("an id"),
            Box::new(feed),
            Pace::default(),
        );
    }
    let first = next(&mut watch).await;
    assert_eq!((first.person.as_str(), first.failures.len()), ("bo", 0));
    let second = next(&mut watch).await;
    assert_eq!(
        (second.person.as_str(), failures(&second)),
        ("anna", vec![TimedOut])
    );
    assert_eq!(
        kinds(&second),
        [FreeBusyKind::Unknown, FreeBusyKind::Unknown]
    );
}

#[tokio::test]
async fn an_address_of_the_inside_is_a_failure_of_its_person() {
    let folder = std::env::temp_dir();
    let urls = [
        "http://127.0.0.1/a.ics",
        "https://169.254.169.254/s3cret?s3cret",
        "webcal://u:s3cret@x.example.org/",
    ];
    let watched = || files(&urls, &folder);
    let mut watch = CalendarWatch::new(watched(), || at(8))
        .with_http(Client::new(UrlGuard::new()), Pace::default());
    let update = next(&mut watch).await;
    assert_eq!(failures(&update), [Refused, Refused, Refused]);
    assert!(!format!("{update:?}").contains("s3cret"));
    assert_eq!(
        kinds(&update),
        [FreeBusyKind::Unknown, FreeBusyKind::Unknown]
    );
    // Without a client nothing is asked, and after a change of the directory it is asked again.
    let mut watch = CalendarWatch::new(watched(), || at(8));
    let untold = next(&mut watch).await;
    assert_eq!(failures(&untold), [FailureKind::Url; 3]);
    assert!(!format!("{untold:?} {:?}", watched()).contains("s3cret"));
    watch = watch.with_http(Client::new(UrlGuard::new()), Pace::default());
    assert_eq!(failures(&next(&mut watch).await), [Refused; 3]);
    watch.replace(watched());
    assert_eq!(failures(&next(&mut watch).await), [Refused; 3]);
}

/// A server that nobody here wrote. It knows Last-Modified and no ETag.
#[tokio::test]
#[ignore = "needs python3"]
async fn the_server_of_python_sends_a_calendar_once() {
    let folder = std::env::temp_dir().join(format!("bereik-python-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("anna.ics"), meeting(9)).expect("a file");
    let mut server = Command::new("python3")
        .args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "0"])
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut greeting = String::new();
    let stdout = server.stdout.take().expect("a pipe");
    BufReader::new(stdout)
        .read_line(&mut greeting)
        .expect("a line");
    let port = greeting
        .split(' ')
        .skip_while(|word| *word != "port")
        .nth(1);
    let port: u16 = port.and_then(|port| port.parse().ok()).expect("a port");

    let guard = UrlGuard::new()
        .with_plain_http()
        .with_host("127.0.0.1")
        .with_port(port);
    let client = Client::new(guard);
    let url = format!("http://127.0.0.1:{port}/anna.ics");
    let url = client.guard().check(&url).expect("it is allowed");
    let mut feed = HttpFeed::new(client, url, Reading::new());
    let first = feed.poll(window()).await.expect("an answer");
    assert_eq!(kind(first, 9), Some(FreeBusyKind::Busy));
    assert_eq!(feed.poll(window()).await, Ok(None));
    std::fs::remove_file(folder.join("anna.ics")).expect("a file can be removed");
    assert_eq!(feed.poll(window()).await, Err(Missing.into()));
    server.kill().expect("it runs");
    server.wait().expect("it ends");
    assert_eq!(
        feed.poll(window()).await,
        Err(FailureKind::Unreachable.into())
    );
    let mut log = String::new();
    let mut stderr = server.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut log).expect("text");
    assert_eq!(
        [" 200 ", " 304 ", " 404 "].map(|status| log.matches(status).count()),
        [1, 1, 1],
        "{log}"
    );
    std::fs::remove_dir_all(&folder).expect("it can be removed");
}
