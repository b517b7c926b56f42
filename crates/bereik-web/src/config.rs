//! What an embedder decides about the web: who may ask, how much, and whose mails the desk shows.

use std::fmt;
use std::sync::Arc;

use bereik_channel::MeetingTemplate;
use bereik_core::public_view::json_ld::Profile;
use chrono::{DateTime, Utc};

use crate::origin::Origin;

/// What an embedder decides.
///
/// ```
/// use bereik_web::WebConfig;
/// let config = WebConfig::default().with_origin("https://www.example.org".parse()?);
/// assert_eq!(config.origins.len(), 1);
/// # Ok::<(), bereik_web::WebError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WebConfig {
    /// Sites besides our own that may show the chat.
    pub origins: Vec<Origin>,
    /// Sites that may show our pages in a frame; none, where none is named.
    pub frame_ancestors: Vec<Origin>,
    /// How much may be asked.
    pub limits: Limits,
    /// Where a desk starts meetings; without it no desk can.
    pub meetings: Option<MeetingTemplate>,
    /// Mails that were kept instead of sent, for the desk to show.
    pub outbox: Option<Outbox>,
    /// What the page tells of the company beside the directory.
    pub profile: Profile,
}

impl WebConfig {
    /// The same, where this site may show the chat too.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// The same, where this site may show our pages in a frame.
    #[must_use]
    pub fn with_frame_ancestor(mut self, origin: Origin) -> Self {
        self.frame_ancestors.push(origin);
        self
    }

    /// The same with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same, where a desk can start a meeting: one press sends the link to the customer.
    #[must_use]
    pub fn with_meetings(mut self, meetings: MeetingTemplate) -> Self {
        self.meetings = Some(meetings);
        self
    }

    /// The same, where the page tells this of the company.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The same, with an outbox for the desk to show.
    #[must_use]
    pub fn with_outbox(mut self, outbox: Outbox) -> Self {
        self.outbox = Some(outbox);
        self
    }
}

/// How often something may be done: so many at once, and then so many a minute.
///
/// ```
/// use bereik_web::{Limits, Rate, WebConfig};
/// let per_connection = Rate { at_once: 5, per_minute: 20 };
/// let limits = Limits { per_connection, ..Limits::default() };
/// assert_eq!(WebConfig::default().with_limits(limits).limits.per_connection.at_once, 5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two numbers")]
pub struct Rate {
    /// How many at once, 1 or more.
    pub at_once: u32,
    /// How many come back a minute, 1 or more.
    pub per_minute: u32,
}

/// How much may be asked of us. What goes beyond is answered with a reason and, where it makes
/// sense, with when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain configuration, built by embedders as a literal"
)]
pub struct Limits {
    /// Open sockets of visitors and desks together.
    pub sockets_max: u32,
    /// Open sockets from one network address.
    pub sockets_per_address_max: u32,
    /// What one connection may say.
    pub per_connection: Rate,
    /// What one network address may say, over all its connections.
    pub per_address: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sockets_max: 10_000,
            sockets_per_address_max: 100,
            per_connection: Rate {
                at_once: 12,
                per_minute: 40,
            },
            per_address: Rate {
                at_once: 60,
                per_minute: 240,
            },
        }
    }
}

/// A mail that was kept instead of sent. `Debug` shows none of its words.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[expect(clippy::exhaustive_structs, reason = "built by embedders as a literal")]
pub struct KeptMail {
    /// When it was written.
    pub at: DateTime<Utc>,
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// The words.
    pub text: String,
}

impl fmt::Debug for KeptMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptMail")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Where the desk reads the mails that were kept instead of sent.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use bereik_web::{KeptMail, Outbox, WebConfig};
/// let kept = Arc::new(Mutex::new(Vec::<KeptMail>::new()));
/// let read = Arc::clone(&kept);
/// let outbox = Outbox::new(move || read.lock().map(|mails| mails.clone()).unwrap_or_default());
/// assert!(WebConfig::default().with_outbox(outbox).outbox.is_some());
/// ```
#[derive(Clone)]
pub struct Outbox(Arc<dyn Fn() -> Vec<KeptMail> + Send + Sync>);

impl Outbox {
    /// An outbox that is read by this function, the newest mail first. It is called often and
    /// should answer at once.
    #[must_use]
    pub fn new(read: impl Fn() -> Vec<KeptMail> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub(crate) fn read(&self) -> Vec<KeptMail> {
        (self.0)()
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}
