//! The guard against request forgery: a table of addresses, and a server on loopback at which nothing may
//! arrive.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bereik_feed::http::{Client, HttpErrorKind, HttpLimits, Request, Resolver};
use bereik_feed::{UrlErrorKind, UrlGuard};

use crate::server::{Web, answer, guard};
use UrlErrorKind::{Address, Host, Malformed, Port, Scheme, UserInfo};

/// What a guard without exceptions says of an address.
const TABLE: &[(&str, Option<UrlErrorKind>)] = &[
    // Ordinary ones.
    ("https://calendar.example.org/anna.ics", None),
    ("webcal://calendar.example.org/anna.ics", None),
    ("WEBCALS://Calendar.Example.ORG/anna.ics", None),
    ("https://calendar.example.org", None),
    (
        "https://calendar.example.org:443/a?b=https://127.0.0.1/",
        None,
    ),
    ("https://xn--mnchen-3ya.example.de/", None),
    ("https://a_b.example.org/#fragment", None),
    ("https://93.184.215.14/", None),
    ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", None),
    ("https://calendar.example.org/M\u{fc}ller.ics", None),
    ("https://localhost.example.org/", None),
    // Schemes.
    ("http://calendar.example.org/", Some(Scheme)),
    ("ftp://calendar.example.org/", Some(Scheme)),
    ("file:///etc/passwd", Some(Scheme)),
    ("gopher://127.0.0.1:6379/_INFO", Some(Scheme)),
    ("jar:https://calendar.example.org!/", Some(Malformed)),
    ("data:text/calendar,BEGIN:VCALENDAR", Some(Malformed)),
    ("https:calendar.example.org", Some(Malformed)),
    ("https:/calendar.example.org", Some(Malformed)),
    ("//calendar.example.org/", Some(Malformed)),
    ("calendar.example.org", Some(Malformed)),
    ("", Some(Malformed)),
    // Names and passwords.
    ("https://anna@calendar.example.org/", Some(UserInfo)),
    ("https://anna:secret@calendar.example.org/", Some(UserInfo)),
    ("https://calendar.example.org@127.0.0.1/", Some(UserInfo)),
    (
        "https://calendar.example.org:443@127.0.0.1/",
        Some(UserInfo),
    ),
    ("https://@calendar.example.org/", Some(UserInfo)),
    // Characters that parsers bend.
    (" https://calendar.example.org/", Some(Malformed)),
    ("https://calendar.example.org/\r\nX: y", Some(Malformed)),
    ("https://calendar\t.example.org/", Some(Malformed)),
    ("https:\\\\calendar.example.org\\", Some(Malformed)),
    ("https://calendar.example.org\\@127.0.0.1/", Some(Malformed)),
    (
        "https://calendar.example.org\u{0}.127.0.0.1/",
        Some(Malformed),
    ),
    ("https:///127.0.0.1/", Some(Host)),
    // Ports.
    ("https://calendar.example.org:8443/", Some(Port)),
    ("https://calendar.example.org:22/", Some(Port)),
    ("https://calendar.example.org:80/", Some(Port)),
    ("https://calendar.example.org:0/", Some(Port)),
    ("https://calendar.example.org:65536/", Some(Port)),
    ("https://calendar.example.org:44 3/", Some(Malformed)),
    // Names of the inside, and none at all.
    ("https://localhost/", Some(Host)),
    ("https://LOCALHOST/", Some(Host)),
    ("https://anna.localhost/", Some(Host)),
    ("https://printer.local/", Some(Host)),
    ("https://metadata.google.internal/", Some(Host)),
    ("https://router.home.arpa/", Some(Host)),
    ("https://abc.onion/", Some(Host)),
    ("https://intranet/", Some(Host)),
    ("https://metadata/", Some(Host)),
    ("https://calendar.example.org./", Some(Host)),
    ("https://calendar..example.org/", Some(Host)),
    ("https:///", Some(Host)),
    ("https://?", Some(Host)),
    ("https://calendar%2eexample.org/", Some(Host)),
    ("https://m\u{fc}nchen.example.de/", Some(Host)),
    ("https://calendar\u{3002}example.org/", Some(Host)),
    ("https://calendar.ex\u{ad}ample.org/", Some(Host)),
    // IPv4 that is not public, plainly.
    ("https://0.0.0.0/", Some(Address)),
    ("https://0.1.2.3/", Some(Address)),
    ("https://10.0.0.1/", Some(Address)),
    ("https://100.64.0.1/", Some(Address)),
    ("https://100.100.100.200/", Some(Address)),
    ("https://127.0.0.1/", Some(Address)),
    ("https://127.255.255.254/", Some(Address)),
    ("https://168.63.129.16/", Some(Address)),
    ("https://169.254.169.254/latest/meta-data/", Some(Address)),
    ("https://172.16.0.1/", Some(Address)),
    ("https://172.31.255.255/", Some(Address)),
    ("https://192.0.0.192/", Some(Address)),
    ("https://192.0.2.1/", Some(Address)),
    ("https://192.88.99.1/", Some(Address)),
    ("https://192.168.1.1/", Some(Address)),
    ("https://198.18.0.1/", Some(Address)),
    ("https://198.51.100.1/", Some(Address)),
    ("https://203.0.113.1/", Some(Address)),
    ("https://224.0.0.1/", Some(Address)),
    ("https://240.0.0.1/", Some(Address)),
    ("https://255.255.255.255/", Some(Address)),
    // Their neighbours that are.
    ("https://9.255.255.255/", None),
    ("https://11.0.0.0/", None),
    ("https://100.63.255.255/", None),
    ("https://100.128.0.0/", None),
    ("https://172.15.255.255/", None),
    ("https://172.32.0.0/", None),
    ("https://198.20.0.0/", None),
    ("https://223.255.255.255/", None),
    // Other spellings: decimal, octal, hexadecimal, short, mixed.
    ("https://2130706433/", Some(Host)),
    ("https://017700000001/", Some(Host)),
    ("https://0x7f000001/", Some(Host)),
    ("https://0x7F.0.0.1/", Some(Host)),
    ("https://0177.0.0.1/", Some(Host)),
    ("https://127.1/", Some(Host)),
    ("https://127.0.1/", Some(Host)),
    ("https://0x7f.1/", Some(Host)),
    ("https://0/", Some(Host)),
    ("https://127.0.0.1./", Some(Host)),
    ("https://127.0.0.01/", Some(Host)),
    ("https://127.0.0.256/", Some(Host)),
    ("https://127.0.0.0.1/", Some(Host)),
    ("https://4294967296/", Some(Host)),
    ("https://%31%32%37.0.0.1/", Some(Host)),
    ("https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/", Some(Host)),
    ("https://\u{2460}\u{2461}\u{2466}.0.0.1/", Some(Host)),
    ("https://0xa9fea9fe/", Some(Host)),
    // Also of a public address: it is not sure how the next parser reads it.
    ("https://1572395042/", Some(Host)),
    // IPv6 that is not public.
    ("https://[::]/", Some(Address)),
    ("https://[::1]/", Some(Address)),
    ("https://[0:0:0:0:0:0:0:1]/", Some(Address)),
    ("https://[fe80::1]/", Some(Address)),
    ("https://[fe80::1%25eth0]/", Some(Host)),
    ("https://[fe80::1%eth0]/", Some(Host)),
    ("https://[fc00::1]/", Some(Address)),
    ("https://[fd00:ec2::254]/", Some(Address)),
    ("https://[ff02::1]/", Some(Address)),
    ("https://[fec0::1]/", Some(Address)),
    ("https://[100::1]/", Some(Address)),
    ("https://[2001:db8::1]/", Some(Address)),
    ("https://[3fff::1]/", Some(Address)),
    ("https://[2001:2::1]/", Some(Address)),
    ("https://[4000::1]/", Some(Address)),
    ("https://[::1", Some(Host)),
    ("https://::1/", Some(Host)),
    // IPv4 in IPv6: mapped, compatible, translated, 6to4, Teredo, ISATAP.
    ("https://[::ffff:127.0.0.1]/", Some(Address)),
    ("https://[::ffff:7f00:1]/", Some(Address)),
    ("https://[::FFFF:A9FE:A9FE]/", Some(Address)),
    ("https://[::ffff:93.184.215.14]/", Some(Address)),
    ("https://[::127.0.0.1]/", Some(Address)),
    ("https://[::ffff:0:127.0.0.1]/", Some(Address)),
    ("https://[64:ff9b::127.0.0.1]/", Some(Address)),
    ("https://[64:ff9b::a9fe:a9fe]/", Some(Address)),
    ("https://[64:ff9b:1::10.0.0.1]/", Some(Address)),
    ("https://[64:ff9b::93.184.215.14]/", None),
    ("https://[2002:7f00:1::]/", Some(Address)),
    ("https://[2002:5db8:d70e::1]/", Some(Address)),
    ("https://[2001::7f00:1]/", Some(Address)),
    ("https://[2606:2800:220:1:0:5efe:127.0.0.1]/", Some(Address)),
];

#[test]
fn the_table_holds() {
    assert!(TABLE.len() >= 40);
    let guard = UrlGuard::new();
    let wrong: Vec<String> = TABLE
        .iter()
        .filter_map(|(url, expected)| {
            let is = guard.check(url).err().map(|error| error.kind());
            (is != *expected).then(|| format!("{url}: {is:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What it says with exceptions: the guard, the address, the verdict.
#[test]
fn the_allow_list_opens_what_it_names_and_no_more() {
    let network = |text: &str| text.parse().expect("a network");
    let intranet = UrlGuard::new()
        .with_host("Agenda")
        .with_host("dav.corp.local")
        .with_network(network("10.20.0.0/16"))
        .with_network(network("fd12:3456::/32"))
        .with_port(8443);
    let plain = UrlGuard::new().with_plain_http();
    let rows = [
        (&intranet, "https://agenda/anna.ics", None),
        (&intranet, "https://AGENDA:8443/anna.ics", None),
        (&intranet, "https://dav.corp.local/", None),
        (&intranet, "https://other.corp.local/", Some(Host)),
        (&intranet, "https://agenda.local/", Some(Host)),
        (&intranet, "https://agenda:8444/", Some(Port)),
        (&intranet, "http://agenda/", Some(Scheme)),
        (&intranet, "https://10.20.255.255/", None),
        (&intranet, "https://10.21.0.0/", Some(Address)),
        (&intranet, "https://0x0a140001/", Some(Host)),
        (&intranet, "https://[::ffff:10.20.0.1]/", Some(Address)),
        (&intranet, "https://[fd12:3456:789a::1]/", None),
        (&intranet, "https://[fd12:3457::1]/", Some(Address)),
        (&plain, "http://calendar.example.org/", None),
        (&plain, "http://calendar.example.org:80/", None),
        (&plain, "http://calendar.example.org:443/", Some(Port)),
        (&plain, "http://127.0.0.1/", Some(Address)),
        (&plain, "webcal://calendar.example.org/", None),
    ];
    for (guard, url, expected) in rows {
        let is = guard.check(url).err().map(|error| error.kind());
        assert_eq!(is, expected, "{url}");
    }
}

#[test]
fn a_named_host_may_stand_inside_but_not_at_the_metadata() {
    let network = |text: &str| text.parse().expect("a network");
    let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
    let guard = UrlGuard::new().with_host("agenda");
    for admitted in ["10.0.0.1", "127.0.0.1", "::1", "fd00::1", "93.184.215.14"] {
        assert!(guard.admits("agenda", ip(admitted)), "{admitted}");
    }
    assert!(!guard.admits("agenda.example.org", ip("10.0.0.1")));
    let metadata = [
        "169.254.169.254",
        "169.254.1.1",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "2002:a9fe:a9fe::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "64:ff9b::10.0.0.1",
    ];
    for refused in metadata {
        assert!(!guard.admits("agenda", ip(refused)), "{refused}");
    }
    // A network opens it only where it is that address alone.
    let wide = guard
        .with_network(network("169.254.0.0/16"))
        .with_network(network("100.64.0.0/10"))
        .with_network(network("fd00::/8"))
        .with_network(network("0.0.0.0/0"))
        .with_network(network("::/0"));
    for refused in &metadata[..16] {
        assert!(!wide.admits("agenda", ip(refused)), "{refused}");
    }
    let alone = UrlGuard::new().with_network(network("169.254.169.254"));
    assert!(alone.admits("", ip("169.254.169.254")) && !alone.admits("", ip("169.254.169.253")));
}

#[test]
fn references_are_judged_where_they_lead() {
    let guard = UrlGuard::new().with_plain_http();
    let base = guard
        .check("https://dav.example.org/a/b?c")
        .expect("an address");
    let led = |reference: &str| {
        let led = guard.check_reference(&base, reference);
        led.map(|url| url.as_str().to_owned()).map_err(|e| e.kind())
    };
    assert_eq!(
        led("x.ics").as_deref(),
        Ok("https://dav.example.org/a/x.ics")
    );
    assert_eq!(
        led("/x/?y#z").as_deref(),
        Ok("https://dav.example.org/x/?y")
    );
    assert_eq!(led("../..").as_deref(), Ok("https://dav.example.org/"));
    assert_eq!(
        led("//b.example.org/").as_deref(),
        Ok("https://b.example.org/")
    );
    assert_eq!(
        led("webcal://b.example.org/").as_deref(),
        Ok("https://b.example.org/")
    );
    assert_eq!(
        led("/r?to=http://127.0.0.1/").as_deref(),
        Ok("https://dav.example.org/r?to=http://127.0.0.1/")
    );
    for (reference, expected) in [
        ("http://dav.example.org/", Scheme),
        ("file:///etc/passwd", Scheme),
        ("javascript:alert(1)", Scheme),
        ("//127.0.0.1/", Address),
        ("//2130706433/", Host),
        ("///127.0.0.1/", Malformed),
        ("https://169.254.169.254/", Address),
        ("https://user@b.example.org/", UserInfo),
        ("//user@b.example.org/", UserInfo),
        ("//b.example.org:25/", Port),
        ("/\\127.0.0.1/", Malformed),
        ("/ x", Malformed),
    ] {
        assert_eq!(led(reference), Err(expected), "{reference}");
    }
}

#[test]
fn an_address_is_shown_without_its_secret() {
    let url = "https://calendar.example.org:443/private-s3cret/basic.ics?key=s3cret";
    let url = UrlGuard::new().check(url).expect("an address");
    assert_eq!(url.to_string(), "https://calendar.example.org/…");
    assert_eq!(
        format!("{url:?}"),
        "CheckedUrl(https://calendar.example.org/…)"
    );
    assert!(url.as_str().contains("s3cret"));
    let refused = UrlGuard::new()
        .check("https://10.0.0.1/s3cret")
        .expect_err("inside");
    assert!(!format!("{refused} {refused:?}").contains("s3cret"));
}

/// A resolver that answers the same to everything.
#[derive(Debug)]
struct Lying(Vec<IpAddr>);

#[async_trait]
impl Resolver for Lying {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.clone())
    }
}

/// A client that would ask any port in the open, and waits for nobody.
fn client(web: &Web, addresses: &[&str]) -> Client {
    let addresses = addresses
        .iter()
        .map(|text| text.parse().expect("an address"));
    let limits = HttpLimits::default().with_read_for(Duration::from_millis(500));
    let guard = UrlGuard::new().with_plain_http().with_port(web.port());
    Client::new(guard)
        .with_resolver(Arc::new(Lying(addresses.collect())))
        .with_limits(limits)
}

/// Every way to write this machine, past a guard that lets all of them pass.
#[tokio::test]
async fn no_spelling_of_loopback_connects() {
    let web = Web::start(|_| answer("200 OK", "", b"inside")).await;
    let client = client(&web, &["127.0.0.1"]);
    let network = |text: &str| text.parse().expect("a network");
    let open = UrlGuard::new()
        .with_plain_http()
        .with_port(web.port())
        .with_network(network("0.0.0.0/0"))
        .with_network(network("::/0"))
        .with_host("localhost");
    let hosts = [
        "127.0.0.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "0",
        "0.0.0.0",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "localhost",
        "calendar.example.org",
    ];
    let mut sent = 0;
    for host in hosts {
        let url = format!("http://{host}:{}/", web.port());
        assert!(client.guard().check(&url).is_err() || host.ends_with("example.org"));
        // Most do not come past any guard; those that do meet the client's own.
        if let Ok(url) = open.check(&url) {
            sent += 1;
            let error = client.send(&Request::get(url)).await.expect_err(host);
            assert_eq!(error.kind(), HttpErrorKind::Refused, "{host}");
        }
    }
    assert!(sent >= 5, "{sent} were tried");
    assert_eq!(web.connections(), 0, "something arrived");
    // The same server answers whom it may.
    let allowed = Client::new(guard(&web));
    let url = allowed.guard().check(&web.url("/")).expect("allowed");
    assert!(allowed.send(&Request::get(url)).await.is_ok());
    assert_eq!(web.connections(), 1);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_followed() {
    let web = Web::start(|_| answer("200 OK", "", b"inside")).await;
    for addresses in [
        &["127.0.0.1"][..],
        &["::1"],
        &["93.184.215.14", "127.0.0.1"],
        &["127.0.0.1", "93.184.215.14"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["169.254.169.254"],
    ] {
        let client = client(&web, addresses);
        let url = format!("http://calendar.example.org:{}/", web.port());
        let url = client.guard().check(&url).expect("a public name");
        let error = client.send(&Request::get(url)).await.expect_err("inside");
        assert_eq!(error.kind(), HttpErrorKind::Refused, "{addresses:?}");
        assert_eq!(error.refused(), Some(Address));
        assert!(!error.is_temporary());
    }
    assert_eq!(web.connections(), 0, "something arrived");
}

#[tokio::test]
async fn no_redirect_leads_inside() {
    let inside = Web::start(|_| answer("200 OK", "", b"inside")).await;
    let port = inside.port();
    for status in [301, 302, 303, 307, 308] {
        for location in [
            format!("http://127.0.0.2:{port}/"),
            format!("//127.0.0.2:{port}/"),
            format!("http://2130706434:{port}/"),
            format!("http://0x7f.2:{port}/"),
            format!("http://[::1]:{port}/"),
            format!("http://[::ffff:127.0.0.2]:{port}/"),
            format!("http://localhost:{port}/"),
            format!("http://127.0.0.1:{port}/"),
            "http://169.254.169.254/latest/meta-data/".to_owned(),
            "http://metadata.google.internal/".to_owned(),
            "https://10.0.0.1/".to_owned(),
            "file:///etc/passwd".to_owned(),
        ] {
            let fields = format!("Location: {location}\r\n");
            let outside =
                Web::start(move |_| answer(&format!("{status} Moved"), &fields, b"")).await;
            // This one alone is let pass, as if it were a public server.
            let client = Client::new(guard(&outside));
            let url = client.guard().check(&outside.url("/")).expect("allowed");
            let error = client.send(&Request::get(url)).await.expect_err("inside");
            assert_eq!(error.kind(), HttpErrorKind::Refused, "{status} {location}");
            assert_eq!(outside.connections(), 1);
        }
    }
    assert_eq!(inside.connections(), 0, "something arrived");
}
