//! Colour, never alone: it repeats what a word already says.

use anstyle::{AnsiColor, Color, RgbColor, Style};

/// Safe for colour-blind eyes: orange, blue, green, vermilion; one per server, in turn.
const SERVERS: [RgbColor; 4] = [
    RgbColor(0x56, 0xB4, 0xE9),
    RgbColor(0xE6, 0x9F, 0x00),
    RgbColor(0x00, 0x9E, 0x73),
    RgbColor(0xD5, 0x5E, 0x00),
];

/// `text` in the colour of the server with this index.
pub(crate) fn server(index: usize, text: &str) -> String {
    let color = SERVERS[index % SERVERS.len()];
    painted(Style::new().fg_color(Some(Color::Rgb(color))), text)
}

pub(crate) fn strong(text: &str) -> String {
    painted(Style::new().bold(), text)
}

pub(crate) fn dim(text: &str) -> String {
    painted(Style::new().dimmed(), text)
}

/// Colours the first word of a line that begins with `error:`, `warning:` or `note:`.
pub(crate) fn heads(text: &str) -> String {
    let line = |line: &str| {
        for (head, color) in [
            ("error:", AnsiColor::Red),
            ("warning:", AnsiColor::Yellow),
            ("note:", AnsiColor::Cyan),
        ] {
            if let Some(rest) = line.strip_prefix(head) {
                let style = Style::new().bold().fg_color(Some(Color::Ansi(color)));
                return format!("{}{rest}", painted(style, head));
            }
        }
        line.to_owned()
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The text without its colours; other control sequences stay.
pub(crate) fn without_colors(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        let end = sequence
            .find(|c: char| c.is_ascii_alphabetic())
            .map_or(sequence.len(), |at| at + 1);
        let (sequence, after) = sequence.split_at(end);
        if !sequence.ends_with('m') {
            plain.push_str("\x1b[");
            plain.push_str(sequence);
        }
        rest = after;
    }
    plain + rest
}

fn painted(style: Style, text: &str) -> String {
    format!("{}{text}{}", style.render(), style.render_reset())
}

#[cfg(test)]
mod tests {
    use super::{heads, without_colors};

    #[test]
    fn only_the_first_word_is_painted() {
        let painted = heads("error: no\n  why   error: inside");
        assert!(painted.starts_with("\u{1b}[1m"));
        assert!(painted.ends_with("\n  why   error: inside"));
    }

    #[test]
    fn colours_go_and_moves_stay() {
        assert_eq!(
            without_colors("\x1b[2F\x1b[J\x1b[1;31ma\x1b[0m b"),
            "\x1b[2F\x1b[Ja b"
        );
        assert_eq!(without_colors("plain"), "plain");
    }
}
