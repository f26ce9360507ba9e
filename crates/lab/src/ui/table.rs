//! Tables: columns set apart by two spaces, no lines, so that they can be read aloud and cut by `awk`.

/// Which way the cells of a column are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// The rows as lines, each beginning with one space; the first row is the heading.
pub(crate) fn lines(sides: &[Side], rows: &[Vec<String>]) -> Vec<String> {
    let length = |cell: &String| cell.chars().count();
    let width = |at: usize| {
        rows.iter()
            .filter_map(|row| row.get(at).map(length))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..sides.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row
            .iter()
            .zip(sides)
            .zip(&widths)
            .map(|((cell, side), width)| match side {
                Side::Left => format!("{cell:<width$}"),
                Side::Right => format!("{cell:>width$}"),
            });
        format!(" {}", cells.collect::<Vec<_>>().join("  "))
            .trim_end()
            .to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["name", "n"], ["server01", "12"], ["b", "3"]]
            .map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            lines(&[Side::Left, Side::Right], &rows),
            [" name       n", " server01  12", " b          3"]
        );
    }
}
