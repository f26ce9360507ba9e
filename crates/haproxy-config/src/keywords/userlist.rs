//! `userlist` sections: groups, users and their passwords.

use crate::raw::{Line, RawSection};
use crate::report::Report;
use diagnostics::{Diagnostic, nearest};
use samples::users::{Password, User, UserList, crypt};

const WORDS: [&str; 2] = ["group", "user"];

/// Reads a section; problems of its lines go into the report.
pub(crate) fn section(
    section: &RawSection,
    known: &[std::sync::Arc<UserList>],
    report: &mut Report<'_>,
) -> Option<UserList> {
    let head = &section.head;
    let name = head.text(1);
    if name.is_empty() {
        let words = "'userlist' expects <name> as arguments.";
        report.push(
            Diagnostic::error("missing-name", "this `userlist` has no name")
                .at(head.keyword().span, "")
                .haproxy(report.tight(head.span, words)),
        );
        return None;
    }
    if known.iter().any(|list| list.name == name) {
        let words = format!("ignoring duplicated userlist '{name}'.");
        report.push(
            Diagnostic::warning(
                "duplicate-userlist",
                format!("two `userlist` are named `{name}`"),
            )
            .at(head.span(1), "")
            .haproxy(report.tight(head.span, &words)),
        );
        return None;
    }
    if let Some(extra) = head.words.get(2) {
        let words = format!(
            "'userlist' cannot handle unexpected argument '{}'.",
            extra.text
        );
        report.push(
            Diagnostic::error(
                "unexpected-word",
                format!("`{}` is one word too many for `userlist`", extra.text),
            )
            .at(extra.span, "")
            .haproxy(report.spaced(head.span, &words)),
        );
        return None;
    }
    let mut list = UserList {
        name: name.to_owned(),
        users: Vec::new(),
        groups: Vec::new(),
    };
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for line in &section.lines {
        match line.text(0) {
            "group" if groups.iter().any(|(group, _)| group == line.text(1)) => {
                again(line, name, report);
            }
            "user" if list.users.iter().any(|user| user.name == line.text(1)) => {
                again(line, name, report);
            }
            "group" => groups.extend(group(line, report)),
            "user" => list.users.extend(user(line, report)),
            _ => unknown(line, report),
        }
    }
    let named = list.users.iter().flat_map(|user| user.groups.clone());
    list.groups = groups
        .iter()
        .map(|(group, _)| group.clone())
        .chain(named)
        .collect();
    for (group, members) in groups {
        for user in list
            .users
            .iter_mut()
            .filter(|user| members.contains(&user.name))
        {
            if !user.groups.contains(&group) {
                user.groups.push(group.clone());
            }
        }
    }
    Some(list)
}

/// `group NAME [users A,B]`.
fn group(line: &Line, report: &mut Report<'_>) -> Option<(String, Vec<String>)> {
    let name = line.text(1);
    if name.is_empty() {
        missing(line, "'group' expects <name> as arguments.", report);
        return None;
    }
    let members = match line.text(2) {
        "users" => line.text(3).split(',').map(str::to_owned).collect(),
        "" => Vec::new(),
        _ => {
            let words = "'group' only supports 'users' option.";
            report.push(
                Diagnostic::error("unexpected-word", "`group` takes `users` alone")
                    .at(line.span(2), "")
                    .haproxy(report.tight(line.span, words)),
            );
            return None;
        }
    };
    Some((name.to_owned(), members))
}

/// `user NAME [password HASH | insecure-password TEXT] [groups A,B]`.
fn user(line: &Line, report: &mut Report<'_>) -> Option<User> {
    let name = line.text(1);
    if name.is_empty() {
        missing(line, "'user' expects <name> as arguments.", report);
        return None;
    }
    let mut user = User {
        name: name.to_owned(),
        password: Password::Never,
        groups: Vec::new(),
    };
    let mut at = 2;
    while !line.text(at).is_empty() {
        let value = line.text(at + 1);
        match line.text(at) {
            "password" => {
                if !crypt::is_known(value) {
                    report.push(
                        Diagnostic::error(
                            "unknown-hash",
                            format!("the password of `{name}` is no hash I know"),
                        )
                        .at(line.span(at + 1), "")
                        .why("crypt(3) hashes that begin with $1$, $5$ or $6$ are known")
                        .next("make one with  openssl passwd -6"),
                    );
                    return None;
                }
                user.password = Password::Crypt(value.to_owned());
            }
            "insecure-password" => user.password = Password::Plain(value.to_owned()),
            "groups" => user.groups.extend(value.split(',').map(str::to_owned)),
            odd => {
                let words =
                    "'user' only supports 'password', 'insecure-password' and 'groups' options.";
                report.push(
                    Diagnostic::error("unexpected-word", format!("`user` does not take `{odd}`"))
                        .at(line.span(at), "")
                        .haproxy(report.tight(line.span, words)),
                );
                return None;
            }
        }
        at += 2;
    }
    Some(user)
}

/// A second line of the same name is left out.
fn again(line: &Line, list: &str, report: &mut Report<'_>) {
    let (kind, name) = (line.text(0), line.text(1));
    let words = format!("ignoring duplicated {kind} '{name}' in userlist '{list}'.");
    report.push(
        Diagnostic::warning(
            "duplicate-name",
            format!("a second {kind} `{name}` is left out"),
        )
        .at(line.statement(), "")
        .haproxy(report.tight(line.span, &words)),
    );
}

fn missing(line: &Line, words: &str, report: &mut Report<'_>) {
    report.push(
        Diagnostic::error("missing-value", format!("`{}` wants a name", line.text(0)))
            .at(line.keyword().span, "")
            .haproxy(report.tight(line.span, words)),
    );
}

fn unknown(line: &Line, report: &mut Report<'_>) {
    let word = line.text(0);
    let words = format!("unknown keyword '{word}' in 'users' section");
    let label =
        nearest(word, WORDS).map_or_else(String::new, |name| format!("did you mean `{name}`?"));
    report.push(
        Diagnostic::error(
            "unknown-keyword",
            format!("unknown word `{word}` in a `userlist` section"),
        )
        .at(line.keyword().span, label)
        .haproxy(report.tight(line.span, &words)),
    );
}
