//! `track`: servers that take their state from another one.

use crate::story::same;

const CONFIG: &str = "
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend f
  bind {front}
  default_backend b
backend a
  server s1 127.0.0.1:{5} check inter 1h
  server s2 127.0.0.1:{2} check inter 1h
backend b
  server t1 127.0.0.1:{1} track a/s1
  server t2 127.0.0.1:{2} track a/s2 backup
  server u1 127.0.0.1:{3} track t1
  server v1 127.0.0.1:{4} track t1 weight 3
";

const LOOK: &str = "=stat status tracked act bck weight chkfail chkdown check_status";

fn script(lines: &str) -> String {
    let lines = lines.replace("LOOK", LOOK);
    format!("=until a/s1 DOWN\n=until b/u1 DOWN\n{lines}")
}

#[test]
fn the_last_weight_that_goes_is_an_alert() {
    same(
        CONFIG,
        "=until a/s1 DOWN
        set server a/s2 weight 0
        =stat status weight
        set server a/s2 weight 0
        set server a/s2 weight 1
        set weight a/s2 0%
        =stat status weight",
    );
}

#[test]
fn checks_of_the_other_one_count_along_the_chain() {
    same(
        CONFIG,
        &script(
            "LOOK
            =get 2
            show servers state b
            disable health a/s2
            LOOK
            set server a/s2 health stopping
            LOOK
            =get 1
            set server a/s2 health down
            LOOK
            =get 1
            set server b/t2 state maint
            set server b/t2 state ready
            set server a/s1 health up
            LOOK
            =get 6",
        ),
    );
}

#[test]
fn maintenance_and_drain_are_inherited() {
    same(
        CONFIG,
        &script(
            "set server a/s2 state maint
            LOOK
            show servers state b
            set server b/t2 state ready
            set server b/t2 state maint
            show servers state b
            set server a/s2 state ready
            LOOK
            set server b/t2 state ready
            set server a/s2 state drain
            LOOK
            show servers state b
            set server b/t2 state ready
            set server b/t2 state drain
            LOOK
            set server a/s2 state ready
            set server b/t2 state ready
            set server a/s2 state maint
            set server a/s2 state drain
            LOOK
            set server a/s2 state ready
            set server a/s1 state maint
            LOOK
            set server b/t1 state maint
            set server a/s1 state ready
            LOOK
            set server b/t1 state ready
            LOOK",
        ),
    );
}

#[test]
fn people_may_say_less_of_a_tracking_server() {
    same(
        CONFIG,
        &script(
            "set server b/t2 health up
            set server b/t2 health nonsense
            set server b/t2 agent up
            set server b/t2 check-port 3
            enable health b/t2
            disable health b/t2
            enable agent b/t2
            disable agent b/t2
            set server b/v1 weight 30%
            LOOK",
        ),
    );
}

#[test]
fn a_server_disabled_in_the_file_takes_its_followers_along() {
    let config = CONFIG.replace("{2} check inter 1h", "{2} check inter 1h disabled");
    same(
        &config,
        &format!(
            "=until a/s1 DOWN\n{LOOK}\nshow servers state\nset server a/s2 state ready\n{LOOK}\n=get 2"
        ),
    );
}
