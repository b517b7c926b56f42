//! The calendars as files on disk and behind web addresses, read by the feeds.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bereik::feed::http::{Client, Credentials, HttpLimits};
use bereik::feed::{
    Agenda, CalDav, CalendarWatch, FailureKind, HttpFeed, Pace, Source, Update, UrlGuard,
    calendar_files, read_calendars, read_directory,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::company::{TOKEN, at, company, directory, person_id, reading, window};
use crate::logs;
use crate::search::{Seen, mark_in};

/// A folder that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bereik-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn look_at_update(seen: &mut Seen, update: &Update) {
    seen.debug("an update", update);
    for failure in &update.failures {
        seen.shown("a failure", failure);
        seen.text("the name of a source", failure.source_name());
        seen.shown("why it failed", &failure.kind());
    }
    for problem in &update.problems {
        seen.text("a problem", &problem.to_string());
        seen.text("the name of a source", problem.source_name());
    }
}

/// Serves a calendar, and each fault that a server may have, at addresses that hold a token.
async fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                // Whoever hangs up is no fault of this server.
                let _ = stream.write_all(&answer(&request)).await;
            });
        }
    });
    port
}

fn answer(request: &str) -> Vec<u8> {
    let path = request.split(' ').nth(1).unwrap_or_default();
    let fault = path.split('/').nth(2).unwrap_or_default();
    let (status, more, body) = match fault {
        "ok" => (
            "200 OK",
            "ETag: \"CANARY\"\r\n",
            company().calendars[0].as_str(),
        ),
        "page" => ("200 OK", "Content-Type: text/html\r\n", "<h1>CANARY</h1>"),
        "elsewhere" => (
            "302 Found",
            "Location: http://10.0.0.1/CANARY?key=CANARY\r\n",
            "",
        ),
        "around" => (
            "302 Found",
            "Location: /CANARY-TOKEN/around/?key=CANARY\r\n",
            "",
        ),
        "wait" => ("503 CANARY", "Retry-After: CANARY\r\n", "CANARY"),
        "zip" => ("200 OK", "Content-Encoding: gzip\r\n", "CANARY"),
        "short" => ("200 OK", "Content-Length: 9999\r\n", "CANARY"),
        "nonsense" => return b"CANARY CANARY CANARY\r\n\r\n".to_vec(),
        status => (status, "X-Canary: CANARY\r\n", "CANARY canary@example.org"),
    };
    let length = match more.contains("Content-Length") {
        true => String::new(),
        false => format!("Content-Length: {}\r\n", body.len()),
    };
    format!("HTTP/1.1 {status}\r\n{more}{length}Connection: close\r\n\r\n{body}").into_bytes()
}

/// What a server answers at which address.
const FAULTS: [&str; 14] = [
    "ok",
    "page",
    "elsewhere",
    "around",
    "wait",
    "zip",
    "short",
    "nonsense",
    "401",
    "403",
    "404",
    "410",
    "429",
    "500",
];

fn client(port: u16) -> Client {
    let guard = UrlGuard::new()
        .with_plain_http()
        .with_host("127.0.0.1")
        .with_port(port);
    let limits = HttpLimits::default().with_read_for(Duration::from_millis(800));
    Client::new(guard).with_limits(limits)
}

/// The addresses of a person: of a server, with each of its faults, and such as nobody can ask.
fn addresses(port: u16, number: usize) -> Vec<String> {
    let fault = FAULTS[number % FAULTS.len()];
    let rest = format!("{TOKEN}/{fault}/{number}.ics?key={TOKEN}");
    let wrong = match number % 8 {
        0 => format!("https://anna:{TOKEN}@10.0.0.1/{rest}"),
        1 => format!("webcal://127.0.0.1:1/{rest}"),
        2 => format!("http://anna:{TOKEN}@/{rest}"),
        3 => format!("https://anna:{TOKEN}/{TOKEN}@localhost/{rest}"),
        4 => format!("ftp://anna:{TOKEN}@example.org/{rest}"),
        5 => format!(" https://anna:{TOKEN}@example.org/{rest}"),
        6 => format!("caldavs://example.org/{rest}"),
        _ => format!("HTTPS://example.org:{TOKEN}/{rest}"),
    };
    vec![format!("http://127.0.0.1:{port}/{rest}"), wrong]
}

#[tokio::test]
async fn no_mark_comes_out_of_files_and_web_addresses() {
    logs::listen();
    let (mut seen, folder, port) = (Seen::default(), Folder::new("feeds"), serve().await);
    for (number, text) in company().calendars.iter().enumerate() {
        fs::write(folder.0.join(format!("p{number:02}.ics")), text).unwrap();
    }
    let directory = directory(|number| addresses(port, number));
    let files = calendar_files(&directory, &folder.0);
    files
        .iter()
        .for_each(|file| seen.debug("a calendar file", file));
    let now = at("2026-11-23T08:10:00Z");
    for update in read_calendars(&files, now) {
        assert!(
            !update.failures.is_empty(),
            "addresses of the web are not files"
        );
        look_at_update(&mut seen, &update);
    }
    let client = client(port);
    seen.debug("a client", &client);
    let mut watch = CalendarWatch::new(files, move || now).with_http(client, Pace::default());
    let (mut told, mut kinds) = (vec![false; directory.people().len()], Vec::new());
    while told.contains(&false) {
        let update = watch.next().await;
        seen.debug("a watch", &watch);
        look_at_update(&mut seen, &update);
        kinds.extend(update.failures.iter().map(bereik::feed::Failure::kind));
        let person = directory
            .people()
            .iter()
            .position(|p| p.id == update.person);
        told[person.unwrap()] = true;
    }
    for kind in [
        FailureKind::Broken,
        FailureKind::Missing,
        FailureKind::NotACalendar,
        FailureKind::Refused,
        FailureKind::SignIn,
        FailureKind::Unavailable,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} of {kinds:?}");
    }
    seen.text("the log", &logs::heard());
}

#[tokio::test]
async fn no_mark_comes_out_of_a_source() {
    logs::listen();
    let (mut seen, port) = (Seen::default(), serve().await);
    let client = client(port);
    let credentials = Credentials::basic("canary", TOKEN).unwrap();
    seen.debug("credentials", &credentials);
    let mut is_read = false;
    for fault in FAULTS {
        let url = format!("http://127.0.0.1:{port}/{TOKEN}/{fault}/x.ics?key={TOKEN}");
        let url = client.guard().check(&url).unwrap();
        seen.shown("an address", &url);
        let feed = HttpFeed::new(client.clone(), url.clone(), reading(0));
        let feed = feed.with_credentials(credentials.clone());
        seen.debug("a feed", &feed);
        let account = CalDav::new(client.clone(), url, reading(0));
        let account = account.with_credentials(credentials.clone());
        seen.debug("an account", &account);
        let sources: [Box<dyn Source>; 2] = [Box::new(feed), Box::new(account)];
        for mut source in sources {
            seen.text("the name of a source", source.name());
            match source.poll(window()).await {
                Ok(agenda) => {
                    is_read |= agenda.is_some();
                    seen.debug("an agenda", &agenda);
                }
                Err(error) => seen.shown("an error of a source", &error),
            }
        }
    }
    assert!(is_read, "one of the answers is a calendar");
    for address in addresses(port, 0).iter().chain(&addresses(port, 3)) {
        match UrlGuard::new().check(address) {
            Ok(url) => seen.shown("an address", &url),
            Err(error) => seen.shown("a refusal", &error),
        }
    }
    let agenda = Agenda::read(company().calendars[0].as_bytes(), window(), &reading(0));
    seen.debug("an agenda", &agenda);
    seen.text("the log", &logs::heard());
}

/// What is wrong with a directory is told without its addresses.
#[test]
fn no_mark_comes_out_of_a_faulty_directory() {
    let (mut seen, folder) = (Seen::default(), Folder::new("faults"));
    let path = folder.0.join("directory.toml");
    let person = format!("[[person]]\nid = '{}'\nname = 'Anna'\n", person_id(0));
    let url = format!("https://anna:{TOKEN}@example.org/{TOKEN}?key={TOKEN}");
    for fault in [
        format!("calendars = '{url}'"),
        format!("calendars = ['{url}', 1]"),
        format!("calendars = [['{url}']]"),
        format!("calendars = {{ url = '{url}' }}"),
        format!("calendars = ['{url}'"),
        format!("calendars = ['{url}]"),
        format!("calendars = {url}"),
        "addresses = 'canary@example.org'".to_owned(),
        "addresses = ['canary@@example.org']".to_owned(),
        "addresses = ['canary']".to_owned(),
        "line = 'canary@example.org'".to_owned(),
        "line = ['canary@example.org']".to_owned(),
        "[[person.line]]\nid = 'x'\nchannel = 'email'\naddress = 'canary'".to_owned(),
        "[[person.line]]\nid = 'x'\nchannel = 'phone'\naddress = 'canary@example.org'".to_owned(),
        "[[person.line]]\nid = 'x'\nchannel = 'email'\naddress = ['canary@example.org']".to_owned(),
        format!("calendars = ['{url}']\nskills = {{ a = 9 }}"),
    ] {
        let text = format!("name = 'Rivers'\nzone = 'UTC'\n{person}{fault}\n");
        assert!(mark_in(&text).is_some());
        fs::write(&path, text).unwrap();
        let error = read_directory(Path::new(&path)).unwrap_err();
        assert!(error.line().is_some(), "{fault}");
        seen.text(
            &fault,
            &error.to_string().replace(&*path.to_string_lossy(), ""),
        );
        seen.text(
            &fault,
            &format!("{error:?}").replace(&*path.to_string_lossy(), ""),
        );
    }
}
