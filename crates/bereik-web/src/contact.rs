//! Hours and ways in plain HTML: on the visitors' page, and as a page that stands without a server.

use bereik_core::address::AddressKind;
use bereik_core::directory::Directory;
use bereik_core::language::Language;
use bereik_core::line::Line;
use bereik_core::public_view::json_ld::{ContactPoint, OpeningHours, Organization, Profile};
use bereik_core::wording::{date, weekday};
use chrono::{DateTime, NaiveDate, Utc, Weekday};

use crate::asset::{self, Texts};
use crate::page::escaped;
use crate::visitor::href;

const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// What a company tells of itself, as the `<script type="application/ld+json">` of a page.
///
/// No name in it can end the script or begin another: `<`, `>`, `&`, U+2028 and U+2029 are written as escapes of
/// JSON. It is data, which no content security policy has to allow.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::language::Language;
/// use bereik_core::public_view::json_ld::{Organization, Profile};
/// use bereik_core::Zone;
///
/// let directory = Draft::new("</script> & Co", Zone::utc()).check()?;
/// let now = "2026-11-23T10:00:00Z".parse()?;
/// let told = Organization::new(&directory, &Profile::default(), Language::English, now);
/// assert_eq!(
///     bereik_web::json_ld_script(&told),
///     "<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\
///      \"@type\":\"LocalBusiness\",\"name\":\"\\u003c/script\\u003e \\u0026 Co\"}</script>"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn json_ld_script(organization: &Organization) -> String {
    let mut script = String::from("<script type=\"application/ld+json\">");
    // All of these stand inside strings only: nothing of JSON itself is spelled with them.
    for c in json_of(organization).chars() {
        match c {
            '&' | '<' | '>' | '\u{2028}' | '\u{2029}' => {
                script.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => script.push(c),
        }
    }
    script + "</script>"
}

fn json_of(organization: &Organization) -> String {
    serde_json::to_string(organization).expect("its keys are texts")
}

/// A whole page with hours and ways that needs nothing else: no server, no script, no style sheet. Written to
/// a file now and then, a content delivery network or a proxy shows it while the server is down.
///
/// It holds what stands whether or not anybody is there: public departments with their hours, the public lines of
/// the company and of public people, and the same for search engines. Exceptions of the hours count from the day of
/// `now` on. The same arguments give the same bytes.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::language::Language;
/// use bereik_core::line::Line;
/// use bereik_core::public_view::json_ld::Profile;
/// use bereik_core::{ChannelKind, Zone};
///
/// let mut draft = Draft::new("Rivers & Co", Zone::utc());
/// let phone = Line::new("phone".parse()?, ChannelKind::Phone, "+44 1632 960121".parse()?);
/// draft.lines.push(phone.public());
/// let directory = draft.check()?;
/// let now = "2026-11-23T10:00:00Z".parse()?;
/// let page = bereik_web::contact_page(&directory, &Profile::default(), Language::English, now);
/// assert!(page.contains("<a href=\"tel:+441632960121\">+441632960121</a>"));
/// assert!(page.contains("<h1>Contact Rivers &amp; Co</h1>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn contact_page(
    directory: &Directory,
    profile: &Profile,
    language: Language,
    now: DateTime<Utc>,
) -> String {
    let texts = asset::visitor_texts(language);
    let told = Organization::new(directory, profile, language, now);
    let title = texts["page.title"].replace("{company}", directory.name());
    let page = crate::page::fill(
        asset::CONTACT_HTML,
        &[
            ("contact_title", &texts["contact.title"]),
            ("intro", &texts["contact.intro"]),
            ("language", language.tag()),
            ("title", &title),
        ],
    );
    // What was filled in is escaped, so that no value looks like one of the two marks.
    page.replacen(
        "<!--contact-->",
        &contact_section(directory, &told, language),
        1,
    )
    .replacen("<!--json-ld-->", &json_ld_script(&told), 1)
}

/// Hours and ways, as a part of a page.
pub(crate) fn contact_section(
    directory: &Directory,
    told: &Organization,
    language: Language,
) -> String {
    let texts = asset::visitor_texts(language);
    let mut html = String::new();
    let lines = public(&directory.draft().lines);
    if !lines.is_empty() {
        html.push_str(&heading(&texts["contact.ways"]));
        // The contact points are those of these lines that have a number or a mail address.
        let mut points = told.contact_points.iter();
        let lines = lines.into_iter().map(|line| match line.address.kind() {
            AddressKind::Email | AddressKind::Phone => (line, points.next()),
            _ => (line, None),
        });
        html.push_str(&ways(lines, language, &texts));
    }
    for department in told
        .departments
        .iter()
        .filter(|one| !one.opening_hours.is_empty())
    {
        let title = texts["contact.hours"].replace("{name}", &department.name);
        html.push_str(&heading(&title));
        html.push_str(&hours(&department.opening_hours, language, &texts));
    }
    let people = directory.people().iter().filter(|person| person.is_public);
    for (person, lines) in people.map(|person| (person, public(&person.lines))) {
        if !lines.is_empty() {
            html.push_str(&heading(&person.name));
            let lines = lines.into_iter().map(|line| (line, None));
            html.push_str(&ways(lines, language, &texts));
        }
    }
    html
}

fn heading(text: &str) -> String {
    format!("<h3>{}</h3>\n", escaped(text))
}

fn public(lines: &[Line]) -> Vec<&Line> {
    lines.iter().filter(|line| line.is_public).collect()
}

/// A list of ways, each with when it is in service, where that is told.
fn ways<'a>(
    lines: impl Iterator<Item = (&'a Line, Option<&'a ContactPoint>)>,
    language: Language,
    texts: &Texts,
) -> String {
    let rows = lines.map(|(line, point)| {
        let kind = escaped(&texts[&format!("way.{}", line.channel.name())]);
        let text = escaped(line.address.value());
        let text = match href(&line.address) {
            Some(href) => format!("<a href=\"{}\">{text}</a>", escaped(&href)),
            None => text,
        };
        let when = match point.filter(|point| !point.hours.is_empty()) {
            Some(point) => {
                let (when, hours) = (&texts["contact.when"], hours(&point.hours, language, texts));
                format!(
                    "\n<details><summary>{}</summary>\n{hours}</details>",
                    escaped(when)
                )
            }
            None => String::new(),
        };
        format!("<li>{kind}: {text}{when}</li>\n")
    });
    format!("<ul>\n{}</ul>\n", rows.collect::<String>())
}

/// The week, and below it the dates that differ.
fn hours(told: &[OpeningHours], language: Language, texts: &Texts) -> String {
    let weekly = WEEK.iter().map(|day| {
        let name = weekday(Language::English, *day);
        let open = told.iter().filter(|one| one.days.contains(&name));
        (weekday(language, *day).to_owned(), open.collect::<Vec<_>>())
    });
    let mut rows: Vec<(String, Vec<&OpeningHours>)> = weekly.collect();
    let mut last = None;
    for one in told {
        let (Some(from), Some(through)) = (one.valid_from, one.valid_through) else {
            continue;
        };
        match rows.last_mut() {
            Some((_, same)) if last == Some((from, through)) => same.push(one),
            _ => rows.push((dates(from, through, language), vec![one])),
        }
        last = Some((from, through));
    }
    let rows = rows.iter().map(|(name, open)| {
        let open = open.iter().map(|one| times(one, texts)).collect::<Vec<_>>();
        let open = match open.is_empty() {
            true => texts["hours.closed"].clone(),
            false => open.join(", "),
        };
        let (name, open) = (escaped(name), escaped(&open));
        format!("<tr><th scope=\"row\">{name}</th><td>{open}</td></tr>\n")
    });
    format!("<table>\n{}</table>\n", rows.collect::<String>())
}

fn dates(from: NaiveDate, through: NaiveDate, language: Language) -> String {
    match from == through {
        true => date(language, from),
        false => format!("{} – {}", date(language, from), date(language, through)),
    }
}

fn times(one: &OpeningHours, texts: &Texts) -> String {
    match (one.opens.as_str(), one.closes.as_str()) {
        ("00:00", "00:00") => texts["hours.closed"].clone(),
        ("00:00", "23:59") => texts["hours.all_day"].clone(),
        (opens, closes) => format!("{opens}–{closes}"),
    }
}
