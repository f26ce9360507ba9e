//! Each save of the configuration file is noticed once: whatever the editor does to the file, and whoever looks.

use crate::support::Lab;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
use testkit::{Process, SOON, eventually, program};

/// Puts a text into a file that is there.
type Save = fn(&Path, &str);

/// The supervisor, a look that never ends and looks by commands: all of them may see a save first.
#[track_caller]
fn is_noticed_once(save: Save) {
    let lab = Lab::new(1);
    lab.up_detached();
    let _watching = lab.by_hand("facts --follow", "\"file\"");
    let file = lab.dir.join("myhaproxy.cfg");
    let first = lab.dir.read("myhaproxy.cfg");
    for n in 1..=3 {
        let text = first.replace("maxconn 500", &format!("maxconn {n}00"));
        save(&file, &text);
        assert_eq!(fs::read_to_string(&file).unwrap(), text, "it was saved");
        let saved = || lab.events("saved");
        eventually("the save is noticed", SOON, || saved().len() >= n);
        let told = saved();
        assert_eq!(told.len(), n, "{told:?}");
        let change = told[n - 1]["change"].as_str().unwrap().to_owned();
        assert!(change.contains(&format!("maxconn {n}00")), "{change}");
    }
}

/// What `ex` commands do to a line that says `maxconn`.
fn with_vim(file: &Path, text: &str, settings: &str) {
    let line = text.lines().find(|line| line.contains("maxconn")).unwrap();
    let status = Command::new("vim")
        .args(["-u", "NONE", "-N", "-es", "-c", settings])
        .args(["-c", &format!("g/maxconn/s/.*/{line}/"), "-c", "wq"])
        .arg(file)
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn a_save_by_vim_into_a_new_file() {
    if program::find("vim").is_some() {
        is_noticed_once(|file, text| with_vim(file, text, "set backupcopy=no"));
    }
}

#[test]
fn a_save_by_vim_into_the_old_file() {
    if program::find("vim").is_some() {
        is_noticed_once(|file, text| with_vim(file, text, "set backupcopy=yes backup"));
    }
}

#[test]
fn a_save_by_sed_in_place() {
    is_noticed_once(|file, text| {
        let line = text.lines().find(|line| line.contains("maxconn")).unwrap();
        let mut sed = Command::new("sed");
        sed.args(["-i", &format!("s/.*maxconn.*/{line}/")])
            .arg(file);
        assert!(sed.status().unwrap().success());
    });
}

/// nano empties the file and writes it anew.
#[test]
fn a_save_by_nano() {
    is_noticed_once(|file, text| {
        let mut open = OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(file)
            .unwrap();
        open.write_all(text.as_bytes()).unwrap();
    });
}

/// With a backup (`nano -B`) it first copies the old file beside it.
#[test]
fn a_save_by_nano_with_a_backup() {
    is_noticed_once(|file, text| {
        fs::copy(file, file.with_extension("cfg~")).unwrap();
        fs::write(file, text).unwrap();
    });
}

/// VS Code opens the file as it is, empties it, writes, and waits for the disk. On a slow one a moment goes by between.
#[test]
fn a_save_by_vs_code() {
    is_noticed_once(|file, text| {
        let mut open = OpenOptions::new()
            .read(true)
            .write(true)
            .open(file)
            .unwrap();
        open.set_len(0).unwrap();
        thread::sleep(Duration::from_millis(30));
        let (half, rest) = text.split_at(text.len() / 2);
        open.write_all(half.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(30));
        open.write_all(rest.as_bytes()).unwrap();
        open.sync_data().unwrap();
    });
}

/// With `files.experimental.atomic`, and as GNOME's and KDE's editors do: another file takes the name.
#[test]
fn a_save_by_renaming() {
    is_noticed_once(|file, text| {
        let temporary = file.with_extension("cfg.vsctmp");
        File::create(&temporary)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        fs::rename(&temporary, file).unwrap();
    });
}

/// Emacs moves the old file away first: for a moment there is none.
#[test]
fn a_save_by_emacs() {
    is_noticed_once(|file, text| {
        fs::rename(file, file.with_extension("cfg~")).unwrap();
        thread::sleep(Duration::from_millis(30));
        fs::write(file, text).unwrap();
    });
}

/// Nothing has changed, so nothing is told: neither for the same text nor for a new date.
#[test]
fn a_save_of_the_same_text_is_none() {
    let lab = Lab::new(1);
    lab.up_detached();
    lab.facts();
    let text = lab.dir.read("myhaproxy.cfg");
    lab.dir.write("myhaproxy.cfg", &text);
    let now = Process::run(Command::new("touch").arg(lab.dir.join("myhaproxy.cfg")));
    assert_eq!(now.code, Some(0));
    lab.dir
        .write("myhaproxy.cfg", text.replace("maxconn 500", "maxconn 7"));
    eventually("the other save is noticed", SOON, || {
        !lab.events("saved").is_empty()
    });
    assert_eq!(lab.events("saved").len(), 1);
}
