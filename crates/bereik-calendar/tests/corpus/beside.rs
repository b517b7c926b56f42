//! Files with what is read from them beside them as text; `UPDATE=1` rewrites the latter.

use std::path::{Path, PathBuf};

/// The calendars of a folder under `tests`, in order.
pub(crate) fn calendars(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "ics"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "the folder holds calendars");
    files
}

pub(crate) fn bytes_of(file: &Path) -> Vec<u8> {
    std::fs::read(file).expect("the file is readable")
}

/// What is said of a file must be what stands beside it.
pub(crate) fn check(file: &Path, said: &str) {
    let beside = file.with_extension("txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&beside, said).expect("the folder is writable");
    }
    let expected = std::fs::read_to_string(&beside).expect("each file has its answer beside it");
    assert_eq!(said, expected, "{}", file.display());
}
