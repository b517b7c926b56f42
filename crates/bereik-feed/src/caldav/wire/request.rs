//! The requests: PROPFIND (RFC 4918 section 9.1) and four REPORTs (RFC 4791 section 7, RFC 6578
//! section 3.2).

use std::fmt::Write as _;

use bereik_core::Interval;
use chrono::{DateTime, TimeDelta, Utc};

use crate::http::Method;

/// One request, apart from where it goes and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The header Depth.
    pub(crate) depth: &'static str,
    pub(crate) body: String,
}

/// Which resources a PROPFIND is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// The one that is asked.
    Itself,
    /// It, and what stands in it.
    Members,
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
const NAMESPACES: &str = "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"";

/// Who asks, where his calendars are, and what may be known of each before it is read.
pub(crate) fn propfind(listed: Listed) -> Request {
    let body = format!(
        "{DECLARATION}<D:propfind {NAMESPACES} xmlns:S=\"http://calendarserver.org/ns/\"><D:prop>\
         <D:resourcetype/><D:displayname/><D:current-user-principal/><D:sync-token/>\
         <S:getctag/><C:calendar-home-set/><C:supported-calendar-component-set/>\
         <C:schedule-calendar-transp/></D:prop></D:propfind>"
    );
    let depth = match listed {
        Listed::Itself => "0",
        Listed::Members => "1",
    };
    Request {
        method: Method::Propfind,
        depth,
        body,
    }
}

/// When the owner is taken (RFC 4791 section 7.10). The scope is by the header Depth: at 0 a server may
/// find nothing, and that would read as free.
pub(crate) fn free_busy_query(window: Interval) -> Request {
    report(
        "1",
        format!(
            "{DECLARATION}<C:free-busy-query {NAMESPACES}>{}</C:free-busy-query>",
            time_range(window)
        ),
    )
}

/// Which resources have a component of this name (RFC 4791 section 7.8), in the window if one is given.
pub(crate) fn calendar_query(component: &'static str, window: Option<Interval>) -> Request {
    let range = window.map(time_range).unwrap_or_default();
    report(
        "1",
        format!(
            "{DECLARATION}<C:calendar-query {NAMESPACES}><D:prop><D:getetag/></D:prop>\
             <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"{component}\">{range}\
             </C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        ),
    )
}

/// The text of these resources (RFC 4791 section 7.9).
pub(crate) fn multiget<'h>(hrefs: impl IntoIterator<Item = &'h str>) -> Request {
    let mut body = format!(
        "{DECLARATION}<C:calendar-multiget {NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>"
    );
    for href in hrefs {
        body.push_str("<D:href>");
        push_escaped(&mut body, href);
        body.push_str("</D:href>");
    }
    body.push_str("</C:calendar-multiget>");
    report("0", body)
}

/// What changed since a sync-token (RFC 6578 section 3.2).
pub(crate) fn sync_collection(token: &str) -> Request {
    let mut body = format!("{DECLARATION}<D:sync-collection {NAMESPACES}><D:sync-token>");
    push_escaped(&mut body, token);
    body.push_str(
        "</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>",
    );
    report("0", body)
}

fn report(depth: &'static str, body: String) -> Request {
    Request {
        method: Method::Report,
        depth,
        body,
    }
}

/// CALDAV:time-range (RFC 4791 section 9.9), in whole seconds that hold the window.
fn time_range(window: Interval) -> String {
    let mut end = window.end();
    if end.timestamp_subsec_nanos() > 0 {
        end = end.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(end);
    }
    let (start, end) = (second(window.start()), second(end));
    format!("<C:time-range start=\"{start}\" end=\"{end}\"/>")
}

fn second(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y%m%dT%H%M%SZ")
}

/// Text as it stands between tags. What XML cannot hold at all is left out.
fn push_escaped(body: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => body.push_str("&amp;"),
            '<' => body.push_str("&lt;"),
            '>' => body.push_str("&gt;"),
            '\t' | '\n' | '\r' => {
                write!(body, "&#{};", letter as u32).expect("a String takes what is written");
            }
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter < ' ' => {}
            letter => body.push(letter),
        }
    }
}
