//! Free/busy time of a fortnight, as a busy person has it.

use bereik::core::free_busy::{FreeBusy, FreeBusyKind};
use bereik::core::interval::Interval;
use chrono::{DateTime, TimeDelta, Utc};

use crate::dice::Dice;
use crate::workload;

/// Days from [`start`] on.
pub const DAYS: i64 = 14;

const MEETINGS_A_DAY: i64 = 10;

/// Meetings in all.
pub const MEETINGS: usize = (DAYS * MEETINGS_A_DAY) as usize;

/// The midnight at which the fortnight begins.
#[must_use]
pub fn start() -> DateTime<Utc> {
    workload::window().0
}

/// Ten meetings a day that do not touch; `odd` of all begin off the minute.
///
/// # Panics
///
/// Never: all its meetings have a length.
#[must_use]
pub fn fortnight(dice: &mut Dice, odd: usize) -> FreeBusy {
    let start = start();
    let known = Interval::new(start, start + TimeDelta::days(DAYS)).expect("days have a length");
    let mut builder = FreeBusy::builder(known);
    for number in 0..DAYS * MEETINGS_A_DAY {
        let (day, hour) = (number / MEETINGS_A_DAY, number % MEETINGS_A_DAY);
        let hour = start + TimeDelta::days(day) + TimeDelta::hours(8 + hour);
        // The odd ones are spread over the days.
        let is_odd = (number as usize * odd) / MEETINGS != ((number as usize + 1) * odd) / MEETINGS;
        let seconds = if is_odd { dice.between(1, 59) } else { 0 };
        let from = hour + TimeDelta::minutes(dice.between(1, 14)) + TimeDelta::seconds(seconds);
        let to = hour + TimeDelta::minutes(dice.between(25, 59));
        let kind = match dice.roll(20) {
            0..2 => FreeBusyKind::Tentative,
            2 => FreeBusyKind::OutOfOffice,
            _ => FreeBusyKind::Busy,
        };
        builder.push(Interval::new(from, to).expect("it ends later"), kind);
    }
    builder.build()
}
