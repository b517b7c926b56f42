//! Teaches coverage: a directory and its agendas in; the holes in what each group promises, on whom and what it hangs
//! alone, and a heat map of its first group, out.
//!
//! `cargo run --example coverage -- [DIRECTORY.toml] [DATE] [FILE.svg]`
//!
//! Two weeks from the date are looked at. What is promised is made up here: each group is reached over web chat and
//! by phone within its hours, a large one by two people; somebody is on site; and the phone is answered day and night.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bereik::core::directory::Directory;
use bereik::core::group::Group;
use bereik::core::hours::Hours;
use bereik::core::id::HoursId;
use bereik::core::language::Language;
use bereik::core::{ChannelKind, Interval, PersonId, Zone};
use bereik::feed::read_directory;
use bereik::presence::{
    Coverage, CoveragePromise, HoleKind, PersonFacts, Place, ReachRules, shared_failures,
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

#[path = "../shared/agendas.rs"]
mod agendas;
mod heat_map;

const DAYS: u64 = 14;
const PANELS: [(ChannelKind, &str); 3] = [
    (ChannelKind::WebChat, "web chat"),
    (ChannelKind::Phone, "phone"),
    (ChannelKind::Email, "e-mail"),
];
/// A group of so many promises two people, so that one who falls ill does not close it.
const LARGE: usize = 5;
const LISTED_MAX: usize = 6;

/// What is known of a company, and the days that are looked at.
struct Company {
    directory: Directory,
    facts: BTreeMap<PersonId, PersonFacts>,
    first: NaiveDate,
    range: Interval,
}

fn read(path: &Path, first: NaiveDate) -> Result<Company, Box<dyn Error>> {
    let directory = read_directory(path)?;
    let midnight = |date: NaiveDate| directory.zone().instant_of(date.and_time(NaiveTime::MIN));
    let end = first.checked_add_days(Days::new(DAYS)).ok_or("too late")?;
    let range = Interval::new(midnight(first), midnight(end)).ok_or("no days")?;
    let folder = path.parent().unwrap_or(path);
    let (facts, wrong) = agendas::read(&directory, folder, range);
    wrong.iter().for_each(|why| eprintln!("{why}"));
    Ok(Company {
        directory,
        facts,
        first,
        range,
    })
}

impl Company {
    fn of_group(&self, group: &Group) -> Coverage {
        let rules = ReachRules::default();
        Coverage::of_group(&self.directory, group, &self.facts, &rules, self.range)
    }

    /// Everybody, and each belongs to the place whose clock he lives by.
    fn of_all(&self) -> Coverage {
        let people = self.directory.people();
        let place = |zone: &Zone| Place::new(zone.name());
        let places = people
            .iter()
            .map(|person| (person.id.clone(), place(self.directory.zone_of(person))));
        let (facts, rules) = (&self.facts, ReachRules::default());
        Coverage::new(&self.directory, people, facts, &rules, self.range)
            .with_places(places.collect())
    }

    /// The promise of a group over a kind of channel, within its hours.
    fn promise(&self, group: &Group, channel: ChannelKind) -> CoveragePromise {
        let people_min = NonZeroU32::MIN.saturating_add(u32::from(
            LARGE <= self.directory.members_of(&group.id).len(),
        ));
        let promise = CoveragePromise::new([channel]).with_people_min(people_min);
        match self.hours(group.hours.as_ref()) {
            Some(hours) => promise.during(hours.clone(), self.directory.zone().clone()),
            None => promise,
        }
    }

    fn hours(&self, id: Option<&HoursId>) -> Option<&Hours> {
        let id = id.or(self.directory.draft().default_hours.as_ref())?;
        self.directory.hours(id)
    }

    fn print(&self) {
        for group in self.directory.groups() {
            let coverage = self.of_group(group);
            for (channel, over) in [PANELS[0], PANELS[1]] {
                if self.has_line(group, channel) {
                    let promise = self.promise(group, channel);
                    let what = format!("{}, {} over {over}", name(group), promise.people_min);
                    self.print_promise(&what, &coverage, &promise);
                }
            }
        }
        let all = self.of_all();
        let zone = self.directory.zone();
        let mut on_site = CoveragePromise::new([]).at(Place::new(zone.name()));
        if let Some(hours) = self.hours(None) {
            on_site = on_site.during(hours.clone(), zone.clone());
        }
        self.print_promise(&format!("1 on site, {}", zone.name()), &all, &on_site);
        let line = CoveragePromise::new([ChannelKind::Phone]).with_on_call();
        self.print_promise("1 over phone, day and night", &all, &line);
        if let Some(group) = self.directory.groups().first() {
            self.print_shared_failures(group);
        }
    }

    /// Whether anybody of a group can ever be reached over a kind of channel.
    fn has_line(&self, group: &Group, channel: ChannelKind) -> bool {
        let members = self.directory.members_of(&group.id).iter();
        let mut members = members.filter_map(|id| self.directory.person(id));
        channel == ChannelKind::WebChat || members.any(|person| person.line(channel).is_some())
    }

    fn print_promise(&self, what: &str, coverage: &Coverage, promise: &CoveragePromise) {
        let holes = coverage.holes(promise);
        let total = |kind| {
            let of_kind = holes.iter().filter(|hole| hole.kind == kind);
            of_kind.map(|hole| hole.interval.duration()).sum()
        };
        println!(
            "{what}: {} short, perhaps {} more",
            length(total(HoleKind::Certain)),
            length(total(HoleKind::Perhaps))
        );
        for hole in holes.iter().take(LISTED_MAX) {
            let word = match hole.kind {
                HoleKind::Certain => "missing",
                HoleKind::Perhaps => "missing, perhaps",
            };
            println!("    {}  {} {word}", self.when(hole.interval), hole.missing);
        }
        if LISTED_MAX < holes.len() {
            println!("    and {} more", holes.len() - LISTED_MAX);
        }
        for point in coverage.single_points(promise) {
            let person = self.directory.person(&point.person);
            let name = person.map_or(point.person.as_str(), |person| &person.name);
            println!("    without {name} short for {}", length(point.total));
        }
        println!();
    }

    fn print_shared_failures(&self, group: &Group) {
        for failure in shared_failures(&self.directory, group, &[]) {
            let lost: Vec<_> = failure.lost.iter().map(|way| way.line.as_str()).collect();
            println!(
                "{} without {}: {} lost, {} other lines left",
                name(group),
                failure.dependency,
                lost.join(", "),
                failure.left.len()
            );
        }
        println!();
    }

    /// `Tue 24 Nov 12:30 to 13:00`, with the day of the end where it is another one.
    fn when(&self, interval: Interval) -> String {
        let local = |at: DateTime<Utc>| self.directory.zone().local_at(at);
        let (start, end) = (local(interval.start()), local(interval.end()));
        let form = match start.date() == end.date() {
            true => "%H:%M",
            false => "%a %-d %b %H:%M",
        };
        format!(
            "{} to {}",
            start.format("%a %-d %b %H:%M"),
            end.format(form)
        )
    }

    fn heat_map(&self, group: &Group) -> heat_map::HeatMap {
        let coverage = self.of_group(group);
        let days = (0..DAYS).filter_map(|day| self.first.checked_add_days(Days::new(day)));
        let panels = PANELS.map(|(channel, over)| {
            let promise = self.promise(group, channel);
            heat_map::Panel {
                title: format!("{}, {} promised", capitalised(over), promise.people_min),
                counts: coverage.counts(channel),
                holes: coverage.holes(&promise),
            }
        });
        heat_map::HeatMap {
            title: format!(
                "{}: how many of {} can be reached",
                self.directory.name(),
                name(group)
            ),
            zone: self.directory.zone().clone(),
            days: days.collect(),
            panels: panels.into(),
        }
    }
}

fn name(group: &Group) -> &str {
    group.name.in_language(Language::English)
}

fn capitalised(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    first.to_uppercase() + rest
}

fn length(delta: TimeDelta) -> String {
    match (delta.num_hours(), delta.num_minutes() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02}"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "without a date it is about today"
)]
fn run(path: &Path, date: Option<&str>, svg: &Path) -> Result<(), Box<dyn Error>> {
    let first = match date {
        Some(text) => text
            .parse()
            .map_err(|_| format!("`{text}` is not a date: write 2026-11-23"))?,
        None => Utc::now().date_naive(),
    };
    let company = read(path, first)?;
    let zone = company.directory.zone().name();
    println!(
        "{}, {DAYS} days from {} ({zone})\n",
        company.directory.name(),
        first.format("%A %-d %B %Y")
    );
    company.print();
    let Some(group) = company.directory.groups().first() else {
        println!("There is no group to draw.");
        return Ok(());
    };
    std::fs::write(svg, company.heat_map(group).draw()?)?;
    let file = svg.file_name().unwrap_or(svg.as_os_str());
    println!("The heat map is in {}.", file.display());
    Ok(())
}

fn main() -> ExitCode {
    let ours = || concat!(env!("CARGO_MANIFEST_DIR"), "/webchat/directory.toml").to_owned();
    let mut arguments = std::env::args().skip(1);
    let path = PathBuf::from(arguments.next().unwrap_or_else(ours));
    let date = arguments.next();
    let svg = PathBuf::from(
        arguments
            .next()
            .unwrap_or_else(|| "coverage.svg".to_owned()),
    );
    match run(&path, date.as_deref(), &svg) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}
