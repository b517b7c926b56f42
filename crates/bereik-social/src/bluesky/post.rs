//! Posts, both ways, as values.

use bereik_channel::{
    Attachment, Attachments, Event, EventKind, Inbound, Label, TextLimit, TextUnit,
};
use bereik_core::id::Key;
use bereik_core::message::Body;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::wire::{NETWORK, POST};
use crate::gap::number;

const LETTERS_MAX: usize = 300;
const BYTES_MAX: usize = 3_000;

/// Cuts words into posts, of which the first begins with a mention of so many letters. None where a single letter is too long.
pub(super) fn parts(words: &str, mention: usize) -> Option<Vec<&str>> {
    let letters = TextLimit {
        max: LETTERS_MAX.checked_sub(mention)?,
        unit: TextUnit::Graphemes,
    };
    // The mention is of ASCII.
    let bytes = TextLimit {
        max: BYTES_MAX - mention,
        unit: TextUnit::Bytes,
    };
    let mut parts = Vec::new();
    for part in letters.split(words).ok()? {
        parts.extend(bytes.split(part).ok()?);
    }
    Some(parts)
}

/// The key of a record: an identifier of the AT Protocol that tells a second, and within it which message. The same message
/// always has the same.
pub(super) fn record_key(key: &Key, part: usize, at: DateTime<Utc>) -> String {
    const DIGITS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
    let hash = number(&format!("{}/{part}", key.as_str()));
    let seconds = at.timestamp().clamp(0, 1 << 32).unsigned_abs();
    let micros = seconds * 1_000_000 + (hash >> 10) % 1_000_000;
    let bits = (micros << 10) | (hash & 0x3FF);
    let digit = |place: u32| char::from(DIGITS[(bits >> (5 * place)) as usize & 31]);
    (0..13).rev().map(digit).collect()
}

/// A post that stands somewhere.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) uri: String,
    pub(super) cid: String,
}

impl Place {
    pub(super) fn read(said: &Value) -> Option<Self> {
        let text = |name: &str| said[name].as_str().map(str::to_owned);
        let (uri, cid) = text("uri").zip(text("cid"))?;
        Some(Self { uri, cid })
    }

    fn told(&self) -> Value {
        json!({"uri": self.uri, "cid": self.cid})
    }
}

/// The post that is answered, and the one at the top of its thread.
#[derive(Clone)]
pub(super) struct Above {
    pub(super) root: Place,
    pub(super) parent: Place,
}

/// Somebody by his handle and his DID.
pub(super) struct Named {
    pub(super) handle: String,
    pub(super) did: String,
}

/// A record, the same to the last byte whenever it is made of the same.
pub(super) fn record(
    words: &str,
    to: Option<&Named>,
    above: Option<&Above>,
    at: DateTime<Utc>,
) -> Value {
    let mut text = String::new();
    let mut facets = Vec::new();
    let facet = |start: usize, end: usize, feature: Value| json!({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]});
    if let Some(to) = to {
        text = mention(to);
        let feature = json!({"$type": "app.bsky.richtext.facet#mention", "did": to.did});
        facets.push(facet(0, text.trim_end().len(), feature));
    }
    for (start, link) in links(words) {
        let feature = json!({"$type": "app.bsky.richtext.facet#link", "uri": link});
        facets.push(facet(
            text.len() + start,
            text.len() + start + link.len(),
            feature,
        ));
    }
    text.push_str(words);
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut record = json!({"$type": POST, "text": text, "createdAt": at});
    if !facets.is_empty() {
        record["facets"] = facets.into();
    }
    if let Some(above) = above {
        record["reply"] = json!({"root": above.root.told(), "parent": above.parent.told()});
    }
    record
}

/// When a part of a message is said to have been written: each a little after the one before.
pub(super) fn written_at(at: DateTime<Utc>, part: usize) -> DateTime<Utc> {
    let later = TimeDelta::milliseconds(i64::try_from(part).unwrap_or_default());
    at.checked_add_signed(later).unwrap_or(at)
}

pub(super) fn mention(to: &Named) -> String {
    format!("@{} ", to.handle)
}

/// The links in words, each with the byte at which it begins.
fn links(words: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = words.match_indices("http").map(|(start, _)| start);
    starts.filter_map(|start| {
        let before = words[..start].chars().next_back();
        let is_start = !before.is_some_and(char::is_alphanumeric);
        let link = words[start..]
            .split(|c: char| c.is_whitespace() || "<>\"".contains(c))
            .next()?;
        let link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        let rest = link
            .strip_prefix("https://")
            .or_else(|| link.strip_prefix("http://"))?;
        let has_host = rest.starts_with(|c: char| c.is_alphanumeric() || c == '[');
        (is_start && has_host).then_some((start, link))
    })
}

/// What a notification is about, and when it was there.
pub(super) fn place(notification: &Value) -> Option<(&str, DateTime<Utc>)> {
    let at = DateTime::parse_from_rfc3339(notification["indexedAt"].as_str()?).ok()?;
    Some((notification["uri"].as_str()?, at.to_utc()))
}

/// The message that a notification brings.
pub(super) fn event(notification: &Value) -> Option<Event> {
    let (who, record) = (&notification["author"], &notification["record"]);
    let id = Key::parse(notification["uri"].as_str()?).ok()?;
    let from = format!("handle:{NETWORK}{}", who["did"].as_str()?)
        .parse()
        .ok()?;
    let attachments = files(&record["embed"]);
    let words = words(record);
    let words = match (words.trim(), attachments.is_empty()) {
        ("", false) => "[attachment]",
        (words, _) => words,
    };
    let mut inbound = Inbound::new(from, Body::parse(words).ok()?);
    let names = ["displayName", "handle"].map(|name| who[name].as_str().map(Label::flattened));
    let mut names = names.into_iter().flatten();
    inbound.from_name = names.find(|name| !name.as_str().is_empty());
    let labels = who["labels"].as_array().map_or(&[][..], Vec::as_slice);
    inbound.is_automatic = labels.iter().any(|label| label["val"] == "bot");
    let parent = record["reply"]["parent"]["uri"].as_str();
    inbound
        .answers
        .extend(parent.and_then(|uri| Key::parse(uri).ok()));
    inbound.attachments = attachments;
    let kind = EventKind::Message(inbound);
    Some(Event { id, kind })
}

/// A stretch of the words and what is marked in it.
struct Facet<'a> {
    start: usize,
    end: usize,
    link: Option<&'a str>,
    is_mention: bool,
}

fn facets<'a>(record: &'a Value, text: &str) -> Vec<Facet<'a>> {
    let all = record["facets"].as_array().map_or(&[][..], Vec::as_slice);
    let mut facets: Vec<Facet<'a>> = all
        .iter()
        .filter_map(|facet| {
            let byte = |name| usize::try_from(facet["index"][name].as_u64()?).ok();
            let (start, end) = byte("byteStart").zip(byte("byteEnd"))?;
            text.get(start..end)?;
            let features = facet["features"].as_array().map_or(&[][..], Vec::as_slice);
            let is = |kind: &str| {
                let kind = format!("app.bsky.richtext.facet#{kind}");
                features
                    .iter()
                    .find(move |feature| feature["$type"] == *kind)
            };
            let link = is("link").and_then(|feature| feature["uri"].as_str());
            let is_mention = is("mention").is_some();
            Some(Facet {
                start,
                end,
                link,
                is_mention,
            })
        })
        .collect();
    facets.sort_by_key(|facet| facet.start);
    facets
}

/// The words of a post without the names in front to whom they are said. Clients show a link shortened, or under other words:
/// where it leads is told behind it.
fn words(record: &Value) -> String {
    let text = record["text"].as_str().unwrap_or_default();
    let (mut words, mut read) = (String::new(), 0);
    for facet in facets(record, text) {
        let Some(before) = text.get(read..facet.start) else {
            continue;
        };
        let shown = &text[facet.start..facet.end];
        let is_address = facet.is_mention && words.is_empty() && before.trim().is_empty();
        if !is_address {
            words.push_str(before);
            words.push_str(shown);
        }
        read = facet.end;
        if let Some(link) = facet.link.filter(|link| is_hidden(link, shown)) {
            tell_link(&mut words, link);
        }
    }
    words.push_str(&text[read..]);
    let card = ["external", "media"].map(|name| &record["embed"][name]);
    let card = card
        .iter()
        .find_map(|one| one["uri"].as_str().or(one["external"]["uri"].as_str()));
    if let Some(link) = card.filter(|link| !words.contains(*link) && is_hidden(link, "")) {
        tell_link(&mut words, link);
    }
    words
}

fn is_hidden(link: &str, shown: &str) -> bool {
    let is_web = link.starts_with("https://") || link.starts_with("http://");
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    is_web && !link.contains(char::is_whitespace) && shown != link && shown != rest
}

/// Adds a link, as far as a message has room: a post has 3,000 bytes and may have any number of links.
fn tell_link(words: &mut String, link: &str) {
    if words.len() + link.len() + BYTES_MAX < Body::BYTES_MAX {
        words.push_str(&format!(" ({link})"));
    }
}

/// The files by what is said of them; what is in them is not taken.
fn files(embed: &Value) -> Attachments {
    let mut files = Attachments::new();
    let inner = &embed["media"];
    for embed in [embed, inner] {
        let images = embed["images"].as_array().into_iter().flatten();
        let images = images.map(|one| (&one["image"], &one["alt"]));
        let video = Some((&embed["video"], &embed["alt"])).filter(|(blob, _)| blob.is_object());
        for (blob, alt) in images.chain(video) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let size = blob["size"].as_u64().unwrap_or_default();
            files.add(Attachment::untaken(
                &text(alt),
                &text(&blob["mimeType"]),
                size,
            ));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::{links, parts, record, record_key, words};
    use bereik_core::id::Key;
    use chrono::{DateTime, TimeDelta};
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn a_record_key_is_one_of_the_protocol_and_tells_messages_of_a_second_apart() {
        let at = DateTime::from_timestamp(1_795_000_000, 0).expect("an instant");
        let keys = (0..2_000).map(|number| {
            let key = Key::parse(&format!("message/M{number}")).expect("a key");
            let made = record_key(&key, 0, at);
            assert_eq!(made, record_key(&key, 0, at));
            made
        });
        let keys: BTreeSet<String> = keys.collect();
        assert_eq!(keys.len(), 2_000);
        let is_digit = |c: char| "234567abcdefghijklmnopqrstuvwxyz".contains(c);
        let is_key =
            |key: &String| key.len() == 13 && key.chars().all(is_digit) && key < &"k".to_owned();
        assert!(keys.iter().all(is_key));
        let key = Key::parse("m").expect("a key");
        assert!(record_key(&key, 0, at) < record_key(&key, 0, at + TimeDelta::seconds(1)));
        assert_ne!(record_key(&key, 0, at), record_key(&key, 1, at));
    }

    #[test]
    fn links_are_marked_by_bytes() {
        let text = "é (https://a.example/x?y=1), xhttps://no http:// http://b.example.";
        let found: Vec<_> = links(text).collect();
        assert_eq!(
            found,
            [(4, "https://a.example/x?y=1"), (50, "http://b.example")]
        );
        let told = record("é https://a.example", None, None, DateTime::UNIX_EPOCH);
        assert_eq!(
            told["facets"][0]["index"],
            json!({"byteStart": 3, "byteEnd": 20})
        );
    }

    #[test]
    fn words_are_read_with_what_is_marked_in_them() {
        let mark = |start: usize, end: usize, kind: &str, uri: &str| {
            let kind = format!("app.bsky.richtext.facet#{kind}");
            json!({"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": kind, "uri": uri, "did": "did:plc:x"}]})
        };
        let table = [
            ("@desk hi", vec![mark(0, 5, "mention", "")], " hi"),
            ("hi @desk", vec![mark(3, 8, "mention", "")], "hi @desk"),
            (
                "see a.example/lo...",
                vec![mark(4, 19, "link", "https://a.example/long")],
                "see a.example/lo... (https://a.example/long)",
            ),
            (
                "see a.example",
                vec![mark(4, 13, "link", "https://a.example")],
                "see a.example",
            ),
            ("x", vec![mark(0, 1, "link", "javascript:alert(1)")], "x"),
            // Within a letter, past the end, over each other.
            (
                "é",
                vec![
                    mark(1, 2, "link", "https://a.example"),
                    mark(0, 99, "mention", ""),
                ],
                "é",
            ),
            (
                "abcd",
                vec![
                    mark(0, 3, "tag", ""),
                    mark(1, 2, "tag", ""),
                    mark(9, 4, "tag", ""),
                ],
                "abcd",
            ),
        ];
        for (text, facets, expected) in table {
            assert_eq!(words(&json!({"text": text, "facets": facets})), expected);
        }
        let card = json!({"text": "look", "embed": {"external": {"uri": "https://a.example"}}});
        assert_eq!(words(&card), "look (https://a.example)");
    }

    #[test]
    fn posts_fit() {
        let family = "👨‍👩‍👧".repeat(400);
        for text in [&"word ".repeat(900), &family] {
            let parts = parts(text, 20).expect("it can be cut");
            assert_eq!(parts.concat(), **text);
            assert!(parts.iter().all(|part| part.len() <= 2_980));
        }
    }
}
