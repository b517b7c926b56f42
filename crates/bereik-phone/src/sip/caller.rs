//! Who says that he calls or writes, and to whom: no I/O here.

use bereik_channel::Label;
use bereik_core::Address;
use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::sip::{Request, ToTypedHeader as _, Uri};

/// Who is said to ask, as an address that can be answered, and under what name. The other side can say what it likes.
pub(super) fn caller(request: &Request) -> (Address, Option<Label>) {
    let from = request
        .from_header()
        .ok()
        .and_then(|from| from.typed().ok());
    let name = from.as_ref().and_then(|from| from.display_name.as_deref());
    let name = name.map(|name| Label::flattened(name.trim_matches('"')));
    let address = from.as_ref().and_then(|from| address(&from.uri));
    let address = address.unwrap_or_else(|| {
        let nobody = "handle:sip/anonymous@anonymous.invalid";
        nobody.parse().expect("it is a handle")
    });
    (address, name.filter(|name| !name.as_str().is_empty()))
}

/// A number as such, anybody else by his name and host.
pub(super) fn address(uri: &Uri) -> Option<Address> {
    let user = uri.user()?;
    let number = user.split(';').next().unwrap_or_default();
    if number.starts_with('+')
        && let Ok(number) = format!("tel:{number}").parse()
    {
        return Some(number);
    }
    // Only what is an address again when it is answered.
    let host = uri.host();
    let link: crate::CallLink = format!("sip:{user}@{host}").parse().ok()?;
    let name = link.as_str().strip_prefix("sip:")?;
    format!("handle:sip/{name}").parse().ok()
}

/// The name that the other side gave to what it asks: unique to it, by its own word. A name that is no key is none.
pub(super) fn call_id(request: &Request) -> Option<String> {
    let name = request.call_id_header().ok()?.value().trim();
    let number = request.cseq_header().ok()?.seq().ok()?;
    let is_key = (1..=96).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_graphic());
    is_key.then(|| format!("{name}:{number}"))
}
