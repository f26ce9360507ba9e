//! `set server ... addr` and its kin: servers, checks and agents that move while the balancer runs.

use crate::story::same;

const DEFAULTS: &str = "
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend f
  bind {front}
  default_backend b
backend b
";

/// Plays a script; `servers` are the lines of the backend.
#[track_caller]
fn play(servers: &str, script: &str) {
    same(&format!("{DEFAULTS}{servers}"), script);
}

#[test]
fn requests_go_where_the_server_has_moved_to() {
    play(
        "  server s1 127.0.0.1:{1}\n  server s2 127.0.0.1:{2}\n",
        "=get 2
        set server b/s1 addr 127.0.0.1 port {3}
        =stat addr
        =get 4
        set server b/s1 addr 127.0.0.2
        =stat addr
        set server b/s1 addr 127.0.0.1
        =get 4
        show servers state",
    );
}

#[test]
fn every_word_on_an_address_is_answered_alike() {
    play(
        "  server s2 127.0.0.1:12
  server s3 127.0.0.1:12 check port 13 addr 127.0.0.2 inter 1h
  server s4 127.0.0.1
  server s5 127.0.0.1:+100
  server s6 {folder}none.sock
",
        "=until b/s3 DOWN
        set server b/s2 addr
        set severity-output number;set server b/s2 addr 127.0.0.9
        set server b/s2 addr 127.0.0.9
        set server b/s2 addr 127.0.0.9 port 80
        set server b/s2 addr 127.0.0.8 port 81
        set server b/s2 addr 127.0.0.8 port
        set server b/s2 addr 127.0.0.8 prt 82
        set server b/s2 addr 127.0.0.8 port x
        set server b/s2 addr 127.0.0.7 port x
        set server b/s2 addr 127.0.0.7 port 0
        set server b/s2 addr 127.0.0.7 port 70000
        set server b/s2 addr 127.0.0.7 port +10
        set server b/s2 addr 127.0.0.7 port 80x
        set server b/s2 addr 127.0.0.7 port -10
        set server b/s2 addr foo
        set server b/s2 addr ::1
        set server b/s2 addr ::1 port 90
        set server b/s2 addr 127.0.0.1:80
        set server b/s2 addr localhost
        set server b/s3 addr 127.0.0.9 port +85
        set server b/s3 addr 127.0.0.9 port 85
        set server b/s3 addr 127.0.0.9 port -5
        set server b/s4 addr 127.0.0.9
        set server b/s4 addr 127.0.0.9 port 90
        set server b/s4 addr 127.0.0.9 port +91
        set server b/s5 addr 127.0.0.9
        set server b/s5 addr 127.0.0.9 port +100
        set server b/s5 addr 127.0.0.9 port 100
        set server b/s5 addr 127.0.0.9 port +101
        set server b/s6 addr 127.0.0.9 port 91
        set server b/s6 addr 127.0.0.9
        set server b/s6 addr foo
        show servers state b
        =stat addr",
    );
}

#[test]
fn checks_follow_the_server_or_go_where_they_are_sent() {
    play(
        "  server s1 127.0.0.1:{5} check inter 100ms fall 1 rise 1\n  server s2 127.0.0.1:{2}\n",
        "=until b/s1 DOWN
        set server b/s1 addr 127.0.0.1 port {1}
        =until b/s1 UP
        set server b/s1 check-port {5}
        =until b/s1 DOWN
        set server b/s1 check-port 0
        =until b/s1 UP
        set server b/s1 check-addr 127.0.0.1 port {5}
        =until b/s1 DOWN
        set server b/s1 check-addr 127.0.0.1 port {2}
        =until b/s1 UP
        =get 4",
    );
}

#[test]
fn every_word_on_checks_and_agents_is_answered_alike() {
    play(
        "  server s1 127.0.0.1:{1} check inter 1h agent-check agent-port {5} agent-inter 1h
  server s2 127.0.0.1:{2}
  server s3 127.0.0.1:{2} agent-check agent-port {5} agent-addr 127.0.0.3 agent-send hi agent-inter 1h
",
        "=until b/s1 UP
        set server b/s1 check-port
        set server b/s1 check-port 70000
        set server b/s1 check-port -1
        set server b/s1 check-port x
        set server b/s1 check-port 99x
        set server b/s1 check-port 99
        set server b/s2 check-port 98
        set server b/s1 check-addr
        set server b/s1 check-addr 127.0.0.22
        set server b/s1 check-addr 127.0.0.22 port 33
        set server b/s1 check-addr 127.0.0.22 prt 33
        set server b/s1 check-addr 127.0.0.22 port
        set server b/s1 check-addr 127.0.0.22 port x
        set server b/s1 check-addr 127.0.0.23 port 333333
        set server b/s2 check-addr 127.0.0.22
        set server b/s1 agent-addr
        set server b/s1 agent-addr localhost
        set server b/s1 agent-addr 127.0.0.33
        set server b/s1 agent-addr 127.0.0.33 port 3
        set server b/s1 agent-addr 127.0.0.34 port x
        set server b/s1 agent-addr 127.0.0.34 port 70000
        set server b/s1 agent-addr 127.0.0.34 prt 1
        set server b/s2 agent-addr 127.0.0.33
        set server b/s1 agent-port
        set server b/s1 agent-port 44
        set server b/s1 agent-port 70000
        set server b/s1 agent-port 4x
        set server b/s2 agent-port 4
        set server b/s1 agent-send
        set server b/s1 agent-send foo
        set server b/s2 agent-send foo
        set server b/s1 ssl
        set server b/s1 ssl on
        set server b/s1 fqdn
        set server b/s1 fqdn a.b
        disable agent b/s1
        disable agent b/s3
        show servers state b",
    );
}

#[test]
fn tls_to_a_server_can_be_switched_off_and_on() {
    play(
        "  server s1 127.0.0.1:{1} ssl verify none\n",
        "show servers state b
        set server b/s1 ssl foo
        set server b/s1 ssl
        set server b/s1 ssl off
        =get 2
        show servers state b
        set server b/s1 ssl on
        show servers state b",
    );
}

#[test]
fn limits_are_changed_alike() {
    play(
        "  server s1 127.0.0.1:{1} maxconn 10\n  server s2 127.0.0.1:{2} minconn 2 maxconn 10\n",
        "set maxconn
        set maxconn server
        set maxconn server b
        set maxconn server b/none
        set maxconn server b/s1
        set maxconn server b/s1 x
        set maxconn server b/s1 5x
        set maxconn server b/s1 5
        set maxconn server b/s2 1
        set maxconn server b/s1 -1
        =stat slim
        set maxconn server b/s1 0
        =stat slim
        set maxconn frontend
        set maxconn frontend none 5
        set maxconn frontend f
        set maxconn frontend f -1
        set maxconn frontend f x
        set maxconn frontend f 5x
        set maxconn frontend f 7
        set maxconn global
        set maxconn global x
        set maxconn global -1
        set maxconn global -7
        set maxconn global 5x
        set maxconn global 99999999999
        set maxconn frontend f +5
        set maxconn global 100
        set maxconn global 0
        set maxconn foo 1
        =get 2",
    );
}
