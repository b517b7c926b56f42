//! One calendar of a server: what is held of it, and how it is brought up to date.

mod contents;
mod reading;

use bereik_calendar::Reading;
use bereik_core::Interval;
use tokio::task::spawn_blocking;

use self::contents::Contents;
pub(crate) use self::reading::{Read, read_free_busy};
use crate::caldav::Preference;
use crate::caldav::discover::Listing;
use crate::caldav::fault::Fault;
use crate::caldav::server::{Key, Server};
use crate::caldav::wire;

/// What a calendar is, and what is held of it between two looks.
pub(crate) struct Collection {
    key: Key,
    /// The server does not answer free-busy queries of it.
    is_mute: bool,
    contents: Contents,
    /// What was read of it, and the state that it was in.
    read: Option<(State, Read)>,
}

/// By what a server says that a calendar is as it was, and over what time it was read.
#[derive(PartialEq, Eq)]
struct State {
    /// The sync-token (RFC 6578 section 4), or else the ctag.
    mark: Option<String>,
    window: Interval,
}

impl Collection {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            key,
            is_mute: false,
            contents: Contents::default(),
            read: None,
        }
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    /// What was read last.
    pub(crate) fn read(&self) -> Option<&Read> {
        self.read.as_ref().map(|(_, read)| read)
    }

    /// Asks for what changed since the last time, if anything did.
    ///
    /// The mark is of the list that was asked for before: what changes in between is found the next time.
    pub(crate) async fn refresh(
        &mut self,
        server: &Server,
        listing: &Listing,
        window: Interval,
        asking: (Preference, &Reading),
    ) -> Result<(), Fault> {
        let answer = &listing.answer;
        let mark = answer.sync_token.as_ref().or(answer.ctag.as_ref());
        let state = State {
            mark: mark.cloned(),
            window,
        };
        let is_same = |(known, _): &(State, Read)| *known == state;
        if state.mark.is_some() && self.read.as_ref().is_some_and(is_same) {
            return Ok(());
        }
        let read = self.ask(server, listing, window, asking).await?;
        self.read = Some((state, read));
        Ok(())
    }

    async fn ask(
        &mut self,
        server: &Server,
        listing: &Listing,
        window: Interval,
        (preference, reading): (Preference, &Reading),
    ) -> Result<Read, Fault> {
        let is_only = preference == Preference::FreeBusyOnly;
        // Where a calendar does not count, its server tells nothing of it (RFC 6638 section 9.1); this one was named.
        let is_silent = self.is_mute || listing.answer.is_transparent;
        // Free/busy time tells of no marks.
        let is_enough = reading.marks().is_empty() && !is_silent;
        if preference != Preference::Events && (is_only || is_enough) {
            match ask_free_busy(server, listing, window, reading).await {
                Ok(read) => return Ok(read),
                // A server that fails on one event may tell the others.
                Err(fault) if fault.is_breakdown() && !is_only => {}
                Err(fault) if fault.is_refusal() && !is_only => self.is_mute = true,
                Err(fault) => return Err(fault),
            }
        }
        self.contents.refresh(server, listing, window).await?;
        Ok(self.contents.read(window, reading).await)
    }
}

/// A free-busy query (RFC 4791 section 7.10): one request, and no text of events.
async fn ask_free_busy(
    server: &Server,
    listing: &Listing,
    window: Interval,
    reading: &Reading,
) -> Result<Read, Fault> {
    let asked = wire::free_busy_query(window);
    let response = server.ask(&listing.url, &asked).await?;
    match response.status() {
        200 => {
            let reading = reading.clone();
            let read = move || read_free_busy(response.body(), window, &reading);
            let read = spawn_blocking(read).await.ok().flatten();
            read.ok_or(Fault::NotCalDav)
        }
        _ => Err(Fault::of_response(&response)),
    }
}
