//! What comes with a message besides its words: files, within bounds.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::label::Label;

/// A file that came with a message. `Debug` shows only how large it is.
///
/// Its name is one to show and to save under: one line, without folders, and never that of a
/// hidden file. What the file holds is the sender's, and was not looked at.
///
/// ```
/// use bereik_channel::Attachment;
/// let photo = Attachment::new("../../Holiday\u{202E}gpj.exe", "IMAGE/PNG; x=1", *b"not a png");
/// assert_eq!(photo.name(), "_.._Holiday gpj.exe");
/// assert_eq!(photo.media_type(), "image/png");
/// assert_eq!((photo.size(), photo.bytes()), (9, Some(&b"not a png"[..])));
/// assert_eq!(format!("{photo:?}"), "Attachment(9 bytes)");
/// ```
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Attachment {
    name: Label,
    media_type: Box<str>,
    size: u64,
    bytes: Option<Arc<[u8]>>,
}

/// What a file is that says nothing of itself (RFC 2046, 4.5.1).
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// RFC 6838, 4.2: each half of a media type has at most 127 characters.
const MEDIA_TYPE_BYTES_MAX: usize = 255;

impl Attachment {
    /// A file with what is in it.
    #[must_use]
    pub fn new(name: &str, media_type: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            name: file_name(name),
            media_type: media_type_of(media_type),
            size: bytes.len() as u64,
            bytes: Some(bytes),
        }
    }

    /// A file of which only the size is known: what is in it was not taken.
    #[must_use]
    pub fn untaken(name: &str, media_type: &str, size: u64) -> Self {
        Self {
            name: file_name(name),
            media_type: media_type_of(media_type),
            size,
            bytes: None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// What the sender says that it is, in small letters and without parameters: `image/png`.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// How large it is, in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// What is in it; none where it was not taken.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }
}

/// A file as it is written down.
#[derive(serde::Serialize, serde::Deserialize)]
struct Written {
    name: String,
    media_type: String,
    size: u64,
    base64: Option<String>,
}

impl From<Attachment> for Written {
    fn from(file: Attachment) -> Self {
        Self {
            name: file.name().to_owned(),
            media_type: file.media_type().to_owned(),
            size: file.size(),
            base64: file.bytes().map(|bytes| STANDARD.encode(bytes)),
        }
    }
}

impl From<Written> for Attachment {
    fn from(written: Written) -> Self {
        let bytes = written.base64.and_then(|text| STANDARD.decode(text).ok());
        match bytes {
            Some(bytes) => Self::new(&written.name, &written.media_type, bytes),
            None => Self::untaken(&written.name, &written.media_type, written.size),
        }
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({} bytes)", self.size)
    }
}

/// A name without folders that hides nothing.
fn file_name(name: &str) -> Label {
    let plain = name.replace(['/', '\\', ':'], "_");
    let flat = Label::flattened(&plain);
    let visible = Label::flattened(flat.as_str().trim_start_matches(['.', ' ']));
    if visible.as_str().is_empty() {
        Label::flattened("attachment")
    } else {
        visible
    }
}

fn media_type_of(text: &str) -> Box<str> {
    let is_token = |text: &str| {
        let plain = |c: u8| c.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&c);
        !text.is_empty() && text.bytes().all(plain)
    };
    let bare = text.split(';').next().unwrap_or_default().trim();
    let is_type = bare
        .split_once('/')
        .is_some_and(|(kind, sort)| is_token(kind) && is_token(sort));
    if is_type && bare.len() <= MEDIA_TYPE_BYTES_MAX {
        bare.to_ascii_lowercase().into()
    } else {
        UNKNOWN_TYPE.into()
    }
}

/// The files that came with a message: at most [`Attachments::COUNT_MAX`] of them, and together
/// at most [`Attachments::BYTES_MAX`] bytes. `Debug` shows how many.
///
/// ```
/// use bereik_channel::{Attachment, Attachments};
/// let mut files = Attachments::default();
/// files.add(Attachment::new("a.txt", "text/plain", *b"one"));
/// assert_eq!(files.iter().map(Attachment::name).collect::<Vec<_>>(), ["a.txt"]);
/// assert_eq!(files.left_out(), 0);
/// ```
#[derive(Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attachments {
    list: Vec<Attachment>,
    left_out: usize,
}

impl Attachments {
    /// The most files that are named.
    pub const COUNT_MAX: usize = 64;

    /// The most bytes that all files together hold.
    pub const BYTES_MAX: usize = 32 * 1024 * 1024;

    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            list: Vec::new(),
            left_out: 0,
        }
    }

    /// Adds a file. Past the bound on bytes only its name and size are kept; past the bound on
    /// files it is counted, and nothing more.
    pub fn add(&mut self, mut attachment: Attachment) {
        if self.list.len() == Self::COUNT_MAX {
            self.left_out += 1;
            return;
        }
        let held = |one: &Attachment| one.bytes.as_ref().map_or(0, |bytes| bytes.len());
        let before: usize = self.list.iter().map(held).sum();
        if before + held(&attachment) > Self::BYTES_MAX {
            attachment.bytes = None;
        }
        self.list.push(attachment);
    }

    /// The files, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &Attachment> {
        self.list.iter()
    }

    /// How many are named.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether none is named.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many more there were, which are not named.
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.left_out
    }
}

impl fmt::Debug for Attachments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachments({})", self.list.len() + self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::{Attachment, Attachments};

    #[test]
    fn names_have_no_folders_and_hide_nothing() {
        let table = [
            ("photo.png", "photo.png"),
            ("/etc/passwd", "_etc_passwd"),
            ("C:\\a.exe", "C__a.exe"),
            ("..", "attachment"),
            ("\u{202E}", "attachment"),
            (" .profile\r\n", "profile"),
            ("", "attachment"),
        ];
        for (name, shown) in table {
            assert_eq!(Attachment::untaken(name, "", 0).name(), shown, "{name:?}");
        }
    }

    #[test]
    fn a_media_type_is_one_or_unknown() {
        let table = [
            ("Text/Plain; charset=utf-8", "text/plain"),
            ("text", "application/octet-stream"),
            ("text/plain\r\nX: y", "application/octet-stream"),
            ("", "application/octet-stream"),
        ];
        for (text, shown) in table {
            assert_eq!(Attachment::untaken("a", text, 0).media_type(), shown);
        }
    }

    #[test]
    fn the_bounds_hold() {
        let mut files = Attachments::default();
        let large = Attachment::new("a", "", vec![0; Attachments::BYTES_MAX / 2 + 1]);
        for _ in 0..Attachments::COUNT_MAX + 3 {
            files.add(large.clone());
        }
        assert_eq!(files.len(), Attachments::COUNT_MAX);
        assert_eq!(files.left_out(), 3);
        let taken = files.iter().filter(|file| file.bytes().is_some());
        assert_eq!(taken.count(), 1);
        assert!(files.iter().all(|file| file.size() == large.size()));
    }
}
