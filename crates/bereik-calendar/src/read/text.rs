//! Values of type TEXT (RFC 5545 section 3.3.11), for comparing them.

/// A text without its escapes.
pub(crate) fn unescaped(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => '\n',
                Some(escaped) => escaped,
                None => '\\',
            },
            character => character,
        });
    }
    plain
}

/// The members of a list of texts, still escaped.
pub(crate) fn members(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut is_escaped = false;
    text.split(move |byte| {
        let ends = *byte == b',' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::{members, unescaped};

    #[test]
    fn escapes_and_lists() {
        assert_eq!(unescaped(br"a\, b\; c\\ d\ne"), "a, b; c\\ d\ne");
        let list: Vec<_> = members(br"a\,b,c\\,d").map(unescaped).collect();
        assert_eq!(list, ["a,b", "c\\", "d"]);
    }
}
