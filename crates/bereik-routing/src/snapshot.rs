//! The engine's state as bytes, and back.

use serde::{Deserialize, Serialize};

use crate::state::State;

/// Grows with each change of the state that an older version could not read.
const VERSION: u32 = 2;

/// Says what the bytes are before what they hold.
#[derive(Deserialize)]
struct Head {
    bereik_routing: u32,
}

#[derive(Serialize)]
struct Written<'a> {
    bereik_routing: u32,
    state: &'a State,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "bereik_routing")]
    _version: u32,
    state: State,
}

pub(crate) fn write(state: &State) -> Vec<u8> {
    let written = Written {
        bereik_routing: VERSION,
        state,
    };
    serde_json::to_vec(&written).expect("every key of a map in the state is a text or a number")
}

pub(crate) fn read(bytes: &[u8]) -> Result<State, RestoreError> {
    let malformed = |place| RestoreError::new(RestoreErrorKind::Malformed, place);
    let head: Head = serde_json::from_slice(bytes).map_err(|error| malformed(error.column()))?;
    if head.bereik_routing != VERSION {
        return Err(RestoreError::new(RestoreErrorKind::Version, 0));
    }
    let mut read: Read =
        serde_json::from_slice(bytes).map_err(|error| malformed(error.column()))?;
    read.state.build_index();
    if read.state.is_whole() {
        read.state.index_all();
        read.state.reset_turns();
        read.state.place_moved();
        Ok(read.state)
    } else {
        Err(malformed(bytes.len()))
    }
}

/// Bytes are not a snapshot that this version can restore.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct RestoreError {
    kind: RestoreErrorKind,
    place: usize,
}

/// What is wrong with the bytes of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreErrorKind {
    /// The bytes are not a snapshot, or a damaged one.
    Malformed,
    /// A version of bereik wrote it that this one does not understand.
    Version,
}

impl RestoreError {
    pub(crate) const fn new(kind: RestoreErrorKind, place: usize) -> Self {
        Self { kind, place }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> RestoreErrorKind {
        self.kind
    }

    fn text(&self) -> String {
        match self.kind {
            RestoreErrorKind::Malformed => {
                format!("the snapshot is damaged at byte {}", self.place)
            }
            RestoreErrorKind::Version => {
                "the snapshot was written by another version of bereik".to_owned()
            }
        }
    }
}
