//! Between the keys of our messages and the `Message-ID`s of our mails.

use bereik_core::id::Key;

use crate::config::SmtpConfig;

/// What all `Message-ID`s of one sender have in common: his domain, and his mark.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    domain: Box<str>,
    mark: Option<String>,
}

impl Origin {
    pub(crate) fn of(config: &SmtpConfig) -> Self {
        let address = config.from().value();
        let domain = address.rsplit_once('@').map(|(_, domain)| domain);
        Self {
            domain: domain.unwrap_or("localhost").into(),
            mark: config.mark.as_ref().map(encode),
        }
    }

    /// The `Message-ID` of one of our own messages: its key, with a mark where one is set, at the
    /// sender's domain.
    pub(crate) fn message_id(&self, key: &Key) -> String {
        let mark = self.mark.as_ref().map(|mark| format!(".{mark}"));
        let domain = &self.domain;
        format!("<{}{}@{domain}>", encode(key), mark.unwrap_or_default())
    }

    /// The `Message-ID` of a message that is answered: a foreign one is one already.
    pub(crate) fn reference(&self, key: &Key) -> String {
        if is_message_id(key.as_str()) {
            key.as_str().to_owned()
        } else {
            self.message_id(key)
        }
    }

    /// The key of our own message with this `Message-ID`; none where it is not ours.
    pub(crate) fn key_of(&self, message_id: &str) -> Option<Key> {
        let inner = message_id.strip_prefix('<')?.strip_suffix('>')?;
        let (local, domain) = inner.rsplit_once('@')?;
        let (encoded, mark) = match local.split_once('.') {
            Some((encoded, mark)) => (encoded, Some(mark)),
            None => (local, None),
        };
        let key = decode(encoded)?;
        let is_ours = domain.eq_ignore_ascii_case(&self.domain)
            && mark == self.mark.as_deref()
            && encode(&key) == encoded;
        is_ours.then_some(key)
    }
}

/// Whether a key is a `Message-ID` in its brackets (RFC 5322, 3.6.4).
pub(crate) fn is_message_id(key: &str) -> bool {
    let inner = key
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    inner.is_some_and(|inner| inner.contains('@') && !inner.contains(['<', '>']))
}

/// A key as a dot-atom without dots (RFC 5322, 3.2.3): what may not stand in one is written in
/// hexadecimal after `=`, and so is `=`.
fn encode(key: &Key) -> String {
    let is_atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/?^_`{|}~".contains(&byte);
    let bytes = key.as_str().bytes();
    bytes
        .map(|byte| match is_atom(byte) {
            true => char::from(byte).to_string(),
            false => format!("={byte:02X}"),
        })
        .collect()
}

fn decode(text: &str) -> Option<Key> {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '=' {
            plain.push(c);
            continue;
        }
        let (high, low) = (rest.next()?.to_digit(16)?, rest.next()?.to_digit(16)?);
        plain.push(char::from_u32(high * 16 + low)?);
    }
    Key::parse(&plain).ok()
}

#[cfg(test)]
mod tests {
    use super::Origin;
    use crate::config::SmtpConfig;
    use bereik_core::id::Key;

    fn origin(options: &str) -> Origin {
        let url = format!("smtp://localhost?from=helpdesk@example.org{options}");
        Origin::of(&SmtpConfig::parse(&url).unwrap())
    }

    #[test]
    fn our_ids_lead_back_to_their_keys() {
        for options in ["", "&mark=shop", "&mark=a.b"] {
            let origin = origin(options);
            for key in ["message/M12", "a.b=c@d", "<x@y>", "<<", "=40", "offer/O1"] {
                let key = Key::parse(key).unwrap();
                assert_eq!(origin.key_of(&origin.message_id(&key)), Some(key));
            }
        }
    }

    #[test]
    fn other_ids_lead_nowhere() {
        let table = [
            "<message/M12@example.com>",
            "<message/M12.shop@example.org>",
            "<=6D1@example.org>",
            "<=4@example.org>",
            "<@example.org>",
            "message/M12@example.org",
            "<\u{e9}@example.org>",
        ];
        for id in table {
            assert_eq!(origin("").key_of(id), None, "{id}");
        }
        assert_eq!(origin("&mark=shop").key_of("<M1.other@example.org>"), None);
        assert!(origin("").key_of("<M1@EXAMPLE.ORG>").is_some());
    }
}
