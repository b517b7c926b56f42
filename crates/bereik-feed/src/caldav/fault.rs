//! Why a server gives no time, and what that means for whoever asked.

use crate::caldav::wire::{self, Complaint};
use crate::caldav::xml::XmlError;
use crate::http::{HttpError, HttpErrorKind, Response};
use crate::source::SourceError;
use crate::update::FailureKind;
use crate::url_guard::UrlError;

/// Why a server gives no time.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// An answer leads to another host, which nobody allowed.
    Elsewhere,
    /// No answer came.
    Http(HttpError),
    /// There is no calendar, or not each of those that were named.
    NoCalendar,
    /// It answers something else than CalDAV.
    NotCalDav,
    /// A status other than the one that was hoped for.
    Status(Refusal),
    /// More calendars, resources or bytes than are read.
    TooMany,
    /// The XML is not as it should be, or more than is read.
    Xml(XmlError),
}

/// A status, the precondition that it names, and what it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) complaint: Option<Complaint>,
    error: SourceError,
}

impl Fault {
    pub(crate) fn of_response(response: &Response) -> Self {
        Self::Status(Refusal {
            status: response.status(),
            complaint: wire::read_complaint(response.body()),
            error: SourceError::of_response(response),
        })
    }

    /// A status that one part of an answer has.
    pub(crate) const fn of_part(status: u16) -> Self {
        let kind = match status {
            401 => FailureKind::SignIn,
            403 => FailureKind::NotPermitted,
            404 | 410 => FailureKind::Missing,
            500.. => FailureKind::Unavailable,
            _ => FailureKind::NotACalendar,
        };
        Self::Status(Refusal {
            status,
            complaint: None,
            error: SourceError::new(kind),
        })
    }

    /// Nobody has signed in (RFC 5397 section 3).
    pub(crate) const fn unauthenticated() -> Self {
        Self::of_part(401)
    }

    /// Whether it says only that what is looked for is not at this place.
    pub(crate) fn is_about_place(&self) -> bool {
        match self {
            Self::NotCalDav | Self::Xml(_) => true,
            Self::Status(refusal) => {
                matches!(refusal.status, 200..=299 | 400 | 403..=405 | 409 | 410 | 501)
            }
            _ => false,
        }
    }

    /// Whether it says that nothing speaks WebDAV at this place.
    pub(crate) const fn is_no_dav(&self) -> bool {
        match self {
            Self::NotCalDav | Self::Xml(_) => true,
            Self::Status(refusal) => matches!(refusal.status, 200..=299 | 405 | 501),
            _ => false,
        }
    }

    /// Whether it refuses what was asked, and not who asks or when.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::NotCalDav | Self::Xml(_) => true,
            Self::Status(Refusal {
                complaint: Some(_), ..
            }) => true,
            Self::Status(refusal) => matches!(
                refusal.status,
                200..=299 | 400 | 403..=406 | 409 | 410 | 412 | 415 | 422 | 501 | 507
            ),
            _ => false,
        }
    }

    /// Whether the answer would have been too long (RFC 4791 section 7.8).
    pub(crate) fn is_too_many_matches(&self) -> bool {
        match self {
            Self::Status(refusal) => {
                refusal.status == 507 || refusal.complaint == Some(Complaint::NumberOfMatches)
            }
            _ => false,
        }
    }

    /// Whether the answer is longer than is read.
    pub(crate) const fn is_too_long(&self) -> bool {
        match self {
            Self::Http(error) => matches!(error.kind(), HttpErrorKind::TooLong),
            Self::Xml(error) => matches!(error, XmlError::TooMany),
            _ => false,
        }
    }

    /// Whether the server failed over what was asked, and may not over something else.
    pub(crate) fn is_breakdown(&self) -> bool {
        matches!(self, Self::Status(Refusal { status: 500, .. }))
    }
}

impl From<HttpError> for Fault {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<HttpErrorKind> for Fault {
    fn from(kind: HttpErrorKind) -> Self {
        Self::Http(kind.into())
    }
}

impl From<UrlError> for Fault {
    fn from(error: UrlError) -> Self {
        Self::Http(error.into())
    }
}

impl From<XmlError> for Fault {
    fn from(error: XmlError) -> Self {
        Self::Xml(error)
    }
}

impl From<Fault> for SourceError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Elsewhere => FailureKind::Refused.into(),
            Fault::Http(error) => error.into(),
            Fault::NoCalendar => FailureKind::Missing.into(),
            Fault::NotCalDav => FailureKind::NotACalendar.into(),
            Fault::Status(refusal) => refusal.error,
            Fault::TooMany => FailureKind::TooLong.into(),
            Fault::Xml(XmlError::CutOff) => FailureKind::Broken.into(),
            Fault::Xml(XmlError::TooMany) => FailureKind::TooLong.into(),
            Fault::Xml(_) => FailureKind::NotACalendar.into(),
        }
    }
}
