//! The part of the terminal that is redrawn: a block that stays below the lines that scroll.
//!
//! Pure: it turns what is on the screen and what should be there into the bytes that lead from one to the other.

use diagnostics::columns;

/// What stands at the bottom of the terminal now.
#[derive(Debug, Default)]
pub(crate) struct Live {
    shown: Vec<String>,
    waiting: Vec<String>,
}

impl Live {
    /// A line that will scroll above the block with the next [`Live::frame`].
    pub(crate) fn line(&mut self, line: impl Into<String>) {
        self.waiting.push(line.into());
    }

    /// The bytes that print the waiting lines and then `block`; empty when nothing changed.
    ///
    /// Block lines are cut to `width` columns (a wrapped line could not be taken back); 0 means no limit.
    pub(crate) fn frame(&mut self, block: &[String], width: usize) -> String {
        let block: Vec<String> = block.iter().map(|line| cut(line, width)).collect();
        if self.waiting.is_empty() && block == self.shown {
            return String::new();
        }
        let mut bytes = self.erase(width);
        for line in self.waiting.drain(..).chain(block.iter().cloned()) {
            bytes.push_str(&line);
            bytes.push_str("\r\n");
        }
        self.shown = block;
        bytes
    }

    /// The bytes that take the block away: the cursor goes to its first line, all below is cleared.
    ///
    /// In a terminal that has become narrower since, its lines have been wrapped.
    fn erase(&self, width: usize) -> String {
        let rows = |line: &String| match width {
            0 => 1,
            width => columns(line).div_ceil(width).max(1),
        };
        match self.shown.iter().map(rows).sum::<usize>() {
            0 => String::new(),
            rows => format!("\x1b[{rows}F\x1b[J"),
        }
    }
}

/// The first `width` columns, colours (which take no column) kept.
fn cut(line: &str, width: usize) -> String {
    let mut kept = String::new();
    let mut columns = 0;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        kept.push(c);
        if c == '\x1b' {
            for c in chars.by_ref() {
                kept.push(c);
                if c == 'm' {
                    break;
                }
            }
        } else {
            columns += 1;
            if width > 0 && columns > width {
                kept.pop();
                kept.push_str("\x1b[0m");
                break;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|&line| line.to_owned()).collect()
    }

    #[test]
    fn the_first_frame_only_writes() {
        let mut live = Live::default();
        live.line("one");
        assert_eq!(live.frame(&block(&["a", "b"]), 80), "one\r\na\r\nb\r\n");
    }

    #[test]
    fn the_next_frame_takes_the_block_back_first() {
        let mut live = Live::default();
        live.frame(&block(&["a", "b"]), 80);
        live.line("two");
        assert_eq!(
            live.frame(&block(&["a", "c"]), 80),
            "\x1b[2F\x1b[Jtwo\r\na\r\nc\r\n"
        );
    }

    #[test]
    fn a_block_that_was_wrapped_is_taken_back_whole() {
        let mut live = Live::default();
        live.frame(&block(&["\x1b[31m123456\x1b[0m", "12"]), 80);
        assert_eq!(live.frame(&[], 4), "\x1b[3F\x1b[J");
    }

    #[test]
    fn nothing_new_writes_nothing() {
        let mut live = Live::default();
        live.frame(&block(&["a"]), 80);
        assert_eq!(live.frame(&block(&["a"]), 80), "");
    }

    #[test]
    fn lines_are_cut_to_the_width_and_colours_take_no_room() {
        assert_eq!(cut("abcdef", 4), "abcd\x1b[0m");
        assert_eq!(cut("\x1b[31mabc\x1b[0m", 3), "\x1b[31mabc\x1b[0m");
        assert_eq!(cut("abc", 0), "abc");
    }
}
