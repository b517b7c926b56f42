//! What a directory says of customers is checked, and every word about them is there in both
//! languages.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use bereik_core::acknowledgement::Acknowledgement;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::{Abandonment, ContactState};
use bereik_core::customer::CustomerProfile;
use bereik_core::directory::{Directory, DirectoryError, Draft};
use bereik_core::group::Group;
use bereik_core::id::{ContactId, LineId, PersonId};
use bereik_core::language::{Language, Localised};
use bereik_core::person::Person;
use bereik_core::triage::{Triage, TriageOption};
use bereik_core::urgency::Urgency;
use bereik_core::wording::Wording;
use bereik_core::zone::Zone;
use chrono::{DateTime, Utc};

fn draft() -> Draft {
    Draft::new("Rivers & Co", Zone::utc())
        .with_person(Person::new("anna".parse().unwrap(), "Anna"))
        .with_group(Group::new(
            "helpdesk".parse().unwrap(),
            "Helpdesk",
            vec!["anna".parse().unwrap()],
        ))
}

fn option(group: &str) -> TriageOption {
    TriageOption {
        label: Localised::new("An order").with(Language::Dutch, "Een bestelling"),
        group: Some(group.parse().unwrap()),
        requires: vec![],
        need: None,
    }
}

fn triage(groups: &[&str]) -> Triage {
    Triage {
        question: "What is it about?".into(),
        options: groups.iter().map(|group| option(group)).collect(),
        for_s: 30,
        words_go_on: false,
        channels: vec![],
    }
}

fn fault(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = draft();
    change(&mut draft);
    let checked: Result<Directory, DirectoryError> = draft.check();
    checked.unwrap_err().to_string()
}

#[test]
fn what_cannot_be_right_about_customers_is_named_with_its_place() {
    assert_eq!(
        fault(|draft| draft.reopen_for_s = u32::MAX),
        "reopen_for_s: 4294967295 is not between 0 and 31536000"
    );
    assert_eq!(
        fault(|draft| draft.silence.abandon_after_s = 0),
        "silence, abandon_after_s: 0 is not between 1 and 2592000"
    );
    assert_eq!(
        fault(|draft| draft.joining.quiet_for_s = u32::MAX),
        "joining, quiet_for_s: 4294967295 is not between 0 and 31536000"
    );
    assert_eq!(
        fault(|draft| draft.incident.contacts = 1),
        "incident, contacts: 1 is not between 2 and 1000"
    );
    assert_eq!(
        fault(|draft| draft.triage = Some(triage(&["helpdesk"]))),
        "triage, option: 1 are not 2 to 12 answers"
    );
    assert_eq!(
        fault(|draft| draft.triage = Some(triage(&["helpdesk", "sales"]))),
        "triage, option 2, group: there is no group `sales`"
    );
    let mut right = draft();
    right.triage = Some(triage(&["helpdesk", "helpdesk"]));
    assert!(right.check().is_ok());
}

#[test]
fn what_a_directory_says_of_customers_is_read_back_as_it_was_written() {
    let mut draft = draft();
    draft.triage = Some(triage(&["helpdesk", "helpdesk"]));
    draft.looks_up_customers = true;
    draft.joining.shared = vec!["info@example.org".parse().unwrap()];
    draft.joining.threaded = vec![ChannelKind::Email];
    let written = serde_json::to_string(&draft).unwrap();
    let read: Draft = serde_json::from_str(&written).unwrap();
    assert_eq!(
        (&read.joining, &read.triage),
        (&draft.joining, &draft.triage)
    );
    assert_eq!(serde_json::to_string(&read).unwrap(), written);
    let short = r#"{ "name": "Rivers", "zone": "UTC", "incident": { "within_s": 300 } }"#;
    let read: Draft = serde_json::from_str(short).unwrap();
    assert_eq!((read.incident.contacts, read.incident.within_s), (10, 300));
    assert_eq!(read.reopen_for_s, 14 * 86_400);
    let wrong = r#"{ "name": "Rivers", "zone": "UTC", "joining": { "sharde": [] } }"#;
    assert!(serde_json::from_str::<Draft>(wrong).is_err());
}

#[test]
fn a_profile_is_kept_within_bounds() {
    let profile = CustomerProfile {
        addresses: (0..20)
            .map(|n| format!("jan-{n}@example.org").parse().unwrap())
            .collect(),
        entitlements: (0..50).map(|n| format!("e{n}").parse().unwrap()).collect(),
        critical: (0..50)
            .map(|n| (format!("n{n:02}").parse().unwrap(), Urgency::High))
            .collect(),
        ..CustomerProfile::default()
    };
    let kept = profile.within_bounds();
    let sizes = (
        kept.addresses.len(),
        kept.entitlements.len(),
        kept.critical.len(),
    );
    assert_eq!(sizes, (8, 32, 32));
    assert_eq!(
        format!("{kept:?}"),
        "CustomerProfile(8 addresses, 32 critical)"
    );
}

#[test]
fn what_is_over_is_not_open() {
    let over = [
        ContactState::Abandoned(Abandonment::Silent),
        ContactState::Closed,
        ContactState::Merged(ContactId::new(1)),
    ];
    assert!(over.iter().all(|state| !state.is_open()));
    assert!(ContactState::AwaitingCustomer.is_open() && ContactState::Triage.is_open());
}

#[test]
fn every_word_about_customers_is_there_in_both_languages_and_says_when() {
    let now: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().unwrap();
    let at: DateTime<Utc> = "2026-11-23T14:05:00Z".parse().unwrap();
    let owner: PersonId = "anna".parse().unwrap();
    let triage = triage(&["helpdesk", "helpdesk"]);
    let timed = [
        Acknowledgement::AddedToOpen {
            owner: None,
            hear_by: Some(at),
        },
        Acknowledgement::AnswerElsewhere {
            answer_by: Some(at),
        },
        Acknowledgement::IncidentKnown {
            owner: None,
            next_word_by: at,
        },
        Acknowledgement::IncidentKnown {
            owner: Some(owner.clone()),
            next_word_by: at,
        },
        Acknowledgement::IncidentWordLate { next_word_by: at },
        Acknowledgement::NextWord { next_word_by: at },
        Acknowledgement::StillThere { kept_until: at },
    ];
    let untimed = [
        Acknowledgement::AddedToOpen {
            owner: Some(owner),
            hear_by: None,
        },
        Acknowledgement::AddedToOpen {
            owner: None,
            hear_by: None,
        },
        Acknowledgement::AnswerElsewhere { answer_by: None },
        Acknowledgement::IncidentOver,
        Acknowledgement::Merged,
    ];
    let (name_of, address_of) = (|_: &PersonId| "Anna".into(), |_: &LineId| String::new());
    let zone = Zone::utc();
    for language in [Language::Dutch, Language::English] {
        let wording = Wording {
            language,
            zone: &zone,
            now,
            name_of: &name_of,
            address_of: &address_of,
        };
        for said in &timed {
            assert!(wording.acknowledgement(said).contains("14:05"), "{said:?}");
        }
        for said in &untimed {
            assert!(!wording.acknowledgement(said).is_empty(), "{said:?}");
        }
        let asked = wording.acknowledgement(&Acknowledgement::TriageAsked {
            question: triage.question.clone(),
            options: triage.options.iter().map(|o| o.label.clone()).collect(),
            go_on_at: now + chrono::TimeDelta::seconds(30),
        });
        let label = triage.options[0].label.in_language(language);
        assert!(asked.contains(&format!("2. {label}")) && asked.contains("30 sec"));
    }
}
