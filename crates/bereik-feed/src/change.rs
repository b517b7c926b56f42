//! When a file has changed and stands still, so that it is worth reading.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How often files are looked at.
pub(crate) const POLL: Duration = Duration::from_millis(500);
/// How often in a row a file may be seen changing before it is read all the same.
const RESTLESS_MAX: u32 = 3;

/// What a look at a file shows without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glance {
    /// A file, as long and as old as this.
    File(Stamp),
    /// A folder.
    Folder,
    /// Nothing that can be read, and why.
    None(io::ErrorKind),
    /// Something else: a pipe, a device.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    modified_at: Option<SystemTime>,
    inode: u64,
}

impl Glance {
    pub(crate) fn at(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Err(error) => Self::None(error.kind()),
            Ok(metadata) if metadata.is_dir() => Self::Folder,
            Ok(metadata) if !metadata.is_file() => Self::Other,
            Ok(metadata) => Self::File(Stamp {
                bytes: metadata.len(),
                modified_at: metadata.modified().ok(),
                inode: inode(&metadata),
            }),
        }
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// What is remembered of a file between two looks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change {
    /// How it looked when it was last read.
    read: Option<Glance>,
    /// How it looked last, if otherwise, and how often in a row it has looked otherwise each time.
    restless: Option<(Glance, u32)>,
}

impl Change {
    /// Whether the file should be read now: it never was, or it looks otherwise than when it was read, and twice
    /// the same. A file that goes on changing is read at the third look.
    pub(crate) fn is_due(&mut self, now: Glance) -> bool {
        let Some(read) = self.read else { return true };
        if read == now {
            self.restless = None;
            return false;
        }
        let looks = match self.restless {
            Some((last, _)) if last == now => return true,
            Some((_, looks)) => looks + 1,
            None => 1,
        };
        self.restless = Some((now, looks));
        looks >= RESTLESS_MAX
    }

    /// The file was read; this is how it looked just before.
    pub(crate) fn was_read(&mut self, before: Glance) {
        *self = Self {
            read: Some(before),
            restless: None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Glance, Stamp};

    fn of(bytes: u64) -> Glance {
        let (modified_at, inode) = (None, 7);
        Glance::File(Stamp {
            bytes,
            modified_at,
            inode,
        })
    }

    /// Looks at a file that was read at length 1, and says at which looks it is due.
    fn due(looks: &[u64]) -> Vec<bool> {
        let mut change = Change::default();
        assert!(change.is_due(of(1)));
        change.was_read(of(1));
        let mut is_due = |bytes: &u64| {
            let due = change.is_due(of(*bytes));
            if due {
                change.was_read(of(*bytes));
            }
            due
        };
        looks.iter().map(&mut is_due).collect()
    }

    #[test]
    fn a_file_is_read_when_it_stands_still() {
        assert_eq!(due(&[1, 1]), [false, false]);
        assert_eq!(due(&[2, 2, 2]), [false, true, false]);
        assert_eq!(due(&[2, 3, 3]), [false, false, true]);
        // It goes on growing.
        assert_eq!(
            due(&[2, 3, 4, 5, 6, 7]),
            [false, false, true, false, false, true]
        );
        // It was changed and changed back before it was read.
        assert_eq!(due(&[2, 1, 2, 2]), [false, false, false, true]);
    }
}
