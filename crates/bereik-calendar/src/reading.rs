//! Whose calendar is read, in which zone, and what stands open in it.

use bereik_core::free_busy::FreeBusyKind;
use bereik_core::zone::Zone;

use crate::key::address_key;
use crate::marks::Marks;

/// How a calendar is to be understood: its owner, the owner's zone, and a policy.
///
/// ```
/// use bereik_calendar::Reading;
/// use bereik_core::zone::Zone;
///
/// let reading = Reading::new()
///     .with_zone(Zone::named("Europe/Amsterdam")?)
///     .with_owner("jan@example.org");
/// # let _ = reading;
/// # Ok::<(), bereik_core::zone::ZoneError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reading {
    zone: Option<Zone>,
    owners: Vec<u64>,
    unmarked_all_day: FreeBusyKind,
    marks: Marks,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            zone: None,
            owners: Vec::new(),
            unmarked_all_day: FreeBusyKind::Busy,
            marks: Marks::new(),
        }
    }
}

impl Reading {
    /// Takes zone and owner from the file: X-WR-TIMEZONE or else UTC, X-WR-CALNAME where it is
    /// an address.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads floating and all-day times in this zone (RFC 5545 section 3.3.5).
    #[must_use]
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Adds an address of the owner, with or without `mailto:`; his answer to an invitation
    /// counts (RFC 5545 section 3.2.12). Case does not matter.
    #[must_use]
    pub fn with_owner(mut self, address: &str) -> Self {
        self.owners.extend(address_key(address.as_bytes()));
        self
    }

    /// What an all-day event says that has neither TRANSP nor a busy status; busy by default, as
    /// RFC 5545 section 3.8.2.7 has it.
    #[must_use]
    pub fn with_unmarked_all_day(mut self, kind: FreeBusyKind) -> Self {
        self.unmarked_all_day = kind;
        self
    }

    /// By what events say that their owner is available. It counts when bytes are read, and not when a calendar is
    /// asked: hand [`marks`](Self::marks) to [`read_marked`](crate::read_marked).
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Self {
        self.marks = marks;
        self
    }

    /// By what events say that their owner is available.
    #[must_use]
    pub const fn marks(&self) -> &Marks {
        &self.marks
    }

    pub(crate) fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    pub(crate) fn unmarked_all_day(&self) -> FreeBusyKind {
        self.unmarked_all_day
    }

    /// The owners' addresses; the file's own where the caller named none.
    pub(crate) fn owners<'a>(&'a self, of_file: &'a Option<u64>) -> &'a [u64] {
        match self.owners.as_slice() {
            [] => of_file.as_slice(),
            owners => owners,
        }
    }
}
