use std::process::ExitCode;

fn main() -> ExitCode {
    dns_authority::run(std::env::args_os(), None)
}
