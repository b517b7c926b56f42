//! Teaches a contact for whoever wrote a document: the author, else a co-author, else who knows the subject, else the
//! group that is asked when nobody was named. A folder of documents says who wrote what.
//!
//! `cargo run --example ask-the-author`

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use bereik::core::channel_kind::PerChannel;
use bereik::core::contact::{Addressee, AuthorLookup, Authorship, Customer};
use bereik::core::directory::Draft;
use bereik::core::entry::Fact;
use bereik::core::group::Group;
use bereik::core::reachability::{Reach, ReachReason};
use bereik::core::{ChannelKind, Person, Reachability, Zone};
use bereik::routing::{Engine, Input, Opening, Output};
use chrono::{DateTime, TimeDelta, Utc};

/// A folder of documents, each with a few lines between two `---` that say who wrote it.
struct Folder(PathBuf);

impl AuthorLookup for Folder {
    fn authorship(&self, document: &str) -> Option<Authorship> {
        let is_name = document
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-');
        let path = self.0.join(document).with_extension("md");
        let text = std::fs::read_to_string(path).ok().filter(|_| is_name)?;
        let (front, _) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
        let fields: BTreeMap<&str, &str> = front
            .lines()
            .filter_map(|line| line.split_once(": "))
            .collect();
        let names = ["author", "co-authors"].into_iter();
        let names = names.filter_map(|field| fields.get(field));
        let names = names.flat_map(|names| names.split(','));
        let people = names.filter_map(|name| name.trim().parse().ok());
        Some(Authorship {
            document: document.to_owned(),
            people: people.collect(),
            subject: fields.get("subject").and_then(|skill| skill.parse().ok()),
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("ask-the-author/documents"));
    let mut engine = Engine::new(
        Draft::new("Rivers & Co", Zone::utc())
            .with_person(Person::new("anna".parse()?, "Anna"))
            .with_person(Person::new("bram".parse()?, "Bram"))
            .with_person(Person::new("ceren".parse()?, "Ceren").with_skill("billing".parse()?, 4))
            .with_person(Person::new("dina".parse()?, "Dina"))
            .with_group(Group::new("desk".parse()?, "Desk", vec!["dina".parse()?]))
            .check()?,
    );
    let mut now: DateTime<Utc> = "2026-11-23T09:10:00Z".parse()?;
    for name in ["anna", "bram", "ceren", "dina"] {
        reach(&mut engine, now, name, Reach::Now)?;
    }

    for (document, leaves) in [
        ("invoices", Some("anna")),
        ("invoices", Some("bram")),
        ("invoices", Some("ceren")),
        ("invoices", None),
        ("history", None),
        ("unwritten", None),
    ] {
        now += TimeDelta::minutes(1);
        let asked = ask(&mut engine, now, &folder, document)?;
        println!("{document}: {asked}");
        if let Some(name) = leaves {
            reach(&mut engine, now, name, Reach::Never)?;
            println!("({name} goes home)");
        }
    }
    Ok(())
}

/// A reader of a document has a question; answers who is asked, and in which circle.
fn ask(
    engine: &mut Engine,
    now: DateTime<Utc>,
    folder: &Folder,
    document: &str,
) -> Result<String, Box<dyn Error>> {
    let key = format!("{document}-{now}")
        .replace([' ', ':', '+'], "-")
        .parse()?;
    let mut opening = Opening::new(key, Customer::default(), ChannelKind::WebChat);
    let authorship = folder.authorship(document);
    opening.addressee = authorship.map(|found| Addressee::Authors(Box::new(found)));
    engine.handle(now, Input::Opened(Box::new(opening)));
    let mut asked = String::from("nobody is asked");
    loop {
        match engine.poll_output() {
            Output::Entry(entry) => {
                if let Fact::Chosen { explanation } = entry.fact {
                    let names: Vec<_> = explanation.chosen.iter().map(|p| p.as_str()).collect();
                    asked = format!(
                        "{} is asked, in circle {}",
                        names.join(", "),
                        explanation.circle
                    );
                }
            }
            Output::Wait(_) => return Ok(asked),
            _ => {}
        }
    }
}

/// What `bereik::presence` would say of somebody's calendar and desk.
fn reach(
    engine: &mut Engine,
    now: DateTime<Utc>,
    name: &str,
    reach: Reach,
) -> Result<(), Box<dyn Error>> {
    let reason = match reach {
        Reach::Now => ReachReason::Available,
        _ => ReachReason::NoDesk,
    };
    let row = PerChannel::from_fn(|_| Reachability { reach, reason });
    let person = name.parse()?;
    engine.handle(now, Input::Reachability { person, row });
    while !matches!(engine.poll_output(), Output::Wait(_)) {}
    Ok(())
}
