//! The file of an inbox: a line of JSON for each thing that happened, on disk before anybody hears of it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bereik_core::id::Key;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::{InboxError, InboxErrorKind};
use crate::event::Event;

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum Record {
    /// The first: which life of the inbox this is, how many events went before those that follow, and the names of some
    /// that are not kept any more.
    Begun {
        epoch: u64,
        released: u64,
        names: Vec<Key>,
    },
    Arrived {
        order: i64,
        event: Event,
    },
    /// Events found their order.
    Released {
        names: Vec<Key>,
    },
}

#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: Arc<Mutex<File>>,
    lines: usize,
}

/// What a disk does, away from those that wait.
async fn on_disk<T: Send + 'static>(
    doing: impl FnOnce() -> Result<T, InboxError> + Send + 'static,
) -> Result<T, InboxError> {
    let done = spawn_blocking(doing).await;
    done.unwrap_or_else(|error| Err(InboxError::storage(io::Error::other(error))))
}

impl Journal {
    /// Opens a file and reads what is in it.
    pub(super) async fn open(path: PathBuf) -> Result<(Self, Vec<Record>), InboxError> {
        on_disk(move || {
            let bytes = match std::fs::read(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                read => read.map_err(InboxError::storage)?,
            };
            let records = read(&bytes)?;
            let file = OpenOptions::new().append(true).create(true).open(&path);
            let file = Arc::new(Mutex::new(file.map_err(InboxError::storage)?));
            let lines = records.len();
            Ok((Self { path, file, lines }, records))
        })
        .await
    }

    /// How many lines the file has.
    pub(super) const fn lines(&self) -> usize {
        self.lines
    }

    /// Writes these behind the others.
    pub(super) async fn append(&mut self, records: &[Record]) -> Result<(), InboxError> {
        let (bytes, file) = (written(records)?, Arc::clone(&self.file));
        on_disk(move || {
            // Whoever panicked with the file wrote a part at most, which reading drops.
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            append(&mut file, &bytes).map_err(InboxError::storage)
        })
        .await?;
        self.lines += records.len();
        Ok(())
    }

    /// Puts these in the place of all that is there: the old file stays until the new one is whole.
    pub(super) async fn replace(&mut self, records: &[Record]) -> Result<(), InboxError> {
        let (bytes, path) = (written(records)?, self.path.clone());
        let file = on_disk(move || replace(&path, &bytes).map_err(InboxError::storage)).await?;
        self.file = Arc::new(Mutex::new(file));
        self.lines = records.len();
        Ok(())
    }
}

/// Writes all of it, or leaves the file as it was: behind half a line nothing could be read any more.
fn append(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    let before = file.metadata()?.len();
    let appended = file.write_all(bytes).and_then(|()| file.sync_data());
    if appended.is_err() {
        file.set_len(before)?;
    }
    appended
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        File::open(folder)?.sync_all()?;
    }
    OpenOptions::new().append(true).open(path)
}

fn written(records: &[Record]) -> Result<Vec<u8>, InboxError> {
    let mut bytes = Vec::new();
    for record in records {
        let line = serde_json::to_writer(&mut bytes, record);
        line.map_err(|error| InboxError::storage(error.into()))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// The records of a file; what stands behind the last line feed was cut off.
fn read(bytes: &[u8]) -> Result<Vec<Record>, InboxError> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = &bytes[..whole.map_or(0, |at| at + 1)];
    let lines = whole.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    let damaged = |_| InboxError::new(InboxErrorKind::Damaged);
    lines
        .map(|line| serde_json::from_slice(line).map_err(damaged))
        .collect()
}
