//! Small companies: what exists, in figures that are bent into range.

use bereik_core::agreement::{Agreement, Ask, EscalationPolicy, Level, Target};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::{Circle, Group, Policy, Requirement, Strategy as Pick};
use bereik_core::id::{PersonId, SkillId};
use bereik_core::line::Line;
use bereik_core::page::PageRule;
use bereik_core::person::Person;
use bereik_core::urgency::Urgency;
use bereik_core::zone::Zone;

use super::hold::Hold;
use super::serving::Serving;

pub(crate) const PEOPLE: usize = 5;
pub(crate) const GROUPS: usize = 3;
pub(crate) const POLICIES: [Policy; 8] = [
    Policy::CalamityFirstCost,
    Policy::CalamityFirstDeadline,
    Policy::CalamityFirstDeferring,
    Policy::Cost,
    Policy::Deadline,
    Policy::FirstInFirstOut,
    Policy::Score,
    Policy::StrictPriority,
];
pub(crate) const CALAMITY_LINE: &str = "red-line";

pub(crate) fn person_id(number: usize) -> PersonId {
    format!("p{}", number % PEOPLE).parse().expect("an id")
}

/// What a company is made of; every number is bent into range.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    pub(crate) capacities: Vec<u8>,
    pub(crate) skilled: Vec<bool>,
    pub(crate) with_mobile: Vec<bool>,
    pub(crate) members: Vec<Vec<usize>>,
    pub(crate) picks: Vec<Choosing>,
    pub(crate) nested: bool,
    pub(crate) circles: Vec<(u32, bool, usize)>,
    pub(crate) drops: bool,
    pub(crate) offer_for_s: u32,
    /// Which policy, cap and reserve each group has.
    pub(crate) turns: Vec<(usize, u32, Option<u32>)>,
    pub(crate) answer_for_s: u32,
    pub(crate) has_agreement: bool,
    pub(crate) has_calamity_line: bool,
    pub(crate) levels: Vec<(usize, u32)>,
    pub(crate) repeat_max: u32,
    pub(crate) next_answer_for_s: Option<u32>,
    pub(crate) resolve_for_s: Option<u32>,
    pub(crate) serving: Serving,
    pub(crate) hands: Hold,
}

/// How one group chooses.
#[derive(Clone, Debug)]
pub(crate) struct Choosing {
    pub(crate) strategy: Pick,
    pub(crate) offers_at_once: u8,
    pub(crate) knows_for_s: u32,
    pub(crate) spares_rare_skills: bool,
    pub(crate) weight: u32,
}

impl Company {
    fn people(&self) -> Vec<Person> {
        (0..PEOPLE)
            .map(|number| {
                let id = person_id(number);
                let name = format!("Person {number}");
                let mut person = Person::new(id, name);
                if self.skilled[number] {
                    person = person.with_skill("sewing".parse().expect("an id"), 3);
                }
                if self.with_mobile[number] {
                    let id = format!("mobile-{number}").parse().expect("an id");
                    let address = format!("tel:+3161234567{number}");
                    let address = address.parse().expect("a number");
                    person = person.with_line(Line::new(id, ChannelKind::Phone, address));
                }
                let capacity = self.capacities[number];
                person.capacity.insert(ChannelKind::WebChat, capacity);
                person.capacity.insert(ChannelKind::Email, 1);
                person
            })
            .collect()
    }

    fn groups(&self) -> Vec<Group> {
        let id = |number: usize| format!("g{number}").parse().expect("an id");
        (0..GROUPS)
            .map(|number| {
                let mut members: Vec<_> =
                    self.members[number].iter().map(|p| person_id(*p)).collect();
                members.sort();
                members.dedup();
                let mut group = Group::new(id(number), ["One", "Two", "Three"][number], members);
                let pick = &self.picks[number];
                group = group.with_strategy(pick.strategy);
                group.offers_at_once = pick.offers_at_once;
                group.knows_for_s = pick.knows_for_s;
                group.spares_rare_skills = pick.spares_rare_skills;
                let first = group.members[0].clone();
                if pick.weight > 1 {
                    group.weights.insert(first, pick.weight);
                }
                if self.nested && number == 2 {
                    group.groups.push(id(1));
                }
                group.offer_for_s = self.offer_for_s;
                group.cool_down_s = self.hands.cool_down_s;
                let (policy, cap, reserve) = self.turns[number];
                (group.policy, group.cap, group.reserve) = (POLICIES[policy], cap, reserve);
                let mut after_s = 0;
                for (wait_s, keeps_requirements, with) in &self.circles {
                    after_s += wait_s;
                    group = group.with_circle(Circle {
                        after_s,
                        keeps_requirements: *keeps_requirements,
                        drops: self.dropped(),
                        lowers: std::collections::BTreeMap::new(),
                        groups: std::vec![id(*with)],
                    });
                }
                group
            })
            .collect()
    }

    /// What circles that keep requirements drop.
    fn dropped(&self) -> Vec<SkillId> {
        let sewing = "sewing".parse().expect("an id");
        self.drops.then_some(sewing).into_iter().collect()
    }

    fn policy(&self) -> EscalationPolicy {
        let ask = |which: usize| match which {
            0..PEOPLE => Ask::Person(person_id(which)),
            5..8 => Ask::Group(format!("g{}", which - 5).parse().expect("an id")),
            _ => Ask::Line("duty-mail".parse().expect("an id")),
        };
        let levels = self.levels.iter().map(|(which, for_s)| Level {
            ask: std::vec![ask(*which)],
            for_s: *for_s,
        });
        EscalationPolicy {
            id: "policy".parse().expect("an id"),
            levels: levels.collect(),
            repeat_max: self.repeat_max,
        }
    }

    pub(crate) fn directory(&self) -> Directory {
        let mut draft = Draft::new("Company", Zone::utc());
        draft.people = self.people();
        draft.groups = self.groups();
        draft.hands = self.hands.hands();
        let line = |id: &str, channel, address: &str| {
            let address = address.parse().expect("an address");
            Line::new(id.parse().expect("an id"), channel, address)
        };
        draft.lines = std::vec![
            line("duty-mail", ChannelKind::Email, "duty@example.org"),
            line(CALAMITY_LINE, ChannelKind::Phone, "tel:+31201234567"),
        ];
        if self.has_calamity_line {
            draft.calamity_lines = std::vec![CALAMITY_LINE.parse().expect("an id")];
        }
        draft.escalations = std::vec![self.policy()];
        draft.default_escalation = Some("policy".parse().expect("an id"));
        if self.has_agreement {
            let targets = Urgency::ALL.map(|urgency| Target {
                urgency,
                channel: None,
                acknowledge_for_s: 5,
                answer_for_s: self.answer_for_s,
                next_answer_for_s: self.next_answer_for_s,
                resolve_for_s: self.resolve_for_s,
            });
            draft.agreements = std::vec![Agreement {
                id: "agreement".parse().expect("an id"),
                hours: None,
                targets: targets.into(),
                warn_percent: 75,
            }];
            draft.default_agreement = Some("agreement".parse().expect("an id"));
        }
        draft.pages = std::vec![PageRule {
            pattern: "/sewing/*".into(),
            group: None,
            requires: std::vec![Requirement {
                skill: "sewing".parse().expect("an id"),
                at_least: 3,
                is_soft: false,
            }],
            urgency: Urgency::Low,
            need: None,
        }];
        self.serving.configure(&mut draft);
        draft.check().expect("a company of this shape is right")
    }

    /// The same, where nobody is short of hands and the first group widens into the second after
    /// this.
    pub(crate) fn layered(mut self, after_s: u32) -> Self {
        self.capacities = std::vec![1; PEOPLE];
        self.members = std::vec![std::vec![0, 1], std::vec![2, 3], std::vec![4]];
        self.circles = std::vec![(after_s, false, 1), (30, false, 2)];
        self.hands.capacity_total = None;
        self.hands.wrap_up_s = 0;
        self
    }

    /// The same, where nobody lacks hands altogether, and much can be asked of colleagues.
    pub(crate) fn teamed(mut self) -> Self {
        self.capacities.iter_mut().for_each(|most| *most += 1);
        self.members = std::vec![std::vec![0, 1, 2], std::vec![2, 3], std::vec![4, 0]];
        self.hands.consults += 1;
        self.nested = false;
        self
    }
}
