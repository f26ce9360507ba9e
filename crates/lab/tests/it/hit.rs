//! `lab hit` against both engines: the same strip.

use crate::support::{Lab, with_each_engine};

fn weighted(lab: &Lab) {
    lab.up_detached();
    let s1 = lab.server(1);
    let file = lab
        .dir
        .read("myhaproxy.cfg")
        .replace(&format!(":{s1}\n"), &format!(":{s1} weight 4\n"));
    lab.dir.write("myhaproxy.cfg", file);
    lab.done("reload");
}

#[test]
fn four_to_one_is_mixed_not_four_in_a_row() {
    with_each_engine(4, |lab| {
        weighted(lab);
        let said = lab.done("hit -n 14");
        let strip = "[S1] [S1] [S2] [S1] [S3] [S1] [S4]";
        let filtered = lab.filtered(&said.stdout);
        assert_eq!(filtered.matches(strip).count(), 2, "{filtered}");
        assert!(
            said.stdout.contains("8   57 %   weight 4, expected 8\n"),
            "{}",
            said.stdout
        );
        assert!(
            said.stdout.contains("14 answered (200), 0 errors."),
            "{}",
            said.stdout
        );
    });
}

#[test]
fn a_stopped_server_costs_three_seconds_and_carries_its_errors() {
    with_each_engine(4, |lab| {
        weighted(lab);
        lab.done("kill server02");
        let said = lab.run("hit -n 7");
        assert_eq!(said.code, Some(1));
        assert!(
            lab.filtered(&said.stdout)
                .contains("  [S1] [S1] 503! [S1] [S3] [S1] [S4]\n"),
            "{}",
            said.stdout
        );
        assert!(
            said.stdout
                .contains("weight 1, expected 1   1 x 503 after 3.0 s\n"),
            "{}",
            said.stdout
        );
        assert!(
            said.stdout.contains("6 answered (200), 1 x 503."),
            "{}",
            said.stdout
        );
        assert!(
            said.stdout.contains("(3 retries, 1 s apart)"),
            "{}",
            said.stdout
        );
    });
}

#[test]
fn plain_has_no_bars() {
    let lab = Lab::new(2);
    lab.up_detached();
    let said = lab.done("hit -n 4 --plain").stdout;
    assert!(said.contains("2 of 4   weight 1, expected 2"), "{said}");
    assert!(!said.contains('#'));
}

#[test]
fn a_browser_turns_the_wheel_twice() {
    let lab = Lab::new(4);
    lab.up_detached();
    let hits = lab.json("hit -n 4 --like-a-browser");
    assert_eq!(hits["icons"], 4);
    let strip: Vec<u16> = hits["strip"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w.as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(
        strip,
        [lab.server(1), lab.server(3), lab.server(1), lab.server(3)]
    );
}

#[test]
fn a_server_can_be_asked_directly_and_many_at_once() {
    let lab = Lab::new(2);
    lab.up_detached();
    let hits = lab.json("hit -n 3 --to server02");
    assert_eq!(hits["servers"][0]["answers"], 3);
    assert_eq!(lab.json("hit -n 40 -c 8 --keep-alive")["answered"], 40);
    assert_eq!(lab.run("hit -n 4 --expect 4,0").code, Some(1));
    assert_eq!(lab.run("hit -n 20000").code, Some(2));
}

#[test]
fn requests_come_only_from_addresses_of_this_machine() {
    let lab = Lab::new(1);
    lab.up_detached();
    let said = lab.run("hit -n 1 --from 127.0.1.1,192.0.2.1");
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr
            .contains("192.0.2.1 is no address of this machine"),
        "{}",
        said.stderr
    );
    let said = lab.done("hit -n 2 --from 127.0.1.1,127.0.2.1");
    assert!(
        said.stdout.contains(", from 127.0.1.1 and 127.0.2.1, "),
        "{}",
        said.stdout
    );
}
