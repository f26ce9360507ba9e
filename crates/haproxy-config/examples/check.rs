//! Reads configuration files and shows every problem: `check [--haproxy] FILE...`.
#![expect(clippy::print_stdout, reason = "an example program")]

use diagnostics::{Sources, Style, full, one_line};
use haproxy_config::{Environment, parse};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, files): (Vec<_>, Vec<_>) = arguments.iter().partition(|a| a.starts_with("--"));
    let mut sources = Sources::new();
    for file in files {
        sources.add(file.as_str(), std::fs::read_to_string(file)?);
    }
    let environment = Environment {
        variables: std::env::vars().collect(),
        read_file: |path| std::fs::read(path).ok(),
    };
    let parsed = parse(&sources, &environment);
    for diagnostic in &parsed.diagnostics {
        match flags.is_empty() {
            true => println!("{}", full(diagnostic, &sources, Style::PLAIN)),
            false => println!("{}", one_line(diagnostic, &sources, std::process::id())),
        }
    }
    if flags.is_empty() {
        println!("{:#?}", parsed.config);
    }
    Ok(())
}
