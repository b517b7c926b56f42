//! Folders of calendars: one person's with many files, and one with a file for each person; on tokio's
//! paused time.

use std::path::PathBuf;

use bereik_calendar::Reading;
use bereik_core::{FreeBusyKind, PersonId, Zone};
use bereik_feed::{CalendarFile, CalendarWatch, FailureKind, Update, read_calendars};
use chrono::{DateTime, Utc};
use tokio::time::{Duration, timeout};

use FreeBusyKind::{Busy, Free, Unknown};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("bereik-folder-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), bytes).expect("a temporary file can be written");
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.0.join(name)).expect("a temporary file can be removed");
    }

    fn calendar(&self) -> Vec<CalendarFile> {
        vec![CalendarFile::new(id("anna"), &self.0, Reading::new())]
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
    let text = format!("2026-11-23T{hour:02}:00:00Z");
    text.parse().expect("an hour of the day")
}

fn clock() -> DateTime<Utc> {
    at(8)
}

/// A calendar with one meeting of an hour on that Monday, by a clock without a zone.
fn meeting(hour: u32) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{hour}\r\nSUMMARY:canary\r\n\
         DTSTART:20261123T{hour:02}0000\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn kinds(update: &Update) -> [FreeBusyKind; 3] {
    [9, 10, 11].map(|hour| update.free_busy.kind_at(at(hour)))
}

fn failures(update: &Update) -> Vec<FailureKind> {
    update
        .failures
        .iter()
        .map(|failure| failure.kind())
        .collect()
}

async fn soon(watch: &mut CalendarWatch) -> Update {
    let told = timeout(Duration::from_secs(3), watch.next()).await;
    told.expect("a change is told soon")
}

async fn is_silent(watch: &mut CalendarWatch, seconds: u64) -> bool {
    timeout(Duration::from_secs(seconds), watch.next())
        .await
        .is_err()
}

#[tokio::test(start_paused = true)]
async fn the_files_of_a_folder_are_one_calendar() {
    let folder = Folder::new("one");
    folder.write("a.ics", meeting(9));
    folder.write("b.ICS", meeting(10));
    folder.write("notes.txt", "not a calendar");
    folder.write(".c.ics.tmp", meeting(11));
    folder.write(".c.ics", meeting(11));
    std::fs::create_dir_all(folder.0.join("archive")).expect("a folder");
    folder.write("archive/old.ics", meeting(11));
    assert_eq!(
        kinds(&read_calendars(&folder.calendar(), at(8))[0]),
        [Busy, Busy, Free]
    );
    let mut watch = CalendarWatch::new(folder.calendar(), clock);
    let first = watch.next().await;
    assert_eq!(
        (kinds(&first), first.failures.len()),
        ([Busy, Busy, Free], 0)
    );
    assert!(is_silent(&mut watch, 60).await, "nothing changed");

    folder.write("c.ics", meeting(11));
    assert_eq!(kinds(&soon(&mut watch).await), [Busy, Busy, Busy]);
    folder.write("a.ics", meeting(10));
    assert_eq!(kinds(&soon(&mut watch).await), [Free, Busy, Busy]);
    // An event that is deleted is a file that goes.
    folder.remove("c.ics");
    let gone = soon(&mut watch).await;
    assert_eq!((kinds(&gone), gone.failures.len()), ([Free, Busy, Free], 0));
    // One that is away for a single look is being written.
    folder.write("e.ics", meeting(9));
    assert_eq!(kinds(&soon(&mut watch).await), [Busy, Busy, Free]);
    folder.remove("e.ics");
    let look = timeout(Duration::from_millis(700), watch.next()).await;
    assert!(look.is_err(), "it may come back");
    folder.write("e.ics", meeting(9));
    assert!(is_silent(&mut watch, 60).await, "it did");
    // One that is renamed is told as nothing.
    std::fs::rename(folder.0.join("b.ICS"), folder.0.join("d.ics")).expect("a rename");
    assert!(is_silent(&mut watch, 60).await, "the same meetings");
}

#[tokio::test(start_paused = true)]
async fn one_bad_file_makes_unknown_what_the_others_leave_open() {
    let folder = Folder::new("bad");
    folder.write("a.ics", meeting(9));
    folder.write("b.ics", "not a calendar");
    let mut watch = CalendarWatch::new(folder.calendar(), clock);
    let first = watch.next().await;
    assert_eq!(kinds(&first), [Busy, Unknown, Unknown]);
    let name = folder.0.join("b.ics");
    assert_eq!(first.problems[0].source_name(), name.to_string_lossy());
    std::fs::create_dir_all(folder.0.join("c.ics")).expect("a folder");
    folder.remove("b.ics");
    let mut second = soon(&mut watch).await;
    while !second.problems.is_empty() {
        second = soon(&mut watch).await;
    }
    assert_eq!(
        (kinds(&second), failures(&second)),
        ([Busy, Unknown, Unknown], vec![FailureKind::NotAFile])
    );
    std::fs::remove_dir(folder.0.join("c.ics")).expect("a folder can be removed");
    let third = soon(&mut watch).await;
    assert_eq!(
        (kinds(&third), failures(&third)),
        ([Busy, Free, Free], vec![])
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_folder_is_no_free_day() {
    let folder = Folder::new("empty");
    let mut watch = CalendarWatch::new(folder.calendar(), clock);
    let first = watch.next().await;
    assert_eq!(
        (kinds(&first), failures(&first)),
        ([Unknown; 3], vec![FailureKind::Empty])
    );
    let name = folder.0.to_string_lossy();
    let sentence = format!("{name}: cannot be read: there is no calendar in this folder");
    assert_eq!(first.failures[0].to_string(), sentence);
    folder.write("a.ics", meeting(9));
    let filled = soon(&mut watch).await;
    assert_eq!(
        (kinds(&filled), failures(&filled)),
        ([Busy, Free, Free], vec![])
    );
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_goes_counts_for_a_while() {
    let folder = Folder::new("gone");
    folder.write("a.ics", meeting(9));
    let mut watch =
        CalendarWatch::new(folder.calendar(), clock).with_file_stale_after(Duration::from_secs(10));
    watch.next().await;
    let away = folder.0.with_extension("away");
    std::fs::rename(&folder.0, &away).expect("a rename");
    let gone = soon(&mut watch).await;
    assert_eq!(
        (kinds(&gone), failures(&gone)),
        ([Busy, Free, Free], vec![FailureKind::Missing])
    );
    assert!(is_silent(&mut watch, 8).await, "it still counts");
    let lost = soon(&mut watch).await;
    assert_eq!(
        (kinds(&lost), failures(&lost)),
        ([Unknown; 3], vec![FailureKind::Missing])
    );
    std::fs::rename(&away, &folder.0).expect("a rename");
    let back = soon(&mut watch).await;
    assert_eq!(
        (kinds(&back), failures(&back)),
        ([Busy, Free, Free], vec![])
    );
    // It becomes a file, and a folder again.
    std::fs::rename(&folder.0, &away).expect("a rename");
    std::fs::write(&folder.0, meeting(10)).expect("a file");
    let mut told = soon(&mut watch).await;
    while kinds(&told) != [Free, Busy, Free] {
        told = soon(&mut watch).await;
    }
    std::fs::remove_file(&folder.0).expect("a file can be removed");
    std::fs::rename(&away, &folder.0).expect("a rename");
    let mut told = soon(&mut watch).await;
    while kinds(&told) != [Busy, Free, Free] {
        told = soon(&mut watch).await;
    }
    assert_eq!(failures(&told), []);
}

#[tokio::test(start_paused = true)]
async fn a_folder_of_thousands_is_read_whole() {
    let folder = Folder::new("many");
    for number in 0..2000 {
        folder.write(&format!("{number}.ics"), meeting(9 + number % 2));
    }
    let mut watch = CalendarWatch::new(folder.calendar(), clock);
    assert_eq!(kinds(&watch.next().await), [Busy, Busy, Free]);
    folder.write("0.ics", meeting(11));
    assert_eq!(kinds(&soon(&mut watch).await), [Busy, Busy, Busy]);
}

#[tokio::test(start_paused = true)]
async fn in_a_folder_of_people_a_name_is_a_person() {
    let folder = Folder::new("people");
    folder.write("anna.ics", meeting(9));
    folder.write("no id!.ics", meeting(9));
    let home = Zone::named("Europe/Amsterdam").expect("a zone");
    let reading = move |person: &PersonId| match person.as_str() {
        "bo" => Reading::new().with_zone(home.clone()),
        _ => Reading::new(),
    };
    let watch = CalendarWatch::new(Vec::new(), clock);
    let mut watch = watch
        .with_people_folder(&folder.0, reading)
        .expect("a folder");
    let anna = watch.next().await;
    assert_eq!(
        (anna.person.clone(), kinds(&anna)),
        (id("anna"), [Busy, Free, Free])
    );
    assert!(
        is_silent(&mut watch, 60).await,
        "a name that is no id is nobody"
    );

    folder.write("bo.ics", meeting(11));
    let bo = soon(&mut watch).await;
    assert_eq!(
        (bo.person.clone(), kinds(&bo)),
        (id("bo"), [Free, Busy, Free]),
        "in his own zone"
    );
    folder.remove("anna.ics");
    let gone = soon(&mut watch).await;
    assert_eq!(
        (gone.person.clone(), failures(&gone)),
        (id("anna"), vec![FailureKind::Missing])
    );
    let lost = timeout(Duration::from_secs(35), watch.next()).await;
    assert_eq!(
        kinds(&lost.expect("it does not count for ever")),
        [Unknown; 3]
    );
    folder.write("anna.ics", meeting(10));
    assert_eq!(kinds(&soon(&mut watch).await), [Free, Busy, Free]);
    // Another directory leaves it.
    watch.replace(Vec::new());
    assert_eq!(watch.next().await.person, id("anna"));
    assert_eq!(watch.next().await.person, id("bo"));

    let nowhere = CalendarWatch::new(Vec::new(), clock);
    let failure = nowhere
        .with_people_folder(folder.0.join("x"), |_| Reading::new())
        .err();
    assert_eq!(failure.map(|f| f.kind()), Some(FailureKind::Missing));
}
