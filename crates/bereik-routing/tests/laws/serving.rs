//! How a company at random serves its customers.

use bereik_core::customer::Silence;
use bereik_core::directory::Draft;
use bereik_core::incident::{AfterIncident, IncidentRule};
use bereik_core::triage::{Triage, TriageOption};

use super::act::need_id;

/// How a company serves its customers; every number is bent into range.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    pub(crate) reopen_for_s: u32,
    pub(crate) triage_for_s: Option<u32>,
    pub(crate) incident: (u32, u32, bool),
    pub(crate) silence_s: u32,
}

impl Serving {
    /// How customers are served: what is asked, joined, kept and let go.
    pub(crate) fn configure(&self, draft: &mut Draft) {
        draft.reopen_for_s = self.reopen_for_s;
        draft.looks_up_customers = true;
        let (contacts, within_s, closes) = self.incident;
        draft.incident = IncidentRule {
            contacts,
            within_s,
            word_for_s: 60,
            after: if closes {
                AfterIncident::Close
            } else {
                AfterIncident::Return
            },
        };
        draft.silence = Silence {
            probe_live_after_s: self.silence_s,
            probe_after_s: self.silence_s,
            abandon_after_s: self.silence_s,
            goes_behind: closes,
        };
        let option = |group: Option<usize>, need: Option<usize>| TriageOption {
            label: "This".into(),
            group: group.map(|group| format!("g{group}").parse().expect("an id")),
            requires: std::vec![],
            need: need.and_then(need_id),
        };
        draft.triage = self.triage_for_s.map(|for_s| Triage {
            question: "What?".into(),
            options: std::vec![option(Some(2), None), option(None, Some(1))],
            for_s,
            words_go_on: closes,
            channels: std::vec![],
        });
    }
}
