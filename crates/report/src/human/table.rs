//! Tables that give columns away where the terminal is narrow.

use super::{Role, Screen};

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its title.
    pub(crate) title: &'static str,
    /// Whether it holds numbers, which stand to the right.
    pub(crate) is_number: bool,
    /// The columns with the highest are given away first; 0 never.
    pub(crate) spare: u8,
}

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// One without rows.
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row, with a cell for each column.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Prints what fits.
    pub(crate) fn print(&self, screen: &mut Screen<'_>) {
        let widths: Vec<usize> = (0..self.columns.len()).map(|at| self.width_of(at)).collect();
        let shown = self.fitting(&widths, screen.width());
        let titles: Vec<String> = self.columns.iter().map(|c| c.title.to_owned()).collect();
        let head = self.line(&titles, &widths, &shown);
        let head = screen.paint(Role::Strong, &head);
        screen.line(&head);
        for row in &self.rows {
            screen.line(&self.line(row, &widths, &shown));
        }
    }

    fn width_of(&self, at: usize) -> usize {
        let title = self.columns.get(at).map_or(0, |column| column.title.len());
        let cells = self.rows.iter().filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(title)
    }

    /// The columns that are left when those that can be spared went until the rest fits.
    fn fitting(&self, widths: &[usize], room: usize) -> Vec<usize> {
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        let spare = |at: &usize| self.columns.get(*at).map_or(0, |column| column.spare);
        loop {
            let total: usize = shown.iter().filter_map(|at| widths.get(*at)).map(|w| w + 2).sum();
            let Some(most) = shown.iter().map(spare).max() else { return shown };
            if total <= room + 2 || most == 0 {
                return shown;
            }
            if let Some(at) = shown.iter().rposition(|at| spare(at) == most) {
                shown.remove(at);
            }
        }
    }

    fn line(&self, cells: &[String], widths: &[usize], shown: &[usize]) -> String {
        let mut line = String::new();
        for &at in shown {
            let (Some(cell), Some(width), Some(column)) =
                (cells.get(at), widths.get(at), self.columns.get(at))
            else {
                continue;
            };
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            let (before, after) = if column.is_number { (&*padding, "") } else { ("", &*padding) };
            line.push_str(before);
            line.push_str(cell);
            line.push_str(after);
            line.push_str("  ");
        }
        line.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Style;

    fn print(width: usize) -> String {
        let column = |title, is_number, spare| Column { title, is_number, spare };
        let mut table = Table::new(vec![
            column("name", false, 0),
            column("count", true, 1),
            column("path", false, 2),
        ]);
        table.row(vec!["a".into(), "12".into(), "services/a".into()]);
        table.row(vec!["longer".into(), "3".into(), "b".into()]);
        let style = Style { width, ..Style::default() };
        let mut screen = Screen::new(&style);
        table.print(&mut screen);
        screen.finish()
    }

    #[test]
    fn columns_line_up_and_numbers_stand_to_the_right() {
        assert_eq!(print(40), "name    count  path\na          12  services/a\nlonger      3  b\n");
    }

    #[test]
    fn a_narrow_terminal_loses_the_columns_that_can_be_spared() {
        assert_eq!(print(20), "name    count\na          12\nlonger      3\n");
    }
}
