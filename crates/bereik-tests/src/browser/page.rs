//! One page: where to look, what to press, and how long to wait for it.

use super::error::BrowserError;
use chromiumoxide::cdp::browser_protocol::emulation::SetScriptExecutionDisabledParams;
use chromiumoxide::cdp::browser_protocol::input::InsertTextParams;
use chromiumoxide::cdp::browser_protocol::log::{EventEntryAdded, LogEntryLevel, LogEntrySource};
use chromiumoxide::cdp::browser_protocol::network::{
    EmulateNetworkConditionsByRuleParams, NetworkConditions,
};
use chromiumoxide::cdp::js_protocol::runtime::EventExceptionThrown;
use chromiumoxide::layout::Point;
use chromiumoxide::page::ScreenshotParams;
use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::select;
use serde_json::Value;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Finds an element through shadow roots and runs a function on it.
const LOCATE: &str = include_str!("locate.js");

/// How long an element or a condition may take to appear.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often a page is asked.
const PAUSE: Duration = Duration::from_millis(50);

/// The centre of an element that can be clicked, else null: it must have a size, be enabled, and not be covered.
const CENTRE: &str = "el => {
  el.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  const box = el.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  if (box.width === 0 || box.height === 0 || el.disabled) return null;
  const top = el.getRootNode().elementFromPoint(x, y);
  return top && (el.contains(top) || top.contains(el)) ? [x, y] : null;
}";

/// A page that is open in a window of its own.
#[derive(Debug)]
pub struct Page {
    tab: chromiumoxide::Page,
    complaints: Arc<Mutex<Vec<String>>>,
}

impl Page {
    /// Takes over a tab and listens to its complaints until it is closed.
    pub(crate) async fn new(tab: chromiumoxide::Page) -> Result<Self, BrowserError> {
        let listen = BrowserError::at;
        let thrown = tab.event_listener::<EventExceptionThrown>().await;
        let thrown = thrown.map_err(listen("listen to the page"))?.map(|event| {
            let details = &event.exception_details;
            let said = details
                .exception
                .as_ref()
                .and_then(|thrown| thrown.description.clone());
            Some(said.unwrap_or_else(|| details.text.clone()))
        });
        let logged = tab.event_listener::<EventEntryAdded>().await;
        let logged = logged.map_err(listen("listen to the page"))?.map(|event| {
            let entry = &event.entry;
            let counts =
                entry.level == LogEntryLevel::Error && entry.source != LogEntrySource::Network;
            counts.then(|| entry.text.clone())
        });
        tab.enable_log()
            .await
            .map_err(listen("listen to the page"))?;
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&complaints);
        tokio::spawn(select(thrown, logged).for_each(move |complaint| {
            heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(complaint);
            ready(())
        }));
        Ok(Self { tab, complaints })
    }

    /// Loads `url` in this page.
    ///
    /// # Errors
    /// When the address cannot be loaded within the library's own limit of 30 seconds.
    pub async fn go_to(&self, url: &str) -> Result<(), BrowserError> {
        let loaded = self.tab.goto(url).await;
        loaded
            .map(drop)
            .map_err(BrowserError::at(format!("open {url}")))
    }

    /// Lets pages run no scripts from the next that is loaded on; what the test evaluates still runs.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn turn_scripts_off(&self) -> Result<(), BrowserError> {
        let off = SetScriptExecutionDisabledParams::new(true);
        let done = self.tab.execute(off).await;
        done.map(drop).map_err(BrowserError::at("turn scripts off"))
    }

    /// Loads the page again, as the visitor's reload button does.
    ///
    /// # Errors
    /// When the page cannot be loaded.
    pub async fn reload(&self) -> Result<(), BrowserError> {
        let loaded = self.tab.reload().await;
        loaded
            .map(drop)
            .map_err(BrowserError::at("reload the page"))
    }

    /// Evaluates an expression of JavaScript in the page and waits for its promise, if it is one.
    ///
    /// `undefined` reads as [`Value::Null`].
    ///
    /// # Errors
    /// When the expression throws.
    pub async fn eval(&self, expression: &str) -> Result<Value, BrowserError> {
        let result = self.tab.evaluate_expression(expression).await;
        let result = result.map_err(BrowserError::at(format!("evaluate `{expression}`")))?;
        Ok(result.value().cloned().unwrap_or(Value::Null))
    }

    /// Waits until `expression` is true in the sense of JavaScript.
    ///
    /// # Errors
    /// When it is still not true after 15 seconds, or throws.
    pub async fn wait_until(&self, expression: &str) -> Result<(), BrowserError> {
        let asked = format!("Boolean({expression})");
        let step = || format!("see that `{expression}`");
        self.ask_until(step, &asked, |answer| answer == &Value::Bool(true))
            .await
            .map(drop)
    }

    /// Waits until an element is there.
    ///
    /// # Errors
    /// When there is none after 15 seconds.
    pub async fn wait_for(&self, selector: &str) -> Result<(), BrowserError> {
        self.locate("find", selector, "el => true").await.map(drop)
    }

    /// Waits until the text that an element shows contains `text`.
    ///
    /// # Errors
    /// When it does not after 15 seconds; the message says what it showed instead.
    pub async fn wait_for_text(&self, selector: &str, text: &str) -> Result<(), BrowserError> {
        let asked = located(selector, "el => el.innerText");
        let step = || format!("read {text:?} in `{selector}`");
        let shows = |answer: &Value| answer.as_str().is_some_and(|shown| shown.contains(text));
        self.ask_until(step, &asked, shows).await.map(drop)
    }

    /// Waits until no element answers to `selector`.
    ///
    /// # Errors
    /// When there still is one after 15 seconds.
    pub async fn wait_for_absence(&self, selector: &str) -> Result<(), BrowserError> {
        let asked = located(selector, "el => true");
        let step = || format!("see `{selector}` disappear");
        self.ask_until(step, &asked, Value::is_null).await.map(drop)
    }

    /// The text that an element shows, as a reader sees it; waits for the element.
    ///
    /// # Errors
    /// When there is none after 15 seconds.
    pub async fn text_of(&self, selector: &str) -> Result<String, BrowserError> {
        let text = self.locate("read", selector, "el => el.innerText").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// How many elements the last part of `selector` finds now; the parts before it find one each.
    ///
    /// # Errors
    /// When the selector is none.
    pub async fn count(&self, selector: &str) -> Result<usize, BrowserError> {
        Ok(self.texts_of(selector).await?.len())
    }

    /// The texts of all elements that the last part of `selector` finds now, in the page's order.
    ///
    /// # Errors
    /// When the selector is none.
    pub async fn texts_of(&self, selector: &str) -> Result<Vec<String>, BrowserError> {
        let found = self.eval(&all_texts(selector)).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(found.as_array().into_iter().flatten().map(text).collect())
    }

    /// Waits until the last part of `selector` finds `number` elements.
    ///
    /// # Errors
    /// When it finds another number after 15 seconds; the message says what it found.
    pub async fn wait_for_count(&self, selector: &str, number: usize) -> Result<(), BrowserError> {
        let step = || format!("count {number} of `{selector}`");
        let enough = |found: &Value| found.as_array().is_some_and(|all| all.len() == number);
        self.ask_until(step, &all_texts(selector), enough)
            .await
            .map(drop)
    }

    /// What went wrong in the page so far: exceptions that nobody caught, and what the browser refused by policy.
    ///
    /// Requests that failed are not among them.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Runs a function of JavaScript on an element once it is there: `el => el.value`.
    ///
    /// # Errors
    /// When there is none after 15 seconds, the function throws, or it answers null for as long.
    pub async fn eval_on(&self, selector: &str, action: &str) -> Result<Value, BrowserError> {
        self.locate("ask", selector, action).await
    }

    /// Presses the mouse on the centre of an element once it is visible, enabled and not covered.
    ///
    /// # Errors
    /// When it is not within 15 seconds.
    pub async fn click(&self, selector: &str) -> Result<(), BrowserError> {
        let centre = self.locate("click", selector, CENTRE).await?;
        let coordinate = |index: usize| centre[index].as_f64().unwrap_or_default();
        let point = Point::new(coordinate(0), coordinate(1));
        let pressed = self.tab.click(point).await;
        pressed
            .map(drop)
            .map_err(BrowserError::at(format!("click `{selector}`")))
    }

    /// Clicks an element and types `text` into it, whatever letters it has.
    ///
    /// # Errors
    /// When the element cannot be clicked within 15 seconds.
    pub async fn type_into(&self, selector: &str, text: &str) -> Result<(), BrowserError> {
        self.click(selector).await?;
        let typed = self.tab.execute(InsertTextParams::new(text)).await;
        typed
            .map(drop)
            .map_err(BrowserError::at(format!("type into `{selector}`")))
    }

    /// Presses a key, `Enter` or `Tab` for example, wherever the focus is.
    ///
    /// # Errors
    /// When there is no such key.
    pub async fn press(&self, key: &str) -> Result<(), BrowserError> {
        let body = self.tab.find_element("body").await;
        let body = body.map_err(BrowserError::at("find the page's body"))?;
        let pressed = body.press_key(key).await;
        pressed
            .map(drop)
            .map_err(BrowserError::at(format!("press {key}")))
    }

    /// Takes this page off the network, or puts it on again.
    ///
    /// New requests fail and `navigator.onLine` follows. An open WebSocket may survive it:
    /// to cut one, put a [`Cable`](crate::cable::Cable) between page and server.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn set_offline(&self, offline: bool) -> Result<(), BrowserError> {
        let step = if offline { "go offline" } else { "go online" };
        // An empty pattern stands for every address, -1 for a throughput without a limit.
        let everywhere = NetworkConditions::new("", 0.0, -1.0, -1.0);
        let network = EmulateNetworkConditionsByRuleParams::new(offline, vec![everywhere]);
        self.tab
            .execute(network)
            .await
            .map(drop)
            .map_err(BrowserError::at(step))
    }

    /// Writes what the page looks like to a PNG file, for a person to look at.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn screenshot(&self, path: &Path) -> Result<(), BrowserError> {
        let saved = self
            .tab
            .save_screenshot(ScreenshotParams::default(), path)
            .await;
        saved
            .map(drop)
            .map_err(BrowserError::at(format!("write {}", path.display())))
    }

    /// Closes the window, as a visitor who leaves.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn close(self) -> Result<(), BrowserError> {
        self.tab
            .close()
            .await
            .map_err(BrowserError::at("close the page"))
    }

    /// Asks an element until it answers something.
    async fn locate(
        &self,
        verb: &str,
        selector: &str,
        action: &str,
    ) -> Result<Value, BrowserError> {
        let asked = located(selector, action);
        self.ask_until(
            || format!("{verb} `{selector}`"),
            &asked,
            |answer| !answer.is_null(),
        )
        .await
    }

    /// Evaluates `expression` until `enough` says so, for at most the page's patience.
    async fn ask_until(
        &self,
        step: impl Fn() -> String,
        expression: &str,
        enough: impl Fn(&Value) -> bool,
    ) -> Result<Value, BrowserError> {
        let mut last = Value::Null;
        let asking = async {
            loop {
                last = self.eval(expression).await?;
                if enough(&last) {
                    return Ok(());
                }
                sleep(PAUSE).await;
            }
        };
        match timeout(PATIENCE, asking).await {
            Ok(Ok(())) => Ok(last),
            Ok(Err(error)) => Err(error),
            Err(_) => {
                let reason = format!("not within {} s; the page said {last}", PATIENCE.as_secs());
                Err(BrowserError::new(step(), reason))
            }
        }
    }
}

/// The expression that lists the texts of all elements that the last part of `selector` finds.
fn all_texts(selector: &str) -> String {
    let (host, root, last) = match selector.rsplit_once(">>>") {
        Some((host, last)) => (host, "el.shadowRoot", last.trim()),
        None => ("html", "document", selector),
    };
    let last = Value::from(last);
    located(
        host,
        &format!("el => [...{root}.querySelectorAll({last})].map(one => one.innerText)"),
    )
}

/// The expression that runs `action` on the element that `selector` names.
fn located(selector: &str, action: &str) -> String {
    format!("({LOCATE})({}, {action})", Value::from(selector))
}
