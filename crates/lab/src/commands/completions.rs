//! `lab completions SHELL`: the script that makes the shell complete `lab`.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::problem::Result;
use crate::ui::Ui;
use clap::CommandFactory;
use clap_complete::Shell;

pub(crate) fn run(ui: &Ui, shell: Shell) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "lab", &mut script);
    ui.say(String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
