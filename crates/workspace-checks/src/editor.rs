use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::root;

/// What a file for a cloud editor sets up: the same for both, whatever their form.
#[derive(Debug)]
pub struct EditorFile {
    /// Each named port.
    pub ports: BTreeMap<u16, String>,
    /// The ports that open by themselves once somebody listens there.
    pub previews: BTreeSet<u16>,
    /// What the prebuild runs.
    pub prebuild: String,
    /// What extends the PATH of the terminal.
    pub path: String,
    /// What the first terminal runs.
    pub command: String,
}

/// Reads `.gitpod.yml`.
///
/// # Panics
/// When it is not YAML, or a value is not of its kind.
pub fn gitpod() -> EditorFile {
    let documents = YamlLoader::load_from_str(&read(".gitpod.yml")).expect(".gitpod.yml is YAML");
    let task = &documents[0]["tasks"][0];
    let ports = documents[0]["ports"].as_vec().expect("ports are a list");
    let named = |port: &Yaml| {
        let name = yaml_text(&port["name"]);
        numbers(&port["port"])
            .map(move |number| (number, name.clone()))
            .collect::<Vec<_>>()
    };
    let opens = |port: &&Yaml| yaml_text(&port["onOpen"]).starts_with("open-");
    EditorFile {
        ports: ports.iter().flat_map(named).collect(),
        previews: ports
            .iter()
            .filter(opens)
            .flat_map(|port| numbers(&port["port"]))
            .collect(),
        prebuild: yaml_text(&task["init"]),
        path: yaml_text(&task["before"]),
        command: yaml_text(&task["command"]),
    }
}

/// Reads `.devcontainer/devcontainer.json`.
///
/// # Panics
/// When it is not JSON, a value is not of its kind, or a port has attributes and is not forwarded, or the reverse.
pub fn devcontainer() -> EditorFile {
    let text = read(".devcontainer/devcontainer.json");
    let json: Value = serde_json::from_str(&text).expect("devcontainer.json is JSON");
    let attributes = json["portsAttributes"]
        .as_object()
        .expect("attributes are an object");
    let ports: BTreeMap<u16, String> = attributes
        .iter()
        .map(|(port, attributes)| (number(port), json_text(&attributes["label"])))
        .collect();
    let forwarded = json["forwardPorts"]
        .as_array()
        .expect("forwarded ports are a list");
    let forwarded: BTreeSet<u64> = forwarded.iter().filter_map(Value::as_u64).collect();
    assert!(
        forwarded
            .iter()
            .copied()
            .eq(ports.keys().map(|port| u64::from(*port))),
        "each port in both lists"
    );
    let opens = |port: &&u16| {
        json_text(&attributes[&port.to_string()]["onAutoForward"]).starts_with("open")
    };
    EditorFile {
        previews: ports.keys().filter(opens).copied().collect(),
        ports,
        prebuild: json_text(&json["updateContentCommand"]),
        path: json_text(&json["remoteEnv"]["PATH"]),
        command: json_text(&json["postAttachCommand"]),
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// `3000`, or `8080-8083`.
fn numbers(port: &Yaml) -> std::ops::RangeInclusive<u16> {
    let text = port
        .as_i64()
        .map_or_else(|| yaml_text(port), |number| number.to_string());
    let (first, last) = text.split_once('-').unwrap_or((&text, &text));
    number(first)..=number(last)
}

fn number(text: &str) -> u16 {
    text.parse()
        .unwrap_or_else(|_| panic!("`{text}` is not a port"))
}

fn yaml_text(value: &Yaml) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value:?} is not a text"))
        .to_owned()
}

fn json_text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is not a text"))
        .to_owned()
}
