//! Calendar files as they are edited, removed, broken and mended, on tokio's paused time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bereik_calendar::Reading;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Draft;
use bereik_core::mark::Mark;
use bereik_core::{FreeBusyKind, Person, PersonId, Zone};
use bereik_feed::{
    CalendarFile, CalendarWatch, FailureKind, Update, calendar_files, read_calendars,
};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Duration, timeout};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bereik-ics-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), bytes).expect("a temporary file can be written");
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.0.join(name)).expect("a temporary file can be removed");
    }

    fn file(&self, person: &str, name: &str) -> CalendarFile {
        CalendarFile::new(id(person), self.0.join(name), Reading::new())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn id(text: &str) -> PersonId {
    text.parse().expect("an id")
}

fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-11-23T{hour:02}:00:00Z")
        .parse()
        .expect("an hour of the day")
}

/// A calendar with one meeting of an hour on that Monday.
fn meeting(hour: u32) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:canary\r\n\
         DTSTART:20261123T{hour:02}0000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn clock() -> DateTime<Utc> {
    at(8)
}

fn kind(update: &Update, hour: u32) -> FreeBusyKind {
    update.free_busy.kind_at(at(hour))
}

fn failures(update: &Update) -> Vec<FailureKind> {
    update
        .failures
        .iter()
        .map(|failure| failure.kind())
        .collect()
}

/// What the directory's marks find in people's calendars is told as open, and takes no time.
#[tokio::test(start_paused = true)]
async fn marks_open_time() {
    let folder = Folder::new("marks");
    let open = meeting(9).replace("canary", "Open hour");
    folder.write("anna.ics", &open);
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    draft.marks.push(Mark {
        category: None,
        title: Some("Open hour".to_owned()),
        channels: vec![ChannelKind::Phone],
    });
    let mut anna = Person::new(id("anna"), "Anna");
    anna.calendars.push("anna.ics".to_owned());
    let directory = draft.with_person(anna).check().expect("a directory");
    let mut watch = CalendarWatch::new(calendar_files(&directory, &folder.0), clock);
    let update = watch.next().await;
    assert_eq!(kind(&update, 9), FreeBusyKind::Free);
    assert!(update.open_time.is_open_at(ChannelKind::Phone, at(9)));
    assert!(!update.open_time.is_open_at(ChannelKind::WebChat, at(9)));
    // It is news where nothing else changes.
    folder.write("anna.ics", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
    let update = watch.next().await;
    assert!(!update.open_time.is_open_at(ChannelKind::Phone, at(9)));
}

/// Whether nothing is told for this long.
async fn is_silent(watch: &mut CalendarWatch, seconds: u64) -> bool {
    timeout(Duration::from_secs(seconds), watch.next())
        .await
        .is_err()
}

#[tokio::test(start_paused = true)]
async fn an_edit_is_told() {
    let folder = Folder::new("edit");
    folder.write("anna.ics", meeting(9));
    let mut watch = CalendarWatch::new(vec![folder.file("anna", "anna.ics")], clock);
    let first = watch.next().await;
    assert_eq!(first.person, id("anna"));
    assert_eq!(first.as_of, clock());
    assert_eq!(
        (kind(&first, 9), kind(&first, 10)),
        (FreeBusyKind::Busy, FreeBusyKind::Free)
    );
    assert!(is_silent(&mut watch, 60).await, "nothing changed");

    folder.write("anna.ics", meeting(10));
    let edited = timeout(Duration::from_secs(2), watch.next()).await;
    let edited = edited.expect("an edit is told within two seconds");
    assert_eq!(
        (kind(&edited, 9), kind(&edited, 10)),
        (FreeBusyKind::Free, FreeBusyKind::Busy)
    );
    // Written by way of another file, as editors do.
    folder.write("new", meeting(11));
    std::fs::rename(folder.0.join("new"), folder.0.join("anna.ics")).expect("a rename");
    let edited = timeout(Duration::from_secs(2), watch.next()).await;
    assert_eq!(
        kind(&edited.expect("a rename is told"), 11),
        FreeBusyKind::Busy
    );
    // The same again, with a later time of change.
    folder.write("anna.ics", meeting(11));
    assert!(
        is_silent(&mut watch, 60).await,
        "nothing changed but the file's time"
    );
}

#[tokio::test(start_paused = true)]
async fn a_vanished_file_counts_for_a_while_and_is_unknown_then() {
    let folder = Folder::new("vanish");
    folder.write("anna.ics", meeting(9));
    let mut watch = CalendarWatch::new(vec![folder.file("anna", "anna.ics")], clock);
    watch.next().await;
    folder.remove("anna.ics");
    let gone = watch.next().await;
    let sentence = gone.failures[0].to_string();
    let path = folder.0.join("anna.ics");
    let expected = format!("{}: cannot be read: there is no such file", path.display());
    assert_eq!(sentence, expected);
    assert_eq!(
        kind(&gone, 9),
        FreeBusyKind::Busy,
        "its last good reading counts"
    );
    assert!(is_silent(&mut watch, 25).await, "it still counts");
    let lost = timeout(Duration::from_secs(10), watch.next()).await;
    let lost = lost.expect("it does not count for ever");
    assert_eq!(kind(&lost, 9), FreeBusyKind::Unknown);
    assert_eq!(
        kind(&lost, 10),
        FreeBusyKind::Unknown,
        "nobody is free on a lost calendar"
    );
    assert_eq!(failures(&lost), [FailureKind::Missing]);
    folder.write("anna.ics", meeting(10));
    let back = watch.next().await;
    assert_eq!(failures(&back), []);
    assert_eq!(
        (kind(&back, 9), kind(&back, 10)),
        (FreeBusyKind::Free, FreeBusyKind::Busy)
    );
}

#[tokio::test(start_paused = true)]
async fn each_absence_is_counted_for_itself() {
    let folder = Folder::new("absence");
    let mut watch = CalendarWatch::new(vec![folder.file("anna", "anna.ics")], clock);
    for hour in [9, 10] {
        folder.write("anna.ics", meeting(hour));
        let mut there = watch.next().await;
        while !there.failures.is_empty() {
            there = watch.next().await;
        }
        assert_eq!(kind(&there, hour), FreeBusyKind::Busy);
        folder.remove("anna.ics");
        let gone = watch.next().await;
        assert_eq!(kind(&gone, hour), FreeBusyKind::Busy);
        assert!(is_silent(&mut watch, 20).await, "it still counts");
    }
}

#[tokio::test(start_paused = true)]
async fn calendars_of_one_person_are_merged() {
    let folder = Folder::new("merge");
    folder.write("work.ics", meeting(9));
    folder.write("home.ics", meeting(10));
    let files = vec![
        folder.file("anna", "work.ics"),
        folder.file("bo", "work.ics"),
        folder.file("anna", "home.ics"),
    ];
    let mut watch = CalendarWatch::new(files, clock);
    let (anna, bo) = (watch.next().await, watch.next().await);
    assert_eq!((anna.person.as_str(), bo.person.as_str()), ("anna", "bo"));
    let kinds = [9, 10, 11].map(|hour| kind(&anna, hour));
    assert_eq!(
        kinds,
        [FreeBusyKind::Busy, FreeBusyKind::Busy, FreeBusyKind::Free]
    );
    assert_eq!(kind(&bo, 10), FreeBusyKind::Free);

    // One that cannot be understood makes unknown, never free, and hides no meeting of the other.
    folder.write("home.ics", "not a calendar");
    let anna = watch.next().await;
    let kinds = [9, 10, 11].map(|hour| kind(&anna, hour));
    assert_eq!(
        kinds,
        [
            FreeBusyKind::Busy,
            FreeBusyKind::Unknown,
            FreeBusyKind::Unknown
        ]
    );
    let problem = anna.problems[0].to_string();
    let prefix = format!("{}:1: ", folder.0.join("home.ics").display());
    assert!(
        problem.starts_with(&prefix),
        "{problem} names file and line"
    );
    assert_eq!(failures(&anna), []);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_from_the_start_is_unknown() {
    let folder = Folder::new("start");
    std::fs::create_dir_all(folder.0.join("folder.ics")).expect("a folder");
    let long = std::fs::File::create(folder.0.join("long.ics")).expect("a temporary file");
    long.set_len((64 << 20) + 1).expect("a long file");
    folder.write("good.ics", meeting(9));
    let person = |name: &str, calendars: &[&str]| {
        let mut person = Person::new(id(name), name);
        person.calendars = calendars.iter().map(|text| (*text).to_owned()).collect();
        person
    };
    let directory = Draft::new("Rivers & Co", Zone::utc())
        .with_person(person("folder", &["folder.ics"]))
        .with_person(person("long", &["long.ics"]))
        .with_person(person("missing", &["missing.ics", "good.ics"]))
        .with_person(person("none", &[]))
        .with_person(person(
            "url",
            &["https://calendar.example/anna.ics", "good.ics"],
        ))
        .check()
        .expect("a directory");
    let files = calendar_files(&directory, &folder.0);
    let updates = read_calendars(&files, at(8));
    let told: Vec<_> = updates
        .iter()
        .map(|u| (u.person.as_str(), failures(u)))
        .collect();
    assert_eq!(
        told,
        [
            ("folder", vec![FailureKind::Empty]),
            ("long", vec![FailureKind::TooLong]),
            ("missing", vec![FailureKind::Missing]),
            ("url", vec![FailureKind::Url]),
        ]
    );
    for update in &updates {
        assert_eq!(kind(update, 10), FreeBusyKind::Unknown, "{}", update.person);
    }
    // The meeting that is known still is.
    assert_eq!(kind(&updates[2], 9), FreeBusyKind::Busy);
    // Watching says the same.
    let mut watch = CalendarWatch::new(files, clock);
    for update in &updates {
        assert_eq!(watch.next().await, *update);
    }
    folder.write("missing.ics", meeting(10));
    let found = watch.next().await;
    assert_eq!(
        (found.person.as_str(), kind(&found, 11)),
        ("missing", FreeBusyKind::Free)
    );
}

#[tokio::test(start_paused = true)]
async fn the_window_rolls_with_the_day() {
    let folder = Folder::new("window");
    folder.write("anna.ics", meeting(9));
    let days = Arc::new(AtomicI64::new(0));
    let of_clock = days.clone();
    let clock = move || at(8) + TimeDelta::days(of_clock.load(Ordering::SeqCst));
    let mut watch = CalendarWatch::new(vec![folder.file("anna", "anna.ics")], clock);
    let known = |update: &Update| update.free_busy.known().expect("something is known");
    let first = watch.next().await;
    let midnight: DateTime<Utc> = "2026-11-23T00:00:00Z".parse().expect("an instant");
    assert_eq!(known(&first).start(), midnight - TimeDelta::days(1));
    assert_eq!(known(&first).end(), midnight + TimeDelta::days(60));
    days.store(1, Ordering::SeqCst);
    let next = watch.next().await;
    assert_eq!(known(&next).start(), midnight);
    assert_eq!(known(&next).end(), midnight + TimeDelta::days(61));
    assert_eq!(
        kind(&next, 9),
        FreeBusyKind::Busy,
        "yesterday is still known"
    );
}

#[tokio::test(start_paused = true)]
async fn other_files_take_their_place() {
    let folder = Folder::new("replace");
    folder.write("anna.ics", meeting(9));
    folder.write("bo.ics", meeting(10));
    let mut watch = CalendarWatch::new(vec![folder.file("anna", "anna.ics")], clock);
    assert_eq!(watch.next().await.person, id("anna"));
    watch.replace(vec![folder.file("bo", "bo.ics")]);
    let gone = watch.next().await;
    assert_eq!(
        (gone.person.as_str(), kind(&gone, 9)),
        ("anna", FreeBusyKind::Unknown)
    );
    assert_eq!(failures(&gone), []);
    assert_eq!(watch.next().await.person, id("bo"));
    watch.replace(vec![folder.file("bo", "bo.ics")]);
    assert_eq!(
        watch.next().await.person,
        id("bo"),
        "what is known is told anew"
    );
    folder.write("anna.ics", meeting(11));
    assert!(
        is_silent(&mut watch, 10).await,
        "anna's calendar is watched no more"
    );
}

/// A future that is dropped over and over loses nothing.
#[tokio::test(start_paused = true)]
async fn dropping_the_wait_loses_nothing() {
    let folder = Folder::new("cancel");
    folder.write("anna.ics", meeting(9));
    folder.write("bo.ics", meeting(9));
    let files = vec![folder.file("anna", "anna.ics"), folder.file("bo", "bo.ics")];
    let mut watch = CalendarWatch::new(files, clock);
    let mut told = Vec::new();
    for round in 0..400 {
        if round == 200 {
            folder.write("bo.ics", meeting(10));
        }
        if let Ok(update) = timeout(Duration::from_millis(70), watch.next()).await {
            told.push((update.person.to_string(), kind(&update, 10)));
        }
    }
    let expected = [
        ("anna", FreeBusyKind::Free),
        ("bo", FreeBusyKind::Free),
        ("bo", FreeBusyKind::Busy),
    ];
    let expected = expected.map(|(person, kind)| (person.to_owned(), kind));
    assert_eq!(told, expected);
}

/// What an event is about is in nothing that a feed tells.
#[test]
fn no_text_of_an_event_is_told() {
    let folder = Folder::new("canary");
    let broken = meeting(9).replace("DTSTART:20261123", "DTSTART:canary");
    folder.write("anna.ics", meeting(9) + &broken);
    let updates = read_calendars(&[folder.file("anna", "anna.ics")], at(8));
    assert!(!updates[0].problems.is_empty());
    let problems: String = updates[0]
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    let told = format!("{updates:?}{problems}").replace("bereik-ics-canary", "");
    assert!(!told.contains("canary"), "{told}");
    assert!(Path::new(&folder.0).exists());
}
