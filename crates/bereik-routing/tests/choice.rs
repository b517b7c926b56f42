//! Who is asked: addressees, requirements, circles, strategies, and what an explanation says.

#[path = "choice/desk.rs"]
mod desk;

use bereik_core::ChannelKind;
use bereik_core::contact::{Addressee, Authorship};
use bereik_core::explanation::{ExcludedBy, OrderKey};
use bereik_core::group::{Circle, Group, Requirement, Strategy};
use bereik_core::person::Person;
use bereik_core::reachability::Reach;
use bereik_routing::{Input, Question, Reachable};
use chrono::TimeDelta;

use desk::{Desk, company, group, group_id, id, person, team};

fn trio(strategy: Strategy) -> Group {
    group("desk", &["anna", "bram", "chris"]).with_strategy(strategy)
}

fn skilled(skill: &str, at_least: u8) -> Requirement {
    Requirement::new(skill.parse().expect("an id"), at_least)
}

fn ask(group: &str, requires: &[Requirement]) -> Question {
    let mut question = Question::new(Addressee::Group(group_id(group)), ChannelKind::WebChat);
    question.requires = requires.to_vec();
    question
}

fn who(desk: &Desk, question: &Question) -> (Vec<String>, Option<OrderKey>) {
    let decision = desk.engine.decide(desk.now, question);
    let chosen = decision.chosen.iter().map(ToString::to_string).collect();
    (chosen, decision.decided_by)
}

#[test]
fn round_robin_goes_round() {
    let mut desk = Desk::new(team(trio(Strategy::RoundRobin)));
    let turns = ["anna", "bram", "chris", "anna", "bram", "chris"];
    assert_eq!(desk.serve_many(6), turns);
}

#[test]
fn round_robin_gives_one_turn_and_no_more_to_who_comes_back() {
    let mut desk = Desk::new(team(trio(Strategy::RoundRobin)));
    desk.reach("chris", Reach::Never);
    assert_eq!(desk.serve_many(4), ["anna", "bram", "anna", "bram"]);
    desk.reach("chris", Reach::Now);
    assert_eq!(desk.serve_many(4), ["chris", "anna", "bram", "chris"]);
}

#[test]
fn top_down_goes_on_past_whoever_cannot_be_asked() {
    let mut desk = Desk::new(team(trio(Strategy::TopDown)));
    desk.reach("chris", Reach::Never);
    let asked = desk.open();
    assert_eq!(asked.names(), ["anna"]);
    let asked = desk.decline(&asked);
    assert_eq!(asked.names(), ["bram"]);
    // The last one is away: nobody is stuck on him, and the first is asked again in time.
    let asked = desk.decline(&asked);
    assert!(asked.names().is_empty());
    desk.reach("chris", Reach::Now);
    desk.reach("chris", Reach::Never);
    assert_eq!(desk.wait(2_000).names().first(), Some(&"anna"));
}

#[test]
fn who_is_new_counts_as_idle_from_arrival() {
    let mut desk = Desk::new(team(trio(Strategy::LongestIdle)));
    desk.reach("chris", Reach::Never);
    desk.serve_many(4);
    desk.reach("chris", Reach::Now);
    assert_eq!(desk.serve_many(3), ["anna", "bram", "chris"]);
}

#[test]
fn fewest_contacts_catches_up_and_fair_share_does_not() {
    for (strategy, expected) in [
        (Strategy::FewestContacts, ["chris", "chris", "chris"]),
        (Strategy::FairShare, ["chris", "anna", "bram"]),
    ] {
        let mut desk = Desk::new(team(trio(strategy)));
        desk.reach("chris", Reach::Never);
        desk.serve_many(6);
        desk.reach("chris", Reach::Now);
        assert_eq!(desk.serve_many(3), expected, "{strategy:?}");
    }
}

#[test]
fn least_loaded_compares_parts_of_capacities() {
    let mut directory = team(trio(Strategy::LeastLoaded)).draft().clone();
    for (person, capacity) in directory.people.iter_mut().zip([2, 3, 9]) {
        person.capacity.insert(ChannelKind::WebChat, capacity);
    }
    let mut desk = Desk::new(directory.check().expect("a company that is right"));
    let mut had = Vec::new();
    for _ in 0..8 {
        let told = desk.open();
        had.push(told.offers[0].1.clone());
        desk.accept(&told);
    }
    let order = [
        "anna", "bram", "chris", "chris", "chris", "bram", "chris", "chris",
    ];
    // At three ninths and one third both are as full, and Bram is idle for longer. Four ninths are
    // less than the half of Anna's hands.
    assert_eq!(had, order);
}

#[test]
fn lots_follow_the_weights_and_fall_the_same_again() {
    let mut group = trio(Strategy::WeightedRandom);
    group.weights.insert(id("chris"), 4);
    let mut desk = Desk::new(team(group.clone()));
    let drawn = desk.serve_many(600);
    let count = |name: &str| drawn.iter().filter(|drawn| *drawn == name).count();
    assert!((350..450).contains(&count("chris")), "{}", count("chris"));
    assert!((60..140).contains(&count("anna")), "{}", count("anna"));
    assert_eq!(Desk::new(team(group)).serve_many(600), drawn);
}

#[test]
fn several_are_asked_at_once_and_the_first_to_accept_has_it() {
    let mut group = trio(Strategy::OrderOfKeys);
    group.offers_at_once = 2;
    let mut desk = Desk::new(team(group));
    let asked = desk.open();
    assert_eq!(asked.names(), ["anna", "bram"]);
    let next = desk.decline(&asked);
    assert_eq!(next.names(), ["chris"], "as many are asked as before");
    let taken = desk.accept(&next);
    assert_eq!(taken.withdrawn, [asked.offers[1].0]);
}

#[test]
fn who_knows_the_customer_goes_first_for_a_while_and_only_while_he_can_be_reached() {
    let mut group = trio(Strategy::RoundRobin);
    group.knows_for_s = 3_600;
    let mut desk = Desk::new(team(group));
    let first = desk.open_from("mailto:customer@example.org");
    assert_eq!(first.names(), ["anna"]);
    desk.accept(&first);
    desk.close(first.contact());

    let again = desk.open_from("mailto:customer@example.org");
    assert_eq!(again.names(), ["anna"]);
    assert_eq!(again.chosen[0].decided_by, Some(OrderKey::KnowsCustomer));
    desk.close(again.contact());

    desk.reach("anna", Reach::Never);
    let away = desk.open_from("mailto:customer@example.org");
    assert_eq!(away.names(), ["bram"]);
    desk.close(away.contact());

    desk.reach("anna", Reach::Now);
    desk.now += TimeDelta::hours(1);
    let later = desk.open_from("mailto:customer@example.org");
    assert_eq!(later.names(), ["chris"]);
}

fn translators() -> Vec<Person> {
    vec![
        person("anna", &[("french", 2), ("german", 4)]),
        person("bram", &[("french", 4)]),
        person("chris", &[("french", 5), ("german", 1), ("dutch", 5)]),
        person("dina", &[]),
    ]
}

#[test]
fn a_soft_requirement_puts_in_order_and_excludes_nobody() {
    let all = group("desk", &["anna", "bram", "chris", "dina"]);
    let desk = Desk::new(company(translators(), vec![all]));
    let hard = ask("desk", &[skilled("french", 4)]);
    assert_eq!(
        who(&desk, &hard),
        (vec!["chris".into()], Some(OrderKey::SoftSkill))
    );
    let soft = ask("desk", &[skilled("french", 1), skilled("german", 3).soft()]);
    assert_eq!(
        who(&desk, &soft),
        (vec!["anna".into()], Some(OrderKey::SoftSkill))
    );
    let decision = desk.engine.decide(desk.now, &soft);
    let lacks = ExcludedBy::LacksSkill("french".parse().expect("an id"));
    let excluded = decision.excluded.iter();
    let excluded: Vec<_> = excluded.filter(|(_, by)| *by == lacks).collect();
    assert_eq!(excluded.len(), 1, "only who lacks what is needed");
}

#[test]
fn whoever_can_the_least_that_is_enough_goes_first_where_rare_skills_are_spared() {
    let mut all = group("desk", &["anna", "bram", "chris", "dina"]);
    all.spares_rare_skills = true;
    let desk = Desk::new(company(translators(), vec![all]));
    let french = ask("desk", &[skilled("french", 2)]);
    assert_eq!(
        who(&desk, &french),
        (vec!["bram".into()], Some(OrderKey::LeastFlexible))
    );
}

#[test]
fn circles_lower_and_drop_what_is_needed_and_only_widen() {
    let circle = |after_s, drops: &[&str], lowers: &[(&str, u8)]| Circle {
        after_s,
        keeps_requirements: true,
        drops: drops.iter().map(|id| id.parse().expect("an id")).collect(),
        lowers: lowers
            .iter()
            .map(|(id, level)| (id.parse().expect("an id"), *level))
            .collect(),
        groups: Vec::new(),
    };
    let all = group("desk", &["anna", "bram", "chris", "dina"])
        .with_circle(circle(30, &[], &[("french", 2)]))
        .with_circle(circle(60, &["french"], &[]));
    let mut desk = Desk::new(company(translators(), vec![all]));
    let question = ask("desk", &[skilled("french", 5)]);
    let circle_of = |desk: &Desk| {
        let decision = desk.engine.decide(desk.now, &question);
        (
            decision.circle,
            decision.counts.skilled,
            decision.chosen[0].to_string(),
        )
    };
    assert_eq!(circle_of(&desk), (0, 1, "chris".into()));
    // Nobody who is there could ever satisfy the first circle: it is skipped at once.
    desk.reach("chris", Reach::Never);
    assert_eq!(circle_of(&desk), (1, 3, "bram".into()));
    desk.reach("bram", Reach::Never);
    desk.reach("anna", Reach::Never);
    assert_eq!(circle_of(&desk), (2, 4, "dina".into()));
}

fn writers() -> Desk {
    let people = vec![
        person("anna", &[]),
        person("bram", &[]),
        person("chris", &[("billing", 5)]),
        person("dina", &[("billing", 2)]),
        person("eva", &[]),
    ];
    let writers = group("writers", &["anna", "eva"]);
    Desk::new(company(people, vec![group("desk", &["bram"]), writers]))
}

#[test]
fn whoever_wrote_a_document_is_asked_then_the_next_who_knows() {
    let mut desk = writers();
    let people = vec![id("anna"), id("bram")];
    let authorship = Authorship::of("invoices", people).about("billing".parse().expect("an id"));
    let addressee = Addressee::Authors(Box::new(authorship));
    for name in ["anna", "bram", "chris", "dina", "eva"] {
        let asked = desk.open_for(addressee.clone());
        assert_eq!(asked.names(), [name]);
        desk.close(asked.contact());
        desk.reach(name, Reach::Never);
    }
    let nobody = desk.open_for(addressee);
    assert!(!desk.engine.deadlines(nobody.contact()).is_empty());
}

#[test]
fn a_document_by_nobody_who_is_known_goes_to_who_knows_its_subject_or_to_the_default_group() {
    let mut desk = writers();
    let stranger = || Authorship::of("old", vec![id("zoe")]);
    let about = stranger().about("billing".parse().expect("an id"));
    let asked = desk.open_for(Addressee::Authors(Box::new(about)));
    assert_eq!(asked.names(), ["chris"]);
    let asked = desk.open_for(Addressee::Authors(Box::new(stranger())));
    assert_eq!(asked.names(), ["bram"], "of the first group");
}

#[test]
fn the_best_of_those_who_have_a_skill_is_asked_first() {
    let mut desk = writers();
    let billing = || Addressee::Skill("billing".parse().expect("an id"));
    let asked = desk.open_for(billing());
    assert_eq!(asked.names(), ["chris"]);
    assert_eq!(asked.chosen[0].decided_by, Some(OrderKey::SoftSkill));
    assert_eq!(desk.decline(&asked).names(), ["dina"]);
    let reachable = desk.engine.reachable(&billing(), ChannelKind::WebChat);
    let expected = Reachable {
        now: 2,
        free: 2,
        next_at: None,
    };
    assert_eq!(reachable, expected);
}

#[test]
fn what_can_be_reached_is_counted_with_the_next_instant() {
    let mut desk = Desk::new(team(trio(Strategy::OrderOfKeys)));
    let back = desk.now + TimeDelta::hours(2);
    desk.reach("anna", Reach::From(back));
    desk.reach("bram", Reach::From(back + TimeDelta::hours(1)));
    let expected = Reachable {
        now: 1,
        free: 1,
        next_at: Some(back),
    };
    let desk_group = Addressee::Group(group_id("desk"));
    assert_eq!(
        desk.engine.reachable(&desk_group, ChannelKind::Phone),
        expected
    );
}

/// Each sort of addressee counts those for whom it is.
#[test]
fn what_can_be_reached_is_counted_for_each_sort_of_addressee() {
    let mut desk = writers();
    desk.reach("bram", Reach::Never);
    let billing = || "billing".parse().expect("an id");
    let authors = Authorship::of("invoices", vec![id("anna"), id("bram"), id("anna")]);
    let counted = [
        (Addressee::Person(id("anna")), 1),
        (Addressee::Person(id("bram")), 0),
        (Addressee::Skill(billing()), 2),
        (Addressee::Authors(Box::new(authors)), 1),
    ];
    for (addressee, expected) in counted {
        let reachable = desk.engine.reachable(&addressee, ChannelKind::WebChat);
        assert_eq!(
            (reachable.now, reachable.free),
            (expected, expected),
            "{addressee:?}"
        );
    }
}

/// A group is dissolved while somebody waits for it: he is for the first group from then on.
#[test]
fn whoever_waits_for_a_group_that_is_gone_is_asked_of_another() {
    let mut desk = writers();
    let asked = desk.open_for(Addressee::Group(group_id("writers")));
    assert_eq!(asked.names(), ["anna"]);
    desk.reach("anna", Reach::Never);
    desk.reach("eva", Reach::Never);
    let people = ["anna", "bram", "eva"].map(|name| person(name, &[]));
    let directory = company(people.into(), vec![group("desk", &["bram"])]);
    let (now, input) = (desk.now, Input::DirectoryReplaced(Box::new(directory)));
    desk.engine.handle(now, input);
    let contact = desk.engine.contact(asked.contact()).expect("it is held");
    assert_eq!(contact.addressee, Addressee::Group(group_id("desk")));
}

#[test]
fn members_of_groups_within_a_group_are_asked() {
    let mut all = group("all", &["dina"]).with_strategy(Strategy::TopDown);
    all.groups = vec![group_id("desk")];
    let people = ["anna", "bram", "chris", "dina"].map(|name| person(name, &[]));
    let desk_group = trio(Strategy::OrderOfKeys);
    let mut desk = Desk::new(company(people.into(), vec![all, desk_group]));
    let mut asked = desk.open();
    for name in ["dina", "anna", "bram", "chris"] {
        assert_eq!(asked.names(), [name]);
        asked = desk.decline(&asked);
    }
}

#[test]
fn a_long_list_is_counted_on_the_timeline_and_whole_when_it_is_asked_for() {
    let names: Vec<String> = (10..50).map(|number| format!("p{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut desk = Desk::new(team(group("desk", &names)));
    desk.reach("p10", Reach::Never);
    let told = desk.open();
    assert_eq!(told.names(), ["p11"]);
    let entry = &told.chosen[0];
    assert!(entry.excluded.is_empty());
    assert_eq!((entry.counts.considered, entry.counts.free), (40, 39));
    assert_eq!(entry.decided_by, Some(OrderKey::LongestIdle));
    let whole = desk.engine.explain(told.contact()).expect("it is held");
    assert_eq!(whole.excluded.len() + whole.chosen.len(), 40);
    assert_eq!(whole.excluded[1], (id("p11"), ExcludedBy::HasOffer));
    assert_eq!((whole.counts.reachable, whole.counts.unasked), (39, 38));
}
