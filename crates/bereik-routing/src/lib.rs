//! The routing engine: who is asked to help a customer, and what happens until somebody does.
//!
//! It is a machine. It reads no clock, does no I/O and has no threads: you tell it what happens
//! and when, and it says what to keep, what to do, and when to come back. Told the same inputs, it
//! says the same, byte for byte.
//!
//! # How to drive it
//!
//! 1. Make an [`Engine`] of a [`Directory`](bereik_core::Directory), or of a
//!    [snapshot](Engine::restore) and the inputs since.
//! 2. Tell it an [`Input`] with the instant of now: [`Engine::handle`]. It first fires the
//!    deadlines that have come due, each at its own instant, then takes the input.
//! 3. Call [`Engine::poll_output`] until it answers [`Output::Wait`]. Nothing is to be told in
//!    between. Put every [`Output::Entry`] and [`Output::Summary`] aside, and every
//!    [`Output::Effect`].
//! 4. Make what was put aside durable, and the input with it.
//! 5. Only then carry out the effects, each at most once under its [key](Effect::key). What
//!    becomes of an offer comes back as an input.
//! 6. Sleep until the next input, or until the instant that [`Output::Wait`] names; then tell
//!    [`Input::Advanced`]. Waking it for nothing does nothing.
//!
//! ```
//! use bereik_core::channel_kind::{ChannelKind, PerChannel};
//! use bereik_core::contact::{ContactState, Customer};
//! use bereik_core::directory::Draft;
//! use bereik_core::group::Group;
//! use bereik_core::person::Person;
//! use bereik_core::reachability::{Reach, ReachReason, Reachability};
//! use bereik_core::zone::Zone;
//! use bereik_routing::{Answer, Effect, Engine, Input, Opening, Output};
//! use chrono::{DateTime, Utc};
//!
//! // One person in one group.
//! let anna: bereik_core::PersonId = "anna".parse()?;
//! let helpdesk = Group::new("helpdesk".parse()?, "Helpdesk", vec![anna.clone()]);
//! let directory = Draft::new("Rivers & Co", Zone::utc())
//!     .with_person(Person::new(anna.clone(), "Anna"))
//!     .with_group(helpdesk)
//!     .check()?;
//! let mut engine = Engine::new(directory);
//! let at = |clock: &str| format!("2026-11-23T{clock}Z").parse::<DateTime<Utc>>();
//!
//! // She sits at her desk, and a customer comes.
//! let row = PerChannel::from_fn(|_| Reachability {
//!     reach: Reach::Now,
//!     reason: ReachReason::Available,
//! });
//! engine.handle(at("09:00:00")?, Input::Reachability { person: anna.clone(), row });
//! let opening = Opening::new("visitor-1".parse()?, Customer::default(), ChannelKind::WebChat);
//! let Answer::Opened(contact) = engine.handle(at("09:00:05")?, Input::Opened(Box::new(opening)))
//! else {
//!     panic!("the helpdesk is there");
//! };
//!
//! // Drain: entries to keep, effects to carry out when they are kept.
//! let mut effects = Vec::new();
//! let next = loop {
//!     match engine.poll_output() {
//!         Output::Effect(effect) => effects.push(effect),
//!         Output::Entry(_) | Output::Summary(_) => {}
//!         Output::Wait(next) => break next,
//!     }
//! };
//! assert!(matches!(effects[0], Effect::Offer(_)), "Anna is asked");
//! assert!(matches!(effects[1], Effect::Acknowledge { .. }), "the customer hears by when");
//! assert_eq!(next, Some(at("09:00:25")?), "then the offer lapses");
//!
//! // She accepts.
//! let Effect::Offer(offer) = &effects[0] else { unreachable!() };
//! let input = Input::Accepted { offer: offer.id, by: anna };
//! assert_eq!(engine.handle(at("09:00:12")?, input), Answer::Done);
//! let stands = engine.contact(contact).map(|contact| contact.state);
//! assert_eq!(stands, Some(ContactState::Active));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it decides
//!
//! A contact is for a group, a person, whoever has a skill, or whoever wrote a document (see
//! [`Addressee`](bereik_core::contact::Addressee)). It is put to one, to several or to all of them at
//! once, in the order of the group's [strategy](bereik_core::group::Strategy). Who declines, or lets it
//! lapse, cools down for this contact, and the next is asked. When nobody who is there is left,
//! or its wait is over, a wider circle comes into force; after the last, and at three quarters of
//! the target at the latest, the escalation policy begins. When that is at its end too, the
//! contact stands on a list and is tried again, and at once when somebody comes. A calamity goes to
//! its lines at once and to everybody who is there, in every circle, and again at half its target.
//! Each decision is an entry that names who was chosen, by which key, and how many people each rule
//! left; of up to [`LISTED_MAX`](bereik_core::explanation::LISTED_MAX) people also the first rule that
//! excluded each other. [`Engine::explain`] lists everybody.
//!
//! Whoever comes free is asked for the waiting contacts in their turn, in the order of their group's
//! [`Policy`](bereik_core::group::Policy): calamities first, if nothing else is said; then who waited
//! beyond the cap; then what can still be answered in time, the earliest due first; then the
//! overdue. He looks at the first of a few lanes and not at everybody who waits (see [`backlog`]);
//! where he is in several groups, the order that holds where none is named decides between the first
//! of each. Because a person's capacity is counted for each kind of channel, mail takes nobody from
//! a chat, and nobody is held in reserve unless a group says so. What may be held beside what, and in all, is data (see
//! [`Hands`](bereik_core::hands::Hands)): a call goes with no chat, where nobody says otherwise.
//! After a contact its people may have time for wrapping up, in which they are offered nothing live
//! but calamities.
//!
//! Whoever has a contact can ask colleagues about it: to advise him, to join, to take it over. He
//! keeps it until a successor accepts; when nobody does, it stays with him, and he sees so. The same
//! conversation can go on over another channel, and comes back when the call fails.
//!
//! The customer hears in the same step in which he comes what happens and by when. Each promise has
//! a deadline behind it, and is put off in words before it passes.
//!
//! Who has to wait hears, where it can be told, between how many minutes eight of ten such contacts
//! wait: from how many are before him, who serves when, and what the engine has seen of handling
//! times and patience (see [`predict`]). It is recorded, and [`Engine::coverage`] says how often it
//! held.
//!
//! An owner who is occupied keeps a contact. One who goes off duty or leaves his desk keeps it for a
//! quarter of an hour on a live channel, three days on another, and for as long as he writes; then
//! the next participant has it, or it is routed again; a group may say otherwise. A conversation that is quiet for a day (14
//! days where it is not live) is closed, unless the customer had the last word: then somebody else
//! is asked.
//!
//! # One customer, one timeline
//!
//! A request from an address of a customer who has an open contact joins it, within the bounds of
//! [`Joining`](bereik_core::customer::Joining): the contact has one more leg, and he is answered over
//! the channel that he used last. A reply reopens a closed contact for a while, and begins a new one
//! that is linked to it after. People merge contacts and split messages off; nothing is lost, and
//! what came by the old id goes on in the new one. What the company knows of a customer is asked by
//! [`Effect::LookUp`] and waited for by nobody.
//!
//! An unclear need gets [one question](bereik_core::triage::Triage), with a deadline. Whoever goes
//! without a sign while nobody has his contact is asked once whether he is
//! [still there](bereik_core::customer::Silence); then his contact goes behind, and is abandoned where
//! he can be reached nowhere else.
//!
//! Contacts of one need become an [incident](bereik_core::incident::Incident), by a person or by rule.
//! One of them leads: it is routed as any other, its owner has the incident and its participants are
//! the team. The others are offered to nobody; their customers hear who is on it and by when the next
//! word comes, and when it does not come more people are called in. A calamity among them makes the
//! lead one, with its ways out.

//!
//! # Time
//!
//! Four clocks run for a contact, each for itself: until the customer is acknowledged, until a
//! person answers, until one answers again, until the contact is closed. What starts, pauses and
//! stops each stands with [`TargetClock`](bereik_core::agreement::TargetClock); they run in the
//! hours of the agreement. When one nears its end that is an entry, and so it is when it is past.
//! While nobody has the contact the escalation policy then begins. Its owner is reminded
//! ([`Effect::Remind`]), with his group when he took it and never said anything; when he does not
//! react the levels of the policy ask others to join him, and he keeps it. An answer ends all of
//! that.
//!
//! The policy is the one that stood when the contact came in, until [`Input::Replanned`] brings
//! another. Who is on call is found when a level starts, a level with nobody is skipped at once, and
//! in a calamity the next level starts beside one that rings for longer than half the target.
//!
//! A call that is promised ([`Input::CallBackPromised`]) is a deadline: its owner is reminded before
//! and at the instant, and two minutes later the customer is told that nobody called, and others are
//! asked. The urgency is the highest of what the customer, the page, his profile, software and
//! people said; a person lowers it, with a reason, and that overrules what stood above it until the
//! customer speaks anew.

mod addressee;
mod answer;
pub mod backlog;
mod by_hash;
mod call_back;
mod check;
mod choose;
mod clocks;
mod community;
mod contact_state;
mod deadline;
mod eligible;
mod engine;
mod escalation;
mod explain;
mod hands;
mod incident_state;
mod index;
mod input;
mod known;
mod lot;
mod order;
mod output;
mod plan;
pub mod pool;
mod praise;
pub mod predict;
mod pulse;
mod reserve;
mod settle;
mod share;
mod snapshot;
mod state;
mod target;
mod tell;
pub mod timers;
mod turn;
mod voices;
mod whole;

pub use answer::{Answer, Refusal};
pub use check::{Finding, FindingKind, Late, Severity, Subject, WaySet, check};
pub use engine::Engine;
pub use explain::{Question, Reachable};
pub use input::{Input, Opening};
pub use output::{Effect, ForwardTo, Output};
pub use pulse::{Help, Pulse, Rising, Topic};
pub use snapshot::{RestoreError, RestoreErrorKind};
