//! What a company tells of itself whether or not anybody is there: hours and ways, in the words of
//! schema.org.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc, Weekday};

use crate::address::AddressKind;
use crate::directory::Directory;
use crate::group::Group;
use crate::hours::{Hours, Stretch};
use crate::language::Language;
use crate::line::Line;

/// How far ahead exceptions are told, in days.
const TOLD_DAYS: u64 = 366;

const DAY_MIN: u16 = 24 * 60;

/// What the directory does not know and an embedder may want to be told with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[expect(clippy::exhaustive_structs, reason = "built by embedders as a literal")]
pub struct Profile {
    /// Where the company's site is.
    pub url: Option<String>,
    /// The languages in which people answer, as BCP 47 tags.
    pub languages: Vec<String>,
}

/// A company as a `LocalBusiness` of schema.org, to be serialised as JSON-LD.
///
/// Made of what is public in the directory: the public groups as departments with their hours, the
/// company's public lines with a number or mail address as contact points. Its own opening hours are those of
/// all its public groups together. Groups and lines that name no hours tell none; people are not told of.
///
/// Hours are told as search engines read them: on the clock of the company; a day that is not named is closed; a
/// closing time before the opening time is on the next day; a whole day ends a minute early, `00:00` to `23:59`;
/// closed all day is `00:00` to `00:00`. Exceptions of the coming 366 days stand as `validFrom` and `validThrough`,
/// days that follow each other and are alike as one.
///
/// Serialised inside a page's `<script type="application/ld+json">` it needs an escape, which
/// `bereik_web::json_ld_script` makes.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::group::Group;
/// use bereik_core::hours::{Hours, Week};
/// use bereik_core::language::Language;
/// use bereik_core::person::Person;
/// use bereik_core::public_view::json_ld::{Organization, Profile};
/// use bereik_core::zone::Zone;
///
/// let mut draft = Draft::new("Rivers & Co", Zone::named("Europe/Amsterdam")?);
/// let office = Week { mon: vec!["08:30-17:00".parse()?], ..Week::default() };
/// let office = Hours::new(office).with_exception("2026-11-30".parse()?, vec![]);
/// draft.hours.insert("office".parse()?, office);
/// let mut desk = Group::new("desk".parse()?, "Desk", vec!["anna".parse()?]);
/// desk.hours = Some("office".parse()?);
/// desk.is_public = true;
/// let anna = Person::new("anna".parse()?, "Anna");
/// let directory = draft.with_person(anna).with_group(desk).check()?;
///
/// let now = "2026-11-23T10:00:00Z".parse()?;
/// let told = Organization::new(&directory, &Profile::default(), Language::English, now);
/// let [monday, closed] = &told.opening_hours[..] else { panic!("a Monday and an exception") };
/// assert_eq!((monday.days.as_slice(), monday.opens.as_str()), (&["Monday"][..], "08:30"));
/// assert_eq!(closed.valid_from, Some("2026-11-30".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Organization {
    #[cfg_attr(feature = "serde", serde(rename = "@context"))]
    context: &'static str,
    #[cfg_attr(feature = "serde", serde(rename = "@type"))]
    kind: &'static str,
    /// Its name.
    pub name: String,
    /// Where its site is.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub url: Option<String>,
    /// When it is open.
    #[cfg_attr(
        feature = "serde",
        serde(
            rename = "openingHoursSpecification",
            skip_serializing_if = "Vec::is_empty"
        )
    )]
    pub opening_hours: Vec<OpeningHours>,
    /// How it can be reached.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "contactPoint", skip_serializing_if = "Vec::is_empty")
    )]
    pub contact_points: Vec<ContactPoint>,
    /// Its public groups.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "department", skip_serializing_if = "Vec::is_empty")
    )]
    pub departments: Vec<Department>,
}

/// A public group, as a department of schema.org.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Department {
    #[cfg_attr(feature = "serde", serde(rename = "@type"))]
    kind: &'static str,
    /// Its name.
    pub name: String,
    /// When it is open.
    #[cfg_attr(
        feature = "serde",
        serde(
            rename = "openingHoursSpecification",
            skip_serializing_if = "Vec::is_empty"
        )
    )]
    pub opening_hours: Vec<OpeningHours>,
}

/// One `OpeningHoursSpecification`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct OpeningHours {
    #[cfg_attr(feature = "serde", serde(rename = "@type"))]
    kind: &'static str,
    /// The days of the week; every day, where none is named.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "dayOfWeek", skip_serializing_if = "Vec::is_empty")
    )]
    pub days: Vec<&'static str>,
    /// When it opens: `08:30`.
    pub opens: String,
    /// When it closes; before the opening time it is on the next day, and `00:00` to `00:00` is closed.
    pub closes: String,
    /// The first date on which this holds instead of the week.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "validFrom", skip_serializing_if = "Option::is_none")
    )]
    pub valid_from: Option<NaiveDate>,
    /// The last date on which it does.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "validThrough", skip_serializing_if = "Option::is_none")
    )]
    pub valid_through: Option<NaiveDate>,
}

/// One `ContactPoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ContactPoint {
    #[cfg_attr(feature = "serde", serde(rename = "@type"))]
    kind: &'static str,
    /// `emergency` for a calamity line, else `customer service`.
    #[cfg_attr(feature = "serde", serde(rename = "contactType"))]
    pub contact_type: &'static str,
    /// Its number and mail address: one of the two.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub address: ContactAddress,
    /// When it is in service.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "hoursAvailable", skip_serializing_if = "Vec::is_empty")
    )]
    pub hours: Vec<OpeningHours>,
    /// The languages in which people answer.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "availableLanguage", skip_serializing_if = "Vec::is_empty")
    )]
    pub languages: Vec<String>,
}

/// Where a contact point is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
#[non_exhaustive]
pub enum ContactAddress {
    /// A mail address.
    Email(String),
    /// A number with its country code.
    Telephone(String),
}

impl Organization {
    /// What the company tells of itself in this language; exceptions count from the day of `now` on.
    #[must_use]
    pub fn new(
        directory: &Directory,
        profile: &Profile,
        language: Language,
        now: DateTime<Utc>,
    ) -> Self {
        let today = directory.zone().local_at(now).date();
        let groups = || directory.groups().iter().filter(|group| group.is_public);
        let hours_of = |group: &Group| directory.hours(group.hours.as_ref()?);
        let own: Vec<&Hours> = groups().filter_map(hours_of).collect();
        let departments = groups().map(|group| Department {
            kind: "LocalBusiness",
            name: group.name.in_language(language).to_owned(),
            opening_hours: hours_of(group)
                .map(|hours| OpeningHours::all(&[hours], today))
                .unwrap_or_default(),
        });
        let lines = directory.draft().lines.iter();
        let lines = lines.filter(|line| line.is_public);
        Self {
            context: "https://schema.org",
            kind: "LocalBusiness",
            name: directory.name().to_owned(),
            url: profile.url.clone(),
            opening_hours: OpeningHours::all(&own, today),
            contact_points: lines
                .filter_map(|line| ContactPoint::new(directory, line, profile, today))
                .collect(),
            departments: departments.collect(),
        }
    }
}

impl ContactPoint {
    fn new(
        directory: &Directory,
        line: &Line,
        profile: &Profile,
        today: NaiveDate,
    ) -> Option<Self> {
        let value = line.address.value().to_owned();
        let address = match line.address.kind() {
            AddressKind::Email => ContactAddress::Email(value),
            AddressKind::Phone => ContactAddress::Telephone(value),
            AddressKind::Handle | AddressKind::Web => return None,
        };
        let is_calamity = directory.draft().calamity_lines.contains(&line.id);
        let hours = line.hours.as_ref().and_then(|id| directory.hours(id));
        Some(Self {
            kind: "ContactPoint",
            contact_type: match is_calamity {
                true => "emergency",
                false => "customer service",
            },
            address,
            hours: hours
                .map(|hours| OpeningHours::all(&[hours], today))
                .unwrap_or_default(),
            languages: profile.languages.clone(),
        })
    }
}

impl OpeningHours {
    fn new((opens, closes): (u16, u16)) -> Self {
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        Self {
            kind: "OpeningHoursSpecification",
            days: Vec::new(),
            opens: clock(opens),
            closes: clock(closes),
            valid_from: None,
            valid_through: None,
        }
    }

    /// The hours in which one of these is open: the week, then the exceptions from `today` on.
    fn all(hours: &[&Hours], today: NaiveDate) -> Vec<Self> {
        let mut all = week(hours);
        for (first, last, stretches) in exceptions(hours, today) {
            let mut told: BTreeSet<_> = stretches.into_iter().map(opens_and_closes).collect();
            if told.is_empty() {
                told.insert((0, 0));
            }
            all.extend(told.into_iter().map(|told| Self {
                valid_from: Some(first),
                valid_through: Some(last),
                ..Self::new(told)
            }));
        }
        all
    }
}

/// Each opening of the week with its days.
fn week(hours: &[&Hours]) -> Vec<OpeningHours> {
    const WEEK: [(Weekday, &str); 7] = [
        (Weekday::Mon, "Monday"),
        (Weekday::Tue, "Tuesday"),
        (Weekday::Wed, "Wednesday"),
        (Weekday::Thu, "Thursday"),
        (Weekday::Fri, "Friday"),
        (Weekday::Sat, "Saturday"),
        (Weekday::Sun, "Sunday"),
    ];
    let mut openings: BTreeMap<(u16, u16), BTreeSet<usize>> = BTreeMap::new();
    for (number, (day, _)) in WEEK.iter().enumerate() {
        for stretch in hours.iter().flat_map(|hours| hours.week.on(*day)) {
            let told = opens_and_closes(*stretch);
            openings.entry(told).or_default().insert(number);
        }
    }
    let openings = openings.into_iter().map(|(told, days)| OpeningHours {
        days: days.into_iter().map(|number| WEEK[number].1).collect(),
        ..OpeningHours::new(told)
    });
    openings.collect()
}

/// The exceptions of the coming days: from the one date to the other, these stretches and no others.
fn exceptions(
    hours: &[&Hours],
    today: NaiveDate,
) -> Vec<(NaiveDate, NaiveDate, BTreeSet<Stretch>)> {
    let last_day = today
        .checked_add_days(Days::new(TOLD_DAYS))
        .unwrap_or(NaiveDate::MAX);
    let dates = hours
        .iter()
        .flat_map(|hours| hours.exceptions.range(today..=last_day));
    let dates: BTreeSet<NaiveDate> = dates.map(|(date, _)| *date).collect();
    let mut told: Vec<(NaiveDate, NaiveDate, BTreeSet<Stretch>)> = Vec::new();
    for date in dates {
        let stretches = hours
            .iter()
            .flat_map(|hours| hours.on(date))
            .copied()
            .collect();
        match told.last_mut() {
            Some((_, last, same)) if last.succ_opt() == Some(date) && *same == stretches => {
                *last = date;
            }
            _ => told.push((date, date, stretches)),
        }
    }
    told
}

/// When a stretch opens and closes, in minutes from midnight. What ends at the time of day at which it began
/// ends a minute early: it would read as closed.
fn opens_and_closes(stretch: Stretch) -> (u16, u16) {
    let start = stretch.start_min();
    match stretch.end_min() - start {
        DAY_MIN => (start, (start + DAY_MIN - 1) % DAY_MIN),
        _ => (start, stretch.end_min() % DAY_MIN),
    }
}
