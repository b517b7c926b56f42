//! Offers where there are no buttons: the words that ask, and the words that answer.

use bereik_channel::Answer;
use bereik_core::OfferId;

/// The line below an offer.
pub(crate) fn question(offer: OfferId) -> String {
    format!("Answer \"accept {offer}\" or \"decline {offer}\".")
}

/// What is said when an offer stands no longer.
pub(crate) fn taken_back(offer: OfferId) -> String {
    format!("The offer {offer} stands no longer.")
}

/// What is said to a word that could answer several offers.
pub(crate) const WHICH: &str = "More than one offer stands: answer with its number too.";

/// The answer in a text that is nothing but that, and the offer where it is named.
pub(crate) fn answer(text: &str) -> Option<(Answer, Option<OfferId>)> {
    let mut words = text.split_whitespace();
    let answer = match words.next()?.trim_end_matches(['.', '!', ',']) {
        word if word.eq_ignore_ascii_case("accept") => Answer::Accepted,
        word if word.eq_ignore_ascii_case("decline") => Answer::Declined,
        word => sign(word)?,
    };
    let Some(named) = words.next() else {
        return Some((answer, None));
    };
    let named = named.trim_end_matches(['.', '!']).to_ascii_uppercase();
    let offer = named.parse().ok()?;
    words.next().is_none().then_some((answer, Some(offer)))
}

/// A thumb up or down, in whatever colour.
pub(crate) fn sign(text: &str) -> Option<Answer> {
    match text.chars().next()? {
        '\u{1f44d}' => Some(Answer::Accepted),
        '\u{1f44e}' => Some(Answer::Declined),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::answer;
    use bereik_channel::Answer;
    use bereik_core::OfferId;

    #[test]
    fn an_answer_is_the_word_and_nothing_else() {
        let offer = Some(OfferId::new(3));
        for (text, expected) in [
            ("accept", Some((Answer::Accepted, None))),
            (" Accept! ", Some((Answer::Accepted, None))),
            ("decline o3.", Some((Answer::Declined, offer))),
            ("\u{1f44d}\u{1f3fd}", Some((Answer::Accepted, None))),
            ("I accept", None),
            ("accept the terms", None),
            ("accept O3 please", None),
            ("", None),
        ] {
            assert_eq!(answer(text), expected, "{text:?}");
        }
    }
}
