//! Text as Mastodon counts it, and cuts of it that fit.

use bereik_channel::{TextLimit, TextUnit};

/// What every link counts, however long it is.
const LINK: usize = 23;

/// How long a word with the blank behind it is by Mastodon's count, or a little longer: in letters, with every link as 23.
fn word(word: &str) -> usize {
    let letters = |text| TextUnit::Graphemes.measure(text);
    let start = word.find("https://").or_else(|| word.find("http://"));
    let Some(start) = start else {
        return letters(word);
    };
    let (before, link) = word.split_at(start);
    let host = link.split('/').nth(2).unwrap_or_default();
    let end = link
        .trim_end()
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'']);
    let has_domain = host.trim_end().contains('.');
    // What it does not take for a link counts in full; what is shorter than a link may be one.
    let counted = match has_domain {
        true => LINK,
        false => letters(end).max(LINK),
    };
    letters(before) + counted + letters(&link[end.len()..])
}

/// Cuts words into parts that each count so much at most, after a blank where there is one. The parts together are the
/// words; none where a single letter counts more.
pub(super) fn parts(words: &str, counts_max: usize) -> Option<Vec<&str>> {
    let limit = TextLimit {
        max: counts_max,
        unit: TextUnit::Graphemes,
    };
    let (mut parts, mut start, mut end, mut counts) = (Vec::new(), 0, 0, 0);
    let mut pieces: Vec<&str> = Vec::new();
    for one in words.split_inclusive(char::is_whitespace) {
        match word(one) <= counts_max {
            true => pieces.push(one),
            false => pieces.extend(limit.split(one).ok()?),
        }
    }
    for piece in pieces {
        let more = word(piece);
        if counts + more > counts_max && end > start {
            parts.push(&words[start..end]);
            (start, counts) = (end, 0);
        }
        end += piece.len();
        counts += more;
    }
    parts.push(&words[start..end]);
    Some(parts)
}

/// Words in which nobody is mentioned: with a word joiner behind the sign, Mastodon takes none for a mention. Whoever is
/// mentioned in a direct message gets it, so a name that somebody else wrote must not become one.
pub(super) fn without_mentions(words: &str) -> String {
    let mut plain = String::with_capacity(words.len());
    let mut chars = words.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        plain.push(c);
        let may_follow = before.is_alphanumeric() || "_=/".contains(before);
        let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        if c == '@' && !may_follow && chars.peek().is_some_and(is_name) {
            plain.push('\u{2060}');
        }
        before = c;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{parts, without_mentions, word};

    fn measure(words: &str) -> usize {
        words.split_inclusive(char::is_whitespace).map(word).sum()
    }

    #[test]
    fn a_link_counts_as_23_and_an_emoji_as_one() {
        let long = format!("https://example.org/{}", "x".repeat(900));
        let table = [
            ("four", 4),
            ("👨‍👩‍👧 é", 3),
            ("http://a.io", 23),
            (&long, 23),
            (&format!("see ({long}), now"), 4 + 1 + 23 + 2 + 1 + 3),
            ("https://localhost/a/rather/long/way", 35),
        ];
        for (words, expected) in table {
            assert_eq!(measure(words), expected, "{words}");
        }
    }

    #[test]
    fn parts_fit_and_are_the_whole() {
        let link = format!("https://example.org/{}", "x".repeat(900));
        let words = format!(
            "{} {link} {} {}",
            "word ".repeat(90),
            "y".repeat(1_200),
            "é ".repeat(300)
        );
        for max in [30, 100, 490] {
            let parts = parts(&words, max).expect("it can be cut");
            assert_eq!(parts.concat(), words);
            assert!(
                parts
                    .iter()
                    .all(|part| measure(part) <= max && !part.is_empty())
            );
            assert!(
                parts.iter().any(|part| part.contains(&link)),
                "a link stays whole"
            );
        }
        assert_eq!(parts("ab", 0), None);
    }

    #[test]
    fn nobody_is_mentioned_by_what_another_wrote() {
        assert_eq!(
            without_mentions("@eve .@bob@x.org"),
            "@\u{2060}eve .@\u{2060}bob@x.org"
        );
        let kept = "jan@example.org https://x.org/@jan a@ @ @@";
        assert_eq!(without_mentions(kept), kept);
    }
}
