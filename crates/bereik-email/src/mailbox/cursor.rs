//! How far a mailbox was read, as a cursor.

use bereik_channel::Cursor;

/// The last mail that was read: a number, and the life of the folder in which it means something
/// (RFC 3501, 2.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) validity: u32,
    pub(super) uid: u32,
}

impl Place {
    /// None at the start, and of a cursor that was not written here.
    pub(super) fn read(cursor: &Cursor) -> Option<Self> {
        let rest = cursor.as_str()?.strip_prefix("uidvalidity=")?;
        let (validity, uid) = rest.split_once(" uid=")?;
        Some(Self {
            validity: validity.parse().ok()?,
            uid: uid.parse().ok()?,
        })
    }

    pub(super) fn write(self) -> Cursor {
        let Self { validity, uid } = self;
        let text = format!("uidvalidity={validity} uid={uid}");
        Cursor::parse(&text).expect("two numbers and two words are a cursor")
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Place};

    #[test]
    fn what_is_written_is_read() {
        let place = Place {
            validity: 7,
            uid: u32::MAX,
        };
        assert_eq!(Place::read(&place.write()), Some(place));
        for text in [
            "7",
            "uidvalidity=7",
            "uidvalidity=7 uid=-1",
            "uidvalidity= uid=1",
        ] {
            assert_eq!(Place::read(&Cursor::parse(text).unwrap()), None);
        }
        assert_eq!(Place::read(&Cursor::START), None);
    }
}
