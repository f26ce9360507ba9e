//! Makes outputs comparable: what changes from run to run becomes a word in square brackets.

/// Replaces port numbers by names: `(8080, "PORT")` turns each `8080` that stands alone into `[PORT]`.
pub fn ports(text: &str, names: &[(u16, &str)]) -> String {
    let name_of = |number: &str| names.iter().find(|(port, _)| port.to_string() == number);
    map_numbers(text, |_, number| {
        name_of(number).map(|(_, name)| format!("[{name}]"))
    })
}

/// Replaces the number after the word `pid` by `[PID]`.
pub fn pids(text: &str) -> String {
    map_numbers(text, |before, _| {
        before.ends_with("pid ").then(|| "[PID]".into())
    })
}

/// Replaces times of day (`12:02:11`, `12:02`) by `[TIME]`.
pub fn times(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(at);
        out.push_str(before);
        let length = digits
            .find(|c: char| !c.is_ascii_digit() && c != ':')
            .unwrap_or(digits.len());
        let (number, after) = digits.split_at(length);
        let trimmed = number.trim_end_matches(':');
        out.push_str(if is_time(trimmed) { "[TIME]" } else { trimmed });
        out.push_str(&number[trimmed.len()..]);
        rest = after;
    }
    out + rest
}

/// Two or three two-digit numbers with colons between them.
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    matches!(parts.len(), 2 | 3) && parts.iter().all(|part| part.len() == 2)
}

/// Gives `replace` each run of digits with all text before it, and puts its answer in the run's place.
fn map_numbers(text: &str, replace: impl Fn(&str, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut start = 0;
    while let Some(at) = text[start..].find(|c: char| c.is_ascii_digit()) {
        let from = start + at;
        let rest = &text[from..];
        let to = from
            + rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
        let number = &text[from..to];
        out.push_str(&text[start..from]);
        out.push_str(&replace(&text[..from], number).unwrap_or_else(|| number.into()));
        start = to;
    }
    out + &text[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_replaced_only_as_a_whole_number() {
        let text = "127.0.0.1:8080, 18080 and 8080";
        assert_eq!(ports(text, &[(8080, "A")]), "127.0.0.1:[A], 18080 and [A]");
    }

    #[test]
    fn only_the_number_after_pid_is_one() {
        assert_eq!(
            pids("8080 (pid 4312, 2 times)"),
            "8080 (pid [PID], 2 times)"
        );
    }

    #[test]
    fn times_with_and_without_seconds() {
        let text = "12:02:11  GET / since 09:41, port 8080: ratio 1:2";
        assert_eq!(
            times(text),
            "[TIME]  GET / since [TIME], port 8080: ratio 1:2"
        );
    }
}
