//! Companies and stories at random, which shrink.

use bereik_core::agreement::EscalationPolicy;
use bereik_core::group::Strategy as Pick;
use bereik_core::urgency::Urgency;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use super::any_day::act::{Act, Story};
use super::any_day::company::{Choosing, Company, GROUPS, PEOPLE, POLICIES};
use super::any_day::hold::Hold;
use super::any_day::serving::Serving;

fn choosing() -> impl Strategy<Value = Choosing> {
    let strategy = prop_oneof![
        5 => Just(Pick::OrderOfKeys),
        5 => Just(Pick::RingAll),
        1 => Just(Pick::FairShare),
        1 => Just(Pick::FewestContacts),
        1 => Just(Pick::LeastLoaded),
        1 => Just(Pick::LongestIdle),
        1 => Just(Pick::RoundRobin),
        1 => Just(Pick::TopDown),
        1 => Just(Pick::WeightedRandom),
    ];
    let knows = prop_oneof![Just(14 * 86_400u32), Just(0), 1u32..500];
    (strategy, 1u8..3, knows, any::<bool>(), 1u32..3).prop_map(|parts| Choosing {
        strategy: parts.0,
        offers_at_once: parts.1,
        knows_for_s: parts.2,
        spares_rare_skills: parts.3,
        weight: parts.4,
    })
}

pub(crate) fn companies() -> impl Strategy<Value = Company> {
    let people = (
        vec(0u8..3, PEOPLE),
        vec(any::<bool>(), PEOPLE),
        vec(any::<bool>(), PEOPLE),
    );
    let groups = (
        vec(vec(0..PEOPLE, 1..4), GROUPS),
        vec(choosing(), GROUPS),
        vec((0u32..90, any::<bool>(), 0..GROUPS), 0..3),
        5u32..60,
        (any::<bool>(), any::<bool>()),
        vec(
            (0..POLICIES.len(), 1u32..12, proptest::option::of(0u32..3)),
            GROUPS,
        ),
    );
    let policies = (
        20u32..300,
        any::<bool>(),
        any::<bool>(),
        vec((0usize..12, 10u32..200), 0..4),
        prop_oneof![6 => 0u32..3, 1 => Just(EscalationPolicy::FOR_EVER)],
        proptest::option::of(20u32..600),
        proptest::option::of(100u32..4_000),
    );
    let all = (people, groups, policies, servings(), holds());
    all.prop_map(|(people, groups, policies, serving, hands)| Company {
        capacities: people.0,
        skilled: people.1,
        with_mobile: people.2,
        members: groups.0,
        picks: groups.1,
        nested: groups.4.0,
        drops: groups.4.1,
        circles: groups.2,
        offer_for_s: groups.3,
        turns: groups.5,
        answer_for_s: policies.0,
        has_agreement: policies.1,
        has_calamity_line: policies.2,
        levels: policies.3,
        repeat_max: policies.4,
        serving,
        hands,
        next_answer_for_s: policies.5,
        resolve_for_s: policies.6,
    })
}

fn holds() -> impl Strategy<Value = Hold> {
    let limits = (
        proptest::option::weighted(0.5, 0u8..3),
        proptest::option::weighted(0.3, 10u16..40),
        prop_oneof![Just(0u32), 1u32..300],
    );
    let away = (0usize..3, 1u32..1_200);
    let rest = (
        prop_oneof![Just(0u32), 1u32..300],
        0u8..3,
        prop_oneof![Just(120u32), 1u32..90],
    );
    (limits, away, rest).prop_map(|(limits, away, rest)| Hold {
        chats_beside_call: limits.0,
        capacity_total: limits.1,
        wrap_up_s: limits.2,
        owner_away: away.0,
        owner_away_for_s: away.1,
        warm_for_s: rest.0,
        consults: rest.1,
        cool_down_s: rest.2,
    })
}

fn servings() -> impl Strategy<Value = Serving> {
    let parts = (
        prop_oneof![Just(0u32), 1u32..100_000],
        proptest::option::of(1u32..120),
        (2u32..5, prop_oneof![Just(0u32), 1u32..3_000], any::<bool>()),
        1u32..300,
    );
    parts.prop_map(
        |(reopen_for_s, triage_for_s, incident, silence_s)| Serving {
            reopen_for_s,
            triage_for_s,
            incident,
            silence_s,
        },
    )
}

/// Companies whose first group widens into the second, and where nobody is short of hands.
pub(crate) fn layered_companies() -> impl Strategy<Value = Company> {
    (companies(), 0u32..60).prop_map(|(company, after_s)| company.layered(after_s))
}

/// Companies where nobody lacks hands altogether, and much can be asked of colleagues.
pub(crate) fn teams() -> impl Strategy<Value = Company> {
    companies().prop_map(Company::teamed)
}

fn urgencies() -> impl Strategy<Value = Urgency> {
    prop_oneof![
        5 => Just(Urgency::Normal),
        1 => Just(Urgency::Low),
        1 => Just(Urgency::High),
        2 => Just(Urgency::Calamity),
    ]
}

fn acts() -> impl Strategy<Value = Act> {
    let n = || 0usize..4;
    let p = || 0..PEOPLE;
    let maybe = || proptest::option::weighted(0.2, 0..PEOPLE);
    prop_oneof![
        9 => (0usize..6, maybe()).prop_map(|(offer, by)| Act::Accept { offer, by }),
        3 => (n(), p(), proptest::option::weighted(0.7, 1i64..3_000))
            .prop_map(|(contact, by, in_s)| Act::Call { contact, by, in_s }),
        2 => (n(), p()).prop_map(|(contact, by)| Act::Claim { contact, by }),
        3 => (n(), p()).prop_map(|(contact, by)| Act::Close { contact, by }),
        4 => (0usize..6).prop_map(|offer| Act::Decline { offer }),
        2 => (0usize..6).prop_map(|offer| Act::Fail { offer }),
        1 => (n(), any::<bool>()).prop_map(|(contact, is_back)| Act::Gone { contact, is_back }),
        8 => ((n(), 0usize..3, 0usize..8), maybe(), proptest::bool::weighted(0.2))
            .prop_map(|((contact, kind, whom), by, sews)| Act::Ask { contact, kind, whom, by, sews }),
        1 => n().prop_map(|contact| Act::CallFailed { contact }),
        3 => (n(), any::<bool>(), maybe()).prop_map(|(contact, to_phone, by)| Act::HandOver { contact, to_phone, by }),
        3 => (n(), p()).prop_map(|(contact, person)| Act::Leave { contact, person }),
        9 => ((0usize..11, 0usize..3, 0usize..5), urgencies(), proptest::bool::weighted(0.3), proptest::bool::weighted(0.3),
              proptest::bool::weighted(0.1))
            .prop_map(|((whom, from, need), urgency, by_mail, sews, again)| Act::Open { whom, from, urgency, by_mail, sews, again, need }),
        5 => customer_acts(),
        1 => (n(), 0usize..3).prop_map(|(contact, from)| Act::Name { contact, from }),
        1 => n().prop_map(|contact| Act::Phone { contact }),
        12 => (p(), 0usize..9).prop_map(|(person, how)| Act::Reach { person, how }),
        2 => n().prop_map(|contact| Act::Reopen { contact }),
        1 => (0usize..6, maybe()).prop_map(|(offer, by)| Act::TakeBack { offer, by }),
        2 => (p(), prop_oneof![2 => Just(0u32), 1 => 1u32..4_000])
            .prop_map(|(person, more_s)| Act::WrapUp { person, more_s }),
        1 => n().prop_map(|contact| Act::Replan { contact }),
        3 => (n(), maybe(), 0usize..3).prop_map(|(contact, by, key)| Act::Say { contact, by, key }),
        3 => (n(), urgencies(), maybe()).prop_map(|(contact, urgency, by)| Act::Urgency { contact, urgency, by }),
        4 => Just(Act::Wait),
    ]
}

/// What is told of customers and incidents.
fn customer_acts() -> impl Strategy<Value = Act> {
    let n = || 0usize..4;
    let p = || 0..PEOPLE;
    let maybe = || proptest::option::weighted(0.5, 0..PEOPLE);
    prop_oneof![
        2 => (n(), 0u32..4).prop_map(|(contact, option)| Act::Answer { contact, option }),
        2 => (n(), 1usize..3, p()).prop_map(|(contact, need, by)| Act::Declare { contact, need, by }),
        1 => n().prop_map(|contact| Act::Depart { contact }),
        1 => (1u64..3, p()).prop_map(|(incident, by)| Act::End { incident, by }),
        2 => (n(), 0usize..3, 0usize..3, urgencies(), maybe())
            .prop_map(|(contact, from, need, urgency, owner)| Act::Know { contact, from, need, urgency, owner }),
        1 => (n(), any::<bool>()).prop_map(|(contact, is_mail)| Act::Leg { contact, is_mail }),
        3 => (n(), n(), p()).prop_map(|(from, into, by)| Act::Merge { from, into, by }),
        2 => (n(), 1u64..6, 0usize..3, p()).prop_map(|(contact, message, key, by)| Act::Split { contact, message, key, by }),
        2 => (1u64..3, 0usize..3, p()).prop_map(|(incident, key, by)| Act::Word { incident, key, by }),
        8 => (0usize..2).prop_map(|contact| Act::Gone { contact, is_back: false }),
    ]
}

fn waits() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 0i64..4,
        4 => 4i64..40,
        3 => 40i64..400,
        1 => 400i64..8_000,
        1 => 8_000i64..200_000,
    ]
}

pub(crate) fn stories() -> impl Strategy<Value = Story> {
    vec((waits(), acts()), 1..40)
}

/// Stories in which the company changes too.
pub(crate) fn stories_with_change() -> impl Strategy<Value = Story> {
    let act = prop_oneof![
        12 => acts(),
        1 => companies().prop_map(|company| Act::Replace(Box::new(company))),
    ];
    vec((waits(), act), 1..40)
}

/// Stories of one group that has much to do: equal chats come in faster than they are taken.
pub(crate) fn busy_stories() -> impl Strategy<Value = Story> {
    let open = Act::Open {
        whom: 0,
        from: 0,
        urgency: Urgency::Normal,
        by_mail: false,
        sews: false,
        again: false,
        need: 0,
    };
    let how = prop_oneof![4 => Just(0usize), 1 => Just(7usize), 2 => Just(8usize)];
    let act = prop_oneof![
        6 => Just(open),
        4 => (0usize..4).prop_map(|offer| Act::Accept { offer, by: None }),
        2 => (0usize..4).prop_map(|offer| Act::Decline { offer }),
        4 => (0usize..6, 0..PEOPLE).prop_map(|(contact, by)| Act::Close { contact, by }),
        5 => (0..PEOPLE, how).prop_map(|(person, how)| Act::Reach { person, how }),
    ];
    vec((0i64..12, act), 1..40)
}

/// Stories of one group in which colleagues are asked, contacts go over to the phone, and people
/// come and go.
pub(crate) fn stories_among_colleagues() -> impl Strategy<Value = Story> {
    let open = |urgency| Act::Open {
        whom: 0,
        from: 1,
        urgency,
        by_mail: false,
        sews: false,
        again: false,
        need: 0,
    };
    let n = || 0usize..3;
    let p = || 0..PEOPLE;
    let accept = |offer| Act::Accept { offer, by: None };
    let how = prop_oneof![6 => Just(0usize), 1 => Just(4usize), 2 => Just(5usize)];
    let ask = (n(), 0usize..3, 0usize..8).prop_map(|(contact, kind, whom)| Act::Ask {
        contact,
        kind,
        whom,
        by: None,
        sews: false,
    });
    let act = prop_oneof![
        9 => Just(open(Urgency::Normal)),
        12 => (0usize..3).prop_map(accept),
        2 => (0usize..3).prop_map(|offer| Act::Decline { offer }),
        1 => (0usize..3, Just(None)).prop_map(|(offer, by)| Act::TakeBack { offer, by }),
        8 => ask,
        4 => (n(), any::<bool>()).prop_map(|(contact, to_phone)| Act::HandOver { contact, to_phone, by: None }),
        1 => n().prop_map(|contact| Act::CallFailed { contact }),
        2 => (n(), p()).prop_map(|(contact, by)| Act::Close { contact, by }),
        2 => (n(), p()).prop_map(|(contact, person)| Act::Leave { contact, person }),
        6 => (p(), how).prop_map(|(person, how)| Act::Reach { person, how }),
        1 => (p(), Just(0)).prop_map(|(person, more_s)| Act::WrapUp { person, more_s }),
        2 => (n(), 0usize..9).prop_map(|(contact, key)| Act::Say { contact, by: None, key }),
        1 => n().prop_map(|contact| Act::Reopen { contact }),
    ];
    let pauses = prop_oneof![6 => 0i64..15, 1 => waits()];
    let day = vec((pauses, act), 10..60);
    day.prop_map(|mut story| {
        let come = (0..PEOPLE).map(|person| (0, Act::Reach { person, how: 0 }));
        story.splice(0..0, come);
        story
    })
}
