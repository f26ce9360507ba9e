//! What runs, as a table: what the machine says beside what the balancer believes.

use super::blocks::escape;
use super::html::View;
use crate::supervisor::snapshot::{Process, ServerRow, Snapshot};
use crate::ui::{address, words as told};
use course::model::Hidden;
use course::say;
use course::words::{Sentence, Words};
use std::fmt::Write;

pub(super) fn world(view: &View<'_>) -> String {
    let words = view.words;
    let title = escape(&say!(words, PageWorld));
    let Some(snapshot) = view.snapshot else {
        return format!(
            "<h2>{title}</h2>\n<p>{}</p>\n",
            escape(&say!(words, PageNothingRuns))
        );
    };
    let opinion = !view.hidden.contains(&Hidden::BalancerOpinion);
    let shares = !view.hidden.contains(&Hidden::Shares);
    let head: String = [
        Sentence::PageServer,
        Sentence::PagePort,
        Sentence::PageProcess,
        Sentence::PageBalancer,
        Sentence::PageWeight,
        Sentence::PageRequests,
        Sentence::PageErrors,
    ]
    .map(|column| format!("<th scope=\"col\">{}</th>", escape(&words.say(column, &[]))))
    .concat();
    let row = |server| row(server, opinion, shares, words);
    let rows: String = snapshot.servers.iter().map(row).collect();
    let mut html = format!(
        "<h2>{title}</h2>\n<p id=\"about-servers\">{}</p>\n<div class=\"wide\" tabindex=\"0\"><table aria-describedby=\"about-servers\">\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n",
        escape(&say!(words, PageCaption))
    );
    html.push_str(&balancer(snapshot, words));
    if !(opinion && shares) {
        let _ = writeln!(html, "<p>{}</p>", escape(&say!(words, PageHeldBack)));
    }
    html
}

fn row(row: &ServerRow, opinion: bool, shares: bool, words: &Words) -> String {
    const HELD_BACK: &str = "?";
    let belief = row.belief.as_ref();
    let believed = match opinion {
        true => belief.map_or("-", |belief| &belief.status),
        false => HELD_BACK,
    };
    let count = |n: u64| {
        if shares {
            n.to_string()
        } else {
            HELD_BACK.to_owned()
        }
    };
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escape(&row.name),
        row.address.port(),
        escape(&process(&row.process, words)),
        escape(believed),
        belief.map_or_else(|| "-".to_owned(), |belief| belief.weight.to_string()),
        count(row.requests),
        count(row.errors),
    )
}

fn process(process: &Process, words: &Words) -> String {
    match process {
        Process::Starting { .. } => say!(words, PageStarting),
        Process::Up { .. } => say!(words, PageUp),
        Process::Frozen { .. } => say!(words, PageFrozen),
        Process::Stopped { how, .. } => format!("{} ({how})", say!(words, PageStopped)),
        Process::Yours {
            command, terminal, ..
        } => {
            let place = terminal.iter().map(|terminal| format!(", {terminal}"));
            format!(
                "{} ({command}{})",
                say!(words, PageUp),
                place.collect::<String>()
            )
        }
        Process::Absent => say!(words, PageAbsent),
    }
}

fn balancer(snapshot: &Snapshot, words: &Words) -> String {
    let Some(row) = &snapshot.balancer else {
        return String::new();
    };
    let link = |at| {
        let url = escape(&address::url(at));
        format!("<a href=\"{url}\" target=\"_blank\" rel=\"noreferrer\">{url}</a>")
    };
    let mut lines = vec![(
        say!(words, PageBalancer),
        escape(&process(&row.process, words)),
    )];
    if let Some(at) = row.traffic {
        lines.push((say!(words, PageCallers), link(at)));
    }
    if let Some(loaded) = row.loaded {
        let time = told::time_of_day(loaded);
        let text = say!(words, PageLoaded, file = row.file, time = time);
        let newer = row
            .newer
            .map(|_| format!("; <strong>{}</strong>", escape(&say!(words, PageNewer))));
        lines.push((
            say!(words, PageFile),
            escape(&text) + &newer.unwrap_or_default(),
        ));
    }
    let statistics = row
        .statistics
        .map_or_else(|| escape(&say!(words, PageSwitchedOff)), link);
    lines.push((say!(words, PageStatistics), statistics));
    let line =
        |(name, value): (String, String)| format!("<dt>{}</dt><dd>{value}</dd>", escape(&name));
    format!(
        "<dl>{}</dl>\n",
        lines.into_iter().map(line).collect::<String>()
    )
}
