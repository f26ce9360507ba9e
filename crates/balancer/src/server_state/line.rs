//! A file of states: a line with the version of the format, then a line of columns for each server.

/// What one server was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateLine {
    columns: Vec<String>,
}

/// Why a file tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Its first line is not the number of a format that is known.
    Version,
    /// This line is broken off or has too few columns. The one after the version is the first.
    Line(usize),
}

/// The columns that there are in all files; later ones may be missing.
const FEWEST: usize = 20;

/// Reads a file. Nothing of it counts when one line is broken, and empty lines and comments are passed over.
///
/// # Errors
///
/// The first defect.
pub fn lines(text: &str) -> Result<Vec<StateLine>, Defect> {
    let rest = text.strip_prefix("1\n").ok_or(Defect::Version)?;
    let mut lines = Vec::new();
    for (line, number) in rest.split_inclusive('\n').zip(1..) {
        let whole = line.strip_suffix('\n').ok_or(Defect::Line(number))?;
        let columns: Vec<String> = whole
            .split([' ', '\t'])
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        match columns.first() {
            None => {}
            Some(first) if first.starts_with('#') => {}
            Some(_) if columns.len() < FEWEST => return Err(Defect::Line(number)),
            Some(_) => lines.push(StateLine { columns }),
        }
    }
    Ok(lines)
}

impl StateLine {
    pub fn backend_id(&self) -> &str {
        &self.columns[0]
    }

    pub fn backend(&self) -> &str {
        &self.columns[1]
    }

    pub fn server(&self) -> &str {
        &self.columns[3]
    }

    /// One of the first [`FEWEST`] columns, from 0.
    pub(super) fn column(&self, at: usize) -> &str {
        &self.columns[at]
    }

    /// One of the later columns.
    pub(super) fn later(&self, at: usize) -> Option<&str> {
        self.columns.get(at).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "3 b 1 s1 127.0.0.1 2 0 1 1 4 6 3 4 6 0 0 0 - 20901 - 0 0 - - 0\n";

    fn servers(text: &str) -> Result<Vec<String>, Defect> {
        let lines = lines(text)?;
        Ok(lines.iter().map(|line| line.server().to_owned()).collect())
    }

    #[test]
    fn comments_and_empty_lines_are_passed_over() {
        let text = format!("1\n# be_id\n\n  # more\n \t{LINE}");
        assert_eq!(servers(&text), Ok(vec!["s1".to_owned()]));
        assert_eq!(servers("1\n"), Ok(vec![]));
    }

    #[test]
    fn only_the_first_version_is_known() {
        for text in ["", "1", "2\n", "1 \n", "x\n", "\n"] {
            assert_eq!(servers(text), Err(Defect::Version), "{text:?}");
        }
    }

    #[test]
    fn a_broken_line_spoils_the_file() {
        assert_eq!(servers("1\n# x\n3 b x\n"), Err(Defect::Line(2)));
        let cut = format!("1\n{LINE}{}", LINE.trim_end());
        assert_eq!(servers(&cut), Err(Defect::Line(2)));
        let columns = |n: usize| LINE.split(' ').take(n).collect::<Vec<_>>().join(" ") + "\n";
        assert_eq!(
            servers(&format!("1\n{}", columns(19))),
            Err(Defect::Line(1))
        );
        assert!(servers(&format!("1\n{}", columns(20))).is_ok());
    }
}
