//! The company of the stories: Rivers & Co, with a helpdesk, a second line and somebody on call.

use bereik_core::agreement::{Agreement, Ask, EscalationPolicy, Level, Target};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::{Circle, Group, Requirement, Strategy};
use bereik_core::hands::{AtOnce, Beside};
use bereik_core::hours::{Hours, Week};
use bereik_core::line::Line;
use bereik_core::page::PageRule;
use bereik_core::person::Person;
use bereik_core::triage::{Triage, TriageOption};
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

/// `chats NUMBER`, `chats-beside-call NUMBER`, `wrap-up SECONDS`, `cool-down SECONDS`,
/// `consult-asked NUMBER`, `warm SECONDS`, `owner-away at-once`.
fn differ(draft: &mut Draft, how: &str) {
    let (what, much) = how.split_once(' ').expect("what, and how much");
    let number = || much.parse::<u32>().expect("a number");
    let hands = &mut draft.hands;
    match what {
        "chats" => {
            for person in &mut draft.people {
                let chats = u8::try_from(number()).expect("a small number");
                person.capacity.insert(ChannelKind::WebChat, chats);
            }
        }
        "chats-beside-call" => {
            hands.beside = vec![Beside {
                holding: ChannelKind::Phone,
                of: ChannelKind::WebChat,
                at_most: u8::try_from(number()).expect("a small number"),
            }];
        }
        "wrap-up" => {
            hands.wrap_up_s.insert(ChannelKind::WebChat, number());
        }
        "consult-asked" => {
            hands.consult_asked_max = u8::try_from(number()).expect("a small number");
        }
        "cool-down" => draft.groups[0].cool_down_s = number(),
        "warm" => hands.warm_for_s = number(),
        "owner-away" => {
            hands.owner_away.at_once = match much {
                "ask-participants" => AtOnce::AskParticipants,
                "reroute-waiting" => AtOnce::RerouteWaiting,
                _ => panic!("not a rule: {much}"),
            }
        }
        _ => panic!("not a difference: {how}"),
    }
}

/// Anna, Bram and Chris are the helpdesk; Dina can more and is the second line; Eva is on call by
/// mobile; sales rings all; everything of the company is always in service.
///
/// `differs` says in what it is another one.
pub(crate) fn directory(differs: &[&str]) -> Directory {
    let mut draft = draft();
    for one in differs {
        differ(&mut draft, one);
    }
    draft.check().expect("the company of the stories is right")
}

/// The same company with one thing more: `triage`, `look-ups`, `incidents`, `shared-number` (an
/// address of many customers), `short-memory` (a closed contact is reopened for an hour only).
pub(crate) fn with(what: &str) -> Directory {
    let mut draft = draft();
    match what {
        "incidents" => {
            draft.incident.contacts = 3;
            draft.incident.within_s = 300;
        }
        "look-ups" => draft.looks_up_customers = true,
        "shared-number" => {
            let number = "tel:+31201112222".parse().expect("a number");
            draft.joining.shared.push(number);
        }
        "short-memory" => draft.reopen_for_s = 3_600,
        "triage" => draft.triage = Some(triage()),
        _ => panic!("not a thing more: {what}"),
    }
    draft.check().expect("the company of the stories is right")
}

fn triage() -> Triage {
    let option = |label: &str, group: &str| TriageOption {
        label: label.into(),
        group: Some(group.parse().expect("an id")),
        requires: vec![],
        need: None,
    };
    let mut shop = option("The shop is down.", "second-line");
    shop.need = Some("webshop".parse().expect("an id"));
    Triage {
        question: "What is it about?".into(),
        options: vec![option("An order.", "sales"), shop],
        for_s: 30,
        words_go_on: true,
        channels: vec![],
    }
}

/// The same company under another name has changed something.
pub(crate) fn changed(name: &str) -> Directory {
    let mut draft = draft();
    let mut levels = draft.escalations[0].levels.clone();
    match name {
        // An agreement with office hours, a lunch, and Thursday off.
        "office" => {
            let day = ["08:30-12:00", "12:30-17:00"].map(|s| s.parse().expect("a stretch"));
            let week = Week {
                mon: day.into(),
                tue: day.into(),
                wed: day.into(),
                thu: day.into(),
                fri: day.into(),
                sat: Vec::new(),
                sun: Vec::new(),
            };
            let closed = "2026-11-26".parse().expect("a date");
            let hours = Hours::new(week).with_closed([closed]);
            draft.hours.insert("office".parse().expect("an id"), hours);
            draft.agreements.push(Agreement {
                id: "office".parse().expect("an id"),
                hours: Some("office".parse().expect("an id")),
                targets: vec![Target {
                    urgency: Urgency::Normal,
                    channel: None,
                    acknowledge_for_s: 5,
                    answer_for_s: 600,
                    next_answer_for_s: Some(1_200),
                    resolve_for_s: Some(8 * 3_600),
                }],
                warn_percent: 50,
            });
            draft.default_agreement = Some("office".parse().expect("an id"));
        }
        // The first level rings for a day, and there is no calamity line.
        "patient" => {
            draft.calamity_lines.clear();
            levels[0].for_s = 86_400;
        }
        // Whoever is on call is one of the helpdesk.
        "eva-at-helpdesk" => {
            draft.groups[0].members.push("eva".parse().expect("an id"));
        }
        // Nobody but whoever is on call is asked in a calamity.
        "eva-alone" => {
            draft.calamity_lines.clear();
            levels.truncate(1);
        }
        // She is one of the helpdesk, and a calamity has no line but the policy.
        "desk-left-open" => {
            draft.groups[0].members.push("eva".parse().expect("an id"));
            draft.calamity_lines.clear();
            draft.escalations[0].repeat_max = 3;
            levels.truncate(1);
        }
        // The policy is gone through until somebody answers.
        "for-ever" => draft.escalations[0].repeat_max = EscalationPolicy::FOR_EVER,
        // The policy asks the mail line only, and sooner gives up.
        "mail-only" => {
            levels.remove(0);
            levels[0].for_s = 60;
        }
        _ => panic!("not a company: {name}"),
    }
    draft.escalations[0].levels = levels;
    draft.check().expect("the company of the stories is right")
}

fn draft() -> Draft {
    let mut draft = Draft::new("Rivers & Co", Zone::utc());
    let mobile = line("eva-mobile", ChannelKind::Phone, "tel:+31612345678");
    let own = line("anna-desk", ChannelKind::Phone, "tel:+31201234567");
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
        line("duty-mail", ChannelKind::Email, "duty@example.org"),
        line("whatsapp", ChannelKind::Social, "tel:+31207654322"),
        line("calamity", ChannelKind::Phone, "tel:+31207654321"),
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
    draft.pages = pages();
    draft
}

fn pages() -> Vec<PageRule> {
    let rule = |pattern: &str, requires, urgency| PageRule {
        pattern: pattern.into(),
        group: Some("helpdesk".parse().expect("an id")),
        requires,
        urgency,
        need: None,
    };
    let billing = Requirement {
        skill: "billing".parse().expect("an id"),
        at_least: 3,
        is_soft: false,
    };
    vec![
        rule("/billing/*", vec![billing], Urgency::Normal),
        rule("line:whatsapp", Vec::new(), Urgency::High),
    ]
}

fn line(id: &str, channel: ChannelKind, address: &str) -> Line {
    let id = id.parse().expect("an id");
    Line::new(id, channel, address.parse().expect("an address"))
}
