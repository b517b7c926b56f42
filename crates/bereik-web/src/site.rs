//! What all routes share: the switchboard, the channel, the limits, and which visitors are there.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use bereik_core::id::ContactId;
use bereik_switchboard::Switchboard;
use tokio::sync::watch;

use crate::channel::WebChat;
use crate::config::WebConfig;
use crate::limit::{ClientAddress, Counters};

/// How long a visitor may be away before it is told: a page that is loaded again takes less.
const GONE_AFTER: Duration = Duration::from_secs(8);
/// The longest path of a page that is kept.
const PAGE_BYTES_MAX: usize = 512;

/// What all routes share.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) switchboard: Switchboard,
    pub(crate) chat: Arc<WebChat>,
    pub(crate) config: WebConfig,
    pub(crate) counters: Arc<Counters>,
    there: Mutex<BTreeMap<ContactId, There>>,
    moved: watch::Sender<()>,
}

/// That a visitor is there, and on which page.
#[derive(Debug, Default)]
struct There {
    browsers: u32,
    page: Option<String>,
    is_told_gone: bool,
}

impl Site {
    pub(crate) fn new(
        switchboard: Switchboard,
        chat: Arc<WebChat>,
        config: WebConfig,
    ) -> Arc<Self> {
        Arc::new(Self {
            switchboard,
            chat,
            counters: Counters::new(config.limits),
            config,
            there: Mutex::default(),
            moved: watch::Sender::new(()),
        })
    }

    fn there(&self) -> MutexGuard<'_, BTreeMap<ContactId, There>> {
        self.there.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A browser of this contact's visitor is connected, until the stay is dropped.
    pub(crate) fn arrive(self: &Arc<Self>, contact: ContactId, page: Option<String>) -> Stay {
        let mut there = self.there();
        let one = there.entry(contact).or_default();
        one.browsers += 1;
        one.page = page.or(one.page.take());
        let is_back = std::mem::take(&mut one.is_told_gone);
        drop(there);
        self.moved.send_replace(());
        if is_back {
            let switchboard = self.switchboard.clone();
            tokio::spawn(async move { switchboard.customer_back(contact).await });
        }
        let site = Arc::clone(self);
        Stay { site, contact }
    }

    /// The page that the visitor of this contact is on, while he is there.
    pub(crate) fn page_of(&self, contact: ContactId) -> Option<String> {
        self.there().get(&contact)?.page.clone()
    }

    /// Whether a browser of this contact's visitor is connected.
    pub(crate) fn is_there(&self, contact: ContactId) -> bool {
        self.there()
            .get(&contact)
            .is_some_and(|one| one.browsers > 0)
    }

    /// Told when a visitor came, went or moved to another page.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Tells that a visitor has gone, unless he is back by then.
    async fn depart(self: Arc<Self>, contact: ContactId) {
        tokio::time::sleep(GONE_AFTER).await;
        let is_gone = {
            let mut there = self.there();
            let one = there
                .get_mut(&contact)
                .filter(|one| one.browsers == 0 && !one.is_told_gone);
            one.map(|one| one.is_told_gone = true).is_some()
        };
        if !is_gone {
            return;
        }
        self.moved.send_replace(());
        // A contact that is closed needs nobody to be told: what is kept of it can go.
        let is_open = self
            .switchboard
            .contact(contact)
            .await
            .ok()
            .flatten()
            .is_some_and(|c| c.state.is_open());
        if !is_open || self.switchboard.customer_gone(contact).await.is_err() {
            self.there()
                .retain(|id, one| *id != contact || one.browsers > 0);
        }
    }
}

/// One connected browser of a contact's visitor.
#[derive(Debug)]
pub(crate) struct Stay {
    site: Arc<Site>,
    contact: ContactId,
}

impl Stay {
    pub(crate) fn move_to(&self, page: Option<String>) {
        if let Some(one) = self.site.there().get_mut(&self.contact) {
            one.page = page;
        }
        self.site.moved.send_replace(());
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        if let Some(one) = self.site.there().get_mut(&self.contact) {
            one.browsers = one.browsers.saturating_sub(1);
        }
        self.site.moved.send_replace(());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(Arc::clone(&self.site).depart(self.contact));
        }
    }
}

/// The path of a page, if a browser may have sent it.
pub(crate) fn page_path(page: Option<String>) -> Option<String> {
    page.filter(|page| {
        page.starts_with('/') && page.len() <= PAGE_BYTES_MAX && !page.contains(char::is_control)
    })
}

/// Where a request comes from, as far as that is known.
pub(crate) struct From(pub(crate) Option<IpAddr>);

impl<S: Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let named = parts
            .extensions
            .get::<ClientAddress>()
            .map(|address| address.0);
        let peer = || {
            parts
                .extensions
                .get::<ConnectInfo<SocketAddr>>()
                .map(|peer| peer.0.ip())
        };
        Ok(Self(named.or_else(peer)))
    }
}
