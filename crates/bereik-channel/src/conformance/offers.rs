//! Tests of offers: put to somebody, taken back, answered.

use bereik_core::offer::{Offer, OfferRole, Offered};
use bereik_core::{ContactId, OfferId, PersonId};
use chrono::TimeDelta;

use super::{Broken, OrFailed as _, Run, Verdict, is_true, is_unsupported};
use crate::alert::Alert;
use crate::capability::Feature;
use crate::label::Label;
use crate::receipt::Evidence;

pub(super) async fn check(run: &Run<'_>, passed: &mut Vec<&'static str>) -> Result<(), Broken> {
    let capability = *run.channel().capability();
    if capability.can(Feature::Offer) {
        run.record("an offer arrives", offer_arrives(run).await, passed)?;
    } else {
        let answer = run.channel().offer(&alert(run, 1, "not declared")).await;
        run.record("an offer is unsupported", is_unsupported(answer), passed)?;
    }
    if capability.can(Feature::Offer) && capability.can(Feature::Idempotent) {
        let verdict = offer_twice_arrives_once(run).await;
        run.record("the same offer twice arrives once", verdict, passed)?;
    }
    if capability.can(Feature::Withdraw) {
        run.record("an offer is taken back", withdraws(run).await, passed)
    } else {
        let answer = run.channel().withdraw(OfferId::new(1)).await;
        run.record("taking back is unsupported", is_unsupported(answer), passed)
    }
}

/// An offer with a number of this run: FNV-1a of its name, so that no two runs share one.
pub(super) fn alert(run: &Run<'_>, number: u64, text: &str) -> Alert {
    let hash = run
        .name
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
    let anna = PersonId::parse("anna").expect("a name is an id");
    let offer = Offer {
        id: OfferId::new((hash >> 16).wrapping_add(number)),
        contact: ContactId::new(1),
        to: Offered::Person(anna),
        channel: run.channel().kind(),
        role: OfferRole::Owner,
        made_at: run.at,
        until: run.at + TimeDelta::seconds(30),
    };
    let subject = Label::flattened("Somebody asks for help");
    Alert::new(offer, run.end.alert_to(), subject, run.body(text))
}

async fn offer_arrives(run: &Run<'_>) -> Verdict {
    let alert = alert(run, 1, "an offer, once");
    let receipt = run.channel().offer(&alert).await.or_failed("offer")?;
    let best = run.channel().capability().evidence_max;
    is_true(
        receipt.evidence <= best,
        "the receipt says more than the channel can know",
    )?;
    let least = best.min(Evidence::Taken);
    is_true(
        receipt.evidence >= least,
        "the receipt does not even say that it was taken",
    )?;
    let arrived = run.arrived_with(alert.text.as_str(), 1).await;
    is_true(arrived.len() == 1, "it does not arrive just once")
}

async fn offer_twice_arrives_once(run: &Run<'_>) -> Verdict {
    let twice = alert(run, 2, "an offer, given twice");
    run.channel().offer(&twice).await.or_failed("offer")?;
    run.channel().offer(&twice).await.or_failed("offer again")?;
    let after = alert(run, 3, "the offer after it");
    run.channel().offer(&after).await.or_failed("offer")?;
    let arrived = run.arrived_with(after.text.as_str(), 1).await;
    is_true(arrived.len() == 1, "the offer after it does not arrive")?;
    let arrived = run.arrived_with(twice.text.as_str(), 1).await;
    is_true(arrived.len() == 1, "it arrives more or less than once")
}

async fn withdraws(run: &Run<'_>) -> Verdict {
    let alert = alert(run, 4, "an offer that is taken back");
    run.channel().offer(&alert).await.or_failed("offer")?;
    let id = alert.offer.id;
    run.channel().withdraw(id).await.or_failed("withdraw")?;
    run.channel()
        .withdraw(id)
        .await
        .or_failed("withdraw again")?;
    let unknown = OfferId::new(u64::MAX);
    run.channel()
        .withdraw(unknown)
        .await
        .or_failed("withdraw an unknown offer")
}
