//! The user's configuration file, read and checked before anything acts on it.

use crate::exit::Exit;
use crate::plan::instrument;
use crate::problem::{Problem, Result};
use crate::ui::{NARROWEST, width};
use diagnostics::{Diagnostic, Severity, Sources, Style, full};
use haproxy_config::{Environment, model::Config};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file without errors.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    pub(crate) path: PathBuf,
    pub(crate) sources: Sources,
    pub(crate) config: Config,
    /// Warnings and notes, rendered, and what the lab cannot see of traffic.
    pub(crate) remarks: String,
}

impl ConfigFile {
    /// Reads a file and reports every problem in it.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| missing(path, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let what = format!(
                "{} is not text (byte {})",
                path.display(),
                error.utf8_error().valid_up_to()
            );
            Problem::new("config-not-text", Exit::FileWrong, what).next("save it as UTF-8")
        })?;
        Self::parse(path, text)
    }

    pub(crate) fn parse(path: &Path, text: String) -> Result<Self> {
        let mut sources = Sources::new();
        sources.add(path.display().to_string(), text);
        let parsed = haproxy_config::parse(&sources, &environment());
        let rendered = render(&sources, &parsed.diagnostics);
        match parsed.config {
            Some(config) => Ok(Self {
                path: path.to_owned(),
                sources,
                remarks: rendered + &instrument::unread(&config).unwrap_or_default(),
                config,
            }),
            None => Err(wrong(&sources, &parsed.diagnostics, rendered)),
        }
    }

    pub(crate) fn text(&self) -> &str {
        self.sources
            .iter()
            .next()
            .map_or("", |(_, source)| &source.text)
    }

    /// As the user would call it: `myhaproxy.cfg`.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Asks the installed HAProxy too, on the user's own file, so that it speaks of the user's lines.
    pub(crate) fn ask_haproxy(&self, haproxy: &Path) -> Result<()> {
        let checked = Command::new(haproxy)
            .arg("-c")
            .arg("-f")
            .arg(&self.path)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Problem::io(&format!("run {}", haproxy.display()), &error))?;
        if checked.status.success() {
            return Ok(());
        }
        Err(Problem::new(
            "config-wrong",
            Exit::FileWrong,
            format!("HAProxy refuses {}", self.name()),
        )
        .quoted(String::from_utf8_lossy(&checked.stderr).into_owned())
        .next(format!("look again:  haproxy -c -f {}", self.name())))
    }
}

/// What a file may refer to: this process's variables, and files beside it.
pub(crate) fn environment() -> Environment {
    Environment {
        variables: std::env::vars().collect(),
        read_file: |path| std::fs::read(path).ok(),
    }
}

/// When the file was last saved.
pub(crate) fn saved(path: &Path) -> Option<Timestamp> {
    let time = std::fs::metadata(path).ok()?.modified().ok()?;
    Timestamp::try_from(time).ok()
}

fn missing(path: &Path, error: &std::io::Error) -> Problem {
    if error.kind() != std::io::ErrorKind::NotFound {
        return Problem::io(&format!("read {}", path.display()), error);
    }
    Problem::new(
        "config-missing",
        Exit::FileWrong,
        format!("there is no {}", path.display()),
    )
    .next("write one:  lab eject myhaproxy.cfg      or let the lab write one:  lab up")
}

fn wrong(sources: &Sources, diagnostics: &[Diagnostic], rendered: String) -> Problem {
    let errors: Vec<_> = diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .collect();
    let facts: Vec<_> = diagnostics.iter().map(|d| fact(sources, d)).collect();
    let first = errors
        .first()
        .map(|d| summary(sources, d))
        .unwrap_or_default();
    Problem::new("config-wrong", Exit::FileWrong, "")
        .quoted(rendered)
        .fact("errors", errors.len())
        .fact("first", first)
        .fact("diagnostics", facts)
}

/// One line for a diagnostic: ``line 12, `balance roundrobbin` is not a way to balance``.
fn summary(sources: &Sources, diagnostic: &Diagnostic) -> String {
    match diagnostic.labels.first() {
        Some(label) => format!(
            "line {}, {}",
            sources.location(label.span).line,
            diagnostic.message
        ),
        None => diagnostic.message.clone(),
    }
}

fn fact(sources: &Sources, diagnostic: &Diagnostic) -> serde_json::Value {
    let place = diagnostic
        .labels
        .first()
        .map(|label| sources.location(label.span));
    serde_json::json!({
        "code": diagnostic.code,
        "severity": format!("{:?}", diagnostic.severity).to_lowercase(),
        "message": diagnostic.message,
        "line": place.map(|at| at.line),
        "column": place.map(|at| at.column),
        "why": diagnostic.why,
        "next": diagnostic.next,
    })
}

fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let width = match width() {
        0 => Style::PLAIN.width,
        width => width.max(NARROWEST),
    };
    let style = Style {
        width,
        ..Style::PLAIN
    };
    diagnostics
        .iter()
        .map(|diagnostic| full(diagnostic, sources, style))
        .collect()
}
