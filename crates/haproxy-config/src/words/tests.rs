use super::{Origin, WordErrorKind, split};
use diagnostics::Sources;

fn variables(name: &str) -> Option<String> {
    match name {
        "NAME" => Some("joe".to_owned()),
        "LIST" => Some("a b  c".to_owned()),
        _ => None,
    }
}

fn words(line: &str) -> Result<Vec<String>, (WordErrorKind, usize)> {
    let mut sources = Sources::new();
    let source = sources.add("t", line);
    match split(line, Origin { source, start: 0 }, &variables) {
        Ok(words) => Ok(words.into_iter().map(|word| word.text).collect()),
        Err(error) => Err((error.kind, error.at)),
    }
}

#[track_caller]
fn check(line: &str, expected: &[&str]) {
    assert_eq!(words(line).expect("a good line"), expected, "{line}");
}

#[test]
fn blanks_part_words_and_a_hash_ends_them() {
    check("", &[]);
    check("  bind\t *:80  ", &["bind", "*:80"]);
    check("bind *:80# glued", &["bind", "*:80"]);
    check("server s 127.0.0.1:80\r", &["server", "s", "127.0.0.1:80"]);
    check(r"a \# b", &["a", "#", "b"]);
}

#[test]
fn pieces_of_a_word_glue_together() {
    check(r#""joi"'ned'\ x"#, &["joined x"]);
    check(r#"a "" b"#, &["a", "", "b"]);
    check(r"one\", &[r"one\"]);
    check(r"\q\x41\t", &["\\qA\t"]);
}

#[test]
fn variables_live_inside_double_quotes_only() {
    check(
        r#""$NAME-${NAME}" $NAME '$NAME' "\$NAME""#,
        &["joe-joe", "$NAME", "$NAME", "$NAME"],
    );
    check(r#""<${NONE-a b}>" "${NONE}""#, &["<a b>", ""]);
    check(r#""x${LIST[*]}y" z"#, &["xa", "b", "cy", "z"]);
}

#[test]
fn errors_tell_where() {
    assert_eq!(words(r#"a "bc"#), Err((WordErrorKind::UnmatchedQuote, 2)));
    assert_eq!(words("a 'bc"), Err((WordErrorKind::UnmatchedQuote, 2)));
    assert_eq!(
        words(r#""${NAME""#),
        Err((WordErrorKind::UnmatchedBrace, 2))
    );
    assert_eq!(words(r#""$1""#), Err((WordErrorKind::VariableName, 2)));
    assert_eq!(words(r#""\xZZ""#), Err((WordErrorKind::Hexadecimal, 1)));
    assert_eq!(words(r#""${NAME[1]}""#), Err((WordErrorKind::Expansion, 7)));
}
