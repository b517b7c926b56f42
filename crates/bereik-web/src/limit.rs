//! How much is taken from one connection and from one network address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::{Limits, Rate};

/// The network address of whoever asks, as an embedder behind a proxy knows it: a layer inserts it
/// as an [`Extension`](axum::Extension). Without it the address of the connection counts.
///
/// ```
/// use bereik_web::ClientAddress;
/// let behind_proxy = ClientAddress([192, 0, 2, 7].into());
/// assert_eq!(behind_proxy.0.to_string(), "192.0.2.7");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper to be inserted")]
pub struct ClientAddress(pub IpAddr);

/// A bucket of permissions that fills again over time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    /// When it was or will be full, were nothing taken any more.
    full_at: DateTime<Utc>,
}

impl Bucket {
    pub(crate) const fn full(now: DateTime<Utc>) -> Self {
        Self { full_at: now }
    }

    /// Takes one, or says in how many seconds there is one.
    pub(crate) fn take(&mut self, now: DateTime<Utc>, rate: Rate) -> Result<(), u32> {
        let each = TimeDelta::milliseconds(60_000 / i64::from(rate.per_minute.max(1)));
        let whole = each * i32::try_from(rate.at_once.max(1)).unwrap_or(i32::MAX);
        let full_at = self.full_at.max(now) + each;
        let over = full_at - now - whole;
        if over > TimeDelta::zero() {
            let seconds = (over.num_milliseconds() + 999) / 1_000;
            return Err(u32::try_from(seconds).unwrap_or(u32::MAX));
        }
        self.full_at = full_at;
        Ok(())
    }

    fn is_full(&self, now: DateTime<Utc>) -> bool {
        self.full_at <= now
    }
}

/// What is counted over all connections.
#[derive(Debug)]
pub(crate) struct Counters {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    open: u32,
    by_address: HashMap<IpAddr, Count>,
}

#[derive(Debug)]
struct Count {
    open: u32,
    bucket: Bucket,
}

/// Network addresses that are remembered; those beyond are bounded only by connection.
const ADDRESSES_MAX: usize = 20_000;

impl Counters {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        let state = Mutex::default();
        Arc::new(Self { limits, state })
    }

    /// Room for one more socket, given back when it is dropped.
    pub(crate) fn enter(
        self: &Arc<Self>,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Option<Room> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open >= self.limits.sockets_max {
            return None;
        }
        if let Some(count) = address.and_then(|address| state.count(address, now)) {
            if count.open >= self.limits.sockets_per_address_max {
                return None;
            }
            count.open += 1;
        }
        state.open += 1;
        Some(Room {
            counters: Arc::clone(self),
            address,
            bucket: Bucket::full(now),
            frames: Bucket::full(now),
        })
    }
}

impl State {
    fn count(&mut self, address: IpAddr, now: DateTime<Utc>) -> Option<&mut Count> {
        if self.by_address.len() >= ADDRESSES_MAX && !self.by_address.contains_key(&address) {
            self.by_address
                .retain(|_, count| count.open > 0 || !count.bucket.is_full(now));
            if self.by_address.len() >= ADDRESSES_MAX {
                return None;
            }
        }
        let empty = || Count {
            open: 0,
            bucket: Bucket::full(now),
        };
        Some(self.by_address.entry(address).or_insert_with(empty))
    }
}

/// Room for one socket, with what its connection may still say.
#[derive(Debug)]
pub(crate) struct Room {
    counters: Arc<Counters>,
    address: Option<IpAddr>,
    bucket: Bucket,
    frames: Bucket,
}

/// Frames of any sort from one connection: far more than a page of ours ever sends.
const FRAMES: Rate = Rate {
    at_once: 300,
    per_minute: 1_200,
};

impl Room {
    /// Whether one more frame may come in.
    pub(crate) fn has_room_for_frame(&mut self, now: DateTime<Utc>) -> bool {
        self.frames.take(now, FRAMES).is_ok()
    }

    /// Takes one permission to say something, or says in how many seconds there is one.
    pub(crate) fn take(&mut self, now: DateTime<Utc>) -> Result<(), u32> {
        let limits = self.counters.limits;
        self.bucket.take(now, limits.per_connection)?;
        let mut state = self
            .counters
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match self.address.and_then(|address| state.count(address, now)) {
            Some(count) => count.bucket.take(now, limits.per_address),
            None => Ok(()),
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut state = self
            .counters
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        state.open = state.open.saturating_sub(1);
        if let Some(count) = self.address.and_then(|a| state.by_address.get_mut(&a)) {
            count.open = count.open.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::{Bucket, Counters};
    use crate::config::{Limits, Rate};

    #[test]
    fn a_bucket_gives_so_many_at_once_and_then_so_many_a_minute() {
        let rate = Rate {
            at_once: 3,
            per_minute: 30,
        };
        let now = DateTime::UNIX_EPOCH;
        let mut bucket = Bucket::full(now);
        assert_eq!([0; 3].map(|_| bucket.take(now, rate)), [Ok(()); 3]);
        assert_eq!(bucket.take(now, rate), Err(2));
        let later = now + TimeDelta::seconds(2);
        assert_eq!(bucket.take(later, rate), Ok(()));
        assert_eq!(bucket.take(later, rate), Err(2));
        let much_later = now + TimeDelta::hours(1);
        assert_eq!([0; 3].map(|_| bucket.take(much_later, rate)), [Ok(()); 3]);
        assert!(bucket.take(much_later, rate).is_err());
    }

    #[test]
    fn sockets_are_bounded_and_given_back() {
        let limits = Limits {
            sockets_max: 3,
            sockets_per_address_max: 2,
            ..Limits::default()
        };
        let counters = Counters::new(limits);
        let now = DateTime::UNIX_EPOCH;
        let [here, there] = [[127, 0, 0, 1], [127, 0, 0, 2]].map(|a| Some(a.into()));
        let first = counters.enter(here, now);
        let second = counters.enter(here, now);
        assert!(first.is_some() && second.is_some());
        assert!(counters.enter(here, now).is_none(), "two of one address");
        let third = counters.enter(there, now);
        assert!(counters.enter(there, now).is_none(), "three in all");
        drop((first, third));
        assert!(counters.enter(here, now).is_some());
    }
}
