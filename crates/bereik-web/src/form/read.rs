//! What somebody filled in, within bounds.

use axum::body::to_bytes;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest as _, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use bereik_channel::{Attachment, Attachments, Inbound, Label};
use bereik_core::Address;
use bereik_core::address::AddressKind;
use bereik_core::id::Key;

use super::NUMBER_DIGITS;
use crate::asset::Texts;

/// The longest question, in characters: what fits in a few pages.
const TEXT_CHARACTERS_MAX: usize = 10_000;
/// The longest of the other fields, in characters.
const FIELD_CHARACTERS_MAX: usize = 254;
/// The longest address of a page.
const PAGE_CHARACTERS_MAX: usize = 2_000;
/// The most bytes of a form without files.
const PLAIN_BYTES_MAX: usize = 128 * 1024;
/// Far more fields than the form has.
const FIELDS_MAX: usize = 40;

/// What was filled in.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) text: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) page: String,
    /// The number that the form was given out with; the same form has the same.
    pub(super) number: Option<String>,
    /// Whether the field was filled in that people do not see.
    pub(super) is_by_software: bool,
    pub(super) files: Attachments,
}

/// Why a form cannot be read.
pub(super) enum Unread {
    Broken,
    TooLarge,
}

impl From<MultipartError> for Unread {
    fn from(error: MultipartError) -> Self {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::Broken,
        }
    }
}

impl Asked {
    pub(super) async fn read(request: Request, bytes_max: usize) -> Result<Self, Unread> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let mut asked = Self::default();
        if kind.starts_with("multipart/form-data") {
            let form = Multipart::from_request(request, &()).await;
            let mut form = form.map_err(|_| Unread::Broken)?;
            let mut fields = 0;
            while let Some(field) = form.next_field().await? {
                fields += 1;
                if fields > FIELDS_MAX {
                    return Err(Unread::TooLarge);
                }
                asked.take(field).await?;
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let bytes_max = bytes_max.min(PLAIN_BYTES_MAX);
            let bytes = to_bytes(request.into_body(), bytes_max).await;
            let bytes = bytes.map_err(|_| Unread::TooLarge)?;
            for (name, value) in form_urlencoded::parse(&bytes).take(FIELDS_MAX) {
                asked.fill(&name, &value);
            }
        } else {
            return Err(Unread::Broken);
        }
        Ok(asked)
    }

    async fn take(&mut self, field: Field<'_>) -> Result<(), Unread> {
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            let bytes = field.bytes().await?;
            self.fill(&name, &String::from_utf8_lossy(&bytes));
            return Ok(());
        }
        let file = field.file_name().unwrap_or_default().to_owned();
        let media_type = field.content_type().unwrap_or_default().to_owned();
        let bytes = field.bytes().await?;
        // A browser sends an empty one where none was chosen.
        if !file.is_empty() || !bytes.is_empty() {
            let file = Attachment::new(&file, &media_type, &*bytes);
            self.files.add(file);
        }
        Ok(())
    }

    fn fill(&mut self, name: &str, value: &str) {
        let cut = |max| value.trim().chars().take(max).collect::<String>();
        match name {
            // One more than fits, so that it is seen to be too long.
            "text" => self.text = cut(TEXT_CHARACTERS_MAX + 1),
            "name" => self.name = cut(FIELD_CHARACTERS_MAX),
            "email" => self.email = cut(FIELD_CHARACTERS_MAX + 1),
            "phone" => self.phone = cut(FIELD_CHARACTERS_MAX),
            "page" => self.page = cut(PAGE_CHARACTERS_MAX),
            "number" => {
                let is_digit = |c: u8| c.is_ascii_digit() || (b'A'..=b'F').contains(&c);
                let is_one = value.len() == NUMBER_DIGITS && value.bytes().all(is_digit);
                self.number = is_one.then(|| value.to_owned());
            }
            "website" => self.is_by_software = !value.trim().is_empty(),
            _ => {}
        }
    }

    fn email(&self) -> Option<Address> {
        let address = self.email.parse::<Address>().ok();
        address.filter(|address| address.kind() == AddressKind::Email)
    }

    /// A number with its country's; without one it cannot be known which country it is of.
    fn phone(&self) -> Option<Address> {
        let plain = match self.phone.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None => self.phone.clone(),
        };
        let address = plain.parse::<Address>().ok();
        address.filter(|address| address.kind() == AddressKind::Phone)
    }

    /// The key of the words that say what is missing or cannot be.
    pub(super) fn missing(&self) -> Option<&'static str> {
        if self.text.is_empty() {
            Some("wrong.text")
        } else if self.text.chars().count() > TEXT_CHARACTERS_MAX {
            Some("wrong.long")
        } else if !self.email.is_empty() && self.email().is_none() {
            Some("wrong.email")
        } else if !self.phone.is_empty() && self.phone().is_none() {
            Some("wrong.phone")
        } else if self.email.is_empty() && self.phone.is_empty() {
            Some("wrong.address")
        } else {
            None
        }
    }

    /// The messages that come in: one, or more where the question is longer than one holds. The files are with the first.
    pub(super) fn messages(self, number: &str, texts: &Texts) -> Vec<(Key, Inbound)> {
        let Some(from) = self.email().or_else(|| self.phone()) else {
            return Vec::new();
        };
        let name = Some(Label::flattened(&self.name));
        let name = name.filter(|name| !name.as_str().is_empty());
        let parts = Inbound::parts(&format!("form:{number}"), &self.words(number, texts));
        let mut files = Some(self.files);
        let messages = parts.into_iter().map(|(id, body)| {
            let mut message = Inbound::new(from.clone(), body);
            message.from_name.clone_from(&name);
            message.attachments = files.take().unwrap_or_default();
            (id, message)
        });
        messages.collect()
    }

    /// The question, and below it what else is known, each on a line.
    fn words(&self, number: &str, texts: &Texts) -> String {
        let phone = self.phone().filter(|_| self.email().is_some());
        let phone = phone.map_or_else(String::new, |phone| phone.value().to_owned());
        // An address of a page is shown to those who help, so it is one.
        let page = bereik_channel::Link::parse(&self.page);
        let page = page.map_or_else(|_| String::new(), |page| page.as_str().to_owned());
        let below = [
            ("phone", phone.as_str()),
            ("page", &page),
            ("number", number),
        ];
        let below = below.iter().filter(|(_, value)| !value.is_empty());
        let below = below.map(|(key, value)| format!("{}: {value}", texts[&format!("kept.{key}")]));
        format!("{}\n\n{}", self.text, below.collect::<Vec<_>>().join("\n"))
    }
}
