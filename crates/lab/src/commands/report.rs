//! `lab report`: what was done, for the learner, the instructor, or of a whole class.

use crate::cli;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::walk::Session;
use course::progress::Progress;
use course::report::{self, Report};
use std::fs;
use std::path::Path;

pub(crate) fn run(args: &cli::Report, session: &Session) -> Result {
    if let Some(folder) = &args.collect {
        let reports = collect(folder, session)?;
        session.ui.say(report::class_page(&reports, &session.words));
        return Ok(Exit::Done);
    }
    let progress = session.store.read()?;
    if let Some(remark) = session.store.remark() {
        session.ui.talk(remark);
    }
    let report = session.report(&progress);
    if session.ui.json {
        session.ui.say_json(&report);
    } else if args.html {
        session
            .ui
            .say(report::page(&report, &session.words, &session.zone));
    } else {
        session
            .ui
            .say(report::report(&report, &session.words, &session.zone));
    }
    Ok(Exit::Done)
}

/// Every report (`.json`) and every progress file (`.toml`) of a folder, by name.
fn collect(folder: &Path, session: &Session) -> Result<Vec<(String, Report)>> {
    let doing = format!("read {}", folder.display());
    let entries = fs::read_dir(folder).map_err(|error| Problem::io(&doing, &error))?;
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let mut reports = Vec::new();
    for path in paths {
        let kind = path.extension().and_then(|kind| kind.to_str());
        if !matches!(kind, Some("json" | "toml")) {
            continue;
        }
        let name = path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let text = fs::read_to_string(&path)
            .map_err(|error| Problem::io(&format!("read {}", path.display()), &error))?;
        let read = match kind {
            Some("json") => serde_json::from_str(&text).map_err(|error| error.to_string()),
            _ => Progress::read(&text)
                .map(|progress| session.report(&progress))
                .map_err(|error| error.to_string()),
        };
        match read {
            Ok(report) => reports.push((name, report)),
            Err(error) => session
                .ui
                .talk(format!("warning: {} is left out: {error}", path.display())),
        }
    }
    if reports.is_empty() {
        return Err(Problem::new(
            "nothing-handed-in",
            Exit::NotReady,
            format!("there is no report in {}", folder.display()),
        )
        .why("a report is a .json file (lab report --json) or a progress.toml")
        .next("each learner:  lab report --json > handed-in/NAME.json"));
    }
    Ok(reports)
}
