//! `lab`: one program that holds the others.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::run(std::env::args_os())
}
