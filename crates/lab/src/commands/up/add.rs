//! `lab up --servers 6 --add`: more servers for the lab that runs here.

use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::supervisor::control::Client;
use crate::supervisor::protocol::{Reply, Request};
use crate::ui::Ui;
use crate::work_dir::WorkDir;

pub(super) fn run(servers: u16, ui: &Ui, work: &WorkDir) -> Result {
    let mut client = Client::required(work)?;
    let Reply::Added(added) = client.ask(&Request::Add { servers })? else {
        return Err(Problem::usage(
            "the lab that runs here is of another version",
        ));
    };
    for (name, _) in &added {
        // Answered once it is ready.
        client.ask(&Request::Start {
            target: name.clone(),
        })?;
    }
    if ui.json {
        ui.say_json(&serde_json::json!({ "added": added }));
    } else {
        ui.say(told(&added));
    }
    Ok(Exit::Done)
}

fn told(added: &[(String, u16)]) -> String {
    if added.is_empty() {
        return "there are as many already.   nothing to do".to_owned();
    }
    let names: Vec<String> = added
        .iter()
        .map(|(name, port)| format!("{name} {port}"))
        .collect();
    let lines: Vec<String> = added
        .iter()
        .map(|(name, port)| format!("    server {name} 127.0.0.1:{port}"))
        .collect();
    format!(
        "ready: {}\nThe balancer does not know them yet.  Add to its backend, then  lab reload :\n{}",
        names.join("  "),
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn new_servers_are_told_with_the_lines_they_need() {
        assert_eq!(
            told(&[("server05".into(), 8084)]),
            "ready: server05 8084\nThe balancer does not know them yet.  Add to its backend, then  lab reload :\n    server server05 127.0.0.1:8084"
        );
        assert_eq!(told(&[]), "there are as many already.   nothing to do");
    }
}
