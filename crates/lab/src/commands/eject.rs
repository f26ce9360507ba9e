//! `lab eject`: writes a starting file.

use crate::cli::Eject;
use crate::exit::Exit;
use crate::plan::template;
use crate::problem::{Problem, Result};
use crate::ui::Ui;
use crate::work_dir::{WorkDir, write_whole};
use std::path::PathBuf;

/// A file that can be written: its name, what it is, its text.
struct Template {
    name: &'static str,
    about: &'static str,
    text: &'static str,
}

const TEMPLATES: [Template; 3] = [
    Template {
        name: "myhaproxy.cfg",
        about: "the configuration that the activities start from",
        text: template::ACTIVITY,
    },
    Template {
        name: "app.py",
        about: "the application server of the original lab; needs Python and Flask",
        text: template::FLASK_SERVER,
    },
    Template {
        name: "namespaces.sh",
        about: "three machines inside this one, for the mega-challenge; needs Linux and root",
        text: template::NAMESPACES,
    },
];

pub(crate) fn run(args: &Eject, ui: &Ui, work: &WorkDir) -> Result {
    let Some(what) = &args.what else {
        for template in &TEMPLATES {
            ui.say(format!(
                "  lab eject {:<16} {}",
                template.name, template.about
            ));
        }
        return Ok(Exit::Done);
    };
    let template = TEMPLATES
        .iter()
        .find(|template| template.name == what)
        .ok_or_else(|| unknown(what))?;
    let path = target(args, template);
    if path.exists() {
        if std::fs::read_to_string(&path).is_ok_and(|text| text == template.text) {
            ui.say(format!("{} is there already, unchanged", path.display()));
            return Ok(Exit::Done);
        }
        if !args.force && !may_replace(ui, &path) {
            return Err(Problem::new(
                "file-exists",
                Exit::NotReady,
                format!("{} is there already", path.display()),
            )
            .why("a file of yours is never overwritten unless you say so")
            .next(format!(
                "write it elsewhere:            lab eject {what} other.cfg"
            ))
            .next(format!(
                "replace it (a copy is kept):   lab eject {what} --force"
            )));
        }
        let copy = work.back_up(&path)?;
        ui.talk(format!(
            "note: the old {} is kept in {}",
            path.display(),
            copy.display()
        ));
    }
    write_whole(&path, template.text)
        .map_err(|error| Problem::io(&format!("write {}", path.display()), &error))?;
    if ui.json {
        ui.say_json(&serde_json::json!({ "wrote": path }));
    } else {
        ui.say(format!("wrote {}", path.display()));
    }
    Ok(Exit::Done)
}

fn may_replace(ui: &Ui, path: &std::path::Path) -> bool {
    let ask = || {
        ui.ask(&format!(
            "{} is there already. Replace it (a copy is kept)? [y/N]",
            path.display()
        ))
    };
    ui.yes || ask().is_some_and(|answer| answer == "y" || answer == "yes")
}

/// A folder gets the file under its own name.
fn target(args: &Eject, template: &Template) -> PathBuf {
    match &args.path {
        Some(path) if path.is_dir() => path.join(template.name),
        Some(path) => path.clone(),
        None => template.name.into(),
    }
}

fn unknown(what: &str) -> Problem {
    let names: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
    let problem = Problem::new(
        "no-such-template",
        Exit::Usage,
        format!("there is no starting file `{what}`"),
    )
    .why(format!("there is {}", names.join(", ")));
    problem.next(format!("lab eject {}", names[0]))
}
