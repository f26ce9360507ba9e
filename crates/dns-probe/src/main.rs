use std::process::ExitCode;

use dns_probe::Defaults;

fn main() -> ExitCode {
    dns_probe::run(std::env::args_os(), Defaults::default(), |_| {})
}
