//! What an event says of the time it takes: free, tentative, busy, out of office, elsewhere.

use bereik_core::free_busy::FreeBusyKind;

use crate::component::{Answer, Event, Stamp};
use crate::read::value::When;
use crate::reading::Reading;

/// The kind of an event's time, for these owners.
pub(crate) fn kind_of(event: &Event, owners: &[u64], reading: &Reading) -> FreeBusyKind {
    let marks = &event.marks;
    if marks.is_cancelled {
        return FreeBusyKind::Free;
    }
    let own_word = marks
        .busy_status
        .or(marks.intended_status)
        .or(marks.event_type);
    let kind = match own_word {
        // Where the owner works is told beside being free to be reached.
        Some(FreeBusyKind::Elsewhere) => FreeBusyKind::Elsewhere,
        _ if marks.is_transparent => FreeBusyKind::Free,
        Some(kind) => kind,
        None if marks.is_tentative => FreeBusyKind::Tentative,
        None if is_unmarked_all_day(event) => reading.unmarked_all_day(),
        None => FreeBusyKind::Busy,
    };
    let is_stronger = kind > FreeBusyKind::Tentative;
    match answer_of(event, owners) {
        Some(Answer::Declined) => FreeBusyKind::Free,
        Some(Answer::Tentative | Answer::Silent) if is_stronger => FreeBusyKind::Tentative,
        _ => kind,
    }
}

fn is_unmarked_all_day(event: &Event) -> bool {
    let is_date = matches!(
        event.start,
        Some(Stamp {
            when: When::Date(_),
            ..
        })
    );
    is_date && !event.marks.is_opaque
}

/// The owners' answer to an invitation; of several, the one that leaves them busiest.
fn answer_of(event: &Event, owners: &[u64]) -> Option<Answer> {
    let organizes = event.organizer.is_some_and(|key| owners.contains(&key));
    let rank = |answer: Answer| match answer {
        Answer::Accepted => 2,
        Answer::Silent if organizes => 2,
        Answer::Silent | Answer::Tentative => 1,
        Answer::Declined => 0,
    };
    let own = event.answers.iter().filter(|(key, _)| owners.contains(key));
    let answer = own
        .map(|(_, answer)| *answer)
        .max_by_key(|answer| rank(*answer))?;
    let is_organizers_silence = organizes && answer == Answer::Silent;
    (!is_organizers_silence).then_some(answer)
}
