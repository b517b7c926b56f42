//! The pages of a form: to ask, to thank, and to say that it did not work.

use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use bereik_core::language::Language;

use super::config::FormConfig;
use super::read::Asked;
use crate::asset::{self, Texts};
use crate::page::{base_of, fill, form_page};

/// A page in one language, under one address.
pub(super) struct Shown<'a> {
    config: &'a FormConfig,
    base: String,
    language: Language,
    texts: Texts,
}

impl<'a> Shown<'a> {
    pub(super) fn new(config: &'a FormConfig, uri: &Uri, language: Language) -> Self {
        Self {
            config,
            base: base_of(uri),
            language,
            texts: asset::form_texts(language),
        }
    }

    pub(super) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The form with what was filled in before, and what is wrong with it.
    pub(super) fn form(&self, status: StatusCode, asked: &Asked, why: &str) -> Response {
        let action = format!("?lang={}", self.language.tag());
        let text = |key: &str| self.texts[key].as_str();
        let values = [
            ("action", action.as_str()),
            ("base", &self.base),
            ("company", &self.config.company),
            ("email", &asked.email),
            ("email_label", text("email")),
            ("files_label", text("files")),
            ("honeypot_label", text("honeypot")),
            ("intro", text("intro")),
            ("language", self.language.tag()),
            ("name", &asked.name),
            ("name_label", text("name")),
            ("number", asked.number.as_deref().unwrap_or_default()),
            ("page", &asked.page),
            ("phone", &asked.phone),
            ("phone_label", text("phone")),
            ("send", text("send")),
            ("text", &asked.text),
            ("text_label", text("text")),
            ("title", text("title")),
            ("why", why),
        ];
        self.page(status, fill(asset::FORM_HTML, &values))
    }

    /// It is kept under this number.
    pub(super) fn thanks(&self, number: &str) -> Response {
        let digits: Vec<char> = number.chars().collect();
        let groups = digits.chunks(4).map(|group| group.iter().collect());
        let number = groups.collect::<Vec<String>>().join("-");
        let number = match number.as_str() {
            "" => String::new(),
            number => self.texts["thanks.number"].replace("{number}", number),
        };
        self.say(StatusCode::OK, "thanks", &number)
    }

    /// It was not taken.
    pub(super) fn sorry(&self, status: StatusCode) -> Response {
        let key = match status {
            StatusCode::FORBIDDEN => "sorry.origin",
            StatusCode::PAYLOAD_TOO_LARGE => "sorry.large",
            StatusCode::TOO_MANY_REQUESTS => "sorry.often",
            _ => "sorry.broken",
        };
        self.say(status, "sorry", &self.texts[key])
    }

    fn say(&self, status: StatusCode, what: &str, more: &str) -> Response {
        let text = |part: &str| self.texts[&format!("{what}.{part}")].as_str();
        let values = [
            ("base", self.base.as_str()),
            ("company", &self.config.company),
            ("language", self.language.tag()),
            ("more", more),
            ("text", text("text")),
            ("title", text("title")),
        ];
        self.page(status, fill(asset::FORM_SAID_HTML, &values))
    }

    fn page(&self, status: StatusCode, html: String) -> Response {
        (status, form_page(html, &self.config.frame_ancestors)).into_response()
    }
}
