//! Draws a run: how long customers waited, how many came and waited, how many people were on duty.

use std::error::Error;

use bereik::core::ChannelKind;
use bereik::sim::Report;
use bereik::sim::report::{SLICE_MIN, Slice};
use chrono::TimeDelta;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    BLACK, Circle, Color as _, DrawingArea, IntoDrawingArea as _, IntoFont as _, PathElement,
    RGBColor, Rectangle, SVGBackend, SeriesLabelPosition, Text, WHITE,
};

const WIDTH_PX: u32 = 1_200;
const HEAD_PX: u32 = 84;
const FOOT_PX: u32 = 12;
const PANEL_PX: u32 = 250;
const FONT: &str = "sans-serif";
const GREY: RGBColor = RGBColor(90, 90, 90);
const FAINT: RGBColor = RGBColor(222, 222, 220);
/// Of Okabe and Ito's palette, which common colour blindness tells apart.
const BLUE: RGBColor = RGBColor(0, 114, 178);
const VERMILLION: RGBColor = RGBColor(213, 94, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const PURPLE: RGBColor = RGBColor(150, 80, 140);
const PALE: RGBColor = RGBColor(178, 205, 226);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Drawn = Result<(), Box<dyn Error>>;

const fn colour(channel: ChannelKind) -> RGBColor {
    match channel {
        ChannelKind::Phone | ChannelKind::Voicemail => VERMILLION,
        ChannelKind::Email => GREEN,
        ChannelKind::WebChat => BLUE,
        _ => PURPLE,
    }
}

/// The plot as SVG.
pub(crate) fn draw(report: &Report) -> Result<String, Box<dyn Error>> {
    let live = panel_channels(report, true);
    let rest = panel_channels(report, false);
    let waits: Vec<_> = [live, rest]
        .into_iter()
        .filter(|channels| !channels.is_empty())
        .collect();
    let panels = waits.len() as u32 + 2;
    let height_px = HEAD_PX + panels * PANEL_PX + FOOT_PX;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH_PX, height_px)).into_drawing_area();
        root.fill(&WHITE)?;
        let (head, rest) = root.split_vertically(HEAD_PX);
        draw_head(report, &head)?;
        let (rest, _) = rest.split_vertically(panels * PANEL_PX);
        let areas = rest.split_evenly((panels as usize, 1));
        for (channels, area) in waits.iter().zip(&areas) {
            draw_waits(report, channels, area)?;
        }
        draw_counts(report, &areas[waits.len()])?;
        draw_people(report, &areas[waits.len() + 1])?;
        root.present().map_err(|error| error.to_string())?;
    }
    Ok(svg)
}

fn panel_channels(report: &Report, is_live: bool) -> Vec<ChannelKind> {
    let mut channels: Vec<_> = report.rows.iter().filter_map(|row| row.channel).collect();
    channels.dedup();
    channels.retain(|channel| channel.is_live() == is_live);
    channels
}

fn draw_head(report: &Report, area: &Area<'_>) -> Drawn {
    let bold = (FONT, 25)
        .into_font()
        .style(plotters::style::FontStyle::Bold);
    area.draw(&Text::new(
        report.name.as_str(),
        (24, 18),
        bold.color(&BLACK),
    ))?;
    let local = report.zone.local_at(report.start).format("%A %-d %B %Y");
    let total = &report.total;
    let in_time = total.share(total.within) * 100.0;
    let text = format!(
        "{local}, time of day in {}; seed {}; {} contacts, {in_time:.1} % answered in time",
        report.zone.name(),
        report.seed,
        total.contacts
    );
    let small = (FONT, 16).into_font().color(&GREY);
    area.draw(&Text::new(text, (24, 52), small))?;
    Ok(())
}

/// The hours since the start at the middle of a slice.
fn middle_h(slice: &Slice) -> f64 {
    (slice.from_ms as f64 / 60_000.0 + SLICE_MIN as f64 / 2.0) / 60.0
}

/// A chart over the whole time with a title, from 0 to `top`.
fn chart<'a, 'b>(
    report: &Report,
    area: &'a Area<'b>,
    title: &str,
    top: f64,
) -> Result<Chart<'a, 'b>, Box<dyn Error>> {
    let bold = (FONT, 17)
        .into_font()
        .style(plotters::style::FontStyle::Bold);
    area.draw(&Text::new(title, (24, 4), bold.color(&BLACK)))?;
    let hours = f64::from(report.hours);
    let top = if top > 0.0 { top * 1.12 } else { 1.0 };
    let mut chart = ChartBuilder::on(area)
        .margin_top(30)
        .margin_left(16)
        .margin_right(28)
        .margin_bottom(8)
        .x_label_area_size(28)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..hours, 0.0..top)?;
    let clock = |hour: &f64| {
        let at = report.start + TimeDelta::minutes((hour * 60.0).round() as i64);
        let local = report.zone.local_at(at);
        let form = if report.hours > 48 {
            "%a %H:%M"
        } else {
            "%H:%M"
        };
        local.format(form).to_string()
    };
    let labels = if report.hours <= 24 {
        report.hours as usize + 1
    } else {
        13
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(FAINT)
        .axis_style(FAINT)
        .label_style((FONT, 14).into_font().color(&GREY))
        .x_labels(labels)
        .x_label_formatter(&clock)
        .y_labels(5)
        .y_label_formatter(&|value| {
            if top < 3.0 {
                format!("{value:.1}")
            } else {
                format!("{value:.0}")
            }
        })
        .draw()?;
    Ok(chart)
}

fn legend<'a, 'b: 'a>(chart: &mut Chart<'a, 'b>) -> Drawn {
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .label_font((FONT, 14).into_font().color(&GREY))
        .draw()?;
    Ok(())
}

fn draw_waits(report: &Report, channels: &[ChannelKind], area: &Area<'_>) -> Drawn {
    let minutes = |slice: &Slice, channel| {
        let wait_s = slice.mean_wait_s(channel)?;
        Some((middle_h(slice), wait_s / 60.0))
    };
    let all = |channel| {
        report
            .slices
            .iter()
            .filter_map(move |slice| minutes(slice, channel))
    };
    let top = channels
        .iter()
        .flat_map(|channel| all(*channel))
        .map(|(_, wait)| wait);
    let top = top.fold(0.0, f64::max);
    let names: Vec<_> = channels
        .iter()
        .map(|c| c.name().replace('_', " "))
        .collect();
    let title = format!(
        "Mean wait of those who came, in minutes: {}",
        names.join(", ")
    );
    let mut chart = chart(report, area, &title, top)?;
    for (channel, name) in channels.iter().zip(names) {
        let ink = colour(*channel);
        let points: Vec<_> = all(*channel).collect();
        chart
            .draw_series([PathElement::new(points, ink.stroke_width(2))])?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], ink.stroke_width(3)));
        chart.draw_series(all(*channel).map(|at| Circle::new(at, 2, ink.filled())))?;
    }
    legend(&mut chart)
}

fn draw_counts(report: &Report, area: &Area<'_>) -> Drawn {
    let hours = SLICE_MIN as f64 / 60.0;
    let most = report
        .slices
        .iter()
        .map(|s| s.arrivals.max(s.waiting))
        .max();
    let title =
        format!("Customers: how many came in each {SLICE_MIN} minutes, and how many waited");
    let mut chart = chart(report, area, &title, f64::from(most.unwrap_or_default()))?;
    let bars = report.slices.iter().map(|slice| {
        let from = middle_h(slice) - hours / 2.0;
        let corners = [
            (from + hours * 0.08, 0.0),
            (from + hours * 0.92, f64::from(slice.arrivals)),
        ];
        Rectangle::new(corners, PALE.filled())
    });
    chart
        .draw_series(bars)?
        .label("came")
        .legend(|(x, y)| Rectangle::new([(x, y - 5), (x + 18, y + 5)], PALE.filled()));
    let at_end = |slice: &Slice| (middle_h(slice) + hours / 2.0, f64::from(slice.waiting));
    let waiting: Vec<_> = report.slices.iter().map(at_end).collect();
    chart
        .draw_series([PathElement::new(waiting, VERMILLION.stroke_width(2))])?
        .label("waited at its end")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], VERMILLION.stroke_width(3)));
    legend(&mut chart)
}

fn draw_people(report: &Report, area: &Area<'_>) -> Drawn {
    let most = report
        .slices
        .iter()
        .map(|slice| slice.on_duty)
        .fold(0.0, f64::max);
    let mut chart = chart(report, area, "People on duty", most)?;
    let hours = SLICE_MIN as f64 / 60.0;
    let bars = report.slices.iter().map(|slice| {
        let from = middle_h(slice) - hours / 2.0;
        Rectangle::new(
            [(from, 0.0), (from + hours, slice.on_duty)],
            GREEN.mix(0.35).filled(),
        )
    });
    chart.draw_series(bars)?;
    Ok(())
}
