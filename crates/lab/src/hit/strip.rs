//! The order of the answers as one strip: a gap after every full turn of the wheel.

/// Answers past this are counted, not shown.
const MOST: u64 = 280;
const MARGIN: usize = 2;

#[derive(Debug)]
pub(crate) struct Strip {
    /// Answers in a turn; 0: no gaps.
    turn: u64,
    width: usize,
    column: usize,
    count: u64,
}

impl Strip {
    /// `width` columns, 0 where unknown.
    pub(crate) fn new(turn: u64, width: usize) -> Self {
        const USUAL: usize = 80;
        let width = if width == 0 { USUAL } else { width };
        // A wheel with more places than a line holds has no visible turns.
        let turn = if turn * 5 > width as u64 { 0 } else { turn };
        Self {
            turn,
            width,
            column: 0,
            count: 0,
        }
    }

    /// What to write for the next answer.
    pub(crate) fn next(&mut self, word: &str) -> String {
        let at = self.count;
        self.count += 1;
        if at >= MOST {
            return if at == MOST {
                " ...".to_owned()
            } else {
                String::new()
            };
        }
        let first_of_turn = self.turn > 0 && at.is_multiple_of(self.turn);
        // A turn stays on one line.
        let room = if first_of_turn {
            usize::try_from(self.turn).unwrap_or(1) * (word.len() + 1)
        } else {
            word.len() + 1
        };
        let gap = if first_of_turn { 3 } else { 1 };
        if self.column == 0 || self.column + gap + room > self.width {
            let line_end = if self.column == 0 { "" } else { "\n" };
            self.column = MARGIN + word.len();
            return format!("{line_end}{}{word}", " ".repeat(MARGIN));
        }
        self.column += gap + word.len();
        format!("{}{word}", " ".repeat(gap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(turn: u64, width: usize, words: &str) -> String {
        let mut strip = Strip::new(turn, width);
        words.split(' ').map(|word| strip.next(word)).collect()
    }

    #[test]
    fn a_gap_stands_after_every_turn() {
        assert_eq!(
            strip(7, 90, "8080 8080 8081 8080 8082 8080 8083 8080 8080"),
            "  8080 8080 8081 8080 8082 8080 8083   8080 8080"
        );
        assert_eq!(strip(0, 90, "8080 8081"), "  8080 8081");
    }

    #[test]
    fn lines_are_broken_between_turns() {
        assert_eq!(
            strip(2, 22, "1111 2222 1111 2222 1111"),
            "  1111 2222\n  1111 2222\n  1111"
        );
        assert_eq!(
            strip(2, 24, "1111 2222 1111 2222 1111"),
            "  1111 2222   1111 2222\n  1111"
        );
    }

    #[test]
    fn a_long_run_is_cut() {
        let mut strip = Strip::new(4, 80);
        let text: String = (0..1000).map(|_| strip.next("8080")).collect();
        assert_eq!(text.matches("8080").count(), 280);
        assert!(text.ends_with(" ..."));
    }
}
