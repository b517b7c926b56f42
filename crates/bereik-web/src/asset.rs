//! The scripts, styles and words that browsers load, put together from the files under `assets/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use bereik_core::language::Language;

/// The words of a page by key.
pub(crate) type Texts = BTreeMap<String, String>;

macro_rules! assets {
    ($($file:literal),+ $(,)?) => {
        &[$(include_str!(concat!("../assets/", $file))),+]
    };
}

const VISITOR_EN: &str = include_str!("../assets/texts/visitor.en.json");
const VISITOR_NL: &str = include_str!("../assets/texts/visitor.nl.json");
const DESK_EN: &str = include_str!("../assets/texts/desk.en.json");
const DESK_NL: &str = include_str!("../assets/texts/desk.nl.json");
const FORM_EN: &str = include_str!("../assets/texts/form.en.json");
const FORM_NL: &str = include_str!("../assets/texts/form.nl.json");

const WIDGET: &[&str] = assets![
    "base/dom.js",
    "base/wire.js",
    "base/pending.js",
    "widget/standing.js",
    "widget/log.js",
    "widget/talk.js",
    "widget/chat.js",
    "widget/start.js",
];
const PAGE: &[&str] = assets!["base/dom.js", "widget/standing.js", "page/page.js"];
const DESK: &[&str] = assets![
    "base/dom.js",
    "base/wire.js",
    "base/pending.js",
    "desk/say.js",
    "desk/link.js",
    "desk/list.js",
    "desk/alert.js",
    "desk/conversation.js",
    "desk/side.js",
    "desk/start.js",
];

/// One closed script: what it declares stays in it.
fn bundle(declarations: &str, files: &[&str]) -> String {
    let body = files.concat();
    format!("(() => {{\n'use strict';\n{declarations}\n{body}\n}})();\n")
}

fn texts_of(english: &str, dutch: &str) -> String {
    format!("const TEXTS = {{ en: {english}, nl: {dutch} }};")
}

pub(crate) static WIDGET_JS: LazyLock<String> = LazyLock::new(|| {
    let style = include_str!("../assets/widget/widget.css");
    let style = serde_json::Value::from(style);
    let texts = texts_of(VISITOR_EN, VISITOR_NL);
    let base = "const BASE = new URL('.', document.currentScript.src).href;";
    bundle(&format!("{base}\nconst STYLE = {style};\n{texts}"), WIDGET)
});

pub(crate) static PAGE_JS: LazyLock<String> =
    LazyLock::new(|| bundle(&texts_of(VISITOR_EN, VISITOR_NL), PAGE));

pub(crate) static DESK_JS: LazyLock<String> = LazyLock::new(|| {
    let base = "const BASE = new URL('.', document.currentScript.src).href;";
    bundle(&format!("{base}\n{}", texts_of(DESK_EN, DESK_NL)), DESK)
});

pub(crate) const ICON_SVG: &str = include_str!("../assets/page/icon.svg");
pub(crate) const PAGE_CSS: &str = include_str!("../assets/page/page.css");
pub(crate) const PAGE_HTML: &str = include_str!("../assets/page/page.html");
pub(crate) const CONTACT_HTML: &str = include_str!("../assets/page/contact.html");
pub(crate) const DESK_CSS: &str = include_str!("../assets/desk/desk.css");
pub(crate) const DESK_HTML: &str = include_str!("../assets/desk/desk.html");
pub(crate) const FORM_CSS: &str = include_str!("../assets/form/form.css");
pub(crate) const FORM_HTML: &str = include_str!("../assets/form/form.html");
pub(crate) const FORM_SAID_HTML: &str = include_str!("../assets/form/said.html");

/// The words for visitors in this language.
pub(crate) fn visitor_texts(language: Language) -> Texts {
    let file = match language {
        Language::Dutch => VISITOR_NL,
        _ => VISITOR_EN,
    };
    serde_json::from_str(file).expect("a test reads each table")
}

/// The words for the desk in this language.
pub(crate) fn desk_texts(language: Language) -> Texts {
    let file = match language {
        Language::Dutch => DESK_NL,
        _ => DESK_EN,
    };
    serde_json::from_str(file).expect("a test reads each table")
}

/// The words of the form in this language.
pub(crate) fn form_texts(language: Language) -> Texts {
    let file = match language {
        Language::Dutch => FORM_NL,
        _ => FORM_EN,
    };
    serde_json::from_str(file).expect("a test reads each table")
}

fn served(kind: &'static str, body: &'static str) -> Response {
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, body).into_response()
}

pub(crate) fn script(body: &'static str) -> Response {
    served("text/javascript; charset=utf-8", body)
}

pub(crate) fn style(body: &'static str) -> Response {
    served("text/css; charset=utf-8", body)
}

pub(crate) fn picture(body: &'static str) -> Response {
    served("image/svg+xml", body)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bereik_core::Acknowledgement;
    use bereik_core::explanation::ExcludedBy;
    use bereik_core::language::Language;

    use super::{DESK, PAGE, PAGE_HTML, Texts, WIDGET, desk_texts, form_texts, visitor_texts};

    fn holes(text: &str) -> BTreeSet<&str> {
        let rest = text.split('{').skip(1);
        rest.filter_map(|part| Some(part.split_once('}')?.0))
            .collect()
    }

    fn check(english: &Texts, dutch: &Texts) {
        let keys = |texts: &Texts| texts.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(english), keys(dutch));
        for (key, text) in english {
            assert_eq!(holes(text), holes(&dutch[key]), "{key}");
            assert!(
                !text.trim().is_empty() && !dutch[key].trim().is_empty(),
                "{key}"
            );
        }
    }

    /// The keys that scripts name literally: `words('key'`.
    fn named(files: &[&str]) -> BTreeSet<String> {
        let all = files.concat();
        let mut found = BTreeSet::new();
        for part in all.split("words('").skip(1) {
            found.extend(part.split_once('\'').map(|(key, _)| key.to_owned()));
        }
        found
    }

    #[test]
    fn both_languages_have_every_text_with_the_same_holes() {
        for texts in [visitor_texts, desk_texts, form_texts] {
            check(&texts(Language::English), &texts(Language::Dutch));
        }
    }

    #[test]
    fn every_text_that_a_script_names_is_in_the_table() {
        for (files, texts) in [
            (WIDGET, visitor_texts as fn(_) -> _),
            (PAGE, visitor_texts),
            (DESK, desk_texts),
        ] {
            let texts: Texts = texts(Language::English);
            for key in named(files) {
                assert!(texts.contains_key(&key), "{key}");
            }
        }
    }

    /// The name that a value without fields, or its variant, has on the wire.
    fn name(value: &impl serde::Serialize) -> String {
        match serde_json::to_value(value).unwrap() {
            serde_json::Value::Object(fields) => fields.keys().next().unwrap().clone(),
            value => value.as_str().unwrap().to_owned(),
        }
    }

    #[test]
    fn the_desk_has_words_for_what_customers_are_told_and_for_who_is_not_asked() {
        let at = chrono::DateTime::UNIX_EPOCH;
        let told = [
            Acknowledgement::AnswerElsewhere { answer_by: None },
            Acknowledgement::AlertFailed,
            Acknowledgement::Asking { answer_by: at },
            Acknowledgement::BackOver(bereik_core::ChannelKind::Phone),
            Acknowledgement::CalamityRaised,
            Acknowledgement::Closed,
            Acknowledgement::IncidentOver,
            Acknowledgement::Merged,
            Acknowledgement::NextWord { next_word_by: at },
            Acknowledgement::NoPhone,
            Acknowledgement::NobodyReachable { back_at: None },
            Acknowledgement::OnCallAsked,
            Acknowledgement::OnTheList { next_try_at: at },
            Acknowledgement::StillAsking { answer_by: at },
            Acknowledgement::StillThere { kept_until: at },
        ];
        let excluded = [
            ExcludedBy::AskedBefore,
            ExcludedBy::AtCapacity,
            ExcludedBy::CoolingDown(at),
            ExcludedBy::HasOffer,
            ExcludedBy::NotInCircle,
            ExcludedBy::TakesPart,
            ExcludedBy::WrappingUp(at),
        ];
        let texts = desk_texts(Language::English);
        for key in told.iter().map(|one| format!("ack.{}", name(one))) {
            assert!(texts.contains_key(&key), "{key}");
        }
        for key in excluded.iter().map(|one| format!("excluded.{}", name(one))) {
            assert!(texts.contains_key(&key), "{key}");
        }
    }

    #[test]
    fn nothing_is_read_as_markup() {
        for file in [WIDGET, PAGE, DESK].concat() {
            for word in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
            ] {
                assert!(!file.contains(word), "{word}");
            }
        }
        assert!(!PAGE_HTML.contains("<style") && !PAGE_HTML.contains(" style="));
    }
}
