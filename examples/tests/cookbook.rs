//! Runs the recipes of the cookbook: those in TOML as they are written there, those in Rust as they
//! stand here, and a test that both texts are one.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::error::Error;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bereik::calendar::{Limits, Marks, Reading, ShiftNames};
use bereik::channel::http::Http;
use bereik::channel::signature::Secrets;
use bereik::channel::{
    AlertTo, Dispatch, Doubt, EventKind, Failover, Health, Inbound, Inbox, MeetingTemplate,
    Memory as Provider,
};
use bereik::chat::Slack;
use bereik::core::contact::{Addressee, Customer};
use bereik::core::customer::CustomerProfile;
use bereik::core::directory::Draft;
use bereik::core::group::Group;
use bereik::core::line::Line;
use bereik::core::message::{Author, Body, MessageKind};
use bereik::core::praise::Judgement;
use bereik::core::presence::PresenceState;
use bereik::core::public_view::{Audience, json_ld::Profile};
use bereik::core::signal::SignalKind;
use bereik::core::{
    Address, ChannelKind, ContactId, Directory, Fact, FreeBusy, Interval, Person, PersonId, Signal,
    Slot, Urgency, Zone, language::Language,
};
use bereik::email::{Smtp, SmtpConfig};
use bereik::feed::http::{Client, Credentials};
use bereik::feed::{CalDav, CalendarWatch, Pace, UrlGuard, calendar_files, marks_of};
use bereik::presence::roster::{Cadence, Roster, Rotation, Rule};
use bereik::presence::{
    Board, Coverage, CoveragePromise, Onlooker, PersonFacts, ReachRules, ViewRules, together,
};
use bereik::routing::{Engine, Opening, check};
use bereik::store::Memory;
use bereik::switchboard::{Clock, CustomerDirectory, LookUpError, Notice, Switchboard};
use bereik::web::{FormConfig, Web, WebChat, WebConfig, WebForm, contact_page, hook_router};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

type Tested = Result<(), Box<dyn Error>>;

const HEAD: &str = "name = \"Rivers & Co\"\nzone = \"Europe/Amsterdam\"\n";
const PEOPLE: &str = r#"
[[person]]
id = "anna"
name = "Anna"
[[person]]
id = "bram"
name = "Bram"
skills = { e-bike = 4 }
[[person]]
id = "ceren"
name = "Ceren"
"#;
const HELPDESK: &str = r#"
[[group]]
id = "helpdesk"
name = "Helpdesk"
members = ["anna", "bram"]
"#;

fn cookbook() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/COOKBOOK.md");
    std::fs::read_to_string(path).unwrap()
}

/// The blocks of this language, each with the title above it.
fn blocks(language: &str) -> Vec<(String, String)> {
    let (mut title, mut block, mut found) = (String::new(), None, Vec::new());
    for line in cookbook().lines() {
        match &mut block {
            None if line.starts_with("### ") => title = line[4..].to_owned(),
            None if line == format!("```{language}") => block = Some(String::new()),
            None => {}
            Some(text) if line == "```" => {
                found.push((title.clone(), std::mem::take(text)));
                block = None;
            }
            Some(text) => *text += &format!("{line}\n"),
        }
    }
    found
}

/// The directory that a recipe makes of our three people.
fn recipe(title: &str) -> Directory {
    let (_, text) = blocks("toml")
        .into_iter()
        .find(|(of, _)| of == title)
        .unwrap();
    let group = if text.contains("[[group]]") {
        ""
    } else {
        HELPDESK
    };
    toml::from_str(&format!("{HEAD}{text}{PEOPLE}{group}")).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn monday() -> DateTime<Utc> {
    at("2026-11-23T09:10:00+01:00")
}

/// A company at work: everybody of `there` has the desk open.
struct House {
    switchboard: Switchboard,
    desk: Arc<Provider>,
    mail: Arc<Provider>,
}

impl House {
    async fn new(directory: Directory, there: &[&str]) -> Result<Self, Box<dyn Error>> {
        let desk = Arc::new(Provider::new(ChannelKind::WebChat));
        let mail = Arc::new(Provider::new(ChannelKind::Email));
        let switchboard = Switchboard::builder(directory)
            .with_channel(desk.clone())
            .with_channel(mail.clone())
            .with_clock(Clock::starting_at(monday()))
            .start()
            .await?;
        for person in there {
            let (at, source) = (monday(), "desk".into());
            let kind = SignalKind::Online(ChannelKind::WebChat);
            let expires_at = at + TimeDelta::hours(9);
            let signal = Signal {
                kind,
                source,
                at,
                expires_at,
            };
            switchboard.signal(person.parse()?, signal).await?;
        }
        Ok(Self {
            switchboard,
            desk,
            mail,
        })
    }

    async fn open(&self, page: &str) -> Result<ContactId, Box<dyn Error>> {
        let opened = self
            .switchboard
            .open(opening().from_page(page), None)
            .await?;
        Ok(opened.contact)
    }

    /// Who was rung at the desk since the start, in order.
    fn rung(&self) -> Vec<String> {
        let to = |dispatch| match dispatch {
            Dispatch::Alert(alert) => match alert.to {
                AlertTo::Person(person) => Some(person.to_string()),
                AlertTo::Address(_) => None,
            },
            _ => None,
        };
        self.desk.outbox().into_iter().filter_map(to).collect()
    }

    /// Which mailboxes were alerted since the start, in order.
    fn mailed(&self) -> Vec<String> {
        let to = |dispatch| match dispatch {
            Dispatch::Alert(alert) => match alert.to {
                AlertTo::Address(address) => Some(address.value().to_owned()),
                AlertTo::Person(_) => None,
            },
            _ => None,
        };
        self.mail.outbox().into_iter().filter_map(to).collect()
    }
}

fn opening() -> Opening {
    let addresses = vec!["jan@example.org".parse().unwrap()];
    let customer = Customer {
        addresses,
        ..Customer::default()
    };
    Opening::new("tab-1:1".parse().unwrap(), customer, ChannelKind::WebChat)
}

async fn seconds(passed: u64) {
    tokio::time::sleep(Duration::from_secs(passed)).await;
}

#[test]
fn hours_of_your_own() {
    let directory = recipe("Hours of your own");
    let hours = directory.hours_of(&directory.people()[0]).unwrap();
    let is_open = |text: &str| hours.is_open_at(at(&format!("{text}:00+01:00")), directory.zone());
    assert!(is_open("2026-11-23T09:00") && !is_open("2026-11-23T12:45"));
    assert!(is_open("2026-11-23T05:59") && !is_open("2026-11-23T06:00"));
    assert!(!is_open("2026-12-21T09:00") && !is_open("2026-12-22T13:00"));
}

#[tokio::test(start_paused = true)]
async fn ask_everybody_at_once() -> Tested {
    let house = House::new(recipe("Ask everybody at once"), &["anna", "bram"]).await?;
    house.open("/").await?;
    seconds(1).await;
    assert_eq!(house.rung(), ["anna", "bram"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn ask_wider_step_by_step() -> Tested {
    let there = ["anna", "bram", "ceren"];
    let house = House::new(recipe("Ask wider, step by step"), &there).await?;
    house.open("/shop/e-bikes/mira").await?;
    seconds(1).await;
    assert_eq!(house.rung(), ["bram"], "only he has the skill");
    seconds(300).await;
    let rung = house.rung();
    let first = |id: &str| rung.iter().position(|one| one == id);
    assert!(
        first("anna") < first("ceren") && first("ceren").is_some(),
        "{rung:?}"
    );
    Ok(())
}

#[test]
fn how_a_group_picks() {
    let directory = recipe("How a group picks, and whom it serves first");
    let group = &directory.groups()[0];
    assert_eq!((group.offers_at_once, group.reserve), (2, Some(1)));
    assert_eq!(group.strategy, bereik::core::group::Strategy::LongestIdle);
}

#[tokio::test(start_paused = true)]
async fn one_question_first() -> Tested {
    let house = House::new(recipe("One question first"), &["anna", "bram"]).await?;
    let contact = house.open("/").await?;
    seconds(1).await;
    assert!(house.rung().is_empty(), "the customer is asked first");
    house.switchboard.answer_triage(contact, 2).await?;
    seconds(1).await;
    assert_eq!(house.rung(), ["bram"], "only he has the skill");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_people_can_hold() -> Tested {
    let house = House::new(recipe("What people can hold"), &["anna"]).await?;
    let contact = house.open("/").await?;
    seconds(1).await;
    let anna: PersonId = "anna".parse()?;
    let offers = house.switchboard.offers_to(&anna);
    house.switchboard.accept(offers[0].id, anna.clone()).await?;
    house
        .switchboard
        .close(contact, Author::Person(anna))
        .await?;
    let again = Opening::new(
        "tab-2:1".parse()?,
        Customer::default(),
        ChannelKind::WebChat,
    );
    house.switchboard.open(again, None).await?;
    seconds(1).await;
    assert_eq!(house.rung(), ["anna"], "she wraps up");
    seconds(60).await;
    assert_eq!(house.rung(), ["anna", "anna"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn many_calls_one_team() -> Tested {
    let house = House::new(recipe("Many calls, one team"), &["anna", "bram"]).await?;
    let mut contacts = Vec::new();
    for number in 0..4 {
        let key = format!("tab-{number}:1").parse()?;
        let opening = Opening::new(key, Customer::default(), ChannelKind::WebChat);
        let opening = opening.from_page("/status/web-shop");
        contacts.push(house.switchboard.open(opening, None).await?.contact);
    }
    for contact in contacts {
        let contact = house.switchboard.contact(contact).await?.unwrap();
        assert!(contact.incident.is_some(), "{}", contact.id);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_on_call_line() -> Tested {
    let house = House::new(recipe("An on-call line"), &[]).await?;
    house.open("/").await?;
    seconds(1).await;
    assert_eq!(house.mailed(), ["on-call@rivers.example"]);
    seconds(310).await;
    assert_eq!(
        house.mailed(),
        ["on-call@rivers.example", "boss@rivers.example"]
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_calamity_line() -> Tested {
    let house = House::new(recipe("A calamity line"), &["anna"]).await?;
    let contact = house.open("/status/web-shop").await?;
    seconds(1).await;
    assert_eq!(house.mailed(), ["calamity@rivers.example"]);
    assert_eq!(house.rung(), ["anna"]);
    let contact = house.switchboard.contact(contact).await?.unwrap();
    assert_eq!(contact.urgency, Urgency::Calamity);
    Ok(())
}

#[tokio::test]
async fn mail_through_your_own_server() -> Tested {
    let directory = recipe("An on-call line");
    // recipe: Mail through your own server
    let url = "smtp://user:secret@mail.example.org:587?from=helpdesk@example.org";
    let mail = Arc::new(Smtp::new(SmtpConfig::parse(url)?)?);
    let builder = Switchboard::builder(directory).with_channel(mail);
    // end
    builder.start().await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_providers_for_one_line() -> Tested {
    let directory = recipe("An on-call line");
    let first_provider = Arc::new(Provider::new(ChannelKind::Email));
    let second_provider = Arc::new(Provider::new(ChannelKind::Email));
    first_provider.become_health(Health::Down { retry_after: None });
    let second = second_provider.clone();
    // recipe: Two providers for one line
    let mail = Failover::new(first_provider, Duration::from_secs(10))
        .with_line(second_provider, Duration::from_secs(10))
        .with_doubt(Doubt::GoOn);
    let switchboard = Switchboard::builder(directory)
        .with_channel(Arc::new(mail))
        .start()
        .await?;
    // end
    switchboard.open(opening(), None).await?;
    seconds(1).await;
    assert_eq!(second.outbox().len(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_mailboxes_a_line_each() -> Tested {
    let directory = recipe("Two mailboxes, a line each");
    let sales_mailbox = Arc::new(Provider::new(ChannelKind::Email));
    let help_mailbox = Arc::new(Provider::new(ChannelKind::Email));
    let (sales, help) = (sales_mailbox.clone(), help_mailbox.clone());
    // recipe: Two mailboxes, a line each
    let switchboard = Switchboard::builder(directory)
        .with_line("sales-mail".parse()?, sales_mailbox)
        .with_line("help-mail".parse()?, help_mailbox)
        .start()
        .await?;
    // end
    let leak = Inbound::new("jan@example.org".parse()?, Body::parse("My boat leaks")?);
    help.bring(EventKind::Message(leak));
    seconds(1).await;
    let [contact] = &switchboard.open_contacts().await?[..] else {
        panic!("one contact")
    };
    assert_eq!(contact.addressee, Addressee::Group("helpdesk".parse()?));
    assert_eq!((sales.outbox().len(), help.outbox().len()), (0, 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn try_somebodys_lines() -> Tested {
    let line = Line::new(
        "anna-mail".parse()?,
        ChannelKind::Email,
        "anna@rivers.example".parse()?,
    );
    let anna = Person::new("anna".parse()?, "Anna").with_line(line);
    let group = Group::new("sales".parse()?, "Sales", vec!["anna".parse()?]);
    let directory = Draft::new("Rivers & Co", Zone::utc())
        .with_person(anna)
        .with_group(group)
        .check()?;
    let mail = Arc::new(Provider::new(ChannelKind::Email));
    let builder = Switchboard::builder(directory).with_channel(mail);
    let switchboard = builder.start().await?;
    seconds(1).await;
    // recipe: Try somebody's lines
    for state in switchboard.lines_of(&"anna".parse()?) {
        switchboard.test_line(&state.line).await;
    }
    let working = switchboard.lines_of(&"anna".parse()?);
    // end
    assert!(working[0].works() && working[0].tested.is_some());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn among_colleagues() -> Tested {
    let there = ["anna", "bram"];
    let House { switchboard, .. } = House::new(recipe("An on-call line"), &there).await?;
    let anna: PersonId = "anna".parse()?;
    let opening = opening().for_addressee(Addressee::Person(anna.clone()));
    let contact = switchboard.open(opening, None).await?.contact;
    let offer = switchboard.offers_to(&anna)[0].id;
    switchboard.accept(offer, anna.clone()).await?;
    // recipe: Ask a colleague, and keep the contact
    let bram = Addressee::Person("bram".parse()?);
    let by = anna.clone();
    switchboard.consult(contact, bram, vec![], by).await?;
    // end
    let bram: PersonId = "bram".parse()?;
    let offer = switchboard.offers_to(&bram)[0].id;
    switchboard.accept(offer, bram.clone()).await?;
    // recipe: Hand a contact on
    let whom = Addressee::Person("bram".parse()?);
    let by = anna.clone();
    switchboard.transfer(contact, whom, vec![], by).await?;
    // end
    let offer = switchboard.offers_to(&bram)[0].id;
    switchboard.accept(offer, bram.clone()).await?;
    let stands = switchboard.contact(contact).await?.unwrap();
    assert_eq!(stands.owner(), Some(&bram));
    // recipe: Thank a colleague
    let (of, skill, helped) = (bram.clone(), "e-bike".parse()?, Judgement::Praise);
    switchboard.praise(contact, of, skill, helped, anna).await?;
    let received = move |engine: &Engine, _| engine.praise_of(&bram).count();
    println!("{} so far", switchboard.ask(received).await?);
    // end
    let bram: PersonId = "bram".parse()?;
    let received = move |engine: &Engine, _| engine.praise_of(&bram).count();
    assert_eq!(switchboard.ask(received).await?, 1);
    Ok(())
}

#[derive(Debug)]
struct Contracts;

// recipe: Say who the customer is
#[async_trait::async_trait]
impl CustomerDirectory for Contracts {
    async fn look_up(&self, address: &Address) -> Result<Option<CustomerProfile>, LookUpError> {
        let is_ours = address.value().ends_with("@example.org");
        let web_shop = ("web-shop".parse().expect("a name"), Urgency::High);
        Ok(is_ours.then(|| CustomerProfile {
            name: "Jan".into(),
            critical: [web_shop].into(),
            ..CustomerProfile::default()
        }))
    }
}
// end

#[tokio::test(start_paused = true)]
async fn say_who_the_customer_is() -> Tested {
    let mut draft = Draft::from(recipe("An on-call line"));
    draft.looks_up_customers = true;
    let builder = Switchboard::builder(draft.check()?).with_customers(Arc::new(Contracts));
    let switchboard = builder
        .with_clock(Clock::starting_at(monday()))
        .start()
        .await?;
    let mut opening = opening();
    opening.need = Some("web-shop".parse()?);
    let contact = switchboard.open(opening, None).await?.contact;
    seconds(1).await;
    let contact = switchboard.contact(contact).await?.unwrap();
    assert_eq!(contact.urgency, Urgency::High);
    Ok(())
}

#[test]
fn ask_what_will_go_wrong() {
    let directory = recipe("An on-call line");
    let week: Interval = "2026-11-23T00:00:00Z/2026-11-30T00:00:00Z".parse().unwrap();
    // recipe: Ask what will go wrong
    for finding in check(&directory, week) {
        println!("{:?}: {finding}", finding.severity);
    }
    // end
    assert!(
        !check(&directory, week).is_empty(),
        "a calamity has no line"
    );
}

#[tokio::test(start_paused = true)]
async fn hear_of_everything_that_happens() -> Tested {
    let House { switchboard, .. } = House::new(recipe("An on-call line"), &["anna"]).await?;
    let contact = switchboard.open(opening(), None).await?.contact;
    // recipe: Hear of everything that happens
    let mut happening = switchboard.subscribe();
    let before = switchboard.timeline(contact, 0).await?;
    let mut seen = before.last().map_or(0, |entry| entry.number);
    switchboard.close(contact, Author::Customer).await?;
    while let Some(notice) = happening.next().await {
        match notice {
            Notice::Entry(entry) if entry.number > seen => {
                seen = entry.number;
                // Nobody had it yet, so the customer gave up.
                if matches!(entry.fact, Fact::Abandoned { .. } | Fact::Closed { .. }) {
                    break;
                }
            }
            Notice::Gap => panic!("a slow reader reads the timeline again from `seen` on"),
            _ => {}
        }
    }
    // end
    assert!(seen > before.len() as u64);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn change_the_directory() -> Tested {
    let House { switchboard, .. } = House::new(recipe("An on-call line"), &[]).await?;
    // recipe: Change the directory
    let mut draft = Draft::from((*switchboard.directory()).clone());
    draft.people.push(Person::new("dora".parse()?, "Dora"));
    draft.groups[0].members.push("dora".parse()?);
    switchboard.replace_directory(draft.check()?).await?;
    // end
    assert!(switchboard.directory().person(&"dora".parse()?).is_some());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn say_what_an_agenda_says() -> Tested {
    let mut draft = Draft::from(recipe("An on-call line"));
    draft.people[0].calendars.push("anna.ics".to_owned());
    let House { switchboard, .. } = House::new(draft.check()?, &["anna"]).await?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("webchat/agendas/daan.ics");
    let (bytes, zone) = (std::fs::read(path)?, Zone::named("Europe/Amsterdam")?);
    let window = Interval::new(monday(), monday() + TimeDelta::days(30)).unwrap();
    // recipe: Say what an agenda says
    let calendar = bereik::calendar::read(&bytes, &Limits::default());
    let reading = Reading::new()
        .with_zone(zone)
        .with_owner("anna@rivers.example");
    let says = calendar.free_busy(window, &reading);
    for problem in &says.problems {
        eprintln!("anna.ics:{}: {}", problem.line(), problem.reason());
    }
    switchboard
        .update_calendar("anna".parse()?, says.value)
        .await?;
    // end
    assert_eq!(state(&switchboard, "anna"), PresenceState::Busy);
    seconds(40 * 60).await;
    assert_eq!(state(&switchboard, "anna"), PresenceState::Available);
    Ok(())
}

const MARKED: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Open hour\r\n\
    DTSTART:20261124T100000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:On call: Anna\r\nDTSTART:20261125T180000Z\r\nDURATION:PT12H\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn ask_an_agenda_for_more() -> Tested {
    let bytes = MARKED.as_bytes().to_vec();
    let window = Interval::new(monday(), monday() + TimeDelta::days(7)).unwrap();
    let reading = Reading::new();
    let calendar = bereik::calendar::read(&bytes, &Limits::default());
    // recipe: Ask why an agenda says so
    for stretch in calendar.explain(window, &reading).value {
        let lines: Vec<usize> = stretch.claims.iter().map(|claim| claim.line).collect();
        println!("{} {:?}: lines {lines:?}", stretch.interval, stretch.kind);
    }
    // end
    let explained = calendar.explain(window, &reading).value;
    let lines = explained.iter().map(|stretch| stretch.claims[0].line);
    assert_eq!(lines.collect::<Vec<_>>(), [2, 8]);
    // recipe: Let people say when they can be reached
    let marks = Marks::new()
        .with_category("Reachable", &[ChannelKind::Phone, ChannelKind::WebChat])
        .with_title("Open hour", &[ChannelKind::WebChat]);
    let calendar = bereik::calendar::read_marked(&bytes, &Limits::default(), &marks);
    let open = calendar.open_time(window, &reading).value;
    println!(
        "{} hours to chat",
        open.intervals(ChannelKind::WebChat).len()
    );
    // end
    assert_eq!(open.intervals(ChannelKind::WebChat).len(), 1);
    // recipe: Read a roster that is kept in a calendar
    let names = ShiftNames::new()
        .with_title("On call: Anna", "anna".parse()?)
        .with_address("bo@rivers.example", "bo".parse()?);
    let roster = bereik::calendar::read_shifts(&bytes, &Limits::default(), &names);
    for shift in roster.shifts(window, &reading).value {
        println!("{} {}", shift.interval, shift.person);
    }
    // end
    assert_eq!(roster.shifts(window, &reading).value.len(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn take_turns_on_call() -> Tested {
    let House { switchboard, .. } = House::new(recipe("An on-call line"), &[]).await?;
    let now = switchboard.now();
    // recipe: Take turns on call
    let start = NaiveDate::from_ymd_opt(2026, 11, 23).and_then(|day| day.and_hms_opt(9, 0, 0));
    let zone = Zone::named("Europe/Amsterdam")?;
    let turns = Rotation::new(
        zone.clone(),
        start.ok_or("a time")?,
        Cadence::Weekly,
        NonZeroU16::MIN,
    )
    .with_members(["anna".parse()?, "bram".parse()?]);
    let roster = Roster::new(zone).with_rule(Rule::rotation(turns));
    let quarter = Interval::new(now, now + TimeDelta::days(90)).ok_or("it ends later")?;
    for (person, on_call) in roster.on_call_by_person(quarter) {
        switchboard.update_on_call(person, on_call).await?;
    }
    // end
    assert_eq!(roster.on_call_at(now), ["anna".parse()?]);
    assert_eq!(roster.on_call_by_person(quarter).len(), 2);
    Ok(())
}

#[test]
fn look_ahead() -> Tested {
    let directory = recipe("An on-call line");
    let free = Interval::new(monday() - TimeDelta::days(1), monday() + TimeDelta::days(2));
    let free_busy = FreeBusy::builder(free.unwrap()).build();
    let free = || PersonFacts {
        free_busy: free_busy.clone(),
        ..PersonFacts::default()
    };
    let facts = BTreeMap::from([("anna".parse()?, free()), ("bram".parse()?, free())]);
    let (day, rules) = (
        Interval::new(monday(), monday() + TimeDelta::days(1)).unwrap(),
        ReachRules::default(),
    );
    // recipe: Find the holes of next week
    let group = directory
        .group(&"helpdesk".parse()?)
        .ok_or("a group of the directory")?;
    let coverage = Coverage::of_group(&directory, group, &facts, &rules, day);
    let promise = CoveragePromise::new([ChannelKind::WebChat])
        .with_people_min(NonZeroU32::new(2).ok_or("two")?);
    for hole in coverage.holes(&promise) {
        println!("{}: {} missing", hole.interval, hole.missing);
    }
    for point in coverage.single_points(&promise) {
        println!("without {} it breaks for {}", point.person, point.total);
    }
    // end
    assert!(coverage.holes(&promise).is_empty());
    assert_eq!(coverage.single_points(&promise).len(), 2);
    // recipe: Find a time for all of them
    let chat = &together(&coverage, 30, monday(), 3)[ChannelKind::WebChat];
    match chat.openings.first() {
        Some(opening) => println!("half an hour from {}", opening.start()),
        None => println!("{} of them block", chat.blockers.len()),
    }
    // end
    assert_eq!(chat.openings[0].start(), monday());
    Ok(())
}

#[test]
fn many_people() -> Tested {
    let directory = recipe("An on-call line");
    let (now, rules) = (monday(), ReachRules::default());
    let free = Interval::new(now, now + TimeDelta::days(7)).unwrap();
    let free_busy = FreeBusy::builder(free).build();
    let desk = Signal {
        kind: SignalKind::Online(ChannelKind::WebChat),
        source: "desk".into(),
        at: now,
        expires_at: now + TimeDelta::hours(1),
    };
    // recipe: Keep a million people
    let mut board = Board::of_directory(&directory, rules, now);
    let (anna, helpdesk) = (Slot::new(0), Slot::new(0)); // in the order of the directory
    board.set_free_busy(anna, free_busy);
    board.set_signal(anna, desk);
    for place in board.reachable(helpdesk, ChannelKind::WebChat).iter() {
        println!("member {} can chat", place.number());
    }
    while let Some(next) = board.next_change_at() {
        println!("{} people change at {next}", board.advance(next).len());
    }
    // end
    assert!(board.reachable(helpdesk, ChannelKind::WebChat).is_empty());
    assert!(board.now() >= now + TimeDelta::hours(1));
    Ok(())
}

const OFFICE: &str = "BEGIN:VCALENDAR\r\nBEGIN:VAVAILABILITY\r\nDTSTART:20260101T000000Z\r\n\
    BEGIN:AVAILABLE\r\nUID:1\r\nDTSTART;TZID=Europe/Amsterdam:20260105T090000\r\nDURATION:PT8H\r\n\
    RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\nEND:VCALENDAR\r\n";
const HOLIDAYS: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261224\r\n\
    TRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn read_hours_and_holidays() -> Tested {
    let (bytes, holidays) = (OFFICE.as_bytes(), HOLIDAYS.as_bytes());
    let reading = Reading::new().with_zone(Zone::named("Europe/Amsterdam")?);
    let year = Interval::new(monday(), monday() + TimeDelta::days(365)).unwrap();
    // recipe: Read hours and holidays
    let limits = Limits::default();
    let office = bereik::calendar::read(bytes, &limits).hours(year, &reading);
    let closed = bereik::calendar::read(holidays, &limits).holidays(year, &reading);
    let hours = office.value.unwrap_or_default().with_closed(closed.value);
    // end
    assert_eq!(hours.week.thu.len(), 1);
    assert!(hours.on("2026-12-24".parse()?).is_empty());
    Ok(())
}

#[tokio::test]
async fn calendars_over_a_network() -> Tested {
    let directory = recipe("An on-call line");
    let folder = Path::new(".");
    let now = monday;
    // recipe: Read calendars over a network
    let guard = UrlGuard::new().with_host("agenda.corp").with_port(8443); // on your intranet
    let client = Client::new(guard);
    let files = calendar_files(&directory, folder);
    let mut watch = CalendarWatch::new(files, now).with_http(client.clone(), Pace::default());

    let url = client.guard().check("https://agenda.corp:8443/dav/")?;
    let account = CalDav::new(client, url, Reading::new().with_marks(marks_of(&directory)))
        .with_credentials(Credentials::basic("bereik", "s3cret")?);
    watch.add_source("anna".parse()?, Box::new(account), Pace::default());
    // end
    assert!(format!("{watch:?}").contains("people"));
    Ok(())
}

fn state(switchboard: &Switchboard, person: &str) -> PresenceState {
    let person: PersonId = person.parse().unwrap();
    switchboard.presence(&person).0.state
}

#[tokio::test(start_paused = true)]
async fn do_not_disturb() -> Tested {
    let House { switchboard, .. } = House::new(recipe("An on-call line"), &["anna"]).await?;
    // recipe: Do not disturb, for half an hour
    let now = switchboard.now();
    let signal = Signal {
        kind: SignalKind::DoNotDisturb,
        source: "headset".into(),
        at: now,
        expires_at: now + TimeDelta::minutes(30),
    };
    switchboard.signal("anna".parse()?, signal).await?;
    // end
    assert_eq!(state(&switchboard, "anna"), PresenceState::DoNotDisturb);
    seconds(31 * 60).await;
    assert_eq!(state(&switchboard, "anna"), PresenceState::Available);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn find_a_customer_and_forget_his_words() -> Tested {
    let House { switchboard, .. } = House::new(recipe("An on-call line"), &["anna"]).await?;
    let words = Body::parse("my account number is 123")?;
    let opened = switchboard.open(opening(), Some(words)).await?;
    let (text, key) = (MessageKind::Text, "tab-1:2".parse()?);
    let more = Body::parse("and my name is Jan")?;
    let next = switchboard
        .say(opened.contact, Author::Customer, text, key, more)
        .await?;
    // recipe: Find a customer, and forget his words
    for contact in switchboard.find(&"jan@example.org".parse()?).await? {
        println!("{} {:?} {:?}", contact.id, contact.state, contact.owner());
        switchboard.erase_bodies(contact.id).await?;
    }
    // end
    let messages = [opened.message.unwrap(), next.unwrap()];
    assert_eq!(switchboard.bodies(&messages).await?, [None, None]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_of_your_own() -> Tested {
    let (directory, opening) = (recipe("An on-call line"), opening());
    // recipe: A store of your own
    bereik::store::conformance::conformance(async || Memory::new()).await;

    let store = Arc::new(Memory::new());
    let builder = Switchboard::builder(directory.clone()).with_store(store.clone());
    let first = builder.start().await?;
    let contact = first.open(opening, None).await?.contact;
    first.stop().await?;

    let second = Switchboard::builder(directory)
        .with_store(store)
        .start()
        .await?;
    assert!(second.contact(contact).await?.is_some());
    // end
    Ok(())
}

#[test]
fn show_less_and_more() -> Tested {
    let directory = recipe("An on-call line");
    let facts = BTreeMap::new();
    // recipe: Show colleagues more than customers
    let (rules, views) = (ReachRules::default(), ViewRules::default());
    let colleagues = Onlooker::new(&directory, &rules, &views, Audience::Colleague);
    let (board, until) = colleagues.board(&facts, monday());
    println!("{} people, until {until:?}", board.people.len());
    // end
    assert_eq!(board.people.len(), 3);
    // recipe: A page for when the server is down
    let profile = Profile::default();
    let page = contact_page(&directory, &profile, Language::English, monday());
    // end
    assert!(page.contains("application/ld+json"));
    Ok(())
}

#[tokio::test]
async fn the_chat_on_a_site_of_another_origin() -> Tested {
    let (directory, chat) = (recipe("An on-call line"), WebChat::new());
    let builder = Switchboard::builder(directory).with_channel(chat.clone());
    let switchboard = builder.start().await?;
    // recipe: The chat on a site of another origin
    let config = WebConfig::default().with_origin("https://www.example.org".parse()?);
    let web = Web::new(switchboard, chat, config);
    let app: axum::Router = axum::Router::new().nest("/help", web.visitor_router());
    // end
    drop(app);
    Ok(())
}

#[tokio::test]
async fn hear_what_a_provider_posts() -> Tested {
    let (directory, clock) = (recipe("An on-call line"), Clock::starting_at(monday()));
    let folder = std::env::temp_dir().join(format!("bereik-cookbook-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    // recipe: Hear what a provider posts
    let inbox = Arc::new(Inbox::open(folder.join("slack")).await?);
    let secrets = Secrets::new("signing-secret")?;
    let slack = Slack::new(Http::new()?, "xoxb-token", secrets, inbox);
    let slack = Arc::new(slack);
    let hooks = axum::Router::new().nest("/slack", hook_router(slack.clone(), clock.clone()));
    let switchboard = Switchboard::builder(directory)
        .with_channel(slack)
        .with_clock(clock)
        .start()
        .await?;
    // end
    drop((hooks, switchboard));
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[tokio::test]
async fn a_form_without_scripts() -> Tested {
    let (directory, clock) = (recipe("An on-call line"), Clock::starting_at(monday()));
    let folder = std::env::temp_dir().join(format!("bereik-form-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mail = Arc::new(Provider::holding(ChannelKind::Email));
    // recipe: A form without scripts
    let inbox = Arc::new(Inbox::open(folder.join("form")).await?);
    let config = FormConfig::new("Rivers & Co");
    let form = Arc::new(WebForm::new(inbox, clock.clone(), config));
    let app = axum::Router::new().nest("/ask", WebForm::router(&form));
    let switchboard = Switchboard::builder(directory)
        .with_channel(form)
        .with_channel(mail)
        .with_clock(clock)
        .start()
        .await?;
    // end
    drop((app, switchboard));
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[tokio::test]
async fn start_a_meeting_from_the_desk() -> Tested {
    let chat = WebChat::new();
    let switchboard = Switchboard::builder(recipe("An on-call line"));
    let switchboard = switchboard.with_channel(chat.clone()).start().await?;
    // recipe: Start a meeting from the desk
    let meetings = MeetingTemplate::parse("https://meet.jit.si/rivers-{room}")?;
    let config = WebConfig::default().with_meetings(meetings);
    let web = Web::new(switchboard, chat, config);
    // end
    drop(web);
    Ok(())
}

#[test]
fn the_recipes_in_rust_stand_in_the_cookbook() {
    let (mut title, mut recipes) = (None, Vec::new());
    let mut text = String::new();
    for line in include_str!("cookbook.rs").lines() {
        match (line.trim().strip_prefix("// recipe: "), &title) {
            (Some(name), _) => title = Some(name.to_owned()),
            (None, Some(_)) if line.trim() == "// end" => {
                recipes.extend(title.take().map(|title| (title, std::mem::take(&mut text))));
            }
            (None, Some(_)) => text += &format!("{}\n", line.strip_prefix("    ").unwrap_or(line)),
            (None, None) => {}
        }
    }
    assert_eq!(recipes, blocks("rust"));
}
