use testkit::{Process, filters};

use crate::{Server, program};

#[test]
fn a_busy_port_is_told_with_its_holder() {
    let first = Server::start(&["--quiet"]);
    let port = first.port.number();
    let said = Process::run(program().arg(port.to_string()));
    assert_eq!((said.code, said.stdout.as_str()), (Some(3), ""));
    let told = filters::times(&filters::pids(&filters::ports(
        &said.stderr,
        &[(port, "PORT")],
    )));
    let (told, free) = told.trim_end().rsplit_once(' ').expect("words");
    assert!(free.parse::<u16>().is_ok_and(|free| free > port), "{free}");
    // A terminal stands there too when the tests were started in one.
    let told = match (told.find(", terminal "), told.find(")\n")) {
        (Some(from), Some(to)) => told.replace(&told[from..to], ""),
        _ => told.to_owned(),
    };
    let expected = "error: port [PORT] is already in use (EADDRINUSE, \"Address already in use\")\n  \
         why   `app-server [PORT] --quiet` listens there (pid [PID], since [TIME])\n        \
         one address and port can have only one listener; the second program is refused, the first does not notice\n  \
         next  choose a free one, for example:   app-server";
    if cfg!(target_os = "linux") {
        assert_eq!(told, expected);
    }
    assert_eq!(first.get("/").status, 200);
}

#[test]
fn all_addresses_are_busy_when_one_is() {
    let first = Server::start(&[]);
    let mut second = program();
    second.args([&first.port.number().to_string(), "--bind", "0.0.0.0"]);
    assert_eq!(Process::run(&mut second).code, Some(3));
}

#[test]
fn a_wrong_command_line_is_told_and_coded() {
    let check = |args: &[&str], expected: &str| {
        let said = Process::run(program().args(args));
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert_eq!(said.stderr, expected);
    };
    check(
        &["eighty"],
        "error: `eighty` is not a port\n  why   a port is a whole number from 1 to 65535\n  next  app-server 8080\n",
    );
    check(
        &["8080", "--bid"],
        "error: there is no option `--bid`\n  \
         why   known: --bind --name --headers --echo --latency --error-rate --quiet --plain --help\n  \
         next  app-server --help\n",
    );
}

#[test]
fn help_goes_to_standard_output() {
    let said = Process::run(program().arg("--help"));
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    assert!(
        said.stdout
            .starts_with("usage: app-server PORT [options]\n"),
        "{}",
        said.stdout
    );
}
