//! What somebody says, to us or where we are.

use bereik_core::Address;

use super::wire::{Line, NETWORK, folded, is_nick};

/// The words of somebody else.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// Who, as he writes himself.
    pub(super) nick: String,
    /// Where we are spoken to among others.
    pub(super) channel: Option<String>,
    pub(super) text: String,
    /// RFC 2812, 3.3.2: what is never to be answered by software.
    pub(super) is_notice: bool,
    /// To us: in private, or with our nick in it.
    pub(super) is_to_us: bool,
}

impl Heard {
    pub(super) fn read(line: &Line<'_>, us: &str, channels: &[String]) -> Option<Self> {
        let nick = line.nick.filter(|nick| is_nick(nick))?;
        let is_notice = match line.command {
            "NOTICE" => true,
            "PRIVMSG" => false,
            _ => return None,
        };
        let place = folded(line.param(0));
        let is_private = place == folded(us);
        let is_ours = folded(nick) == folded(us);
        if is_ours || !(is_private || channels.contains(&place)) {
            return None;
        }
        let text = plain(&action(line.last(), nick)?);
        let called = (!is_private).then(|| called(&text, us));
        let (text, is_to_us) = match called {
            Some(Some(text)) => (text.to_owned(), true),
            Some(None) => (text, false),
            None => (text, true),
        };
        Some(Self {
            nick: nick.to_owned(),
            channel: (!is_private).then_some(place),
            text,
            is_notice,
            is_to_us,
        })
    }

    /// Where an answer goes: to who wrote, in private or where he wrote.
    pub(super) fn from(&self) -> Option<Address> {
        let nick = folded(&self.nick);
        let path = match &self.channel {
            Some(channel) => format!("{channel}/{nick}"),
            None => nick,
        };
        format!("handle:{NETWORK}{path}").parse().ok()
    }

    /// Where an offer may stand that this answers: where it was put to everybody, or to him.
    pub(super) fn places(&self) -> Vec<String> {
        let nick = folded(&self.nick);
        match &self.channel {
            Some(channel) => vec![format!("{channel}/{nick}"), channel.clone()],
            None => vec![nick],
        }
    }
}

/// What somebody does is told as people read it; what a program asks of ours (CTCP) is nothing to us.
fn action(text: &str, nick: &str) -> Option<String> {
    let Some(marked) = text.strip_prefix('\u{1}') else {
        return Some(text.to_owned());
    };
    let done = marked.strip_prefix("ACTION ")?;
    Some(format!("* {nick} {}", done.trim_end_matches('\u{1}')))
}

/// Without the codes of colours, whose digits would stay behind.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let (digit, digits_max): (fn(&char) -> bool, usize) = match c {
            '\u{3}' => (char::is_ascii_digit, 2),
            '\u{4}' => (char::is_ascii_hexdigit, 6),
            _ => {
                plain.push(c);
                continue;
            }
        };
        let is_colour = rest.peek().is_some_and(digit);
        for _ in 0..digits_max {
            let _ = rest.next_if(digit);
        }
        let mut after = rest.clone();
        if is_colour && after.next() == Some(',') && after.peek().is_some_and(digit) {
            rest = after;
            for _ in 0..digits_max {
                let _ = rest.next_if(digit);
            }
        }
    }
    plain
}

/// The words in which our nick is called; without it where they begin with it.
fn called<'a>(text: &'a str, us: &str) -> Option<&'a str> {
    let is_of_nick = |c: char| c.is_alphanumeric() || "[]\\`_^{|}-".contains(c);
    let (lower, us) = (text.to_ascii_lowercase(), folded(us));
    let is_called = lower.match_indices(&us).any(|(at, _)| {
        let (before, after) = (&lower[..at], &lower[at + us.len()..]);
        !before.ends_with(is_of_nick) && !after.starts_with(is_of_nick)
    });
    let rest = lower
        .strip_prefix(&us)
        .map(|rest| &text[text.len() - rest.len()..]);
    let rest = rest.and_then(|rest| rest.strip_prefix([':', ',']));
    is_called.then(|| rest.map_or(text, str::trim_start))
}

#[cfg(test)]
mod tests {
    use super::{Heard, Line};

    fn heard(text: &str) -> Option<Heard> {
        let line = Line::read(text).expect("a line");
        Heard::read(&line, "Desk", &["#help".to_owned()])
    }

    #[test]
    fn words_to_us_come_in_and_others_do_not() {
        for (text, expected) in [
            (
                ":Bob!~b@h PRIVMSG desk :hello",
                Some(("handle:irc/bob", "hello")),
            ),
            (
                ":Bob!~b@h PRIVMSG #HELP :Desk: my mail?",
                Some(("handle:irc/#help/bob", "my mail?")),
            ),
            (
                ":Bob!~b@h PRIVMSG #help :ask (desk).",
                Some(("handle:irc/#help/bob", "ask (desk).")),
            ),
            (
                ":Bob!~b@h PRIVMSG desk :\u{3}04,12red\u{3} 5\u{3}, x",
                Some(("handle:irc/bob", "red 5, x")),
            ),
            (
                ":Bob!~b@h PRIVMSG desk :\u{1}ACTION waves\u{1}",
                Some(("handle:irc/bob", "* Bob waves")),
            ),
            (":Bob!~b@h PRIVMSG #help :the desktop", None),
            (":Bob!~b@h PRIVMSG #other :desk: hello", None),
            (":desk!~d@h PRIVMSG desk :our own", None),
            (":irc.example.org NOTICE desk :the server's", None),
            (":Bob!~b@h PRIVMSG desk :\u{1}VERSION\u{1}", None),
        ] {
            let heard = heard(text).filter(|heard| heard.is_to_us);
            let found =
                heard.map(|heard| (heard.from().expect("an address").to_string(), heard.text));
            let expected = expected.map(|(from, text)| (from.to_owned(), text.to_owned()));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
