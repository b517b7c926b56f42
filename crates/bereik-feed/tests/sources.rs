//! Sources that answer, fail, hang and panic, on tokio's paused time.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bereik_calendar::Reading;
use bereik_core::{FreeBusy, FreeBusyKind, Interval, PersonId};
use bereik_feed::{
    Agenda, CalendarFile, CalendarWatch, FailureKind, Pace, Source, SourceError, Update,
};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Duration, Instant, timeout};

use FailureKind::{NotPermitted, Throttled, TimedOut, Unavailable, Unreachable, Unreadable};

fn id(text: &str) -> PersonId {
    text.parse().expect("an id")
}

fn at(hour: u32) -> DateTime<Utc> {
    let text = format!("2026-11-23T{hour:02}:00:00Z");
    text.parse().expect("an hour of the day")
}

/// What a source does when it is asked.
#[derive(Clone, Copy, Debug)]
enum Does {
    Fails(SourceError),
    Hangs,
    Meets(u32, FreeBusyKind),
    Panics,
    /// Says that nothing has changed.
    Rests,
}

/// A source that does as it is told.
#[derive(Clone, Debug)]
struct Told {
    does: Arc<Mutex<Does>>,
    /// When it was asked, in seconds from the start.
    asked: Arc<Mutex<Vec<u64>>>,
    start: Instant,
    running: Arc<AtomicU32>,
    running_max: Arc<AtomicU32>,
}

impl Told {
    fn new(does: Does) -> Self {
        Self {
            does: Arc::new(Mutex::new(does)),
            asked: Arc::default(),
            start: now(),
            running: Arc::default(),
            running_max: Arc::default(),
        }
    }

    fn set(&self, does: Does) {
        *self.does.lock().expect("no panic") = does;
    }

    fn asked(&self) -> Vec<u64> {
        self.asked.lock().expect("no panic").clone()
    }

    fn add(&self, watch: &mut CalendarWatch, person: &str, pace_s: u64) {
        let pace = Pace::every(Duration::from_secs(pace_s)).with_seed(7);
        watch.add_source(id(person), Box::new(self.clone()), pace);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test looks at the paused clock"
)]
fn now() -> Instant {
    Instant::now()
}

#[async_trait]
impl Source for Told {
    fn name(&self) -> &str {
        "told"
    }

    async fn poll(&mut self, window: Interval) -> Result<Option<Agenda>, SourceError> {
        let seconds = (now() - self.start).as_secs();
        self.asked.lock().expect("no panic").push(seconds);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.running_max.fetch_max(running, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(200)).await;
        let does = *self.does.lock().expect("no panic");
        self.running.fetch_sub(1, Ordering::SeqCst);
        match does {
            Does::Fails(error) => Err(error),
            Does::Hangs => std::future::pending().await,
            Does::Meets(hour, kind) => {
                let meeting = Interval::new(at(hour), at(hour + 1)).expect("an hour");
                let free_busy = FreeBusy::builder(window).claim(meeting, kind).build();
                Ok(Some(Agenda::new(free_busy)))
            }
            Does::Panics => panic!("told to"),
            Does::Rests => Ok(None),
        }
    }
}

const BUSY_AT_NINE: Does = Does::Meets(9, FreeBusyKind::Busy);

fn fails(kind: FailureKind) -> Does {
    Does::Fails(kind.into())
}

fn watch() -> CalendarWatch {
    CalendarWatch::new(Vec::new(), || at(8))
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

async fn is_silent(watch: &mut CalendarWatch, seconds: u64) -> bool {
    timeout(Duration::from_secs(seconds), watch.next())
        .await
        .is_err()
}

/// The pauses between polls.
fn pauses(asked: &[u64]) -> Vec<u64> {
    asked.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn a_source_is_asked_at_its_pace_and_tells_what_changes() {
    let (source, mut watch) = (Told::new(BUSY_AT_NINE), watch());
    source.add(&mut watch, "anna", 300);
    let first = watch.next().await;
    assert_eq!(
        (first.person.as_str(), kind(&first, 9)),
        ("anna", FreeBusyKind::Busy)
    );
    assert!(is_silent(&mut watch, 3000).await, "nothing changed");
    source.set(Does::Rests);
    assert!(is_silent(&mut watch, 3000).await, "nothing changed");
    source.set(Does::Meets(9, FreeBusyKind::Tentative));
    assert_eq!(kind(&watch.next().await, 9), FreeBusyKind::Tentative);
    let pauses = pauses(&source.asked());
    assert!(pauses.len() >= 18);
    assert!(
        pauses.iter().all(|pause| (269..=332).contains(pause)),
        "{pauses:?}"
    );
    assert!(
        pauses.iter().any(|pause| *pause != pauses[0]),
        "no jitter: {pauses:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failing_source_is_asked_ever_less_often_and_turns_unknown() {
    let (source, mut watch) = (Told::new(BUSY_AT_NINE), watch());
    source.add(&mut watch, "anna", 300);
    watch.next().await;
    source.set(fails(Unreachable));
    let failing = watch.next().await;
    assert_eq!(failures(&failing), [Unreachable]);
    assert_eq!(kind(&failing, 9), FreeBusyKind::Busy, "it is not old yet");
    assert_eq!(failing.failures[0].last_good_at(), Some(at(8)));
    assert!(is_silent(&mut watch, 3200).await, "it still counts");
    let stale = timeout(Duration::from_secs(200), watch.next()).await;
    let stale = stale.expect("it does not count for ever");
    assert_eq!(
        [9, 10].map(|hour| kind(&stale, hour)),
        [FreeBusyKind::Unknown; 2]
    );
    assert_eq!(failures(&stale), [Unreachable]);
    // Another reason is told, the age goes on.
    source.set(fails(Unavailable));
    assert_eq!(failures(&watch.next().await), [Unavailable]);
    let pauses = pauses(&source.asked());
    for (pause, expected) in pauses[1..].iter().zip([30, 60, 120, 240, 480, 960, 1920]) {
        assert!(pause.abs_diff(expected) <= expected / 10 + 1, "{pauses:?}");
    }
    // Where nothing has changed since, the source says so, but the watch has forgotten it.
    source.set(BUSY_AT_NINE);
    let back = watch.next().await;
    assert_eq!(
        (failures(&back), kind(&back, 9)),
        (vec![], FreeBusyKind::Busy)
    );
}

/// A source that was forgotten as too old, and then says that nothing has changed.
#[tokio::test(start_paused = true)]
async fn nothing_new_after_silence_is_what_was_known_before() {
    let (source, mut watch) = (Told::new(BUSY_AT_NINE), watch());
    source.add(&mut watch, "anna", 300);
    watch.next().await;
    source.set(fails(Unreachable));
    watch.next().await;
    let stale = watch.next().await;
    assert_eq!(kind(&stale, 9), FreeBusyKind::Unknown);
    source.set(Does::Rests);
    let back = watch.next().await;
    assert_eq!(
        (failures(&back), kind(&back, 9)),
        (vec![], FreeBusyKind::Busy)
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_to_wait_is_left_alone() {
    let wait = |seconds| {
        let error = SourceError::new(Throttled);
        Does::Fails(error.with_retry_after(Duration::from_secs(seconds)))
    };
    let (source, mut watch) = (Told::new(wait(1000)), watch());
    source.add(&mut watch, "anna", 300);
    let first = watch.next().await;
    assert_eq!(
        (failures(&first), kind(&first, 9)),
        (vec![Throttled], FreeBusyKind::Unknown)
    );
    assert_eq!(
        (first.failures[0].since(), first.failures[0].last_good_at()),
        (at(8), None)
    );
    assert!(is_silent(&mut watch, 1000).await);
    assert_eq!(source.asked().len(), 1);
    source.set(BUSY_AT_NINE);
    assert_eq!(kind(&watch.next().await, 9), FreeBusyKind::Busy);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_has_to_mend_is_tried_at_leisure() {
    let (source, mut watch) = (Told::new(fails(NotPermitted)), watch());
    source.add(&mut watch, "anna", 300);
    watch.next().await;
    assert!(is_silent(&mut watch, 6000).await);
    let pauses = pauses(&source.asked());
    for (pause, expected) in pauses.iter().zip([300, 600, 1200, 2400]) {
        assert!(pause.abs_diff(expected) <= expected / 10 + 1, "{pauses:?}");
    }
    assert!(pauses.len() >= 3);
}

#[tokio::test(start_paused = true)]
async fn a_configured_age_is_kept_whatever_the_source_does() {
    for does in [Does::Hangs, Does::Panics, fails(NotPermitted)] {
        let source = Told::new(BUSY_AT_NINE);
        let mut watch = watch().with_source_stale_after(Duration::from_secs(100));
        source.add(&mut watch, "anna", 3600);
        watch.next().await;
        let told_at = now();
        source.set(does);
        let mut stale = watch.next().await;
        while kind(&stale, 9) != FreeBusyKind::Unknown {
            assert!(!stale.failures.is_empty());
            stale = watch.next().await;
        }
        let age = now() - told_at;
        assert!(
            (Duration::from_secs(99)..Duration::from_secs(102)).contains(&age),
            "{does:?} {age:?}"
        );
        assert_eq!(stale.failures.len(), 1);
        // It was asked in between, though its pace is an hour.
        assert!(source.asked()[1] <= 56, "{:?}", source.asked());
        // Of one that panicked nothing is left to ask.
        source.set(Does::Meets(10, FreeBusyKind::Busy));
        let back = timeout(Duration::from_secs(5000), watch.next()).await;
        match does {
            Does::Panics => assert_eq!(failures(&stale), [Unreadable]),
            _ => assert_eq!(
                kind(&back.expect("it is asked again"), 10),
                FreeBusyKind::Busy
            ),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_never_answers_is_told_as_such() {
    let source = Told::new(Does::Hangs);
    let mut watch = watch().with_source_stale_after(Duration::from_secs(60));
    source.add(&mut watch, "anna", 300);
    let told = timeout(Duration::from_secs(70), watch.next()).await;
    let told = told.expect("it is not waited for for ever");
    assert_eq!(
        (failures(&told), kind(&told, 9)),
        (vec![TimedOut], FreeBusyKind::Unknown)
    );
}

#[tokio::test(start_paused = true)]
async fn the_sources_of_a_person_are_merged_and_the_stronger_word_holds() {
    let folder = std::env::temp_dir().join(format!("bereik-sources-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("anna.ics");
    let text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261123T100000Z\r\n\
        DURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    std::fs::write(&file, text).expect("a file");
    let file = || CalendarFile::new(id("anna"), &file, Reading::new());
    let mut watch = CalendarWatch::new(vec![file()], || at(8));
    let (one, other) = (
        Told::new(BUSY_AT_NINE),
        Told::new(Does::Meets(9, FreeBusyKind::OutOfOffice)),
    );
    one.add(&mut watch, "anna", 300);
    other.add(&mut watch, "anna", 300);
    let kinds = |update: &Update| [9, 10, 11].map(|hour| kind(update, hour));
    let all = watch.next().await;
    assert_eq!(
        kinds(&all),
        [
            FreeBusyKind::OutOfOffice,
            FreeBusyKind::Busy,
            FreeBusyKind::Free
        ]
    );
    // One fails: unknown is stronger than free and tentative, and weaker than what others know.
    other.set(Does::Fails(NotPermitted.into()));
    let failing = watch.next().await;
    assert_eq!(kinds(&failing), kinds(&all));
    let stale = watch.next().await;
    assert_eq!(
        kinds(&stale),
        [
            FreeBusyKind::Busy,
            FreeBusyKind::Busy,
            FreeBusyKind::Unknown
        ]
    );
    assert_eq!(failures(&stale), [NotPermitted]);

    // Another directory leaves what was added.
    watch.replace(Vec::new());
    assert_eq!(
        kinds(&watch.next().await),
        [
            FreeBusyKind::Busy,
            FreeBusyKind::Unknown,
            FreeBusyKind::Unknown
        ]
    );
    watch.replace(vec![file()]);
    assert_eq!(kinds(&watch.next().await), kinds(&stale));
    watch.remove_sources(&id("anna"));
    let left = watch.next().await;
    assert_eq!(
        kinds(&left),
        [FreeBusyKind::Free, FreeBusyKind::Busy, FreeBusyKind::Free]
    );
    assert_eq!(failures(&left), []);
    watch.replace(Vec::new());
    let gone = watch.next().await;
    assert_eq!(
        (gone.person.as_str(), kind(&gone, 10)),
        ("anna", FreeBusyKind::Unknown)
    );
    assert!(is_silent(&mut watch, 1000).await);
    std::fs::remove_dir_all(&folder).expect("it can be removed");
}

#[tokio::test(start_paused = true)]
async fn a_person_is_told_when_each_of_his_sources_has_spoken() {
    let (quick, slow, mut watch) = (Told::new(BUSY_AT_NINE), Told::new(Does::Hangs), watch());
    quick.add(&mut watch, "anna", 300);
    slow.add(&mut watch, "anna", 300);
    quick.add(&mut watch, "bo", 300);
    assert_eq!(watch.next().await.person, id("bo"));
    let anna = timeout(Duration::from_secs(601), watch.next()).await;
    let anna = anna.expect("a source has ten minutes");
    assert_eq!(
        (anna.person.clone(), failures(&anna)),
        (id("anna"), vec![TimedOut])
    );
    assert_eq!(
        [9, 10].map(|hour| kind(&anna, hour)),
        [FreeBusyKind::Busy, FreeBusyKind::Unknown]
    );
}

#[tokio::test(start_paused = true)]
async fn many_sources_are_asked_a_few_at_a_time() {
    let (source, mut watch) = (Told::new(BUSY_AT_NINE), watch());
    for number in 0..100 {
        source.add(&mut watch, &format!("p{number}"), 300);
    }
    for _ in 0..100 {
        assert_eq!(kind(&watch.next().await, 9), FreeBusyKind::Busy);
    }
    assert_eq!(source.running_max.load(Ordering::SeqCst), 16);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_wait_loses_no_answer() {
    let (source, mut watch) = (Told::new(BUSY_AT_NINE), watch());
    source.add(&mut watch, "anna", 10);
    let mut told = Vec::new();
    for round in 0..400 {
        if round == 200 {
            source.set(Does::Meets(10, FreeBusyKind::Busy));
        }
        if let Ok(update) = timeout(Duration::from_millis(130), watch.next()).await {
            told.push([9, 10].map(|hour| kind(&update, hour)));
        }
    }
    let (free, busy) = (FreeBusyKind::Free, FreeBusyKind::Busy);
    assert_eq!(told, [[busy, free], [free, busy]]);
}

#[tokio::test(start_paused = true)]
async fn another_day_asks_for_another_window() {
    let (source, days) = (Told::new(BUSY_AT_NINE), Arc::new(AtomicU32::new(0)));
    let of_clock = days.clone();
    let clock = move || at(8) + TimeDelta::days(of_clock.load(Ordering::SeqCst).into());
    let mut watch = CalendarWatch::new(Vec::new(), clock);
    source.add(&mut watch, "anna", 300);
    let known = |update: &Update| update.free_busy.known().map(|known| known.start());
    let first = known(&watch.next().await);
    assert_eq!(first, Some(at(0) - TimeDelta::days(1)));
    days.store(1, Ordering::SeqCst);
    assert_eq!(known(&watch.next().await), Some(at(0)));
}
