//! Which addresses are of the public internet, and which never are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::url_guard::network::Network;

/// What is not public in IPv4: the special-purpose registry of IANA (RFC 6890), and one address that
/// looks public and is a cloud's own.
const NOT_PUBLIC: [Network; 19] = [
    // This host and its network, RFC 1122 3.2.1.3.
    Network::v4(0, 0, 0, 0, 8),
    // Private, RFC 1918.
    Network::v4(10, 0, 0, 0, 8),
    Network::v4(172, 16, 0, 0, 12),
    Network::v4(192, 168, 0, 0, 16),
    // Shared behind a provider's translation, RFC 6598.
    Network::v4(100, 64, 0, 0, 10),
    // Loopback, RFC 1122.
    Network::v4(127, 0, 0, 0, 8),
    // Azure's platform, its name servers and its wire server.
    AZURE,
    // Link-local, RFC 3927; the metadata of most clouds.
    Network::v4(169, 254, 0, 0, 16),
    // Protocol assignments, RFC 6890.
    Network::v4(192, 0, 0, 0, 24),
    // Documentation, RFC 5737.
    Network::v4(192, 0, 2, 0, 24),
    Network::v4(198, 51, 100, 0, 24),
    Network::v4(203, 0, 113, 0, 24),
    // AS112, RFC 7535 and 7534; relays, RFC 7450 and 7526.
    Network::v4(192, 31, 196, 0, 24),
    Network::v4(192, 175, 48, 0, 24),
    Network::v4(192, 52, 193, 0, 24),
    Network::v4(192, 88, 99, 0, 24),
    // Benchmarks, RFC 2544.
    Network::v4(198, 18, 0, 0, 15),
    // Multicast, RFC 5771.
    MULTICAST,
    // Reserved, and broadcast, RFC 1112.
    Network::v4(240, 0, 0, 0, 4),
];

const AZURE: Network = Network::v4(168, 63, 129, 16, 32);
const MULTICAST: Network = Network::v4(224, 0, 0, 0, 4);

/// Global unicast, RFC 4291: nothing else in IPv6 is public.
const GLOBAL: Network = Network::v6([0x2000, 0, 0, 0], 3);

/// What is not public within global unicast.
const NOT_GLOBAL: [Network; 4] = [
    // Protocol assignments, RFC 2928: Teredo, benchmarks, ORCHID.
    Network::v6([0x2001, 0, 0, 0], 23),
    // Documentation, RFC 3849 and 9637.
    Network::v6([0x2001, 0xdb8, 0, 0], 32),
    Network::v6([0x3fff, 0, 0, 0], 20),
    // 6to4, RFC 3056: an IPv4 address in disguise.
    Network::v6([0x2002, 0, 0, 0], 16),
];

/// Translation to IPv4, RFC 6052: what name servers of networks without IPv4 answer.
const NAT64: Network = Network::v6([0x64, 0xff9b, 0, 0], 96);

/// Whether it is a public unicast address; of an IPv4 address behind NAT64, whether that is.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => !NOT_PUBLIC.iter().any(|network| network.contains(address)),
        IpAddr::V6(v6) if NAT64.contains(address) => is_public(last_of(v6).into()),
        IpAddr::V6(v6) => {
            GLOBAL.contains(address)
                && !NOT_GLOBAL.iter().any(|network| network.contains(address))
                && !is_isatap(v6)
        }
    }
}

/// Whether it is no single other host: unspecified, multicast, broadcast.
pub(crate) fn is_nobody(address: IpAddr) -> bool {
    let is_broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
    address.is_unspecified() || address.is_multicast() || is_broadcast
}

/// Whether a machine's own link or a cloud's metadata service is behind it.
pub(crate) fn is_metadata(address: IpAddr) -> bool {
    const ALIBABA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
    const ORACLE: Ipv4Addr = Ipv4Addr::new(192, 0, 0, 192);
    const AMAZON: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    const GOOGLE: Ipv6Addr = Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254);
    match address {
        IpAddr::V4(v4) => {
            v4.is_link_local() || AZURE.contains(address) || v4 == ALIBABA || v4 == ORACLE
        }
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6 == AMAZON || v6 == GOOGLE,
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped and compatible (RFC 4291 2.5.5),
/// translated (RFC 6052, 8215), 6to4.
pub(crate) fn disguised(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(v6) = address else { return None };
    let v4 = match v6.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => return None,
        [0, 0, 0, 0, 0 | 0xffff, 0 | 0xffff, ..] => last_of(v6),
        [0x64, 0xff9b, ..] => last_of(v6),
        [0x2002, a, b, ..] => Ipv4Addr::from_bits(u32::from(a) << 16 | u32::from(b)),
        _ => return None,
    };
    Some(v4.into())
}

/// An IPv4 address in the interface part, RFC 5214.
fn is_isatap(v6: Ipv6Addr) -> bool {
    let [.., a, b, _, _] = v6.segments();
    b == 0x5efe && matches!(a, 0 | 0x0200)
}

/// The IPv4 address in the last four bytes.
fn last_of(v6: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = v6.octets();
    Ipv4Addr::new(a, b, c, d)
}
