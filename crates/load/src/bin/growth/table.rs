//! A table of figures by what they grow with.

use std::fmt::Write as _;

use load::counting::grouped;

/// Figures of one column, a number and its unit.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Drawn; the others are not.
    Instructions,
    /// Processor time of the server, with the kernel's part.
    Micros,
    /// Resident memory.
    Kib,
    /// Of a frame.
    Bytes,
    /// Whatever the column's name says.
    Other,
}

/// What was measured.
pub(crate) struct Table {
    /// What the figures grow with, such as `rows`.
    pub(crate) of: &'static str,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
}

/// Figures at one size. One that was not measured is `NaN`.
pub(crate) struct Row {
    pub(crate) size: u64,
    pub(crate) figures: Vec<f64>,
}

impl Table {
    /// As a table of Markdown.
    pub(crate) fn markdown(&self) -> String {
        let names = self.columns.iter().map(|column| match column.unit {
            Unit::Instructions | Unit::Other => column.name.to_owned(),
            Unit::Micros => format!("{}, µs", column.name),
            Unit::Kib => format!("{}, KiB", column.name),
            Unit::Bytes => format!("{}, bytes", column.name),
        });
        let names: Vec<String> = names.collect();
        let mut text = format!("| {} | {} |\n", self.of, names.join(" | "));
        text.push_str(&"|---:".repeat(self.columns.len() + 1));
        text.push_str("|\n");
        for row in &self.rows {
            let figures = row.figures.iter().zip(&self.columns);
            let figures: Vec<String> =
                figures.map(|(figure, column)| shown(*figure, column)).collect();
            // Writing to a string does not fail.
            let _ = writeln!(text, "| {} | {} |", grouped(row.size), figures.join(" | "));
        }
        text
    }
}

fn shown(figure: f64, column: &Column) -> String {
    let is_whole = matches!(column.unit, Unit::Instructions | Unit::Bytes) || figure.abs() >= 100.0;
    match figure {
        figure if figure.is_nan() => String::new(),
        figure if is_whole => grouped(figure.round() as u64),
        figure => format!("{figure:.1}"),
    }
}
