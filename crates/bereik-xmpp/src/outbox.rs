//! What went out: to whom, so that nobody else can say that it arrived, and which offers stand.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bereik_channel::Answer;
use bereik_core::OfferId;
use jid::BareJid;

/// So many messages are remembered: who answers for an older one is not believed.
const SENT_MAX: usize = 16_384;

/// So many offers are remembered; an older one is answered by its name alone, and is not written over.
const OFFERS_MAX: usize = 4_096;

#[derive(Default)]
pub(crate) struct Outbox(Mutex<State>);

#[derive(Default)]
struct State {
    sent: HashMap<String, BareJid>,
    in_order: VecDeque<String>,
    offers: VecDeque<(OfferId, BareJid)>,
}

impl Outbox {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing here leaves a value half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message goes out.
    pub(crate) fn note(&self, id: &str, to: &BareJid) {
        let mut state = self.state();
        if state.sent.insert(id.to_owned(), to.clone()).is_none() {
            state.in_order.push_back(id.to_owned());
        }
        if state.in_order.len() > SENT_MAX
            && let Some(oldest) = state.in_order.pop_front()
        {
            state.sent.remove(&oldest);
        }
    }

    /// Whether the message with this id went to them.
    pub(crate) fn went_to(&self, id: &str, who: &BareJid) -> bool {
        self.state().sent.get(id) == Some(who)
    }

    /// An offer is put to somebody.
    pub(crate) fn offer(&self, offer: OfferId, to: &BareJid) {
        let mut state = self.state();
        state.offers.retain(|(other, _)| *other != offer);
        state.offers.push_back((offer, to.clone()));
        if state.offers.len() > OFFERS_MAX {
            state.offers.pop_front();
        }
    }

    /// To whom an offer was put that still stands.
    pub(crate) fn offered_to(&self, offer: OfferId) -> Option<BareJid> {
        let state = self.state();
        let mut offers = state.offers.iter();
        let found = offers.find(|(other, _)| *other == offer);
        found.map(|(_, to)| to.clone())
    }

    /// The offers that stand with them, oldest first.
    pub(crate) fn offers_of(&self, who: &BareJid) -> Vec<OfferId> {
        let state = self.state();
        let offers = state.offers.iter().filter(|(_, to)| to == who);
        offers.map(|(offer, _)| *offer).collect()
    }

    /// It was taken back, or answered.
    pub(crate) fn forget(&self, offer: OfferId) {
        self.state().offers.retain(|(other, _)| *other != offer);
    }
}

/// What words say to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// This, to this one.
    Answers(OfferId, Answer),
    /// Yes or no, and it could be to more than one.
    Ambiguous,
    /// Something else.
    Nothing,
}

/// Reads `yes`, `accept`, `no` or `decline`, alone or with the name of an offer. Alone it is meant for the offer to whose
/// message it replies, or for the only one that stands.
pub(crate) fn meaning(words: &str, replies_to: Option<&str>, standing: &[OfferId]) -> Meaning {
    let mut words = words.split_whitespace();
    let first = words.next().unwrap_or_default();
    let first = first.trim_end_matches(['.', '!', ',']).to_lowercase();
    let answer = match first.as_str() {
        "accept" | "yes" => Answer::Accepted,
        "decline" | "no" => Answer::Declined,
        _ => return Meaning::Nothing,
    };
    let (name, rest) = (words.next(), words.next());
    if rest.is_some() {
        return Meaning::Nothing;
    }
    if let Some(name) = name {
        let name = name.trim_end_matches(['.', '!']).to_uppercase();
        let offer = name.parse().ok();
        return offer.map_or(Meaning::Nothing, |offer| Meaning::Answers(offer, answer));
    }
    let named = replies_to.and_then(|id| id.strip_prefix("offer/")?.parse().ok());
    match (named, standing) {
        (Some(offer), _) => Meaning::Answers(offer, answer),
        (None, []) => Meaning::Nothing,
        (None, [offer]) => Meaning::Answers(*offer, answer),
        (None, _) => Meaning::Ambiguous,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_meant_for_one_offer_or_for_none() {
        let (three, four) = (OfferId::new(3), OfferId::new(4));
        let yes = |offer| Meaning::Answers(offer, Answer::Accepted);
        let no = |offer| Meaning::Answers(offer, Answer::Declined);
        for (words, replies_to, standing, expected) in [
            ("Yes!", None, &[three][..], yes(three)),
            ("decline", None, &[three], no(three)),
            ("accept", None, &[three, four], Meaning::Ambiguous),
            ("no o4.", None, &[three, four], no(four)),
            ("no", Some("offer/O4"), &[three, four], no(four)),
            ("yes O9", None, &[], yes(OfferId::new(9))),
            ("yes", None, &[], Meaning::Nothing),
            ("yes please", None, &[three], Meaning::Nothing),
            ("no way, mate", None, &[three], Meaning::Nothing),
            ("", None, &[three], Meaning::Nothing),
        ] {
            assert_eq!(meaning(words, replies_to, standing), expected, "{words}");
        }
    }

    #[test]
    fn only_the_recipient_answers_for_a_message() {
        let outbox = Outbox::default();
        let [anna, eve] =
            ["anna@example.org", "eve@example.org"].map(|jid| BareJid::new(jid).unwrap());
        outbox.note("message/M1", &anna);
        assert!(outbox.went_to("message/M1", &anna));
        assert!(!outbox.went_to("message/M1", &eve));
        assert!(!outbox.went_to("message/M2", &anna));
    }
}
