//! From one web address to the calendars behind it: RFC 6764 section 6, RFC 5397, RFC 4791 section 6.2.1.

use crate::caldav::fault::Fault;
use crate::caldav::server::{Server, key};
use crate::caldav::wire::{self, Answer, Listed};
use crate::url_guard::CheckedUrl;

/// Where a server with a context path says where that is (RFC 6764 section 5).
const WELL_KNOWN: &str = "/.well-known/caldav";
/// The most calendars of an account.
const CALENDARS_MAX: usize = 200;

/// Where the calendars of an account are.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The address is one calendar.
    Calendar(CheckedUrl),
    /// They stand in these collections.
    Homes(Vec<CheckedUrl>),
}

/// A calendar as it is listed.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) url: CheckedUrl,
    pub(crate) answer: Answer,
}

/// Finds the calendars of whoever asks.
///
/// An address without a path is that of a server: its well-known one is looked at first. One with a path
/// is looked at itself; only where nothing speaks WebDAV the well-known one is. A calendar that is not
/// there any more leads to no other.
pub(crate) async fn discover(server: &Server, url: &CheckedUrl) -> Result<Place, Fault> {
    let well_known = server.follow(url, WELL_KNOWN)?;
    let (first, second, is_server) = match url.target() {
        "/" => (&well_known, url, true),
        _ => (url, &well_known, false),
    };
    let reason = match look_from(server, first).await {
        Ok(Some(place)) => return Ok(place),
        Ok(None) => Fault::NotCalDav,
        Err(fault) if is_server && fault.is_about_place() || fault.is_no_dav() => fault,
        Err(fault) => return Err(fault),
    };
    match look_from(server, second).await {
        Ok(Some(place)) => Ok(place),
        Ok(None) => Err(reason),
        Err(fault) if fault.is_about_place() => Err(reason),
        Err(fault) => Err(fault),
    }
}

async fn look_from(server: &Server, start: &CheckedUrl) -> Result<Option<Place>, Fault> {
    let (url, answer) = server.look(start).await?;
    if answer.is_calendar {
        return Ok(Some(Place::Calendar(url)));
    }
    if !answer.homes.is_empty() {
        return homes(server, &url, &answer).map(Some);
    }
    // A home by its address, which may be another's than the one who asks. Roots are not listed.
    if url.target() != "/" && has_calendars(server, &url).await? {
        return Ok(Some(Place::Homes(vec![url])));
    }
    if answer.is_unauthenticated {
        return Err(Fault::unauthenticated());
    }
    let Some(principal) = &answer.principal else {
        return Ok(None);
    };
    let (url, answer) = server.look(&server.follow(&url, principal)?).await?;
    match answer.homes.is_empty() {
        true => Ok(None),
        false => homes(server, &url, &answer).map(Some),
    }
}

fn homes(server: &Server, url: &CheckedUrl, answer: &Answer) -> Result<Place, Fault> {
    let homes = answer.homes.iter().take(CALENDARS_MAX);
    let homes = homes.map(|href| server.follow(url, href));
    Ok(Place::Homes(homes.collect::<Result<_, _>>()?))
}

async fn has_calendars(server: &Server, url: &CheckedUrl) -> Result<bool, Fault> {
    match server
        .multistatus(url, &wire::propfind(Listed::Members))
        .await
    {
        Ok((_, found)) => Ok(found.answers.iter().any(|answer| answer.is_calendar)),
        Err(fault) if fault.is_about_place() => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// The calendars of a place, as they are now.
pub(crate) async fn list(server: &Server, place: &Place) -> Result<Vec<Listing>, Fault> {
    let homes = match place {
        Place::Calendar(url) => {
            let (url, answer) = server.look(url).await?;
            return match answer.is_calendar {
                true => Ok(vec![Listing { url, answer }]),
                false => Err(Fault::NotCalDav),
            };
        }
        Place::Homes(homes) => homes,
    };
    let mut calendars = Vec::new();
    for home in homes {
        let asked = wire::propfind(Listed::Members);
        let (url, found) = server.multistatus(home, &asked).await?;
        // A list that is cut off may lack a calendar, and one that the server fails over may be one.
        if found.answers.iter().any(Answer::is_truncation) {
            return Err(Fault::TooMany);
        }
        let mut statuses = found.answers.iter().filter_map(|answer| answer.status);
        if let Some(status) = statuses.find(|status| *status >= 500) {
            return Err(Fault::of_part(status));
        }
        for answer in found.answers.into_iter().filter(|one| one.is_calendar) {
            if calendars.len() == CALENDARS_MAX {
                return Err(Fault::TooMany);
            }
            let url = server.follow(&url, &answer.href)?;
            let key = key(&url);
            if !calendars
                .iter()
                .any(|one: &Listing| self::key(&one.url) == key)
            {
                calendars.push(Listing { url, answer });
            }
        }
    }
    Ok(calendars)
}
