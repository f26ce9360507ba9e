use super::*;
use crate::plan::Level;
use crate::streams::{Listener, Origin};
use crate::testing::{Bench, LAB};
use std::time::Duration;

/// Two seconds after the start, when `s1` has just gone DOWN and `s2` has passed.
const NOW: Uptime = Duration::from_secs(2);

fn bench() -> Bench {
    let bench = Bench::new(LAB);
    bench.check(0, false, Duration::from_secs(1));
    bench.check(1, true, Duration::from_secs(1));
    bench
}

fn session(level: Level) -> Session {
    Session::new(level, None)
}

/// The answers to commands of one session, which begins at `level`.
fn talk(bench: &Bench, level: Level, commands: &[&str]) -> Vec<String> {
    let mut session = session(level);
    let answers = commands.iter().map(|command| {
        let (plan, process) = (&bench.plan, &bench.process);
        execute(command, &mut session, plan, process, &bench.logger, NOW).answer
    });
    answers.collect()
}

fn ask(bench: &Bench, command: &str) -> String {
    talk(bench, Level::Admin, &[command]).remove(0)
}

/// A command on a fresh bench.
#[track_caller]
fn says(command: &str, expected: &str) {
    assert_eq!(ask(&bench(), command), expected, "{command}");
}

#[test]
fn answers_end_with_an_empty_line_and_silence_is_one() {
    says("show version", "2.6.12-lab0.1.0\n\n");
    says("  show   version  extra ", "2.6.12-lab0.1.0\n\n");
    says("show cli level", "admin\n\n");
    says("show backend", "# name\napp\nstats\n\n");
    says("disable server app/s1", "\n");
    says(
        "show cli sockets",
        "# socket lvl processes\nunix@/run/lab.sock admin all\n\n",
    );
}

#[test]
fn servers_are_named_in_full() {
    for command in [
        "enable server",
        "set server app",
        "get weight app/",
        "set weight",
        "disable health x",
    ] {
        says(command, "Require 'backend/server'.\n\n");
    }
    says("get weight no/s1", "No such backend.\n\n");
    says("set server app/no state ready", "No such server.\n\n");
    says("get weight #3/#2", "3 (initial 3)\n\n");
    says("get weight app/#2", "3 (initial 3)\n\n");
}

#[test]
fn weights_are_checked_as_haproxy_does() {
    says("set weight app/s2", "Require <weight> or <weight%>.\n\n");
    let range = "Absolute weight can only be between 0 and 256 inclusive.\n\n";
    says("set weight app/s2 257", range);
    says("set server app/s2 weight -1", range);
    says(
        "set weight app/s2 -1%",
        "Relative weight must be positive.\n\n",
    );
    says(
        "set weight app/s2 5x",
        "Trailing garbage in weight string\n",
    );
    says(
        "set weight app/s2 x",
        "Empty weight string empty or preceded by garbage\n",
    );
    let bench = bench();
    for (weight, expected) in [("7", "7"), ("200%", "6"), ("30000%", "256"), ("0", "0")] {
        assert_eq!(ask(&bench, &format!("set weight app/s2 {weight}")), "\n");
        let now = ask(&bench, "get weight app/s2");
        assert_eq!(now, format!("{expected} (initial 3)\n\n"));
    }
}

#[test]
fn wrong_values_of_set_server_are_told() {
    for (command, expected) in [
        (
            "set server app/s1 state on",
            "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n\n",
        ),
        (
            "set server app/s1 health",
            "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n\n",
        ),
        (
            "set server app/s1 agent up",
            "agent checks are not enabled on this server.\n\n",
        ),
        (
            "set server app/s3 check-port 80",
            "health checks are not enabled on this server\n",
        ),
        (
            "set server app/s1 check-port x",
            "provided port is not an integer\n",
        ),
        (
            "set server app/s1 fqdn web",
            "set server <b>/<s> fqdn failed because no resolution is configured.\n\n",
        ),
        (
            "set server app/s1 addr",
            "set server <b>/<s> addr requires an address and optionally a port.\n\n",
        ),
        (
            "set server app/s1 addr foo",
            "Invalid addr 'foo' by 'stats socket command'\n\n",
        ),
        (
            "set server app/s1 addr 127.0.0.1 port 8080",
            "no need to change the addr, no need to change the port by 'stats socket command'\n\n",
        ),
        (
            "enable health app/s3",
            "Health check was not configured on this server, cannot enable.\n\n",
        ),
        (
            "set server app/s1",
            "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | \
             agent-send | check-addr | check-port | fqdn | health | ssl | state | weight\n\n",
        ),
    ] {
        says(command, expected);
    }
}

#[test]
fn a_server_that_was_moved_is_shown_where_it_is() {
    let bench = bench();
    let told = ask(&bench, "set server app/s1 addr 127.0.0.2");
    assert_eq!(
        told,
        "IP changed from '127.0.0.1' to '127.0.0.2' by 'stats socket command'\n\n"
    );
    assert!(ask(&bench, "show servers state app").contains(" s1 127.0.0.2 "));
}

#[test]
fn levels_guard_what_changes() {
    let denied = "Permission denied\n\n";
    let bench = bench();
    let user = |command| talk(&bench, Level::User, &[command]).remove(0);
    for command in [
        "set weight app/s1 2",
        "set server app/s1 state foo",
        "disable server app/s1",
        "clear counters",
        "show env",
        "operator",
    ] {
        assert_eq!(user(command), denied, "{command}");
    }
    assert_eq!(user("get weight app/s1"), "1 (initial 1)\n\n");
    let lowered = talk(
        &bench,
        Level::Admin,
        &[
            "operator",
            "clear counters",
            "clear counters all",
            "user",
            "show cli level",
        ],
    );
    assert_eq!(lowered, ["\n", "\n", denied, "\n", "user\n\n"]);
}

#[test]
fn the_prompt_is_toggled() {
    let answers = talk(
        &bench(),
        Level::User,
        &["prompt", "show cli level", "prompt"],
    );
    assert_eq!(answers, ["\n> ", "user\n\n> ", "\n"]);
}

#[test]
fn severities_stand_in_front_of_messages_only() {
    let answers = talk(
        &bench(),
        Level::Admin,
        &[
            "set severity-output number",
            "set weight app/s1",
            "show cli level",
            "get weight app/s1",
            "set severity-output string",
            "get weight no/s1",
            "set severity-output loud",
        ],
    );
    assert_eq!(
        answers,
        [
            "\n",
            "[3]: Require <weight> or <weight%>.\n\n",
            "[6]: admin\n\n",
            "1 (initial 1)\n\n",
            "\n",
            "[err]: No such backend.\n\n",
            "[err]: one of 'none', 'number', 'string' is a required argument\n\n",
        ]
    );
}

#[test]
fn the_timeout_is_in_seconds() {
    let bench = bench();
    let mut session = session(Level::User);
    let mut set = |delay: &str| {
        let command = format!("set timeout cli {delay}");
        let (plan, process) = (&bench.plan, &bench.process);
        let executed = execute(&command, &mut session, plan, process, &bench.logger, NOW);
        (executed.answer, session.timeout.as_secs())
    };
    assert_eq!(set("60"), ("\n".into(), 60));
    assert_eq!(set("2m"), ("\n".into(), 120));
    for wrong in ["0", "5x", "abc", "0ms", "2147484s"] {
        assert_eq!(set(wrong), ("Invalid timeout value.\n\n".into(), 120));
    }
    assert_eq!(set("").0, "Expects an integer value.\n\n");
    says("set timeout x", "'set timeout' only supports 'cli'.\n\n");
}

#[test]
fn server_state_has_haproxys_columns() {
    let bench = bench();
    ask(&bench, "set server app/s3 state drain");
    assert_eq!(
        ask(&bench, "show servers state app"),
        "1\n\
         # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight \
         srv_iweight srv_time_since_last_change srv_check_status srv_check_result \
         srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id \
         srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr \
         srv_agent_port\n\
         3 app 1 s1 127.0.0.1 0 0 1 1 1 8 2 0 6 0 0 0 - 8080 - 0 0 - - 0\n\
         3 app 2 s2 127.0.0.1 2 0 3 3 2 6 3 4 6 0 0 0 - 8081 - 0 0 - - 0\n\
         3 app 3 s3 ::1 2 8 1 1 0 1 0 2 0 0 0 0 - 8082 - 0 0 - - 0\n\n"
    );
    says("show servers state no", "Can't find backend.\n\n");
}

#[test]
fn stat_is_filtered_by_proxy_kind_and_server() {
    let bench = bench();
    let names = |command: &str| {
        let text = ask(&bench, command);
        let rows = text.lines().skip(1).filter(|line| !line.is_empty());
        let names = rows.map(|row| row.split(',').take(2).collect::<Vec<_>>().join("/"));
        names.collect::<Vec<_>>().join(" ")
    };
    let all = "web/FRONTEND app/s1 app/s2 app/s3 app/BACKEND stats/FRONTEND stats/BACKEND";
    assert_eq!(names("show stat"), all);
    assert_eq!(names("show stat nonsense words"), all);
    assert_eq!(names("show stat -1 1 -1"), "web/FRONTEND stats/FRONTEND");
    assert_eq!(names("show stat app 4 2"), "app/s2");
    assert_eq!(
        names("show stat 3 6 -1"),
        "app/s1 app/s2 app/s3 app/BACKEND"
    );
    assert_eq!(names("show stat app -1 -1 up"), "app/s2 app/s3 app/BACKEND");
    says("show stat no 1 1", "No such proxy.\n\n");
}

#[test]
fn stat_tells_addresses_to_operators_only() {
    let bench = bench();
    let row = |level| talk(&bench, level, &["show stat app 4 1"]).remove(0);
    assert!(row(Level::Operator).contains(",127.0.0.1:8080,"));
    assert!(!row(Level::User).contains("127.0.0.1:8080"));
}

#[test]
fn info_has_haproxys_lines_and_two_of_ours() {
    const NAMES: &str = "Name Version Release_date Nbthread Nbproc Process_num Pid Uptime \
        Uptime_sec Memmax_MB PoolAlloc_MB PoolUsed_MB PoolFailed Ulimit-n Maxsock Maxconn \
        Hard_maxconn CurrConns CumConns CumReq MaxSslConns CurrSslConns CumSslConns Maxpipes \
        PipesUsed PipesFree ConnRate ConnRateLimit MaxConnRate SessRate SessRateLimit MaxSessRate \
        SslRate SslRateLimit MaxSslRate SslFrontendKeyRate SslFrontendMaxKeyRate \
        SslFrontendSessionReuse_pct SslBackendKeyRate SslBackendMaxKeyRate SslCacheLookups \
        SslCacheMisses CompressBpsIn CompressBpsOut CompressBpsRateLim Tasks Run_queue Idle_pct \
        node Stopping Jobs Unstoppable_Jobs Listeners ActivePeers ConnectedPeers DroppedLogs \
        BusyPolling FailedResolutions TotalBytesOut TotalSplicdedBytesOut BytesOutRate \
        DebugCommandsIssued CumRecvLogs Build_info Memmax_bytes PoolAlloc_bytes PoolUsed_bytes \
        Start_time_sec Tainted Config_hash Config_loaded";
    let text = ask(&bench(), "show info");
    let names = text.lines().filter_map(|line| line.split_once(": "));
    let names: Vec<_> = names.map(|(name, _)| name.replace(' ', "_")).collect();
    assert_eq!(names, NAMES.split_whitespace().collect::<Vec<_>>());
    for line in [
        "Name: HAProxy",
        "Nbthread: 2",
        "Maxconn: 500",
        "Uptime: 0d 0h00m02s",
        "Listeners: 3",
        "node: bench",
        "Config_hash: 0123456789abcdef",
        "Config_loaded: 1700000000",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} in {text}");
    }
}

#[test]
fn info_has_haproxys_places_and_types() {
    let bench = bench();
    let typed = ask(&bench, "show info typed");
    for line in [
        "0.Name.1:POS:str:HAProxy",
        "15.Maxconn.1:CLP:u32:500",
        "47.Tasks.1:MGP:u32:8",
        "50.node.1:COS:str:bench",
        "52.Stopping.1:MGP:u32:0",
        "61.TotalBytesOut.1:MGP:u64:0",
        "71.Tainted.1:SGP:str:0",
    ] {
        assert!(typed.lines().any(|told| told == line), "{line} in {typed}");
    }
    let described = ask(&bench, "show info desc");
    assert!(described.contains("Nbthread: 2:\"Worker threads\"\n"));
    assert!(ask(&bench, "show info float").contains("Uptime_sec: 2.000000\n"));
    let json: serde_json::Value = serde_json::from_str(&ask(&bench, "show info json")).unwrap();
    assert_eq!(json[0]["value"]["value"], "HAProxy");
}

#[test]
fn changes_of_state_are_told() {
    let bench = bench();
    let mut session = session(Level::Admin);
    let mut news = |command: &str| {
        let (plan, process) = (&bench.plan, &bench.process);
        let executed = execute(command, &mut session, plan, process, &bench.logger, NOW);
        let news = executed.news.iter().map(|(_, change)| change.to_string());
        news.collect::<Vec<_>>()
    };
    assert_eq!(
        news("set server app/s2 health down"),
        [
            "Server app/s2 is DOWN, changed from CLI. 1 active and 0 backup servers left. \
             0 sessions active, 0 requeued, 0 remaining in queue."
        ]
    );
    assert!(news("set server app/s2 health down").is_empty());
    assert!(news("show stat").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_connection_answers_all_it_was_sent_and_closes() {
    let answers = exchange("show cli level;show version\nshow cli level\nshow ver").await;
    assert_eq!(answers, "admin\n\n2.6.12-lab0.1.0\n\nadmin\n\n");
}

#[tokio::test(start_paused = true)]
async fn a_prompt_keeps_the_connection_until_quit() {
    let answers = exchange("prompt\nshow cli level\nquit\nshow version\n").await;
    assert_eq!(answers, "\n> admin\n\n> ");
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_closed() {
    let began = tokio::time::Instant::now();
    let answers = exchange("show version").await;
    assert_eq!(answers, "", "a command without a line end is none");
    assert_eq!(began.elapsed().as_secs(), 10);
}

impl Channel for tokio::io::DuplexStream {}

/// What comes back for what is sent, until the server closes.
async fn exchange(sent: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bench = bench();
    let (mut client, server) = tokio::io::duplex(64 * 1024);
    let origin = Origin {
        listener: Listener::RuntimeApi(1),
        ends: None,
        socket: 3,
        http2: false,
        tls: false,
        accepted: std::time::SystemTime::now(),
    };
    let arrival = Arrival {
        origin,
        level: Level::Admin,
        exposes_listeners: false,
    };
    let serve = serve_connection(server, arrival, bench.process, bench.logger);
    let ask = async {
        client.write_all(sent.as_bytes()).await.unwrap();
        let mut answers = String::new();
        client.read_to_string(&mut answers).await.unwrap();
        answers
    };
    let ((), answers) = tokio::join!(serve, ask);
    answers
}
