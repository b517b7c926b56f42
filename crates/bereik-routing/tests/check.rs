//! What the configuration check finds, each in the smallest company that has it, and nothing in one that
//! is as it should be.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use bereik_core::agreement::{Agreement, Ask, EscalationPolicy, Level, Target};
use bereik_core::directory::Draft;
use bereik_core::group::{Circle, Group, Requirement};
use bereik_core::hours::{Hours, Week};
use bereik_core::line::Line;
use bereik_core::page::PageRule;
use bereik_core::person::Person;
use bereik_core::triage::{Triage, TriageOption};
use bereik_core::{ChannelKind, Interval, Urgency, Zone};
use bereik_routing::{Finding, FindingKind, Late, Severity, Subject, WaySet, check};

fn range() -> Interval {
    span("2026-11-23T00:00:00Z/2026-12-07T00:00:00Z")
}

fn span(text: &str) -> Interval {
    text.parse().unwrap()
}

fn phone(id: &str, needs: &[&str]) -> Line {
    let address = "tel:+31612345678".parse().unwrap();
    let mut line = Line::new(id.parse().unwrap(), ChannelKind::Phone, address);
    line.depends_on = needs.iter().map(|need| (*need).to_owned()).collect();
    line
}

fn mail(id: &str) -> Line {
    let address = "duty@rivers.example".parse().unwrap();
    Line::new(id.parse().unwrap(), ChannelKind::Email, address)
}

fn ask(person: &str) -> Ask {
    Ask::Person(person.parse().unwrap())
}

fn level(ask: Ask, for_s: u32) -> Level {
    let ask = vec![ask];
    Level { ask, for_s }
}

/// A company as it should be: one helpdesk day and night, Eva on call over two lines that fail apart, and
/// a calamity line.
fn draft() -> Draft {
    let eva = Person::new("eva".parse().unwrap(), "Eva")
        .with_line(phone("eva-mobile", &["mobile"]))
        .with_line(phone("eva-home", &["fibre"]));
    let mut helpdesk = Group::new(
        "helpdesk".parse().unwrap(),
        "Helpdesk",
        vec!["anna".parse().unwrap()],
    );
    helpdesk.agreement = Some("always".parse().unwrap());
    let mut draft = Draft::new("Rivers & Co", Zone::utc())
        .with_person(Person::new("anna".parse().unwrap(), "Anna"))
        .with_person(eva)
        .with_group(helpdesk);
    draft.lines.push(phone("calamity", &["exchange"]));
    draft.calamity_lines.push("calamity".parse().unwrap());
    draft.agreements.push(Agreement {
        id: "always".parse().unwrap(),
        hours: None,
        targets: Vec::new(),
        warn_percent: 75,
    });
    draft.escalations.push(EscalationPolicy {
        id: "standard".parse().unwrap(),
        levels: vec![level(ask("eva"), 120)],
        repeat_max: 0,
    });
    draft.default_escalation = Some("standard".parse().unwrap());
    draft
}

/// What is found once this is changed.
fn found(change: impl FnOnce(&mut Draft)) -> Vec<Finding> {
    let mut draft = draft();
    change(&mut draft);
    check(&draft.check().unwrap(), range())
}

/// The one thing that is found, and what it says.
fn one(change: impl FnOnce(&mut Draft)) -> (Finding, String) {
    let mut found = found(change);
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = found.remove(0);
    let text = finding.to_string();
    (finding, text)
}

fn add_hours(draft: &mut Draft, id: &str, text: Option<&str>) {
    let day = || text.iter().map(|text| text.parse().unwrap()).collect();
    let week = Week {
        mon: day(),
        tue: day(),
        wed: day(),
        thu: day(),
        fri: day(),
        sat: day(),
        sun: day(),
    };
    draft.hours.insert(id.parse().unwrap(), Hours::new(week));
}

#[test]
fn nothing_is_found_where_all_is_as_it_should_be() {
    assert_eq!(found(|_| {}), []);
}

#[test]
fn a_calamity_without_a_line() {
    let (finding, text) = one(|draft| draft.calamity_lines.clear());
    assert_eq!(finding.severity, Severity::Alone);
    assert_eq!(text, "a calamity has no line");
    assert_eq!(finding.ranges, []);
}

#[test]
fn a_calamity_line_that_is_out_of_service_at_night_names_the_nights() {
    let (finding, text) = one(|draft| {
        add_hours(draft, "day", Some("08:00-24:00"));
        draft.lines[0].hours = Some("day".parse().unwrap());
    });
    assert_eq!(finding.kind, FindingKind::CalamityWithoutLine);
    assert_eq!(text, "no calamity line is in service at some times");
    assert_eq!(finding.ranges.len(), 14);
    assert_eq!(
        finding.ranges[1],
        span("2026-11-24T00:00:00Z/2026-11-24T08:00:00Z")
    );
}

#[test]
fn hours_in_which_answers_are_promised_and_nobody_is_there() {
    let (finding, text) = one(|draft| {
        add_hours(draft, "office", Some("09:00-17:00"));
        add_hours(draft, "long", Some("08:00-17:30"));
        draft.default_hours = Some("office".parse().unwrap());
        draft.agreements[0].hours = Some("long".parse().unwrap());
        let lines = &mut draft.people[1].lines;
        lines[0].hours = Some("office".parse().unwrap());
        lines[1].hours = Some("office".parse().unwrap());
        draft.escalations[0].levels = vec![level(Ask::Group("helpdesk".parse().unwrap()), 60)];
    });
    assert_eq!(finding.severity, Severity::Alone);
    assert_eq!(finding.kind, FindingKind::Uncovered);
    assert_eq!(
        text,
        "group helpdesk promises answers while nobody is on duty and no line is in service"
    );
    assert_eq!(
        finding.ranges[..2],
        [
            span("2026-11-23T08:00:00Z/2026-11-23T09:00:00Z"),
            span("2026-11-23T17:00:00Z/2026-11-23T17:30:00Z"),
        ]
    );
}

#[test]
fn whoever_is_on_call_over_one_line_or_none() {
    let (finding, text) = one(|draft| draft.people[1].lines.truncate(1));
    assert_eq!(finding.severity, Severity::Slower);
    assert_eq!(text, "eva is on call and has only one line in service");
    let found = found(|draft| draft.people[1].lines.clear());
    let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "level 1 of escalation standard never has anybody",
            "eva is on call and has no line in service",
        ]
    );
}

#[test]
fn lines_of_one_person_that_fall_together() {
    let (finding, text) = one(|draft| draft.people[1].lines[1].depends_on = vec!["mobile".into()]);
    assert_eq!(finding.subject, Subject::Person("eva".parse().unwrap()));
    assert_eq!(
        text,
        "all lines of eva, who is on call, fall together with mobile: eva-home, eva-mobile"
    );
}

#[test]
fn lines_of_one_level_that_fall_together() {
    let (finding, text) = one(|draft| {
        draft.lines.push(phone("duty", &["exchange"]));
        draft.lines.push(phone("guard", &["guards", "exchange"]));
        draft.people.pop();
        draft.lines[0].depends_on.clear();
        let line = |id: &str| Ask::Line(id.parse().unwrap());
        draft.escalations[0].levels[0].ask = vec![line("duty"), line("guard")];
    });
    assert_eq!(
        finding.subject,
        Subject::Level("standard".parse().unwrap(), 1)
    );
    assert_eq!(
        text,
        "all lines of level 1 of escalation standard fall together with exchange: duty, guard"
    );
}

#[test]
fn the_calamity_line_and_the_second_line_over_one_uplink() {
    let found = found(|draft| {
        draft.lines[0].depends_on = vec!["fibre".into()];
        draft.people[1].lines[0].depends_on = vec!["fibre".into(), "mobile".into()];
    });
    assert_eq!(found[0].severity, Severity::Alone);
    assert_eq!(
        found[0].to_string(),
        "the calamity line and all lines of escalation standard fall together with fibre: \
         calamity, eva-home, eva-mobile"
    );
    let ways = |finding: &Finding| match finding.kind {
        FindingKind::FallTogether { ways, .. } => Some(ways),
        _ => None,
    };
    let ways: Vec<_> = found.iter().filter_map(ways).collect();
    assert_eq!(ways, [WaySet::Everything, WaySet::Person]);
}

#[test]
fn the_calamity_line_and_the_second_line_where_a_third_is_left() {
    let (finding, text) = one(|draft| {
        draft.lines[0].depends_on = vec!["fibre".into()];
        draft.lines.push(phone("duty", &["fibre", "exchange"]));
        let duty = Ask::Line("duty".parse().unwrap());
        draft.escalations[0].levels.insert(0, level(duty, 10));
    });
    assert_eq!(finding.severity, Severity::Slower);
    assert_eq!(
        text,
        "the calamity line and the second line of escalation standard fall together with fibre: \
         calamity, duty"
    );
}

#[test]
fn a_level_that_never_has_anybody() {
    let (finding, text) = one(|draft| {
        add_hours(draft, "never", None);
        let mut line = mail("duty");
        line.hours = Some("never".parse().unwrap());
        draft.lines.push(line);
        let duty = Ask::Line("duty".parse().unwrap());
        draft.escalations[0].levels.push(level(duty, 60));
    });
    assert_eq!(finding.kind, FindingKind::UnreachableLevel);
    assert_eq!(text, "level 2 of escalation standard never has anybody");
}

#[test]
fn a_level_after_one_that_lasts_for_ever() {
    let (finding, text) = one(|draft| {
        let levels = &mut draft.escalations[0].levels;
        levels[0].for_s = 86_400;
        levels.push(level(ask("eva"), 60));
    });
    assert_eq!(
        finding.kind,
        FindingKind::UnreachedLevel { after_s: 86_400 }
    );
    assert_eq!(
        text,
        "level 2 of escalation standard begins only after 24 h"
    );
}

#[test]
fn a_mailbox_before_the_first_person_is_a_delay() {
    let (finding, text) = one(|draft| {
        draft.lines.push(mail("duty"));
        let duty = Ask::Line("duty".parse().unwrap());
        draft.escalations[0].levels.insert(0, level(duty, 300));
        draft.agreements[0].targets.push(Target {
            urgency: Urgency::High,
            channel: Some(ChannelKind::Email),
            acknowledge_for_s: 60,
            answer_for_s: 1_200,
            next_answer_for_s: None,
            resolve_for_s: None,
        });
    });
    assert_eq!(finding.severity, Severity::Slower);
    let FindingKind::Delay { late, groups } = finding.kind else {
        panic!("{text}");
    };
    assert_eq!(groups, ["helpdesk".parse().unwrap()]);
    // Three quarters of twenty minutes and five are the twenty.
    let is_of = |late: &Late, urgency, channel| (late.urgency, late.channel) == (urgency, channel);
    assert!(
        !late
            .iter()
            .any(|late| is_of(late, Urgency::High, ChannelKind::Email))
    );
    assert!(late.contains(&Late {
        urgency: Urgency::Normal,
        channel: ChannelKind::Phone,
        after_s: 345,
        target_s: 60,
    }));
    // A calamity has a line that is answered live.
    assert!(late.iter().all(|late| late.urgency != Urgency::Calamity));
    assert_eq!(
        text,
        "when nobody of helpdesk answers, escalation standard asks the next person up to 5 min 45 after \
         a web chat of high urgency came in, due within 60 s; and late in 11 more cases"
    );
}

#[test]
fn a_skill_that_nobody_has() {
    let page = |group: Option<&str>| PageRule {
        pattern: "/billing/*".into(),
        group: group.map(|id| id.parse().unwrap()),
        need: None,
        requires: vec![Requirement {
            skill: "billing".parse().unwrap(),
            at_least: 3,
            is_soft: false,
        }],
        urgency: Urgency::Normal,
    };
    let (finding, text) = one(|draft| draft.pages.push(page(None)));
    assert_eq!(finding.severity, Severity::Slower);
    assert_eq!(
        text,
        "row 1 of the pages needs billing at 3 or better, which nobody of group helpdesk has"
    );
    // Who has too little of it, or is not asked, does not count.
    let (finding, _) = one(|draft| {
        draft.escalations[0].levels = Vec::new();
        draft.people[0].skills.insert("billing".parse().unwrap(), 2);
        draft.people[1].skills.insert("billing".parse().unwrap(), 5);
        draft.pages.push(page(Some("helpdesk")));
    });
    assert_eq!(finding.severity, Severity::Alone);
    // A circle that keeps requirements brings somebody who has it.
    let found = found(|draft| {
        draft.people[1].skills.insert("billing".parse().unwrap(), 5);
        let members = vec!["eva".parse().unwrap()];
        draft
            .groups
            .push(Group::new("second".parse().unwrap(), "Second", members));
        let circle = Circle {
            after_s: 60,
            keeps_requirements: true,
            groups: vec!["second".parse().unwrap()],
            ..Circle::default()
        };
        draft.groups[0].circles.push(circle);
        draft.pages.push(page(Some("helpdesk")));
    });
    assert_eq!(found, []);
}

#[test]
fn members_without_a_hand_free() {
    let (_, text) = one(|draft| {
        draft.people[0].capacity.insert(ChannelKind::WebChat, 0);
    });
    assert_eq!(
        text,
        "anna can hold nothing over web chat, and nobody else of a group can"
    );
    let (finding, _) = one(|draft| {
        draft.people[0].capacity.insert(ChannelKind::WebChat, 0);
        let members = &mut draft.groups[0].members;
        members.push("eva".parse().unwrap());
    });
    assert_eq!(finding.severity, Severity::Untidy);
}

#[test]
fn members_of_a_group_that_a_level_asks_are_on_call_too() {
    let (finding, text) = one(|draft| {
        draft.people[1].lines.truncate(1);
        let members = vec!["eva".parse().unwrap()];
        let duty = Group::new("duty".parse().unwrap(), "Duty", members);
        draft.groups.push(duty);
        draft.escalations[0].levels[0].ask = vec![Ask::Group("duty".parse().unwrap())];
    });
    assert_eq!(finding.severity, Severity::Untidy);
    assert_eq!(text, "eva is on call and has only one line in service");
}

#[test]
fn groups_in_groups_have_their_members() {
    let inner = |draft: &mut Draft| {
        let members = vec!["eva".parse().unwrap()];
        let duty = Group::new("duty".parse().unwrap(), "Duty", members);
        let mut outer = Group::new("outer".parse().unwrap(), "Outer", vec![]);
        outer.groups = vec!["duty".parse().unwrap()];
        draft.groups.extend([duty, outer]);
        draft.escalations[0].levels[0].ask = vec![Ask::Group("outer".parse().unwrap())];
    };
    assert_eq!(found(inner), []);
    // Eva has the skill, through the group in the group.
    let needed = found(|draft| {
        inner(draft);
        draft.people[1].skills.insert("billing".parse().unwrap(), 3);
        draft.pages.push(PageRule {
            pattern: "/billing/*".into(),
            group: Some("outer".parse().unwrap()),
            need: None,
            requires: vec![Requirement::new("billing".parse().unwrap(), 3)],
            urgency: Urgency::Normal,
        });
    });
    assert_eq!(needed, []);
}

#[test]
fn a_skill_that_an_option_of_triage_needs_and_one_of_which_less_is_enough_later() {
    let triage = |draft: &mut Draft| {
        let option = TriageOption {
            label: "A bill.".into(),
            group: Some("helpdesk".parse().unwrap()),
            requires: vec![Requirement::new("billing".parse().unwrap(), 3)],
            need: None,
        };
        draft.triage = Some(Triage {
            question: "What is it about?".into(),
            options: vec![option.clone(), option],
            for_s: 30,
            words_go_on: true,
            channels: vec![],
        });
        draft.people[0].skills.insert("billing".parse().unwrap(), 2);
    };
    let texts: Vec<_> = found(triage).iter().map(ToString::to_string).collect();
    let needs = "needs billing at 3 or better, which nobody of group helpdesk has";
    assert_eq!(
        texts,
        [1, 2].map(|number| format!("option {number} of triage {needs}"))
    );
    let lowered = found(|draft| {
        triage(draft);
        let mut circle = Circle {
            after_s: 60,
            keeps_requirements: true,
            ..Circle::default()
        };
        circle.lowers.insert("billing".parse().unwrap(), 2);
        draft.groups[0].circles.push(circle);
    });
    assert_eq!(lowered, []);
}

#[test]
fn a_total_into_which_not_even_one_contact_goes() {
    let (finding, text) = one(|draft| {
        draft.people[0].capacity_total = Some(2);
        draft.hands.weights.insert(ChannelKind::Phone, 3);
        for kind in ChannelKind::ALL {
            if kind != ChannelKind::Phone {
                draft.hands.weights.insert(kind, 1);
            }
        }
    });
    assert_eq!(finding.severity, Severity::Slower);
    assert_eq!(
        text,
        "anna can hold 2 in all, and one contact over phone takes 3"
    );
}
