//! Foreign programs under the bond that our own children tie themselves: they end when the lab does.

use crate::exit::Exit;
use crate::problem::{Problem, Result};
use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Ties this process to the lab that started it.
///
/// # Errors
/// The lab has ended already.
pub(crate) fn follow_the_lab() -> Result<()> {
    procs::end_with_parent()
        .map_err(|error| Problem::new("orphaned", Exit::NotReady, error.to_string()))
}

/// Becomes another program, the bond kept (the parent-death signal outlives `exec`): `lab __exec PROGRAM ARGS`.
pub(crate) fn exec(mut words: impl Iterator<Item = OsString>) -> Result<Infallible> {
    follow_the_lab()?;
    let program = words
        .next()
        .ok_or_else(|| Problem::usage("__exec needs a program"))?;
    let error = Command::new(&program)
        .args(words)
        .env_remove(procs::SUPERVISED)
        .exec();
    Err(Problem::io(
        &format!("run {}", program.to_string_lossy()),
        &error,
    ))
}
