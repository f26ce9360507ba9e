//! Changes to a configuration file, as a learner makes them in an editor. Pure; `None` where nothing fits.

/// `weight 4` or `check` on the lines of these servers, in place of what stood there.
pub(super) fn set_option(
    text: &str,
    name: &str,
    option: &str,
    value: Option<&str>,
) -> Option<String> {
    on_servers(text, name, |words| {
        let at = words.iter().position(|word| word == option);
        match (at, value) {
            (Some(at), Some(value)) if at + 1 < words.len() => value.clone_into(&mut words[at + 1]),
            (Some(_), _) => {}
            (None, value) => {
                words.push(option.to_owned());
                words.extend(value.map(str::to_owned));
            }
        }
    })
}

pub(super) fn take_option(text: &str, name: &str, option: &str) -> Option<String> {
    on_servers(text, name, |words| words.retain(|word| word != option))
}

pub(super) fn add_words(text: &str, name: &str, more: &str) -> Option<String> {
    on_servers(text, name, |words| words.push(more.to_owned()))
}

/// Changes the words of `server NAME ...` lines; `*` is each of them.
fn on_servers(text: &str, name: &str, change: impl Fn(&mut Vec<String>)) -> Option<String> {
    let mut found = false;
    let line = |line: &str| {
        let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        if words.first().is_none_or(|word| word != "server")
            || !(name == "*" || words.get(1).is_some_and(|word| word == name))
        {
            return line.to_owned();
        }
        found = true;
        change(&mut words);
        format!("{}{}", margin(line), words.join(" "))
    };
    let changed = text.lines().map(line).collect();
    found.then(|| joined(changed))
}

/// In the first line that holds `old`; a comment only where no other line does.
pub(super) fn replace(text: &str, old: &str, new: &str) -> Option<String> {
    let at = find(text, old)?;
    let mut lines = owned(text);
    lines[at] = lines[at].replacen(old, new, 1);
    Some(joined(lines))
}

pub(super) fn insert_after(text: &str, after: &str, new: &str) -> Option<String> {
    let at = find(text, after)?;
    let mut lines = owned(text);
    lines.insert(at + 1, new.to_owned());
    Some(joined(lines))
}

pub(super) fn remove(text: &str, part: &str) -> Option<String> {
    let at = find(text, part)?;
    let mut lines = owned(text);
    lines.remove(at);
    Some(joined(lines))
}

/// Takes the `#` off the lines behind the mark, but not off the sentences among them.
pub(super) fn uncomment_statistics(text: &str) -> Option<String> {
    let mark = text
        .lines()
        .position(|line| line.starts_with("#> Stats Page"))?;
    let is_code = |line: &str| {
        line.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with("listen") || rest.starts_with("    "))
    };
    let lines = text
        .lines()
        .enumerate()
        .map(|(at, line)| match line.strip_prefix('#') {
            Some(code) if at > mark && is_code(line) => code.to_owned(),
            _ => line.to_owned(),
        });
    Some(joined(lines.collect()))
}

/// The first backend with servers lists exactly these. Lines of servers that run stay as they are.
pub(super) fn list_servers(text: &str, running: &[(String, u16)]) -> Option<String> {
    let is_server = |line: &str| line.split_whitespace().next() == Some("server");
    let first = text
        .lines()
        .position(is_server)
        .or_else(|| find(text, "#HERE"))?;
    let known = |port: u16| {
        let ending = format!(":{port}");
        text.lines()
            .filter(|line| is_server(line))
            .find(|line| line.split_whitespace().any(|word| word.ends_with(&ending)))
    };
    let wanted = running.iter().map(|(name, port)| match known(*port) {
        Some(line) => line.to_owned(),
        None => format!("    server {name} 127.0.0.1:{port}"),
    });
    let mut lines: Vec<String> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if at == first {
            lines.extend(wanted.clone());
        }
        if !is_server(line) {
            lines.push(line.to_owned());
        }
    }
    Some(joined(lines))
}

fn find(text: &str, part: &str) -> Option<usize> {
    let holds = |line: &str| line.contains(part);
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    text.lines()
        .position(|line| holds(line) && !is_comment(line))
        .or_else(|| text.lines().position(holds))
}

fn owned(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn margin(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

fn joined(lines: Vec<String>) -> String {
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# bind and server\nfrontend f\n    bind *:3000\nbackend b\n    balance roundrobin # turns\n    server server01 127.0.0.1:8080\n    server server02 127.0.0.1:8081 weight 2 check\n\n#> Stats Page\n# > listen - both\n#listen stats\n#    bind *:8404\n";

    fn changed(before: &str, after: Option<String>) -> Vec<String> {
        let after = after.expect("something fits");
        let old: Vec<&str> = before.lines().collect();
        let new = after.lines().filter(|line| !old.contains(line));
        new.map(str::to_owned).collect()
    }

    #[test]
    fn options_of_servers_are_set_and_taken() {
        let set = |name, option, value| changed(FILE, set_option(FILE, name, option, value));
        assert_eq!(
            set("server01", "weight", Some("4")),
            ["    server server01 127.0.0.1:8080 weight 4"]
        );
        assert_eq!(
            set("server02", "weight", Some("4")),
            ["    server server02 127.0.0.1:8081 weight 4 check"]
        );
        assert_eq!(
            set("*", "check", None),
            ["    server server01 127.0.0.1:8080 check"]
        );
        assert_eq!(
            changed(FILE, take_option(FILE, "server02", "check")),
            ["    server server02 127.0.0.1:8081 weight 2"]
        );
        assert_eq!(
            changed(FILE, add_words(FILE, "server01", "# check")),
            ["    server server01 127.0.0.1:8080 # check"]
        );
        assert_eq!(set_option(FILE, "server09", "check", None), None);
    }

    #[test]
    fn lines_are_found_outside_comments_first() {
        assert_eq!(
            changed(FILE, replace(FILE, "bind", "bend")),
            ["    bend *:3000"]
        );
        assert_eq!(
            changed(FILE, replace(FILE, "#    bind", "    bind")),
            ["    bind *:8404"]
        );
        let more = insert_after(FILE, "balance roundrobin", "    retries 2").unwrap();
        assert!(more.contains("# turns\n    retries 2\n"), "{more}");
        let less = remove(FILE, "server server02").unwrap();
        assert!(!less.contains("8081") && less.contains("8080"), "{less}");
        assert_eq!(remove(FILE, "nowhere"), None);
    }

    #[test]
    fn the_statistics_are_uncommented_and_the_sentence_is_not() {
        let lines = changed(FILE, uncomment_statistics(FILE));
        assert_eq!(lines, ["listen stats", "    bind *:8404"]);
    }

    #[test]
    fn the_backend_lists_what_runs() {
        let running = [("server02".to_owned(), 8081), ("server03".to_owned(), 8082)];
        let text = list_servers(FILE, &running).unwrap();
        let servers: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("127.0.0.1"))
            .collect();
        assert_eq!(
            servers,
            [
                "    server server02 127.0.0.1:8081 weight 2 check",
                "    server server03 127.0.0.1:8082",
            ]
        );
    }
}
