//! Files that are there, files that are wrong, and files that the lab writes.

use crate::support::{Lab, with_each_engine};
use testkit::{Process, program};

const HEAD: &str = "defaults\n    mode http\n    timeout connect 1s\n    timeout client 5s\n    timeout server 5s\n";

#[test]
fn a_file_that_is_there_is_used_and_never_overwritten() {
    with_each_engine(2, |lab| {
        let text = format!(
            "{HEAD}listen all\n    bind 127.0.0.1:{}\n    server a 127.0.0.1:{}\n    server b 127.0.0.1:{}\n",
            lab.balancer(),
            lab.server(1),
            lab.server(2)
        );
        lab.dir.write("myhaproxy.cfg", &text);
        lab.up_detached();
        assert_eq!(lab.dir.read("myhaproxy.cfg"), text);
        let status = lab.json("status");
        assert_eq!(
            (&status["servers"][0]["name"], &status["servers"][1]["name"]),
            (&"a".into(), &"b".into())
        );
        lab.done("hit -n 4 --expect 2,2");
    });
}

#[test]
fn a_file_that_says_daemon_stays_in_the_labs_hands() {
    with_each_engine(1, |lab| {
        let text = format!(
            "global\n    daemon\n{HEAD}listen all\n    bind 127.0.0.1:{}\n    server a 127.0.0.1:{}\n",
            lab.balancer(),
            lab.server(1)
        );
        lab.dir.write("myhaproxy.cfg", text);
        lab.up_detached();
        lab.done("hit -n 2");
        lab.done("reload");
        lab.done("hit -n 2");
        lab.done("down");
        lab.wait_until_gone();
    });
}

#[test]
fn an_address_that_grows_on_the_same_port_is_loaded_and_so_is_the_way_back() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        let (narrow, wide) = (
            format!("bind 127.0.0.1:{}", lab.balancer()),
            format!("bind *:{}", lab.balancer()),
        );
        for (old, new) in [(&narrow, &wide), (&wide, &narrow)] {
            lab.edit(old, new);
            lab.done("reload");
            lab.done("hit -n 4 --expect 2,2");
        }
        lab.done("down");
    });
}

#[test]
fn any_file_starts_the_servers_that_nobody_runs_yet() {
    with_each_engine(2, |lab| {
        let mine = Process::spawn(&mut lab.command(&format!("serve {}", lab.server(2))));
        mine.wait_for_line("listening");
        lab.dir.write(
            "deep/other.cfg",
            format!(
                "{HEAD}frontend in\n    bind 127.0.0.1:{}\n    default_backend web\nbackend web\n    server s 127.0.0.1:{}\n\
                 backend api\n    server s 127.0.0.1:{}\n",
                lab.balancer(),
                lab.server(1),
                lab.server(2)
            ),
        );
        let words = lab
            .up_words("--config deep/other.cfg --detach")
            .replace("--servers 2", "");
        lab.done(&words);
        let status = lab.json("status");
        let told: Vec<_> = status["servers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| (s["name"].clone(), s["process"]["is"].clone()))
            .collect();
        assert_eq!(
            told,
            [
                ("web/s".into(), "up".into()),
                ("api/s".into(), "yours".into())
            ]
        );
        lab.done("hit -n 2");
    });
}

#[test]
fn a_wrong_file_starts_nothing_and_speaks_of_its_own_lines() {
    with_each_engine(2, |lab| {
        lab.dir.write(
            "myhaproxy.cfg",
            format!(
                "{HEAD}listen all\n    bind 127.0.0.1:{}\n    server s 127.0.0.1:{}\n    server s 127.0.0.1:{}\n",
                lab.balancer(),
                lab.server(1),
                lab.server(2)
            ),
        );
        let said = lab.run(&lab.up_words(""));
        assert_eq!(said.code, Some(4), "{said:?}");
        assert!(
            said.stderr.contains("8 |") && said.stderr.contains("9 |"),
            "{}",
            said.stderr
        );
        assert!(
            said.stderr.contains("nothing was started"),
            "{}",
            said.stderr
        );
        assert!(lab.ports_are_free());
    });
}

#[test]
fn a_missing_file_is_told() {
    let lab = Lab::new(1);
    let said = lab.run("up --config nowhere.cfg");
    assert_eq!(said.code, Some(4));
    assert!(
        said.stderr.starts_with("error: there is no nowhere.cfg\n"),
        "{said:?}"
    );
}

#[test]
fn ports_on_the_command_line_do_not_fit_a_file_that_names_them() {
    let lab = Lab::new(1);
    lab.done("eject myhaproxy.cfg");
    let said = lab.run("up --base-port 9000");
    assert_eq!(said.code, Some(2));
    assert!(said.stderr.starts_with(
        "error: myhaproxy.cfg names the ports, so --base-port would change nothing\n"
    ));
}

#[test]
fn haproxy_accepts_what_the_lab_writes_without_a_word() {
    let Some(haproxy) = program::find("haproxy") else {
        return;
    };
    let lab = Lab::new(2);
    lab.up_detached();
    lab.done("eject myhaproxy.cfg activity.cfg");
    let on = lab
        .dir
        .read("activity.cfg")
        .replace("\n#listen", "\nlisten")
        .replace("\n#    ", "\n    ");
    assert_ne!(on, lab.dir.read("activity.cfg"));
    lab.dir.write("switched-on.cfg", on);
    for file in [
        "myhaproxy.cfg",
        "activity.cfg",
        "switched-on.cfg",
        ".lab/run/balancer.cfg",
    ] {
        let mut command = std::process::Command::new(&haproxy);
        let said = Process::run(command.args(["-c", "-f"]).arg(lab.dir.join(file)));
        assert_eq!(
            (said.code, said.stdout.as_str(), said.stderr.as_str()),
            (Some(0), "Configuration file is valid\n", ""),
            "{file}"
        );
    }
}

#[test]
fn eject_keeps_a_file_of_yours() {
    let lab = Lab::new(1);
    lab.dir.write("myhaproxy.cfg", "mine\n");
    assert_eq!(lab.run("eject myhaproxy.cfg").code, Some(3));
    assert_eq!(lab.dir.read("myhaproxy.cfg"), "mine\n");
    lab.done("eject myhaproxy.cfg --force");
    assert!(lab.dir.read("myhaproxy.cfg").contains("#HERE"));
    let kept = std::fs::read_dir(lab.dir.join(".lab/backup"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(
        std::fs::read_to_string(kept.path().join("myhaproxy.cfg")).unwrap(),
        "mine\n"
    );
}

#[test]
fn settings_are_kept_and_used() {
    let lab = Lab::new(1);
    assert_eq!(
        lab.done("config ports.balancer").stdout,
        format!("{}\n", lab.balancer())
    );
    lab.done("config file mine.cfg");
    lab.up_detached();
    assert!(lab.dir.read("mine.cfg").contains("default_backend"));
    assert!(!lab.dir.join("myhaproxy.cfg").exists());
    assert_eq!(lab.run("config ports.balancr 1").code, Some(2));
}
