//! What the checks of an activity see: `lab facts`.

use crate::support::{Lab, with_each_engine};
use serde_json::Value;
use testkit::{SOON, eventually};

impl Lab {
    #[track_caller]
    pub(crate) fn facts(&self) -> Value {
        let said = self.done("facts");
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"))
    }

    /// The events of one kind, oldest first.
    #[track_caller]
    pub(crate) fn events(&self, kind: &str) -> Vec<Value> {
        let events = self.facts()["events"].as_array().unwrap().clone();
        events
            .into_iter()
            .filter(|event| event["event"] == kind)
            .collect()
    }

    /// The text that stands for the configuration file is replaced, as an editor would.
    pub(crate) fn edit(&self, old: &str, new: &str) {
        let text = self.dir.read("myhaproxy.cfg");
        assert!(text.contains(old), "{old} in {text}");
        self.dir.write("myhaproxy.cfg", text.replace(old, new));
    }
}

#[track_caller]
fn listener(facts: &Value, port: u16) -> Option<Value> {
    let listeners = facts["listeners"].as_array().unwrap();
    let ending = format!(":{port}");
    let found = listeners
        .iter()
        .find(|listener| listener["address"].as_str().unwrap().ends_with(&ending));
    found.cloned()
}

#[test]
fn a_lab_is_seen_with_its_servers_its_balancer_and_its_traffic() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        let facts = lab.facts();
        assert_eq!(facts["ports"]["balancer"], lab.balancer());
        let server = listener(&facts, lab.server(1)).unwrap();
        assert_eq!(
            server["answer"],
            format!("Hi!! from server {}", lab.server(1))
        );
        assert_eq!(server["of_lab"], true);
        assert_eq!(facts["balancer"]["is_current"], true);
        assert_eq!(facts["balancer"]["processes"].as_array().unwrap().len(), 1);
        assert_eq!(facts["beliefs"][1]["server"], "server02");
        lab.done("hit -n 3");
        eventually("three requests are seen", SOON, || {
            lab.events("request").len() == 3
        });
        let requests = lab.events("request");
        assert!(
            requests.iter().all(|request| request["caller"] == "hit"),
            "{requests:?}"
        );
        assert_eq!(requests[1]["port"], lab.server(2));
    });
}

#[test]
fn an_end_a_save_and_a_load_are_events_once() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        lab.facts();
        lab.done("kill server02");
        lab.edit(
            &format!(":{}\n", lab.server(1)),
            &format!(":{} weight 3\n", lab.server(1)),
        );
        for _ in 0..2 {
            let facts = lab.facts();
            assert_eq!(facts["balancer"]["is_current"], false);
            assert_eq!(listener(&facts, lab.server(2)), None);
        }
        lab.done("reload");
        assert_eq!(lab.facts()["balancer"]["is_current"], true);
        let ended = lab.events("ended");
        assert_eq!(ended.len(), 1, "{ended:?}");
        assert_eq!(
            (&ended[0]["how"], &ended[0]["port"]),
            (&"SIGINT".into(), &lab.server(2).into())
        );
        let saved = lab.events("saved");
        assert_eq!(saved.len(), 1, "{saved:?}");
        assert!(
            saved[0]["change"]
                .as_str()
                .unwrap()
                .contains("`weight 3` is new")
        );
        assert_eq!(lab.events("loaded").len(), 2, "at the start, and now");
    });
}

#[test]
fn a_frozen_server_is_seen_frozen_and_keeps_its_answer() {
    let lab = Lab::new(1);
    lab.up_detached();
    lab.facts();
    lab.done("pause server01");
    let server = listener(&lab.facts(), lab.server(1)).unwrap();
    assert_eq!(
        (&server["frozen"], server["answer"].is_string()),
        (&true.into(), true)
    );
    lab.done("start server01");
    assert_eq!(lab.events("frozen").len(), 1);
    assert_eq!(lab.events("thawed").len(), 1);
}

#[test]
fn looking_never_turns_the_wheel() {
    with_each_engine(2, |lab| {
        lab.up_detached();
        let answer = || testkit::get(([127, 0, 0, 1], lab.balancer()).into(), "/").text();
        let first = answer();
        for _ in 0..3 {
            lab.facts();
        }
        assert_ne!(answer(), first);
        assert_eq!(
            answer(),
            first,
            "two servers take turns, whoever looks in between"
        );
    });
}

#[test]
fn questions_to_the_name_server_are_seen_with_the_way_they_took() {
    let lab = Lab::new(1);
    lab.done("dig google.com +short");
    lab.done("dig google.com --repeat 4 --through farm");
    let vias = || -> Vec<String> {
        let events = lab.events("dns");
        events
            .iter()
            .map(|event| event["via"].as_str().unwrap().to_owned())
            .collect()
    };
    let farm = ["farm"; 4];
    eventually("each question is told once", SOON, || {
        vias() == [&["authority"], &farm[..]].concat()
    });
}

#[test]
fn nothing_runs_and_nothing_is_written_in_an_empty_folder() {
    let lab = Lab::new(1);
    let facts = lab.facts();
    assert_eq!(facts["balancer"], Value::Null);
    assert_eq!(facts["file"]["text"], Value::Null);
    assert_eq!(facts["events"], serde_json::json!([]));
}
