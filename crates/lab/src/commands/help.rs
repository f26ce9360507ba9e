//! `lab help`: all commands on one screen, one command, or the exit codes.

use crate::cli::Cli;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::ui::Ui;
use clap::CommandFactory;

const ALL: &str = "\
lab                     where you are and what to do next
lab activity [ID]       walk through an activity;  --list: all of them                (also: lab a)
   from another terminal:  lab check · lab hint · lab reveal · lab answer X · lab next · lab back · lab note \"...\"
lab up                  start servers, the balancer and its statistics
lab serve PORT          one echo server in this terminal
lab balancer -f FILE    the balancer in this terminal;  -c only checks the file      (also: lab haproxy)
lab nameserver          the name server in this terminal, on 127.0.0.1 port 5300
lab dig NAME +short     ask it as dig does;  --repeat 8: again and again, with a table;  lab dig -h: all it knows
lab reload              check the file, then load it; a bad file never stops the running one
lab kill | start | stop | pause NAME|PORT
lab status · lab logs [NAME] · lab attach · lab down
lab hit                 send requests, show who answered
lab eject [WHAT]        write a starting file (myhaproxy.cfg) into this folder
lab validate [PATH]     what is wrong in lab files;  --watch: again after each change
lab config [KEY [VALUE]]   ports and the file to use
lab reset [ID]          put an activity, or everything, back to the start;  --undo: take that back
lab report              notebook and results;  --json and --html;  --collect DIR: a whole class
lab explain WORD        the words of the course;  lab explain errors: all error codes
lab doctor              will it run here?
lab completions SHELL · lab help [COMMAND] · lab help exit-codes

everywhere: --json  --plain  --color auto|always|never  --dir PATH  --labs DIR  --lang XX  -q  -v  --yes
";

pub(crate) fn run(ui: &Ui, topic: Option<&str>) -> Result {
    match topic {
        None if ui.plain => ui.say(ALL.replace('·', "|")),
        None => ui.say(ALL),
        Some("exit-codes") => exit_codes(ui),
        Some(name) => {
            let mut cli = Cli::command();
            cli.build();
            let name = if name == "haproxy" { "balancer" } else { name };
            let command = cli.find_subcommand_mut(name).ok_or_else(|| unknown(name))?;
            ui.say(command.render_help().to_string());
        }
    }
    Ok(Exit::Done)
}

fn exit_codes(ui: &Ui) {
    if ui.json {
        let codes: Vec<_> = Exit::ALL
            .into_iter()
            .map(|exit| serde_json::json!({ "code": exit.code(), "meaning": exit.meaning() }))
            .collect();
        return ui.say_json(&codes);
    }
    for exit in Exit::ALL {
        ui.say(format!("{:>4}  {}", exit.code(), exit.meaning()));
    }
}

fn unknown(name: &str) -> Problem {
    let problem = Problem::usage(format!("there is no command `{name}`"));
    let cli = Cli::command();
    match diagnostics::nearest(name, cli.get_subcommands().map(clap::Command::get_name)) {
        Some(near) => problem.next(format!("did you mean:  lab help {near}")),
        None => problem.next("all commands:  lab help"),
    }
}
