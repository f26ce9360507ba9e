//! The introduction, Activity 1 and its challenge, Activity 2.

use super::learner::{LISTENS, Learner};
use testkit::program;

/// The address that Activity 1 waits for.
const WANTED: &str = "216.58.203.174";

pub(super) fn play(learner: &mut Learner) {
    introduction(learner);
    dns(learner);
    sites(learner);
    servers(learner);
}

fn introduction(learner: &Learner) {
    assert!(learner.does("").stdout.contains("Nothing done yet."));
    learner.opens("intro");
    learner.reads_on(4);
    learner.reads("next", "intro is done.");
}

fn dns(learner: &mut Learner) {
    learner.opens("1");
    learner.reads("next", "Run it again until it is that one.");
    learner.is_not_there_yet("no question for google.com yet");
    let first = learner.does("dig google.com +short").stdout;
    // Whose turn it is at the beginning is left to chance.
    if first.trim() != WANTED {
        learner.is_not_there_yet(&format!("you got {}", first.trim()));
    }
    learner.reads("hint", "hint 1 of 3");
    // The real program as well, where it is installed: it needs somebody to ask.
    let nameserver = learner.ports.nameserver;
    learner.starts("nameserver", "nameserver --caches 3", LISTENS);
    for _ in 0..5 {
        match program::find("dig").is_some() {
            true => learner.runs(&format!("dig @127.0.0.1 -p {nameserver} google.com +short")),
            false => learner.does("dig google.com +short"),
        };
    }
    learner.passes(&format!("[x] somebody was told {WANTED}"));
    learner.does("next");
    learner.is_told_no("next", "there is a question first");
    learner.reads("answer c", "kept: c");
    learner.does("next");
    learner.reads("dig google.com --repeat 8", "5 addresses");
    learner.passes("It was 5 different addresses in 8 answers");
    learner.reads(
        "note a new one almost every time",
        "noted in .lab/notebook.md",
    );
    learner.reads("next", "These are not the machines that search");
    learner.does("next");
    learner.is_told_no("answer a", "not quite");
    for _ in 0..3 {
        learner.reads("answer b", "yes.");
    }
    learner.does("next");
    learner.reads("answer c", "kept: c");
    learner.does("next");
    learner.does("dig google.com --repeat 6 --every 2s --through cache");
    learner.passes("It was 1 in 6 answers");
    learner.does("next");
    learner.does("dig google.com --repeat 8 --through farm");
    learner.passes("done.");
    learner.reads("next", "DNS cannot take back");
    learner.reads("next", "1 is done.");
}

fn sites(learner: &Learner) {
    learner.opens("sites");
    learner.is_not_there_yet("not yet");
    learner.does("dig facebook.com +short");
    learner.is_not_there_yet("once is not enough");
    learner.does("dig --compare facebook.com outlook.com yahoo.com");
    learner.passes("done.");
    learner.does("note one address, a short list, a longer list");
    learner.does("next");
    for answer in ["a", "b c", "a", "a"] {
        learner.reads(&format!("answer {answer}"), "yes");
    }
    learner.reads("next", "There is no best way.");
    learner.reads("next", "sites is done.");
}

fn servers(learner: &mut Learner) {
    learner.opens("2");
    learner.does("next");
    learner.serves(1);
    let greeting = learner.curl(&format!("http://127.0.0.1:{}", learner.server(1)));
    assert_eq!(greeting, format!("Hi!! from server {}", learner.server(1)));
    learner.passes("done.");
    learner.does("next");
    learner.serves(2);
    learner.is_not_there_yet("2 of 3");
    learner.serves(3);
    learner.serves(4);
    learner.passes("done.");
    learner.does("next");
    learner.reads("answer b", "kept: b");
    learner.does("next");
    let twice = format!("serve {}", learner.server(1));
    learner.is_told_no(&twice, "already in use");
    learner.passes("You said b");
    learner.reads("next", "EADDRINUSE");
    learner.does("next");
    learner.reads("answer address already in use", "yes.");
    learner.reads("answer a", "yes.");
    learner.reads("next", "2 is done.");
}
