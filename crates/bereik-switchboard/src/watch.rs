//! Asks each channel now and then whether it works: who has only one that does not cannot be reached over it.

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::Health;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::channels::Served;
use crate::order::Order;

/// How often a channel is asked.
const PROBE_EVERY: Duration = Duration::from_secs(30);
/// How often one that does not work is asked, unless it says when.
const PROBE_AGAIN_AFTER: Duration = Duration::from_secs(10);
/// The longest that a probe may take; adapters have shorter bounds of their own.
const PROBE_MAX: Duration = Duration::from_secs(20);
/// So often in a row it must say that it does not work, because a single lost packet takes nobody away.
const DOWN_AFTER: u32 = 2;

/// Watches one channel for as long as the switchboard runs.
pub(crate) async fn watch(served: Arc<Served>, orders: mpsc::WeakSender<Order>) {
    let (mut failures, mut was_down) = (0, false);
    loop {
        let health = timeout(PROBE_MAX, served.channel.probe()).await;
        let health = health.unwrap_or(Health::Down { retry_after: None });
        served.set_health(health);
        failures = if health.is_usable() { 0 } else { failures + 1 };
        let is_down = failures >= DOWN_AFTER || (was_down && failures > 0);
        let Some(orders) = orders.upgrade() else {
            return;
        };
        if is_down != was_down {
            tracing::warn!(
                line = served.name(),
                ?health,
                "a channel changed its health"
            );
        }
        // As long as it is down: which lines of somebody are in service may change meanwhile.
        if is_down || was_down {
            let order = Order::Health {
                served: Arc::clone(&served),
                is_down,
            };
            if orders.send(order).await.is_err() {
                return;
            }
        }
        was_down = is_down;
        drop(orders);
        sleep(pause_after(health)).await;
    }
}

fn pause_after(health: Health) -> Duration {
    match health {
        Health::Down {
            retry_after: Some(wait),
        } => wait.clamp(PROBE_AGAIN_AFTER, 4 * PROBE_EVERY),
        Health::Degraded | Health::Up => PROBE_EVERY,
        _ => PROBE_AGAIN_AFTER,
    }
}
