//! The time in slices: who came, who waited, who was there; and the worst of them, with the reasons.

use bereik_core::ChannelKind;
use bereik_core::channel_kind::PerChannel;
use chrono::{DateTime, Utc};

use crate::scenario::FaultKind;
use crate::world::{Visit, World};

/// How long a slice is, in minutes.
pub const SLICE_MIN: i64 = 15;
const SLICE_MS: i64 = SLICE_MIN * 60_000;
const WORST_MAX: usize = 3;

/// What happened in one slice of time.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Slice {
    /// When it begins, in milliseconds since the start.
    pub from_ms: i64,
    /// How many came.
    pub arrivals: u32,
    /// How many of them were not answered within the agreed time.
    pub late: u32,
    /// How long those who came in it waited, each until he was answered or gave up, in
    /// milliseconds, by kind of channel: the sum, how many, and the longest.
    pub waits: PerChannel<(i64, u32, i64)>,
    /// How many waited at its end.
    pub waiting: u32,
    /// How many people were on duty in the mean.
    pub on_duty: f64,
}

impl Slice {
    /// The mean wait of those who came over a kind of channel, in seconds, if anybody did.
    #[must_use]
    pub fn mean_wait_s(&self, channel: ChannelKind) -> Option<f64> {
        let (sum_ms, count, _) = self.waits[channel];
        (count > 0).then(|| sum_ms as f64 / f64::from(count) / 1_000.0)
    }

    /// The longest wait of those who came, in seconds.
    #[must_use]
    pub fn longest_wait_s(&self) -> f64 {
        let longest = self.waits.iter().map(|(_, (.., longest))| *longest).max();
        longest.unwrap_or_default() as f64 / 1_000.0
    }
}

/// A bad moment, and what speaks for a reason.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorstMoment {
    /// When its slice begins.
    pub at: DateTime<Utc>,
    /// How many came, and were not answered within the agreed time.
    pub late: u32,
    /// How many came in all.
    pub arrivals: u32,
    /// The longest wait of those who came, in seconds.
    pub longest_wait_s: f64,
    /// What was so then, in words.
    pub why: Vec<String>,
}

/// The slices of a world's time, the calm left aside.
pub(super) fn slices<'v>(
    world: &World<'_>,
    visits: impl Iterator<Item = (&'v Visit, bool)>,
) -> Vec<Slice> {
    let count = usize::try_from(world.end_ms.div_euclid(SLICE_MS))
        .unwrap_or_default()
        .max(1);
    let mut slices: Vec<Slice> = (0..count)
        .map(|i| Slice {
            from_ms: i as i64 * SLICE_MS,
            ..Slice::default()
        })
        .collect();
    let mut change = vec![0_i64; count + 1];
    let place = |ms: i64| {
        usize::try_from(ms.div_euclid(SLICE_MS))
            .unwrap_or_default()
            .min(count)
    };
    for (visit, is_within) in visits {
        let at = place(visit.came_ms);
        let wait_ms = visit.wait_ms(world.end_ms.max(visit.came_ms));
        change[at] += 1;
        change[place(visit.came_ms + wait_ms)] -= 1;
        let Some(slice) = slices.get_mut(at) else {
            continue;
        };
        slice.arrivals += 1;
        slice.late += u32::from(!is_within);
        let (sum_ms, count, longest_ms) = &mut slice.waits[visit.channel];
        *sum_ms += wait_ms;
        *count += 1;
        *longest_ms = wait_ms.max(*longest_ms);
    }
    let mut waiting = 0;
    for (slice, change) in slices.iter_mut().zip(change) {
        waiting += change;
        slice.waiting = u32::try_from(waiting).unwrap_or_default();
    }
    count_on_duty(world, &mut slices);
    slices
}

fn count_on_duty(world: &World<'_>, slices: &mut [Slice]) {
    let mut changes = world.on_duty.iter().copied().peekable();
    let mut on_duty = 0;
    for slice in slices {
        let end_ms = slice.from_ms + SLICE_MS;
        let mut at_ms = slice.from_ms;
        let mut sum = 0.0;
        while let Some((ms, count)) = changes.next_if(|(ms, _)| *ms < end_ms) {
            sum += f64::from(on_duty) * (ms - at_ms) as f64;
            (at_ms, on_duty) = (ms, count);
        }
        sum += f64::from(on_duty) * (end_ms - at_ms) as f64;
        slice.on_duty = sum / SLICE_MS as f64;
    }
}

/// The slices in which most came who were not answered in time, with what was so in them.
pub(super) fn worst(world: &World<'_>, slices: &[Slice]) -> Vec<WorstMoment> {
    let mut order: Vec<usize> = (0..slices.len()).filter(|i| slices[*i].late > 0).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&slices[*a], &slices[*b]);
        let by_late = b.late.cmp(&a.late);
        by_late.then(b.longest_wait_s().total_cmp(&a.longest_wait_s()))
    });
    let moment = |i: usize| {
        let slice = &slices[i];
        WorstMoment {
            at: world.at(slice.from_ms),
            late: slice.late,
            arrivals: slice.arrivals,
            longest_wait_s: slice.longest_wait_s(),
            why: reasons(world, slices, i),
        }
    };
    order.into_iter().take(WORST_MAX).map(moment).collect()
}

fn reasons(world: &World<'_>, slices: &[Slice], i: usize) -> Vec<String> {
    let slice = &slices[i];
    let mut why = Vec::new();
    let came: Vec<u32> = slices
        .iter()
        .map(|s| s.arrivals)
        .filter(|n| *n > 0)
        .collect();
    let usual = came.iter().map(|n| f64::from(*n)).sum::<f64>() / came.len().max(1) as f64;
    if f64::from(slice.arrivals) > 1.5 * usual {
        let times = f64::from(slice.arrivals) / usual;
        why.push(format!("{times:.1} times as many came as in the mean"));
    }
    let most = slices.iter().map(|s| s.on_duty).fold(0.0, f64::max);
    if slice.on_duty < 0.05 {
        why.push("nobody was on duty".to_owned());
    } else if slice.on_duty < 0.75 * most {
        why.push(format!("{:.1} of {most:.0} were on duty", slice.on_duty));
    }
    let before = i.checked_sub(1).map_or(0, |before| slices[before].waiting);
    if before > 0 {
        why.push(format!("{before} already waited"));
    }
    let (from, to) = (world.at(slice.from_ms), world.at(slice.from_ms + SLICE_MS));
    for planned in &world.faults.0 {
        if planned.from < to && from < planned.to {
            why.push(fault_in_words(planned));
        }
    }
    if why.is_empty() {
        why.push(format!("{:.1} on duty had their hands full", slice.on_duty));
    }
    why.dedup();
    why
}

fn fault_in_words(planned: &crate::fault::Planned) -> String {
    let fault = &planned.fault;
    let what = match fault.kind {
        FaultKind::ClockJumps => "the clock was wrong",
        FaultKind::Doubled => "words came twice",
        FaultKind::Down => "down",
        FaultKind::Late => "late",
        FaultKind::Lost => "words were lost",
        FaultKind::Restarts => "the machine was restarted",
        FaultKind::StalePresence => "nobody knew who was there",
    };
    let over = fault
        .channel
        .map(|channel| channel.name().replace('_', " "));
    let lines: Vec<String> = fault.lines.iter().map(ToString::to_string).collect();
    let over = over.or_else(|| (!lines.is_empty()).then(|| lines.join(", ")));
    let over = over.or_else(|| fault.depends_on.clone());
    match (fault.kind, over) {
        (FaultKind::Down | FaultKind::Late, over) => {
            format!(
                "{} was {what}",
                over.unwrap_or_else(|| "everything".to_owned())
            )
        }
        (_, Some(over)) => format!("{what} over {over}"),
        (_, None) => what.to_owned(),
    }
}
