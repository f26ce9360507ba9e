//! From the bytes of a connection to commands and words.

/// The commands of one line: `;` separates them, unless a backslash stands before it.
pub(super) fn commands(line: &str) -> Vec<&str> {
    let mut commands = Vec::new();
    let mut rest = line;
    while let Some(end) = unescaped_semicolon(rest) {
        commands.push(&rest[..end]);
        rest = &rest[end + 1..];
    }
    commands.push(rest);
    commands
}

/// A command apart from the lines that belong to it.
pub(super) fn payload(command: &str) -> (&str, Option<&str>) {
    match command.split_once(PAYLOAD_FOLLOWS) {
        Some((command, payload)) => (command, Some(payload)),
        None => (command, None),
    }
}

/// Whether a command wants the lines that follow, up to an empty one.
pub(super) fn wants_payload(command: &str) -> bool {
    command.trim_end_matches(['\r', ' ']).ends_with(" <<")
}

const PAYLOAD_FOLLOWS: &str = "<<\n";

/// The words of a command. Blanks separate them; a backslash makes the next character an ordinary one.
pub(super) fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' => words.extend(word.take()),
            '\\' => word
                .get_or_insert_default()
                .extend(characters.next().or(Some('\\'))),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

fn unescaped_semicolon(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let found = byte == b';' && !escaped;
        escaped = byte == b'\\' && !escaped;
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_separate_commands() {
        assert_eq!(
            commands("show info;show stat; "),
            ["show info", "show stat", " "]
        );
        assert_eq!(commands(r"a\;b;c"), [r"a\;b", "c"]);
        assert_eq!(commands(r"a\\;b"), [r"a\\", "b"]);
        assert_eq!(commands(""), [""]);
    }

    #[test]
    fn lines_may_follow_a_command() {
        assert!(wants_payload("add map m <<") && !wants_payload("add map m <<x y"));
        let (command, payload) = payload("add map m <<\na b\nc d\n");
        assert_eq!((command, payload), ("add map m ", Some("a b\nc d\n")));
    }

    #[test]
    fn blanks_separate_words() {
        assert_eq!(words("  show\t version \r"), ["show", "version"]);
        assert_eq!(words(r"a\ b c\"), ["a b", r"c\"]);
        assert!(words("  ").is_empty());
    }
}
