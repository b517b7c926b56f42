//! What an event says of its time, for the engines that leave that to their caller.
//!
//! The policy is bereik's, written a second time, so that the engines can be compared: cancelled is free; transparent
//! is free; else Outlook's status, or else its wish; else STATUS; and the owner's answer weakens or lifts it.

/// From weak to strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Free,
    Tentative,
    Busy,
}

/// What was found in an event.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) is_cancelled: bool,
    pub(crate) is_tentative: bool,
    pub(crate) is_transparent: bool,
    pub(crate) busy_status: Option<Kind>,
    pub(crate) intended_status: Option<Kind>,
    /// What the owner's answer leaves, where there is an invitation.
    pub(crate) answer: Option<Kind>,
}

impl Marks {
    pub(crate) fn kind(&self) -> Kind {
        if self.is_cancelled || self.is_transparent {
            return Kind::Free;
        }
        let own_word = self.busy_status.or(self.intended_status);
        let kind = own_word.unwrap_or(match self.is_tentative {
            true => Kind::Tentative,
            false => Kind::Busy,
        });
        kind.min(self.answer.unwrap_or(Kind::Busy))
    }
}

/// Of an X-MICROSOFT-CDO-BUSYSTATUS or -INTENDEDSTATUS.
pub(crate) fn of_status(status: &str) -> Option<Kind> {
    match status {
        "BUSY" | "OOF" => Some(Kind::Busy),
        "TENTATIVE" => Some(Kind::Tentative),
        "FREE" | "WORKINGELSEWHERE" => Some(Kind::Free),
        _ => None,
    }
}
