//! What every manifest of the workspace has in common.

use std::fs;
use std::path::Path;

use toml::{Table, Value};
use workspace_checks::{Graph, root};

fn read(path: &Path) -> Table {
    let text = fs::read_to_string(path).expect("a manifest can be read");
    text.parse().expect("a manifest is TOML")
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let workspace = read(&root().join("Cargo.toml"));
    assert_eq!(
        workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(),
        Some("forbid")
    );
    for member in Graph::load().members() {
        let inherits = Value::Boolean(true);
        let lints = read(&member.manifest)
            .get("lints")
            .and_then(|l| l.get("workspace").cloned());
        assert_eq!(
            lints,
            Some(inherits),
            "`{}` inherits the lints",
            member.name
        );
    }
}

#[test]
fn a_crate_lies_in_the_folder_of_its_name() {
    for member in Graph::load().members() {
        let expected = root().join("crates").join(&member.name).join("Cargo.toml");
        assert_eq!(member.manifest, expected);
    }
}

#[test]
fn versions_are_written_once_at_the_root() {
    for member in Graph::load().members() {
        let manifest = read(&member.manifest);
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = manifest.get(kind).and_then(Value::as_table) else {
                continue;
            };
            for (name, value) in dependencies {
                let from_root = value.get("workspace") == Some(&Value::Boolean(true));
                assert!(
                    from_root,
                    "`{}` takes `{name}` without `workspace = true`",
                    member.name
                );
            }
        }
    }
}

#[test]
fn the_kit_of_tests_is_in_no_program() {
    for member in Graph::load().members() {
        let manifest = read(&member.manifest);
        let in_program = manifest
            .get("dependencies")
            .is_some_and(|d| d.get("testkit").is_some());
        assert!(
            !in_program,
            "`{}` has testkit outside its tests",
            member.name
        );
    }
}
