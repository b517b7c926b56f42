//! The configuration check: what will go wrong before the night, from the directory alone.

mod delays;
mod finding;
mod groups;
mod lines;
mod open;
mod people;
mod ways;

use bereik_core::Interval;
use bereik_core::directory::Directory;

pub use finding::{Finding, FindingKind, Late, Severity, Subject, WaySet};

/// How far a check has come.
struct Check<'a> {
    directory: &'a Directory,
    range: Interval,
    findings: Vec<Finding>,
}

/// What will go wrong with a directory over a range, whatever calendars and rosters say: the worst
/// first, and then in the order of the directory.
///
/// Of a range at most 400 days are looked at. A group without members, and shares of
/// nothing or of nobody, are refused by [`Draft::check`](bereik_core::directory::Draft::check)
/// already. What depends on agendas and on who is on call is left
/// to the fire drill of bereik-sim.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::group::Group;
/// use bereik_core::person::Person;
/// use bereik_core::zone::Zone;
/// use bereik_routing::{FindingKind, Severity, check};
///
/// let anna = Person::new("anna".parse()?, "Anna");
/// let helpdesk = Group::new("helpdesk".parse()?, "Helpdesk", vec![anna.id.clone()]);
/// let draft = Draft::new("Rivers & Co", Zone::utc());
/// let directory = draft.with_person(anna).with_group(helpdesk).check()?;
///
/// let findings = check(&directory, "2026-11-23T00:00:00Z/2026-12-23T00:00:00Z".parse()?);
/// assert_eq!(findings[0].kind, FindingKind::CalamityWithoutLine);
/// assert_eq!(findings[0].severity, Severity::Alone);
/// assert_eq!(findings[0].to_string(), "a calamity has no line");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn check(directory: &Directory, range: Interval) -> Vec<Finding> {
    let mut check = Check {
        directory,
        range: open::looked_at(range),
        findings: Vec::new(),
    };
    check.calamity_lines();
    check.shared_dependencies();
    check.levels();
    check.delays();
    check.groups();
    check.skills();
    check.on_call_people();
    check.capacities();
    check.findings.sort_by_key(|finding| finding.severity);
    check.findings
}

impl Check<'_> {
    fn find(
        &mut self,
        severity: Severity,
        subject: Subject,
        kind: FindingKind,
        ranges: Vec<Interval>,
    ) {
        self.findings.push(Finding {
            kind,
            severity,
            subject,
            ranges,
        });
    }
}
