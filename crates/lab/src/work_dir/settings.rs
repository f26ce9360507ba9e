//! `.lab/config.toml`: ports and the configuration file, where a work folder wants others than the usual ones.

use crate::exit::Exit;
use crate::problem::{Problem, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<PathBuf>,
    /// The folder of lab files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) labs: Option<PathBuf>,
    /// The language of their texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lang: Option<String>,
    #[serde(default, skip_serializing_if = "Ports::is_default")]
    pub(crate) ports: Ports,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ports {
    /// Of the first server; the others follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) servers: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) balancer: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) statistics: Option<u16>,
    /// Its caches follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nameserver: Option<u16>,
}

impl Ports {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Settings {
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(Problem::io(&format!("read {}", path.display()), &error)),
        };
        toml::from_str(&text).map_err(|error| {
            Problem::new(
                "settings-wrong",
                Exit::FileWrong,
                format!("{} is wrong: {}", path.display(), error.message()),
            )
            .next("correct it, or remove it to have the usual ports back")
        })
    }

    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let text = toml::to_string(self).expect("two tables of plain values");
        super::write_whole(path, &text)
            .map_err(|error| Problem::io(&format!("write {}", path.display()), &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        assert_eq!(Settings::load(&path).unwrap(), Settings::default());
        let ports = Ports {
            servers: Some(8090),
            ..Ports::default()
        };
        let settings = Settings {
            file: Some("other.cfg".into()),
            labs: Some("our-labs".into()),
            lang: Some("es".into()),
            ports,
        };
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path).unwrap(), settings);
    }

    #[test]
    fn an_unknown_key_is_a_problem_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "prots = 1\n").unwrap();
        let problem = Settings::load(&path).unwrap_err();
        assert_eq!(problem.exit(), Exit::FileWrong);
        assert!(problem.what.contains("prots"), "{}", problem.what);
    }
}
