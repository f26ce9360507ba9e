//! A class at one glance: a row for each learner, a column for each step, and where the text is weak.

use super::html::{escape, whole};
use super::markdown::{remarks, time};
use super::{Report, StepReport};
use crate::words::{Words, say};
use std::fmt::Write;

/// A page of what was handed in: the name of each (a file's name where the report has none) and the report.
pub fn class_page(reports: &[(String, Report)], words: &Words) -> String {
    let columns = columns(reports);
    let title = say!(words, ClassTitle, n = reports.len());
    let mut body = format!(
        "<h1>{}</h1><p>{}</p><table>",
        escape(&title),
        escape(&say!(words, ClassLegend))
    );
    body.push_str(&head(&columns, words));
    for (file, report) in reports {
        let name = report.learner.as_deref().unwrap_or(file);
        let _ = write!(body, "<tr><th scope=\"row\">{}</th>", escape(name));
        for column in &columns {
            body.push_str(&cell(column.of(report), words));
        }
        body.push_str("</tr>");
    }
    body.push_str(&foot(&columns, reports, words));
    body.push_str("</table>");
    whole(&title, &body)
}

/// A step of an activity.
struct Column {
    activity: String,
    step: String,
}

impl Column {
    fn of<'r>(&self, report: &'r Report) -> Option<&'r StepReport> {
        let activity = report
            .activities
            .iter()
            .find(|activity| activity.id == self.activity)?;
        activity.steps.iter().find(|step| step.id == self.step)
    }

    /// How many met this step, and how many of them needed its last hint or its solution.
    fn needed_all(&self, reports: &[(String, Report)]) -> (usize, usize) {
        let met: Vec<&StepReport> = reports
            .iter()
            .filter_map(|(_, report)| self.of(report))
            .filter(|step| step.shown.is_some())
            .collect();
        let last = |step: &&&StepReport| {
            step.revealed || (step.hints_of > 0 && step.hints >= step.hints_of)
        };
        (met.len(), met.iter().filter(last).count())
    }
}

/// All steps that anybody met, in the order of the first report that has them.
fn columns(reports: &[(String, Report)]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for activity in reports.iter().flat_map(|(_, report)| &report.activities) {
        for step in &activity.steps {
            let known = |column: &Column| column.activity == activity.id && column.step == step.id;
            if !columns.iter().any(known) {
                columns.push(Column {
                    activity: activity.id.clone(),
                    step: step.id.clone(),
                });
            }
        }
    }
    columns.sort_by(|a, b| a.activity.cmp(&b.activity));
    columns
}

fn head(columns: &[Column], words: &Words) -> String {
    let mut html = format!(
        "<tr><th scope=\"col\">{}</th>",
        escape(&say!(words, ColumnLearner))
    );
    for column in columns {
        let _ = write!(
            html,
            "<th scope=\"col\">{}<br>{}</th>",
            escape(&column.activity),
            escape(&column.step)
        );
    }
    html + "</tr>"
}

fn cell(step: Option<&StepReport>, words: &Words) -> String {
    let Some(step) = step.filter(|step| step.shown.is_some()) else {
        return "<td class=\"no\">-</td>".to_owned();
    };
    let mut parts = vec![time(step)];
    if step.hints > 0 {
        parts.push(say!(words, HintsUsed, n = step.hints, of = step.hints_of));
    }
    let remarks = remarks(step, words);
    if !remarks.is_empty() {
        parts.push(remarks);
    }
    format!("<td>{}</td>", escape(&parts.join(", ")))
}

/// Where half of those who came by needed everything that there is, the text is weak.
fn foot(columns: &[Column], reports: &[(String, Report)], words: &Words) -> String {
    let mut html = format!(
        "<tr><th scope=\"row\">{}</th>",
        escape(&say!(words, ClassWeak))
    );
    for column in columns {
        let (met, needed) = column.needed_all(reports);
        let weak = needed > 0 && needed * 2 >= met;
        let _ = match weak {
            true => write!(
                html,
                "<td class=\"weak\"><strong>{} {needed}/{met}</strong></td>",
                escape(&say!(words, Weak))
            ),
            false => write!(html, "<td>{needed}/{met}</td>"),
        };
    }
    html + "</tr>"
}
