//! The board as visitors read it: who is reachable now, who is back when, and the other ways.

use bereik_core::address::{Address, AddressKind};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::id::{LineId, PersonId};
use bereik_core::language::Language;
use bereik_core::public_view::{PublicView, Standing};
use bereik_core::wording::Wording;
use bereik_switchboard::Switchboard;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::asset::Texts;
use crate::page::escaped;

/// A company as visitors read it, in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Board {
    company: String,
    language: &'static str,
    groups: Vec<View>,
    people: Vec<View>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct View {
    id: String,
    name: String,
    is_group: bool,
    standing: Standing,
    now: Vec<ChannelKind>,
    back_at: Option<String>,
    /// `back_at` for a program: RFC 3339 with `Z`.
    back_at_utc: Option<DateTime<Utc>>,
    /// About how long the wait is, while it is busy.
    wait: Option<String>,
    /// How it stands, in words; the widget has them itself.
    #[serde(skip)]
    words: String,
    ways: Vec<Way>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Way {
    kind: ChannelKind,
    text: String,
    href: Option<String>,
}

impl Board {
    /// The cards of the groups, for who runs no script.
    pub(super) fn groups_html(&self, texts: &Texts) -> String {
        self.groups.iter().map(|view| view.html(texts)).collect()
    }

    /// The cards of the people, for who runs no script.
    pub(super) fn people_html(&self, texts: &Texts) -> String {
        self.people.iter().map(|view| view.html(texts)).collect()
    }
}

impl View {
    fn html(&self, texts: &Texts) -> String {
        let ways = self.ways.iter().map(|way| {
            let label = escaped(&texts[&format!("way.{}", way.kind.name())]);
            let text = escaped(&way.text);
            match &way.href {
                Some(href) => {
                    let href = escaped(href);
                    format!("<li><a href=\"{href}\" title=\"{label}\"><span>{text}</span></a></li>")
                }
                None => format!("<li><span class=\"way\" title=\"{label}\">{text}</span></li>"),
            }
        });
        format!(
            "<li class=\"card\"><div class=\"who\"><div><h3>{}</h3><p class=\"standing\">{}</p></div></div>\
             <ul class=\"ways\">{}</ul></li>",
            escaped(&self.name),
            escaped(&self.words),
            ways.collect::<String>(),
        )
    }
}

/// The board now, in this language.
pub(super) fn board(switchboard: &Switchboard, language: Language) -> Board {
    let directory = switchboard.directory();
    let views = switchboard.public_board();
    let wording = Wording {
        language,
        zone: directory.zone(),
        now: switchboard.now(),
        name_of: &|_: &PersonId| String::new(),
        address_of: &|_: &LineId| String::new(),
    };
    let groups = views.groups.iter().filter_map(|(id, seen)| {
        let name = directory.group(id)?.name.in_language(language);
        Some(view(id.as_str(), name, true, seen, &wording))
    });
    let people = views.people.iter().filter_map(|(id, seen)| {
        let name = &directory.person(id)?.name;
        Some(view(id.as_str(), name, false, seen, &wording))
    });
    Board {
        company: directory.name().to_owned(),
        language: language.tag(),
        groups: groups.collect(),
        people: people.collect(),
    }
}

fn view(id: &str, name: &str, is_group: bool, seen: &PublicView, wording: &Wording<'_>) -> View {
    View {
        id: id.to_owned(),
        name: name.to_owned(),
        is_group,
        standing: seen.standing,
        now: seen.now_over.clone(),
        back_at: seen.back_at.map(|at| wording.instant(at)),
        back_at_utc: seen.back_at,
        wait: seen.expected_wait.map(|wait| {
            let half_are_heard_at = wording.now + TimeDelta::seconds(wait.p50_s.into());
            wording.within(half_are_heard_at)
        }),
        words: wording.standing(seen.standing, seen.back_at, seen.expected_wait),
        ways: seen
            .other_ways
            .iter()
            .map(|(kind, address)| way(*kind, address))
            .collect(),
    }
}

fn way(kind: ChannelKind, address: &Address) -> Way {
    Way {
        kind,
        text: address.value().to_owned(),
        href: href(address),
    }
}

/// A link to an address, for the kinds that a browser can follow.
pub(crate) fn href(address: &Address) -> Option<String> {
    match address.kind() {
        // What RFC 6068 does not allow as it is, an address of ours may have only before the at.
        AddressKind::Email => Some(format!(
            "mailto:{}",
            address
                .value()
                .replace('%', "%25")
                .replace('?', "%3F")
                .replace('&', "%26")
                .replace('#', "%23")
        )),
        AddressKind::Phone => Some(address.to_string()),
        _ => None,
    }
}
