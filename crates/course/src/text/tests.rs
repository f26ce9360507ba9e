use super::*;

#[track_caller]
fn check(markdown: &str, width: usize, expected: &[&str]) {
    let blocks = parse(markdown, &|text| {
        text.replace("{url.lb}", "http://*:3000/_a_")
    });
    let paint = |word: &str, style: Style| match style {
        Style::Code => format!("`{word}`"),
        Style::Strong => format!("\u{1b}[1m{word}\u{1b}[0m"),
        _ => word.to_owned(),
    };
    assert_eq!(lines(&blocks, width, &paint), expected);
}

#[test]
fn paragraphs_are_wrapped_and_joined() {
    check(
        "One two\nthree four five six.\n\nSeven.",
        20,
        &["One two three four", "five six.", "", "Seven."],
    );
    check(
        "averyveryveryverylongword and",
        20,
        &["averyveryveryverylongword", "and"],
    );
    check("hard  \nbreak", 40, &["hard", "break"]);
}

#[test]
fn code_keeps_its_lines() {
    check(
        "Type:\n\n    lab hit -n 14 --and --more --words\n      set in\n\n```\n{url.lb}\n```",
        20,
        &[
            "Type:",
            "",
            "    lab hit -n 14 --and --more --words",
            "      set in",
            "",
            "    http://*:3000/_a_",
        ],
    );
}

#[test]
fn inline_code_is_not_broken_and_marks_take_no_room() {
    check(
        "Now run `lab kill server02`, then",
        24,
        &["Now run", "`lab kill server02`,", "then"],
    );
    check(
        "**stop one two** it now.",
        20,
        &["\u{1b}[1mstop\u{1b}[0m \u{1b}[1mone\u{1b}[0m \u{1b}[1mtwo\u{1b}[0m it now."],
    );
}

#[test]
fn a_bracket_goes_where_its_code_goes() {
    check(
        "It needs Flask (`pip install`). **A**, **B**, and so on.",
        20,
        &[
            "It needs Flask",
            "(`pip install`). \u{1b}[1mA\u{1b}[0m,",
            "\u{1b}[1mB\u{1b}[0m, and so on.",
        ],
    );
    check(
        "(`much longer than a line can be`).",
        20,
        &["(`much longer than a line can be`)."],
    );
}

#[test]
fn values_that_are_filled_in_are_no_markdown() {
    check("Open {url.lb} *now*.", 60, &["Open http://*:3000/_a_ now."]);
}

#[test]
fn lists_hang() {
    check(
        "- one two three four\n- five\n\nThen\n\n1. a\n2. b `c`\n",
        16,
        &[
            "  - one two three",
            "    four",
            "  - five",
            "",
            "Then",
            "",
            "  1. a",
            "  2. b `c`",
        ],
    );
    check("- a\n\n  b\n- c", 30, &["  - a", "", "    b", "", "  - c"]);
}

#[test]
fn quotes_headings_rules_and_links() {
    check("> said\n> so", 30, &["    said so"]);
    check(
        "# Head\n\ntext",
        30,
        &["\u{1b}[1mHead\u{1b}[0m", "", "text"],
    );
    check("a [page](http://x.y) b", 60, &["a page (http://x.y) b"]);
    check("<http://x.y> b", 60, &["http://x.y b"]);
    check(
        "a\n\n---\n\nb",
        60,
        &["a", "", "------------------------", "", "b"],
    );
}

#[test]
fn tables_stand_in_columns_or_row_by_row() {
    let table = "| name | order |\n|---|---|\n| google.com | in turn |\n| x | `y` |\n";
    check(
        table,
        40,
        &[
            "  name        order",
            "  google.com  in turn",
            "  x           `y`",
        ],
    );
    check(
        table,
        20,
        &[
            "  google.com",
            "    order: in turn",
            "",
            "  x",
            "    order: `y`",
        ],
    );
}

#[test]
fn a_line_of_plain_text_keeps_only_code_marked() {
    let plain = plain("If *it* had died: `check` {x}?", &|text| {
        text.replace("{x}", "1")
    });
    assert_eq!(plain, "If it had died: `check` 1?");
}
