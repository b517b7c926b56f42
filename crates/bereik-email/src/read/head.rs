//! The fields of a mail's header: who wrote, about what, and in answer to what.

use bereik_channel::Label;
use bereik_core::Address;
use bereik_core::address::AddressKind;
use bereik_core::id::Key;
use mail_parser::{Addr, HeaderName, Message, MimeHeaders as _};

use crate::message_id::{Origin, is_message_id};
use crate::wire::REFERENCES_MAX;

/// The header of a mail.
pub(crate) struct Head<'a> {
    message: &'a Message<'a>,
}

impl<'a> Head<'a> {
    pub(crate) const fn of(message: &'a Message<'a>) -> Self {
        Self { message }
    }

    /// Every field of this name, unfolded, in order.
    pub(crate) fn fields(&self, name: &'a str) -> impl Iterator<Item = String> {
        let headers = self.message.headers().iter();
        let same = headers.filter(move |header| header.name().eq_ignore_ascii_case(name));
        same.filter_map(|header| {
            let place = header.offset_start as usize..header.offset_end as usize;
            let raw = self.message.raw_message.get(place)?;
            let unfolded = String::from_utf8_lossy(raw).replace(['\r', '\n'], "");
            Some(unfolded.trim().to_owned())
        })
    }

    /// The first field of this name, unfolded.
    pub(crate) fn field(&self, name: &'a str) -> Option<String> {
        self.fields(name).next()
    }

    /// Who wrote, and what he calls himself.
    pub(crate) fn sender(&self) -> (Option<Address>, Option<Label>) {
        for name in [HeaderName::From, HeaderName::Sender] {
            let addresses = self
                .message
                .header(name)
                .and_then(|value| value.as_address());
            let listed = addresses.into_iter().flat_map(|list| list.iter());
            for one in listed {
                if let Some(address) = address(one) {
                    return (Some(address), label(one.name.as_deref()));
                }
            }
        }
        (None, None)
    }

    pub(crate) fn subject(&self) -> Option<Label> {
        label(self.message.subject())
    }

    /// Whether the mail has several parts, of this sort.
    pub(crate) fn is_multipart(&self, sort: &str) -> bool {
        self.message.is_content_type("multipart", sort)
    }

    /// Under what name other mails know this one.
    pub(crate) fn message_id(&self) -> Option<Key> {
        let field = self.field("Message-ID")?;
        let id = message_ids(&field).next()?;
        Key::parse(id).ok()
    }

    /// The messages before it, oldest first: ours by their keys, others by their `Message-ID`.
    pub(crate) fn answers(&self, origin: Option<&Origin>) -> Vec<Key> {
        let mut answers: Vec<Key> = Vec::new();
        // Outlook leaves References out at times, and what it writes in it may end early.
        for name in ["References", "In-Reply-To"] {
            for field in self.fields(name) {
                for id in message_ids(&field) {
                    let ours = origin.and_then(|origin| origin.key_of(id));
                    let key = ours.or_else(|| Key::parse(id).ok());
                    let Some(key) = key else { continue };
                    // What is named again is nearer than it seemed.
                    answers.retain(|one| *one != key);
                    answers.push(key);
                    if answers.len() > REFERENCES_MAX {
                        answers.remove(1);
                    }
                }
            }
        }
        answers
    }
}

/// What stands between angle brackets and can be the name of a mail; comments and words around
/// it, which RFC 822 allowed, are passed over.
pub(crate) fn message_ids(field: &str) -> impl Iterator<Item = &str> {
    field.split_inclusive('>').filter_map(|piece| {
        let id = &piece[piece.rfind('<')?..];
        is_message_id(id).then_some(id)
    })
}

fn address(one: &Addr<'_>) -> Option<Address> {
    let address: Address = one.address.as_deref()?.trim().parse().ok()?;
    (address.kind() == AddressKind::Email).then_some(address)
}

fn label(text: Option<&str>) -> Option<Label> {
    let label = Label::flattened(text?);
    (!label.as_str().is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::message_ids;

    #[test]
    fn ids_are_found_among_anything() {
        let table = [
            ("<a@b>", vec!["<a@b>"]),
            ("<a@b>\t<c@d>", vec!["<a@b>", "<c@d>"]),
            ("Your mail of Monday <a@b> (sic)", vec!["<a@b>"]),
            ("<a@b", vec![]),
            ("<<a@b>", vec!["<a@b>"]),
            ("a@b>", vec![]),
            ("<nothing>", vec![]),
            (">>>", vec![]),
        ];
        for (field, ids) in table {
            assert_eq!(message_ids(field).collect::<Vec<_>>(), ids, "{field}");
        }
    }
}
