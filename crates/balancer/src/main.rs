//! The balancer as a program of its own; `lab balancer` is the same.

use std::process::ExitCode;

fn main() -> ExitCode {
    balancer::run(std::env::args_os())
}
