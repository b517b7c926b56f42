//! CalDAV against a server on loopback that does what real ones do at their worst.

use std::time::Duration;

use bereik_calendar::{Marks, Reading};
use bereik_core::{ChannelKind, FreeBusyKind, Interval};
use bereik_feed::http::{Client, Credentials, HttpLimits};
use bereik_feed::{Agenda, CalDav, FailureKind, Preference, Source as _};
use chrono::{DateTime, Utc};
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_oneof, proptest};

use crate::dav::{CALENDAR, Dav, multistatus, response, status};
use crate::server::{Answer, Then, Web, answer, guard, raw};

fn window() -> Interval {
    "2026-11-22T00:00:00Z/2027-01-22T00:00:00Z"
        .parse()
        .expect("an interval")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn meeting(day: u32, hour: u32) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{day}-{hour}\r\nSUMMARY:canary\r\n\
         DTSTART:202611{day:02}T{hour:02}0000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn account(web: &Web, path: &str) -> CalDav {
    account_read(web, path, Reading::new())
}

fn account_read(web: &Web, path: &str, reading: Reading) -> CalDav {
    let limits = HttpLimits::default()
        .with_body_bytes_max(1 << 20)
        .with_read_for(Duration::from_millis(500));
    let client = Client::new(guard(web)).with_limits(limits);
    let url = client.guard().check(&web.url(path)).expect("an address");
    let credentials = Credentials::basic("anna", "s3cret").expect("credentials");
    CalDav::new(client, url, reading).with_credentials(credentials)
}

/// The hours of November at which somebody is busy, as `24T09`.
fn busy(agenda: &Agenda) -> Vec<String> {
    let known = agenda.free_busy().known();
    assert_eq!(known, Some(window()), "the whole window is known");
    let claims = agenda.free_busy().intervals();
    claims
        .map(|(interval, kind)| {
            assert_eq!(kind, FreeBusyKind::Busy);
            interval.start().format("%dT%H").to_string()
        })
        .collect()
}

async fn told(account: &mut CalDav) -> Option<Vec<String>> {
    let told = account.poll(window()).await.expect("an answer");
    told.as_ref().map(busy)
}

async fn failed(account: &mut CalDav) -> FailureKind {
    account.poll(window()).await.expect_err("no agenda").kind()
}

#[tokio::test]
async fn an_account_is_found_from_each_address() {
    let dav = Dav::start().await;
    dav.put("a.ics", &meeting(24, 9));
    for path in [
        "/",
        "/dav/",
        "/dav/anna/",
        "/dav/cal/",
        CALENDAR,
        "/page/without/dav",
    ] {
        let mut account = account(&dav.web, path);
        assert_eq!(
            told(&mut account).await,
            Some(vec!["24T09".to_owned()]),
            "{path}"
        );
    }
    let all = dav.web.asked();
    assert!(
        all.iter()
            .all(|request| request.contains("authorization: Basic"))
    );
}

#[tokio::test]
async fn only_what_changed_is_fetched() {
    let dav = Dav::start().await;
    dav.put("a.ics", &meeting(24, 9));
    dav.put("b c.ics", &meeting(25, 10));
    let mut account = account(&dav.web, "/");
    assert_eq!(
        told(&mut account).await,
        Some(vec!["24T09".to_owned(), "25T10".to_owned()])
    );
    let first = dav.web.asked().len();
    assert_eq!(
        dav.asked(0)[first - 3..],
        [
            "free-busy-query 0",
            "calendar-query 0",
            "calendar-multiget 2"
        ]
    );

    assert_eq!(told(&mut account).await, None);
    assert_eq!(dav.asked(first), ["PROPFIND /dav/cal/"], "nothing changed");

    dav.put("a.ics", &meeting(24, 11));
    dav.remove("b c.ics");
    dav.put("d.ics", &meeting(26, 8));
    assert_eq!(
        told(&mut account).await,
        Some(vec!["24T11".to_owned(), "26T08".to_owned()])
    );
    assert_eq!(
        dav.asked(first + 1),
        [
            "PROPFIND /dav/cal/",
            "sync-collection 0",
            "calendar-multiget 2"
        ]
    );

    // The token has expired: all are listed, and the new one alone is fetched.
    dav.put("e.ics", &meeting(27, 8));
    dav.state().oldest = 1_000;
    let before = dav.web.asked().len();
    assert_eq!(told(&mut account).await.map(|all| all.len()), Some(3));
    assert_eq!(
        dav.asked(before),
        [
            "PROPFIND /dav/cal/",
            "sync-collection 0",
            "calendar-query 0",
            "calendar-multiget 1"
        ]
    );

    // Another day, another window: what is held is not fetched again.
    let tomorrow = "2026-11-23T00:00:00Z/2027-01-23T00:00:00Z"
        .parse()
        .expect("an interval");
    let before = dav.web.asked().len();
    assert!(account.poll(tomorrow).await.expect("an answer").is_some());
    assert_eq!(
        dav.asked(before),
        ["PROPFIND /dav/cal/", "calendar-query 0"]
    );
}

#[tokio::test]
async fn a_ctag_is_enough_and_nothing_is_enough() {
    for has_ctag in [true, false] {
        let dav = Dav::start().await;
        dav.state().has_token = false;
        dav.state().has_ctag = has_ctag;
        dav.put("a.ics", &meeting(24, 9));
        dav.put("b.ics", &meeting(25, 9));
        let mut account = account(&dav.web, CALENDAR);
        assert_eq!(told(&mut account).await.map(|all| all.len()), Some(2));
        let before = dav.web.asked().len();
        assert_eq!(told(&mut account).await, None);
        match has_ctag {
            true => assert_eq!(dav.asked(before), ["PROPFIND /dav/cal/work/"]),
            false => assert_eq!(
                dav.asked(before),
                ["PROPFIND /dav/cal/work/", "calendar-query 0"]
            ),
        }
        dav.put("b.ics", &meeting(25, 10));
        let before = dav.web.asked().len();
        assert_eq!(
            told(&mut account).await,
            Some(vec!["24T09".to_owned(), "25T10".to_owned()])
        );
        assert_eq!(
            dav.asked(before)[1..],
            ["calendar-query 0", "calendar-multiget 1"]
        );
        dav.remove("a.ics");
        assert_eq!(told(&mut account).await, Some(vec!["25T10".to_owned()]));
    }
}

/// 300 changes come in pieces of seven, and none of them is lost.
#[tokio::test]
async fn what_is_cut_off_is_continued() {
    let dav = Dav::start().await;
    let mut account = account(&dav.web, "/");
    assert_eq!(told(&mut account).await, Some(vec![]));
    for number in 0..300 {
        dav.put(
            &format!("{number}.ics"),
            &meeting(1 + number / 12, number % 12),
        );
    }
    dav.remove("299.ics");
    dav.state().answers_max = Some(7);
    let before = dav.web.asked().len();
    let wide = account
        .poll(window())
        .await
        .expect("an answer")
        .expect("an agenda");
    let asked = dav.asked(before);
    let pieces = asked.iter().filter(|one| one.starts_with("sync")).count();
    assert_eq!(pieces, 43);
    let fetched: Vec<_> = asked
        .iter()
        .filter(|one| one.contains("multiget"))
        .collect();
    assert_eq!(
        fetched,
        [
            "calendar-multiget 100",
            "calendar-multiget 100",
            "calendar-multiget 99"
        ]
    );
    // Of the 24 days with twelve meetings each, those from the 22nd on are in the window.
    assert_eq!(
        wide.free_busy().intervals().len(),
        4,
        "neighbours are joined"
    );

    // A server that comes no further is asked for all.
    dav.state().answers_max = None;
    dav.state().is_stuck = true;
    dav.put("late.ics", &meeting(30, 9));
    let late = account.poll(window()).await.expect("an answer");
    let late = late.expect("an agenda");
    let kind = late.free_busy().kind_at(at("2026-11-30T09:30:00Z"));
    assert_eq!(kind, FreeBusyKind::Busy);
    dav.remove("late.ics");

    // The same, found by halves of the window.
    let mut other = self::account(&dav.web, CALENDAR);
    dav.state().answers_max = Some(13);
    let found = other
        .poll(window())
        .await
        .expect("an answer")
        .expect("an agenda");
    assert_eq!(found, wide);
    // No piece is small enough.
    dav.state().answers_max = Some(0);
    let mut third = self::account(&dav.web, CALENDAR);
    assert_eq!(failed(&mut third).await, FailureKind::TooLong);
}

fn free_busy(dtstart: &str, dtend: &str, periods: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VFREEBUSY\r\nDTSTART:{dtstart}\r\nDTEND:{dtend}\r\n\
         {periods}END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
}

#[tokio::test]
async fn a_free_busy_answer_is_enough() {
    let dav = Dav::start().await;
    dav.put("a.ics", &meeting(24, 9));
    let periods = "FREEBUSY:20261124T090000Z/PT1H\r\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20261125T090000Z/PT1H\r\n";
    let body = free_busy("20261122T000000Z", "20270122T000000Z", periods);
    dav.state().free_busy = ("200 OK".to_owned(), body);
    for preference in [Preference::FreeBusy, Preference::FreeBusyOnly] {
        let mut account = account(&dav.web, CALENDAR).with_preference(preference);
        let before = dav.web.asked().len();
        let agenda = account
            .poll(window())
            .await
            .expect("an answer")
            .expect("an agenda");
        let kind = |text| agenda.free_busy().kind_at(at(text));
        assert_eq!(kind("2026-11-24T09:30:00Z"), FreeBusyKind::Busy);
        assert_eq!(kind("2026-11-25T09:30:00Z"), FreeBusyKind::Tentative);
        assert_eq!(kind("2026-11-26T09:30:00Z"), FreeBusyKind::Free);
        assert_eq!(account.poll(window()).await, Ok(None));
        assert_eq!(
            dav.asked(before),
            [
                "PROPFIND /dav/cal/work/",
                "PROPFIND /dav/cal/work/",
                "free-busy-query 0",
                "PROPFIND /dav/cal/work/"
            ]
        );
    }
    // Free/busy time tells of no marks, so that who looks for them gets events.
    let marks = Marks::new().with_title("Open hour", &[ChannelKind::Phone]);
    dav.put("b.ics", &meeting(25, 9).replace("canary", "Open hour"));
    let mut marked = account_read(&dav.web, CALENDAR, Reading::new().with_marks(marks));
    let agenda = marked.poll(window()).await.expect("an answer");
    let open = agenda.expect("an agenda").open_time().clone();
    assert!(open.is_open_at(ChannelKind::Phone, at("2026-11-25T09:30:00Z")));
    dav.remove("b.ics");
    // Who prefers events gets them.
    let mut account = account(&dav.web, CALENDAR).with_preference(Preference::Events);
    assert_eq!(told(&mut account).await, Some(vec!["24T09".to_owned()]));
}

/// Each of these would say that somebody is free who is not.
#[tokio::test]
async fn a_wrong_free_busy_answer_never_counts() {
    let whole = |periods: &str| free_busy("20261122T000000Z", "20270122T000000Z", periods);
    let twice = whole("").replace(
        "END:VFREEBUSY\r\n",
        "END:VFREEBUSY\r\nBEGIN:VFREEBUSY\r\nDTSTART:20261122T000000Z\r\nDTEND:20270122T000000Z\r\nEND:VFREEBUSY\r\n",
    );
    let answers = [
        (
            "200 OK",
            free_busy("20261122T000000Z", "20261130T000000Z", ""),
        ),
        (
            "200 OK",
            free_busy("20261125T000000Z", "20270122T000000Z", ""),
        ),
        ("200 OK", whole("FREEBUSY:20261124T090000Z\r\n")),
        ("200 OK", whole("FBTYPE:BUSY\r\n")),
        (
            "200 OK",
            whole("").replace("BEGIN:VFREEBUSY", "METHOD:REQUEST\r\nBEGIN:VFREEBUSY"),
        ),
        (
            "200 OK",
            whole("").replace("END:VFREEBUSY\r\nEND:VCALENDAR\r\n", ""),
        ),
        ("200 OK", twice),
        ("200 OK", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned()),
        ("200 OK", "<html>sign in</html>".to_owned()),
        ("200 OK", String::new()),
        ("204 No Content", String::new()),
        (
            "207 Multi-Status",
            "<D:multistatus xmlns:D=\"DAV:\"/>".to_owned(),
        ),
        ("400 Bad Request", String::new()),
        ("403 Forbidden", String::new()),
        ("404 Not Found", String::new()),
        ("405 Method Not Allowed", String::new()),
        ("415 Unsupported Media Type", String::new()),
        ("500 Internal Server Error", String::new()),
        ("501 Not Implemented", String::new()),
    ];
    for (status, body) in answers {
        let dav = Dav::start().await;
        dav.put("a.ics", &meeting(24, 9));
        dav.state().free_busy = (status.to_owned(), body.clone());
        let mut account = account(&dav.web, CALENDAR);
        assert_eq!(
            told(&mut account).await,
            Some(vec!["24T09".to_owned()]),
            "{status} {body}"
        );
        // It is not asked again, unless it may be mended.
        dav.put("b.ics", &meeting(25, 9));
        let before = dav.web.asked().len();
        assert!(told(&mut account).await.is_some());
        let is_asked = dav
            .asked(before)
            .iter()
            .any(|one| one.starts_with("free-busy"));
        assert_eq!(is_asked, status.starts_with("500"), "{status}");
        // Who wants nothing else gets nothing else.
        let mut only = self::account(&dav.web, CALENDAR).with_preference(Preference::FreeBusyOnly);
        failed(&mut only).await;
        let asked = dav.asked(0);
        let fetched = asked.iter().filter(|one| one.contains("multiget")).count();
        assert_eq!(fetched, 2, "{status}: {asked:?}");
    }
}

/// An event with a film in it costs no other its reading.
#[tokio::test]
async fn an_answer_that_is_too_long_is_asked_for_in_halves() {
    let dav = Dav::start().await;
    let film = format!(
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:{}\r\n",
        "A".repeat(700_000)
    );
    let long = |hour| meeting(24, hour).replace("UID:", &format!("{film}UID:"));
    for (name, hour) in [("a.ics", 8), ("b.ics", 10), ("c.ics", 12)] {
        dav.put(name, &long(hour));
    }
    let mut account = account(&dav.web, CALENDAR);
    let all = ["24T08", "24T10", "24T12"].map(str::to_owned);
    assert_eq!(told(&mut account).await, Some(all.to_vec()));
    let asked = dav.asked(0);
    let fetched = asked.iter().filter(|one| one.contains("multiget"));
    let of: Vec<_> = fetched
        .map(|one| one.rsplit(' ').next().unwrap_or(""))
        .collect();
    assert_eq!(of, ["3", "1", "2", "1", "1"]);
    dav.put("d.ics", &long(14).replace("AAAA", "AAAAAAAA"));
    assert_eq!(failed(&mut account).await, FailureKind::TooLong);
}

#[tokio::test]
async fn half_a_calendar_is_none() {
    let dav = Dav::start().await;
    dav.put("a.ics", &meeting(24, 9));
    dav.put("b.ics", &meeting(25, 9));
    dav.state().hidden = vec!["b.ics".to_owned()];
    let mut account = account(&dav.web, "/");
    assert_eq!(failed(&mut account).await, FailureKind::NotACalendar);
    dav.state().hidden.clear();
    dav.state().is_locked = true;
    assert_eq!(failed(&mut account).await, FailureKind::Unavailable);
    dav.state().is_locked = false;
    assert_eq!(told(&mut account).await.map(|all| all.len()), Some(2));
    // A resource that is no calendar hides nothing.
    dav.put("c.ics", "BEGIN:VEVENT\r\nDTSTART:20261126T090000Z\r\n");
    let agenda = account
        .poll(window())
        .await
        .expect("an answer")
        .expect("an agenda");
    assert_eq!(
        agenda.free_busy().kind_at(at("2026-11-26T12:00:00Z")),
        FreeBusyKind::Unknown
    );
    assert_eq!(
        agenda.free_busy().kind_at(at("2026-11-25T09:30:00Z")),
        FreeBusyKind::Busy
    );
    assert!(!agenda.problems().is_empty());
}

#[tokio::test]
async fn calendars_that_do_not_count_are_left_out() {
    let dav = Dav::start().await;
    dav.put("a.ics", &meeting(24, 9));
    let calendar = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";
    let others = [
        response(
            "/dav/cal/tasks/",
            &format!(
                "{calendar}<C:supported-calendar-component-set><C:comp name=\"VTODO\"/></C:supported-calendar-component-set>"
            ),
        ),
        response(
            "/dav/cal/holidays/",
            &format!(
                "{calendar}<D:displayname>Holidays</D:displayname>\
             <C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>"
            ),
        ),
        response(
            "/dav/cal/inbox/",
            "<D:resourcetype><D:collection/><C:schedule-inbox/></D:resourcetype>",
        ),
        // A second mention of the first.
        response("http://127.0.0.1:PORT/dav/cal/wor%6b", calendar)
            .replace("PORT", &dav.web.port().to_string()),
    ];
    dav.state().others = others.concat();
    assert_eq!(
        told(&mut account(&dav.web, "/")).await,
        Some(vec!["24T09".to_owned()])
    );
    let mut named = account(&dav.web, "/").with_calendar("work");
    assert_eq!(told(&mut named).await, Some(vec!["24T09".to_owned()]));
    // A calendar that is named counts, and this one is not there to be asked.
    let mut named = account(&dav.web, "/")
        .with_calendar("work")
        .with_calendar("Holidays");
    assert_eq!(failed(&mut named).await, FailureKind::Missing);
    let mut unnamed = account(&dav.web, "/")
        .with_calendar("work")
        .with_calendar("secret");
    assert_eq!(failed(&mut unnamed).await, FailureKind::Missing);
    // None that counts is no calendar, not a free person.
    dav.state().properties =
        "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>".to_owned();
    dav.state().others.clear();
    assert_eq!(
        failed(&mut account(&dav.web, "/")).await,
        FailureKind::Missing
    );
    // One that is named counts by its events: its server leaves it out of free-busy answers.
    let nothing = free_busy("20261122T000000Z", "20270122T000000Z", "");
    dav.state().free_busy = ("200 OK".to_owned(), nothing);
    let work = Some(vec!["24T09".to_owned()]);
    let mut named = account(&dav.web, "/").with_calendar("work");
    assert_eq!(told(&mut named).await, work);
    assert_eq!(told(&mut account(&dav.web, CALENDAR)).await, work);
    // What the server fails over may be a calendar that counts.
    dav.state().properties.clear();
    dav.state().others = status("/dav/cal/other/", "503 Service Unavailable");
    assert_eq!(
        failed(&mut account(&dav.web, "/")).await,
        FailureKind::Unavailable
    );
}

/// What a server writes never chooses who is asked, and in whose name.
#[tokio::test]
async fn answers_lead_only_where_they_may() {
    let dav = Dav::start().await;
    dav.put("a.ics", &meeting(24, 9));
    let there = dav.web.url("/dav/cal/");
    let home = move |_: &str| {
        let home = format!("<C:calendar-home-set><D:href>{there}</D:href></C:calendar-home-set>");
        multistatus(&response("/me/", &home))
    };
    let door = Web::start(home).await;
    let both = || guard(&door).with_port(dav.web.port());
    let client = Client::new(both());
    let url = client.guard().check(&door.url("/me/")).expect("an address");
    let credentials = Credentials::bearer("t0ken").expect("credentials");
    let account = || {
        CalDav::new(client.clone(), url.clone(), Reading::new())
            .with_credentials(credentials.clone())
    };
    assert_eq!(failed(&mut account()).await, FailureKind::Refused);
    assert_eq!(dav.web.connections(), 0, "nobody was asked");
    // The guard says no, whatever is named.
    let strict = CalDav::new(Client::new(guard(&door)), url.clone(), Reading::new());
    assert_eq!(
        failed(&mut strict.with_host("127.0.0.1")).await,
        FailureKind::Refused
    );
    assert_eq!(dav.web.connections(), 0, "nobody was asked");
    let mut named = account().with_host("127.0.0.1");
    assert_eq!(told(&mut named).await, Some(vec!["24T09".to_owned()]));
    assert!(dav.web.asked()[0].contains("authorization: Bearer t0ken"));
}

/// A redirect to another host is followed without the password, unless the host is named.
#[tokio::test]
async fn a_redirect_takes_no_password_along() {
    let closed = |request: &str| match request.contains("authorization: ") {
        true => multistatus(&response("/", "<D:resourcetype/>")),
        false => answer("401 Unauthorized", "", b""),
    };
    let other = Web::start(closed).await;
    let to = format!("Location: {}\r\n", other.url("/elsewhere"));
    let door = Web::start(move |_| answer("302 Found", &to, b"")).await;
    let client = Client::new(guard(&door).with_port(other.port()));
    let url = client.guard().check(&door.url("/")).expect("an address");
    let credentials = Credentials::basic("anna", "s3cret").expect("credentials");
    let account = || {
        CalDav::new(client.clone(), url.clone(), Reading::new())
            .with_credentials(credentials.clone())
    };
    assert_eq!(failed(&mut account()).await, FailureKind::Refused);
    assert!(
        other
            .asked()
            .iter()
            .all(|request| !request.contains("authorization"))
    );
    assert_eq!(
        failed(&mut account().with_host("127.0.0.1")).await,
        FailureKind::NotACalendar
    );
    assert!(
        other
            .asked()
            .iter()
            .any(|request| request.contains("authorization: Basic"))
    );
}

#[tokio::test]
async fn faults_of_a_server_are_told_and_pass() {
    let dav = Dav::start().await;
    dav.put("a.ics", &meeting(24, 9));
    let mut account = account(&dav.web, "/");
    assert!(told(&mut account).await.is_some());
    let bomb =
        "<!DOCTYPE a [<!ENTITY a \"ha\">]><D:multistatus xmlns:D=\"DAV:\">&a;</D:multistatus>";
    let deep = "<D:multistatus xmlns:D=\"DAV:\">".to_owned() + &"<D:response>".repeat(10_000);
    let xml = |body: &str| answer("207 Multi-Status", "", body.as_bytes());
    let cases: [(Answer, FailureKind); 14] = [
        (answer("401 Unauthorized", "", b""), FailureKind::SignIn),
        (answer("403 Forbidden", "", b""), FailureKind::NotPermitted),
        (answer("404 Not Found", "", b""), FailureKind::Missing),
        (
            answer("429 Too Many Requests", "Retry-After: 7\r\n", b""),
            FailureKind::Throttled,
        ),
        (
            answer("500 Internal Server Error", "", b""),
            FailureKind::Unavailable,
        ),
        (
            answer("503 Service Unavailable", "Retry-After: 7\r\n", b""),
            FailureKind::Throttled,
        ),
        (xml(bomb), FailureKind::NotACalendar),
        (xml(&deep), FailureKind::NotACalendar),
        (xml("<html>sign in</html>"), FailureKind::NotACalendar),
        (xml(&"x".repeat(2 << 20)), FailureKind::TooLong),
        (
            raw("HTTP/1.1 207 OK\r\n\r\n").then(Then::Forever(b"<D:mu".to_vec())),
            FailureKind::TooLong,
        ),
        (
            raw("HTTP/1.1 207 OK\r\nContent-Length: 9\r\n\r\n<").then(Then::Hang),
            FailureKind::TimedOut,
        ),
        (
            raw("HTTP/1.1 207 OK\r\n\r\n<").then(Then::Drip(Duration::from_secs(2))),
            FailureKind::TimedOut,
        ),
        (
            raw("HTTP/1.1 207 OK\r\nContent-Length: 9\r\n\r\n<"),
            FailureKind::Broken,
        ),
    ];
    for (instead, kind) in cases {
        dav.state().instead = Some(instead);
        let error = account.poll(window()).await.expect_err("no agenda");
        assert_eq!(error.kind(), kind);
        let waits = error.retry_after().map(|time| time.as_secs());
        assert_eq!(waits, (kind == FailureKind::Throttled).then_some(7));
        let is_permanent = matches!(kind, FailureKind::SignIn | FailureKind::NotPermitted);
        assert!(!is_permanent || !error.is_temporary());
    }
    dav.state().instead = None;
    dav.put("b.ics", &meeting(25, 9));
    assert_eq!(
        told(&mut account).await.map(|all| all.len()),
        Some(2),
        "it has recovered"
    );
}

#[tokio::test]
async fn nothing_private_is_shown() {
    let dav = Dav::start().await;
    dav.put("a.ics", &meeting(24, 9));
    dav.state().properties = "<D:displayname>canary</D:displayname>".to_owned();
    let mut account = account(&dav.web, "/dav/?key=s3cret").with_calendar("canary");
    let agenda = account.poll(window()).await.expect("an answer");
    let shown = format!("{account:#?} {agenda:#?} {}", account.name());
    assert!(
        !shown.contains("canary") && !shown.contains("s3cret"),
        "{shown}"
    );
    dav.state().instead = Some(answer("401 Unauthorized", "", b"canary s3cret"));
    let error = account.poll(window()).await.expect_err("no agenda");
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("canary") && !shown.contains("s3cret"),
        "{shown}"
    );
}

/// One thing that happens to a calendar between two polls.
#[derive(Clone, Debug)]
enum Step {
    /// Answers hold so many resources from now on.
    Cut(Option<usize>),
    /// Tokens from before this moment have expired.
    Expire,
    /// The server fails at the next poll.
    Fail,
    /// An event is written: its name, its day and hour.
    Put(u32, u32, u32),
    /// It is removed, if it is there.
    Remove(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => prop_oneof![Just(None), (6..12_usize).prop_map(Some)].prop_map(Step::Cut),
        1 => Just(Step::Expire),
        1 => Just(Step::Fail),
        6 => (0..10_u32, 20..30_u32, 0..24_u32).prop_map(|(name, day, hour)| Step::Put(name, day, hour)),
        3 => (0..10_u32).prop_map(Step::Remove),
    ];
    prop::collection::vec(step, 1..20)
}

async fn take(dav: &Dav, step: &Step) {
    match step {
        Step::Cut(max) => dav.state().answers_max = *max,
        Step::Expire => {
            let mut state = dav.state();
            state.oldest = state.version;
        }
        Step::Fail => {
            dav.state().instead = Some(answer("500 Internal Server Error", "", b""));
        }
        Step::Put(name, day, hour) => dav.put(&format!("{name}.ics"), &meeting(*day, *hour)),
        Step::Remove(name) => {
            let path = format!("{CALENDAR}{name}.ics");
            let is_there = dav.state().resources.contains_key(&path);
            if is_there {
                dav.remove(&format!("{name}.ics"));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens between two polls, and however little a server says of it: what is told is what
    /// its events say together, all of them read anew.
    #[test]
    fn what_is_told_is_what_all_events_say(
        steps in steps(),
        mark in 0..3_u8,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let dav = Dav::start().await;
            dav.state().has_token = mark == 0;
            dav.state().has_ctag = mark == 1;
            let mut account = account(&dav.web, CALENDAR);
            let mut last = None;
            for step in &steps {
                take(&dav, step).await;
                let told = account.poll(window()).await;
                if matches!(step, Step::Fail) {
                    assert_eq!(told.expect_err("it fails").kind(), FailureKind::Unavailable);
                    dav.state().instead = None;
                    continue;
                }
                let texts: String = dav.state().resources.values().map(|(_, text)| text.as_str()).collect();
                let texts = format!("{texts}BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
                let expected = Agenda::read(texts.as_bytes(), window(), &Reading::new());
                let told = told.expect("an answer");
                // Nothing is told twice.
                assert_eq!(told.is_none(), last.as_ref() == Some(&expected), "{step:?} of {steps:?}");
                last = told.or(last);
                assert_eq!(last.as_ref(), Some(&expected), "{step:?} of {steps:?}");
            }
        });
    }
}
