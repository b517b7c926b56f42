//! What people hold, and that nobody stays reserved for what he lost.

use bereik_core::channel_kind::{ChannelKind, PerChannel};
use bereik_core::contact::{Addressee, Customer};
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::{Group, Strategy};
use bereik_core::id::{ContactId, OfferId, PersonId};
use bereik_core::message::Author;
use bereik_core::offer::Offered;
use bereik_core::person::Person;
use bereik_core::reachability::{Reach, ReachReason, Reachability};
use bereik_core::zone::Zone;
use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output, Refusal};
use chrono::{DateTime, TimeDelta, Utc};

fn id(name: &str) -> PersonId {
    name.parse().expect("an id")
}

fn draft(strategy: Strategy) -> Draft {
    let members = ["anna", "bram"].map(id);
    let group = Group::new("team".parse().expect("an id"), "Team", members.to_vec());
    let mut draft =
        Draft::new("Rivers & Co", Zone::utc()).with_group(group.with_strategy(strategy));
    for member in members {
        let mut person = Person::new(member.clone(), member.as_str());
        person.capacity.insert(ChannelKind::WebChat, 1);
        draft = draft.with_person(person);
    }
    draft
}

struct Team {
    engine: Engine,
    now: DateTime<Utc>,
    opened: u32,
}

impl Team {
    fn new(directory: Directory) -> Self {
        let mut team = Self {
            engine: Engine::new(directory),
            now: "2026-11-23T09:00:00Z".parse().expect("an instant"),
            opened: 0,
        };
        for person in ["anna", "bram"].map(id) {
            let row = PerChannel::from_fn(|_| Reachability {
                reach: Reach::Now,
                reason: ReachReason::Available,
            });
            team.tell(Input::Reachability { person, row });
        }
        team
    }

    fn tell(&mut self, input: Input) -> (Answer, Vec<(OfferId, PersonId)>) {
        self.now += TimeDelta::seconds(1);
        let answer = self.engine.handle(self.now, input);
        let mut offers = Vec::new();
        loop {
            match self.engine.poll_output() {
                Output::Wait(_) => return (answer, offers),
                Output::Effect(Effect::Offer(offer)) => {
                    if let Offered::Person(person) = offer.to {
                        offers.push((offer.id, person));
                    }
                }
                _ => {}
            }
        }
    }

    fn open(&mut self, channel: ChannelKind) -> (ContactId, Vec<(OfferId, PersonId)>) {
        self.opened += 1;
        let key = format!("c{}", self.opened).parse().expect("a key");
        let to = Addressee::Group("team".parse().expect("an id"));
        let opening = Opening::new(key, Customer::default(), channel).for_addressee(to);
        match self.tell(Input::Opened(Box::new(opening))) {
            (Answer::Opened(contact), offers) => (contact, offers),
            (answer, _) => panic!("{answer:?}"),
        }
    }
}

/// FreeSWITCH 2540: whoever loses the race for a contact stayed reserved for it.
#[test]
fn who_loses_a_race_has_his_hand_free_at_once() {
    let mut team = Team::new(draft(Strategy::RingAll).check().expect("right"));
    let (_, rung) = team.open(ChannelKind::WebChat);
    let [(first, anna), (second, bram)] = &rung[..] else {
        panic!("both are rung: {rung:?}");
    };
    let by = anna.clone();
    team.tell(Input::Accepted { offer: *first, by });
    let by = bram.clone();
    let (late, _) = team.tell(Input::Accepted { offer: *second, by });
    assert_eq!(late, Answer::Late);
    let (_, rung) = team.open(ChannelKind::WebChat);
    let [(offer, to)] = &rung[..] else {
        panic!("only Bram has a hand free: {rung:?}");
    };
    assert_eq!(to, bram);
    let by = bram.clone();
    let (answer, _) = team.tell(Input::Accepted { offer: *offer, by });
    assert_eq!(answer, Answer::Done);
}

/// The same for every other end of an offer, over and over: nothing is left reserved.
#[test]
fn nobody_stays_reserved_however_an_offer_ends() {
    for end in 0..5 {
        let mut draft = draft(Strategy::RingAll);
        draft.groups[0].cool_down_s = 1;
        draft.groups[0].cool_down_declined_s = 1;
        let mut team = Team::new(draft.check().expect("right"));
        for round in 0..20 {
            let (contact, rung) = team.open(ChannelKind::WebChat);
            assert_eq!(rung.len(), 2, "end {end}, round {round}");
            for (offer, by) in rung {
                match end {
                    0 => team.tell(Input::Declined { offer, by }),
                    1 => team.tell(Input::Failed { offer }),
                    2 => team.tell(Input::Withdrawn {
                        offer,
                        by: Author::Software,
                    }),
                    3 => team.tell(Input::Accepted { offer, by }),
                    _ => {
                        team.now += TimeDelta::seconds(30);
                        team.tell(Input::Advanced)
                    }
                };
            }
            let by = Author::Customer;
            team.tell(Input::Closed { contact, by });
        }
    }
}

#[test]
fn a_total_counts_over_all_channels() {
    let mut draft = draft(Strategy::RingAll);
    draft.hands.capacity_total = Some(20);
    draft.hands.weights.insert(ChannelKind::Email, 5);
    let mut team = Team::new(draft.check().expect("right"));
    // A chat takes 10, and two mails 10 more.
    for channel in [ChannelKind::WebChat, ChannelKind::Email, ChannelKind::Email] {
        let (_, rung) = team.open(channel);
        let (offer, by) = rung
            .into_iter()
            .find(|(_, to)| *to == id("anna"))
            .expect("Anna has room");
        team.tell(Input::Accepted { offer, by });
    }
    let (contact, rung) = team.open(ChannelKind::Email);
    assert_eq!(rung.len(), 1, "only Bram has room: {rung:?}");
    let by = id("anna");
    let (answer, _) = team.tell(Input::Claimed { contact, by });
    assert_eq!(answer, Answer::Refused(Refusal::AtCapacity));
}
