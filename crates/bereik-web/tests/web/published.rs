//! What is shown with scripts off, and with the server down.

use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::hours::{Hours, Week};
use bereik_core::language::Language;
use bereik_core::line::Line;
use bereik_core::public_view::json_ld::{Organization, Profile};
use bereik_core::{Person, Zone};
use bereik_store::Memory;
use bereik_switchboard::{Clock, Switchboard};
use bereik_web::{Web, WebChat, WebConfig, contact_page, json_ld_script};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::site::at;

/// Names that would break out, were they not escaped.
const EVIL: &str = "R&D </script><!--json-ld--><script>{{title}}\u{2028}\"'";

fn directory(name: &str) -> Directory {
    let mut draft = Draft::new(name, Zone::named("Europe/Amsterdam").unwrap());
    let office = vec![
        "08:30-12:00".parse().unwrap(),
        "12:30-17:00".parse().unwrap(),
    ];
    let week = Week {
        mon: office.clone(),
        tue: office,
        fri: vec!["20:00-02:00".parse().unwrap()],
        sat: vec!["00:00-24:00".parse().unwrap()],
        ..Week::default()
    };
    let mut hours = Hours::new(week);
    for (date, open) in [
        ("2026-12-24", Some("08:30-12:00")),
        ("2026-12-25", None),
        ("2026-12-26", None),
    ] {
        let open = open.map(|open| open.parse().unwrap());
        hours = hours.with_exception(date.parse().unwrap(), open.into_iter().collect());
    }
    draft.hours.insert("office".parse().unwrap(), hours);
    draft.default_hours = Some("office".parse().unwrap());
    let line = |id: &str, kind, address: &str| {
        Line::new(id.parse().unwrap(), kind, address.parse().unwrap())
    };
    let mut phone = line("phone", ChannelKind::Phone, "+44 1632 960100").public();
    phone.hours = draft.default_hours.clone();
    draft.lines.push(phone);
    draft
        .lines
        .push(line("irc", ChannelKind::Chat, "handle:irc/a&b").public());
    draft
        .lines
        .push(line("private", ChannelKind::Phone, "+44 1632 960199"));
    let mut anna = Person::new("anna".parse().unwrap(), "Anna <script>")
        .with_line(line("mail", ChannelKind::Email, "mailto:anna&co@example.org").public());
    anna.is_public = true;
    let ben = Person::new("ben".parse().unwrap(), "Ben the hidden")
        .with_line(line("ben", ChannelKind::Phone, "+44 1632 960155").public());
    let members = vec!["anna".parse().unwrap(), "ben".parse().unwrap()];
    let mut desk = Group::new("desk".parse().unwrap(), "Desk & co", members.clone());
    desk.hours = Some("office".parse().unwrap());
    desk.is_public = true;
    let hidden = Group::new("hidden".parse().unwrap(), "Hidden group", members);
    let draft = draft.with_person(anna).with_person(ben);
    draft.with_group(desk).with_group(hidden).check().unwrap()
}

fn profile() -> Profile {
    Profile {
        url: Some("https://www.example.org/?a=b&c=<d>".to_owned()),
        languages: vec!["en".to_owned()],
    }
}

/// What stands in the script for search engines, after it was found to be the only script that is no file.
fn json_ld(page: &str) -> Value {
    const START: &str = "<script type=\"application/ld+json\">";
    let (before, rest) = page.split_once(START).unwrap();
    let (json, after) = rest.split_once("</script>").unwrap();
    for part in [before, after] {
        for script in part.split("<script").skip(1) {
            assert!(script.starts_with(" src=\""), "{script}");
        }
    }
    assert!(!json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
    serde_json::from_str(json).unwrap()
}

async fn served(name: &str, path: &str) -> String {
    let chat = WebChat::new();
    let switchboard = Switchboard::builder(directory(name))
        .with_store(Arc::new(Memory::new()))
        .with_channel(chat.clone())
        .with_clock(Clock::starting_at(at("2026-11-22T09:00:00Z")))
        .start()
        .await
        .unwrap();
    let web = Web::new(
        switchboard,
        chat,
        WebConfig::default().with_profile(profile()),
    );
    let asked = Request::get(path).body(Body::empty()).unwrap();
    let answer = web.visitor_router().oneshot(asked).await.unwrap();
    let policy = answer.headers()[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_page_needs_no_script() {
    let page = served(EVIL, "/?lang=nl").await;
    for shown in [
        "<h3>Desk &amp; co</h3><p class=\"standing\">Open: maandag 08:30</p>",
        "<h3>Anna &lt;script&gt;</h3>",
        "<li>Telefoon: <a href=\"tel:+441632960100\">+441632960100</a>\n<details>",
        "<a href=\"mailto:anna%26co@example.org\"",
        "<li>Chatnetwerk: irc/a&amp;b</li>",
        "<tr><th scope=\"row\">maandag</th><td>08:30–12:00, 12:30–17:00</td></tr>",
        "<tr><th scope=\"row\">woensdag</th><td>Gesloten</td></tr>",
        "<tr><th scope=\"row\">zaterdag</th><td>De hele dag</td></tr>",
        "<tr><th scope=\"row\">vrijdag 25 december – zaterdag 26 december</th><td>Gesloten</td></tr>",
    ] {
        assert!(page.contains(shown), "{shown}\n{page}");
    }
    assert!(!page.contains("<!--"));
    let told = json_ld(&page);
    assert_eq!(told["name"], EVIL);
    assert_eq!(told["url"], "https://www.example.org/?a=b&c=<d>");
    assert_eq!(told["contactPoint"][0]["telephone"], "+441632960100");
    assert_eq!(
        told["department"][0]["openingHoursSpecification"][1]["opens"],
        "08:30"
    );
    for hidden in ["960199", "960155", "Ben the hidden", "Hidden group"] {
        assert!(!page.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn the_board_tells_instants_to_programs() {
    let chat = WebChat::new();
    let switchboard = Switchboard::builder(directory("Rivers"))
        .with_channel(chat.clone())
        .with_clock(Clock::starting_at(at("2026-11-22T09:00:00Z")))
        .start()
        .await
        .unwrap();
    let web = Web::new(switchboard, chat, WebConfig::default());
    let asked = Request::get("/board.json").body(Body::empty()).unwrap();
    let answer = web.visitor_router().oneshot(asked).await.unwrap();
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let board: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(board["groups"][0]["standing"], "closed");
    assert_eq!(board["groups"][0]["back_at"], "Monday 08:30");
    assert_eq!(board["groups"][0]["back_at_utc"], "2026-11-23T07:30:00Z");
    assert_eq!(board["groups"][0]["wait"], Value::Null);
}

#[test]
fn the_page_for_a_server_that_is_down_needs_nothing_else() {
    let now = at("2026-11-22T09:00:00Z");
    for (language, file) in [
        (Language::English, "contact.en.html"),
        (Language::Dutch, "contact.nl.html"),
    ] {
        let page = contact_page(&directory("Rivers & Co"), &profile(), language, now);
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/web/published")
            .join(file);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, &page).unwrap();
        }
        assert_eq!(page, std::fs::read_to_string(file).unwrap());
        assert_eq!(json_ld(&page)["name"], "Rivers & Co");
        for outside in ["<link", "<img", " src=", "@import", "url(", "onload"] {
            assert!(!page.contains(outside), "{outside}");
        }
        for href in page.split("href=\"").skip(1) {
            assert!(
                href.starts_with("tel:") || href.starts_with("mailto:"),
                "{href}"
            );
        }
        for hidden in ["960199", "960155", "Ben the hidden", "Hidden group"] {
            assert!(!page.contains(hidden), "{hidden}");
        }
    }
    let page = contact_page(&directory(EVIL), &profile(), Language::English, now);
    assert_eq!(json_ld(&page)["name"], EVIL);
    assert_eq!(page.matches("<h1>").count(), 1);
}

#[test]
fn nothing_ends_the_script_early() {
    for name in [
        EVIL,
        "</SCRIPT>",
        "<!--<script>",
        "]]>",
        "\u{2028}\u{2029}\u{0}\u{7f}\\",
        "\"}</script>",
    ] {
        let told = Organization::new(
            &directory(name),
            &profile(),
            Language::English,
            at("2026-11-22T09:00:00Z"),
        );
        let script = json_ld_script(&told);
        assert_eq!(script.matches("</").count(), 1, "{name}");
        assert_eq!(json_ld(&script)["name"], name);
    }
}
