//! What an embedder mounts.

use std::sync::Arc;

use axum::Router;
use bereik_switchboard::Switchboard;

use crate::channel::WebChat;
use crate::config::WebConfig;
use crate::site::Site;
use crate::{desk, visitor};

/// The pages, scripts and sockets of one switchboard. Cheap to clone.
///
/// The [crate's page](crate) shows it mounted.
#[derive(Clone, Debug)]
pub struct Web {
    site: Arc<Site>,
}

impl Web {
    /// The web of this switchboard, which was started with this channel.
    #[must_use]
    pub fn new(switchboard: Switchboard, chat: Arc<WebChat>, config: WebConfig) -> Self {
        Self {
            site: Site::new(switchboard, chat, config),
        }
    }

    /// The channel over which the switchboard reaches desks and visitors.
    #[must_use]
    pub fn channel(&self) -> Arc<WebChat> {
        Arc::clone(&self.site.chat)
    }

    /// What visitors may see, to be mounted under any path: the page itself, `widget.js`,
    /// `board.json` and the socket `chat`.
    pub fn visitor_router(&self) -> Router {
        visitor::router(Arc::clone(&self.site))
    }

    /// The desk, to be mounted under any path behind a sign-in: a layer that inserts
    /// [`SignedIn`](crate::SignedIn). Without it every route answers 401.
    pub fn desk_router(&self) -> Router {
        desk::router(Arc::clone(&self.site))
    }
}
