use std::process::ExitCode;

fn main() -> ExitCode {
    app_server::run(std::env::args_os())
}
