//! Whether software wrote a mail (RFC 3834), by what it says and by what is usual.

use super::head::Head;

/// Who wrote a mail, as far as its header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hand {
    /// A person, as far as one can see.
    Person,
    /// Software.
    Software,
    /// Software in the place of whom a mail was sent to.
    Stand,
}

/// Fields that only mailing lists and mass mail have (RFC 2369, RFC 2919).
const LIST_FIELDS: [&str; 4] = ["List-Id", "List-Post", "List-Help", "List-Unsubscribe"];

/// Fields by which programs say that they answer in somebody's place.
const STAND_FIELDS: [&str; 4] = [
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Auto-Reply-From",
];

/// How the mailbox is called from which servers report (RFC 2142, RFC 3464).
const DAEMON: &str = "mailer-daemon";

pub(super) fn hand(head: &Head<'_>) -> Hand {
    let word = |name| head.field(name).map(|field| first_word(&field));
    let submitted = word("Auto-Submitted");
    let precedence = word("Precedence");
    let is_report = head.is_multipart("report") || is_daemon(head);
    let is_stand = submitted.as_deref() == Some("auto-replied")
        || precedence.as_deref() == Some("auto_reply")
        || is_out_of_office(head, submitted.as_deref())
        || STAND_FIELDS.iter().any(|name| head.field(name).is_some());
    if is_stand && !is_report {
        return Hand::Stand;
    }
    let is_software = submitted.is_some_and(|word| word != "no")
        || precedence.is_some_and(|word| ["bulk", "junk", "list"].contains(&word.as_str()))
        || word("X-Auto-Response-Suppress").is_some_and(|word| word != "none")
        || LIST_FIELDS.iter().any(|name| head.field(name).is_some())
        || is_null_sender(head)
        || is_stand
        || is_report;
    if is_software {
        Hand::Software
    } else {
        Hand::Person
    }
}

/// Exchange calls its out-of-office replies generated, and says in a field of its own that they
/// answer a mail.
fn is_out_of_office(head: &Head<'_>, submitted: Option<&str>) -> bool {
    submitted == Some("auto-generated")
        && head.field("X-Auto-Response-Suppress").is_some()
        && head.field("In-Reply-To").is_some()
}

/// A mail that wants no answer and no report: from `<>` (RFC 5321, 4.5.5).
pub(super) fn is_null_sender(head: &Head<'_>) -> bool {
    head.field("Return-Path").is_some_and(|path| path == "<>")
}

pub(super) fn is_daemon(head: &Head<'_>) -> bool {
    let (from, _) = head.sender();
    let from = from.as_ref().and_then(|from| from.value().split_once('@'));
    from.is_some_and(|(name, _)| name == DAEMON)
}

/// In small letters, without comments and parameters.
fn first_word(field: &str) -> String {
    let end = field.find([';', '(', ',', ' ']).unwrap_or(field.len());
    field[..end].to_ascii_lowercase()
}
