//! `lab nameserver`: the name server in this terminal.

use super::journal;
use crate::work_dir::WorkDir;
use crate::work_dir::settings::Settings;
use std::ffi::OsString;
use std::process::ExitCode;

/// Hands the words on, behind the port of this work folder where one is set. A port among the words comes later and wins.
/// What is answered goes into the journal.
pub(crate) fn run(words: &[OsString]) -> ExitCode {
    let work = WorkDir::here();
    let port = Settings::load(&work.settings())
        .ok()
        .and_then(|settings| settings.ports.nameserver);
    let (listener, writer) = journal::start(&work);
    let code = dns_authority::run(command_line("lab nameserver", port, words), Some(listener));
    writer.wait();
    code
}

/// The words of a name server, the program's own first.
fn command_line(program: &str, port: Option<u16>, words: &[OsString]) -> Vec<OsString> {
    let port = port
        .into_iter()
        .flat_map(|port| ["--port".into(), port.to_string().into()]);
    std::iter::once(OsString::from(program))
        .chain(port)
        .chain(words.iter().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_typed_comes_behind_the_one_that_is_set() {
        let words = ["--port".into(), "53".into()];
        assert_eq!(
            command_line("ns", Some(5400), &words),
            ["ns", "--port", "5400", "--port", "53"]
        );
        assert_eq!(command_line("ns", None, &words), ["ns", "--port", "53"]);
    }
}
