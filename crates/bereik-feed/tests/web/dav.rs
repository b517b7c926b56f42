//! A CalDAV server on loopback that misbehaves on request: for what real servers do not do when asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::server::{Answer, Web, answer};

/// How it behaves, and what it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// Path and text of each resource, with the number of its last change.
    pub(crate) resources: BTreeMap<String, (u32, String)>,
    /// Paths of those that are gone, with the number of their removal.
    pub(crate) gone: BTreeMap<String, u32>,
    /// The number of the last change.
    pub(crate) version: u32,
    pub(crate) has_token: bool,
    pub(crate) has_ctag: bool,
    /// Properties of the calendar beside its type and its marks.
    pub(crate) properties: String,
    /// More answers in the list of the home.
    pub(crate) others: String,
    /// What a free-busy query gets: a status line and a body.
    pub(crate) free_busy: (String, String),
    /// Tokens before this one have expired.
    pub(crate) oldest: u32,
    /// So many answers fit into one; the rest is cut off with 507.
    pub(crate) answers_max: Option<usize>,
    /// Resources that a multiget leaves out.
    pub(crate) hidden: Vec<String>,
    /// Changes are cut off before the first, again and again.
    pub(crate) is_stuck: bool,
    /// Resources of a multiget cannot be read at the moment.
    pub(crate) is_locked: bool,
    /// Every request gets this instead.
    pub(crate) instead: Option<Answer>,
}

/// The server: `/.well-known/caldav` leads to `/dav/`, the principal is `/dav/anna/`, his home
/// `/dav/cal/`, his calendar `/dav/cal/work/`.
pub(crate) struct Dav {
    pub(crate) web: Web,
    state: Arc<Mutex<State>>,
}

pub(crate) const CALENDAR: &str = "/dav/cal/work/";

impl Dav {
    pub(crate) async fn start() -> Self {
        let state = State {
            has_token: true,
            free_busy: ("501 Not Implemented".to_owned(), String::new()),
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let told = state.clone();
        let web = Web::start(move |request| told.lock().expect("no panic").answer(request)).await;
        Self { web, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        let mut state = self.state();
        state.version += 1;
        let entry = (state.version, text.to_owned());
        state.resources.insert(format!("{CALENDAR}{name}"), entry);
    }

    pub(crate) fn remove(&self, name: &str) {
        let mut state = self.state();
        state.version += 1;
        let (path, version) = (format!("{CALENDAR}{name}"), state.version);
        state.resources.remove(&path);
        state.gone.insert(path, version);
    }

    /// The requests since the last time, in short: method, path and what is asked.
    pub(crate) fn asked(&self, since: usize) -> Vec<String> {
        let asked = self.web.asked();
        let kinds = [
            "free-busy-query",
            "calendar-query",
            "calendar-multiget",
            "sync-collection",
        ];
        let short = |request: &String| {
            let kind = kinds
                .iter()
                .find(|kind| request.contains(&format!("{kind} xmlns")));
            let mut words = request.split(' ');
            let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            match kind {
                Some(kind) => format!("{kind} {}", request.matches("<D:href>").count()),
                None => format!("{method} {path}"),
            }
        };
        asked.iter().skip(since).map(short).collect()
    }
}

pub(crate) fn multistatus(answers: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:S=\"http://calendarserver.org/ns/\">{answers}</D:multistatus>"
    );
    answer(
        "207 Multi-Status",
        "Content-Type: application/xml\r\n",
        body.as_bytes(),
    )
}

/// One answer with properties.
pub(crate) fn response(href: &str, properties: &str) -> String {
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop>{properties}</D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
}

pub(crate) fn status(href: &str, status: &str) -> String {
    format!(
        "<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 {status}</D:status></D:response>"
    )
}

impl State {
    fn answer(&self, request: &str) -> Answer {
        if let Some(instead) = &self.instead {
            return instead.clone();
        }
        let mut words = request.split(' ');
        let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let path = path.split('?').next().unwrap_or("");
        match (method, path) {
            ("PROPFIND", "/.well-known/caldav") => {
                answer("301 Moved Permanently", "Location: /dav/\r\n", b"")
            }
            ("PROPFIND", "/dav/") => multistatus(&response(
                "/dav/",
                "<D:resourcetype><D:collection/></D:resourcetype>\
                 <D:current-user-principal><D:href>anna/</D:href></D:current-user-principal>",
            )),
            ("PROPFIND", "/dav/anna/") => multistatus(&response(
                "/dav/anna/",
                "<C:calendar-home-set><D:href>/dav/cal/</D:href></C:calendar-home-set>",
            )),
            ("PROPFIND", "/dav/cal/") => {
                let home = response(
                    "/dav/cal/",
                    "<D:resourcetype><D:collection/></D:resourcetype>",
                );
                match request.contains("\r\ndepth: 1\r\n") {
                    true => multistatus(&[home, self.calendar(), self.others.clone()].concat()),
                    false => multistatus(&home),
                }
            }
            ("PROPFIND", CALENDAR) => multistatus(&self.calendar()),
            ("PROPFIND", "/page/without/dav") => answer("405 Method Not Allowed", "", b""),
            ("REPORT", CALENDAR) => self.report(request),
            _ => answer("404 Not Found", "", b""),
        }
    }

    fn calendar(&self) -> String {
        let mut properties =
            String::from("<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>");
        if self.has_token {
            let _ = write!(
                properties,
                "<D:sync-token>t:{}</D:sync-token>",
                self.version
            );
        }
        if self.has_ctag {
            let _ = write!(properties, "<S:getctag>c{}</S:getctag>", self.version);
        }
        response(CALENDAR, &(properties + &self.properties))
    }

    fn report(&self, request: &str) -> Answer {
        if request.contains("free-busy-query") {
            let (status, body) = &self.free_busy;
            return answer(status, "Content-Type: text/calendar\r\n", body.as_bytes());
        }
        if request.contains("sync-collection") {
            return self.sync(request);
        }
        if request.contains("calendar-multiget") {
            return self.multiget(request);
        }
        let found = self
            .resources
            .iter()
            .filter(|(_, (_, text))| is_in(request, text));
        let all: Vec<String> = found
            .map(|(path, (version, _))| etag(path, *version))
            .collect();
        match self.answers_max {
            Some(max) if all.len() > max => {
                let cut = status(CALENDAR, "507 Insufficient Storage");
                multistatus(&[all[..max].concat(), cut].concat())
            }
            _ => multistatus(&all.concat()),
        }
    }

    /// Changes in their order; where they are cut, the token is that of the last that is told.
    fn sync(&self, request: &str) -> Answer {
        let token = request.split("<D:sync-token>t:").nth(1);
        let token = token.and_then(|rest| rest.split('<').next()?.parse().ok());
        let Some(token) = token.filter(|token| (self.oldest..=self.version).contains(token)) else {
            let body = b"<D:error xmlns:D=\"DAV:\"><D:valid-sync-token/></D:error>";
            return answer("403 Forbidden", "", body);
        };
        let changed = self
            .resources
            .iter()
            .map(|(path, (at, _))| (*at, etag(path, *at)));
        let gone = self
            .gone
            .iter()
            .filter(|(path, _)| !self.resources.contains_key(*path));
        let gone = gone.map(|(path, at)| (*at, status(path, "404 Not Found")));
        let mut all: Vec<(u32, String)> = changed.chain(gone).collect();
        all.retain(|(at, _)| *at > token);
        all.sort();
        let mut text = String::new();
        let mut next = self.version;
        let max = self.answers_max.filter(|max| all.len() > *max);
        if let Some(max) = max.or(self.is_stuck.then_some(0)) {
            all.truncate(max);
            next = all.last().map_or(token, |(at, _)| *at);
            text.push_str(&status(CALENDAR, "507 Insufficient Storage"));
        }
        text.extend(all.into_iter().map(|(_, one)| one));
        let _ = write!(text, "<D:sync-token>t:{next}</D:sync-token>");
        multistatus(&text)
    }

    fn multiget(&self, request: &str) -> Answer {
        let asked = request.split("<D:href>").skip(1);
        let asked = asked.filter_map(|rest| rest.split("</D:href>").next());
        let asked =
            asked.filter(|path| !self.hidden.iter().any(|one| path.ends_with(one.as_str())));
        let told = asked.map(|path| match self.resources.get(path) {
            Some(_) if self.is_locked => status(path, "503 Service Unavailable"),
            Some((version, text)) => response(
                path,
                &format!(
                    "<D:getetag>\"{version}\"</D:getetag>\
                     <C:calendar-data><![CDATA[{text}]]></C:calendar-data>"
                ),
            ),
            None => status(path, "404 Not Found"),
        });
        multistatus(&told.collect::<String>())
    }
}

/// Whether an event starts in the range of a query, if it has one.
fn is_in(request: &str, text: &str) -> bool {
    let word = |text: &str, before: &str| {
        let rest = text.split(before).nth(1)?;
        Some(rest.get(..16)?.to_owned())
    };
    let range = word(request, "time-range start=\"").zip(word(request, "Z\" end=\""));
    let start = word(text, "DTSTART:");
    range
        .zip(start)
        .is_none_or(|((from, to), start)| from <= start && start < to)
}

fn etag(path: &str, version: u32) -> String {
    response(path, &format!("<D:getetag>\"{version}\"</D:getetag>"))
}
