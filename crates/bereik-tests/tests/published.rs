//! All that is published of a company full of marked secrets: no mark comes out, in any form, at any time.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;

use bereik::calendar::{Limits, Reading, read, write_free_busy};
use bereik::core::directory::{Directory, Draft};
use bereik::core::group::Group;
use bereik::core::hours::{Hours, Week};
use bereik::core::id::HoursId;
use bereik::core::language::Language;
use bereik::core::line::Line;
use bereik::core::presence::PresenceState;
use bereik::core::public_view::json_ld::{Organization, Profile};
use bereik::core::public_view::page::BoardPage;
use bereik::core::public_view::{Audience, ExpectedWait, PublicBoard, Standing, ViewBoard};
use bereik::core::signal::{Signal, SignalKind};
use bereik::core::wording::Wording;
use bereik::core::{ChannelKind, FreeBusyKind, Interval, Person, PersonId, Zone};
use bereik::presence::{
    Onlooker, PersonFacts, Pidf, ReachRules, ViewField, ViewRules, public_board,
};
use bereik::web::{contact_page, json_ld_script};
use chrono::{DateTime, TimeDelta, Utc};

/// In every secret; in nothing that is public.
const MARK: &str = "canary";
/// So is this, in every number that is not public.
const MARKED_NUMBER: &str = "0666";

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn secret_lines(of: &str) -> [Line; 3] {
    let mut phone = Line::new(
        id(&format!("{MARK}-phone-{of}")),
        ChannelKind::Phone,
        id("tel:+31206660666"),
    );
    phone.depends_on.push(format!("{MARK} telecom"));
    phone.hours = Some(id("canary-hours"));
    let mail = Line::new(
        id(&format!("{MARK}-mail-{of}")),
        ChannelKind::Email,
        id(&format!("{MARK}-{of}@example.org")),
    );
    let chat = Line::new(
        id(&format!("{MARK}-chat-{of}")),
        ChannelKind::Chat,
        id(&format!("handle:irc/{MARK}-{of}")),
    );
    [phone, mail, chat]
}

fn person(name: &str, is_public: bool) -> Person {
    let mut person = Person::new(id(&name.to_lowercase()), name);
    person.is_public = is_public;
    person.calendars = vec![
        format!("/home/{MARK}/agenda.ics"),
        format!("https://example.org/{MARK}/private-token/basic.ics"),
    ];
    person.addresses = vec![id(&format!("{MARK}-{}@example.org", name.to_lowercase()))];
    person.lines = secret_lines(&name.to_lowercase()).to_vec();
    person.skills.insert(id("canary-skill"), 5);
    person.hours = Some(id("canary-hours"));
    person
}

fn directory() -> Directory {
    let mut anna = person("Anna", true);
    let phone = Line::new(id("desk-phone"), ChannelKind::Phone, id("tel:+31201234567"));
    anna.lines.push(phone.public());
    let hidden = person("Canary-Person", false);
    let office = vec!["09:00-17:00".parse().unwrap()];
    let week = Week {
        mon: office.clone(),
        tue: office.clone(),
        wed: office,
        ..Week::default()
    };
    let mut draft = Draft::new("Rivers & Co", Zone::named("Europe/Amsterdam").unwrap());
    draft.horizon_h = 48;
    draft
        .hours
        .insert(id::<HoursId>("canary-hours"), Hours::new(week));
    draft.lines.extend(secret_lines("company"));
    let mail = Line::new(id("info"), ChannelKind::Email, id("info@example.org"));
    draft.lines.push(mail.public());
    let members: Vec<PersonId> = vec![id("anna"), id("canary-person")];
    let mut desk = Group::new(id("desk"), "Desk", members.clone());
    (desk.is_public, desk.hours) = (true, Some(id("canary-hours")));
    let secret = Group::new(id("canary-group"), "Canary group", members);
    let draft = draft.with_person(anna).with_person(hidden);
    draft.with_group(desk).with_group(secret).check().unwrap()
}

/// A week of marked events: busy, on leave, tentative, elsewhere.
fn calendar() -> String {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//canary//EN\r\n");
    let events = [
        ("20261123T090000Z", "20261123T100000Z", "STATUS:CONFIRMED"),
        ("20261123T110000Z", "20261123T120000Z", "STATUS:TENTATIVE"),
        (
            "20261124T000000Z",
            "20261125T000000Z",
            "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
        ),
        (
            "20261125T100000Z",
            "20261125T120000Z",
            "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
        ),
    ];
    for (number, (start, end, more)) in events.iter().enumerate() {
        text.push_str(&format!(
            "BEGIN:VEVENT\r\nUID:canary-{number}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{start}\r\nDTEND:{end}\r\n\
             SUMMARY:canary holiday\r\nLOCATION:canary beach\r\nDESCRIPTION:canary\r\n\
             ATTENDEE:mailto:canary@example.org\r\n{more}\r\nEND:VEVENT\r\n"
        ));
    }
    text + "END:VCALENDAR\r\n"
}

fn window() -> Interval {
    "2026-11-22T00:00:00Z/2026-11-29T00:00:00Z".parse().unwrap()
}

fn facts(directory: &Directory, signal: Option<SignalKind>) -> BTreeMap<PersonId, PersonFacts> {
    let calendar = read(calendar().as_bytes(), &Limits::default());
    let free_busy = calendar.free_busy(window(), &Reading::new()).value;
    let signals = signal.map(|kind| Signal {
        kind,
        source: MARK.into(),
        at: window().start(),
        expires_at: window().end(),
    });
    let facts = PersonFacts {
        free_busy,
        signals: signals.into_iter().collect(),
        ..PersonFacts::default()
    };
    let people = directory.people().iter();
    people
        .map(|person| (person.id.clone(), facts.clone()))
        .collect()
}

/// The boards of an audience and what else is made of them, as text.
fn board_texts(board: &ViewBoard, wording: &Wording<'_>) -> Vec<String> {
    let mut texts = vec![format!("{board:?}"), serde_json::to_string(board).unwrap()];
    let groups = board.groups.iter().map(|(id, view)| (id.as_str(), view));
    let people = board.people.iter().map(|(id, view)| (id.as_str(), view));
    for (id, view) in groups.chain(people) {
        let pidf = Pidf::new(&format!("pres:{id}@example.org")).unwrap();
        texts.push(pidf.write(view, wording));
        texts.push(format!("{pidf:?} {view:?}"));
    }
    texts
}

/// Everything that customers get to see at an instant.
fn published(
    directory: &Directory,
    facts: &BTreeMap<PersonId, PersonFacts>,
    views: &ViewRules,
    now: DateTime<Utc>,
) -> Vec<String> {
    let reach = ReachRules::default();
    let wait = ExpectedWait {
        p50_s: 60,
        p90_s: 600,
    };
    let customer = Onlooker::new(directory, &reach, views, Audience::Customer);
    let customer = customer.with_expected_wait(id("desk"), wait);
    let mut texts = Vec::new();
    for language in [Language::English, Language::Dutch] {
        let wording = Wording {
            language,
            zone: directory.zone(),
            now,
            name_of: &|_| MARK.to_owned(),
            address_of: &|_| MARK.to_owned(),
        };
        texts.extend(board_texts(&customer.board(facts, now).0, &wording));
        let (board, _): (PublicBoard, _) = public_board(directory, facts, &reach, now);
        let page = BoardPage::new(directory, &board, language, now);
        texts.push(format!("{board:?} {page:?}"));
        texts.push(serde_json::to_string(&board).unwrap());
        texts.push(serde_json::to_string(&page).unwrap());
        let told = Organization::new(directory, &Profile::default(), language, now);
        texts.push(format!("{told:?}"));
        texts.push(json_ld_script(&told));
        texts.push(contact_page(directory, &Profile::default(), language, now));
    }
    for person in directory.people() {
        if let Some(seen) = customer.free_busy(person, &facts[&person.id], window()) {
            texts.push(format!("{seen:?}"));
            texts.push(write_free_busy(&seen, "fb-1", now, None));
        }
    }
    texts
}

/// Every fact about a person that customers may not be told, as it would be spelled.
const INSIDE: [&str; 8] = [
    "out_of_office",
    "OutOfOffice",
    "off_duty",
    "OffDuty",
    "on_call",
    "OnCall",
    "BUSY-UNAVAILABLE",
    "vacation",
];

#[test]
fn nothing_that_is_published_to_customers_holds_a_secret() {
    let directory = directory();
    let full = format!("{:?}", directory.draft()) + &calendar();
    assert!(full.matches(MARK).count() > 30, "the marks are in");
    let all_open = ViewField::ALL
        .into_iter()
        .filter(|field| field.is_for_customers());
    let widest = all_open.fold(ViewRules::nothing(), |rules, field| {
        rules.with(field, Some(Audience::Customer)).unwrap()
    });
    let signals = [
        None,
        Some(SignalKind::Online(ChannelKind::WebChat)),
        Some(SignalKind::DoNotDisturb),
        Some(SignalKind::SetByHand(PresenceState::OutOfOffice)),
        Some(SignalKind::SetByHand(PresenceState::OnCall)),
    ];
    let mut all = String::new();
    for signal in signals {
        let facts = facts(&directory, signal);
        for views in [ViewRules::default(), ViewRules::nothing(), widest.clone()] {
            for step in 0..24 {
                let now = at("2026-11-22T23:10:00Z") + TimeDelta::hours(step * 4);
                for text in published(&directory, &facts, &views, now) {
                    let lower = text.to_lowercase();
                    assert!(
                        !lower.contains(MARK) && !lower.contains(MARKED_NUMBER),
                        "{text}"
                    );
                    let told = INSIDE.iter().find(|word| text.contains(**word));
                    assert_eq!(told, None, "{text}");
                    all.push_str(&text);
                }
            }
        }
    }
    // What is public did come out, so that the search was not of nothing.
    for public in [
        "Anna",
        "Desk",
        "+31201234567",
        "info@example.org",
        "09:00",
        "busy",
        "closed",
        "available",
    ] {
        assert!(all.contains(public), "{public}");
    }
}

/// The mark is found where it may be: those of the own group see private lines.
#[test]
fn the_own_group_does_see_private_lines() {
    let directory = directory();
    let facts = facts(&directory, None);
    let (reach, views) = (ReachRules::default(), ViewRules::default());
    let now = at("2026-11-23T08:30:00Z");
    for (audience, sees) in [
        (Audience::Customer, false),
        (Audience::Colleague, false),
        (Audience::OwnGroup, true),
    ] {
        let board = Onlooker::new(&directory, &reach, &views, audience)
            .board(&facts, now)
            .0;
        let text = serde_json::to_string(&board).unwrap();
        assert_eq!(text.contains(MARKED_NUMBER), sees, "{audience:?}");
    }
}

/// What a customer may see of somebody's time, as a calendar for others to read.
#[test]
fn free_busy_time_is_published_as_a_calendar() {
    let directory = directory();
    let facts = &facts(&directory, None)[&id("anna")];
    let (reach, views) = (ReachRules::default(), ViewRules::default());
    let anna = &directory.people()[0];
    let seen = |audience| {
        let onlooker = Onlooker::new(&directory, &reach, &views, audience);
        onlooker.free_busy(anna, facts, window()).unwrap()
    };
    let customer = write_free_busy(
        &seen(Audience::Customer),
        "fb-1",
        at("2026-11-22T00:00:00Z"),
        None,
    );
    assert!(
        customer.contains("FREEBUSY;FBTYPE=BUSY:") && !customer.contains("TENTATIVE"),
        "{customer}"
    );
    let colleague = write_free_busy(
        &seen(Audience::Colleague),
        "fb-1",
        at("2026-11-22T00:00:00Z"),
        None,
    );
    assert!(
        colleague.contains("BUSY-TENTATIVE") && !colleague.contains("UNAVAILABLE"),
        "{colleague}"
    );
    let own_group = write_free_busy(
        &seen(Audience::OwnGroup),
        "fb-1",
        at("2026-11-22T00:00:00Z"),
        None,
    );
    assert!(own_group.contains("BUSY-UNAVAILABLE"), "{own_group}");
    let back = read(customer.as_bytes(), &Limits::default());
    let back = back.free_busy(window(), &Reading::new()).value;
    for (instant, kind) in [
        ("2026-11-23T08:30:00Z", FreeBusyKind::Free),
        ("2026-11-23T09:30:00Z", FreeBusyKind::Busy),
        ("2026-11-23T11:30:00Z", FreeBusyKind::Busy),
        ("2026-11-23T20:00:00Z", FreeBusyKind::Busy),
        ("2026-11-24T10:00:00Z", FreeBusyKind::Busy),
        ("2026-11-25T10:30:00Z", FreeBusyKind::Free),
    ] {
        assert_eq!(back.kind_at(at(instant)), kind, "{instant}");
    }
}

/// The wait is told while a group is busy, to those who may know, and at no other time.
#[test]
fn an_expected_wait_is_told_while_busy() {
    let directory = directory();
    let (reach, views) = (ReachRules::default(), ViewRules::default());
    let wait = ExpectedWait {
        p50_s: 60,
        p90_s: 600,
    };
    let facts = facts(&directory, None);
    let customer = Onlooker::new(&directory, &reach, &views, Audience::Customer);
    let customer = customer.with_expected_wait(id("desk"), wait);
    for (now, standing, told) in [
        ("2026-11-23T09:30:00Z", Standing::Busy, Some(wait)),
        ("2026-11-23T08:30:00Z", Standing::Available, None),
        ("2026-11-23T20:00:00Z", Standing::Closed, None),
    ] {
        let view = customer
            .group(&directory.groups()[0], &facts, at(now))
            .unwrap();
        assert_eq!(
            (view.standing, view.expected_wait),
            (standing, told),
            "{now}"
        );
    }
}

/// An embedder keeps his table of views as data, and cannot write one that gives a person away.
#[test]
fn a_table_of_views_is_data() {
    let rules = ViewRules::default();
    let text = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<ViewRules>(&text).unwrap(), rules);
    let table = r#"{"back_at": "customer", "state": "own_group"}"#;
    let rules: ViewRules = serde_json::from_str(table).unwrap();
    assert!(rules.shows(ViewField::BackAt, Audience::OwnGroup));
    assert!(!rules.shows(ViewField::State, Audience::Colleague));
    assert!(!rules.shows(ViewField::Ways, Audience::OwnGroup));
    for field in ViewField::ALL {
        let name = serde_json::to_value(field).unwrap();
        let table = format!("{{{name}: \"customer\"}}");
        let read = serde_json::from_str::<ViewRules>(&table);
        assert_eq!(read.is_ok(), field.is_for_customers(), "{table}");
    }
    let error = serde_json::from_str::<ViewRules>(r#"{"state": "customer"}"#).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("customers are never shown `state`"),
        "{error}"
    );
    assert!(serde_json::from_str::<ViewRules>(r#"{"title": "own_group"}"#).is_err());
}
