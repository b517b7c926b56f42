//! Laws of the contract's values: cutting text, words on one line, errors.

use bereik_channel::{
    ChannelError, Cursor, ErrorKind, Label, Link, Retry, Scope, TextLimit, TextUnit,
};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use std::time::Duration;
use unicode_segmentation::UnicodeSegmentation as _;

const UNITS: [TextUnit; 5] = [
    TextUnit::Bytes,
    TextUnit::Characters,
    TextUnit::Graphemes,
    TextUnit::SmsSegments,
    TextUnit::Utf16,
];

/// Text in which graphemes of many characters and of many bytes are common.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z ,.\\n]{0,12}",
        1 => Just("\r\n".to_owned()),
        1 => Just("\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}".to_owned()),
        1 => Just("e\u{301}\u{302}\u{303}".to_owned()),
        1 => Just("\u{1F1F3}\u{1F1F1}\u{1F1E7}\u{1F1EA}\u{1F1F3}".to_owned()),
        1 => Just("\u{20AC}[]{}".to_owned()),
        1 => "\\PC{0,8}",
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn limit() -> impl Strategy<Value = TextLimit> {
    let unit = proptest::sample::select(UNITS.to_vec());
    (unit, 1_usize..80).prop_map(|(unit, max)| TextLimit { max, unit })
}

proptest! {
    #[test]
    fn parts_are_the_text_and_each_fits(text in text(), limit in limit()) {
        let Ok(parts) = limit.split(&text) else {
            let is_one_too_long = text.graphemes(true).any(|grapheme| !limit.fits(grapheme));
            prop_assert!(is_one_too_long, "it may only fail for a grapheme that is too long");
            return Ok(());
        };
        prop_assert_eq!(parts.concat(), &*text);
        prop_assert!(parts.iter().all(|part| !part.is_empty() && limit.fits(part)));
    }

    #[test]
    fn no_grapheme_is_cut(text in text(), limit in limit()) {
        let bounds: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
        let mut at = 0;
        for part in limit.split(&text).unwrap_or_default() {
            prop_assert!(bounds.binary_search(&at).is_ok(), "cut inside a grapheme at {at}");
            at += part.len();
        }
    }

    #[test]
    fn units_agree_with_the_standard_library(text in text()) {
        prop_assert_eq!(TextUnit::Bytes.measure(&text), text.len());
        prop_assert_eq!(TextUnit::Characters.measure(&text), text.chars().count());
        prop_assert_eq!(TextUnit::Utf16.measure(&text), text.encode_utf16().count());
        prop_assert_eq!(TextUnit::Graphemes.measure(&text), text.graphemes(true).count());
        let segments = TextUnit::SmsSegments.measure(&text);
        prop_assert!(segments * 70 * 3 >= text.len() || segments * 160 >= text.chars().count());
        prop_assert_eq!(segments == 0, text.is_empty());
    }

    #[test]
    fn a_label_is_one_line(text in any::<String>()) {
        let label = Label::flattened(&text);
        prop_assert!(!label.as_str().chars().any(char::is_control));
        prop_assert_eq!(Label::parse(label.as_str()), Ok(label.clone()));
        prop_assert_eq!(Label::flattened(label.as_str()), label);
    }

    #[test]
    fn a_link_stays_on_its_line(text in "(https://|http://|javascript:|)\\PC{0,40}|.{0,40}") {
        if let Ok(link) = Link::parse(&text) {
            prop_assert!(link.as_str().bytes().all(|c| c.is_ascii_graphic()));
            prop_assert!(link.as_str().to_ascii_lowercase().starts_with("http"));
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_was(text in any::<String>()) {
        if let Ok(cursor) = Cursor::parse(&text) {
            let kept = Option::<String>::from(cursor.clone());
            prop_assert_eq!(Cursor::try_from(kept), Ok(cursor));
        }
    }

    #[test]
    fn an_error_says_nothing_of_what_a_provider_wrote(code in any::<String>(), wait in 0_u64..900) {
        let error = ChannelError::new(ErrorKind::Throttled, Scope::Channel)
            .with_retry(Retry::After(Duration::from_secs(wait)))
            .with_code(&code);
        prop_assert!(error.to_string().bytes().all(|c| c == b' ' || c.is_ascii_graphic()));
        prop_assert!(error.code().is_some_and(|code| code.len() <= 32));
        prop_assert!(error.is_temporary() && !error.clone().maybe_sent().is_temporary());
    }
}
