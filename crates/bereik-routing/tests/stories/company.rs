//! The company of the stories: Rivers & Co, with a helpdesk, a second line and somebody on call.

use bereik_core::agreement::{Ask, EscalationPolicy, Level};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::{Circle, Group, Requirement, Strategy};
use bereik_core::line::Line;
use bereik_core::page::PageRule;
use bereik_core::person::Person;
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;

fn person(id: &str) -> Person {
    let mut name = id.to_owned();
    name[..1].make_ascii_uppercase();
    Person::new(id.parse().expect("an id"), name)
}

fn group(id: &str, members: &[&str]) -> Group {
    let members = members.iter().map(|id| id.parse().expect("an id"));
    let mut group = Group::new(id.parse().expect("an id"), id, members.collect());
    group.is_public = true;
    group
}

/// Anna, Bram and Chris are the helpdesk; Dina can more and is the second line; Eva is on call by
/// mobile; sales rings all; everything of the company is always in service.
pub(crate) fn directory() -> Directory {
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    let mobile = Line::new(
        "eva-mobile".parse().expect("an id"),
        ChannelKind::Phone,
        "tel:+31612345678".parse().expect("a number"),
    );
    let own = Line::new(
        "anna-desk".parse().expect("an id"),
        ChannelKind::Phone,
        "tel:+31201234567".parse().expect("a number"),
    );
    draft.people = vec![
        person("anna").with_line(own.public()),
        person("bram"),
        person("chris").with_skill("billing".parse().expect("an id"), 3),
        person("dina").with_skill("billing".parse().expect("an id"), 5),
        person("eva").with_line(mobile),
    ];
    for person in &mut draft.people {
        person.capacity.insert(ChannelKind::WebChat, 1);
    }
    draft.groups = vec![
        group("helpdesk", &["anna", "bram", "chris"]).with_circle(Circle {
            after_s: 60,
            keeps_requirements: false,
            drops: Vec::new(),
            lowers: std::collections::BTreeMap::new(),
            groups: vec!["second-line".parse().expect("an id")],
        }),
        group("second-line", &["dina"]),
        group("sales", &["anna", "bram", "chris"]).with_strategy(Strategy::RingAll),
    ];
    draft.lines = vec![
        Line::new(
            "duty-mail".parse().expect("an id"),
            ChannelKind::Email,
            "duty@example.org".parse().expect("an address"),
        ),
        Line::new(
            "calamity".parse().expect("an id"),
            ChannelKind::Phone,
            "tel:+31207654321".parse().expect("a number"),
        ),
    ];
    draft.calamity_lines = vec!["calamity".parse().expect("an id")];
    let level = |ask, for_s| Level {
        ask: vec![ask],
        for_s,
    };
    draft.escalations = vec![EscalationPolicy {
        id: "standard".parse().expect("an id"),
        levels: vec![
            level(Ask::Person("eva".parse().expect("an id")), 120),
            level(Ask::Line("duty-mail".parse().expect("an id")), 300),
        ],
        repeat_max: 0,
    }];
    draft.default_escalation = Some("standard".parse().expect("an id"));
    draft.pages = vec![PageRule {
        pattern: "/billing/*".into(),
        group: Some("helpdesk".parse().expect("an id")),
        requires: vec![Requirement {
            skill: "billing".parse().expect("an id"),
            at_least: 3,
            is_soft: false,
        }],
        urgency: Urgency::Normal,
    }];
    draft.check().expect("the company of the stories is right")
}
