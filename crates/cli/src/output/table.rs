use std::fmt;

use comfy_table::{ContentArrangement, TableStyle, presets::NOTHING};

use super::{clean, width};

/// Columns without lines around them. On a terminal long cells are wrapped; elsewhere nothing is.
pub struct Table(comfy_table::Table);

impl Table {
    pub fn new<'a>(titles: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = Table::plain();
        table.0.set_header(titles.into_iter().collect::<Vec<_>>());
        table
    }

    /// Without titles.
    pub fn plain() -> Self {
        let style: TableStyle = NOTHING;
        let mut table = comfy_table::Table::new();
        table.load_style(style);
        if let Some(width) = width() {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        Table(table)
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells.into_iter().map(|it| clean(&it)).collect::<Vec<_>>());
    }
}

/// Without the blanks that every line begins and ends with.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.lines() {
            writeln!(f, "{}", line.strip_prefix(' ').unwrap_or(&line).trim_end())?;
        }
        Ok(())
    }
}
