//! The typefaces of a print: two that are ours, and one for Chinese that is found on the system.
//!
//! Invariants: text is set left to right, one glyph a character; what no typeface can show is never left out silently:
//! letters are an error that names them, other signs become a visible box.

use std::path::{Path, PathBuf};

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::raw::{FileRef, FontRef};
use skrifa::string::StringId;
use skrifa::{MetadataProvider, charmap::Charmap};

use super::PdfError;

const REGULAR: &[u8] = include_bytes!("../fonts/DejaVuSansCondensed.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/DejaVuSansCondensed-Bold.ttf");

/// Files that have Chinese in them, best first: Debian's fonts-noto-cjk, the same as single files, then others.
const CHINESE: [&str; 8] = [
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSans-Regular.ttc",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
];

/// Where systems keep fonts.
const FOLDERS: [&str; 2] = ["/usr/share/fonts", "/usr/local/share/fonts"];

/// Folders that are looked through at most.
const MOST_FOLDERS: usize = 2000;

/// A font file of more bytes is not read.
const MOST_BYTES: u64 = 64 << 20;

/// Which of the two cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// One typeface.
struct Face {
    font: Font,
    bytes: Vec<u8>,
    index: u32,
}

/// The typefaces of one print.
pub(super) struct Faces {
    regular: Face,
    bold: Face,
    chinese: Option<Face>,
}

/// A run of text in one typeface, measured. Advances are in em.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) font: Font,
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
}

/// A line of text in as many runs as it needs.
#[derive(Clone)]
pub(super) struct Set {
    pub(super) runs: Vec<Run>,
    /// In em.
    pub(super) width: f32,
}

impl Face {
    fn new(bytes: Vec<u8>, index: u32) -> Option<Self> {
        Some(Self { font: Font::new(bytes.clone().into(), index)?, bytes, index })
    }

    fn reference(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(&self.bytes, self.index).ok()
    }
}

impl Faces {
    /// Ours, and where any of `text` is Chinese, one of the system's (or of `folders` alone, where given).
    pub(super) fn for_text<'a>(
        mut text: impl Iterator<Item = &'a str>,
        folders: Option<&[PathBuf]>,
    ) -> Result<Self, PdfError> {
        let ours = |bytes: &[u8]| Face::new(bytes.to_vec(), 0).ok_or(PdfError::Broken);
        let chinese = if text.any(|text| text.chars().any(is_chinese)) {
            let own: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).collect();
            find_chinese(folders.unwrap_or(&own))
        } else {
            None
        };
        Ok(Self { regular: ours(REGULAR)?, bold: ours(BOLD)?, chinese })
    }

    /// Sets one line of text.
    pub(super) fn set(&self, text: &str, weight: Weight) -> Result<Set, PdfError> {
        let own = if weight == Weight::Bold { &self.bold } else { &self.regular };
        let faces: Vec<&Face> = [Some(own), self.chinese.as_ref()].into_iter().flatten().collect();
        let fonts: Vec<FontRef<'_>> = faces.iter().filter_map(|face| face.reference()).collect();
        let maps: Vec<Charmap<'_>> = fonts.iter().map(MetadataProvider::charmap).collect();
        let metrics: Vec<_> =
            fonts.iter().map(|font| font.glyph_metrics(Size::unscaled(), LocationRef::default())).collect();
        let mut set = Set { runs: Vec::new(), width: 0.0 };
        let mut last = usize::MAX;
        for c in text.chars().filter_map(printable) {
            let face = (0..maps.len()).find(|at| has(&maps[*at], c) && !is_right_to_left(c));
            let (face, c) = match face {
                Some(face) => (face, c),
                None if c.is_alphanumeric() => return Err(missing(c)),
                None => (0, '\u{25a1}'),
            };
            let glyph = maps[face].map(c).map_or(0, skrifa::GlyphId::to_u32);
            let advance = metrics[face].advance_width(skrifa::GlyphId::new(glyph)).unwrap_or_default()
                / faces[face].font.units_per_em();
            if face != last {
                set.runs.push(Run { font: faces[face].font.clone(), text: String::new(), glyphs: Vec::new() });
                last = face;
            }
            let Some(run) = set.runs.last_mut() else { continue };
            let begin = run.text.len();
            run.text.push(c);
            let range = begin..run.text.len();
            run.glyphs.push(KrillaGlyph::new(GlyphId::new(glyph), advance, 0.0, 0.0, 0.0, range, None));
            set.width += advance;
        }
        Ok(set)
    }
}

fn has(charmap: &Charmap<'_>, c: char) -> bool {
    charmap.map(c).is_some_and(|glyph| glyph.to_u32() != 0)
}

fn missing(c: char) -> PdfError {
    if is_chinese(c) {
        PdfError::NoChinese(c)
    } else if is_right_to_left(c) {
        PdfError::RightToLeft(c)
    } else {
        PdfError::NoGlyph(c)
    }
}

/// A character as it is printed; None: not at all. Direction marks and controls would only disguise the text.
fn printable(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' | '\u{a0}' | '\u{202f}' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => None,
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{ad}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0000}'..='\u{e0fff}' => None,
        c => Some(c),
    }
}

/// Written in the scripts of China and Japan, with their punctuation.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// A line may end before or after it.
pub(super) fn breaks_anywhere(c: char) -> bool {
    is_chinese(c)
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// The best of the known files below these folders.
fn find_chinese(folders: &[PathBuf]) -> Option<Face> {
    let mut found: Vec<(usize, PathBuf)> = Vec::new();
    let mut next: Vec<PathBuf> = folders.to_vec();
    let mut looked = 0;
    while let Some(folder) = next.pop() {
        looked += 1;
        if looked > MOST_FOLDERS {
            break;
        }
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let rank = CHINESE.iter().position(|name| entry.file_name() == *name);
            match rank {
                Some(rank) => found.push((rank, entry.path())),
                None if is_folder => next.push(entry.path()),
                None => {}
            }
        }
    }
    found.sort();
    found.iter().find_map(|(_, path)| read_face(path))
}

/// The simplified Chinese cut of a file that may hold several.
fn read_face(path: &Path) -> Option<Face> {
    if std::fs::metadata(path).ok()?.len() > MOST_BYTES {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    let index = match FileRef::new(&bytes).ok()? {
        FileRef::Font(_) => 0,
        FileRef::Collection(fonts) => {
            (0..fonts.len()).find(|at| fonts.get(*at).is_ok_and(|font| is_simplified(&font))).unwrap_or(0)
        }
    };
    Face::new(bytes, index)
}

fn is_simplified(font: &FontRef<'_>) -> bool {
    font.localized_strings(StringId::FAMILY_NAME).any(|name| {
        let name: String = name.chars().collect();
        name.ends_with(" SC") || name.contains("WenQuanYi")
    })
}
