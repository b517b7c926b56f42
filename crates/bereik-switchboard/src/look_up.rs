//! Asks the embedder's customer directory who a customer is, bounded in time and in number, so that
//! one that is slow or dead holds up nobody.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bereik_core::address::Address;
use bereik_core::customer::CustomerProfile;
use futures_util::FutureExt as _;
use tokio::sync::Semaphore;

/// How long one look-up may take where nothing else is said.
pub(crate) const WITHIN: Duration = Duration::from_secs(2);
/// How many look-ups run at once where nothing else is said.
pub(crate) const AT_ONCE: usize = 16;

/// Where a company keeps what it knows of its customers: a CRM, a table of contracts.
///
/// It is asked by address when a contact comes in, where the directory of the company
/// [says so](bereik_core::directory::Draft::looks_up_customers). Nothing waits for the answer: one
/// that comes late is taken late, one that does not come is told as nothing.
///
/// ```
/// use bereik_core::Address;
/// use bereik_core::customer::CustomerProfile;
/// use bereik_switchboard::{CustomerDirectory, LookUpError};
///
/// #[derive(Debug)]
/// struct Contracts;
///
/// #[async_trait::async_trait]
/// impl CustomerDirectory for Contracts {
///     async fn look_up(&self, address: &Address) -> Result<Option<CustomerProfile>, LookUpError> {
///         let is_known = address.value().ends_with("@example.org");
///         Ok(is_known.then(|| CustomerProfile {
///             name: "Example & Sons".into(),
///             ..CustomerProfile::default()
///         }))
///     }
/// }
/// ```
#[async_trait]
pub trait CustomerDirectory: fmt::Debug + Send + Sync {
    /// What is known of the customer who has this address; nothing, where he is not known.
    ///
    /// # Errors
    /// When the directory cannot be asked. It is not asked again for this contact.
    async fn look_up(&self, address: &Address) -> Result<Option<CustomerProfile>, LookUpError>;
}

/// A customer directory could not be asked. It carries no words of the directory's, which may hold
/// what is the customer's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the customer directory could not be asked")]
pub struct LookUpError(());

impl LookUpError {
    /// The directory could not be asked.
    #[must_use]
    pub const fn unavailable() -> Self {
        Self(())
    }
}

/// A customer directory with its bounds.
#[derive(Clone, Debug)]
pub(crate) struct LookUps {
    directory: Arc<dyn CustomerDirectory>,
    within: Duration,
    turns: Arc<Semaphore>,
}

impl LookUps {
    pub(crate) fn new(
        directory: Arc<dyn CustomerDirectory>,
        within: Duration,
        at_once: usize,
    ) -> Self {
        let at_once = at_once.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            directory,
            within,
            turns: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// What is known of who has this address, if it is found out in time. The wait for a turn
    /// counts as well. `key` is what the log calls it by; it never holds an address.
    pub(crate) async fn find(&self, key: &str, address: &Address) -> Option<CustomerProfile> {
        let asked = AssertUnwindSafe(self.ask(address)).catch_unwind();
        match tokio::time::timeout(self.within, asked).await {
            Ok(Ok(Ok(found))) => found,
            Ok(Ok(Err(error))) => {
                tracing::warn!(key, %error, "a customer was not looked up");
                None
            }
            Ok(Err(_)) => {
                tracing::error!(key, "the customer directory panicked");
                None
            }
            Err(_) => {
                tracing::warn!(key, "the customer directory did not answer in time");
                None
            }
        }
    }

    async fn ask(&self, address: &Address) -> Result<Option<CustomerProfile>, LookUpError> {
        let turn = self.turns.acquire().await;
        let _turn = turn.map_err(|_| LookUpError::unavailable())?;
        self.directory.look_up(address).await
    }
}
