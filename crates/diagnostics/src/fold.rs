//! Lines for a narrow terminal: broken between words, so that the terminal does not break within one.
//!
//! What stands after a gap of two spaces or more is a column. The first column that begins in the left half is where the
//! rest of the line goes on, and a column that would be torn begins a line of its own.

/// Below this, folding helps nobody.
const NARROWEST: usize = 20;

/// The text with lines of at most `width` columns, as far as its words allow; 0 means no limit.
pub fn fold(text: &str, width: usize) -> String {
    if width < NARROWEST {
        return text.to_owned();
    }
    let lines = text.lines().map(|line| match columns(line) > width {
        true if !is_drawn(line) => fold_line(line, width),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A quoted line of a file, a row of a Markdown table, a rule: its parts belong below one another.
fn is_drawn(line: &str) -> bool {
    let line = line
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit());
    let line = line.trim_start();
    line.starts_with('|') || !line.contains(' ')
}

fn fold_line(line: &str, width: usize) -> String {
    let hang = hang(line, width);
    let mut folded = String::new();
    let mut at = 0;
    for Part { gap, text } in parts(line) {
        let long = columns(text);
        let torn = at + gap + long > width;
        let fits_alone = hang + long <= width && at > hang;
        if torn && fits_alone {
            at = begin(&mut folded, hang);
        } else {
            folded.push_str(&" ".repeat(gap));
            at += gap;
        }
        at = words(&mut folded, text, at, hang, width);
    }
    folded
}

/// Writes the words of a column from `at` on; where the last one ends.
fn words(folded: &mut String, text: &str, mut at: usize, hang: usize, width: usize) -> usize {
    for (nth, word) in text.split(' ').enumerate() {
        let space = usize::from(nth > 0);
        let long = columns(word);
        if at + space + long > width && at > hang {
            at = begin(folded, hang);
        } else {
            folded.push_str(&" ".repeat(space));
            at += space;
        }
        folded.push_str(word);
        at += long;
    }
    at
}

/// Begins a line; where its text begins.
fn begin(folded: &mut String, hang: usize) -> usize {
    folded.truncate(folded.trim_end_matches(' ').len());
    folded.push('\n');
    folded.push_str(&" ".repeat(hang));
    hang
}

/// Where the lines after the first begin.
fn hang(line: &str, width: usize) -> usize {
    const HEADS: [&str; 3] = ["error: ", "warning: ", "note: "];
    if let Some(head) = HEADS.iter().find(|head| line.starts_with(**head)) {
        return head.len();
    }
    let parts: Vec<Part> = parts(line).collect();
    let begin = |nth: usize| -> usize {
        let before = parts.iter().take(nth);
        let before: usize = before.map(|part| part.gap + columns(part.text)).sum();
        before + parts.get(nth).map_or(0, |part| part.gap)
    };
    let head = parts[0].text;
    let column = if is_time(head) { 2 } else { 1 };
    // What ends in a full stop is a sentence, no head.
    let is_head = !head.ends_with('.') && column < parts.len();
    match begin(column) {
        at if is_head && at <= width / 2 => at,
        _ => parts[0].gap + 2,
    }
}

/// How many columns a line takes: colours take none.
pub fn columns(line: &str) -> usize {
    plain(line).chars().count()
}

/// The text without the sequences that colour it.
fn plain(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, piece| {
        plain + piece.split_once('m').map_or("", |(_, after)| after)
    })
}

/// `18:09:23`
fn is_time(text: &str) -> bool {
    let text = plain(text);
    text.len() == 8 && text.split(':').all(|part| part.parse::<u8>().is_ok())
}

/// A column: the spaces before it, and its text.
struct Part<'a> {
    gap: usize,
    text: &'a str,
}

fn parts(line: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = line.trim_end();
    std::iter::from_fn(move || {
        let text = rest.trim_start_matches(' ');
        let gap = rest.len() - text.len();
        if text.is_empty() {
            return None;
        }
        let end = text.find("  ").unwrap_or(text.len());
        let (text, after) = text.split_at(end);
        rest = after;
        Some(Part { gap, text })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, width: usize, expected: &[&str]) {
        let folded = fold(line, width);
        assert_eq!(folded.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lines_that_fit_and_unknown_widths_are_left_alone() {
        check("  ok     all is well", 20, &["  ok     all is well"]);
        check("a very long line indeed", 0, &["a very long line indeed"]);
        assert_eq!(fold("a\n\nb", 30), "a\n\nb");
    }

    #[test]
    fn the_rest_stands_under_the_text_beside_the_head() {
        check(
            "  why   the servers here are server01 (8080), server02 (8081)",
            40,
            &[
                "  why   the servers here are server01",
                "        (8080), server02 (8081)",
            ],
        );
        check(
            "18:09:51  lab       it was not loaded: line 19 is wrong",
            40,
            &[
                "18:09:51  lab       it was not loaded:",
                "                    line 19 is wrong",
            ],
        );
        check(
            "error: port 8080 is already in use",
            24,
            &["error: port 8080 is", "       already in use"],
        );
    }

    #[test]
    fn a_column_that_would_be_torn_begins_a_line() {
        check(
            "  or just play    lab up        a balancer with servers",
            44,
            &[
                "  or just play    lab up",
                "                  a balancer with servers",
            ],
        );
        check(
            "stopped server02, and it ended.    again: lab start server02",
            40,
            &[
                "stopped server02, and it ended.",
                "  again: lab start server02",
            ],
        );
    }

    #[test]
    fn a_word_is_never_torn() {
        let address = "http://127.0.0.1:8404/a-long-path-without-a-space";
        check(
            &format!("  next  open {address}"),
            30,
            &["  next  open", &format!("        {address}")],
        );
    }

    #[test]
    fn quoted_lines_and_rows_are_left_alone() {
        for line in [
            "19 |     balance rondrobin in a very long line of a file",
            "   |             ^^^^^^^^^ did you mean `roundrobin`?",
            "| activity | step | time | hints | remarks |",
        ] {
            check(line, 24, &[line]);
        }
    }

    #[test]
    fn colours_take_no_room() {
        let line = "\x1b[1mserver01\x1b[0m  8080  up";
        check(line, 20, &[line]);
    }
}
