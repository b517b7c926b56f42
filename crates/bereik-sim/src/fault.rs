//! What goes wrong, and when: the faults of a scenario with their instants.

use bereik_core::directory::Directory;
use bereik_core::line::Line;
use bereik_core::{ChannelKind, LineId};
use chrono::{DateTime, Utc};

use crate::scenario::{Fault, FaultKind, Scenario};

/// A fault with its instants.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) fault: Fault,
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
}

/// All faults of a scenario.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<Planned>);

impl Faults {
    pub(crate) fn of(
        scenario: &Scenario,
        directory: &Directory,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Self {
        let zone = directory.zone();
        let planned = |fault: &Fault| Planned {
            fault: fault.clone(),
            from: fault.from.map_or(start, |from| from.in_zone(zone)),
            to: fault.to.map_or(end, |to| to.in_zone(zone)).min(end),
        };
        let all = scenario.fault.iter().map(planned);
        Self(all.filter(|planned| planned.from < planned.to).collect())
    }

    /// The faults of a kind in force.
    pub(crate) fn at(&self, kind: FaultKind, at: DateTime<Utc>) -> impl Iterator<Item = &Fault> {
        let holds = move |planned: &&Planned| {
            planned.fault.kind == kind && planned.from <= at && at < planned.to
        };
        self.0.iter().filter(holds).map(|planned| &planned.fault)
    }

    pub(crate) fn is_down(
        &self,
        channel: ChannelKind,
        line: Option<&Line>,
        at: DateTime<Utc>,
    ) -> bool {
        self.at(FaultKind::Down, at)
            .any(|fault| meets(fault, channel, line))
    }

    /// Whether a whole kind of channel is down, whichever line it takes.
    pub(crate) fn is_channel_down(&self, channel: ChannelKind, at: DateTime<Utc>) -> bool {
        self.is_down(channel, None, at)
    }
}

/// Whether a fault meets what is carried over a kind of channel, by a line where there is one.
pub(crate) fn meets(fault: &Fault, channel: ChannelKind, line: Option<&Line>) -> bool {
    let is_named = |id: &LineId| fault.lines.contains(id);
    let by_channel = fault.channel.is_none_or(|named| named == channel);
    let by_line = fault.lines.is_empty() || line.is_some_and(|line| is_named(&line.id));
    let by_need = fault
        .depends_on
        .as_ref()
        .is_none_or(|need| line.is_some_and(|line| line.depends_on.contains(need)));
    by_channel && by_line && by_need
}
