//! What Microsoft Graph says of people's presence, as signals.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use bereik_channel::http::{Call, Http};
use bereik_channel::{ChannelError, ErrorKind, Scope};
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::{ChannelKind, PersonId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until};

use super::entra::{EntraApp, Tokens};

/// What became known of a person's presence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a signal comes or goes")]
pub enum PresenceChange {
    /// This is no longer so: take the signal of [`GraphPresence::SOURCE`] back.
    Gone(SignalKind),
    /// This is so, or still so.
    Signal(Signal),
}

/// People's presence in Teams, pulled from Microsoft Graph: `POST /communications/getPresencesByUserId`, v1.0, which takes
/// 650 people a call. The app has the permission `Presence.Read.All`, which an administrator grants.
///
/// | availability, activity | signals |
/// |---|---|
/// | `Available` | [`Online`](SignalKind::Online) with chat |
/// | `AvailableIdle`, `Away`, `BeRightBack`, `BusyIdle` | [`Idle`](SignalKind::Idle) |
/// | `Busy`, with any activity: `InACall`, `InAMeeting` … | [`InCall`](SignalKind::InCall), the signal that means busy; online |
/// | `DoNotDisturb`, with `Focusing`, `UrgentInterruptionsOnly` … | [`DoNotDisturb`](SignalKind::DoNotDisturb), online |
/// | `DoNotDisturb` with `Presenting` | [`Presenting`](SignalKind::Presenting), online |
/// | out of office, by the activity or the settings | [`AutomaticReply`](SignalKind::AutomaticReply) besides |
/// | `Offline`, `PresenceUnknown`, what is not known yet | none: nothing is known |
///
/// Graph does not say whether somebody chose a state himself, so nothing counts as set by hand. A signal expires three
/// paces after it was read: when Graph is away, nothing is known.
///
/// ```no_run
/// # async fn lesson(switchboard: impl Fn(bereik_core::PersonId, bereik_chat::PresenceChange)) -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::http::Http;
/// use bereik_chat::{EntraApp, GraphPresence};
///
/// let app = EntraApp::new("contoso.onmicrosoft.com", "7c1f2a4e-0000-4000-8000-000000000001", "…");
/// let people = [("5f3e9a10-0000-4000-8000-0000000000bb".to_owned(), "anna".parse()?)];
/// let presence = GraphPresence::new(Http::new()?, app, people);
/// let now = chrono::DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// // Called in a loop, it keeps its pace by itself.
/// for (person, change) in presence.read(now).await? {
///     switchboard(person, change);
/// }
/// # Ok(()) }
/// ```
pub struct GraphPresence {
    http: Http,
    api: String,
    tokens: Tokens,
    people: BTreeMap<String, PersonId>,
    pace: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next_at: Option<Instant>,
    told: BTreeMap<PersonId, Vec<SignalKind>>,
}

/// Graph's own bound of one call.
const IDS_MAX: usize = 650;

impl GraphPresence {
    /// Who says so, in [`Signal::source`].
    pub const SOURCE: &str = "teams";

    /// The presence of these people, by the id that Entra has of each. Nothing is asked yet.
    #[must_use]
    pub fn new(
        http: Http,
        app: EntraApp,
        people: impl IntoIterator<Item = (String, PersonId)>,
    ) -> Self {
        let people = people.into_iter();
        let scope = "https://graph.microsoft.com/.default";
        Self {
            tokens: Tokens::new(http.clone(), app, scope),
            http,
            api: "https://graph.microsoft.com/v1.0".to_owned(),
            people: people
                .map(|(id, person)| (id.to_ascii_lowercase(), person))
                .collect(),
            pace: Duration::from_secs(30),
            state: Mutex::default(),
        }
    }

    /// The same, where Graph is at another place, without a slash at its end: for tests, and for national clouds
    /// (`https://graph.microsoft.us/v1.0`).
    #[must_use]
    pub fn with_api(mut self, api: impl Into<String>) -> Self {
        self.api = api.into();
        self
    }

    /// The same, where two reads begin so far apart; 30 seconds without. Graph takes 1,500 calls in 30 seconds.
    #[must_use]
    pub const fn with_pace(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// Waits for its turn, and reads what Graph says of everybody; in the order of those whom bereik names. `at` is the instant of the
    /// signals: that of the call.
    ///
    /// # Errors
    /// When Graph cannot be asked or does not answer. What was told before expires by itself.
    pub async fn read(
        &self,
        at: DateTime<Utc>,
    ) -> Result<Vec<(PersonId, PresenceChange)>, ChannelError> {
        let mut state = self.state.lock().await;
        let begun_at = sleep(Duration::ZERO).deadline();
        let wait = match state.next_at {
            Some(next_at) if next_at > begun_at => next_at - begun_at,
            _ => Duration::ZERO,
        };
        sleep_until(begun_at + wait).await;
        state.next_at = Some(begun_at + wait + self.pace);
        let at = at + TimeDelta::from_std(wait).unwrap_or_default();
        let mut found = BTreeMap::new();
        let ids: Vec<&String> = self.people.keys().collect();
        for ids in ids.chunks(IDS_MAX) {
            self.ask(ids, &mut found).await?;
        }
        Ok(self.changes(&mut state.told, found, at))
    }

    async fn ask(
        &self,
        ids: &[&String],
        found: &mut BTreeMap<PersonId, Vec<SignalKind>>,
    ) -> Result<(), ChannelError> {
        let token = self.tokens.token().await?;
        let url = format!("{}/communications/getPresencesByUserId", self.api);
        let call = Call::post(url, &json!({"ids": ids})).repeatable();
        let answer = self.http.ask(call.with_bearer(&token)).await?;
        if answer.status == 401 {
            self.tokens.forget().await;
        }
        if !answer.is_ok() {
            return Err(answer.fault());
        }
        let strange = || ChannelError::new(ErrorKind::Protocol, Scope::Channel);
        for presence in answer.json["value"].as_array().ok_or_else(strange)? {
            let id = presence["id"].as_str().map(str::to_ascii_lowercase);
            if let Some(person) = id.and_then(|id| self.people.get(&id)) {
                found
                    .entry(person.clone())
                    .or_default()
                    .extend(kinds(presence));
            }
        }
        Ok(())
    }

    fn changes(
        &self,
        told: &mut BTreeMap<PersonId, Vec<SignalKind>>,
        found: BTreeMap<PersonId, Vec<SignalKind>>,
        at: DateTime<Utc>,
    ) -> Vec<(PersonId, PresenceChange)> {
        let life = TimeDelta::from_std(self.pace * 3).unwrap_or(TimeDelta::hours(1));
        let signal = |kind| Signal {
            kind,
            source: Self::SOURCE.into(),
            at,
            expires_at: at + life,
        };
        let mut changes = Vec::new();
        let people: BTreeSet<PersonId> = told.keys().chain(found.keys()).cloned().collect();
        for person in &people {
            let now = found.get(person).map_or(&[][..], Vec::as_slice);
            let before = told.get(person).map_or(&[][..], Vec::as_slice);
            let gone = before.iter().filter(|kind| !now.contains(kind));
            let gone = gone.map(|kind| PresenceChange::Gone(*kind));
            let here = now.iter().map(|kind| PresenceChange::Signal(signal(*kind)));
            changes.extend(gone.chain(here).map(|change| (person.clone(), change)));
        }
        *told = found;
        changes
    }
}

/// The signals of what Graph calls a presence.
fn kinds(presence: &Value) -> Vec<SignalKind> {
    let online = SignalKind::Online(ChannelKind::Chat);
    let activity = presence["activity"].as_str().unwrap_or_default();
    let mut kinds = match (
        presence["availability"].as_str().unwrap_or_default(),
        activity,
    ) {
        ("Available", _) => vec![online],
        ("AvailableIdle" | "Away" | "BeRightBack" | "BusyIdle", _) => vec![SignalKind::Idle],
        ("Busy", _) => vec![SignalKind::InCall, online],
        ("DoNotDisturb", "Presenting") => vec![SignalKind::Presenting, online],
        ("DoNotDisturb", _) => vec![SignalKind::DoNotDisturb, online],
        _ => Vec::new(),
    };
    if activity == "OutOfOffice" || presence["outOfOfficeSettings"]["isOutOfOffice"] == true {
        kinds.push(SignalKind::AutomaticReply);
    }
    kinds
}

impl fmt::Debug for GraphPresence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphPresence")
            .field("api", &self.api)
            .field("people", &self.people.len())
            .finish_non_exhaustive()
    }
}
