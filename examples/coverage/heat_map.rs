//! Draws how many can be reached, a row for each day and a cell for each half hour on the clock of the zone.

use std::error::Error;

use bereik::core::{Interval, Zone};
use bereik::presence::{CoverageCount, Hole, HoleKind};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use plotters::chart::ChartContext;
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::SegmentedCoord;
use plotters::coord::types::{RangedCoordf64, RangedCoordi32};
use plotters::prelude::{
    BLACK, ChartBuilder, Color as _, DrawingArea, IntoDrawingArea as _, IntoFont as _,
    IntoSegmentedCoord as _, PathElement, RGBColor, Rectangle, SVGBackend, SegmentValue, Text,
    TextStyle, WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

const HALF_HOURS: i64 = 48;
const ROW_PX: u32 = 24;
const WIDTH_PX: u32 = 1_280;
const HEAD_PX: u32 = 64;
const LEGEND_PX: u32 = 64;
const TITLE_PX: u32 = 34;
const AXIS_PX: u32 = 28;
const DAY_PX: u32 = 96;
const MARGIN_PX: u32 = 24;
const FRAME_PX: u32 = 3;
const FONT: &str = "sans-serif";

/// From light to dark in one hue, so that lightness alone tells more from fewer.
const FEW: [f64; 3] = [214.0, 230.0, 244.0];
const MANY: [f64; 3] = [8.0, 48.0, 107.0];
/// Nobody, and nobody was promised.
const NOBODY: RGBColor = RGBColor(246, 246, 244);
/// Vermillion, which no common colour blindness takes for blue.
const HOLE: RGBColor = RGBColor(213, 94, 0);
const GREY: RGBColor = RGBColor(90, 90, 90);
const FAINT: RGBColor = RGBColor(205, 205, 205);

pub(crate) struct HeatMap {
    pub(crate) title: String,
    pub(crate) zone: Zone,
    pub(crate) days: Vec<NaiveDate>,
    pub(crate) panels: Vec<Panel>,
}

/// One kind of channel.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) counts: Vec<CoverageCount>,
    pub(crate) holes: Vec<Hole>,
}

/// What is shown of half an hour: the fewest in it.
struct Cell {
    open: u32,
    /// Whether of some nothing is known.
    has_unknown: bool,
    hole: Option<HoleKind>,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, SegmentedCoord<RangedCoordi32>>>;
type Drawn = Result<(), Box<dyn Error>>;

impl HeatMap {
    /// The map as SVG.
    pub(crate) fn draw(&self) -> Result<String, Box<dyn Error>> {
        let panel_px = TITLE_PX + self.days.len() as u32 * ROW_PX + AXIS_PX + MARGIN_PX;
        let height_px = HEAD_PX + self.panels.len() as u32 * panel_px + LEGEND_PX;
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, (WIDTH_PX, height_px)).into_drawing_area();
            root.fill(&WHITE)?;
            let (head, rest) = root.split_vertically(HEAD_PX);
            let (panels, legend) = rest.split_vertically(height_px - HEAD_PX - LEGEND_PX);
            self.draw_head(&head)?;
            let areas = panels.split_evenly((self.panels.len(), 1));
            for (panel, area) in self.panels.iter().zip(&areas) {
                self.draw_panel(panel, area)?;
            }
            self.draw_legend(&legend)?;
            root.present().map_err(|error| error.to_string())?;
        }
        Ok(svg)
    }

    fn draw_head(&self, area: &Area<'_>) -> Drawn {
        let bold = (FONT, 27)
            .into_font()
            .style(plotters::style::FontStyle::Bold);
        area.draw(&Text::new(
            self.title.as_str(),
            (MARGIN_PX as i32, 16),
            bold.color(&BLACK),
        ))?;
        let dates = self.days.first().zip(self.days.last());
        let dates = dates.map_or(String::new(), |(first, last)| {
            let form = "%A %-d %B %Y";
            format!("{} to {}", first.format(form), last.format(form))
        });
        let text = format!("{dates}; time of day in {}", self.zone.name());
        let small = (FONT, 17).into_font().color(&GREY);
        area.draw(&Text::new(text, (MARGIN_PX as i32, 44), small))?;
        Ok(())
    }

    fn draw_panel(&self, panel: &Panel, area: &Area<'_>) -> Drawn {
        let rows = self.days.len();
        let bold = (FONT, 18)
            .into_font()
            .style(plotters::style::FontStyle::Bold);
        area.draw(&Text::new(
            panel.title.as_str(),
            (MARGIN_PX as i32, 12),
            bold.color(&BLACK),
        ))?;
        let mut chart = ChartBuilder::on(area)
            .margin_top(TITLE_PX)
            .margin_bottom(MARGIN_PX)
            .margin_left(MARGIN_PX)
            .margin_right(MARGIN_PX)
            .x_label_area_size(AXIS_PX)
            .y_label_area_size(DAY_PX)
            .build_cartesian_2d(0_f64..24.0, (0..rows as i32 - 1).into_segmented())?;
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(FAINT)
            .label_style((FONT, 15).into_font().color(&GREY))
            .x_labels(25)
            .x_label_formatter(&|hour| format!("{hour:02.0}:00"))
            .y_labels(rows)
            .y_label_formatter(&|row| match row {
                SegmentValue::CenterOf(row) => self
                    .day_of_row(*row)
                    .map_or(String::new(), |day| day.format("%a %-d %b").to_string()),
                _ => String::new(),
            })
            .draw()?;
        let days = self.days.iter().map(|day| self.cells(panel, *day));
        // The first day stands at the top.
        let rows: Vec<_> = (0..).zip(days.rev()).collect();
        for (row, cells) in &rows {
            self.draw_cells(&mut chart, *row, cells)?;
        }
        for (row, cells) in &rows {
            self.draw_frames(&mut chart, *row, cells)?;
        }
        Ok(())
    }

    fn draw_cells(&self, chart: &mut Chart<'_, '_>, row: i32, cells: &[Option<Cell>]) -> Drawn {
        let most = self.most();
        let mut half = 0;
        // Equal cells without a figure are drawn in one.
        for run in cells.chunk_by(|a, b| [a, b].iter().all(|cell| is_empty(cell))) {
            let end = half + run.len();
            if let Some(cell) = &run[0] {
                let mut shape =
                    Rectangle::new(self.bounds(row, half, end), cell.shade(most).filled());
                shape.set_margin(1, 0, 1, 0);
                chart.draw_series([shape])?;
                let middle = (half as f64 / 2.0 + 0.25, SegmentValue::CenterOf(row));
                let text = cell.text();
                if !text.is_empty() {
                    chart.draw_series([Text::new(text, middle, digit(cell.ink(most)))])?;
                }
            }
            half = end;
        }
        Ok(())
    }

    fn draw_frames(&self, chart: &mut Chart<'_, '_>, row: i32, cells: &[Option<Cell>]) -> Drawn {
        let hole_of = |cell: &Option<Cell>| cell.as_ref().and_then(|cell| cell.hole);
        let mut half = 0;
        for run in cells.chunk_by(|a, b| hole_of(a) == hole_of(b)) {
            let end = half + run.len();
            if hole_of(&run[0]).is_some() {
                let frame = frame(self.bounds(row, half, end));
                chart.draw_series([frame])?;
            }
            half = end;
        }
        Ok(())
    }

    /// Where some half hours of a row lie, counted from the bottom.
    fn bounds(&self, row: i32, from: usize, to: usize) -> [(f64, SegmentValue<i32>); 2] {
        let top = match usize::try_from(row + 1) == Ok(self.days.len()) {
            true => SegmentValue::Last,
            false => SegmentValue::Exact(row + 1),
        };
        let hour = |half: usize| half as f64 / 2.0;
        [(hour(from), top), (hour(to), SegmentValue::Exact(row))]
    }

    /// The half hours of a day; none where the clock skips one.
    fn cells(&self, panel: &Panel, day: NaiveDate) -> Vec<Option<Cell>> {
        let midnight = day.and_time(NaiveTime::MIN);
        let at = |half: i64| {
            self.zone
                .instant_of(midnight + TimeDelta::minutes(30 * half))
        };
        let halves = (0..HALF_HOURS).map(|half| {
            let span = Interval::new(at(half), at(half + 1))?;
            let counts = panel.counts.iter();
            let counts = counts.filter(|count| count.interval.overlaps(&span));
            let holes = panel.holes.iter();
            let holes = holes.filter(|hole| hole.interval.overlaps(&span));
            Some(Cell {
                open: counts
                    .clone()
                    .map(|count| count.open)
                    .min()
                    .unwrap_or_default(),
                has_unknown: counts.clone().any(|count| 0 < count.unknown),
                hole: holes.map(|hole| hole.kind).min(),
            })
        });
        halves.collect()
    }

    /// The most that can be reached at any time, for one scale in all panels.
    fn most(&self) -> u32 {
        let counts = self.panels.iter().flat_map(|panel| &panel.counts);
        counts
            .map(|count| count.open)
            .max()
            .unwrap_or_default()
            .max(1)
    }

    fn draw_legend(&self, area: &Area<'_>) -> Drawn {
        let most = self.most();
        let (mut x, y, side) = ((MARGIN_PX + DAY_PX) as i32, 8, 24);
        let style = (FONT, 16).into_font().color(&GREY);
        let style = style.pos(Pos::new(HPos::Left, VPos::Center));
        let cell = |open, has_unknown, hole| Cell {
            open,
            has_unknown,
            hole,
        };
        let scale = (0..=most).map(|open| cell(open, false, None)).collect();
        let (certain, perhaps) = (HoleKind::Certain, HoleKind::Perhaps);
        for (cells, text, width) in [
            (scale, "reached at least, in each half hour", 250),
            (vec![cell(0, true, None)], "nobody knows", 120),
            (
                vec![cell(1, false, Some(certain))],
                "fewer than promised",
                165,
            ),
            (vec![cell(1, true, Some(perhaps))], "perhaps fewer", 0),
        ] {
            for cell in cells {
                let at = [(x, y), (x + side, y + side)];
                area.draw(&Rectangle::new(at, cell.shade(most).filled()))?;
                if cell.hole.is_some() {
                    area.draw(&frame(at))?;
                }
                let middle = (x + side / 2, y + side / 2);
                let text = match cell.text() {
                    text if text.is_empty() => "0".to_owned(),
                    text => text,
                };
                area.draw(&Text::new(text, middle, digit(cell.ink(most))))?;
                x += side + 2;
            }
            area.draw(&Text::new(text, (x + 6, y + side / 2), style.clone()))?;
            x += width;
        }
        Ok(())
    }

    /// The first day stands at the top.
    fn day_of_row(&self, row: i32) -> Option<NaiveDate> {
        let last = self.days.len().checked_sub(1)?;
        let day = last.checked_sub(usize::try_from(row).ok()?)?;
        self.days.get(day).copied()
    }
}

impl Cell {
    /// How many; nothing where nobody is there and nobody was promised.
    fn text(&self) -> String {
        match (self.open, self.hole) {
            (open, Some(HoleKind::Perhaps)) => format!("{open}?"),
            (open, Some(HoleKind::Certain)) => open.to_string(),
            (0, None) if self.has_unknown => "?".to_owned(),
            (0, None) => String::new(),
            (open, None) => open.to_string(),
        }
    }

    fn shade(&self, most: u32) -> RGBColor {
        if self.open == 0 {
            return NOBODY;
        }
        let share = f64::from(self.open - 1) / f64::from(most.max(2) - 1);
        let mix = |at: usize| (FEW[at] + (MANY[at] - FEW[at]) * share) as u8;
        RGBColor(mix(0), mix(1), mix(2))
    }

    /// What can be read on its shade.
    fn ink(&self, most: u32) -> RGBColor {
        let RGBColor(red, green, blue) = self.shade(most);
        let lightness = 2 * u32::from(red) + 7 * u32::from(green) + u32::from(blue);
        match lightness < 1_200 {
            true => WHITE,
            false => BLACK,
        }
    }
}

fn is_empty(cell: &Option<Cell>) -> bool {
    cell.as_ref().is_some_and(|cell| cell.text().is_empty())
}

/// The outline of a rectangle; one of its own would have a width of one pixel whatever is asked.
fn frame<X: Clone, Y: Clone>([(left, top), (right, bottom)]: [(X, Y); 2]) -> PathElement<(X, Y)> {
    let corners = vec![
        (left.clone(), top.clone()),
        (right.clone(), top.clone()),
        (right, bottom.clone()),
        (left.clone(), bottom),
        (left, top),
    ];
    PathElement::new(corners, HOLE.stroke_width(FRAME_PX))
}

fn digit(ink: RGBColor) -> TextStyle<'static> {
    let style = (FONT, 15).into_font().color(&ink);
    style.pos(Pos::new(HPos::Center, VPos::Center))
}
