//! A server that is added while the balancer runs: the words of a `server` line, without what its section says.

use crate::checks;
use crate::keywords::find;
use crate::keywords::server as line_of_server;
use crate::keywords::server_parameters::TABLES;
use crate::model::{CheckAction, CheckScript, Global, Server};
use crate::proxy::{Kind, Proxy, ProxyContext, Settings};
use crate::raw::{Line, Switch};
use crate::report::Report;
use crate::resolve;
use crate::sample::shared::Shared;
use crate::words::Word;
use diagnostics::{Diagnostic, Severity, Sources, Span};

/// What the words say.
#[derive(Debug)]
pub struct DynamicServer {
    /// Its id is 0 where none is written; it tracks nobody yet.
    pub server: Server,
    /// `[BACKEND/]SERVER` that it is to track.
    pub track: Option<String>,
    /// The words, for places in them.
    pub sources: Sources,
}

/// What HAProxy does not take from somebody who adds a server.
const NOT_ACCEPTED: &[&str] = &[
    "cookie",
    "init-addr",
    "log-proto",
    "max-reuse",
    "namespace",
    "no-agent-check",
    "no-check",
    "no-check-send-proxy",
    "no-check-ssl",
    "no-send-proxy-v2-ssl",
    "no-send-proxy-v2-ssl-cn",
    "no-ssl",
    "non-stick",
    "redir",
    "resolve-net",
    "resolve-opts",
    "resolve-prefer",
    "resolvers",
    "socks4",
    "ssl-reuse",
    "stick",
    "tcp-ut",
];

/// Reads name, address and parameters of a server for a backend whose checks do `check`.
///
/// # Errors
///
/// HAProxy's words for the first thing that is wrong.
pub fn dynamic_server(
    words: &[String],
    backend: &str,
    check: &CheckScript,
    global: &Global,
) -> Result<DynamicServer, String> {
    let mut sources = Sources::new();
    let line = line(words, &mut sources);
    let title = format!("'server {backend}/{}' : ", line.text(1));
    let accepted = accepted(&line);
    let mut report = Report::new(&sources);
    let head = Word {
        text: backend.to_owned(),
        span: line.span,
    };
    let mut proxy = Proxy::new(Kind::Backend, head, line.span, Settings::default());
    let mut shared = Shared::new(|_| None);
    let mut context = ProxyContext {
        proxy: &mut proxy,
        global,
        shared: &mut shared,
        report: &mut report,
    };
    let readable = Line {
        words: line.words[..accepted].to_vec(),
        ..line.clone()
    };
    line_of_server::parse(&mut context, &readable);
    first_error(&report, &title)?;
    if let Some(other) = line.words.get(accepted) {
        let name = &other.text;
        return Err(format!(
            "'{name}' option is not accepted for dynamic server"
        ));
    }
    checks::dynamic(&proxy, &global.tls, &mut report);
    first_error(&report, &title)?;
    let draft = proxy.servers.first();
    let draft = draft.ok_or_else(|| "the server could not be read".to_owned())?;
    let mut steps = check.steps.iter();
    let secure =
        steps.any(|step| matches!(&step.action, CheckAction::Connect(connect) if connect.ssl));
    let server = resolve::dynamic_server(draft, &global.tls, secure);
    let track = draft.settings.track.as_ref().map(|word| word.text.clone());
    Ok(DynamicServer {
        server,
        track,
        sources,
    })
}

/// The words as a line of a file that is called as HAProxy's messages call the runtime API.
fn line(words: &[String], sources: &mut Sources) -> Line {
    let mut text = String::from("server");
    let mut places = vec![(0, text.len())];
    for word in words {
        text.push(' ');
        places.push((text.len(), text.len() + word.len()));
        text.push_str(word);
    }
    let source = sources.add("CLI", text.clone());
    let span = |(start, end)| Span { source, start, end };
    let words = places.into_iter().map(|place| Word {
        text: text[place.0..place.1].to_owned(),
        span: span(place),
    });
    Line {
        words: words.collect(),
        span: span((0, text.len())),
        switch: Switch::default(),
    }
}

/// How many words come before the first that is not for servers added at run time.
fn accepted(line: &Line) -> usize {
    let mut at = 3;
    while let Some(word) = line.words.get(at) {
        if NOT_ACCEPTED.contains(&word.text.as_str()) {
            return at;
        }
        at += 1 + find(TABLES, &word.text).map_or(0, |row| row.most);
    }
    line.words.len()
}

/// The words of the first error, without place and title.
fn first_error(report: &Report<'_>, title: &str) -> Result<(), String> {
    let mut errors = report.diagnostics().iter();
    let first = errors.find(|diagnostic| diagnostic.severity == Severity::Error);
    match first {
        None => Ok(()),
        Some(diagnostic) => Err(words(diagnostic, title)),
    }
}

fn words(diagnostic: &Diagnostic, title: &str) -> String {
    let Some(words) = diagnostic.haproxy.first() else {
        return diagnostic.message.clone();
    };
    let words = words.strip_prefix("config : ").unwrap_or(words);
    let words = words.strip_prefix("[CLI:1] : ").unwrap_or(words);
    words.strip_prefix(title).unwrap_or(words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DynamicServer, String> {
        let words: Vec<_> = text.split(' ').map(str::to_owned).collect();
        let check = CheckScript {
            protocol: crate::model::CheckProtocol::Tcp,
            steps: Vec::new(),
            disable_on_404: false,
            send_state: false,
        };
        dynamic_server(&words, "b", &check, &Global::default())
    }

    #[test]
    fn parameters_are_those_of_a_line() {
        let read = read("n1 127.0.0.1:80 weight 5 check inter 3s track").err();
        assert_eq!(
            read.as_deref(),
            Some("'track' expects [<proxy>/]<server> as argument..")
        );
        let read = self::read("n1 127.0.0.1:80 weight 5 track a/s1").unwrap();
        assert_eq!(read.server.weight, 5);
        assert_eq!(read.track.as_deref(), Some("a/s1"));
    }

    #[test]
    fn the_first_mistake_is_told() {
        let wrong = |text: &str| read(text).err().unwrap_or_default();
        assert_eq!(
            wrong("n1 127.0.0.1:80 cookie x weight 400"),
            "'cookie' option is not accepted for dynamic server"
        );
        assert_eq!(
            wrong("n1 127.0.0.1:80 weight 400 cookie x"),
            "weight of server n1 is not within 0 and 256 (400).."
        );
        assert_eq!(
            wrong("n1"),
            "'server' expects <name> and <addr>[:<port>] as arguments."
        );
    }
}
