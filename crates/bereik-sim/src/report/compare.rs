//! Two scenarios side by side over the same seeds: what differs, and whether it is more than chance.

use std::fmt;

use super::text::{clock, name_of};
use super::{Report, Row};

/// One figure of both scenarios.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Difference {
    /// What it is of.
    pub of: String,
    /// Which figure.
    pub figure: &'static str,
    /// Its mean in the first scenario, over the seeds.
    pub first: f64,
    /// Its mean in the second.
    pub second: f64,
    /// Half of the 95 % interval of the difference, seed by seed; none with a single seed.
    pub margin: Option<f64>,
    is_wait: bool,
}

impl Difference {
    /// Whether the difference is more than chance: its 95 % interval does not hold zero.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.margin
            .is_some_and(|margin| (self.second - self.first).abs() > margin)
    }
}

/// Two scenarios side by side.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Comparison {
    /// The names of both.
    pub names: [String; 2],
    /// How many seeds each was run with.
    pub seeds: usize,
    /// Every figure.
    pub differences: Vec<Difference>,
}

type Figure = (&'static str, bool, fn(&Row) -> f64);

const FIGURES: [Figure; 6] = [
    ("in time %", false, |row| row.share(row.within) * 100.0),
    ("p50", true, |row| row.wait_s(0.5).unwrap_or(f64::NAN)),
    ("p90", true, |row| row.wait_s(0.9).unwrap_or(f64::NAN)),
    ("gave up %", false, |row| row.share(row.abandoned) * 100.0),
    ("no word %", false, |row| {
        row.share(row.turned_away + row.unanswered) * 100.0
    }),
    ("occupied %", false, |row| row.occupancy * 100.0),
];

/// The 97.5th percentile of Student's t for so many degrees of freedom.
fn student(freedom: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042,
    ];
    freedom
        .checked_sub(1)
        .and_then(|i| TABLE.get(i))
        .copied()
        .unwrap_or(1.96)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Half of the 95 % interval of the mean.
fn margin(values: &[f64]) -> Option<f64> {
    let freedom = values.len().checked_sub(1).filter(|freedom| *freedom > 0)?;
    let middle = mean(values);
    let squares: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    let deviation = (squares / freedom as f64).sqrt();
    Some(student(freedom) * deviation / (values.len() as f64).sqrt())
}

impl Comparison {
    /// The reports of two scenarios, of each seed in turn.
    ///
    /// # Panics
    /// Where there is no report, or not as many of the one as of the other.
    #[must_use]
    pub fn new(first: &[Report], second: &[Report]) -> Self {
        assert!(
            !first.is_empty() && first.len() == second.len(),
            "as many of both"
        );
        let mut keys: Vec<_> = first
            .iter()
            .chain(second)
            .flat_map(|report| &report.rows)
            .map(|row| (row.channel, row.urgency))
            .collect();
        keys.sort_by_key(|(channel, urgency)| (*channel, urgency.map(std::cmp::Reverse)));
        keys.dedup();
        keys.push((None, None));
        let row_of = |report: &Report, (channel, urgency)| {
            let mut rows = report.rows.iter().chain([&report.total]);
            let row = rows.find(|row| (row.channel, row.urgency) == (channel, urgency));
            row.cloned().unwrap_or(Row {
                channel,
                urgency,
                ..Row::default()
            })
        };
        let mut differences = Vec::new();
        for key in keys {
            let rows = |reports: &[Report]| -> Vec<Row> {
                reports.iter().map(|report| row_of(report, key)).collect()
            };
            let (of_first, of_second) = (rows(first), rows(second));
            let (channel, urgency) = name_of(&of_first[0]);
            let of = format!("{channel} {urgency}").trim().to_owned();
            for (figure, is_wait, get) in FIGURES {
                let pairs: Vec<(f64, f64)> = of_first
                    .iter()
                    .map(get)
                    .zip(of_second.iter().map(get))
                    .filter(|(a, b)| !a.is_nan() && !b.is_nan())
                    .collect();
                let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
                let apart: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
                let (first, second, margin) = (mean(&a), mean(&b), margin(&apart));
                differences.push(Difference {
                    of: of.clone(),
                    figure,
                    first,
                    second,
                    margin,
                    is_wait,
                });
            }
        }
        let names = [first[0].name.clone(), second[0].name.clone()];
        Self {
            names,
            seeds: first.len(),
            differences,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |value: f64| match (value.is_nan(), self.is_wait) {
            (true, _) => "-".to_owned(),
            (_, true) => clock(value),
            (_, false) => format!("{value:.1}"),
        };
        let apart = self.second - self.first;
        let is_shown = apart.abs() >= if self.is_wait { 0.5 } else { 0.05 };
        let sign = match (is_shown, apart < 0.0) {
            (false, _) => "",
            (true, true) => "-",
            (true, false) => "+",
        };
        let size = if apart.is_nan() {
            "-".to_owned()
        } else {
            format!("{sign}{}", plain(apart.abs()))
        };
        let margin = self.margin.filter(|margin| !margin.is_nan());
        let margin = margin.map_or_else(String::new, |margin| format!("± {}", plain(margin)));
        let sure = if self.is_sure() { "  *" } else { "" };
        write!(
            f,
            "{:18} {:11} {:>9} {:>9} {size:>9} {margin:>9}{sure}",
            self.of,
            self.figure,
            plain(self.first),
            plain(self.second)
        )
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "A: {}\nB: {}\n{} seeds each\n",
            self.names[0], self.names[1], self.seeds
        )?;
        writeln!(
            f,
            "{:18} {:11} {:>9} {:>9} {:>9}",
            "", "", "A", "B", "B - A"
        )?;
        let mut last = "";
        for difference in &self.differences {
            if last != difference.of && !last.is_empty() {
                writeln!(f)?;
            }
            last = &difference.of;
            writeln!(f, "{difference}")?;
        }
        match self.seeds {
            1 => writeln!(f, "\nOne seed tells nothing of chance; more do."),
            _ => writeln!(
                f,
                "\n*: more than chance (95 % interval of the difference, seed by seed)"
            ),
        }
    }
}
