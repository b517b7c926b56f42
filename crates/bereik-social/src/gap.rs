//! The event that says that something may have been missed.

use bereik_channel::{Cursor, Event, EventKind};
use bereik_core::id::Key;

/// A gap after this cursor; the same for the same cursor, another for another.
pub(crate) fn after(cursor: &Cursor) -> Event {
    let place = number(cursor.as_str().unwrap_or_default());
    let id = Key::parse(&format!("gap/{place}")).expect("a word and a number are a key");
    let kind = EventKind::Gap;
    Event { id, kind }
}

/// A number for a text, by FNV-1a.
pub(crate) fn number(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}
