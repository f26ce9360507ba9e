//! What to write instead of words that are refused.

/// Lines that come near to what a refused word does, or what to do without it; none where nothing does.
pub(super) fn instead(shown: &str) -> &'static [&'static str] {
    let found = LINES.iter().find(|(word, _)| *word == shown);
    found.map_or(&[], |(_, lines)| *lines)
}

/// The checks ask what the option would: for a greeting, or for an answer that needs nobody's password.
const LINES: &[(&str, &[&str])] = &[
    (
        "option mysql-check",
        &[
            "option tcp-check",
            "tcp-check expect rbinary ^[0-9A-F]{8}0A",
        ],
    ),
    (
        "option pgsql-check",
        &[
            "option tcp-check",
            "tcp-check send-binary 0000000804D2162F",
            "tcp-check expect rstring ^[SN]",
        ],
    ),
    (
        "option redis-check",
        &[
            "option tcp-check",
            "tcp-check send PING\\r\\n",
            "tcp-check expect string +PONG",
        ],
    ),
    (
        "option smtpchk",
        &[
            "option tcp-check",
            "tcp-check expect rstring ^220",
            "tcp-check send QUIT\\r\\n",
            "tcp-check expect rstring ^221",
        ],
    ),
    (
        "option ldap-check",
        &[
            "option tcp-check",
            "tcp-check send-binary 300C020101600702010304008000",
            "tcp-check expect binary 0A0100",
        ],
    ),
    (
        "option ssl-hello-chk",
        &["server NAME ADDRESS check check-ssl verify none"],
    ),
    ("option spop-check", &["option tcp-check"]),
    ("option transparent", &["server NAME ADDRESS"]),
    ("transparent", &["server NAME ADDRESS"]),
    ("dispatch", &["server NAME ADDRESS"]),
    (
        "compression",
        &["take it out: answers go as the servers write them, and these can compress, too"],
    ),
    (
        "peers",
        &["take it out, and `peers` on `stick-table` lines: each balancer keeps tables of its own"],
    ),
    (
        "stick-table ... peers",
        &["take `peers` out: the table is then this balancer's own"],
    ),
    (
        "program",
        &["take it out, and start the program as a service of its own"],
    ),
    (
        "ring",
        &["take it out, and log to where the ring sends to:  log ADDRESS local0"],
    ),
    (
        "log-forward",
        &["take it out, and let a syslog server do this"],
    ),
    (
        "email-alert",
        &["take it out, and watch the log:  option log-health-checks"],
    ),
];

#[cfg(test)]
mod tests {
    use super::LINES;
    use diagnostics::Sources;

    #[test]
    fn what_is_offered_can_be_read() {
        for (word, lines) in LINES.iter().filter(|(word, _)| word.starts_with("option ")) {
            let lines = lines.join("\n    ").replace("ADDRESS", "127.0.0.1:1");
            let text = format!("backend b\n    {lines}\n");
            let mut sources = Sources::new();
            sources.add("f.cfg", &text);
            let parsed = crate::parse(&sources, &crate::Environment::default());
            assert!(!parsed.has_errors(), "{word}: {:?}", parsed.diagnostics);
        }
    }
}
