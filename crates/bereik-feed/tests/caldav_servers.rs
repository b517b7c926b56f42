//! CalDAV against Radicale and Xandikos, which `cargo xtask test` installs.
#![cfg(feature = "caldav")]

#[path = "dav/peer.rs"]
mod peer;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bereik_calendar::Reading;
use bereik_core::{FreeBusyKind, Interval, PersonId, Zone};
use bereik_feed::http::{Client, Credentials, HttpLimits};
use bereik_feed::{
    Agenda, CalDav, CalendarWatch, FailureKind, Pace, Preference, Source as _, Update, UrlGuard,
};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::timeout;

use crate::peer::{Kind, Peer, Tap};

const BOTH: [Kind; 2] = [Kind::Radicale, Kind::Xandikos];

fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("an instant")
}

/// What the watch asks for on that day.
fn window() -> Interval {
    "2026-11-22T00:00:00Z/2027-01-22T00:00:00Z"
        .parse()
        .expect("an interval")
}

fn reading() -> Reading {
    Reading::new()
        .with_zone(Zone::named("Europe/Amsterdam").expect("a zone"))
        .with_owner("anna@example.org")
}

fn calendar(events: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bereik//tests//EN\r\n{events}END:VCALENDAR\r\n"
    )
}

fn event(uid: &str, lines: &[&str]) -> String {
    let lines = lines.join("\r\n");
    calendar(&format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:canary\r\n{lines}\r\nEND:VEVENT\r\n"
    ))
}

/// Events that every server understands, by the names of their resources.
fn plain() -> Vec<(&'static str, String)> {
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Amsterdam\r\nBEGIN:STANDARD\r\nDTSTART:19961027T030000\r\n\
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n\
        TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";
    let weekly = "BEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:canary\r\n\
        DTSTART;TZID=Europe/Amsterdam:20260907T100000\r\nDTEND;TZID=Europe/Amsterdam:20260907T113000\r\n\
        RRULE:FREQ=WEEKLY\r\nEXDATE;TZID=Europe/Amsterdam:20261207T100000\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:canary\r\n\
        RECURRENCE-ID;TZID=Europe/Amsterdam:20261214T100000\r\n\
        DTSTART;TZID=Europe/Amsterdam:20261215T140000\r\nDTEND;TZID=Europe/Amsterdam:20261215T150000\r\n\
        END:VEVENT\r\n";
    vec![
        (
            "once.ics",
            event(
                "once",
                &["DTSTART:20261124T090000Z", "DTEND:20261124T100000Z"],
            ),
        ),
        (
            "perhaps%20so.ics",
            event(
                "perhaps",
                &[
                    "DTSTART:20261125T090000Z",
                    "DTEND:20261125T100000Z",
                    "STATUS:TENTATIVE",
                ],
            ),
        ),
        (
            "seen.ics",
            event(
                "seen",
                &[
                    "DTSTART:20261126T090000Z",
                    "DTEND:20261126T100000Z",
                    "TRANSP:TRANSPARENT",
                ],
            ),
        ),
        (
            "old.ics",
            event(
                "old",
                &["DTSTART:20200101T090000Z", "DTEND:20200101T100000Z"],
            ),
        ),
        ("weekly.ics", calendar(&format!("{zone}{weekly}"))),
    ]
}

/// Events that servers judge otherwise than we do, or not at all.
fn telling() -> Vec<(&'static str, String)> {
    vec![
        (
            "leave.ics",
            event(
                "leave",
                &[
                    "DTSTART;VALUE=DATE:20261130",
                    "DTEND;VALUE=DATE:20261203",
                    "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
                ],
            ),
        ),
        (
            "asked.ics",
            event(
                "asked",
                &[
                    "DTSTART:20261127T090000Z",
                    "DTEND:20261127T100000Z",
                    "ORGANIZER:mailto:bo@example.org",
                    "ATTENDEE;PARTSTAT=DECLINED:mailto:anna@example.org",
                ],
            ),
        ),
        (
            "floating.ics",
            event(
                "floating",
                &["DTSTART:20261128T090000", "DTEND:20261128T100000"],
            ),
        ),
    ]
}

/// When she can be had at all (RFC 7953), in a file that Radicale does not take.
fn hours() -> String {
    calendar(
        "BEGIN:VAVAILABILITY\r\nUID:hours\r\nDTSTAMP:20261101T000000Z\r\n\
         DTSTART:20261201T000000Z\r\nDTEND:20261212T000000Z\r\nBUSYTYPE:BUSY-UNAVAILABLE\r\n\
         BEGIN:AVAILABLE\r\nUID:day\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261201T080000Z\r\n\
         DTEND:20261201T160000Z\r\nRRULE:FREQ=DAILY;COUNT=5\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\n",
    )
}

/// What we read in the same bytes.
fn ours(files: &[(&str, String)]) -> Agenda {
    let bytes: String = files.iter().map(|(_, text)| text.as_str()).collect();
    Agenda::read(bytes.as_bytes(), window(), &reading())
}

fn put(peer: &Peer, calendar: &str, files: &[(&str, String)]) {
    for (name, text) in files {
        peer.put(&format!("{calendar}{name}"), text);
    }
}

fn account_with(peer_port: u16, path: &str, password: &str, limits: HttpLimits) -> CalDav {
    let guard = UrlGuard::new()
        .with_plain_http()
        .with_host("127.0.0.1")
        .with_port(peer_port);
    let client = Client::new(guard).with_limits(limits);
    let url = format!("http://127.0.0.1:{peer_port}{path}");
    let url = client.guard().check(&url).expect("an address");
    let credentials = Credentials::basic("anna", password).expect("credentials");
    CalDav::new(client, url, reading()).with_credentials(credentials)
}

fn account(peer_port: u16, path: &str) -> CalDav {
    account_with(peer_port, path, "annapw", HttpLimits::default())
}

async fn agenda(account: &mut CalDav) -> Agenda {
    let told = account.poll(window()).await.expect("an answer");
    told.expect("an agenda")
}

#[tokio::test]
#[ignore = "needs Radicale and Xandikos"]
async fn servers_say_what_we_read_in_the_same_bytes() {
    for kind in BOTH {
        let peer = Peer::start(kind, "same");
        put(&peer, kind.calendar(), &plain());
        let expected = ours(&plain());
        assert_eq!(expected.free_busy().intervals().len(), 10);
        let everywhere = ["/", "/.well-known/caldav", "/anna/", kind.calendar()];
        for (path, preference) in everywhere.iter().zip([
            Preference::FreeBusyOnly,
            Preference::FreeBusy,
            Preference::Events,
            Preference::FreeBusyOnly,
        ]) {
            let mut account = account(peer.port(), path).with_preference(preference);
            assert_eq!(
                agenda(&mut account).await,
                expected,
                "{kind:?} {path} {preference:?}"
            );
            assert_eq!(account.poll(window()).await, Ok(None), "{kind:?} {path}");
        }
        // What the server judges otherwise, or not at all, events tell.
        let mut files = [plain(), telling()].concat();
        if kind == Kind::Xandikos {
            files.push(("hours.ics", hours()));
        }
        put(&peer, kind.calendar(), &files[5..]);
        let expected = ours(&files);
        let mut account = account(peer.port(), "/").with_preference(Preference::Events);
        assert_eq!(agenda(&mut account).await, expected, "{kind:?}");
        let leave = "2026-12-01T12:00:00Z".parse().expect("an instant");
        assert_eq!(
            expected.free_busy().kind_at(leave),
            FreeBusyKind::OutOfOffice
        );
    }
}

#[tokio::test]
#[ignore = "needs Radicale and Xandikos"]
async fn only_what_changed_is_fetched_from_servers() {
    for kind in BOTH {
        let peer = Peer::start(kind, "changed");
        put(&peer, kind.calendar(), &plain());
        let tap = Tap::on(peer.port()).await;
        let mut account = account(tap.port, "/").with_preference(Preference::Events);
        agenda(&mut account).await;
        let asked = tap.drain();
        assert!(
            asked.contains("calendar-query") && asked.contains("weekly.ics"),
            "{asked}"
        );
        assert!(!asked.contains("old.ics"), "it is not in the window");

        assert_eq!(account.poll(window()).await, Ok(None));
        assert!(!tap.drain().contains("REPORT"), "nothing changed");

        // Changed, new and gone, one after the other.
        let mut files = plain();
        files[0].1 = event(
            "once",
            &["DTSTART:20261124T110000Z", "DTEND:20261124T123000Z"],
        );
        put(&peer, kind.calendar(), &files[..1]);
        assert_eq!(agenda(&mut account).await, ours(&files), "{kind:?}");
        let asked = tap.drain();
        assert!(
            asked.contains("sync-collection") && !asked.contains("calendar-query"),
            "{asked}"
        );
        assert!(
            asked.contains("once.ics") && !asked.contains("weekly.ics"),
            "{asked}"
        );

        files.push((
            "new.ics",
            event(
                "new",
                &["DTSTART:20261201T110000Z", "DTEND:20261201T123000Z"],
            ),
        ));
        put(&peer, kind.calendar(), &files[5..]);
        assert_eq!(agenda(&mut account).await, ours(&files), "{kind:?}");
        let asked = tap.drain();
        assert!(
            asked.contains("new.ics") && !asked.contains("once.ics"),
            "{asked}"
        );

        peer.delete(&format!("{}weekly.ics", kind.calendar()));
        files.remove(4);
        assert_eq!(agenda(&mut account).await, ours(&files), "{kind:?}");
        assert!(
            !tap.drain().contains("multiget"),
            "there is nothing to fetch"
        );
    }
}

/// Radicale counts no further than it is told to; and it forgets old tokens.
#[tokio::test]
#[ignore = "needs Radicale"]
async fn what_a_server_refuses_is_asked_for_otherwise() {
    let peer = Peer::start(Kind::Radicale, "refuses");
    let mut files = plain();
    let rule = [
        "DTSTART:20261101T060000Z",
        "DTEND:20261101T070000Z",
        "RRULE:FREQ=DAILY",
    ];
    files.push(("daily.ics", event("daily", &rule)));
    put(&peer, Kind::Radicale.calendar(), &files);
    let tap = Tap::on(peer.port()).await;
    let mut only = account(tap.port, "/").with_preference(Preference::FreeBusyOnly);
    assert!(only.poll(window()).await.is_err());
    assert!(!tap.drain().contains("calendar-multiget"));
    let mut account = account(tap.port, "/");
    assert_eq!(agenda(&mut account).await, ours(&files));
    assert!(tap.drain().contains("free-busy-query"));

    peer.forget_tokens();
    files[0].1 = event(
        "once",
        &["DTSTART:20261124T110000Z", "DTEND:20261124T123000Z"],
    );
    put(&peer, Kind::Radicale.calendar(), &files[..1]);
    assert_eq!(agenda(&mut account).await, ours(&files));
    let asked = tap.drain();
    assert!(!asked.contains("free-busy-query"), "it has been refused");
    assert!(
        asked.contains("sync-collection") && asked.contains("calendar-query"),
        "{asked}"
    );
    assert!(
        asked.contains("once.ics") && !asked.contains("weekly.ics"),
        "{asked}"
    );
}

#[tokio::test]
#[ignore = "needs Radicale and Xandikos"]
async fn calendars_of_an_account_are_merged() {
    for kind in BOTH {
        let peer = Peer::start(kind, "merged");
        let other = [(
            "other.ics",
            event(
                "other",
                &["DTSTART:20261124T093000Z", "DTEND:20261124T113000Z"],
            ),
        )];
        put(&peer, kind.calendar(), &plain());
        let mut account = self::account(peer.port(), "/");
        assert_eq!(agenda(&mut account).await, ours(&plain()));
        peer.make_second();
        assert_eq!(
            account.poll(window()).await,
            Ok(None),
            "{kind:?}: an empty one says nothing"
        );
        put(&peer, kind.second(), &other);
        assert_eq!(
            agenda(&mut account).await,
            ours(&[plain(), other.to_vec()].concat()),
            "{kind:?}"
        );
        let mut named = self::account(peer.port(), "/").with_calendar("home");
        assert_eq!(agenda(&mut named).await, ours(&other), "{kind:?}");
        peer.delete(kind.second());
        assert_eq!(agenda(&mut account).await, ours(&plain()), "{kind:?}");
        let gone = named.poll(window()).await.expect_err("it is gone");
        assert_eq!(gone.kind(), FailureKind::Missing);
    }
}

#[tokio::test]
#[ignore = "needs Radicale"]
async fn a_wrong_password_says_so() {
    let peer = Peer::start(Kind::Radicale, "password");
    put(&peer, Kind::Radicale.calendar(), &plain());
    for path in ["/", "/anna/", Kind::Radicale.calendar()] {
        let mut wrong = account_with(peer.port(), path, "wrong", HttpLimits::default());
        let error = wrong.poll(window()).await.expect_err("no agenda");
        assert_eq!(error.kind(), FailureKind::SignIn, "{path}");
        assert!(!error.is_temporary());
        assert_eq!(error.to_string(), "the name or the password is refused");
    }
    let mut right = account(peer.port(), "/");
    assert_eq!(agenda(&mut right).await, ours(&plain()));
}

async fn next(watch: &mut CalendarWatch) -> Update {
    let told = timeout(Duration::from_secs(30), watch.next()).await;
    told.expect("an update within half a minute")
}

/// Through the watch, as an embedder sees it: an edit, a server that is killed and comes back, and one that
/// hangs.
#[tokio::test]
#[ignore = "needs Radicale and Xandikos"]
async fn a_server_that_is_gone_has_an_age_and_recovers() {
    let both = BOTH.map(|kind| tokio::spawn(gone_and_back(kind)));
    for one in both {
        one.await.expect("no panic");
    }
}

async fn gone_and_back(kind: Kind) {
    let mut peer = Peer::start(kind, "gone");
    put(&peer, kind.calendar(), &plain());
    let limits = HttpLimits::default().with_read_for(Duration::from_secs(1));
    let account = account_with(peer.port(), "/", "annapw", limits);
    let seconds = Arc::new(AtomicI64::new(0));
    let clock = move || now() + TimeDelta::seconds(seconds.fetch_add(1, Ordering::Relaxed));
    let anna: PersonId = "anna".parse().expect("an id");
    let mut watch =
        CalendarWatch::new(Vec::new(), clock).with_source_stale_after(Duration::from_secs(4));
    let pace = Pace::every(Duration::from_secs(1));
    watch.add_source(anna.clone(), Box::new(account), pace);
    let first = next(&mut watch).await;
    assert_eq!(
        (&first.person, &first.free_busy),
        (&anna, ours(&plain()).free_busy())
    );

    let mut files = plain();
    files[0].1 = event(
        "once",
        &["DTSTART:20261124T110000Z", "DTEND:20261124T123000Z"],
    );
    put(&peer, kind.calendar(), &files[..1]);
    let edited = next(&mut watch).await;
    assert_eq!(&edited.free_busy, ours(&files).free_busy(), "{kind:?}");
    assert!(edited.as_of > first.as_of && edited.failures.is_empty());

    for kills in [true, false] {
        match kills {
            true => peer.kill(),
            false => peer.signal("-STOP"),
        }
        let failed = next(&mut watch).await;
        let [failure] = &failed.failures[..] else {
            panic!("{failed:?}");
        };
        let expected = match kills {
            true => FailureKind::Unreachable,
            false => FailureKind::TimedOut,
        };
        assert_eq!(failure.kind(), expected, "{kind:?}");
        assert!(
            failure
                .last_good_at()
                .is_some_and(|at| at <= failure.since())
        );
        assert_eq!(
            &failed.free_busy,
            ours(&files).free_busy(),
            "it still counts"
        );
        let unknown = next(&mut watch).await;
        assert_eq!(
            unknown.free_busy.known(),
            None,
            "{kind:?}: it has grown too old"
        );
        assert_eq!(unknown.failures[..].len(), 1);
        match kills {
            true => peer.run(),
            false => peer.signal("-CONT"),
        }
        let back = next(&mut watch).await;
        assert_eq!(
            &back.free_busy,
            ours(&files).free_busy(),
            "{kind:?}: it is back"
        );
        assert!(back.failures.is_empty());
    }
}
