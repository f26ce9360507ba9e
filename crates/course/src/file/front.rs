//! A lab file in two: the front matter between two lines `+++`, and the body below.

use std::ops::Range;

/// Where the two parts are, in bytes of the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) front: Range<usize>,
    pub(crate) body: Range<usize>,
}

/// Why a file has no front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The first line is not `+++`.
    Begin,
    /// No later line is.
    End,
}

const FENCE: &str = "+++";

pub(crate) fn split(text: &str) -> Result<Parts, Missing> {
    let mut lines = lines(text);
    let first = lines.next().filter(|line| is_fence(line.text));
    let front = first.ok_or(Missing::Begin)?.end;
    let closing = lines.find(|line| is_fence(line.text)).ok_or(Missing::End)?;
    Ok(Parts {
        front: front..closing.start,
        body: closing.end..text.len(),
    })
}

fn is_fence(line: &str) -> bool {
    // some editors of Windows begin a file with a byte order mark
    line.trim_start_matches('\u{feff}').trim_end() == FENCE
}

/// A line, and where it is; `end` is behind its newline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'t> {
    pub(crate) text: &'t str,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Lines without their ends, `\n` or `\r\n`.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let here = start;
        start += line.len();
        Line {
            text: line.trim_end_matches(['\n', '\r']),
            start: here,
            end: start,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_front_matter_and_body() {
        let parts = |text| split(text).map(|parts| (parts.front, parts.body));
        assert_eq!(parts("+++\na = 1\n+++\nbody\n"), Ok((4..10, 14..19)));
        assert_eq!(parts("+++\r\na = 1\r\n+++\r\nbody"), Ok((5..12, 17..21)));
        assert_eq!(parts("\u{feff}+++\n+++"), Ok((7..7, 10..10)));
        assert_eq!(parts(""), Err(Missing::Begin));
        assert_eq!(parts("\n+++\n+++\n"), Err(Missing::Begin));
        assert_eq!(parts("+++\na = 1\n"), Err(Missing::End));
    }
}
