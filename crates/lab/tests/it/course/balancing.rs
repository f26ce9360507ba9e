//! Activities 3.1 to 4, and where weights help.

use super::learner::Learner;

pub(super) fn play(learner: &mut Learner) {
    round_robin(learner);
    weights(learner);
    where_weights_help(learner);
    a_killed_server(learner);
    health_checks(learner);
    statistics(learner);
}

fn round_robin(learner: &mut Learner) {
    learner.opens("3.1");
    learner.reads("next", "at `#HERE`");
    learner.is_not_there_yet("there is no myhaproxy.cfg in this folder yet");
    learner.does("eject myhaproxy.cfg");
    learner.is_not_there_yet("missing. A balancer never finds servers by itself.");
    let more = format!(
        "server server03 127.0.0.1:{}\n    server server04 127.0.0.1:{}\n    #HERE",
        learner.server(3),
        learner.server(4)
    );
    learner.edits(|text| text.replace("#HERE", &more));
    learner.passes("[x] it lists the servers that run");
    learner.does("next");
    learner.is_not_there_yet("not yet");
    learner.starts_the_balancer();
    learner.passes("[x] it runs the file as you saved it");
    learner.does("next");
    learner.reads("answer a", "kept: a");
    learner.does("next");
    learner.does("hit -n 4");
    for _ in 0..4 {
        learner.curl(&format!("http://127.0.0.1:{}/", learner.ports.balancer));
    }
    learner.passes("It was in turn:");
    learner.does("note they take turns");
    learner.reads("next", "round robin");
    saved_is_not_loaded(learner);
}

fn saved_is_not_loaded(learner: &mut Learner) {
    let fourth = format!("server server04 127.0.0.1:{}", learner.server(4));
    learner.does("next");
    learner.edits(|text| text.replace(&fourth, &format!("#{fourth}")));
    learner.does("hit -n 8");
    learner.passes("[x] server04 still gets callers");
    learner.does("next");
    learner.is_not_there_yet("is not what runs");
    learner.does("reload");
    learner.does("hit -n 8");
    learner.passes("[x] 6 answers in a row without server04");
    learner.does("next");
    learner.edits(|text| text.replace(&format!("#{fourth}"), &fourth));
    // This time as the original's note says: Ctrl-C, and start it again.
    learner.is_not_there_yet("but not in what runs");
    learner.presses_ctrl_c("balancer");
    learner.starts_the_balancer();
    learner.does("hit -n 8");
    learner.passes("[x] server04 answered again");
    learner.reads("next", "3.1 is done.");
}

fn weights(learner: &mut Learner) {
    learner.opens("3.2");
    learner.edits_servers(|line| {
        let weight = if line.contains("server01") { 4 } else { 1 };
        format!("{line} weight {weight}")
    });
    learner.passes("[x] server01 has weight 4");
    learner.does("next");
    learner.is_not_there_yet("but the balancer runs the one of");
    learner.does("reload");
    learner.passes("done.");
    learner.does("next");
    learner.reads("answer 8", "kept: 8");
    learner.reads("answer b", "kept: b");
    learner.does("next");
    learner.does("hit -n 14");
    learner.passes("It was 8 of 14");
    learner.does("note server01 answered 8 of 14");
    learner.reads("next", "weighted round robin");
    learner.does("next");
    learner.reads("answer 50", "yes.");
    learner.reads("answer b", "yes.");
    learner.reads("next", "3.2 is done.");
}

fn where_weights_help(learner: &Learner) {
    learner.opens("where-weights-help");
    learner.is_told_no("next", "a line of your own, please");
    learner.does("note the new machine is bigger, so give it more");
    learner.does("next");
    learner.reads("answer a b c d", "yes");
    learner.reads("next", "where-weights-help is done.");
}

fn a_killed_server(learner: &mut Learner) {
    learner.opens("3.3");
    learner.reads("answer b", "kept: b");
    learner.does("next");
    learner.is_not_there_yet(&format!("{} still answers", learner.server(2)));
    learner.presses_ctrl_c("server03");
    learner.is_not_there_yet("not yet: you stopped server03");
    learner.serves(3);
    learner.presses_ctrl_c("server02");
    learner.passes("[x] server02 no longer listens");
    learner.does("next");
    // 1: some of the answers were errors.
    learner.is_told_no("hit -n 14", "503");
    learner.passes("2 of 14: 503");
    learner.does("note it keeps trying the dead one and makes people wait");
    learner.reads("next", "Quite a dumb move");
    learner.does("next");
    learner.reads("answer b", "yes.");
    learner.reads("answer 1", "yes.");
    learner.reads("answer 4", "yes.");
    learner.does("next");
    learner.passes("done.");
    learner.reads("next", "3.3 is done.");
}

fn health_checks(learner: &mut Learner) {
    learner.opens("3.4");
    learner.reads("hint", "how to perform health");
    learner.edits_servers(|line| format!("{line} check"));
    learner.passes("[x] every server line has the word");
    learner.does("next");
    learner.does("reload");
    learner.is_not_there_yet("server02 is still stopped");
    learner.serves(2);
    learner.passes("[x] the balancer believes that all four are UP");
    learner.does("next");
    learner.reads("answer c", "kept: c");
    learner.does("next");
    learner.starts("asking", "hit --follow", "one request a second");
    learner.presses_ctrl_c("server02");
    learner.is_not_there_yet("checks failed");
    learner.is_not_there_yet("[x] the balancer has noticed");
    learner.does("hit -n 14");
    learner.passes("[x] 14 answers in a row without server02");
    learner.presses_ctrl_c("asking");
    learner.does("next");
    learner.passes("3 failed checks, 2 s apart");
    learner.does("note those who asked in these six seconds");
    learner.does("next");
    learner.reads("answer b", "kept: b");
    learner.does("next");
    learner.serves(2);
    learner.is_not_there_yet("server02 is UP again, but nobody has asked since");
    learner.does("hit -n 14");
    learner.passes("2 good checks");
    learner.reads("next", "the balancer keeps polling");
    learner.does("next");
    for answer in ["a", "b", "b"] {
        learner.reads(&format!("answer {answer}"), "yes.");
    }
    learner.does("next");
    learner.reads("next", "3.4 is done.");
}

fn statistics(learner: &mut Learner) {
    learner.opens("4");
    learner.reads("next", "#> Stats Page");
    learner.is_not_there_yet("still remarks");
    learner.edits(|text| {
        let (before, page) = text.split_once("#listen stats_page").unwrap();
        format!("{before}listen stats_page{}", page.replace("\n#", "\n"))
    });
    learner.is_not_there_yet("but the balancer runs the one of");
    learner.does("reload");
    learner.passes("[x] a statistics page on");
    learner.does("next");
    learner.does("hit -n 7");
    let statistics = format!("http://127.0.0.1:{}/", learner.ports.statistics);
    assert!(learner.curl(&statistics).contains("<html"));
    learner.passes("[x] the page was looked at");
    learner.does("next");
    let csv = learner.curl(&format!("{statistics};csv"));
    let total = cell(&csv, "server01", "stot");
    learner.reads(&format!("answer {total}"), "fits");
    learner.reads("answer a", "yes.");
    // As the page writes it.
    learner.reads("answer L4OK in 0ms", "fits");
    learner.does("next");
    learner.does("hit -n 8");
    learner.presses_ctrl_c("server02");
    learner.is_not_there_yet("server02 is DOWN, for as long as it stays stopped");
    learner.serves(2);
    learner.passes("[x] and is UP again");
    learner.does("note Dwn, Status, LastChk");
    learner.does("next");
    for answer in ["a", "b", "a"] {
        learner.reads(&format!("answer {answer}"), "yes.");
    }
    learner.does("next");
    learner.reads("next", "4 is done.");
}

/// One value of the statistics.
#[track_caller]
fn cell(csv: &str, server: &str, column: &str) -> String {
    let mut lines = csv.lines();
    let names = lines.next().unwrap().trim_start_matches("# ");
    let at = names.split(',').position(|name| name == column).unwrap();
    let row = lines.find(|line| line.split(',').nth(1) == Some(server));
    row.unwrap().split(',').nth(at).unwrap().to_owned()
}
