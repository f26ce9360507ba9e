//! Builds the lab files into the program: a list of paths below `labs/` and their bytes, for `src/course/built_in.rs`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let labs = here.join("../../labs");
    tell_cargo(&labs);
    let mut files = Vec::new();
    collect(&labs, &mut files);
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let path = file.strip_prefix(&labs).expect("it lies there");
        let names: Vec<_> = path.iter().map(|name| name.to_string_lossy()).collect();
        writeln!(
            list,
            "    ({:?}, include_bytes!({file:?})),",
            names.join("/")
        )
        .expect("a string takes all");
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("labs.rs"), list).expect("the folder of cargo can be written");
}

/// Cargo looks at a whole folder, new files included.
fn tell_cargo(labs: &Path) {
    println!("cargo::rerun-if-changed={}", labs.display());
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder labs can be read") {
        let path = entry.expect("the folder labs can be read").path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            collect(&path, files);
        } else if !is_hidden {
            files.push(path);
        }
    }
}
