//! What holds of every calendar, whatever its bytes: the laws that property tests and fuzzing share.

pub(crate) mod case;
mod expanding;
mod reading;
mod spelling;

use bereik_calendar::{Calendar, Expanded, Explained, Occurrence, Problem, ProblemReason};
use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;
use case::Case;
use chrono::{DateTime, Utc};

/// Tries every law on an input: the settings of a case in 16 bytes, then a calendar.
///
/// # Panics
/// Where a law does not hold; that is what it is for.
pub(crate) fn check(input: &[u8]) {
    let case = Case::of(input);
    let answers = Answers::of(&case);
    expanding::answers_lie_in_the_window(&case, &answers);
    expanding::no_occurrence_is_free(&case, &answers);
    expanding::steps_are_bounded(&case, &answers);
    expanding::each_stretch_is_explained(&case, &answers);
    expanding::a_smaller_window_says_the_same(&case, &answers);
    expanding::tighter_limits_free_nobody(&case, &answers);
    expanding::marked_events_open_and_take_no_time(&case, &answers);
    expanding::shifts_are_occurrences(&case, &answers);
    reading::what_is_lost_in_bulk_is_unknown(&case, &answers);
    reading::an_open_component_hides_everything(&case);
    reading::nothing_is_unknown_without_a_problem(&case, &answers);
    reading::reading_again_says_the_same(&case, &answers);
    reading::problems_are_few_and_in_the_file(&case, &answers);
    reading::spelling_does_not_matter(&case, &answers);
    reading::order_does_not_matter(&case, &answers);
    reading::no_text_comes_out(&case, &answers);
    reading::calendars_in_a_row_are_merged(&case, &answers);
    reading::a_calendar_twice_is_the_calendar(&case, &answers);
    reading::what_is_written_reads_back_equal(&case, &answers);
}

/// What a calendar says of a case's window.
struct Answers {
    calendar: Calendar,
    free_busy: Expanded<FreeBusy>,
    occurrences: Expanded<Vec<Occurrence>>,
    explained: Expanded<Vec<Explained>>,
}

impl Answers {
    fn of(case: &Case<'_>) -> Self {
        let calendar = case.read();
        Self {
            free_busy: calendar.free_busy(case.window, &case.reading),
            occurrences: calendar.occurrences(case.window, &case.reading),
            explained: calendar.explain(case.window, &case.reading),
            calendar,
        }
    }
}

/// Whether an expansion gave up somewhere: it then says unknown, or leaves nothing out.
fn ran_out(problems: &[Problem]) -> bool {
    has_any(
        problems,
        &[ProblemReason::Steps, ProblemReason::ExceptionRule],
    )
}

/// Whether a file was not read to its end, so that everything is unknown.
fn is_lost(problems: &[Problem]) -> bool {
    has_any(
        problems,
        &[
            ProblemReason::CutOff,
            ProblemReason::Depth,
            ProblemReason::NotACalendar,
            ProblemReason::TooLong,
            ProblemReason::TooManyComponents,
        ],
    )
}

fn has_any(problems: &[Problem], reasons: &[ProblemReason]) -> bool {
    problems
        .iter()
        .any(|problem| reasons.contains(&problem.reason()))
}

/// Each stretch of a window in which neither of two values changes, with what they say of it.
fn side_by_side(
    a: &FreeBusy,
    b: &FreeBusy,
    window: Interval,
) -> Vec<(DateTime<Utc>, FreeBusyKind, FreeBusyKind)> {
    let mut stretches = Vec::new();
    let mut at = window.start();
    while at < window.end() {
        stretches.push((at, a.kind_at(at), b.kind_at(at)));
        let changes = [a.next_change_after(at), b.next_change_after(at)];
        at = changes.into_iter().flatten().min().unwrap_or(window.end());
    }
    stretches
}

/// Whether a value says at least unknown of each instant.
pub(crate) fn is_nowhere_free(value: &FreeBusy, window: Interval) -> bool {
    let all = side_by_side(value, value, window);
    all.iter()
        .all(|(_, kind, _)| *kind >= FreeBusyKind::Unknown)
}
