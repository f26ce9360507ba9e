//! `add server` and `del server`.

use crate::story::same;

const HEAD: &str = "
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend f
  bind {front}
  default_backend b
backend a
  server s1 127.0.0.1:{1} agent-check agent-port {5} agent-inter 1h
  server t1 127.0.0.1:{1} track s1
";

/// Plays a script; `lines` belong to the backend `b`.
#[track_caller]
fn play(lines: &str, script: &str) {
    same(&format!("{HEAD}backend b\n{lines}"), script);
}

const LOOK: &str = "=stat status tracked act bck weight check_status addr";

#[test]
fn a_new_server_begins_in_maintenance_and_serves_once_it_is_ready() {
    play(
        "  balance roundrobin\n  server s1 127.0.0.1:{1}\n",
        &"add server b/n1 127.0.0.1:{2}
        LOOK
        =get 2
        show servers state
        set server b/n1 state ready
        LOOK
        =get 4
        add server b/n2 127.0.0.1:{3} weight 3
        enable server b/n2
        =get 5
        set server b/n2 weight 200%
        get weight b/n2
        disable server b/n1
        del server b/n1
        LOOK
        =get 4
        disable server b/s1
        del server b/s1
        LOOK
        =get 2
        show servers state"
            .replace("LOOK", LOOK),
    );
}

#[test]
fn checks_of_a_new_server_wait_to_be_switched_on() {
    play(
        "  balance roundrobin\n  server s1 127.0.0.1:{1}\n",
        &"add server b/n1 127.0.0.1:{5} check inter 100ms fall 2 rise 1
        LOOK
        enable health b/n1
        set server b/n1 state ready
        =until b/n1 DOWN
        LOOK
        set server b/n1 addr 127.0.0.1 port {2}
        =until b/n1 UP
        =get 4
        add server b/n2 127.0.0.1:{3} check inter 1h
        set server b/n2 state ready
        enable health b/n2
        LOOK
        del server b/n2
        set server b/n2 state maint
        del server b/n2
        add server b/n2 127.0.0.1:{3} check inter 1h
        show servers state b"
            .replace("LOOK", LOOK),
    );
}

#[test]
fn every_dynamic_algorithm_takes_new_servers_in() {
    for (algorithm, count) in [
        ("leastconn", 6),
        ("first", 3),
        ("source\n  hash-type consistent", 3),
        ("uri\n  hash-type consistent", 3),
    ] {
        play(
            &format!("  balance {algorithm}\n  server s1 127.0.0.1:{{1}} id 5\n"),
            &format!(
                "add server b/n1 127.0.0.1:{{2}} id 3
                add server b/n2 127.0.0.1:{{3}} id 9
                enable server b/n1
                enable server b/n2
                =get {count}
                {LOOK}
                disable server b/s1
                del server b/s1
                =get {count}"
            ),
        );
    }
}

#[test]
fn algorithms_that_compute_beforehand_take_nobody() {
    for algorithm in ["static-rr", "source"] {
        play(
            &format!("  balance {algorithm}\n  server s1 127.0.0.1:{{1}}\n"),
            "add server b/n1 127.0.0.1:{2}
            disable server b/s1
            del server b/s1
            =get 1",
        );
    }
}

#[test]
fn whom_others_need_cannot_go() {
    play(
        "  use-server s1 if { path /x }\n  server s1 127.0.0.1:{1}\n  server s2 127.0.0.1:{2}\n",
        "del server b/s1
        disable server b/s1
        del server b/s1
        disable server a/s1
        del server a/s1
        del server a/t1
        del server a/s1
        disable server a/t1
        del server a/t1
        del server a/s1
        enable server a/s1
        add server b/n1 127.0.0.1:{3} track a/s1
        =stat status tracked
        enable server b/n1
        =stat status tracked
        disable server a/s1
        =stat status tracked
        enable server a/s1
        =stat status tracked
        =get 4",
    );
}

#[test]
fn every_word_is_answered_alike() {
    const ADDED: &[&str] = &[
        "",
        "b",
        "b/",
        "/x",
        "none/x 127.0.0.1:1",
        "b/x",
        "b/x 127.0.0.1:x",
        "b/x foo:1",
        "b/x 127.0.0.1:1",
        "b/s1 127.0.0.1:1",
        "b/s%1 127.0.0.1:1",
        "#4/z1 127.0.0.1:1",
        "b/n3 127.0.0.1:12 id 31 weight 5",
        "b/n5 127.0.0.1:12 cookie foo",
        "b/n5 127.0.0.1:12 nonsense",
        "b/n5 127.0.0.1:12 weigth 3",
        "b/n5 127.0.0.1:12 disabled",
        "b/n6 127.0.0.1:12 backup",
        "b/n7 127.0.0.1:12 slowstart 1s",
        "b/n8 127.0.0.1:12 init-addr none",
        "b/n8 127.0.0.1:12 resolvers x",
        "b/n8 127.0.0.1:12 track a/s1",
        "b/n9 127.0.0.1:12 track a/s1 check",
        "b/n9 127.0.0.1:12 track nope",
        "b/n9 127.0.0.1:12 track nope/s1",
        "b/n9 127.0.0.1:12 track b/s1",
        "b/n9 127.0.0.1:12 track b/n3",
        "b/n9 127.0.0.1:12 weight 300",
        "b/n9 127.0.0.1:12 inter x",
        "b/n9 127.0.0.1:12 observe layer8",
        "b/n10 127.0.0.1:12 redir http://x",
        "b/n11 127.0.0.1:12 maxconn 5 maxqueue 3 minconn 1",
        "b/n12 127.0.0.1:12 on-marked-down shutdown-sessions",
        "b/n14 127.0.0.1:12 ssl verify none",
        "b/n15 127.0.0.1:12 agent-check agent-port 99",
        "b/n16 127.0.0.1:12 agent-check",
        "b/n17 127.0.0.1:12 check port 55 addr 127.0.0.2",
        "b/n19 127.0.0.1 check",
        "b/n20 127.0.0.1:12 check-ssl",
        "b/n21 127.0.0.1:12 send-proxy",
        "b/n23 {folder}x.sock",
        "b/n24 127.0.0.1:12 non-stick",
        "b/n26 127.0.0.1:+100",
        "b/n28 127.0.0.1:12 rise 3 fall 4 fastinter 3s downinter 4s",
        "b/n30 127.0.0.1:12 no-check",
        "b/n33 127.0.0.1:12 namespace x",
    ];
    let adds = ADDED.iter().map(|words| format!("add server {words}\n"));
    let deletes = ["", "b", "b/", "none/x", "b/none", "b/s1", "b/n3", "#4/z1"];
    let deletes = deletes.map(|words| format!("del server {words}\n"));
    play(
        "  server s1 127.0.0.1:{1}\n",
        &format!(
            "{}{}=stat status tracked act bck weight addr\nshow servers state b",
            adds.collect::<String>(),
            deletes.concat()
        ),
    );
}
