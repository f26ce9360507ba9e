//! The report as one page: nothing is loaded from elsewhere.

use super::markdown::{hints, remarks, summary, time};
use super::{ActivityReport, Report};
use crate::words::{Words, say};
use jiff::tz::TimeZone;
use std::fmt::Write;

/// Works in dark and light, at 320 px, on paper.
const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;display:block;overflow-x:auto}th,td{border:1px solid #8886;padding:.25rem .6rem;text-align:left}\
th{background:#8882}.weak{outline:3px solid #D55E00}.no{opacity:.6}blockquote{border-left:4px solid #56B4E9;margin-left:0;padding-left:1rem}";

/// The report of one learner.
pub fn page(report: &Report, words: &Words, zone: &TimeZone) -> String {
    let title = match &report.learner {
        Some(name) => say!(words, ReportOf, name = name),
        None => say!(words, ReportTitle),
    };
    let mut body = format!(
        "<h1>{}</h1><p>{}</p>",
        escape(&title),
        escape(&summary(report, words, zone))
    );
    for activity in &report.activities {
        body.push_str(&of_activity(activity, words));
    }
    whole(&title, &body)
}

fn of_activity(activity: &ActivityReport, words: &Words) -> String {
    let mut html = format!(
        "<h2>{} {}</h2><table><tr>",
        escape(&activity.id),
        escape(&activity.title)
    );
    for head in [
        say!(words, ColumnStep),
        say!(words, ColumnTime),
        say!(words, ColumnHints),
        say!(words, ColumnRemarks),
    ] {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(&head));
    }
    html.push_str("</tr>");
    for step in &activity.steps {
        let cells = [time(step), hints(step), remarks(step, words)]
            .map(|cell| format!("<td>{}</td>", escape(&cell)));
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th>{}</tr>",
            escape(&step.id),
            cells.concat()
        );
    }
    html.push_str("</table>");
    for step in &activity.steps {
        for answer in &step.answers {
            let line = format!("{} {}: {}", answer.ask, say!(words, YouSaid), answer.said);
            let _ = write!(html, "<p>{}</p>", escape(line.trim()));
        }
        for was in &step.was {
            let _ = write!(
                html,
                "<p>{}: {}</p>",
                escape(&say!(words, ItWas)),
                escape(was)
            );
        }
        if !step.note.is_empty() {
            let _ = write!(html, "<blockquote>{}</blockquote>", escape(&step.note));
        }
    }
    html
}

pub(super) fn whole(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{}</title><style>{STYLE}</style></head><body>{body}</body></html>\n",
        escape(title)
    )
}

/// Text as HTML shows it.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
