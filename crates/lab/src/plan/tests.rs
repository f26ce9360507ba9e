use super::*;
use crate::config_file::ConfigFile;
use std::path::Path;

const HEAD: &str = "defaults\n    mode http\n    timeout connect 1s\n    timeout client 1s\n    timeout server 1s\n";

fn wanted(servers: Option<u16>) -> Wanted {
    Wanted {
        servers,
        ports: Ports::From(8080),
        balancer: 3000,
        statistics: 8404,
    }
}

fn plan(text: &str, servers: Option<u16>) -> Plan {
    let file = ConfigFile::parse(Path::new("x.cfg"), format!("{HEAD}{text}")).unwrap();
    from_config(&file.config, &wanted(servers)).unwrap()
}

fn told(plan: &Plan) -> Vec<String> {
    plan.servers
        .iter()
        .map(|server| format!("{} {}", server.name, server.address))
        .collect()
}

#[test]
fn the_file_the_lab_writes_plans_what_was_asked_for() {
    let text = template::starting_file(&[8080, 8081], 3000, 8404);
    let file = ConfigFile::parse(Path::new("x.cfg"), text).unwrap();
    assert_eq!(file.remarks, "");
    let plan = from_config(&file.config, &wanted(Some(2))).unwrap();
    assert_eq!(
        told(&plan),
        ["server01 127.0.0.1:8080", "server02 127.0.0.1:8081"]
    );
    assert_eq!(
        plan.traffic().unwrap().reachable(),
        "127.0.0.1:3000".parse().unwrap()
    );
    assert_eq!(
        plan.statistics().unwrap().reachable(),
        "127.0.0.1:8404".parse().unwrap()
    );
}

#[test]
fn the_activity_file_is_accepted_as_it_is_and_with_its_page_on() {
    for text in [
        template::ACTIVITY.to_owned(),
        template::ACTIVITY
            .replace("\n#listen", "\nlisten")
            .replace("\n#    ", "\n    "),
    ] {
        let file = ConfigFile::parse(Path::new("x.cfg"), text.clone()).unwrap();
        assert_eq!(file.remarks, "");
        let plan = from_config(&file.config, &wanted(None)).unwrap();
        assert_eq!(plan.servers.len(), 2);
        assert_eq!(
            plan.statistics().is_some(),
            text.contains("\nlisten stats_page")
        );
        assert!(plan.traffic().unwrap().is_open_to_others());
    }
}

#[test]
fn only_servers_on_this_machine_are_started() {
    let plan = plan(
        "backend b\n    server a 127.0.0.1:9001\n    server far 192.0.2.7:80\n    server c localhost:9002\n    server d 127.0.0.2:9001\n",
        None,
    );
    assert_eq!(
        told(&plan),
        ["a 127.0.0.1:9001", "c 127.0.0.1:9002", "d 127.0.0.2:9001"]
    );
}

#[test]
fn one_process_serves_every_line_with_its_address() {
    let plan = plan(
        "backend x\n    server s 127.0.0.1:9001\nbackend y\n    server t 127.0.0.1:9001 weight 3 check\n",
        None,
    );
    assert_eq!(told(&plan), ["s 127.0.0.1:9001"]);
    let members = &plan.servers[0].members;
    assert_eq!(
        (members.len(), members[1].weight, members[1].checked),
        (2, 3, true)
    );
}

#[test]
fn the_same_name_in_two_backends_is_told_apart() {
    let plan = plan(
        "backend x\n    server s 127.0.0.1:9001\nbackend y\n    server s 127.0.0.1:9002\n",
        None,
    );
    assert_eq!(told(&plan), ["x/s 127.0.0.1:9001", "y/s 127.0.0.1:9002"]);
}

#[test]
fn a_line_that_leads_to_another_listener_of_the_file_starts_nothing() {
    let text = "frontend f\n    bind *:9100\n    default_backend b\nbackend b\n    server next 127.0.0.1:9101\n\
                listen l\n    bind 127.0.0.1:9101\n    server s 127.0.0.1:9001\n";
    assert_eq!(told(&plan(text, None)), ["s 127.0.0.1:9001"]);
}

#[test]
fn more_servers_than_the_file_names_take_the_next_free_names_and_ports() {
    let text = "listen l\n    bind *:8082\n    server server02 127.0.0.1:8080\n";
    let plan = plan(text, Some(3));
    assert_eq!(
        told(&plan),
        [
            "server02 127.0.0.1:8080",
            "server01 127.0.0.1:8081",
            "server03 127.0.0.1:8083"
        ]
    );
    assert!(plan.servers[1].members.is_empty());
}

#[test]
fn servers_alone_need_no_file() {
    let plan = servers_only(&wanted(None)).unwrap();
    assert_eq!((plan.servers.len(), plan.binds.len()), (4, 0));
    let high = Wanted {
        ports: Ports::From(65_534),
        ..wanted(Some(4))
    };
    assert_eq!(servers_only(&high).unwrap_err().exit(), Exit::Usage);
}

#[test]
fn a_file_that_runs_nothing_is_refused() {
    let file = ConfigFile::parse(Path::new("x.cfg"), HEAD.to_owned()).unwrap();
    assert_eq!(
        from_config(&file.config, &wanted(None)).unwrap_err().code,
        "nothing-to-run"
    );
}

mod instrumented {
    use super::*;
    use crate::plan::instrument::{Faces, Instrumented, instrument};

    fn check(text: &str, log_checks: bool) -> Instrumented {
        let file = ConfigFile::parse(Path::new("x.cfg"), format!("{HEAD}{text}")).unwrap();
        let faces = Faces {
            stats_socket: Path::new("/t/stats"),
            log: "127.0.0.1:5140".parse().unwrap(),
            log_checks,
        };
        let made = instrument(&file.sources, &file.config, faces);
        // What the lab writes must be read by both programs.
        ConfigFile::parse(Path::new("copy.cfg"), made.text.clone()).unwrap();
        made
    }

    fn added(made: &Instrumented) -> Vec<&str> {
        let mark = "    # added by lab";
        made.text
            .lines()
            .filter_map(|line| Some(line.strip_suffix(mark)?.trim()))
            .collect()
    }

    const TEXT: &str = "frontend f\n    bind *:9100\n    default_backend b\nbackend b\n    server s 127.0.0.1:9001\n";
    const LOG: &str = "log 127.0.0.1:5140 len 8192 local0";

    #[test]
    fn frontends_log_requests_and_backends_log_changes() {
        let made = check(TEXT, false);
        assert_eq!(
            added(&made),
            [
                LOG,
                "option httplog",
                "capture request header User-Agent len 64",
                LOG
            ]
        );
        assert_eq!(made.agent_captured, ["f"]);
        assert!(made.text.starts_with(
            "# added by lab\nglobal\n    stats socket /t/stats mode 600 level admin\n\n"
        ));
    }

    #[test]
    fn every_line_of_the_user_is_kept_in_order() {
        let made = check(TEXT, false);
        let copy: Vec<&str> = made
            .text
            .lines()
            .filter(|line| !line.ends_with("# added by lab"))
            .collect();
        let user = format!("{HEAD}{TEXT}");
        assert!(copy.join("\n").ends_with(user.trim_end()));
    }

    #[test]
    fn the_users_own_logging_stays() {
        let text = TEXT.replacen("frontend f\n", "frontend f\n    log 127.0.0.1:5514 local1\n    option tcplog\n    capture request header Host len 20\n", 1);
        let made = check(&text, false);
        assert_eq!(added(&made), [LOG, LOG]);
        assert_eq!(made.agent_captured, [] as [&str; 0]);
    }

    #[test]
    fn a_log_of_the_users_own_form_is_told_and_kept() {
        for line in [
            "log-format \"%ci %ST\"",
            "option tcplog",
            "option dontlog-normal",
        ] {
            let text = TEXT.replacen("frontend f\n", &format!("frontend f\n    {line}\n"), 1);
            let text = format!("{HEAD}{text}");
            let file = ConfigFile::parse(Path::new("x.cfg"), text).unwrap();
            assert!(
                file.remarks
                    .contains("the log of `f` has a form of its own"),
                "{line}: {}",
                file.remarks
            );
            let kept = format!("    {line}\n");
            assert!(
                check(&file.text()[HEAD.len()..], false)
                    .text
                    .contains(&kept)
            );
        }
        let file = ConfigFile::parse(Path::new("x.cfg"), format!("{HEAD}{TEXT}")).unwrap();
        assert_eq!(file.remarks, "");
    }

    #[test]
    fn a_listen_is_told_once() {
        let made = check(
            "listen l\n    bind *:9100\n    server s 127.0.0.1:9001\n",
            true,
        );
        assert_eq!(
            added(&made),
            [
                LOG,
                "option httplog",
                "capture request header User-Agent len 64",
                "option log-health-checks"
            ]
        );
    }

    #[test]
    fn a_missing_last_newline_is_mended_in_the_copy() {
        let made = check(TEXT.trim_end(), false);
        assert!(made.text.ends_with("127.0.0.1:9001\n"), "{}", made.text);
    }
}
