//! The words for a wait, in both languages.

use bereik_core::acknowledgement::Acknowledgement;
use bereik_core::id::{LineId, PersonId};
use bereik_core::language::Language;
use bereik_core::wording::Wording;
use bereik_core::zone::Zone;
use chrono::{DateTime, TimeDelta, Utc};

fn told(language: Language, ahead: u32, expected_s: Option<(u32, u32)>) -> String {
    let now: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().expect("an instant");
    let zone = Zone::utc();
    let wording = Wording {
        language,
        zone: &zone,
        now,
        name_of: &|person: &PersonId| person.to_string(),
        address_of: &|line: &LineId| line.to_string(),
    };
    wording.acknowledgement(&Acknowledgement::Waiting {
        answer_by: now + TimeDelta::minutes(10),
        ahead,
        expected_s,
    })
}

#[test]
fn who_waits_hears_how_long_most_wait() {
    let english = told(Language::English, 2, Some((65, 530)));
    assert_eq!(
        english,
        "Everybody is helping somebody else; 2 before you. Most wait 1 to 9 minutes. You will hear from us within 10 minutes. You can keep writing."
    );
    let dutch = told(Language::Dutch, 0, Some((20, 290)));
    assert_eq!(
        dutch,
        "Iedereen is met iemand anders bezig; u bent de volgende. De meesten wachten hooguit 5 minuten. Binnen 10 minuten hoort u van ons. U kunt intussen doorschrijven."
    );
}

#[test]
fn a_range_is_told_in_whole_minutes_or_hours_that_hold_it() {
    let most = |expected_s| {
        let told = told(Language::English, 0, Some(expected_s));
        let from = told.find("Most wait").expect("the range is told");
        let rest = &told[from..];
        rest[..=rest.find('.').expect("a sentence")].to_owned()
    };
    for (expected_s, words) in [
        ((0, 0), "Most wait at most a minute."),
        ((60, 60), "Most wait at most a minute."),
        ((59, 61), "Most wait at most 2 minutes."),
        ((120, 120), "Most wait 1 to 2 minutes."),
        ((600, 5_400), "Most wait 10 to 90 minutes."),
        ((600, 5_401), "Most wait at most 2 hours."),
        ((7_200, 40_000), "Most wait 2 to 12 hours."),
    ] {
        assert_eq!(most(expected_s), words, "{expected_s:?}");
    }
    let none = told(Language::English, 0, None);
    assert!(!none.contains("Most wait"), "{none}");
}
