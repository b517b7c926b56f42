//! What a document of presence says (RFC 3863, RFC 4480): no I/O here.

use bereik_core::presence::PresenceState;
use quick_xml::Reader;
use quick_xml::events::Event;

/// A document has no more pieces than this.
const PIECES_MAX: usize = 2_000;

/// What somebody is, by his activities and by whether any of his ways is open; none where it is no such document.
///
/// A telephone that is closed says nothing of its owner: he may be anywhere.
pub(super) fn read(document: &[u8]) -> Option<PresenceState> {
    let text = std::str::from_utf8(document).ok()?;
    let mut reader = Reader::from_str(text);
    let (mut is_presence, mut is_in_basic, mut is_in_activities) = (false, false, false);
    let (mut is_open, mut activity) = (None, None);
    for _ in 0..PIECES_MAX {
        match reader.read_event().ok()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "activities" => is_in_activities = true,
                "basic" => is_in_basic = true,
                name if is_in_activities => activity = stronger(activity, name),
                _ => {}
            },
            Event::Empty(tag) if is_in_activities => {
                activity = stronger(activity, tag.local_name().as_ref());
            }
            Event::End(tag) => match tag.local_name().as_ref() {
                "activities" => is_in_activities = false,
                "basic" => is_in_basic = false,
                // Only what has an end is whole.
                "presence" => is_presence = true,
                _ => {}
            },
            Event::Text(text) if is_in_basic => {
                let is_this_open = text.as_ref().trim() == "open";
                is_open = Some(is_open.unwrap_or(false) || is_this_open);
            }
            // Nothing that a document declares is taken in.
            Event::DocType(_) => return None,
            Event::Eof => {
                let state = activity.or(is_open.map(|is_open| match is_open {
                    true => PresenceState::Available,
                    false => PresenceState::Unknown,
                }));
                return is_presence.then(|| state.unwrap_or(PresenceState::Unknown));
            }
            _ => {}
        }
    }
    None
}

/// Of two activities, the one that says more surely that he is not to be disturbed.
fn stronger(before: Option<PresenceState>, name: &str) -> Option<PresenceState> {
    use PresenceState::{Busy, DoNotDisturb, Idle, OutOfOffice};
    let state = match name {
        "dnd" | "do-not-disturb" | "worship" | "sleeping" => DoNotDisturb,
        "vacation" | "holiday" | "travel" => OutOfOffice,
        "busy" | "on-the-phone" | "meeting" | "appointment" | "presentation" | "performance"
        | "in-transit" | "steering" => Busy,
        "away" | "breakfast" | "lunch" | "dinner" | "meal" => Idle,
        _ => return before,
    };
    let rank = |state| match state {
        DoNotDisturb => 3,
        OutOfOffice => 2,
        Busy => 1,
        _ => 0,
    };
    match before {
        Some(before) if rank(before) >= rank(state) => Some(before),
        _ => Some(state),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use bereik_core::presence::PresenceState;

    fn document(basic: &str, activities: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><p:presence xmlns:p=\"urn:ietf:params:xml:ns:pidf\" xmlns:r=\"urn:x\" entity=\"sip:a@b\">\
            <p:tuple id=\"1\"><p:status><p:basic> {basic} </p:basic></p:status></p:tuple>\
            <r:person><r:activities>{activities}</r:activities></r:person></p:presence>"
        )
    }

    #[test]
    fn activities_go_before_what_is_open_and_the_stronger_before_the_weaker() {
        let cases = [
            ("open", "", PresenceState::Available),
            ("closed", "", PresenceState::Unknown),
            ("open", "<r:on-the-phone/>", PresenceState::Busy),
            ("open", "<r:away></r:away><r:meeting/>", PresenceState::Busy),
            (
                "closed",
                "<r:vacation/><r:busy/>",
                PresenceState::OutOfOffice,
            ),
            ("open", "<r:looking-for-work/>", PresenceState::Available),
        ];
        for (basic, activities, state) in cases {
            assert_eq!(
                read(document(basic, activities).as_bytes()),
                Some(state),
                "{activities}"
            );
        }
    }

    #[test]
    fn what_is_no_such_document_is_none() {
        let bomb = "<!DOCTYPE p [<!ENTITY a \"aaaa\">]><presence>&a;</presence>";
        let long = format!("<presence>{}</presence>", "<a/>".repeat(3_000));
        for text in ["", "hello", "<html/>", "<presence><basic>", bomb, &long] {
            let read = read(text.as_bytes());
            assert!(read.is_none(), "{text:.40}");
        }
    }
}
