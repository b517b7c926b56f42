//! A roster that is kept in a calendar, as one rule among others.

use bereik::calendar::{Limits, Reading, ShiftNames};
use bereik::core::{Interval, PersonId, Zone};
use bereik::presence::roster::{Change, Layering, Roster, Rule};

/// Anna takes the nights of a week, each event naming her in its title.
const CALENDAR: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Anna on call\r\n\
    DTSTART;TZID=Europe/Amsterdam:20261123T200000\r\nDURATION:PT12H\r\nRRULE:FREQ=DAILY;COUNT=5\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn shifts_of_a_calendar_are_a_rule() {
    let person = |name: &str| -> PersonId { name.parse().expect("an id") };
    let week: Interval = "2026-11-23T00:00:00Z/2026-11-30T00:00:00Z".parse().unwrap();
    let names = ShiftNames::new().with_title("Anna on call", person("anna"));
    let calendar = bereik::calendar::read_shifts(CALENDAR.as_bytes(), &Limits::default(), &names);
    let shifts = calendar.shifts(week, &Reading::new()).value;
    assert_eq!(shifts.len(), 5);

    let ill: Interval = "2026-11-24T19:00:00Z/2026-11-25T07:00:00Z".parse().unwrap();
    let replaced = Change::Replace {
        person: person("anna"),
        with: person("bram"),
    };
    let roster = Roster::new(Zone::named("Europe/Amsterdam").unwrap())
        .with_layering(Layering::LastWins)
        .with_rule(Rule::person(person("cleo")))
        .with_rule(Rule::shifts(shifts.clone()))
        .with_override(ill, replaced);
    let all = roster.shifts(week);
    let of = |name: &str| -> Vec<Interval> {
        let shifts = all.iter().filter(|shift| shift.person == person(name));
        shifts.map(|shift| shift.interval).collect()
    };
    let nights: Vec<Interval> = shifts.iter().map(|shift| shift.interval).collect();
    assert_eq!(of("bram"), [ill]);
    assert_eq!(of("anna"), [&nights[..1], &nights[2..]].concat());
    assert_eq!(of("cleo").len(), 6, "the days between the nights");
    assert!(
        all.windows(2)
            .all(|pair| pair[0].interval.end() == pair[1].interval.start())
    );
}
