//! Links to meetings, made of a template: no room is made here and nobody is asked.

use std::fmt;

use crate::link::{Link, LinkError};

/// Where meetings are held: the address of a room, whose name takes the place of `{room}`, or one room for all.
///
/// Which name is used for which meeting is the caller's: [`link`](Self::link) is given one that nobody can guess, made of
/// random bits. A server of Jitsi makes the room when somebody opens its link. Teams, Zoom and Meet do not: a meeting there is
/// made by their own interface, or by hand, and what is used here is the link of a room that stands: a personal room of Zoom, a
/// meeting of Teams without an end. It is the same for everybody who was ever sent it, so let their lobby ask who comes in.
/// `Debug` shows nothing of it.
///
/// ```
/// use bereik_channel::{MeetingTemplate, Outbound};
/// use bereik_core::{id::Key, message::Body};
/// use chrono::DateTime;
///
/// let jitsi = MeetingTemplate::parse("https://meet.jit.si/rivers-{room}")?;
/// let link = jitsi.link("7f3a09c2d4b81e6650aa7d1c93e2f4b8")?;
/// assert_eq!(link.as_str(), "https://meet.jit.si/rivers-7f3a09c2d4b81e6650aa7d1c93e2f4b8");
/// assert!(jitsi.link("standup").is_err(), "anybody could guess it");
///
/// // Into the conversation, over any channel:
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let body = Body::parse(&format!("Shall we meet? {}", link.as_str()))?;
/// let message = Outbound::new(Key::parse("message/M12")?, "jan@example.org".parse()?, body, at).by_hand();
/// # drop(message);
///
/// // A room that stands, such as a personal one of Zoom: its name is part of the template.
/// let zoom = MeetingTemplate::parse("https://zoom.us/j/1234567890?pwd=c2VjcmV0")?;
/// assert_eq!(zoom.link("7f3a09c2d4b81e6650aa7d1c93e2f4b8")?.as_str(), "https://zoom.us/j/1234567890?pwd=c2VjcmV0");
/// assert!(MeetingTemplate::parse("http://meet.example.org/{room}").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct MeetingTemplate {
    before: Link,
    /// What follows the room's name, where there is one.
    after: Option<Box<str>>,
}

/// A template or a room's name cannot be used. Neither is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MeetingError {
    /// The template is no `https://` link with at most one `{room}`, in its path, query or fragment.
    #[error("a template is an `https://` link with at most one `{{room}}`, behind the host's name")]
    Template,
    /// The name is too short to be hard to guess, too long, or not of letters, digits, `-` and `_`.
    #[error(
        "the name of a room is {} to {} letters, digits, `-` or `_`",
        MeetingTemplate::ROOM_BYTES_MIN,
        MeetingTemplate::ROOM_BYTES_MAX
    )]
    Room,
}

impl From<LinkError> for MeetingError {
    fn from(_: LinkError) -> Self {
        Self::Template
    }
}

impl MeetingTemplate {
    /// The shortest name of a room, in bytes: 128 random bits in base64 are 22.
    pub const ROOM_BYTES_MIN: usize = 22;
    /// The longest.
    pub const ROOM_BYTES_MAX: usize = 100;

    /// Parses a template.
    ///
    /// # Errors
    /// [`MeetingError::Template`] when it is not `https://`, has more than one `{room}`, or has it before the first slash
    /// behind the host's name.
    pub fn parse(text: &str) -> Result<Self, MeetingError> {
        let (before, after) = match text.split_once("{room}") {
            Some((before, after)) => (before, Some(after)),
            None => (text, None),
        };
        let is_whole = before
            .get("https://".len()..)
            .is_some_and(|rest| rest.contains('/'));
        let is_secure = before.starts_with("https://") && (after.is_none() || is_whole);
        let has_more = after.is_some_and(|after| after.contains("{room}"));
        let longest = text.len() + Self::ROOM_BYTES_MAX;
        if !is_secure || has_more || longest > Link::BYTES_MAX {
            return Err(MeetingError::Template);
        }
        // What follows is held to the same letters.
        Link::parse(&format!("{before}{}", after.unwrap_or_default()))?;
        Ok(Self {
            before: Link::parse(before)?,
            after: after.map(Into::into),
        })
    }

    /// The link to the meeting in this room. A template without `{room}` has one room, whatever the name.
    ///
    /// # Errors
    /// [`MeetingError::Room`] when somebody could guess the name, or it would not stay one name in a link.
    pub fn link(&self, room: &str) -> Result<Link, MeetingError> {
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
        let fits = (Self::ROOM_BYTES_MIN..=Self::ROOM_BYTES_MAX).contains(&room.len());
        if !fits || !room.bytes().all(is_plain) {
            return Err(MeetingError::Room);
        }
        match &self.after {
            Some(after) => Ok(Link::parse(&format!(
                "{}{room}{after}",
                self.before.as_str()
            ))?),
            None => Ok(self.before.clone()),
        }
    }
}

impl fmt::Debug for MeetingTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeetingTemplate").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::MeetingTemplate;

    #[test]
    fn a_template_leads_to_one_host_over_https() {
        for text in [
            "https://meet.example.org/{room}",
            "https://meet.example.org/a?room={room}&lang=nl#x",
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x/0",
        ] {
            assert!(MeetingTemplate::parse(text).is_ok(), "{text}");
        }
        for text in [
            "http://meet.example.org/{room}",
            "https://{room}.example.org/",
            "https://meet.example.org{room}",
            "https://meet.example.org/{room}/{room}",
            "https://meet.example.org/{room}\r\nBcc: eve",
            "https://meet.example.org/{room}\"onclick",
            "javascript:alert('{room}')",
            "{room}",
            "",
        ] {
            assert!(MeetingTemplate::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_room_is_one_name_that_is_hard_to_guess() {
        let template = MeetingTemplate::parse("https://meet.example.org/{room}?x=1").unwrap();
        let long = "a".repeat(101);
        for room in [
            "standup",
            "",
            "../../../../../../../etc/pass",
            "aaaaaaaaaaaaaaaaaaaaaa?b",
            &long,
        ] {
            assert!(template.link(room).is_err(), "{room}");
        }
        let link = template.link("abcdefghijklmnopqrstuv").unwrap();
        assert_eq!(
            link.as_str(),
            "https://meet.example.org/abcdefghijklmnopqrstuv?x=1"
        );
    }
}
