//! A report in words and columns, for a terminal.

use std::fmt;

use super::{Report, Row};

/// The most people that are listed.
const PEOPLE_MAX: usize = 12;

/// A wait: `14 s`, `2:10`, `1:02:10`.
pub(super) fn clock(seconds: f64) -> String {
    let all = seconds.round() as i64;
    let (hours, minutes, seconds) = (all / 3_600, all / 60 % 60, all % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// The name of a row: its channel and urgency, or `all`.
pub(super) fn name_of(row: &Row) -> (String, &'static str) {
    let channel = row.channel.map(|channel| channel.name().replace('_', " "));
    let urgency = row.urgency.map_or("", |urgency| urgency.name());
    (channel.unwrap_or_else(|| "all".to_owned()), urgency)
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (channel, urgency) = name_of(self);
        let wait = |share| self.wait_s(share).map_or_else(|| "-".to_owned(), clock);
        let each = |count: u64| count as f64 / self.contacts.max(1) as f64;
        let kept = match self.promised {
            0 => "-".to_owned(),
            promised => percent(self.kept as f64 / promised as f64),
        };
        write!(
            f,
            "{channel:9} {urgency:8} {:8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>6.2} {:>6.2} {kept:>8}",
            self.contacts,
            percent(self.share(self.within)),
            wait(0.5),
            wait(0.9),
            wait(0.99),
            percent(self.share(self.abandoned)),
            percent(self.share(self.turned_away + self.unanswered)),
            percent(self.occupancy),
            each(self.hand_overs),
            each(self.repeats),
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.zone.local_at(self.start);
        writeln!(f, "{}", self.name)?;
        writeln!(
            f,
            "{}, {} h from {} ({}), seed {}\n",
            local.format("%A %-d %B %Y"),
            self.hours,
            local.format("%H:%M"),
            self.zone.name(),
            self.seed
        )?;
        writeln!(
            f,
            "{:9} {:8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>6} {:>6} {:>8}",
            "channel",
            "urgency",
            "contacts",
            "in time",
            "p50",
            "p90",
            "p99",
            "gave up",
            "no word",
            "occupied",
            "moved",
            "again",
            "promise"
        )?;
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        if self.rows.len() > 1 {
            writeln!(f, "{}", self.total)?;
        }
        writeln!(
            f,
            "\nin time: of all who came, by a person, as agreed; p50, p90, p99: waits of the answered;\n\
             no word: could not get through, or no person answered; moved: hand-overs a contact;\n\
             again: questions told anew a contact; promise: answered by the instant first promised\n"
        )?;
        self.write_predictions(f)?;
        self.write_worst(f)?;
        self.write_people(f)
    }
}

impl Report {
    fn write_predictions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = &self.total;
        if total.predicted == 0 {
            return Ok(());
        }
        let part = |count: usize| percent(count as f64 / total.predicted as f64);
        writeln!(
            f,
            "predicted waits: {} of the answered; {} between p10 and p90, {} up to p50\n",
            total.predicted,
            part(total.as_predicted),
            part(total.below_half)
        )
    }

    fn write_worst(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.worst.is_empty() {
            return writeln!(f, "worst moments: none, everybody was answered in time\n");
        }
        writeln!(f, "worst moments")?;
        for moment in &self.worst {
            let at = self.zone.local_at(moment.at).format("%a %H:%M");
            let longest = clock(moment.longest_wait_s);
            writeln!(
                f,
                "    {at}  {} of {} late, up to {longest}: {}",
                moment.late,
                moment.arrivals,
                moment.why.join("; ")
            )?;
        }
        writeln!(f)
    }

    fn write_people(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:16} {:>8} {:>8} {:>6} {:>8} {:>8} {:>9} {:>7}",
            "person",
            "on duty",
            "occupied",
            "taken",
            "let ring",
            "declined",
            "handed on",
            "at once"
        )?;
        let worked = || {
            self.people
                .iter()
                .filter(|p| p.taken + p.let_ring + p.declined > 0)
        };
        for person in worked().take(PEOPLE_MAX) {
            let note = if person.is_overloaded() {
                "  overloaded"
            } else {
                ""
            };
            writeln!(
                f,
                "{:16} {:>6.1} h {:>8} {:>6} {:>8} {:>8} {:>9} {:>7}{note}",
                person.id.as_str(),
                person.on_duty_h,
                if person.on_duty_h > 0.0 {
                    percent(person.occupancy)
                } else {
                    "-".to_owned()
                },
                person.taken,
                person.let_ring,
                person.declined,
                person.handed_on,
                person.most_at_once
            )?;
        }
        let left = worked().count().saturating_sub(PEOPLE_MAX);
        if left > 0 {
            writeln!(f, "and {left} more")?;
        }
        Ok(())
    }
}
