//! Free/busy time as serde writes and reads it.

use super::FreeBusyKind;
use crate::interval::Interval;

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    interval: Interval,
    kind: FreeBusyKind,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FreeBusy {
    known: Option<Interval>,
    claims: Vec<Claim>,
}

impl From<super::FreeBusy> for FreeBusy {
    fn from(value: super::FreeBusy) -> Self {
        let claims = value
            .intervals()
            .map(|(interval, kind)| Claim { interval, kind })
            .collect();
        Self {
            known: value.known,
            claims,
        }
    }
}

impl TryFrom<FreeBusy> for super::FreeBusy {
    type Error = &'static str;

    fn try_from(wire: FreeBusy) -> Result<Self, Self::Error> {
        let Some(known) = wire.known else {
            return match wire.claims.is_empty() {
                true => Ok(Self::unknown()),
                false => Err("claims stand outside the known interval"),
            };
        };
        let mut builder = Self::builder(known);
        for claim in &wire.claims {
            builder.push(claim.interval, claim.kind);
        }
        let built = builder.build();
        let same = built.known == Some(known)
            && built.intervals().len() == wire.claims.len()
            && built
                .intervals()
                .zip(&wire.claims)
                .all(|(ours, theirs)| ours == (theirs.interval, theirs.kind));
        same.then_some(built)
            .ok_or("claims must be ascending, disjoint, joined and inside the known interval")
    }
}
