//! What goes over the connection, as values: no I/O here.

use bereik_channel::{
    Alert, AlertTo, ChannelError, ErrorKind, Outbound, Retry, Scope, TextLimit, TextUnit,
};
use bereik_core::Address;
use bereik_core::address::AddressKind;

use crate::spoken;

pub(super) const NETWORK: &str = "irc/";

/// RFC 2812, 2.3: with its end, and with the sender that the server puts before it.
const LINE_BYTES_MAX: usize = 512;

/// What a server puts behind the nick of a sender: `!`, a user of ten letters with its mark, `@`, a host, and a blank.
const SENDER_BYTES_MAX: usize = 1 + 11 + 1 + 63 + 1;

/// So many lines make one message, at most.
const LINES_MAX: usize = 32;

const NICK_BYTES_MAX: usize = 30;
const CHANNEL_BYTES_MAX: usize = 50;

/// RFC 2812, 2.3.1; the length is the server's own.
pub(super) fn is_nick(text: &str) -> bool {
    let is_sign = |c: u8| b"[]\\`_^{|}".contains(&c);
    let is_first = |c: u8| c.is_ascii_alphabetic() || is_sign(c);
    let is_other = |c: u8| c.is_ascii_alphanumeric() || is_sign(c) || c == b'-';
    let bytes = text.as_bytes();
    bytes.len() <= NICK_BYTES_MAX
        && bytes.first().copied().is_some_and(is_first)
        && bytes.iter().copied().all(is_other)
}

/// RFC 2812, 1.3, of the sorts that people use.
pub(super) fn is_channel(text: &str) -> bool {
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && !",:".contains(c);
    let name = text.strip_prefix(['#', '&']);
    name.is_some_and(|name| !name.is_empty() && name.chars().all(is_plain))
        && text.len() <= CHANNEL_BYTES_MAX
}

/// As names are compared: every server takes capital letters for small ones.
pub(super) fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// One line that came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The nick of the sender, where it is one: a server has no user.
    pub(super) nick: Option<&'a str>,
    pub(super) command: &'a str,
    pub(super) params: Vec<&'a str>,
}

impl<'a> Line<'a> {
    /// RFC 2812, 2.3.1, with the tags of IRCv3 left aside.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let text = match text.strip_prefix('@') {
            Some(tagged) => tagged.split_once(' ')?.1.trim_start_matches(' '),
            None => text,
        };
        let (sender, mut rest) = match text.strip_prefix(':') {
            Some(text) => text.split_once(' ')?,
            None => ("", text),
        };
        let mut words = Vec::new();
        loop {
            rest = rest.trim_start_matches(' ');
            if rest.is_empty() {
                break;
            }
            if let Some(last) = rest.strip_prefix(':').filter(|_| !words.is_empty()) {
                words.push(last);
                break;
            }
            let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
            words.push(word);
            rest = after;
        }
        let mut words = words.into_iter();
        Some(Self {
            nick: sender.split_once('!').map(|(nick, _)| nick),
            command: words.next()?,
            params: words.collect(),
        })
    }

    pub(super) fn param(&self, number: usize) -> &'a str {
        self.params.get(number).copied().unwrap_or_default()
    }

    pub(super) fn last(&self) -> &'a str {
        self.params.last().copied().unwrap_or_default()
    }
}

/// Where a message goes, and what it begins with: somebody in a channel is spoken to by his nick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) to: Option<String>,
}

/// `handle:irc/bob`, `handle:irc/#desk`, or `handle:irc/#desk/bob` for who wrote there.
pub(super) fn target(to: &Address, channels: &[String]) -> Result<Target, ChannelError> {
    let invalid = || ChannelError::new(ErrorKind::Invalid, Scope::Recipient);
    if to.kind() != AddressKind::Handle {
        return Err(invalid());
    }
    let name = folded(to.value().strip_prefix(NETWORK).ok_or_else(invalid)?);
    let is_ours = |name: &str| channels.iter().any(|channel| channel == name);
    let to = match name.rsplit_once('/') {
        _ if is_nick(&name) || is_ours(&name) => None,
        Some((channel, nick)) if is_ours(channel) && is_nick(nick) => {
            let (name, to) = (channel.to_owned(), Some(nick.to_owned()));
            return Ok(Target { name, to });
        }
        _ => return Err(invalid()),
    };
    Ok(Target { name, to })
}

/// The lines of a message: an empty one is a blank, because an empty one cannot be sent, and a long one is cut. Some servers
/// cut blanks off the end of a line: behind them stands the sign that ends a format, which clients do not show.
pub(super) fn lines(text: &str, target: &Target, nick: &str) -> Result<Vec<String>, ChannelError> {
    let invalid = || ChannelError::new(ErrorKind::Invalid, Scope::Message);
    let called = target.to.as_ref().map(|to| format!("{to}: "));
    let head = format!("PRIVMSG {} :", target.name);
    let around = 1 + nick.len().max(NICK_BYTES_MAX) + SENDER_BYTES_MAX + head.len() + 1 + 2;
    let limit = TextLimit {
        max: LINE_BYTES_MAX - around,
        unit: TextUnit::Bytes,
    };
    let text = format!("{}{}", called.unwrap_or_default(), text.trim_end());
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let parts = limit.split(line).map_err(|_| invalid())?;
        let parts = if parts.is_empty() { vec![" "] } else { parts };
        lines.extend(parts.into_iter().map(|part| {
            let is_blank_last = part.ends_with(char::is_whitespace);
            format!("{head}{part}{}", if is_blank_last { "\u{f}" } else { "" })
        }));
        if lines.len() > LINES_MAX {
            return Err(invalid());
        }
    }
    Ok(lines)
}

pub(super) fn message(
    message: &Outbound,
    channels: &[String],
    nick: &str,
) -> Result<(Target, Vec<String>), ChannelError> {
    let target = target(&message.to, channels)?;
    let lines = lines(message.body.as_str(), &target, nick)?;
    Ok((target, lines))
}

/// An offer, and the words that answer it.
pub(super) fn alert(
    alert: &Alert,
    channels: &[String],
    nick: &str,
) -> Result<(Target, Vec<String>), ChannelError> {
    let AlertTo::Address(to) = &alert.to else {
        return Err(ChannelError::new(ErrorKind::Invalid, Scope::Recipient));
    };
    let target = target(to, channels)?;
    let text = format!("{}\n{}", alert.words(), spoken::question(alert.offer.id));
    let lines = lines(&text, &target, nick)?;
    Ok((target, lines))
}

/// What a server says of what was sent, where it says no: RFC 2812, 5.2, and what servers of today add.
pub(super) fn refusal(line: &Line<'_>, target: &str) -> Option<ChannelError> {
    let is_of_it = folded(line.param(1)) == target;
    let refused = ChannelError::new(ErrorKind::Refused, Scope::Recipient);
    let slower = |scope| ChannelError::new(ErrorKind::Throttled, scope).with_retry(Retry::BackOff);
    let error = match line.command {
        "401" | "402" | "403" | "404" | "406" | "407" | "442" | "477" | "486" | "492" | "531"
        | "716" | "717"
            if is_of_it =>
        {
            refused
        }
        "412" | "413" | "414" | "417" => ChannelError::new(ErrorKind::Invalid, Scope::Message),
        "439" if is_of_it => slower(Scope::Recipient),
        "263" | "480" => slower(Scope::Channel),
        _ => return None,
    };
    Some(error.with_code(line.command))
}

/// What a server says before it knows us, where it will not.
pub(super) fn rejection(line: &Line<'_>) -> Option<ChannelError> {
    let credentials = ChannelError::new(ErrorKind::Credentials, Scope::Channel);
    let error = match line.command {
        "432" | "464" | "902" | "904" | "905" | "906" => credentials,
        // Somebody has our nick: perhaps we ourselves, on a connection whose end the server has not seen.
        "433" | "436" | "437" => ChannelError::unavailable(),
        "465" | "466" => ChannelError::new(ErrorKind::Refused, Scope::Channel),
        // There is no number for it on some servers, and the words differ; none of them is kept.
        "ERROR" if line.last().to_ascii_lowercase().contains("password") => credentials,
        "ERROR" => ChannelError::unavailable(),
        _ => return None,
    };
    Some(error.with_code(line.command))
}

#[cfg(test)]
mod tests {
    use super::{Line, Target, is_channel, is_nick, lines, target};
    use bereik_channel::{ErrorKind, Scope};

    #[test]
    fn lines_are_read_as_the_rfc_writes_them() {
        let line =
            Line::read("@time=now;x=: :bob!~b@host PRIVMSG  #desk :hello :) ").expect("a line");
        assert_eq!((line.nick, line.command), (Some("bob"), "PRIVMSG"));
        assert_eq!(line.params, ["#desk", "hello :) "]);
        let line = Line::read(":irc.example.org 302 us :bob=+~b@host").expect("a line");
        assert_eq!((line.nick, line.param(1)), (None, "bob=+~b@host"));
        assert_eq!(
            Line::read("PING x").map(|line| line.params),
            Some(vec!["x"])
        );
        for none in ["", ":", ":only-a-sender", "@tags", "   "] {
            assert_eq!(Line::read(none), None, "{none:?}");
        }
    }

    #[test]
    fn names_hold_nothing_that_ends_a_parameter() {
        for nick in ["bob", "[a]^-9", "_x|away"] {
            assert!(is_nick(nick), "{nick}");
        }
        for none in [
            "", "9bob", "bob x", "b\rob", "bob!x", "#desk", "b,c", "\u{e9}",
        ] {
            assert!(!is_nick(none), "{none:?}");
        }
        for none in ["desk", "#", "#a b", "#a,#b", "#a\u{7}", "#a:b"] {
            assert!(!is_channel(none), "{none:?}");
        }
        assert!(is_channel("#caf\u{e9}/2"));
    }

    #[test]
    fn an_address_is_a_nick_or_a_channel_of_ours() {
        let ours = ["#desk".to_owned(), "#a/b".to_owned()];
        let of = |text: &str| target(&text.parse().expect("an address"), &ours);
        let found = |name: &str, to: Option<&str>| Target {
            name: name.to_owned(),
            to: to.map(str::to_owned),
        };
        assert_eq!(of("handle:irc/Bob").expect("a nick"), found("bob", None));
        assert_eq!(
            of("handle:irc/#Desk/bob").expect("one"),
            found("#desk", Some("bob"))
        );
        assert_eq!(
            of("handle:irc/#a/b").expect("a channel"),
            found("#a/b", None)
        );
        for none in [
            "handle:irc/#other",
            "handle:irc/bob,ann",
            "handle:irc/",
            "handle:slack/bob",
            "+31612345678",
        ] {
            let error = of(none).expect_err(none);
            assert_eq!(
                (error.kind(), error.scope()),
                (ErrorKind::Invalid, Scope::Recipient)
            );
        }
    }

    #[test]
    fn a_line_fits_with_what_the_server_adds_and_no_letter_is_cut() {
        let target = Target {
            name: "#desk".to_owned(),
            to: None,
        };
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        let cut = lines(&family.repeat(100), &target, "us").expect("lines");
        let texts: Vec<&str> = cut
            .iter()
            .filter_map(|line| line.split_once(" :"))
            .map(|(_, text)| text)
            .collect();
        assert_eq!(texts.concat(), family.repeat(100));
        assert!(texts.iter().all(|text| text.len() % family.len() == 0));
        assert!(
            cut.iter().all(|line| line.len() + 2 + 1 + 30 + 77 <= 512),
            "{cut:?}"
        );
        let blank = lines("a\n\nb\n\n", &target, "us").expect("lines");
        assert_eq!(
            blank,
            [
                "PRIVMSG #desk :a",
                "PRIVMSG #desk : \u{f}",
                "PRIVMSG #desk :b"
            ]
        );
        assert!(lines(&"x\n".repeat(33), &target, "us").is_err());
        assert!(lines(&format!("a{}", "\u{301}".repeat(300)), &target, "us").is_err());
    }
}
