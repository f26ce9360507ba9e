//! A folder of lab files on the disk.

use crate::problem::{Problem, Result};
use course::catalog::Layer;
use std::fs;
use std::io;
use std::path::Path;

/// Reads everything below a folder; hidden files and folders behind links are left out.
pub(crate) fn read(root: &Path) -> Result<Layer> {
    let mut layer = Layer {
        name: root.display().to_string().trim_end_matches('/').to_owned(),
        ..Layer::default()
    };
    collect(root, "", &mut layer)
        .map_err(|error| Problem::io(&format!("read the folder {}", root.display()), &error))?;
    Ok(layer)
}

fn collect(folder: &Path, prefix: &str, layer: &mut Layer) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // a name that is not text can be named by no lab file either
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if name.starts_with('.') {
            continue;
        } else if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), layer)?;
        } else if fs::metadata(entry.path()).is_ok_and(|file| file.is_file()) {
            layer.files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("labs");
        fs::create_dir_all(root.join("x/files")).unwrap();
        for path in ["course.toml", "x/a.md", "x/files/b.cfg", ".hidden"] {
            fs::write(root.join(path), path).unwrap();
        }
        std::os::unix::fs::symlink("..", root.join("x/up")).unwrap();
        let layer = read(&root).unwrap();
        let paths: Vec<&str> = layer.files.keys().map(String::as_str).collect();
        assert_eq!(paths, ["course.toml", "x/a.md", "x/files/b.cfg"]);
        assert!(layer.name.ends_with("/labs"));
        assert!(read(&root.join("nowhere")).is_err());
    }
}
