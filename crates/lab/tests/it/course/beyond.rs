//! The mega-challenge, on machines that are network namespaces, and the end.

use super::learner::Learner;

pub(super) fn play(learner: &mut Learner) {
    real_machines(learner);
    learner.opens("end");
    learner.reads("next", "lab activity slow-server");
    learner.reads("next", "end is done.");
    learner.opens("links");
    learner.reads("next", "links is done.");
}

fn real_machines(learner: &mut Learner) {
    learner.opens("real-machines");
    learner.reads("next", "Cloud machines cost money");
    learner.reads_on(3);
    learner.reads("answer b", "kept: b");
    learner.does("next");
    learner.is_not_there_yet("are on this machine (127.0.0.1)");
    match learner.machine.is_alone() {
        true => use_namespaces(learner),
        false => drop(learner.does("next --skip")),
    }
    learner.reads("next", "real-machines is done.");
}

/// The offline variant: three machines of one's own, each in a network namespace.
fn use_namespaces(learner: &mut Learner) {
    learner.does("eject namespaces.sh");
    let lab = env!("CARGO_BIN_EXE_lab");
    let up = format!("env LAB={lab} sh namespaces.sh up");
    let said = learner.leaves_running("machines", &up).stdout;
    let servers: Vec<&str> = said
        .lines()
        .filter(|line| line.trim_start().starts_with("server "))
        .collect();
    assert_eq!(servers.len(), 3, "{said}");
    learner.edits_servers(|line| match line.contains("server01") {
        true => servers.join("\n"),
        false => format!("#{line}"),
    });
    learner.does("reload");
    learner.does("hit -n 12");
    learner.passes("done.");
    learner.does("note every machine needs an address that others can reach");
    learner.does("next");
    learner.runs("sh namespaces.sh down");
}
