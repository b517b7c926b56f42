//! A range of addresses, as an allow list names it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network in the notation of RFC 4632 and RFC 4291: an address and how many of its leading bits
/// count. An address alone is a network of one.
///
/// ```
/// use bereik_feed::Network;
/// let intranet: Network = "10.20.0.0/16".parse()?;
/// assert!(intranet.contains("10.20.3.4".parse().expect("an address")));
/// assert!("10.20.0.1/16".parse::<Network>().is_err(), "bits beyond the prefix are set");
/// # Ok::<(), bereik_feed::NetworkError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    address: IpAddr,
    /// 0–32 or 0–128.
    bits: u8,
}

/// A text is not a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a network such as `10.20.0.0/16` or `fd12:3456::/32`")]
pub struct NetworkError(());

impl Network {
    /// A network that is known to be right.
    pub(crate) const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Self {
        let address = IpAddr::V4(Ipv4Addr::new(a, b, c, d));
        Self { address, bits }
    }

    /// A network that is known to be right, by the first four groups of its address.
    pub(crate) const fn v6(groups: [u16; 4], bits: u8) -> Self {
        let [a, b, c, d] = groups;
        let address = IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0));
        Self { address, bits }
    }

    /// Whether an address lies in it. An IPv4 address that is written in IPv6 lies in no network of
    /// IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(of), IpAddr::V4(one)) => (of.to_bits() ^ one.to_bits())
                .checked_shr(32 - u32::from(self.bits))
                .is_none_or(|rest| rest == 0),
            (IpAddr::V6(of), IpAddr::V6(one)) => (of.to_bits() ^ one.to_bits())
                .checked_shr(128 - u32::from(self.bits))
                .is_none_or(|rest| rest == 0),
            _ => false,
        }
    }

    /// Whether it is one address alone.
    #[must_use]
    pub const fn is_single(&self) -> bool {
        self.bits == width(self.address)
    }
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let bits = width(address);
        Self { address, bits }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError(()))?;
        let Some(bits) = bits else {
            return Ok(address.into());
        };
        let is_number = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits = bits.parse().ok().filter(|_| is_number);
        let bits: u8 = bits
            .filter(|bits| *bits <= width(address))
            .ok_or(NetworkError(()))?;
        let beyond = match address {
            IpAddr::V4(v4) => v4.to_bits().checked_shl(u32::from(bits)).unwrap_or(0) != 0,
            IpAddr::V6(v6) => v6.to_bits().checked_shl(u32::from(bits)).unwrap_or(0) != 0,
        };
        match beyond {
            true => Err(NetworkError(())),
            false => Ok(Self { address, bits }),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}
