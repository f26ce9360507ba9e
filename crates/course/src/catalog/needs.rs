//! Activities name each other: those names must exist, and no activity may need itself.

use super::Lab;
use crate::file::nearest_label;
use diagnostics::Diagnostic;

pub(super) fn check(labs: &mut [Lab]) {
    let ids: Vec<String> = labs.iter().filter_map(Lab::id).map(str::to_owned).collect();
    let needs: Vec<(String, Vec<String>)> = labs
        .iter()
        .filter_map(|lab| Some((lab.id()?.to_owned(), needs(lab))))
        .collect();
    for lab in labs {
        let references = &lab.parsed.references;
        let named = references.needs.iter().chain(&references.bridge);
        let unknown = named.filter(|(id, _)| !ids.contains(id));
        let mut problems: Vec<Diagnostic> = unknown
            .map(|(id, place)| {
                let label = nearest_label(id, ids.iter().map(String::as_str));
                let message = format!("there is no activity `{id}`");
                Diagnostic::error("unknown-activity", message).at(lab.parsed.span(place), label)
            })
            .collect();
        problems.extend(circle(lab, &needs));
        lab.parsed.diagnostics.extend(problems);
    }
}

fn needs(lab: &Lab) -> Vec<String> {
    let needs = lab.parsed.references.needs.iter();
    needs.map(|(id, _)| id.clone()).collect()
}

/// Whether the activity comes before itself; told with the way round.
fn circle(lab: &Lab, needs: &[(String, Vec<String>)]) -> Option<Diagnostic> {
    let own = lab.id()?;
    lab.parsed
        .references
        .needs
        .iter()
        .find_map(|(first, place)| {
            let mut way = way(first, own, needs, &mut Vec::new())?;
            way.insert(0, own);
            let message = format!("`{own}` needs itself: {}", way.join(" needs "));
            let label = "a circle: nobody could begin";
            Some(Diagnostic::error("circular-needs", message).at(lab.parsed.span(place), label))
        })
}

/// The activities from one to another, along what they need.
fn way<'n>(
    from: &'n str,
    to: &str,
    needs: &'n [(String, Vec<String>)],
    seen: &mut Vec<&'n str>,
) -> Option<Vec<&'n str>> {
    if from == to {
        return Some(vec![from]);
    }
    if seen.contains(&from) {
        return None;
    }
    seen.push(from);
    let (_, next) = needs.iter().find(|(id, _)| id == from)?;
    next.iter().find_map(|next| {
        let mut way = way(next, to, needs, seen)?;
        way.insert(0, from);
        Some(way)
    })
}
