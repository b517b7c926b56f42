//! The answers: 207 Multi-Status (RFC 4918 section 13) and preconditions (section 16).

use std::fmt;

use crate::caldav::xml::{Element, Name, XmlError};

/// A 207 answer.
#[derive(Default)]
pub(crate) struct Multistatus {
    pub(crate) answers: Vec<Answer>,
    /// From where to ask for changes the next time (RFC 6578 section 6.4).
    pub(crate) sync_token: Option<String>,
}

/// What is said of one resource.
#[derive(Default)]
pub(crate) struct Answer {
    /// Where it is, as the server spells it.
    pub(crate) href: String,
    /// The status of the whole resource, where one is given instead of properties.
    pub(crate) status: Option<u16>,
    pub(crate) etag: Option<String>,
    pub(crate) calendar_data: Option<String>,
    pub(crate) is_calendar: bool,
    pub(crate) sync_token: Option<String>,
    pub(crate) ctag: Option<String>,
    pub(crate) display_name: Option<String>,
    /// The components that it may hold; `None` where the server does not say, and so any.
    pub(crate) components: Option<Vec<String>>,
    /// Its events take no time of its owner (RFC 6638 section 9.1).
    pub(crate) is_transparent: bool,
    pub(crate) principal: Option<String>,
    /// The server says that nobody has signed in (RFC 5397).
    pub(crate) is_unauthenticated: bool,
    pub(crate) homes: Vec<String>,
}

impl Answer {
    /// Whether it may hold components of this name.
    pub(crate) fn may_hold(&self, component: &str) -> bool {
        let components = self.components.as_deref();
        components.is_none_or(|all| all.iter().any(|one| one.eq_ignore_ascii_case(component)))
    }

    /// Whether the resource is gone.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.status, Some(404 | 410))
    }

    /// Whether this says that the answer is not complete (RFC 6578 section 3.6, RFC 5323 section 5.6.2).
    pub(crate) fn is_truncation(&self) -> bool {
        self.status == Some(507)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("is_calendar", &self.is_calendar)
            .finish_non_exhaustive()
    }
}

/// Which precondition a refusal names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Complaint {
    /// The answer would be too long (RFC 4791 section 7.8).
    NumberOfMatches,
    /// The sync-token has expired, or never was one (RFC 6578 section 3.2).
    SyncToken,
}

/// Reads a 207 answer. `None` where it is XML of another kind.
pub(crate) fn read_multistatus(bytes: &[u8]) -> Result<Option<Multistatus>, XmlError> {
    let root = Element::read(bytes)?;
    let Some(root) = root.filter(|root| root.name() == Name::Multistatus) else {
        return Ok(None);
    };
    let mut multistatus = Multistatus::default();
    for child in root.into_children() {
        match child.name() {
            Name::Response => push_answers(&mut multistatus.answers, child),
            Name::SyncToken => multistatus.sync_token = filled(&child),
            _ => {}
        }
    }
    Ok(Some(multistatus))
}

/// The precondition that the body of a refusal names, if it is one that matters here.
pub(crate) fn read_complaint(bytes: &[u8]) -> Option<Complaint> {
    let root = Element::read(bytes).ok()??;
    complaint(&root)
}

fn complaint(error: &Element) -> Option<Complaint> {
    if error.name() != Name::Error {
        return None;
    }
    error.children().find_map(|child| match child.name() {
        Name::NumberOfMatches => Some(Complaint::NumberOfMatches),
        Name::ValidSyncToken => Some(Complaint::SyncToken),
        _ => None,
    })
}

/// One answer for each href of a response: a status without properties may be for several.
fn push_answers(answers: &mut Vec<Answer>, response: Element) {
    let hrefs: Vec<String> = response
        .all(Name::Href)
        .map(|href| href.text().to_owned())
        .collect();
    let status = response.first(Name::Status).and_then(status);
    let mut answer = Answer {
        status,
        ..Answer::default()
    };
    for child in response.into_children() {
        if child.name() == Name::Propstat && is_found(&child) {
            take_properties(&mut answer, child);
        }
    }
    let Some((first, others)) = hrefs.split_first() else {
        return;
    };
    answer.href.clone_from(first);
    answers.push(answer);
    answers.extend(others.iter().map(|href| Answer {
        href: href.clone(),
        status,
        ..Answer::default()
    }));
}

/// Whether the properties of a propstat are there. One without a status is broken; its values are not taken.
fn is_found(propstat: &Element) -> bool {
    let status = propstat.first(Name::Status).and_then(status);
    status.is_some_and(|status| (200..300).contains(&status))
}

/// The number in a status line such as `HTTP/1.1 200 OK`.
fn status(element: &Element) -> Option<u16> {
    let mut words = element.text().split_ascii_whitespace();
    let version = words.next()?;
    let number = words.next()?;
    let is_status = version.starts_with("HTTP/") && number.len() == 3;
    number.parse().ok().filter(|_| is_status)
}

fn take_properties(answer: &mut Answer, propstat: Element) {
    let props = propstat
        .into_children()
        .filter(|child| child.name() == Name::Prop);
    for property in props.flat_map(Element::into_children) {
        match property.name() {
            Name::CalendarData => answer.calendar_data = Some(property.into_text()),
            Name::CalendarHomeSet => answer.homes.extend(hrefs(&property)),
            Name::Ctag => answer.ctag = filled(&property),
            Name::CurrentUserPrincipal => {
                answer.principal = hrefs(&property).next();
                answer.is_unauthenticated = property.first(Name::Unauthenticated).is_some();
            }
            Name::Title => answer.display_name = filled(&property),
            Name::Etag => answer.etag = filled(&property),
            Name::ResourceType => answer.is_calendar = property.first(Name::Calendar).is_some(),
            Name::SupportedComponents => {
                let names = property.all(Name::Comp).filter_map(Element::called);
                let names: Vec<String> = names.map(str::to_owned).collect();
                answer.components = Some(names).filter(|names| !names.is_empty());
            }
            Name::SyncToken => answer.sync_token = filled(&property),
            Name::Transparency => {
                answer.is_transparent = property.first(Name::Transparent).is_some();
            }
            _ => {}
        }
    }
}

/// The text of an element, where it has one.
fn filled(element: &Element) -> Option<String> {
    let text = element.text();
    (!text.is_empty()).then(|| text.to_owned())
}

fn hrefs(element: &Element) -> impl Iterator<Item = String> {
    element.all(Name::Href).filter_map(filled)
}
