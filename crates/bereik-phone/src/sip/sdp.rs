//! What both sides say of their media (RFC 4566, RFC 3264), as values: no I/O here.

use std::net::{IpAddr, SocketAddr};

/// How a letter of sound is written (RFC 3551, 4.5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Law {
    A,
    Mu,
}

impl Law {
    pub(super) const fn payload(self) -> u8 {
        match self {
            Self::A => 8,
            Self::Mu => 0,
        }
    }

    pub(super) const fn of_payload(payload: u8) -> Option<Self> {
        match payload {
            0 => Some(Self::Mu),
            8 => Some(Self::A),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::A => "PCMA",
            Self::Mu => "PCMU",
        }
    }
}

/// The payload type under which we hear and say keys (RFC 4733).
pub(super) const KEYS_PAYLOAD: u8 = 101;

/// Where the other side hears, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Far {
    pub(super) addr: SocketAddr,
    pub(super) law: Law,
    /// The payload type of keys, where it knows them.
    pub(super) keys: Option<u8>,
}

/// What we say: at this address and port we hear these.
pub(super) fn write(at: SocketAddr, session: u32, laws: &[Law], keys: u8) -> Vec<u8> {
    let family = if at.is_ipv4() { "IP4" } else { "IP6" };
    let (ip, port) = (at.ip(), at.port());
    let payloads = laws.iter().map(|law| format!(" {}", law.payload()));
    let payloads: String = payloads.collect();
    let names = laws.iter().map(|law| {
        let (payload, name) = (law.payload(), law.name());
        format!("a=rtpmap:{payload} {name}/8000\r\n")
    });
    let names: String = names.collect();
    let text = format!(
        "v=0\r\no=- {session} 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
        m=audio {port} RTP/AVP{payloads} {keys}\r\n{names}a=rtpmap:{keys} telephone-event/8000\r\n\
        a=fmtp:{keys} 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    );
    text.into_bytes()
}

/// What the other side says; none where it has no sound that we know. Its first choice counts.
pub(super) fn read(bytes: &[u8]) -> Option<Far> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.lines().map(str::trim_end);
    let (mut ip, mut is_session) = (None, true);
    let media = loop {
        let line = lines.next()?;
        is_session &= !line.starts_with("m=");
        ip = match line.strip_prefix("c=") {
            Some(connection) if is_session => read_connection(connection),
            _ => ip,
        };
        if let Some(media) = line.strip_prefix("m=audio ") {
            break media;
        }
    };
    let mut words = media.split_ascii_whitespace();
    let port = words.next()?.split('/').next()?.parse::<u16>().ok()?;
    if words.next()? != "RTP/AVP" || port == 0 {
        return None;
    }
    let payloads: Vec<u8> = words.filter_map(|word| word.parse().ok()).collect();
    let law = payloads
        .iter()
        .find_map(|payload| Law::of_payload(*payload))?;
    let mut keys = None;
    for line in lines.take_while(|line| !line.starts_with("m=")) {
        ip = line.strip_prefix("c=").map_or(ip, read_connection);
        let named = line
            .strip_prefix("a=rtpmap:")
            .and_then(|line| line.split_once(' '));
        if let Some((payload, name)) = named
            && name
                .to_ascii_lowercase()
                .starts_with("telephone-event/8000")
        {
            let payload: Option<u8> = payload.parse().ok();
            keys = payload
                .filter(|payload| payloads.contains(payload))
                .or(keys);
        }
    }
    let addr = SocketAddr::new(ip?, port);
    Some(Far { addr, law, keys })
}

fn read_connection(line: &str) -> Option<IpAddr> {
    let address = line
        .strip_prefix("IN IP4 ")
        .or(line.strip_prefix("IN IP6 "))?;
    let ip = address.split('/').next()?.trim().parse::<IpAddr>().ok()?;
    (!ip.is_multicast() && !ip.is_unspecified()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::{Far, Law, read, write};

    #[test]
    fn what_we_write_we_read() {
        let at = "192.0.2.1:4000".parse().expect("an address");
        let (laws, keys) = ([Law::A, Law::Mu], 101);
        let far = Far {
            addr: at,
            law: Law::A,
            keys: Some(keys),
        };
        assert_eq!(read(&write(at, 7, &laws, keys)), Some(far));
    }

    #[test]
    fn the_address_of_the_sound_goes_before_that_of_the_session() {
        let text = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=video 9 RTP/AVP 31\r\nc=IN IP4 192.0.2.7\r\nm=audio 5004/2 RTP/AVP 97 101 0\r\n\
            c=IN IP6 2001:db8::1\r\na=rtpmap:101 Telephone-Event/8000\r\nm=audio 1 RTP/AVP 8\r\nc=IN IP4 192.0.2.9\r\n";
        let far = read(text.as_bytes()).expect("sound");
        assert_eq!(far.addr.to_string(), "[2001:db8::1]:5004");
        assert_eq!((far.law, far.keys), (Law::Mu, Some(101)));
    }

    #[test]
    fn no_sound_that_we_know_is_none() {
        let cases = [
            "",
            "m=audio 5004 RTP/AVP 0",
            "c=IN IP4 0.0.0.0\nm=audio 5004 RTP/AVP 0",
            "c=IN IP4 224.0.0.1\nm=audio 5004 RTP/AVP 0",
            "c=IN IP4 192.0.2.1\nm=audio 0 RTP/AVP 0",
            "c=IN IP4 192.0.2.1\nm=audio 99999 RTP/AVP 0",
            "c=IN IP4 192.0.2.1\nm=audio 5004 RTP/SAVP 0",
            "c=IN IP4 192.0.2.1\nm=audio 5004 RTP/AVP 97",
        ];
        for text in cases {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
