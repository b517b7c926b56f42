//! A headless Chromium for one test: a fresh profile, visitors apart from each other, every wait bounded.
//!
//! Selectors are CSS; `>>>` steps into the open shadow root of the element before it, so that
//! `bereik-chat >>> button.send` names a button inside a custom element.

mod error;
mod page;

pub use error::BrowserError;
pub use page::Page;

use chromiumoxide::browser::{Browser as Chromium, BrowserConfig};
use chromiumoxide::cdp::browser_protocol::browser::BrowserContextId;
use chromiumoxide::cdp::browser_protocol::target::{
    CreateBrowserContextParams, CreateTargetParams,
};
use futures_util::StreamExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};
use tokio::task::JoinHandle;

/// Flags that keep Chromium quiet, off the network, and equally awake in every window.
const FLAGS: &[&str] = &[
    "disable-background-networking",
    "disable-background-timer-throttling",
    "disable-backgrounding-occluded-windows",
    "disable-component-update",
    "disable-dev-shm-usage",
    "disable-gpu",
    "disable-quic",
    "disable-renderer-backgrounding",
    "disable-sync",
    "no-first-run",
];

/// The size of a window in CSS pixels.
const WINDOW: (u32, u32) = (1280, 900);

/// Tells the browsers of one process apart.
static LAUNCHED: AtomicU32 = AtomicU32::new(0);

/// A running Chromium with a profile folder of its own.
///
/// Dropping it kills the process; [`Browser::close`] lets it end by itself. Both take the profile away.
///
/// ```no_run
/// # async fn lesson() -> Result<(), bereik_tests::browser::BrowserError> {
/// use bereik_tests::browser::Browser;
///
/// let browser = Browser::launch().await?;
/// let anna = browser.visitor().await?;
/// let page = anna.open("http://127.0.0.1:8080/").await?;
/// page.type_into("bereik-chat >>> textarea", "is anybody there?").await?;
/// page.press("Enter").await?;
/// page.wait_for_text("bereik-chat >>> [role=log]", "is anybody there?").await?;
/// assert!(page.complaints().is_empty());
/// browser.close().await
/// # }
/// ```
#[derive(Debug)]
pub struct Browser {
    chromium: Chromium,
    events: JoinHandle<()>,
    profile: PathBuf,
}

/// Somebody at the browser: cookies and storage are theirs alone, shared by all pages they open.
#[derive(Debug)]
pub struct Visitor<'a> {
    browser: &'a Browser,
    context: BrowserContextId,
}

impl Browser {
    /// Starts the Chromium that `BEREIK_CHROMIUM` names, else `/usr/bin/chromium`.
    ///
    /// # Errors
    /// When there is no such program, or it does not come up.
    pub async fn launch() -> Result<Self, BrowserError> {
        let program = env::var_os("BEREIK_CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".into());
        let number = LAUNCHED.fetch_add(1, Ordering::Relaxed);
        let profile = env::temp_dir().join(format!("bereik-browser-{}-{number}", process::id()));
        let config = BrowserConfig::builder()
            .chrome_executable(program)
            .user_data_dir(&profile)
            .new_headless_mode()
            .no_sandbox()
            .window_size(WINDOW.0, WINDOW.1)
            .viewport(None)
            .args(FLAGS.iter().copied())
            .build()
            .map_err(|reason| BrowserError::new("configure chromium", reason))?;
        let (chromium, mut handler) = Chromium::launch(config)
            .await
            .map_err(BrowserError::at("start chromium"))?;
        let events = tokio::spawn(async move { while handler.next().await.is_some() {} });
        Ok(Self {
            chromium,
            events,
            profile,
        })
    }

    /// A new visitor, who has never been here before.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn visitor(&self) -> Result<Visitor<'_>, BrowserError> {
        let context = self
            .chromium
            .create_browser_context(CreateBrowserContextParams::default())
            .await
            .map_err(BrowserError::at("make a browser context"))?;
        Ok(Visitor {
            browser: self,
            context,
        })
    }

    /// Opens `url` as a new visitor.
    ///
    /// # Errors
    /// When the browser is gone or the address cannot be loaded.
    pub async fn open(&self, url: &str) -> Result<Page, BrowserError> {
        self.visitor().await?.open(url).await
    }

    /// Ends the process and removes its profile.
    ///
    /// # Errors
    /// When the process does not end by being asked.
    pub async fn close(mut self) -> Result<(), BrowserError> {
        self.chromium
            .close()
            .await
            .map_err(BrowserError::at("close chromium"))?;
        self.chromium
            .wait()
            .await
            .map_err(|reason| BrowserError::new("wait for chromium", reason.to_string()))?;
        self.events.abort();
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // What a dying process still writes stays behind under the system's folder for temporary files.
        let _ = fs::remove_dir_all(&self.profile);
    }
}

impl Visitor<'_> {
    /// Opens `url` in a window of its own.
    ///
    /// # Errors
    /// When the browser is gone or the address cannot be loaded.
    pub async fn open(&self, url: &str) -> Result<Page, BrowserError> {
        let target = CreateTargetParams::builder()
            .url("about:blank")
            .browser_context_id(self.context.clone())
            .new_window(true)
            .build()
            .map_err(|reason| BrowserError::new("describe a page", reason))?;
        let tab = self
            .browser
            .chromium
            .new_page(target)
            .await
            .map_err(BrowserError::at("make a page"))?;
        let page = Page::new(tab).await?;
        page.go_to(url).await?;
        Ok(page)
    }
}
