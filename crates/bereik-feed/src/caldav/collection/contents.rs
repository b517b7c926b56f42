//! The events of a calendar as text, kept with their etags, and the requests that keep them true.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use bereik_calendar::Reading;
use bereik_core::Interval;
use chrono::TimeDelta;
use tokio::task::spawn_blocking;

use super::reading::{Read, read_events};
use crate::caldav::discover::Listing;
use crate::caldav::fault::Fault;
use crate::caldav::server::{Key, Server, key};
use crate::caldav::wire::{self, Answer, Multistatus};
use crate::url_guard::CheckedUrl;

/// The most resources of a calendar, and their most bytes together.
const RESOURCES_MAX: usize = 20_000;
const BYTES_MAX: usize = 64 << 20;
/// How many resources are asked for at once.
const BATCH: usize = 100;
/// How often in a row a server may say that there is more to come.
const PIECES_MAX: usize = 100;
/// How short a window may become where a server finds too much in a longer one, in hours.
const WINDOW_HOURS_MIN: i64 = 6;

/// What a calendar holds, as far as it matters for a window.
#[derive(Default)]
pub(crate) struct Contents {
    resources: BTreeMap<Key, Resource>,
    /// What the resources are complete for, once they are.
    complete: Option<Complete>,
}

struct Complete {
    window: Interval,
    sync_token: Option<String>,
}

struct Resource {
    etag: Option<String>,
    text: Arc<str>,
}

/// A resource that a server names: where it is as the server spells it, and its etag.
struct Named {
    href: String,
    etag: Option<String>,
}

impl Contents {
    /// Fetches what changed. Where this fails, or is broken off, what was fetched so far is kept: its etags
    /// are true, and the next time starts from the same token.
    pub(crate) async fn refresh(
        &mut self,
        server: &Server,
        listing: &Listing,
        window: Interval,
    ) -> Result<(), Fault> {
        let complete = self.complete.as_ref();
        let token = complete.filter(|complete| complete.window == window);
        let token = token.and_then(|complete| complete.sync_token.as_deref());
        let changes = match token {
            Some(token) => changes_since(server, &listing.url, token).await?,
            None => None,
        };
        let sync_token = match changes {
            Some(changes) => {
                for gone in &changes.gone {
                    self.resources.remove(gone);
                }
                self.fetch(server, &listing.url, &changes.named).await?;
                Some(changes.sync_token)
            }
            None => {
                let named = all_in(server, listing, window).await?;
                self.resources.retain(|key, _| named.contains_key(key));
                self.fetch(server, &listing.url, &named).await?;
                listing.answer.sync_token.clone()
            }
        };
        self.complete = Some(Complete { window, sync_token });
        Ok(())
    }

    /// What the events say of a window.
    pub(crate) async fn read(&self, window: Interval, reading: &Reading) -> Read {
        let texts = self.resources.values().map(|one| one.text.clone());
        let (texts, reading) = (texts.collect::<Vec<_>>(), reading.clone());
        let read = spawn_blocking(move || read_events(&texts, window, &reading)).await;
        read.unwrap_or_else(|_| Read::of_nothing())
    }

    /// Fetches those whose etag is not the one that is held, a batch at a time; one whose answer is too long
    /// in halves.
    async fn fetch(
        &mut self,
        server: &Server,
        url: &CheckedUrl,
        named: &BTreeMap<Key, Named>,
    ) -> Result<(), Fault> {
        let is_held = |key: &Key, one: &Named| {
            let held = self.resources.get(key);
            one.etag.is_some() && held.is_some_and(|held| held.etag == one.etag)
        };
        let due = named.iter().filter(|(key, one)| !is_held(key, one));
        let due: Vec<(&Key, &Named)> = due.collect();
        let mut batches: Vec<&[(&Key, &Named)]> = due.chunks(BATCH).rev().collect();
        while let Some(batch) = batches.pop() {
            let asked = wire::multiget(batch.iter().map(|(_, one)| one.href.as_str()));
            match server.multistatus(url, &asked).await {
                Ok((from, found)) => self.take(server, &from, found, batch)?,
                Err(fault)
                    if batch.len() > 1 && (fault.is_too_long() || fault.is_too_many_matches()) =>
                {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    batches.extend([second, first]);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// Takes the texts of a batch. Each resource that was asked for must come, or be gone.
    fn take(
        &mut self,
        server: &Server,
        from: &CheckedUrl,
        found: Multistatus,
        batch: &[(&Key, &Named)],
    ) -> Result<(), Fault> {
        let mut missing: BTreeMap<&Key, &Named> = batch.iter().copied().collect();
        for answer in found.answers {
            let key = key(&server.follow(from, &answer.href)?);
            let Some(named) = missing.remove(&key) else {
                continue;
            };
            match answer.calendar_data {
                Some(text) => {
                    // An etag from before the text: at worst it is fetched once more.
                    let etag = answer.etag.or_else(|| named.etag.clone());
                    let text = text.into();
                    self.resources.insert(key, Resource { etag, text });
                }
                None if answer.is_gone() => {
                    self.resources.remove(&key);
                }
                None => return Err(answer.status.map_or(Fault::NotCalDav, Fault::of_part)),
            }
        }
        let bytes: usize = self.resources.values().map(|one| one.text.len()).sum();
        match missing.is_empty() {
            false => Err(Fault::NotCalDav),
            true if bytes > BYTES_MAX || self.resources.len() > RESOURCES_MAX => {
                *self = Self::default();
                Err(Fault::TooMany)
            }
            true => Ok(()),
        }
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents")
            .field("resources", &self.resources.len())
            .finish_non_exhaustive()
    }
}

/// What changed since a sync-token.
struct Changes {
    named: BTreeMap<Key, Named>,
    gone: BTreeSet<Key>,
    sync_token: String,
}

/// The changes since a token (RFC 6578 section 3.2), piece by piece where a server cuts them (section
/// 3.6). `None` where it has no changes to tell: the token has expired, or it does not know the report.
async fn changes_since(
    server: &Server,
    url: &CheckedUrl,
    token: &str,
) -> Result<Option<Changes>, Fault> {
    let mut changes = Changes {
        named: BTreeMap::new(),
        gone: BTreeSet::new(),
        sync_token: token.to_owned(),
    };
    for _ in 0..PIECES_MAX {
        let asked = wire::sync_collection(&changes.sync_token);
        let (from, piece) = match server.multistatus(url, &asked).await {
            Ok(piece) => piece,
            Err(fault) if fault.is_refusal() => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let is_cut = piece.answers.iter().any(Answer::is_truncation);
        let Some(next) = piece.sync_token else {
            return Ok(None);
        };
        let is_further = next != changes.sync_token;
        changes.sync_token = next;
        for answer in piece.answers {
            changes.push(server, url, &from, answer)?;
        }
        match (is_cut, is_further) {
            (false, _) => return Ok(Some(changes)),
            (true, false) => return Ok(None),
            (true, true) => {}
        }
    }
    Ok(None)
}

impl Changes {
    fn push(
        &mut self,
        server: &Server,
        url: &CheckedUrl,
        from: &CheckedUrl,
        answer: Answer,
    ) -> Result<(), Fault> {
        let at = key(&server.follow(from, &answer.href)?);
        // Some servers name the calendar itself when its properties change.
        if at == key(url) || answer.is_truncation() {
            return Ok(());
        }
        match answer.is_gone() {
            true => {
                self.named.remove(&at);
                self.gone.insert(at);
            }
            false => {
                let Answer { href, etag, .. } = answer;
                self.gone.remove(&at);
                self.named.insert(at, Named { href, etag });
            }
        }
        match self.named.len() > RESOURCES_MAX || self.gone.len() > RESOURCES_MAX {
            true => Err(Fault::TooMany),
            false => Ok(()),
        }
    }
}

/// Every resource of a calendar that may say something of a window, with its etag.
async fn all_in(
    server: &Server,
    listing: &Listing,
    window: Interval,
) -> Result<BTreeMap<Key, Named>, Fault> {
    let mut named = BTreeMap::new();
    // Servers take days and floating times in zones of their own.
    let mut windows = vec![Some(widened(window))];
    while let Some(window) = windows.pop() {
        let asked = wire::calendar_query("VEVENT", window);
        match server.multistatus(&listing.url, &asked).await {
            Ok((from, found)) => {
                let is_cut = found.answers.iter().any(Answer::is_truncation);
                push_named(&mut named, server, &from, listing, found)?;
                if is_cut {
                    windows.extend(halves(window)?);
                }
            }
            Err(fault) if fault.is_too_many_matches() => windows.extend(halves(window)?),
            // A server that cannot tell by time can tell all.
            Err(fault) if fault.is_refusal() && window.is_some() => windows = vec![None],
            Err(fault) => return Err(fault),
        }
    }
    let components = listing.answer.components.as_deref().unwrap_or_default();
    let is_availability = |name: &&String| name.eq_ignore_ascii_case("VAVAILABILITY");
    if components.iter().any(|name| is_availability(&name)) {
        let asked = wire::calendar_query("VAVAILABILITY", None);
        let (from, found) = server.multistatus(&listing.url, &asked).await?;
        if found.answers.iter().any(Answer::is_truncation) {
            return Err(Fault::TooMany);
        }
        push_named(&mut named, server, &from, listing, found)?;
    }
    Ok(named)
}

fn push_named(
    named: &mut BTreeMap<Key, Named>,
    server: &Server,
    from: &CheckedUrl,
    listing: &Listing,
    found: Multistatus,
) -> Result<(), Fault> {
    let own = key(&listing.url);
    for answer in found.answers {
        let at = key(&server.follow(from, &answer.href)?);
        if at == own || answer.is_gone() || answer.is_truncation() {
            continue;
        }
        let Answer { href, etag, .. } = answer;
        named.insert(at, Named { href, etag });
    }
    match named.len() > RESOURCES_MAX {
        true => Err(Fault::TooMany),
        false => Ok(()),
    }
}

/// A window with a day before and after it.
fn widened(window: Interval) -> Interval {
    let day = TimeDelta::days(1);
    let start = window.start().checked_sub_signed(day);
    let end = window.end().checked_add_signed(day);
    let wide = start
        .zip(end)
        .and_then(|(start, end)| Interval::new(start, end));
    wide.unwrap_or(window)
}

/// Both halves of a window in which a server finds too much.
fn halves(window: Option<Interval>) -> Result<[Option<Interval>; 2], Fault> {
    let window = window.ok_or(Fault::TooMany)?;
    let (start, end) = (window.start(), window.end());
    let half = (end - start) / 2;
    if half.num_hours() < WINDOW_HOURS_MIN {
        return Err(Fault::TooMany);
    }
    let middle = start + half;
    Ok([Interval::new(start, middle), Interval::new(middle, end)])
}
