//! Finds the mark in a text, in whatever form it may have got there.

use std::borrow::Cow;
use std::fmt::{Debug, Display};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// In every secret; in nothing else.
pub(crate) const MARK: &str = "canary";

/// Where a mark stands in a text, with what stands around it: as it is, in UTF-16, as bytes in
/// decimal or hexadecimal, in quoted-printable, percent-encoded, or in base64.
pub(crate) fn mark_in(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if let Some(at) = lower.find(MARK) {
        return Some(around(&lower, at));
    }
    let forms = forms();
    let in_base64 = forms.base64.iter().find_map(|form| text.find(form));
    if let Some(at) = in_base64 {
        return Some(around(text, at));
    }
    let squeezed = squeezed(&lower);
    let at = forms
        .squeezed
        .iter()
        .find_map(|form| squeezed.find(form.as_str()))?;
    Some(around(&squeezed, at))
}

/// Everything that came out so far, by where it came from.
#[derive(Default)]
pub(crate) struct Seen {
    /// How many texts, and of how many bytes.
    pub(crate) texts: usize,
    pub(crate) bytes: usize,
}

impl Seen {
    /// Looks through a text that came out.
    pub(crate) fn text(&mut self, whence: &str, text: &str) {
        if let Some(found) = mark_in(text) {
            panic!("a mark comes out of {whence}: {found}");
        }
        self.texts += 1;
        self.bytes += text.len();
    }

    /// Looks through both forms of what `Debug` shows of a value; the longer one differs in nothing but
    /// blanks, unless it shows more.
    pub(crate) fn debug(&mut self, whence: &str, value: &dyn Debug) {
        self.text(whence, &format!("{value:?}"));
        let long = format!("{value:#?}").to_ascii_lowercase();
        let found = long.find(MARK).map(|at| around(&long, at));
        assert_eq!(found, None, "a mark comes out of {whence}");
    }

    /// The same for an error, a failure or a problem, which is also shown to people.
    pub(crate) fn shown(&mut self, whence: &str, value: &(impl Debug + Display)) {
        self.text(whence, &value.to_string());
        self.debug(whence, value);
    }
}

struct Forms {
    base64: Vec<String>,
    squeezed: Vec<String>,
}

fn forms() -> &'static Forms {
    static FORMS: OnceLock<Forms> = OnceLock::new();
    FORMS.get_or_init(|| {
        let mut all = Forms {
            base64: Vec::new(),
            squeezed: vec![MARK.to_owned()],
        };
        for word in [MARK.to_owned(), MARK.to_uppercase()] {
            all.base64
                .extend((0..3).map(|place| in_base64(&word, place)));
            let wide: String = word.chars().flat_map(|c| [c, '\0']).collect();
            all.base64
                .extend((0..3).map(|place| in_base64(&wide, place)));
            let list = |write: &dyn Fn(u8) -> String, between: &str| {
                word.bytes().map(write).collect::<Vec<_>>().join(between)
            };
            all.squeezed.push(list(&|byte| byte.to_string(), ","));
            all.squeezed.push(list(&|byte| format!("{byte:02x}"), ""));
        }
        all
    })
}

/// How a word is written inside a base64 text, where it begins so many bytes after a whole group.
fn in_base64(word: &str, place: usize) -> String {
    let bytes = [&[0; 2][..place], word.as_bytes()].concat();
    let text = STANDARD_NO_PAD.encode(&bytes);
    assert_eq!(text, URL_SAFE_NO_PAD.encode(&bytes), "one form is enough");
    let (from, to) = ((place * 8).div_ceil(6), bytes.len() * 8 / 6);
    text[from..to].to_owned()
}

/// Without blanks, zeros between letters, and the signs of quoted-printable and percent-encoding.
fn squeezed(text: &str) -> Cow<'_, str> {
    let is_odd = |byte: &u8| matches!(byte, b'\\' | b'\0');
    let text = match text.as_bytes().iter().any(is_odd) {
        true => {
            let text = text.replace("\\u{0}", "").replace("\\u0000", "");
            Cow::Owned(text.replace("\\0", ""))
        }
        false => Cow::Borrowed(text),
    };
    let is_left = |byte: &u8| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'\0' | b'%' | b'=');
    let mut bytes = text.into_owned().into_bytes();
    bytes.retain(is_left);
    // Whole characters were taken out, so that whole ones are left.
    Cow::Owned(String::from_utf8(bytes).unwrap())
}

fn around(text: &str, at: usize) -> String {
    let before = text[..at].chars().rev().take(80).collect::<Vec<_>>();
    let before: String = before.into_iter().rev().collect();
    let after: String = text[at..].chars().take(80).collect();
    before + &after
}
