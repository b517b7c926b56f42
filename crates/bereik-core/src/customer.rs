//! Customers: what a company knows of them, when two requests of one are one contact, and what
//! happens when one goes silently.

use std::collections::BTreeMap;
use std::fmt;

use crate::address::Address;
use crate::channel_kind::ChannelKind;
use crate::id::{EntitlementId, NeedId, PersonId};
use crate::language::Language;
use crate::urgency::Urgency;

/// What a company knows of a customer: told to the engine whenever it is found out, and waited for
/// by nobody. It never lowers an urgency and never bars anybody. Name, addresses and language are not
/// taken where the customer only [claims](Joining::claimed) to be who he is. `Debug` shows only
/// counts.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
#[expect(clippy::exhaustive_structs, reason = "built by embedders as a literal")]
pub struct CustomerProfile {
    /// The name; used where the customer gave none.
    pub name: String,
    /// Where he can be reached; all of them are one customer. The engine keeps the first
    /// [`ADDRESSES_MAX`](Self::ADDRESSES_MAX).
    pub addresses: Vec<Address>,
    /// The language in which he is spoken to, where it is known.
    pub language: Option<Language>,
    /// What he is entitled to; recorded, never a condition. The engine keeps the first
    /// [`ENTITLEMENTS_MAX`](Self::ENTITLEMENTS_MAX).
    pub entitlements: Vec<EntitlementId>,
    /// What carries his core process, and how pressing a contact about it is at the least. The
    /// engine keeps the first [`CRITICAL_MAX`](Self::CRITICAL_MAX).
    pub critical: BTreeMap<NeedId, Urgency>,
    /// Who looks after him, and is asked before all others.
    pub owner: Option<PersonId>,
}

impl CustomerProfile {
    /// The most addresses that the engine keeps of one customer.
    pub const ADDRESSES_MAX: usize = 8;
    /// The most needs that carry a customer's core process that the engine keeps.
    pub const CRITICAL_MAX: usize = 32;
    /// The most entitlements that the engine keeps.
    pub const ENTITLEMENTS_MAX: usize = 32;

    /// The same, no longer than the engine keeps it.
    #[must_use]
    pub fn within_bounds(mut self) -> Self {
        self.addresses.truncate(Self::ADDRESSES_MAX);
        self.entitlements.truncate(Self::ENTITLEMENTS_MAX);
        while self.critical.len() > Self::CRITICAL_MAX {
            self.critical.pop_last();
        }
        self
    }
}

impl fmt::Debug for CustomerProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (addresses, critical) = (self.addresses.len(), self.critical.len());
        write!(
            f,
            "CustomerProfile({addresses} addresses, {critical} critical)"
        )
    }
}

/// When a request joins the open contact of the same customer, rather than being one of its own.
///
/// It joins when all of this holds: it comes from an address of the customer's that is not
/// [shared](Self::shared); the contact is open; it names the same addressee or nobody, and no
/// other need; the last word is not older than [`quiet_for_s`](Self::quiet_for_s); it is no
/// calamity, unless the contact is about the same need; and the contact has not been used over
/// the same channel where that one is [threaded](Self::threaded). A [call](Self::calls) joins only
/// a contact that came in by a call of the same kind and that nobody has yet, because somebody must
/// answer it now. Where the customer only [claims](Self::claimed) an address, a request does not join
/// by it, so that nobody reads another's conversation by writing down his address; nor does one join
/// a contact that came in so while the one who claimed it is there. Of several contacts the latest
/// counts. What does not join only for the need, the calamity, the call or the claim is linked, and
/// who has the contact is asked for it first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Joining {
    /// Whether requests join at all; by default they do.
    pub joins: bool,
    /// After so many seconds without a word a contact is not joined any longer, 0 to 31,536,000;
    /// by default seven days.
    pub quiet_for_s: u32,
    /// Addresses that several customers use: a switchboard's number, an `info@`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub shared: Vec<Address>,
    /// Kinds of channel over which addresses are what the customer says, and nobody vouches for
    /// them but for the channel's own (`web:`); by default the chat on a website.
    pub claimed: Vec<ChannelKind>,
    /// Kinds of channel over which somebody must answer at once; by default the phone and the
    /// meeting.
    pub calls: Vec<ChannelKind>,
    /// Kinds of channel over which the customer himself says which conversation he goes on with;
    /// by default mail and the chat on a website.
    pub threaded: Vec<ChannelKind>,
}

impl Default for Joining {
    fn default() -> Self {
        Self {
            joins: true,
            quiet_for_s: 7 * 86_400,
            shared: Vec::new(),
            claimed: vec![ChannelKind::WebChat],
            calls: vec![ChannelKind::Meeting, ChannelKind::Phone],
            threaded: vec![ChannelKind::Email, ChannelKind::WebChat],
        }
    }
}

/// What happens when a customer goes without a sign while nobody has his contact.
///
/// He is asked once whether he is still there. From then on his contact is due as mail is, so that
/// it goes behind those who wait; a calamity stays where it is. Where he gave an address, he is
/// answered there. Where he gave none and stays away, his contact is abandoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Silence {
    /// After so many seconds away from a live channel he is asked, 1 to 86,400; by default 60.
    pub probe_live_after_s: u32,
    /// The same on another channel; by default an hour.
    pub probe_after_s: u32,
    /// So many seconds after he was asked the contact is abandoned, 1 to 2,592,000; by default a
    /// quarter of an hour.
    pub abandon_after_s: u32,
    /// Whether his contact goes behind; by default it does.
    pub goes_behind: bool,
}

impl Default for Silence {
    fn default() -> Self {
        Self {
            probe_live_after_s: 60,
            probe_after_s: 3_600,
            abandon_after_s: 900,
            goes_behind: true,
        }
    }
}

/// For how long a reply to a closed contact reopens it where the directory does not say, in
/// seconds: 14 days.
pub const DEFAULT_REOPEN_FOR_S: u32 = 14 * 86_400;
