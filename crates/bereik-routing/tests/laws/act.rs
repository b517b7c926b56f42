//! What can happen in a small company: operations as data, and where they begin.

use bereik_core::contact::{Addressee, Customer};
use bereik_core::id::NeedId;
use bereik_core::urgency::Urgency;
use chrono::{DateTime, Utc};

use super::company::{Company, GROUPS, person_id};

/// Monday morning.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("an instant")
}

/// Something that happens. Numbers name contacts, offers and people by counting on, so that a
/// shorter story still makes sense.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Answer {
        contact: usize,
        option: u32,
    },
    Accept {
        offer: usize,
        by: Option<usize>,
    },
    /// A request to colleagues: which of the three, whom, and by whom, where not by its owner.
    Ask {
        contact: usize,
        kind: usize,
        whom: usize,
        by: Option<usize>,
        sews: bool,
    },
    /// A call that failed.
    CallFailed {
        contact: usize,
    },
    Call {
        contact: usize,
        by: usize,
        /// In so many seconds; none for a call that was made.
        in_s: Option<i64>,
    },
    Claim {
        contact: usize,
        by: usize,
    },
    Close {
        contact: usize,
        by: usize,
    },
    Declare {
        contact: usize,
        need: usize,
        by: usize,
    },
    Decline {
        offer: usize,
    },
    Depart {
        contact: usize,
    },
    End {
        incident: u64,
        by: usize,
    },
    Fail {
        offer: usize,
    },
    Gone {
        contact: usize,
        is_back: bool,
    },
    /// Over to the phone, or back to the chat.
    HandOver {
        contact: usize,
        to_phone: bool,
        by: Option<usize>,
    },
    Know {
        contact: usize,
        from: usize,
        need: usize,
        urgency: Urgency,
        owner: Option<usize>,
    },
    Leg {
        contact: usize,
        is_mail: bool,
    },
    Merge {
        from: usize,
        into: usize,
        by: usize,
    },
    Leave {
        contact: usize,
        person: usize,
    },
    Open {
        whom: usize,
        from: usize,
        urgency: Urgency,
        by_mail: bool,
        sews: bool,
        again: bool,
        need: usize,
    },
    Name {
        contact: usize,
        from: usize,
    },
    Phone {
        contact: usize,
    },
    Reach {
        person: usize,
        how: usize,
    },
    Reopen {
        contact: usize,
    },
    TakeBack {
        offer: usize,
        by: Option<usize>,
    },
    Replace(Box<Company>),
    Replan {
        contact: usize,
    },
    Say {
        contact: usize,
        by: Option<usize>,
        key: usize,
    },
    Split {
        contact: usize,
        message: u64,
        key: usize,
        by: usize,
    },
    Urgency {
        contact: usize,
        urgency: Urgency,
        by: Option<usize>,
    },
    Wait,
    Word {
        incident: u64,
        key: usize,
        by: usize,
    },
    WrapUp {
        person: usize,
        more_s: u32,
    },
}

/// A story: after so many seconds, this.
pub(crate) type Story = Vec<(i64, Act)>;

pub(crate) fn addressee(whom: usize) -> Addressee {
    match whom {
        0..GROUPS => Addressee::Group(format!("g{whom}").parse().expect("an id")),
        _ => Addressee::Person(person_id(whom)),
    }
}

/// One of two customers who can be known again, or one who says nothing of himself.
pub(crate) fn customer(from: usize) -> Customer {
    let mut customer = Customer::default();
    if from > 0 {
        let address = format!("customer-{from}@example.org");
        let address = address.parse().expect("an address");
        customer.addresses.push(address);
    }
    customer
}

/// One of two needs, or none.
pub(crate) fn need_id(number: usize) -> Option<NeedId> {
    let is_one = (1..3).contains(&number);
    is_one.then(|| format!("need-{number}").parse().expect("an id"))
}
