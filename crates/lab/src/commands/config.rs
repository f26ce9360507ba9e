//! `lab config`: ports, the configuration file, and folder and language of the labs of this folder, kept in `.lab/config.toml`.

use super::up::{USUAL_FILE, usual};
use crate::cli::Config;
use crate::course::{FOLDER, ORIGINAL};
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::ui::Ui;
use crate::work_dir::WorkDir;
use crate::work_dir::settings::Settings;
use std::path::PathBuf;

const KEYS: [&str; 7] = [
    "ports.servers",
    "ports.balancer",
    "ports.statistics",
    "ports.nameserver",
    "file",
    "labs",
    "lang",
];

pub(crate) fn run(args: &Config, ui: &Ui, work: &WorkDir) -> Result {
    let mut settings = Settings::load(&work.settings())?;
    match (&args.key, &args.value) {
        (None, _) => show_all(ui, &settings),
        (Some(key), None) if !args.unset => ui.say(shown(&settings, known(key)?)),
        (Some(key), value) => {
            set(&mut settings, known(key)?, value.as_deref())?;
            work.create()?;
            settings.save(&work.settings())?;
            ui.say(format!("{key} = {}", shown(&settings, key)));
        }
    }
    Ok(Exit::Done)
}

fn known(key: &str) -> Result<&str> {
    if KEYS.contains(&key) {
        return Ok(key);
    }
    let problem = Problem::usage(format!("there is no setting `{key}`"));
    Err(match diagnostics::nearest(key, KEYS) {
        Some(near) => problem.next(format!("did you mean:  lab config {near}")),
        None => problem.why(format!("there is {}", KEYS.join(", "))),
    })
}

fn show_all(ui: &Ui, settings: &Settings) {
    if ui.json {
        return ui.say_json(settings);
    }
    for key in KEYS {
        let own = if is_set(settings, key) {
            ""
        } else {
            "   (the usual one)"
        };
        ui.say(format!("{key:<17} {}{own}", shown(settings, key)));
    }
}

fn is_set(settings: &Settings, key: &str) -> bool {
    match key {
        "ports.servers" => settings.ports.servers.is_some(),
        "ports.balancer" => settings.ports.balancer.is_some(),
        "ports.statistics" => settings.ports.statistics.is_some(),
        "ports.nameserver" => settings.ports.nameserver.is_some(),
        "labs" => settings.labs.is_some(),
        "lang" => settings.lang.is_some(),
        _ => settings.file.is_some(),
    }
}

fn shown(settings: &Settings, key: &str) -> String {
    let ports = settings.ports;
    match key {
        "ports.servers" => ports.servers.unwrap_or(usual::SERVERS).to_string(),
        "ports.balancer" => ports.balancer.unwrap_or(usual::BALANCER).to_string(),
        "ports.statistics" => ports.statistics.unwrap_or(usual::STATISTICS).to_string(),
        "ports.nameserver" => ports.nameserver.unwrap_or(crate::dns::PORT).to_string(),
        "labs" => path(settings.labs.as_ref(), FOLDER),
        "lang" => settings.lang.as_deref().unwrap_or(ORIGINAL).to_owned(),
        _ => path(settings.file.as_ref(), USUAL_FILE),
    }
}

fn path(set: Option<&PathBuf>, usual: &str) -> String {
    set.map_or(usual.to_owned(), |path| path.display().to_string())
}

/// Sets a key, or takes it back to the usual value.
fn set(settings: &mut Settings, key: &str, value: Option<&str>) -> Result<()> {
    let port = || {
        let number = |value: &str| value.parse::<u16>().ok().filter(|port| *port > 0);
        value
            .map(|value| {
                number(value).ok_or_else(|| {
                    Problem::usage(format!("`{value}` is not a port"))
                        .why("a port is a number from 1 to 65535; below 1024 they belong to the administrator")
                        .next(format!("for example:  lab config {key} 8090"))
                })
            })
            .transpose()
    };
    match key {
        "ports.servers" => settings.ports.servers = port()?,
        "ports.balancer" => settings.ports.balancer = port()?,
        "ports.statistics" => settings.ports.statistics = port()?,
        "ports.nameserver" => settings.ports.nameserver = port()?,
        "labs" => settings.labs = value.map(Into::into),
        "lang" => settings.lang = value.map(str::to_owned),
        _ => settings.file = value.map(Into::into),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_set_shown_and_taken_back() {
        let mut settings = Settings::default();
        assert_eq!(shown(&settings, "ports.servers"), "8080");
        set(&mut settings, "ports.servers", Some("8090")).unwrap();
        assert_eq!(shown(&settings, "ports.servers"), "8090");
        set(&mut settings, "ports.servers", None).unwrap();
        assert!(!is_set(&settings, "ports.servers"));
    }

    #[test]
    fn wrong_keys_and_ports_are_refused() {
        assert_eq!(
            known("ports.server").unwrap_err().next,
            ["did you mean:  lab config ports.servers"]
        );
        for wrong in ["0", "65536", "many", "-1"] {
            assert!(
                set(&mut Settings::default(), "ports.balancer", Some(wrong)).is_err(),
                "{wrong}"
            );
        }
    }
}
