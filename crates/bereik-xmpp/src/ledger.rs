//! Who has what: the counters of a session that can be resumed (XEP-0198), and what the server has not yet answered for.

use std::collections::VecDeque;

use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};
use tokio::sync::oneshot;

use crate::fault::Fault;

/// What a stanza that went out becomes of: `Ok` when the server answered for it.
pub(crate) type Reply = oneshot::Sender<Result<(), ChannelError>>;

/// A stanza that went out, until the server has answered for it.
#[derive(Debug)]
pub(crate) struct Unanswered {
    /// Its `id`, by which it comes back when it cannot be delivered.
    pub(crate) id: String,
    /// As it went over the wire.
    pub(crate) text: String,
    /// Who waits for it.
    pub(crate) reply: Option<Reply>,
}

/// The counters of one session. They wrap around at 2³².
#[derive(Debug)]
pub(crate) struct Ledger {
    /// By what name the session can be resumed; none where the server does not do that.
    pub(crate) name: Option<String>,
    /// How many stanzas of the server's are kept here.
    pub(crate) kept: u32,
    /// For how many of ours the server has answered.
    answered: u32,
    unanswered: VecDeque<Unanswered>,
}

impl Ledger {
    /// So many stanzas may wait for the server's answer.
    pub(crate) const UNANSWERED_MAX: usize = 1_024;

    pub(crate) const fn new(name: Option<String>) -> Self {
        Self {
            name,
            kept: 0,
            answered: 0,
            unanswered: VecDeque::new(),
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.unanswered.len() >= Self::UNANSWERED_MAX
    }

    /// A stanza goes out.
    pub(crate) fn note(&mut self, stanza: Unanswered) {
        self.unanswered.push_back(stanza);
    }

    /// One of the server's stanzas is kept here.
    pub(crate) const fn keep(&mut self) {
        self.kept = self.kept.wrapping_add(1);
    }

    /// The server says how many of ours it has: it answers for all of them.
    pub(crate) fn answer(&mut self, count: u32) -> Result<(), Fault> {
        let fresh = count.wrapping_sub(self.answered) as usize;
        if fresh > self.unanswered.len() {
            return Err(Fault::Garbage);
        }
        self.answered = count;
        for stanza in self.unanswered.drain(..fresh) {
            if let Some(reply) = stanza.reply {
                // Whoever waits no longer has called it a maybe.
                let _ = reply.send(Ok(()));
            }
        }
        Ok(())
    }

    /// A stanza came back before the server answered for it. Says whether somebody waited.
    pub(crate) fn refuse(&mut self, id: &str, why: impl FnOnce() -> ChannelError) -> bool {
        let mut waiting = self.unanswered.iter_mut().filter(|one| one.id == id);
        let reply = waiting.find_map(|one| one.reply.take());
        reply.is_some_and(|reply| reply.send(Err(why())).is_ok())
    }

    /// What has to be sent again in a session that was resumed, in order.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = &str> {
        self.unanswered.iter().map(|stanza| stanza.text.as_str())
    }

    /// The session is over. Where the server has said to the end how many it has, what it does not have was not sent.
    pub(crate) fn give_up(self, is_exact: bool) {
        let lost = ChannelError::new(ErrorKind::Unavailable, Scope::Channel);
        let lost = lost.with_retry(Retry::BackOff);
        for reply in self.unanswered.into_iter().filter_map(|one| one.reply) {
            let lost = lost.clone();
            let _ = reply.send(Err(if is_exact { lost } else { lost.maybe_sent() }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bereik_channel::Sent;

    fn stanza(id: &str) -> (Unanswered, oneshot::Receiver<Result<(), ChannelError>>) {
        let (reply, answer) = oneshot::channel();
        let (id, text, reply) = (id.to_owned(), format!("<{id}/>"), Some(reply));
        (Unanswered { id, text, reply }, answer)
    }

    #[test]
    fn counters_wrap_around_and_count_no_stanza_twice() {
        let mut ledger = Ledger::new(None);
        ledger.answered = u32::MAX;
        let mut answers = Vec::new();
        for id in ["a", "b", "c"] {
            let (stanza, answer) = stanza(id);
            ledger.note(stanza);
            answers.push(answer);
        }
        ledger.answer(0).unwrap();
        ledger.answer(0).unwrap();
        assert!(answers[0].try_recv().unwrap().is_ok());
        assert!(answers[1].try_recv().is_err());
        assert_eq!(ledger.unanswered().collect::<Vec<_>>(), ["<b/>", "<c/>"]);
        assert_eq!(ledger.answer(3), Err(Fault::Garbage));
    }

    #[test]
    fn what_the_server_surely_does_not_have_was_not_sent() {
        for (is_exact, sent) in [(true, Sent::No), (false, Sent::Maybe)] {
            let mut ledger = Ledger::new(None);
            let (stanza, mut answer) = stanza("a");
            ledger.note(stanza);
            ledger.give_up(is_exact);
            let error = answer.try_recv().unwrap().unwrap_err();
            assert_eq!(error.sent(), sent);
        }
    }
}
