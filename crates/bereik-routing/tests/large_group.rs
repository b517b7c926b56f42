//! In a group that is too large to be listed, the pool chooses as a look at everybody would: a dry
//! run looks at everybody.

#[path = "choice/desk.rs"]
#[expect(dead_code, reason = "other tests tell it more")]
mod desk;

use bereik_core::contact::Addressee;
use bereik_core::group::{Circle, Requirement, Strategy as Pick};
use bereik_core::id::SkillId;
use bereik_core::page::PageRule;
use bereik_core::reachability::Reach;
use bereik_core::urgency::Urgency;
use bereik_core::{ChannelKind, Directory};
use bereik_routing::{Input, Question};
use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest,
};

use desk::{Desk, Told, company, group, group_id, person};

const PEOPLE: usize = 60;

#[derive(Clone, Debug)]
struct Company {
    strategy: Pick,
    spares_rare_skills: bool,
    weight: u32,
    at_once: u8,
    skills: Vec<(u8, u8)>,
    needs: u8,
    wants: u8,
}

fn companies() -> impl Strategy<Value = Company> {
    let strategy = prop_oneof![
        4 => Just(Pick::OrderOfKeys),
        1 => Just(Pick::FairShare),
        1 => Just(Pick::FewestContacts),
        1 => Just(Pick::LeastLoaded),
        1 => Just(Pick::LongestIdle),
        1 => Just(Pick::RoundRobin),
        1 => Just(Pick::TopDown),
        1 => Just(Pick::WeightedRandom),
    ];
    let skills = vec((0u8..6, 0u8..6), PEOPLE);
    let how = (strategy, any::<bool>(), 1u32..3, 1u8..3);
    (how, skills, 0u8..6, 0u8..4).prop_map(|(how, skills, needs, wants)| Company {
        strategy: how.0,
        spares_rare_skills: how.1,
        weight: how.2,
        at_once: how.3,
        skills,
        needs,
        wants,
    })
}

fn skill(name: &str) -> SkillId {
    name.parse().expect("an id")
}

impl Company {
    fn requires(&self) -> Vec<Requirement> {
        let mut requires = Vec::new();
        if self.needs > 0 {
            requires.push(Requirement::new(skill("sewing"), self.needs));
        }
        if self.wants > 0 {
            requires.push(Requirement::new(skill("dyeing"), self.wants).soft());
        }
        requires
    }

    /// Two in three belong to the desk, the others to a second circle.
    fn directory(&self) -> Directory {
        let names: Vec<String> = (0..PEOPLE).map(|number| format!("p{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let people = names.iter().zip(&self.skills).map(|(name, (sews, dyes))| {
            let skills = [("sewing", *sews), ("dyeing", *dyes)];
            let skills = skills.iter().filter(|(_, level)| *level > 0);
            person(name, &skills.copied().collect::<Vec<_>>())
        });
        let mut first = group("desk", &names[..40]).with_strategy(self.strategy);
        first.spares_rare_skills = self.spares_rare_skills;
        first.offers_at_once = self.at_once;
        if self.weight > 1 {
            first.weights.insert(first.members[3].clone(), self.weight);
        }
        let first = first.with_circle(Circle {
            after_s: 40,
            keeps_requirements: true,
            drops: Vec::new(),
            lowers: [(skill("sewing"), 2)].into(),
            groups: vec![group_id("second")],
        });
        let mut draft = company(people.collect(), vec![first, group("second", &names[40..])])
            .draft()
            .clone();
        draft.pages = vec![PageRule {
            pattern: "/sewing".into(),
            group: None,
            requires: self.requires(),
            urgency: Urgency::Low,
            need: None,
        }];
        draft.check().expect("a company that is right")
    }
}

#[derive(Clone, Debug)]
enum Act {
    Accept(usize),
    Close(usize),
    Decline(usize),
    Open(u8),
    Reach(usize, usize),
}

fn acts() -> impl Strategy<Value = Vec<(i64, Act)>> {
    let act = prop_oneof![
        4 => (0usize..4).prop_map(Act::Accept),
        3 => (0usize..4).prop_map(Act::Close),
        2 => (0usize..4).prop_map(Act::Decline),
        6 => (0u8..3).prop_map(Act::Open),
        8 => (0..PEOPLE, 0usize..4).prop_map(|(person, how)| Act::Reach(person, how)),
    ];
    vec((1i64..30, act), 1..60)
}

fn play(desk: &mut Desk, act: &Act, told: &[Told]) -> Option<Told> {
    let back = |number: &usize| {
        told.iter()
            .rev()
            .filter(|t| !t.offers.is_empty())
            .nth(*number)
    };
    Some(match act {
        Act::Accept(number) => desk.accept(back(number)?),
        Act::Decline(number) => desk.decline(back(number)?),
        Act::Close(number) => {
            let opened = desk.engine.contacts().nth(*number)?;
            desk.close(opened.id)
        }
        Act::Reach(person, how) => {
            let how = [Reach::Now, Reach::Now, Reach::Never, Reach::Unknown][*how];
            desk.reach(&format!("p{person}"), how)
        }
        Act::Open(_) => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_pool_chooses_as_a_look_at_everybody_does(company in companies(), acts in acts()) {
        let mut desk = Desk::new(company.directory());
        let mut told: Vec<Told> = Vec::new();
        for (wait_s, act) in &acts {
            told.push(desk.wait(*wait_s));
            let Act::Open(from) = act else {
                told.extend(play(&mut desk, act, &told));
                continue;
            };
            let addressee = Addressee::Group(group_id("desk"));
            let mut question = Question::new(addressee.clone(), ChannelKind::WebChat);
            let mut opening = desk.opening().for_addressee(addressee).from_page("/sewing");
            question.requires = company.requires();
            if *from > 0 {
                let address = format!("mailto:customer-{from}@example.org");
                opening.customer.addresses.push(address.parse().expect("an address"));
                question.customer = opening.customer.clone();
            }
            told.push(desk.wait(1));
            let dry = desk.engine.decide(desk.now, &question);
            desk.now -= chrono::TimeDelta::seconds(1);
            let opened = desk.tell(Input::Opened(Box::new(opening)));
            let chosen = opened.chosen.first().expect("it was decided");
            prop_assert_eq!(chosen.counts, dry.counts);
            prop_assert_eq!(&chosen.chosen, &dry.chosen);
            prop_assert_eq!(chosen.decided_by, dry.decided_by);
            prop_assert_eq!(chosen.circle, dry.circle);
            told.push(opened);
        }
    }
}
