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
    fn blanks_separate_words() {
        assert_eq!(words("  show\t version \r"), ["show", "version"]);
        assert_eq!(words(r"a\ b c\"), ["a b", r"c\"]);
        assert!(words("  ").is_empty());
    }
}
