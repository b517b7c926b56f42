//! What happens next: a heap of events, in the order of their instants and then of their making.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use bereik_routing::Input;

/// Something that happens in the world at an instant. Customers are named by the number of their
/// visit, offers by their own.
#[derive(Debug)]
pub(super) enum Event {
    /// Somebody answers an offer: takes it, or turns it down.
    Answers(u64, bool),
    /// The next customer of a stream comes.
    Arrives(u16),
    /// A customer of a burst comes.
    Bursts(u16),
    /// Somebody does something with others, or with the customer whom he has.
    Does(u32, u16, Deed),
    /// The channel could not carry an offer.
    Fails(u64),
    /// A fault begins or ends.
    FaultTurns,
    /// The owner is done with a customer, if it is still this owner's turn.
    Finishes(u32, u16),
    /// A customer gives up, if nobody has answered yet.
    GivesUp(u32),
    /// The owner hands a customer on.
    HandsOn(u32, u16),
    /// A customer's request reaches the engine.
    Knocks(u32),
    /// An offer reaches the person or the line.
    Offered(u64),
    /// Something reaches the engine late, twice, or after it was lost.
    Tells(Box<Input>),
    /// A customer turns to his second channel.
    Turns(u32),
    /// A customer comes over another channel too.
    TurnsAlso(u32),
    /// That an offer was taken back reaches the person or the line.
    Withdrawn(u64),
    /// A customer leaves the page, or is back.
    Wanders(u32, bool),
    /// A customer writes who still waits.
    WritesWaiting(u32, u16),
    /// A line of the conversation is written: odd ones by the owner.
    Writes(u32, u16, u16),
}

/// Something that somebody does who has a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Gives his advice on the contact of another: the place of the person.
    Advises(usize),
    /// Consults his colleagues.
    Consults,
    /// Asks a colleague into the conversation.
    Invites,
    /// Calls as he promised.
    KeepsCall,
    /// Leaves the conversation into which he was asked: the place of the person.
    Leaves(usize),
    /// Goes on by phone.
    Phones,
    /// Promises to call.
    PromisesCall,
    /// Transfers it to a colleague.
    Transfers,
}

struct Due {
    at_ms: i64,
    number: u64,
    event: Event,
}

impl Due {
    const fn key(&self) -> (i64, u64) {
        (self.at_ms, self.number)
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// Everything that will happen.
#[derive(Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<Due>>,
    made: u64,
}

impl Queue {
    pub(super) fn push(&mut self, at_ms: i64, event: Event) {
        self.made += 1;
        let number = self.made;
        self.heap.push(Reverse(Due {
            at_ms,
            number,
            event,
        }));
    }

    pub(super) fn next_ms(&self) -> Option<i64> {
        self.heap.peek().map(|Reverse(due)| due.at_ms)
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        self.heap.pop().map(|Reverse(due)| due.event)
    }
}
