//! What a company publishes as JSON: the board of a page, and schema.org's words for hours and ways.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::fs;
use std::path::Path;

use bereik_core::Zone;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::hours::{Hours, Stretch, Week};
use bereik_core::language::{Language, Localised};
use bereik_core::line::Line;
use bereik_core::person::Person;
use bereik_core::public_view::json_ld::{OpeningHours, Organization, Profile};
use bereik_core::public_view::page::BoardPage;
use bereik_core::public_view::{ExpectedWait, PublicBoard, PublicView, Standing};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn stretches(texts: &[&str]) -> Vec<Stretch> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A company with all that hours can be, a private line and a private group.
fn directory() -> Directory {
    let office = stretches(&["08:30-12:00", "12:30-17:00"]);
    let week = Week {
        mon: office.clone(),
        tue: office.clone(),
        wed: office,
        thu: stretches(&["12:00-24:00"]),
        fri: stretches(&["22:00-06:00"]),
        sat: stretches(&["00:00-24:00"]),
        ..Week::default()
    };
    let closed = Vec::new;
    let office = Hours::new(week)
        .with_exception(id("2026-11-20"), closed())
        .with_exception(id("2026-12-24"), stretches(&["08:30-12:00"]))
        .with_exception(id("2026-12-25"), closed())
        .with_exception(id("2026-12-26"), closed())
        .with_exception(id("2026-12-31"), stretches(&["20:00-20:00"]))
        .with_exception(id("2028-01-01"), closed());
    let mut draft = Draft::new(
        "Rivers & </script><b>Co",
        Zone::named("Europe/Amsterdam").unwrap(),
    );
    draft.hours.insert(id("office"), office);
    let mut phone = Line::new(id("phone"), ChannelKind::Phone, id("tel:+31201234567")).public();
    phone.hours = Some(id("office"));
    draft.lines.push(phone);
    for (name, channel, address) in [
        ("mail", ChannelKind::Email, "mailto:info@example.org"),
        ("calamity", ChannelKind::Phone, "tel:+31207654321"),
        ("irc", ChannelKind::Chat, "handle:irc/rivers"),
    ] {
        draft
            .lines
            .push(Line::new(id(name), channel, id(address)).public());
    }
    draft.lines.push(Line::new(
        id("secret"),
        ChannelKind::Phone,
        id("tel:+31200000000"),
    ));
    draft.calamity_lines.push(id("calamity"));
    let mut anna = Person::new(id("anna"), "Anna");
    anna.is_public = true;
    let name = Localised::new("Sales").with(Language::Dutch, "Verkoop");
    let mut sales = Group::new(id("sales"), name, vec![id("anna")]);
    (sales.is_public, sales.hours) = (true, Some(id("office")));
    let mut advice = Group::new(id("advice"), "Advice", vec![id("anna")]);
    advice.is_public = true;
    let back_office = Group::new(id("hidden"), "Hidden", vec![id("anna")]);
    let draft = draft.with_person(anna).with_group(sales).with_group(advice);
    draft.with_group(back_office).check().unwrap()
}

/// Holds a value to the text in a file; `UPDATE=1` rewrites the file.
fn check(file: &str, value: &impl serde::Serialize) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/published")
        .join(file);
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(file).unwrap());
}

#[test]
fn a_board_is_read_by_a_page() {
    let directory = directory();
    let busy = PublicView {
        standing: Standing::Busy,
        now_over: vec![ChannelKind::Email, ChannelKind::WebChat],
        back_at: Some(at("2026-11-23T12:30:00Z")),
        other_ways: vec![(ChannelKind::Phone, id("tel:+31201234567"))],
        expected_wait: None,
    };
    let closed = PublicView {
        standing: Standing::Closed,
        now_over: vec![],
        back_at: None,
        other_ways: vec![],
        expected_wait: None,
    };
    let wait = ExpectedWait {
        p50_s: 90,
        p90_s: 300,
    };
    let board = PublicBoard {
        groups: vec![
            (id("sales"), busy),
            (id("advice"), closed.clone()),
            (id("gone"), closed.clone()),
        ],
        people: vec![(id("anna"), closed)],
    };
    let board = board
        .with_expected_wait(&id("sales"), wait)
        .with_expected_wait(&id("advice"), wait);
    let now = at("2026-11-23T10:00:00Z");
    check(
        "board.json",
        &BoardPage::new(&directory, &board, Language::Dutch, now),
    );
    let text = serde_json::to_string(&board).unwrap();
    assert_eq!(serde_json::from_str::<PublicBoard>(&text).unwrap(), board);
}

#[test]
fn a_company_in_the_words_of_schema_org() {
    let profile = Profile {
        url: Some("https://www.example.org".to_owned()),
        languages: vec!["nl".to_owned(), "en".to_owned()],
    };
    let now = at("2026-11-22T23:30:00Z");
    let told = Organization::new(&directory(), &profile, Language::Dutch, now);
    check("organization.json", &told);
}

#[test]
fn who_names_no_hours_tells_none() {
    let empty = Draft::new("Rivers", Zone::utc()).check().unwrap();
    let told = Organization::new(
        &empty,
        &Profile::default(),
        Language::English,
        at("2026-11-23T10:00:00Z"),
    );
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!(
        text,
        r#"{"@context":"https://schema.org","@type":"LocalBusiness","name":"Rivers"}"#
    );
}

/// Reads a specification as search engines say that they do: the exceptions of a date, else its day of the week.
fn is_open(told: &[OpeningHours], date: NaiveDate, minute: i64) -> bool {
    let of = |date: NaiveDate| {
        let holds = move |one: &&OpeningHours| {
            one.valid_from.is_some_and(|from| from <= date)
                && one.valid_through.is_some_and(|through| date <= through)
        };
        let weekly = move |one: &&OpeningHours| {
            let day = date.weekday().to_string();
            one.valid_from.is_none() && one.days.iter().any(|of| of.starts_with(&day))
        };
        match told.iter().any(|one| holds(&one)) {
            true => told.iter().filter(holds).collect::<Vec<_>>(),
            false => told.iter().filter(weekly).collect(),
        }
    };
    let minutes = |text: &str| -> i64 {
        let (hours, minutes) = text.split_once(':').unwrap();
        hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()
    };
    let span = |one: &OpeningHours| {
        let (opens, closes) = (minutes(&one.opens), minutes(&one.closes));
        match (closes - opens).rem_euclid(1_440) {
            0 => (opens, opens),
            1_439 => (opens, opens + 1_440),
            length => (opens, opens + length),
        }
    };
    let covers = |one: &&OpeningHours, minute: i64| {
        let (opens, closes) = span(one);
        opens <= minute && minute < closes
    };
    of(date).iter().any(|one| covers(one, minute))
        || of(date - Days::new(1))
            .iter()
            .any(|one| covers(one, minute + 1_440))
}

fn day() -> impl Strategy<Value = Vec<Stretch>> {
    let texts = prop::sample::subsequence(
        vec![
            "00:00-24:00",
            "00:00-06:30",
            "08:30-12:00",
            "11:00-13:00",
            "12:30-17:00",
            "18:00-24:00",
            "22:00-06:00",
            "20:00-20:00",
            "23:59-00:00",
        ],
        0..3,
    );
    texts.prop_map(|texts| stretches(&texts))
}

fn hours() -> impl Strategy<Value = Hours> {
    let exceptions = prop::collection::vec((0..16_u64, day()), 0..5);
    (
        [day(), day(), day(), day(), day(), day(), day()],
        exceptions,
    )
        .prop_map(|(days, exceptions)| {
            let [mon, tue, wed, thu, fri, sat, sun] = days;
            let week = Week {
                mon,
                tue,
                wed,
                thu,
                fri,
                sat,
                sun,
            };
            let exceptions = exceptions.into_iter();
            exceptions.fold(Hours::new(week), |hours, (day, stretches)| {
                hours.with_exception(first_day() + Days::new(day), stretches)
            })
        })
}

fn first_day() -> NaiveDate {
    id("2026-12-20")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Read as search engines read it, what a group tells is when its hours are open; and the company is open when
    /// one of its groups is.
    #[test]
    fn the_hours_told_are_the_hours(one in hours(), other in hours()) {
        let mut draft = Draft::new("Rivers", Zone::utc()).with_person(Person::new(id("anna"), "Anna"));
        for (name, hours) in [("one", &one), ("other", &other)] {
            draft.hours.insert(id(name), hours.clone());
            let mut group = Group::new(id(name), name, vec![id("anna")]);
            (group.is_public, group.hours) = (true, Some(id(name)));
            draft.groups.push(group);
        }
        let directory = draft.check().unwrap();
        let now = first_day().and_hms_opt(3, 0, 0).unwrap().and_utc();
        let told = Organization::new(&directory, &Profile::default(), Language::English, now);
        let zone = Zone::utc();
        // From the second day on: exceptions of before today are not told.
        for quarter in 96..17 * 96 + 40 {
            let instant = first_day().and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::minutes(quarter * 15);
            let (date, minute) = (instant.date_naive(), quarter * 15 % 1_440);
            let (is_one, is_other) = (one.is_open_at(instant, &zone), other.is_open_at(instant, &zone));
            prop_assert_eq!(is_open(&told.departments[0].opening_hours, date, minute), is_one, "at {}", instant);
            prop_assert_eq!(is_open(&told.departments[1].opening_hours, date, minute), is_other, "at {}", instant);
            prop_assert_eq!(is_open(&told.opening_hours, date, minute), is_one || is_other, "at {}", instant);
        }
    }
}
