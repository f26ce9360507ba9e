//! `.gitpod.yml` and `devcontainer.json` set up one and the same thing. Whether it is what `lab` wants, `lab` tests.

use workspace_checks::{devcontainer, gitpod};

#[test]
fn both_name_every_port_of_the_lab() {
    let expected = [3000, 5300, 8080, 8081, 8082, 8083, 8404];
    assert!(gitpod().ports.into_keys().eq(expected));
    assert!(devcontainer().ports.into_keys().eq(expected));
}

#[test]
fn a_port_that_is_no_server_has_one_name_in_both() {
    let (gitpod, devcontainer) = (gitpod().ports, devcontainer().ports);
    for port in [3000, 5300, 8404] {
        assert_eq!(gitpod[&port], devcontainer[&port]);
    }
}

#[test]
fn both_open_the_balancer_and_its_statistics() {
    assert!(gitpod().previews.into_iter().eq([3000, 8404]));
    assert!(devcontainer().previews.into_iter().eq([3000, 8404]));
}

#[test]
fn both_build_what_they_put_on_the_path() {
    for file in [gitpod(), devcontainer()] {
        assert_eq!(
            file.prebuild, "cargo build --release",
            "it builds `lab`, the default member"
        );
        assert!(file.path.contains("/target/release:"), "{}", file.path);
    }
}

#[test]
fn both_begin_with_the_same_command() {
    assert_eq!(gitpod().command, devcontainer().command);
}
