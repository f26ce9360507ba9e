//! What an edit changed, in a few words.

/// Says how `new` differs from `old`, for example ``line 14 `weight 4` is new``; `None` when it does not.
pub(crate) fn describe(old: &str, new: &str) -> Option<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same_head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let shorter = old.len().min(new.len());
    let same_tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(shorter - same_head)
        .take_while(|(a, b)| a == b)
        .count();
    let gone = &old[same_head..old.len() - same_tail];
    let come = &new[same_head..new.len() - same_tail];
    let line = same_head + 1;
    Some(match (gone, come) {
        ([], []) => return None,
        ([], [one]) => format!("line {line} is new: `{}`", one.trim()),
        ([one], []) => format!("line {line} is gone: `{}`", one.trim()),
        ([before], [after]) => one_line(line, before, after),
        ([], come) => format!("{} lines from line {line} on are new", come.len()),
        (gone, []) => format!("{} lines from line {line} on are gone", gone.len()),
        (gone, come) => format!(
            "{} lines from line {line} on have changed",
            gone.len().max(come.len())
        ),
    })
}

fn one_line(line: usize, before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (
        before.split_whitespace().collect(),
        after.split_whitespace().collect(),
    );
    if before == after {
        return format!("only blanks in line {line} have changed");
    }
    let middle = |longer: &[&str], shorter: &[&str]| {
        let head = longer
            .iter()
            .zip(shorter)
            .take_while(|(a, b)| a == b)
            .count();
        let tail = longer.len() - shorter.len();
        (longer[head + tail..] == shorter[head..]).then(|| longer[head..head + tail].join(" "))
    };
    if after.len() > before.len()
        && let Some(words) = middle(&after, &before)
    {
        return format!("line {line} `{words}` is new");
    }
    if before.len() > after.len()
        && let Some(words) = middle(&before, &after)
    {
        return format!("line {line} `{words}` is gone");
    }
    format!("line {line} is now `{}`", after.join(" "))
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[track_caller]
    fn check(old: &str, new: &str, expected: &str) {
        assert_eq!(describe(old, new).as_deref(), Some(expected));
    }

    #[test]
    fn one_edit_is_told_by_its_words() {
        check(
            "a\nserver s x\n",
            "a\nserver s x weight 4\n",
            "line 2 `weight 4` is new",
        );
        check(
            "a\nserver s x check\n",
            "a\nserver s x\n",
            "line 2 `check` is gone",
        );
        check("a\nbind 1\n", "a\nbind 2\n", "line 2 is now `bind 2`");
        check("a\nb\n", "a\n  b\n", "only blanks in line 2 have changed");
    }

    #[test]
    fn lines_that_come_and_go_are_counted() {
        check("a\nc\n", "a\nb\nc\n", "line 2 is new: `b`");
        check("a\nb\nc\n", "a\nc\n", "line 2 is gone: `b`");
        check("a\na\n", "a\na\na\n", "line 3 is new: `a`");
        check("a\n", "b\nc\nd\n", "3 lines from line 1 on have changed");
        check("a\nb\nc\n", "", "3 lines from line 1 on are gone");
    }

    #[test]
    fn the_same_text_has_not_changed() {
        assert_eq!(describe("a\nb\n", "a\nb\n"), None);
    }
}
