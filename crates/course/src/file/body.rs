//! The body of a lab file: a text under `## step-id` for each step, `### hint` and `### reveal` below it.

use super::front::lines;
use super::report::{Place, Report};
use diagnostics::nearest;
use std::ops::Range;

/// The text of one step.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) id: String,
    /// Of the heading.
    pub(crate) place: Place,
    pub(crate) text: Piece,
    pub(crate) hints: Vec<Piece>,
    pub(crate) reveal: Option<Piece>,
}

/// A text under a heading.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// Without blank lines at its ends.
    pub(crate) text: String,
    /// Of the heading.
    pub(crate) heading: Place,
}

/// Reads the body, which is this part of the file.
pub(crate) fn sections(file: &str, body: Range<usize>, report: &Report) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for block in blocks(file, body) {
        let piece = || Piece {
            text: normal(&file[block.text.clone()]),
            heading: block.heading.clone(),
        };
        match (block.level, sections.last_mut()) {
            (0, _) => before_all(file, &block, report),
            (2, _) => match sections.iter().find(|known| known.id == block.title) {
                Some(first) => twice(&block, &first.place, report),
                None => sections.push(Section {
                    id: block.title.clone(),
                    place: block.heading.clone(),
                    text: piece(),
                    hints: Vec::new(),
                    reveal: None,
                }),
            },
            (3, Some(section)) => below(section, &block, piece(), report),
            (_, None) => lost(&block, "a heading before the first `## step-id`", report),
            _ => lost(&block, "inside a text, headings begin with `####`", report),
        }
    }
    sections
}

/// A heading of level 1 to 3, and the text up to the next; level 0 is what stands before the first.
struct Block {
    level: usize,
    title: String,
    heading: Place,
    text: Range<usize>,
}

fn blocks(file: &str, body: Range<usize>) -> Vec<Block> {
    let mut blocks = vec![Block {
        level: 0,
        title: String::new(),
        heading: body.start..body.start,
        text: body.start..body.start,
    }];
    let mut fence = Fence::default();
    for line in lines(&file[body.clone()]) {
        let (start, end) = (body.start + line.start, body.start + line.end);
        match heading(line.text).filter(|_| !fence.covers(line.text)) {
            Some((level, title)) => blocks.push(Block {
                level,
                title: title.to_owned(),
                heading: start..start + line.text.len(),
                text: end..end,
            }),
            None => blocks.last_mut().expect("begins with one").text.end = end,
        }
    }
    blocks
}

/// Which lines belong to a fenced piece of code.
#[derive(Default)]
pub(crate) struct Fence {
    open: Option<&'static str>,
}

impl Fence {
    /// Goes on by one line; whether it is code, or the fence itself.
    pub(crate) fn covers(&mut self, line: &str) -> bool {
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| line.trim_start().starts_with(mark));
        match (self.open, mark) {
            (Some(open), Some(mark)) if open == mark => self.open = None,
            (Some(_), _) => {}
            (None, None) => return false,
            (None, Some(mark)) => self.open = Some(mark),
        }
        true
    }
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let is_heading = (1..=3).contains(&level) && title.starts_with([' ', '\t']);
    is_heading.then(|| (level, title.trim()))
}

/// `\n` at the ends of lines, no blank lines at both ends.
fn normal(text: &str) -> String {
    let lines: Vec<&str> = lines(text).map(|line| line.text.trim_end()).collect();
    let first = lines
        .iter()
        .position(|line| !line.is_empty())
        .unwrap_or(lines.len());
    let last = lines
        .iter()
        .rposition(|line| !line.is_empty())
        .map_or(first, |at| at + 1);
    lines[first..last].join("\n")
}

fn before_all(file: &str, block: &Block, report: &Report) {
    let text = &file[block.text.clone()];
    let Some(line) = lines(text).find(|line| !line.text.trim().is_empty()) else {
        return;
    };
    let start = block.text.start + line.start;
    let place = start..start + line.text.len();
    let message = "text before the first `## step-id` is shown nowhere";
    report.push(report.error(
        "lost-text",
        message,
        &place,
        "to which step does it belong?",
    ));
}

fn below(section: &mut Section, block: &Block, piece: Piece, report: &Report) {
    match (block.title.as_str(), &section.reveal) {
        ("hint", _) => section.hints.push(piece),
        ("reveal", None) => section.reveal = Some(piece),
        ("reveal", Some(first)) => twice(block, &first.heading, report),
        (title, _) => {
            let label = match nearest(title, ["hint", "reveal"]) {
                Some(meant) => format!("did you mean `### {meant}`?"),
                None => "not known here".to_owned(),
            };
            let message = format!("unknown heading `### {title}`");
            let problem = report.error("unknown-heading", message, &block.heading, label);
            report.push(problem.why(
                "below a step there are `### hint` and `### reveal`; inside a text, headings begin with `####`",
            ));
        }
    }
}

fn lost(block: &Block, why: &str, report: &Report) {
    let message = format!("a heading that belongs to no step: `{}`", block.title);
    let problem = report.error("lost-text", message, &block.heading, "");
    report.push(problem.why(why));
}

fn twice(block: &Block, first: &Place, report: &Report) {
    let message = format!("the heading `{}` is there twice", block.title);
    let problem = report.error("duplicate-heading", message, &block.heading, "again here");
    report.push(problem.beside(report.span(first), "first here"));
}
