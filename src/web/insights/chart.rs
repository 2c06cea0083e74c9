//! Bar charts as SVG, drawn on the server.
//!
//! Invariants: no inline style and no script (the page's policy forbids both): colours are stand-ins that the style
//! sheet replaces, light and dark; each bar is a link with words of its own; heights are whole numbers made for drawing
//! only, the exact figures stand in the table beside the chart.

use std::fmt::Write as _;

use askama::filters::{Html, escape};
use plotters::prelude::{
    Cartesian2d, ChartBuilder, ChartContext, Color as _, DrawingAreaErrorKind, IntoDrawingArea as _, IntoFont as _,
    RGBColor, Rectangle, SVGBackend, TRANSPARENT, Text, TextStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rust_decimal::Decimal;

use crate::wording::Words;

/// Stand-ins; `style.css` gives `.chart [fill="#444444"]` and its like the colours of the theme.
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const GRID: RGBColor = RGBColor(0x33, 0x33, 0x33);

/// What a part of a bar means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    Plain,
}

impl Tone {
    fn color(self) -> RGBColor {
        match self {
            Self::Good => RGBColor(0x44, 0x44, 0x44),
            Self::Bad => RGBColor(0x55, 0x55, 0x55),
            Self::Plain => RGBColor(0x66, 0x66, 0x66),
        }
    }
}

/// A part of a bar, from its foot on.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) size: i64,
    pub(super) tone: Tone,
    /// For those who do not see it, and as the tooltip.
    pub(super) says: String,
    /// The orders behind it.
    pub(super) path: String,
}

#[derive(Debug, Clone)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) parts: Vec<Part>,
}

/// A place of a chart: pixels from its left upper corner.
type Place = (i32, i32);
/// Two corners and the part that lies between them.
type Drawn<'b> = (Place, Place, &'b Part);
type Fault = DrawingAreaErrorKind<std::io::Error>;
type Plane<'a> = ChartContext<
    'a,
    SVGBackend<'a>,
    Cartesian2d<plotters::coord::types::RangedCoordi64, plotters::coord::types::RangedCoordi64>,
>;

/// Width of a bar's place in the chart's own units, and of the gap on either side.
const STEP: i64 = 100;
const GAP: i64 = 14;
const WIDTH: u32 = 640;

/// Standing bars, from left to right: a course of time.
pub(super) fn standing(words: Words, name: &str, bars: &[Bar]) -> Result<String, String> {
    let mut svg = String::new();
    let size = (WIDTH, 240);
    let drawn = {
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let mut area = ChartBuilder::on(&root);
        area.margin(6).margin_right(10).y_label_area_size(52).x_label_area_size(26);
        draw_standing(words, &root, &mut area, bars).map_err(|fault| fault.to_string())?
    };
    Ok(finish(name, "chart standing", &svg, size, &drawn))
}

fn draw_standing<'b>(
    words: Words,
    root: &plotters::prelude::DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    area: &mut ChartBuilder<'_, '_, SVGBackend<'_>>,
    bars: &'b [Bar],
) -> Result<Vec<Drawn<'b>>, Fault> {
    let mut plane = area.build_cartesian_2d(0..steps(bars), 0..longest(bars))?;
    plane
        .configure_mesh()
        .disable_x_mesh()
        // places have names of their own, written below
        .x_labels(1)
        .x_label_formatter(&|_| String::new())
        .y_labels(5)
        .y_label_formatter(&|value| words.quantity(Decimal::from(*value)))
        .axis_style(GRID)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .label_style(ink(HPos::Right, VPos::Center))
        .draw()?;
    let mut drawn = Vec::new();
    for (at, bar) in (0_i64..).zip(bars) {
        let mut foot = 0;
        for part in &bar.parts {
            let corners = [(at * STEP + GAP, foot), ((at + 1) * STEP - GAP, foot + part.size)];
            foot += part.size;
            put(&mut plane, corners, part, &mut drawn)?;
        }
        let (x, y) = plane.backend_coord(&(at * STEP + STEP / 2, 0));
        root.draw(&Text::new(bar.label.clone(), (x, y + 8), ink(HPos::Center, VPos::Top)))?;
    }
    Ok(drawn)
}

/// Lying bars, from top to bottom: named things.
pub(super) fn lying(words: Words, name: &str, bars: &[Bar]) -> Result<String, String> {
    let mut svg = String::new();
    let size = (WIDTH, 44 + 34 * u32::try_from(bars.len()).unwrap_or(1));
    let drawn = {
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let mut area = ChartBuilder::on(&root);
        area.margin(6).margin_right(16).y_label_area_size(178).x_label_area_size(26);
        draw_lying(words, &root, &mut area, bars).map_err(|fault| fault.to_string())?
    };
    Ok(finish(name, "chart", &svg, size, &drawn))
}

fn draw_lying<'b>(
    words: Words,
    root: &plotters::prelude::DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    area: &mut ChartBuilder<'_, '_, SVGBackend<'_>>,
    bars: &'b [Bar],
) -> Result<Vec<Drawn<'b>>, Fault> {
    let mut plane = area.build_cartesian_2d(0..longest(bars), 0..steps(bars))?;
    plane
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(1)
        .y_label_formatter(&|_| String::new())
        .x_labels(6)
        .x_label_formatter(&|value| words.quantity(Decimal::from(*value)))
        .axis_style(GRID)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .label_style(ink(HPos::Center, VPos::Top))
        .draw()?;
    let mut drawn = Vec::new();
    // the plane's feet are at the bottom, the first bar belongs to the top
    for (at, bar) in (0_i64..).zip(bars.iter().rev()) {
        let mut foot = 0;
        for part in &bar.parts {
            let corners = [(foot, at * STEP + GAP), (foot + part.size, (at + 1) * STEP - GAP)];
            foot += part.size;
            put(&mut plane, corners, part, &mut drawn)?;
        }
        let (x, y) = plane.backend_coord(&(0, at * STEP + STEP / 2));
        root.draw(&Text::new(shortened(&bar.label), (x - 8, y), ink(HPos::Right, VPos::Center)))?;
    }
    drawn.reverse();
    Ok(drawn)
}

fn put<'b>(
    plane: &mut Plane<'_>,
    corners: [(i64, i64); 2],
    part: &'b Part,
    drawn: &mut Vec<Drawn<'b>>,
) -> Result<(), Fault> {
    if part.size > 0 {
        plane.draw_series([Rectangle::new(corners, part.tone.color().filled())])?;
        drawn.push((plane.backend_coord(&corners[0]), plane.backend_coord(&corners[1]), part));
    }
    Ok(())
}

fn steps(bars: &[Bar]) -> i64 {
    i64::try_from(bars.len()).unwrap_or(1).max(1) * STEP
}

fn longest(bars: &[Bar]) -> i64 {
    bars.iter().map(|bar| bar.parts.iter().map(|part| part.size).sum()).max().unwrap_or(0).max(1)
}

fn ink<'f>(h_pos: HPos, v_pos: VPos) -> TextStyle<'f> {
    TextStyle::from(("sans-serif", 15).into_font()).color(&INK).pos(Pos::new(h_pos, v_pos))
}

/// As much of a name as its place can hold.
fn shortened(name: &str) -> String {
    const MOST: usize = 24;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    name.chars().take(MOST - 1).chain(['…']).collect()
}

/// The drawing with a head for the page, and with a link over each part.
fn finish(name: &str, class: &str, svg: &str, (width, height): (u32, u32), drawn: &[Drawn<'_>]) -> String {
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    let body = body.trim_end().strip_suffix("</svg>").unwrap_or(body);
    let safe = |text: &str| escape(text, Html).map_or_else(|_| String::new(), |text| text.to_string());
    let mut page = format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"group\" aria-label=\"{}\">{body}",
        safe(name)
    );
    for (from, to, part) in drawn {
        let (x, y) = (from.0.min(to.0), from.1.min(to.1));
        let (w, h) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
        let (says, path) = (safe(&part.says), safe(&part.path));
        // writing into a text does not fail
        let _ = write!(
            page,
            "<a href=\"{path}\" aria-label=\"{says}\"><title>{says}</title>\
             <rect class=\"hit\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/></a>"
        );
    }
    page.push_str("</svg>");
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, sizes: [i64; 2]) -> Bar {
        let part = |size, tone| Part {
            size,
            tone,
            says: format!("{label} & {size}"),
            path: format!("/insights/orders?week={size}&missed=1"),
        };
        Bar { label: label.to_owned(), parts: vec![part(sizes[0], Tone::Good), part(sizes[1], Tone::Bad)] }
    }

    #[test]
    fn each_part_is_a_link_and_nothing_is_styled_inline() {
        let hostile = "<script>\"x'&";
        for svg in [
            standing(Words::default(), hostile, &[bar("3 Nov", [18, 2]), bar("10 Nov", [0, 7])]),
            lying(Words::default(), hostile, &[bar(hostile, [3, 1]), bar("Vendor", [2, 0])]),
            standing(Words::default(), "nothing", &[]),
            lying(Words::default(), "one", &[bar("only", [0, 1])]),
        ] {
            let svg = svg.unwrap();
            assert!(svg.starts_with("<svg class=\"chart") && svg.ends_with("</svg>"), "{svg}");
            assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count(), "{svg}");
            assert!(!svg.contains(" style=") && !svg.contains("<script"), "{svg}");
            assert_eq!(svg.matches("<a ").count(), svg.matches("class=\"hit\"").count());
        }
        let svg = standing(Words::default(), "two weeks", &[bar("3 Nov", [18, 2]), bar("10 Nov", [0, 7])]).unwrap();
        assert_eq!(svg.matches("<a ").count(), 3, "a part of nothing has no bar");
        assert!(svg.contains("week=18&#38;missed=1") || svg.contains("week=18&amp;missed=1"), "{svg}");
    }

    #[test]
    fn a_higher_figure_is_a_higher_bar() {
        let svg = standing(Words::default(), "weeks", &[bar("a", [10, 0]), bar("b", [5, 0])]).unwrap();
        let heights: Vec<i32> = svg
            .split("class=\"hit\"")
            .skip(1)
            .map(|rest| rest.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
            .collect();
        assert!((heights[0] - 2 * heights[1]).abs() <= 1, "{heights:?}");
    }
}
