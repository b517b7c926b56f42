//! A strip as a picture: days down, hours across, in light and in dark.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate, Weekday};

use super::rehearsal::Grade;
use super::strip::{Day, Strip, length};

const LEFT_PX: usize = 104;
const TOP_PX: usize = 146;
const CELL_PX: usize = 30;
const ROW_PX: usize = 17;
const GAP_PX: usize = 2;
/// Between Sunday and Monday.
const WEEK_PX: usize = 6;
const MARGIN_PX: usize = 24;
const LEGEND_PX: usize = 412;

/// The colours are those of Okabe and Ito, which no common colour blindness takes for each other; and
/// what is alone has a cross besides.
const STYLE: &str = "
:root { color-scheme: light dark; }
.ground { fill: #ffffff; }
text { fill: #1c1c1c; font: 13px system-ui, sans-serif; }
.title { font-size: 20px; font-weight: 600; }
.faint { fill: #5c5c5c; }
.weekend { fill: #8a5a00; }
.alone { fill: #c93400; }
.late { fill: #e69f00; }
.fragile { fill: #f3e08a; }
.safe { fill: #9ad6c3; }
.cross { stroke: #ffffff; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #16181c; }
  text { fill: #ececec; }
  .faint { fill: #a6a6a6; }
  .weekend { fill: #e0b060; }
  .alone { fill: #ff5a2a; }
  .late { fill: #d08c00; }
  .fragile { fill: #8f7d2e; }
  .safe { fill: #1f6653; }
  .cross { stroke: #16181c; }
}
";

/// What is written so far.
struct Picture {
    svg: String,
}

pub(super) fn draw(strip: &Strip, title: &str) -> String {
    let tops = tops(&strip.days);
    let bottom = tops.last().map_or(TOP_PX, |top| top + ROW_PX);
    let (width, height) = (LEFT_PX + 24 * CELL_PX + MARGIN_PX, bottom + MARGIN_PX);
    let mut picture = Picture { svg: String::new() };
    picture.line(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\">"
    ));
    picture.line(&format!("<title>{}</title>", escaped(title)));
    picture.line(&format!("<style>{STYLE}</style>"));
    picture.line(&format!(
        "<rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>"
    ));
    picture.draw_head(strip, title);
    for (day, top) in strip.days.iter().zip(&tops) {
        picture.draw_day(day, *top);
    }
    picture.line("</svg>");
    picture.svg
}

/// Where the row of each day begins; weeks stand apart.
fn tops(days: &[Day]) -> Vec<usize> {
    let mut next = TOP_PX;
    let tops = days.iter().enumerate().map(|(place, day)| {
        if 0 < place && day.date.weekday() == Weekday::Mon {
            next += WEEK_PX;
        }
        let top = next;
        next += ROW_PX;
        top
    });
    tops.collect()
}

impl Picture {
    fn line(&mut self, text: &str) {
        self.svg.push_str(text);
        self.svg.push('\n');
    }

    fn text(&mut self, x: usize, y: usize, attributes: &str, text: &str) {
        let text = escaped(text);
        writeln!(
            self.svg,
            "<text x=\"{x}\" y=\"{y}\"{attributes}>{text}</text>"
        )
        .expect("a string takes what is written");
    }

    fn draw_head(&mut self, strip: &Strip, title: &str) {
        self.text(MARGIN_PX, 36, " class=\"title\"", title);
        let dates = strip.days.first().zip(strip.days.last());
        let dates = dates.map_or(String::new(), |(first, last)| {
            format!("{} to {}", long(first.date), long(last.date))
        });
        let text = format!(
            "{dates}, clock of {}; each cell shows the worst of its hour",
            strip.zone.name()
        );
        self.text(MARGIN_PX, 58, " class=\"faint\"", &text);
        for (place, grade) in Grade::ALL.into_iter().enumerate() {
            let x = MARGIN_PX + place % 2 * LEGEND_PX;
            let y = 72 + place / 2 * 24;
            self.cell(grade, x, y, "");
            let (name, time) = (grade.name(), length(strip.time_of(grade)));
            let text = format!("{name}, {time}: {}", grade.meaning());
            self.text(x + CELL_PX + 6, y + 13, "", &text);
        }
        for hour in (0..=24).step_by(3) {
            let x = LEFT_PX + hour * CELL_PX;
            let attributes = " class=\"faint\" text-anchor=\"middle\"";
            self.text(x, TOP_PX - 8, attributes, &format!("{hour:02}"));
        }
    }

    fn draw_day(&mut self, day: &Day, top: usize) {
        let is_weekend = matches!(day.date.weekday(), Weekday::Sat | Weekday::Sun);
        let class = if is_weekend { "weekend" } else { "faint" };
        let attributes = format!(" class=\"{class}\" text-anchor=\"end\"");
        let date = day.date.format("%a %-d %b").to_string();
        self.text(LEFT_PX - 10, top + 13, &attributes, &date);
        for (number, hour) in day.hours.iter().enumerate() {
            if let Some(hour) = hour {
                self.cell(hour.grade, LEFT_PX + number * CELL_PX, top, &hour.text);
            }
        }
    }

    fn cell(&mut self, grade: Grade, x: usize, y: usize, title: &str) {
        let (width, height) = (CELL_PX - GAP_PX, ROW_PX - GAP_PX);
        let class = grade.name();
        let rect = format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"2\"/>"
        );
        let (from, to) = (x + width / 2 - 4, x + width / 2 + 4);
        let (high, low) = (y + height / 2 - 4, y + height / 2 + 4);
        let cross = match grade {
            Grade::Alone => format!(
                "<path class=\"cross\" d=\"M{from} {high}L{to} {low}M{from} {low}L{to} {high}\"/>"
            ),
            _ => String::new(),
        };
        let title = match title {
            "" => String::new(),
            title => format!("<title>{}</title>", escaped(title)),
        };
        self.line(&format!("<g>{title}{rect}{cross}</g>"));
    }
}

fn long(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}
