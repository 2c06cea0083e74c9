//! Pages being filled from top to bottom.
//!
//! Invariants: measures are points (1/72 inch) from the top left corner; text never leaves its column: what is too wide
//! is broken; a page's number is drawn when all pages are known.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;

use super::PdfError;
use super::fonts::{Faces, Set, Weight, breaks_anywhere};

/// A4.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
pub(super) const LEFT: f32 = 51.0;
pub(super) const RIGHT: f32 = WIDTH - 51.0;
const TOP: f32 = 48.0;
/// Below it stands only the foot.
const BOTTOM: f32 = HEIGHT - 72.0;

pub(super) const INK: (u8, u8, u8) = (28, 33, 40);
pub(super) const GREY: (u8, u8, u8) = (96, 104, 114);
pub(super) const PALE: (u8, u8, u8) = (243, 245, 247);
const RULE: (u8, u8, u8) = (200, 205, 211);

/// How a piece of text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) size: f32,
    pub(super) weight: Weight,
    pub(super) color: (u8, u8, u8),
}

impl Style {
    pub(super) const fn new(size: f32, weight: Weight, color: (u8, u8, u8)) -> Self {
        Self { size, weight, color }
    }

    /// From one line to the next.
    pub(super) fn leading(self) -> f32 {
        self.size * 1.35
    }
}

/// Where a line of text stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

enum Mark {
    Text { x: f32, baseline: f32, size: f32, color: (u8, u8, u8), set: Set },
    Box { x: f32, y: f32, width: f32, height: f32, color: (u8, u8, u8) },
}

/// The pages so far.
pub(super) struct Sheets<'a> {
    faces: &'a Faces,
    pages: Vec<Vec<Mark>>,
    /// The top of what comes next.
    pub(super) y: f32,
}

impl<'a> Sheets<'a> {
    pub(super) fn new(faces: &'a Faces) -> Self {
        Self { faces, pages: vec![Vec::new()], y: TOP }
    }

    /// Whether so much more fits on this page.
    pub(super) fn fits(&self, height: f32) -> bool {
        self.y + height <= BOTTOM
    }

    pub(super) fn next_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Breaks text into lines that are no wider than `width`; its own line ends stay.
    pub(super) fn lines(&self, text: &str, style: Style, width: f32) -> Result<Vec<Set>, PdfError> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in pieces(paragraph) {
                let longer = format!("{line}{word}");
                if self.width(longer.trim_end(), style)? <= width {
                    line = longer;
                    continue;
                }
                if !line.trim().is_empty() {
                    lines.push(self.faces.set(line.trim_end(), style.weight)?);
                }
                line = self.cut(word, style, width, &mut lines)?;
            }
            lines.push(self.faces.set(line.trim_end(), style.weight)?);
        }
        Ok(lines)
    }

    /// A word that is wider than its column is cut where it must be; gives the rest that begins the next line.
    fn cut(&self, word: &str, style: Style, width: f32, lines: &mut Vec<Set>) -> Result<String, PdfError> {
        let mut rest = String::new();
        for c in word.trim_start().chars() {
            rest.push(c);
            if self.width(rest.trim_end(), style)? > width && rest.chars().count() > 1 {
                rest.pop();
                lines.push(self.faces.set(&rest, style.weight)?);
                rest = c.to_string();
            }
        }
        Ok(rest)
    }

    fn width(&self, text: &str, style: Style) -> Result<f32, PdfError> {
        Ok(self.faces.set(text, style.weight)?.width * style.size)
    }

    /// Draws lines from `y` down; gives where they end.
    pub(super) fn draw(&mut self, lines: &[Set], style: Style, at: (f32, f32, f32), align: Align) -> f32 {
        let (x, mut y, width) = at;
        for set in lines {
            let x = match align {
                Align::Left => x,
                Align::Right => x + width - set.width * style.size,
            };
            let baseline = y + style.size;
            self.mark(Mark::Text { x, baseline, size: style.size, color: style.color, set: set.clone() });
            y += style.leading();
        }
        y
    }

    /// Breaks and draws text in a column (left edge, top, width); gives where it ends.
    pub(super) fn text(
        &mut self,
        text: &str,
        style: Style,
        at: (f32, f32, f32),
        align: Align,
    ) -> Result<f32, PdfError> {
        let lines = self.lines(text, style, at.2)?;
        Ok(self.draw(&lines, style, at, align))
    }

    pub(super) fn rule(&mut self, x: f32, y: f32, width: f32) {
        self.mark(Mark::Box { x, y, width, height: 0.6, color: RULE });
    }

    pub(super) fn fill(&mut self, at: (f32, f32), size: (f32, f32), color: (u8, u8, u8)) {
        self.mark(Mark::Box { x: at.0, y: at.1, width: size.0, height: size.1, color });
    }

    /// The foot of every page: what stands left, and the page's number of all.
    pub(super) fn feet(&mut self, left: &str, number: impl Fn(usize, usize) -> String) -> Result<(), PdfError> {
        let style = Style::new(7.5, Weight::Regular, GREY);
        let (count, column) = (self.pages.len(), RIGHT - LEFT);
        let own = self.lines(left, style, column - 90.0)?;
        for page in 1..=count {
            let numbered = self.faces.set(&number(page, count), style.weight)?;
            let (mut y, right) = (HEIGHT - 54.0, RIGHT - numbered.width * style.size);
            let marks = &mut self.pages[page - 1];
            marks.push(Mark::Box { x: LEFT, y: y - 6.0, width: column, height: 0.6, color: RULE });
            let text = |x: f32, y: f32, set: &Set| Mark::Text {
                x,
                baseline: y + style.size,
                size: style.size,
                color: style.color,
                set: set.clone(),
            };
            marks.push(text(right, y, &numbered));
            for line in own.iter().take(3) {
                marks.push(text(LEFT, y, line));
                y += style.leading();
            }
        }
        Ok(())
    }

    /// Draws each page.
    pub(super) fn pages(&self) -> impl Iterator<Item = impl Fn(&mut Surface<'_>) + '_> + '_ {
        self.pages
            .iter()
            .map(|marks| move |surface: &mut Surface<'_>| marks.iter().for_each(|mark| paint(mark, surface)))
    }
}

fn paint(mark: &Mark, surface: &mut Surface<'_>) {
    let fill = |(r, g, b): (u8, u8, u8)| Fill {
        paint: rgb::Color::new(r, g, b).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    };
    match mark {
        Mark::Box { x, y, width, height, color } => {
            let mut path = PathBuilder::new();
            if let Some(area) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(area);
            }
            surface.set_fill(Some(fill(*color)));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Mark::Text { x, baseline, size, color, set } => {
            surface.set_fill(Some(fill(*color)));
            let mut x = *x;
            for run in &set.runs {
                surface.draw_glyphs(
                    Point::from_xy(x, *baseline),
                    &run.glyphs,
                    run.font.clone(),
                    &run.text,
                    *size,
                    false,
                );
                x += run.glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * size;
            }
        }
    }
}

/// The pieces between which a line may end: words with the space after them, and each Chinese sign by itself.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut previous = None;
    for (at, c) in text.char_indices() {
        let after_space = previous.is_some_and(char::is_whitespace) && !c.is_whitespace();
        let beside_sign = previous.is_some_and(|p| breaks_anywhere(p) || breaks_anywhere(c)) && !is_closing(c);
        if at > begin && (after_space || beside_sign) {
            pieces.push(&text[begin..at]);
            begin = at;
        }
        previous = Some(c);
    }
    if begin < text.len() {
        pieces.push(&text[begin..]);
    }
    pieces
}

/// Never begins a line.
fn is_closing(c: char) -> bool {
    matches!(c, '，' | '。' | '、' | '；' | '：' | '！' | '？' | '）' | '」' | '』' | ')' | '.' | ',' | ' ')
}
