//! `lab eject`: writes a starting file.

mod own_lab;

use crate::cli::{Eject, Labs};
use crate::course::{FOLDER, built_in_text, own_folder};
use crate::exit::Exit;
use crate::observe::facts;
use crate::plan::template;
use crate::problem::{Problem, Result};
use crate::ui::Ui;
use crate::work_dir::settings::Settings;
use crate::work_dir::{WorkDir, write_whole};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// A file that can be written: its name, what it is, its text.
struct Template {
    name: &'static str,
    about: &'static str,
    /// Its file's own name.
    path: &'static str,
    text: &'static str,
}

const TEMPLATES: [Template; 5] = [
    Template {
        name: "myhaproxy.cfg",
        about: "the configuration that the activities start from",
        path: "myhaproxy.cfg",
        text: template::ACTIVITY,
    },
    Template {
        name: "app.py",
        about: "the application server of the original lab; needs Python and Flask",
        path: "app.py",
        text: template::FLASK_SERVER,
    },
    Template {
        name: "namespaces.sh",
        about: "three machines inside this one, for the mega-challenge; needs Linux and root",
        path: "namespaces.sh",
        text: template::NAMESPACES,
    },
    Template {
        name: "zone.toml",
        about: "the names of the name server, for `lab nameserver --zone zone.toml`",
        path: "zone.toml",
        text: built_in_text("zone.toml"),
    },
    Template {
        name: COURSE,
        about: "which activities, in which order, and the rules of a class: labs/course.toml",
        path: "course.toml",
        text: built_in_text("course.toml"),
    },
];

/// What to write where.
#[derive(Debug)]
struct File {
    path: PathBuf,
    text: Cow<'static, str>,
}

pub(crate) fn run(args: &Eject, ui: &Ui, work: &WorkDir) -> Result {
    let Some(what) = &args.what else {
        list(ui);
        return Ok(Exit::Done);
    };
    let files = files(what, args, work)?;
    for file in &files {
        write(file, what, args.force, ui, work)?;
    }
    if ui.json {
        let paths: Vec<&PathBuf> = files.iter().map(|file| &file.path).collect();
        ui.say_json(&serde_json::json!({ "wrote": paths }));
    } else if what == OWN_LAB {
        ui.say(format!(
            "check it:  lab validate {}",
            files[0].path.display()
        ));
    }
    Ok(Exit::Done)
}

/// The template that belongs into the folder of labs.
const COURSE: &str = "course";

/// The word for a lab of one's own.
const OWN_LAB: &str = "lab";

fn list(ui: &Ui) {
    let templates = TEMPLATES
        .iter()
        .map(|template| (template.name, template.about));
    let own = (
        "lab NAME",
        "a lab of your own to begin with: labs/NAME/NAME.md",
    );
    for (name, about) in templates.chain([own]) {
        ui.say(format!("  lab eject {name:<16} {about}"));
    }
}

fn files(what: &str, args: &Eject, work: &WorkDir) -> Result<Vec<File>> {
    if what == OWN_LAB {
        let name = args.path.as_ref().map(|name| name.to_string_lossy());
        let settings = Settings::load(&work.settings())?;
        return own_lab::files(name.as_deref(), own_folder(&Labs::default(), &settings));
    }
    let template = TEMPLATES
        .iter()
        .find(|template| template.name == what)
        .ok_or_else(|| unknown(what))?;
    Ok(vec![File {
        path: target(args, template, work)?,
        text: match template.text == template::ACTIVITY {
            true => template::on_ports(template.text, &facts::expected_ports(work)).into(),
            false => template.text.into(),
        },
    }])
}

/// Writes a file; one that is there is never overwritten unasked.
fn write(file: &File, what: &str, force: bool, ui: &Ui, work: &WorkDir) -> Result<()> {
    let path = &file.path;
    let say = |text: String| {
        if !ui.json {
            ui.say(text);
        }
    };
    if path.exists() {
        if std::fs::read_to_string(path).is_ok_and(|text| text == file.text) {
            say(format!("{} is there already, unchanged", path.display()));
            return Ok(());
        }
        if !force && !may_replace(ui, path) {
            return Err(in_the_way(path, what));
        }
        let copy = work.back_up(path)?;
        ui.talk(format!(
            "note: the old {} is kept in {}",
            path.display(),
            copy.display()
        ));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder)
        .and_then(|()| write_whole(path, &file.text))
        .map_err(|error| Problem::io(&format!("write {}", path.display()), &error))?;
    say(format!("wrote {}", path.display()));
    Ok(())
}

fn in_the_way(path: &Path, what: &str) -> Problem {
    let problem = Problem::new(
        "file-exists",
        Exit::NotReady,
        format!("{} is there already", path.display()),
    )
    .why("a file of yours is never overwritten unless you say so");
    if what == OWN_LAB {
        return problem.next("take another name:  lab eject lab OTHER-NAME");
    }
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    problem
        .next(format!(
            "write it elsewhere:            lab eject {what} other.{extension}"
        ))
        .next(format!(
            "replace it (a copy is kept):   lab eject {what} --force"
        ))
}

fn may_replace(ui: &Ui, path: &Path) -> bool {
    let ask = || {
        ui.ask(&format!(
            "{} is there already. Replace it (a copy is kept)? [y/N]",
            path.display()
        ))
    };
    ui.yes || ask().is_some_and(|answer| answer == "y" || answer == "yes")
}

/// A folder gets the file under its own name.
fn target(args: &Eject, template: &Template, work: &WorkDir) -> Result<PathBuf> {
    Ok(match &args.path {
        Some(path) if path.is_dir() => path.join(template.path),
        Some(path) => path.clone(),
        None if template.name == COURSE => {
            let settings = Settings::load(&work.settings())?;
            let labs = own_folder(&Labs::default(), &settings);
            labs.unwrap_or_else(|| FOLDER.into()).join(template.path)
        }
        None => template.path.into(),
    })
}

fn unknown(what: &str) -> Problem {
    let names = TEMPLATES.iter().map(|template| template.name);
    let names: Vec<&str> = names.chain(["lab NAME"]).collect();
    let problem = Problem::new(
        "no-such-template",
        Exit::Usage,
        format!("there is no starting file `{what}`"),
    )
    .why(format!("there is {}", names.join(", ")));
    problem.next(format!("lab eject {}", names[0]))
}
