//! Tables: columns set apart by two spaces, no lines, so that they can be read aloud and cut by `awk`.

use comfy_table::{CellAlignment, Table, presets};

/// Which way the cells of a column are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// The rows as lines, each beginning with one space; the first row is the heading.
pub(crate) fn lines(sides: &[Side], rows: &[Vec<String>]) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).add_rows(rows);
    let last = sides.len().saturating_sub(1);
    for (at, (column, side)) in table.column_iter_mut().zip(sides).enumerate() {
        column.set_padding((1, u16::from(at < last)));
        column.set_cell_alignment(match side {
            Side::Left => CellAlignment::Left,
            Side::Right => CellAlignment::Right,
        });
    }
    let text = table.trim_fmt();
    text.lines().map(str::to_owned).collect()
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
