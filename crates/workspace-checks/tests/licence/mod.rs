/// Whether a licence expression (SPDX: names, AND, OR, parentheses; `/` in old manifests means OR) leaves a choice that
/// consists of allowed licences only.
pub(crate) fn allows(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let verdict = any(&mut rest, allowed);
    verdict && rest.is_empty()
}

fn any(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut verdict = all(words, allowed);
    while take(words, "OR") {
        verdict |= all(words, allowed);
    }
    verdict
}

fn all(words: &mut &[&str], allowed: &[&str]) -> bool {
    let mut verdict = one(words, allowed);
    while take(words, "AND") {
        verdict &= one(words, allowed);
    }
    verdict
}

fn one(words: &mut &[&str], allowed: &[&str]) -> bool {
    if take(words, "(") {
        let verdict = any(words, allowed);
        return take(words, ")") && verdict;
    }
    let Some((name, rest)) = words.split_first() else {
        return false;
    };
    *words = rest;
    let name = match take(words, "WITH") {
        true => words.split_first().map(|(exception, rest)| {
            *words = rest;
            format!("{name} WITH {exception}")
        }),
        false => Some((*name).to_owned()),
    };
    name.is_some_and(|name| allowed.contains(&name.as_str()))
}

fn take(words: &mut &[&str], word: &str) -> bool {
    let found = words.first() == Some(&word);
    if found {
        *words = &words[1..];
    }
    found
}

#[test]
fn an_expression_leaves_an_allowed_choice_or_not() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];
    let check = |expression| allows(expression, &allowed);
    assert!(check("MIT") && check("MIT OR GPL-3.0") && check("GPL-3.0/MIT"));
    assert!(check("(MIT OR GPL-3.0) AND Apache-2.0"));
    assert!(check("Apache-2.0 WITH LLVM-exception OR GPL-3.0"));
    assert!(!check("") && !check("GPL-3.0") && !check("MIT AND GPL-3.0"));
    assert!(!check("(MIT OR GPL-3.0) AND BSD-4-Clause") && !check("MIT WITH x") && !check("(MIT"));
}
