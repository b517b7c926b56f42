//! A strip for a terminal: coloured cells, or a letter for each.

use std::fmt;

use chrono::{Datelike as _, Weekday};

use super::rehearsal::Grade;
use super::strip::{Day, Strip, length};

/// A strip for a terminal; [`Display`](fmt::Display) writes it, each line ended.
///
/// Without colours an hour in which somebody would be alone is `X`, one in which somebody would
/// come late `L`, one that hangs on one person or line `+`, and a safe one `.`, so that what is
/// wrong stands out of dots.
#[derive(Clone, Copy, Debug)]
pub struct Letters<'a> {
    strip: &'a Strip,
    is_coloured: bool,
}

impl<'a> Letters<'a> {
    pub(super) const fn new(strip: &'a Strip, is_coloured: bool) -> Self {
        Self { strip, is_coloured }
    }

    fn write_cell(&self, f: &mut fmt::Formatter<'_>, grade: Grade, width: usize) -> fmt::Result {
        let letter = letter(grade);
        let text = format!("{letter:<width$}");
        if self.is_coloured {
            write!(f, "\u{1b}[{}m{text}\u{1b}[0m", colour(grade))
        } else {
            f.write_str(&text)
        }
    }

    fn write_day(&self, f: &mut fmt::Formatter<'_>, day: &Day) -> fmt::Result {
        write!(f, "{:<10} ", day.date.format("%a %e %b").to_string())?;
        let mut line = Vec::new();
        for (number, hour) in day.hours.iter().enumerate() {
            line.push((number, hour.as_ref().map(|hour| hour.grade)));
        }
        // What ends a line in blanks is not written.
        while line.last().is_some_and(|(_, grade)| grade.is_none()) {
            line.pop();
        }
        let last = line.len();
        for (number, grade) in line {
            if number % 6 == 0 && 0 < number {
                f.write_str(" ")?;
            }
            let width = if self.is_coloured || number + 1 < last {
                2
            } else {
                1
            };
            match grade {
                Some(grade) => self.write_cell(f, grade, width)?,
                None => write!(f, "{:width$}", "")?,
            }
        }
        writeln!(f)
    }
}

/// What stands in a cell.
pub(super) const fn letter(grade: Grade) -> char {
    match grade {
        Grade::Alone => 'X',
        Grade::Late => 'L',
        Grade::Fragile => '+',
        Grade::Safe => '.',
    }
}

/// The number of the colour, of the 256 that terminals have: ink and ground.
const fn colour(grade: Grade) -> &'static str {
    match grade {
        Grade::Alone => "1;38;5;231;48;5;160",
        Grade::Late => "38;5;16;48;5;208",
        Grade::Fragile => "38;5;94;48;5;222",
        Grade::Safe => "38;5;29;48;5;29",
    }
}

impl fmt::Display for Letters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads: Vec<String> = (0..4).map(|part| format!("{:02}", part * 6)).collect();
        writeln!(f, "{:<10} {}", "", heads.join("           "))?;
        let mut is_first = true;
        for day in &self.strip.days {
            if !is_first && day.date.weekday() == Weekday::Mon {
                writeln!(f)?;
            }
            is_first = false;
            self.write_day(f, day)?;
        }
        writeln!(f)?;
        for grade in Grade::ALL {
            self.write_cell(f, grade, 2)?;
            let (name, time) = (grade.name(), length(self.strip.time_of(grade)));
            writeln!(f, " {name:8} {time:>9}  {}", grade.meaning())?;
        }
        Ok(())
    }
}
