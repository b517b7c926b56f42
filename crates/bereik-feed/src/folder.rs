//! Which calendars a folder holds.

use std::path::{Path, PathBuf};

use crate::change::Glance;
use crate::update::FailureKind;

/// The most files of a folder that are read.
const FILES_MAX: usize = 10_000;

/// What a look at a path shows: itself, and the calendars in it if it is a folder.
#[derive(Debug)]
pub(crate) struct Sight {
    pub(crate) own: Glance,
    pub(crate) files: Result<Vec<(PathBuf, Glance)>, FailureKind>,
}

impl Sight {
    /// Looks at a path. Blocks.
    pub(crate) fn at(path: &Path) -> Self {
        let own = Glance::at(path);
        let files = match own {
            Glance::Folder => list(path).map(|paths| {
                let glanced = paths.into_iter().map(|path| {
                    let glance = Glance::at(&path);
                    (path, glance)
                });
                glanced.collect()
            }),
            _ => Ok(Vec::new()),
        };
        Self { own, files }
    }
}

/// The calendars in a folder, by name. Blocks.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, FailureKind> {
    let failed = |error: std::io::Error| FailureKind::from(error.kind());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !is_calendar(&path) {
            continue;
        }
        if found.len() == FILES_MAX {
            return Err(FailureKind::TooLong);
        }
        found.push(path);
    }
    found.sort();
    Ok(found)
}

/// Whether the name ends in `.ics`. Hidden files are of programs that are writing.
fn is_calendar(path: &Path) -> bool {
    let is_ics = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("ics"));
    let name = path.file_name().unwrap_or_default();
    is_ics && !name.as_encoded_bytes().starts_with(b".")
}
