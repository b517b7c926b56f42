//! Where in a TOML text something stands: the line of an offset, the line of a value's path.

use bereik_core::directory::Step;
use toml::de::{DeTable, DeValue};

/// The line of a byte offset, from 1.
pub(crate) fn line_of(text: &[u8], offset: usize) -> usize {
    let before = &text[..offset.min(text.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The offset of the value that a path leads to, or of the last one on the way that is there.
pub(crate) fn offset_of(text: &str, path: &[Step]) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut table = Some(root.get_ref());
    let mut value: Option<&DeValue<'_>> = None;
    let mut offset = None;
    for step in path {
        let found = match step {
            Step::Field(name) => table
                .or_else(|| value.and_then(DeValue::as_table))
                .and_then(|table| table.get(name.as_str())),
            Step::Place(place) => value.and_then(|value| value.get(*place)),
        };
        let Some(found) = found else { break };
        table = None;
        value = Some(found.get_ref());
        offset = Some(found.span().start);
    }
    offset
}
