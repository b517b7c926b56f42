//! Says what a drill found, for somebody who has the night.

use bereik::core::directory::Directory;
use bereik::core::offer::Offered;
use bereik::core::{Interval, PersonId};
use bereik::routing::Finding;
use bereik::sim::drill::{Drill, Grade, Loss, Over, Rehearsal, Step, StepKind};
use chrono::{DateTime, TimeDelta, Utc};

/// So many stretches of one sort are listed.
const LISTED_MAX: usize = 8;
/// So long are lines, in characters.
const WIDTH: usize = 100;

/// Writes a report in the words and on the clock of a company.
pub(crate) struct Report<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) drill: &'a Drill,
}

impl Report<'_> {
    /// What the directory tells by itself.
    pub(crate) fn findings(&self, findings: &[Finding]) -> String {
        if findings.is_empty() {
            return "The directory by itself: nothing is wrong.\n".to_owned();
        }
        let mut told = "The directory by itself:\n".to_owned();
        for finding in findings {
            let mut text = format!("{:7} {finding}", finding.severity.name());
            if let Some(first) = finding.ranges.first() {
                let (times, first) = (times(&finding.ranges), self.when(*first));
                text += &format!(": {times}, first {first}");
            }
            told += &wrapped(&text);
        }
        told
    }

    /// What would happen at one instant: who, when, over what, how it came to that.
    pub(crate) fn at(&self, at: DateTime<Utc>) -> String {
        let Some(rehearsal) = self.drill.at(at) else {
            return String::new();
        };
        let local = self.directory.zone().local_at(at);
        let mut told = format!("A calamity on {}:\n", local.format("%A %-d %B %Y at %H:%M"));
        for step in &rehearsal.way {
            told += &format!("    {:>8}  {}\n", short(step.after), self.step(step));
        }
        told + &self.end(rehearsal)
    }

    fn end(&self, rehearsal: &Rehearsal) -> String {
        let Some(beside) = &rehearsal.beside else {
            return "  Nobody comes. The customer is alone.\n".to_owned();
        };
        let who = beside.who.as_ref();
        let who = who.map_or_else(|| "Whoever answers".to_owned(), |who| self.name(who));
        let (after, target) = (short(beside.after), short(rehearsal.target));
        let over = self.over(&beside.over);
        let is_late = match rehearsal.target < beside.after {
            true => "too late for",
            false => "within",
        };
        let mut told = format!(
            "  {who} stands beside the customer after {after}, {over}, {is_late} the target of {target}.\n"
        );
        told += &match rehearsal.breaks.is_empty() {
            true => "  Whichever one person or line is missing, somebody comes.\n".to_owned(),
            false => format!(
                "  Nobody comes without {}.\n",
                self.losses(&rehearsal.breaks)
            ),
        };
        told
    }

    fn step(&self, step: &Step) -> String {
        match &step.kind {
            StepKind::Asked { to, over, is_heard } => {
                let to = match to {
                    Offered::Line(line) => format!("line {line}"),
                    Offered::Person(person) => self.name(person),
                };
                let over = match over {
                    Some(Over::Line(line)) if to != format!("line {line}") => {
                        format!(" over {line}")
                    }
                    Some(Over::Line(_)) | None => String::new(),
                    Some(Over::Desk) => " at the desk".to_owned(),
                };
                let heard = if *is_heard {
                    ""
                } else {
                    ", which nobody hears"
                };
                format!("{to}{over} is asked{heard}")
            }
            StepKind::LevelSkipped(level) => {
                format!("level {level} is skipped: nobody of it is there")
            }
            StepKind::LevelStarted(level) => format!("level {level} starts"),
            _ => String::new(),
        }
    }

    fn over(&self, over: &Over) -> String {
        match over {
            Over::Desk => "at the desk".to_owned(),
            Over::Line(line) => format!("over {line}"),
        }
    }

    fn name(&self, person: &PersonId) -> String {
        let known = self.directory.person(person);
        known.map_or_else(|| person.to_string(), |person| person.name.clone())
    }

    fn loss(&self, loss: &Loss) -> String {
        match loss {
            Loss::Person(person) => self.name(person),
            loss => loss.to_string(),
        }
    }

    fn losses(&self, losses: &[Loss]) -> String {
        let losses: Vec<String> = losses.iter().map(|loss| self.loss(loss)).collect();
        losses.join(", or without ")
    }

    /// When a customer would be alone, and when somebody would come late.
    pub(crate) fn gaps(&self) -> String {
        let mut told = String::new();
        for (grade, heading) in [
            (Grade::Alone, "A customer would be alone"),
            (Grade::Late, "Somebody would come, but late"),
        ] {
            let stretches = self.drill.stretches_of(grade);
            if stretches.is_empty() {
                continue;
            }
            told += &format!("{heading}, {} in all:\n", times(&stretches));
            for stretch in stretches.iter().take(LISTED_MAX) {
                let long = length(stretch.duration());
                told += &format!("    {}  ({long})\n", self.when(*stretch));
            }
            told += &more(stretches.len());
            told.push('\n');
        }
        if told.is_empty() {
            told += "Somebody comes in time at every instant.\n\n";
        }
        told
    }

    /// Who is on call over fewer than two lines.
    pub(crate) fn few_lines(&self) -> String {
        let mut told = String::new();
        for few in self.drill.few_lines() {
            let name = self.name(&few.person);
            let lines = match few.lines_min {
                0 => "no line",
                _ => "only one line",
            };
            let first = few.stretches.first().map(|first| self.when(*first));
            let (times, first) = (times(&few.stretches), first.unwrap_or_default());
            told += &format!("    {name:24} over {lines}, {times}, first {first}\n");
        }
        match told.is_empty() {
            true => told,
            false => format!("On call without two lines in service:\n{told}\n"),
        }
    }

    /// On what or whom alone it hangs.
    pub(crate) fn breaks(&self) -> String {
        let breaks = self.drill.breaks();
        if breaks.is_empty() {
            return String::new();
        }
        let mut told = "A customer would be alone without just one of these:\n".to_owned();
        for (loss, stretches) in &breaks {
            let from = stretches
                .first()
                .map_or_else(String::new, |first| self.when(*first));
            let (loss, times) = (self.loss(loss), times(stretches));
            told += &format!("    {loss:24} {times}, first {from}\n");
        }
        told.push('\n');
        told
    }

    /// `Tue 24 Nov 12:30 to 13:00`, with the day of the end where it is another one.
    fn when(&self, interval: Interval) -> String {
        let local = |at: DateTime<Utc>| self.directory.zone().local_at(at);
        let (start, end) = (local(interval.start()), local(interval.end()));
        let form = match start.date() == end.date() {
            true => "%H:%M",
            false => "%a %-d %b %H:%M",
        };
        format!(
            "{} to {}",
            start.format("%a %-d %b %H:%M"),
            end.format(form)
        )
    }
}

/// Lines of at most [`WIDTH`] characters, where words allow it.
fn wrapped(text: &str) -> String {
    let mut lines = vec!["   ".to_owned()];
    for word in text.split(' ') {
        if let Some(line) = lines.last()
            && WIDTH < line.chars().count() + 1 + word.chars().count()
        {
            lines.push(" ".repeat(11));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

fn times(stretches: &[Interval]) -> String {
    let total = length(stretches.iter().map(Interval::duration).sum());
    match stretches.len() {
        1 => format!("once, {total}"),
        times => format!("{times} times, {total}"),
    }
}

fn more(listed: usize) -> String {
    match listed.saturating_sub(LISTED_MAX) {
        0 => String::new(),
        more => format!("    and {more} more\n"),
    }
}

/// `15 s`, `2 min`, `1 min 30`.
fn short(delta: TimeDelta) -> String {
    match (delta.num_minutes(), delta.num_seconds() % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds:02}"),
    }
}

/// `17 min`, `8 h`, `8 h 30`.
fn length(delta: TimeDelta) -> String {
    match (delta.num_hours(), delta.num_minutes() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02}"),
    }
}
