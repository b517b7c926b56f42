//! Laws of the guard: over every spelling of an inner address, every answer of a name server.
#![cfg(feature = "http")]

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::Arc;

use async_trait::async_trait;
use bereik_feed::http::{Client, HttpErrorKind, Request, Resolver};
use bereik_feed::{Network, UrlGuard};
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

/// An address that is not public by what the standard library says of it, and by the few ranges
/// it says nothing of.
fn inner_v4() -> impl Strategy<Value = Ipv4Addr> {
    prop_oneof![
        any::<u32>().prop_map(|n| n & 0x00ff_ffff),
        any::<u32>().prop_map(|n| 0x0a00_0000 | n & 0x00ff_ffff),
        any::<u32>().prop_map(|n| 0x6440_0000 | n & 0x003f_ffff),
        any::<u32>().prop_map(|n| 0x7f00_0000 | n & 0x00ff_ffff),
        any::<u32>().prop_map(|n| 0xa9fe_0000 | n & 0xffff),
        any::<u32>().prop_map(|n| 0xac10_0000 | n & 0x000f_ffff),
        any::<u32>().prop_map(|n| 0xc0a8_0000 | n & 0xffff),
        any::<u32>().prop_map(|n| 0xc612_0000 | n & 0x0001_ffff),
        any::<u32>().prop_map(|n| 0xe000_0000 | n & 0x1fff_ffff),
    ]
    .prop_map(Ipv4Addr::from_bits)
}

/// One way to write a number.
fn number(n: u32, how: u8) -> String {
    match how % 5 {
        0 => n.to_string(),
        1 => format!("0{n:o}"),
        2 => format!("0x{n:x}"),
        3 => format!("0X{n:X}"),
        _ => format!("0x0000{n:x}"),
    }
}

/// An IPv4 address in one to four parts, each written in its own way.
fn parts(address: Ipv4Addr, count: u8, how: [u8; 4]) -> String {
    let [a, b, c, d] = address.octets().map(u32::from);
    let values = match count % 4 {
        0 => vec![address.to_bits()],
        1 => vec![a, b << 16 | c << 8 | d],
        2 => vec![a, b, c << 8 | d],
        _ => vec![a, b, c, d],
    };
    let written = values.iter().zip(how).map(|(n, how)| number(*n, how));
    written.collect::<Vec<_>>().join(".")
}

/// An IPv4 address in an IPv6 one, in one of the ways that lead to it.
fn embedded(address: Ipv4Addr, how: u8) -> Ipv6Addr {
    let [a, b, c, d] = address.octets();
    let (high, low) = (
        u16::from(a) << 8 | u16::from(b),
        u16::from(c) << 8 | u16::from(d),
    );
    match how % 7 {
        0 => Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low),
        1 => Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
        2 => Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
        3 => Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
        4 => Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        5 => Ipv6Addr::new(0x2001, 0, 0x4136, 0xe378, 0x8000, 0x63bf, !high, !low),
        _ => Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
    }
}

/// The same host with some of its characters hidden from whoever looks only at the text.
fn disguise(host: &str, how: u8) -> String {
    let change = |c: char| match (how % 4, c) {
        (1, '0'..='9') => format!("%{:02x}", c as u32),
        (2, '0'..='9') => {
            char::from_u32(0xff10 + c as u32 - 0x30).map_or_else(String::new, String::from)
        }
        (3, '.') => "\u{3002}".to_owned(),
        _ => c.to_string(),
    };
    host.chars().map(change).collect()
}

/// What the standard library knows not to be public.
fn is_known_inner(address: Ipv4Addr) -> bool {
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || address.is_unspecified()
}

/// A resolver that answers the same to everything.
struct Lying(Vec<IpAddr>);

#[async_trait]
impl Resolver for Lying {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.clone())
    }
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_spelling_of_an_inner_address_is_refused(
        address in inner_v4(),
        count in any::<u8>(),
        how in any::<[u8; 4]>(),
        hidden in any::<u8>(),
        is_dotted in any::<bool>(),
    ) {
        let dot = if is_dotted { "." } else { "" };
        let host = disguise(&(parts(address, count, how) + dot), hidden);
        let guard = UrlGuard::new().with_plain_http();
        for scheme in ["https", "webcal", "http"] {
            prop_assert!(guard.check(&format!("{scheme}://{host}/a")).is_err(), "{host}");
        }
    }

    #[test]
    fn an_inner_address_in_ipv6_is_refused(address in inner_v4(), how in any::<u8>(), is_long in any::<bool>()) {
        let v6 = embedded(address, how);
        let segments = v6.segments().map(|s| format!("{s:04X}")).join(":");
        let host = if is_long { segments } else { v6.to_string() };
        prop_assert!(UrlGuard::new().check(&format!("https://[{host}]/")).is_err(), "{host}");
        prop_assert!(!UrlGuard::new().admits("calendar.example.org", v6.into()), "{v6}");
    }

    #[test]
    fn what_the_standard_library_calls_inner_is_refused(bits in any::<u32>(), long in any::<u128>()) {
        let v4 = Ipv4Addr::from_bits(bits);
        let admits = |address: IpAddr| UrlGuard::new().admits("calendar.example.org", address);
        prop_assert!(!is_known_inner(v4) || !admits(v4.into()), "{v4}");
        let v6 = Ipv6Addr::from_bits(long);
        let is_inner = v6.is_loopback() || v6.is_multicast() || v6.is_unspecified()
            || v6.is_unique_local() || v6.is_unicast_link_local();
        prop_assert!(!is_inner || !admits(v6.into()), "{v6}");
        // Most of what is left is public, and is let pass.
        let [a, b, ..] = v4.octets();
        if (11..=99).contains(&a) {
            prop_assert!(admits(v4.into()), "{v4} {b}");
        }
    }

    /// What passes is written as it is understood, and passes again.
    #[test]
    fn what_passes_is_plain(text in "(https|webcal|http)://[a-z0-9.:@%\\[\\]/\\\\x]{0,20}(\\.com)?/?") {
        if let Ok(url) = UrlGuard::new().check(&text) {
            let authority = text.split("://").nth(1).unwrap_or_default();
            let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
            let written = authority.trim_end_matches(":443").trim_end_matches(':');
            let host = url.host();
            let is_v6 = host.contains(':');
            prop_assert!(is_v6 || written.eq_ignore_ascii_case(host), "{text} is {host}");
            let again = UrlGuard::new().check(url.as_str());
            prop_assert_eq!(again.ok(), Some(url));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,60}", reference in ".{0,60}") {
        let guard = UrlGuard::new();
        let _ = guard.check(&text);
        let base = guard.check("https://dav.example.org/a/").expect("an address");
        if let Ok(url) = guard.check_reference(&base, &reference) {
            prop_assert!(guard.check(url.as_str()).is_ok());
            prop_assert!(url.is_secure());
        }
    }

    /// A network against its bits, one by one.
    #[test]
    fn a_network_holds_what_agrees_with_it(of in any::<u32>(), one in any::<u32>(), bits in 0..=32_u32) {
        let masked = (0..32).filter(|bit| *bit < bits).map(|bit| 1 << (31 - bit) & of).sum::<u32>();
        let network: Network = format!("{}/{bits}", Ipv4Addr::from_bits(masked)).parse().expect("a network");
        let agrees = |one: u32| (0..bits).all(|bit| (of ^ one) >> (31 - bit) & 1 == 0);
        for one in [one, of, of ^ 1, of ^ 1 << 31, of ^ (1_u32 << 31 >> bits.min(31))] {
            prop_assert_eq!(network.contains(Ipv4Addr::from_bits(one).into()), agrees(one));
        }
        prop_assert_eq!(network.is_single(), bits == 32);
        prop_assert_eq!(network.to_string().parse(), Ok(network));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..config() })]

    /// A name server that mixes one inner address among public ones gets no connection at all.
    #[test]
    fn one_bad_answer_connects_nowhere(
        public in proptest::collection::vec(0x0b00_0000..0x6300_0000_u32, 0..4),
        bad in prop_oneof![
            inner_v4().prop_map(IpAddr::from),
            proptest::strategy::Just(IpAddr::from(Ipv4Addr::LOCALHOST)),
            (inner_v4(), any::<u8>()).prop_map(|(address, how)| embedded(address, how).into()),
        ],
        place in any::<proptest::sample::Index>(),
    ) {
        let mut answers: Vec<IpAddr> = public.iter().map(|n| Ipv4Addr::from_bits(*n).into()).collect();
        answers.insert(place.index(answers.len() + 1), bad);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let port = listener.local_addr().expect("a port").port();
        let guard = UrlGuard::new().with_plain_http().with_port(port);
        let client = Client::new(guard).with_resolver(Arc::new(Lying(answers)));
        let url = format!("http://calendar.example.org:{port}/");
        let url = client.guard().check(&url).expect("a public name");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let sent = runtime.expect("a runtime").block_on(client.send(&Request::get(url)));
        prop_assert_eq!(sent.expect_err("inside").kind(), HttpErrorKind::Refused);
        let arrived = listener.accept().map_err(|error| error.kind()).err();
        prop_assert_eq!(arrived, Some(io::ErrorKind::WouldBlock));
    }
}
