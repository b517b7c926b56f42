//! The words of a status, which come as HTML of whatever software wrote it.

/// So much of it is read, in bytes: Mastodon's own statuses have 500 characters, other software's a few thousand.
const BYTES_MAX: usize = 256 * 1024;

/// Plain text of HTML: paragraphs and breaks are lines, scripts and styles are nothing, and where the words of a link do not
/// show where it leads, that is told behind them. Never fails: what is no tag is text.
pub(super) fn text(html: &str) -> String {
    let ends = (0..=html.len().min(BYTES_MAX)).rev();
    let end = ends.into_iter().find(|end| html.is_char_boundary(*end));
    let mut reader = Reader::default();
    let mut rest = &html[..end.unwrap_or(0)];
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        reader.words(before);
        let is_tag = from[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        // Up to the next sign of either sort: so no text costs more than its length.
        let close = from[1..].find(['<', '>']).map(|at| at + 1);
        match close.filter(|at| is_tag && from[*at..].starts_with('>')) {
            Some(close) => {
                reader.tag(&from[1..close]);
                rest = &from[close + 1..];
            }
            None => {
                reader.words("<");
                rest = &from[1..];
            }
        }
    }
    reader.words(rest);
    reader.text.trim().to_owned()
}

#[derive(Default)]
struct Reader<'a> {
    text: String,
    /// The element in which nothing is said: `script` or `style`.
    silent: Option<&'a str>,
    /// Where the words of an open link begin, and where it leads.
    link: Option<(usize, String)>,
}

impl<'a> Reader<'a> {
    fn words(&mut self, words: &str) {
        if self.silent.is_none() {
            decode(words, &mut self.text);
        }
    }

    fn tag(&mut self, tag: &'a str) {
        let (is_end, tag) = match tag.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, tag),
        };
        let is_in_name = |c: char| c.is_ascii_alphanumeric();
        let name = &tag[..tag.find(|c| !is_in_name(c)).unwrap_or(tag.len())];
        if let Some(silent) = self.silent {
            if is_end && name.eq_ignore_ascii_case(silent) {
                self.silent = None;
            }
            return;
        }
        match (name.to_ascii_lowercase().as_str(), is_end) {
            ("a", false) => self.link = link(tag).map(|href| (self.text.len(), href)),
            ("a", true) => self.end_link(),
            ("br", _) => self.text.push('\n'),
            ("script" | "style", false) => self.silent = Some(name),
            ("p" | "blockquote" | "pre" | "ul" | "ol", true) => self.text.push_str("\n\n"),
            ("li", false) => self.text.push_str("- "),
            ("div" | "li" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6", true) => self.text.push('\n'),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some((start, href)) = self.link.take() else {
            return;
        };
        let shown = self.text.get(start..).unwrap_or_default().trim();
        let shows_where = href == shown || href.strip_suffix('/') == Some(shown);
        if !shows_where {
            self.text.push_str(&format!(" ({href})"));
        }
    }
}

/// Where a link leads, if that is to be told: not for mentions and hashtags, and only over HTTP.
fn link(tag: &str) -> Option<String> {
    let class = attribute(tag, "class").unwrap_or_default();
    let is_name = class
        .split(' ')
        .any(|one| matches!(one, "hashtag" | "mention"));
    let mut href = String::new();
    decode(attribute(tag, "href")?, &mut href);
    let is_web = href.starts_with("https://") || href.starts_with("http://");
    (is_web && !is_name && !href.contains(char::is_whitespace)).then_some(href)
}

/// The value of an attribute that is written between quotes, as all software writes it.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}="))?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next()
}

/// The longest name or number of a character with its signs, such as `&#x1F600;`.
const ENTITY_BYTES_MAX: usize = 12;

/// Adds words with their entities read.
fn decode(words: &str, to: &mut String) {
    let mut rest = words;
    while let Some(start) = rest.find('&') {
        to.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.bytes().take(ENTITY_BYTES_MAX).position(|c| c == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((c, end)) => {
                to.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                to.push('&');
                rest = &rest[1..];
            }
        }
    }
    to.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    let number = |digits, radix| {
        u32::from_str_radix(digits, radix)
            .ok()
            .and_then(char::from_u32)
    };
    if let Some(digits) = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
        return number(digits, 16);
    }
    if let Some(digits) = name.strip_prefix('#') {
        return number(digits, 10);
    }
    match name {
        "amp" => Some('&'),
        "apos" => Some('\''),
        "gt" => Some('>'),
        "lt" => Some('<'),
        "nbsp" => Some('\u{a0}'),
        "quot" => Some('"'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_status_is_read_as_a_person_sees_it() {
        let table = [
            ("<p>one<br />two</p><p>three</p>", "one\ntwo\n\nthree"),
            (
                "<p>a &lt;b&gt; &amp;amp; &#x27;c&#39; &nope; &</p>",
                "a <b> &amp; 'c' &nope; &",
            ),
            ("1 < 2 <3", "1 < 2 <3"),
            ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
            ("x<script>alert('<p>')</script><STYLE>p{}</style>y", "xy"),
            ("", ""),
        ];
        for (html, expected) in table {
            assert_eq!(text(html), expected, "{html}");
        }
    }

    #[test]
    fn a_link_tells_where_it_leads() {
        let masked = r#"<a href="https://evil.example/x?a=1&amp;b=2" rel="nofollow">my bank</a>"#;
        assert_eq!(text(masked), "my bank (https://evil.example/x?a=1&b=2)");
        let whole = r#"<a href="https://example.org/long/way"><span class="invisible">https://</span><span class="ellipsis">example.org/lo</span><span class="invisible">ng/way</span></a>"#;
        assert_eq!(text(whole), "https://example.org/long/way");
        let mention =
            r#"<a href="https://example.org/@bob" class="u-url mention">@<span>bob</span></a> hi"#;
        assert_eq!(text(mention), "@bob hi");
        assert_eq!(text(r#"<a href="javascript:alert(1)">x</a>"#), "x");
    }

    #[test]
    fn nothing_is_read_without_end() {
        for hostile in [
            "<",
            "<a",
            "&#",
            "<a href=\"",
            "<p><",
            "&#x110000;",
            "<a href='https://x'>",
        ] {
            assert!(text(&hostile.repeat(100_000)).len() < 2_000_000);
        }
    }
}
