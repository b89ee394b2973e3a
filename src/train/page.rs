//! An evaluation as one HTML page with SVG plots: nothing is fetched from anywhere.

use std::fmt::Write as _;

use plotters::prelude::*;

use super::{Evaluation, TrainError, figures_table, szcore_table};
use crate::detect::Model;

/// Size of a plot in pixels.
const SIZE: (u32, u32) = (560, 380);
/// Colours that also differ for colour-blind eyes (Okabe & Ito 2008).
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(213, 94, 0);
const GREY: RGBColor = RGBColor(150, 150, 150);

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1rem;color:#1c2733;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;font-size:.85rem;display:block;overflow-x:auto}\
td,th{border-bottom:1px solid #d5dbe1;padding:.25rem .6rem;text-align:left;white-space:nowrap}td:first-child{white-space:normal}code{overflow-wrap:anywhere}\
figure{display:inline-block;margin:.5rem 1rem .5rem 0;max-width:100%}svg{max-width:100%;height:auto}figcaption{font-size:.85rem;color:#51606f}";

/// The page. `measured_on` says in one sentence what the nights were.
///
/// # Errors
/// [`TrainError::Plot`] when a plot cannot be drawn.
pub fn page(model: &Model, measured_on: &str, evaluation: &Evaluation) -> Result<String, TrainError> {
    let mut text = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>Evaluation of {id}</title><style>{STYLE}</style><h1>Evaluation of {id}</h1>\
         <p>Model <code>{hash}</code>.</p><p>Measured on {on}.</p>",
        id = escaped(&model.id),
        hash = escaped(&model.sha256),
        on = escaped(measured_on)
    );
    let mut markdown = String::new();
    figures_table(
        &mut markdown,
        &[("with acceleration", &evaluation.with_motion), ("EMG alone", &evaluation.without_motion)],
    );
    text.push_str("<h2>Figures</h2><p>In brackets: 95 % interval, bootstrap over people.</p>");
    push_table(&mut text, &markdown);
    text.push_str("<h2>Plots</h2>");
    figure(&mut text, &curve(evaluation)?, "Sensitivity against false alarms when the start threshold moves.");
    figure(&mut text, &reliability(evaluation)?, "What was said against what was found, window by window.");
    figure(&mut text, &lengths(evaluation)?, "Share of cramps found, by the length of the cramp.");
    text.push_str("<h2>By EMG rate, with acceleration</h2>");
    let names: Vec<String> = evaluation.by_rate.iter().map(|(rate, _)| format!("{rate} Hz")).collect();
    let columns: Vec<_> =
        names.iter().map(String::as_str).zip(evaluation.by_rate.iter().map(|(_, figures)| figures)).collect();
    let mut markdown = String::new();
    figures_table(&mut markdown, &columns);
    push_table(&mut text, &markdown);
    text.push_str("<h2>False alarms by what happened</h2>");
    let mut markdown = "| event | happened | false alarms |\n|---|---|---|\n".to_owned();
    for row in &evaluation.by_event {
        // Writing to a String cannot fail.
        let _ = writeln!(markdown, "| {} | {} | {} |", row.name, row.events, row.false_alarms);
    }
    push_table(&mut text, &markdown);
    text.push_str("<h2>By SzCORE's rules, on episodes</h2>");
    let mut markdown = String::new();
    szcore_table(&mut markdown, evaluation);
    push_table(&mut text, &markdown);
    text.push_str("</html>\n");
    Ok(text)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A Markdown table as HTML: one source of rows for text and page.
fn push_table(text: &mut String, markdown: &str) {
    text.push_str("<table>");
    for (index, line) in markdown.lines().enumerate().filter(|(index, _)| *index != 1) {
        let tag = if index == 0 { "th" } else { "td" };
        text.push_str("<tr>");
        for cell in line.trim_matches('|').split(" | ") {
            let _ = write!(text, "<{tag}>{}</{tag}>", escaped(cell.trim()));
        }
        text.push_str("</tr>");
    }
    text.push_str("</table>");
}

fn figure(text: &mut String, svg: &str, caption: &str) {
    // A view box instead of a fixed size lets narrow screens shrink it.
    let svg = svg.replacen("<svg ", "<svg role=\"img\" ", 1);
    let _ = write!(text, "<figure>{svg}<figcaption>{caption}</figcaption></figure>");
}

/// Draws into an SVG of [`SIZE`].
fn svg(
    draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, plotters::coord::Shift>) -> Result<(), String>,
) -> Result<String, TrainError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE).map_err(|error| TrainError::Plot(error.to_string()))?;
        draw(&area).map_err(TrainError::Plot)?;
        area.present().map_err(|error| TrainError::Plot(error.to_string()))?;
    }
    Ok(text)
}

/// What plotters says, as text: its error type names the backend.
fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn curve(evaluation: &Evaluation) -> Result<String, TrainError> {
    let here = &evaluation.with_motion;
    let (false_alarms, sensitivity) = (here.false_alarms_per_8h.value, here.sensitivity.value);
    // Where the model works, not the whole of what could be; a figure without a value shows it all.
    let most = if false_alarms.is_finite() { (3.0 * false_alarms).clamp(0.5, 3.0) } else { 3.0 };
    let least = if sensitivity.is_finite() { (sensitivity - 0.4).clamp(0.0, 0.5) } else { 0.0 };
    svg(|area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..most, least..1.0)
            .map_err(words)?;
        let mesh = &mut chart.configure_mesh();
        mesh.x_desc("false alarms per 8 h").y_desc("sensitivity").light_line_style(WHITE).draw().map_err(words)?;
        for (curve, colour, name) in
            [(&evaluation.curve, BLUE, "with acceleration"), (&evaluation.curve_without_motion, ORANGE, "EMG alone")]
        {
            let points: Vec<(f64, f64)> = curve
                .iter()
                .map(|point| (point.false_alarms_per_8h, point.sensitivity))
                .filter(|(false_alarms, sensitivity)| *false_alarms <= most && *sensitivity >= least)
                .collect();
            chart
                .draw_series(LineSeries::new(points, colour.stroke_width(2)))
                .map_err(words)?
                .label(name)
                .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2)));
        }
        let here =
            sensitivity.is_finite().then(|| Circle::new((false_alarms.min(most), sensitivity), 5, BLUE.filled()));
        chart.draw_series(here).map_err(words)?;
        let mut legend = chart.configure_series_labels();
        legend.position(SeriesLabelPosition::LowerRight).border_style(GREY).draw().map_err(words)
    })
}

fn reliability(evaluation: &Evaluation) -> Result<String, TrainError> {
    svg(|area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)
            .map_err(words)?;
        let mesh = &mut chart.configure_mesh();
        mesh.x_desc("probability said").y_desc("cramps found").light_line_style(WHITE).draw().map_err(words)?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], GREY)).map_err(words)?;
        let points: Vec<(f64, f64)> = evaluation.reliability.iter().map(|row| (row.said, row.found)).collect();
        chart.draw_series(LineSeries::new(points.clone(), BLUE.stroke_width(2))).map_err(words)?;
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, BLUE.filled()))).map_err(words)?;
        Ok(())
    })
}

fn lengths(evaluation: &Evaluation) -> Result<String, TrainError> {
    let rows: Vec<_> = evaluation.by_length.iter().filter(|row| row.cramps > 0).collect();
    let name = |index: usize| {
        rows.get(index).map_or(String::new(), |row| {
            if row.to_s > 10_000.0 {
                format!("over {:.0} s", row.from_s)
            } else {
                format!("{:.0}–{:.0} s", row.from_s, row.to_s)
            }
        })
    };
    svg(|area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(52)
            .build_cartesian_2d((0..rows.len().saturating_sub(1)).into_segmented(), 0.0..1.0)
            .map_err(words)?;
        let label = |position: &SegmentValue<usize>| match position {
            SegmentValue::CenterOf(index) => name(*index),
            SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
        };
        let mesh = &mut chart.configure_mesh();
        mesh.disable_x_mesh().x_label_formatter(&label).y_desc("cramps found").light_line_style(WHITE);
        mesh.draw().map_err(words)?;
        let bars = rows.iter().enumerate().map(|(index, row)| {
            let share = row.found as f64 / row.cramps as f64;
            let mut bar = Rectangle::new(
                [(SegmentValue::Exact(index), 0.0), (SegmentValue::Exact(index + 1), share)],
                BLUE.filled(),
            );
            bar.set_margin(0, 0, 14, 14);
            bar
        });
        chart.draw_series(bars).map_err(words)?;
        Ok(())
    })
}
