//! What every store must do, as a suite that an engine's own tests run.

mod commits;
mod leases;
mod reading;
mod scene;

use crate::store::Store;

/// Runs every test of the contract, each against a store of its own, which `make` makes empty.
///
/// ```
/// use bereik_store::{Memory, conformance::conformance};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// conformance(async || Memory::new()).await;
/// # }
/// ```
///
/// # Panics
/// Where the store breaks the contract; the message says which part of it.
pub async fn conformance<S: Store>(make: impl AsyncFn() -> S) {
    leases::a_held_lease_keeps_others_out(&make().await).await;
    leases::a_lease_that_ran_out_can_be_taken(&make().await).await;
    leases::an_owner_takes_over_from_itself(&make().await).await;
    leases::a_lease_that_was_given_back_is_free(&make().await).await;
    leases::a_fenced_lease_changes_nothing(&make().await).await;
    leases::a_lease_that_nobody_took_is_still_good(&make().await).await;
    leases::shards_are_apart(&make().await).await;
    commits::positions_have_no_gaps(&make().await).await;
    commits::a_repeated_commit_is_kept_once(&make().await).await;
    commits::a_refused_commit_leaves_nothing(&make().await).await;
    commits::inputs_come_back_in_order(&make().await).await;
    commits::a_snapshot_takes_the_place_of_inputs(&make().await).await;
    commits::effects_are_pending_until_done(&make().await).await;
    commits::what_was_kept_outlives_the_writer(&make().await).await;
    reading::timelines_are_by_contact_and_number(&make().await).await;
    reading::bodies_come_in_the_order_asked(&make().await).await;
    reading::erasing_forgets_words_and_nothing_else(&make().await).await;
    reading::the_last_summary_counts(&make().await).await;
    reading::contacts_are_found_by_address(&make().await).await;
    reading::open_contacts_are_the_oldest_first(&make().await).await;
    reading::nothing_personal_is_shown(&make().await).await;
}
