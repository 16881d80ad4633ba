//! A table's instructions as a picture: both axes logarithmic, so that what is in proportion is a line that
//! rises as the dashed one.

use std::fmt::Write as _;

use crate::table::{Table, Unit};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 500.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 272.0;

/// Least distance of two names.
const LINE: f64 = 16.0;

/// Readable on white and on black.
const COLORS: [&str; 6] = ["#3b82f6", "#d9622b", "#1a9c6b", "#a855d6", "#b8860b", "#e0457b"];

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#444}.g{stroke:#8884;stroke-width:1}\
.p{stroke:#888;stroke-width:1.5;stroke-dasharray:4 4;fill:none}\
.l{stroke-width:2;fill:none;stroke-linejoin:round}\
@media(prefers-color-scheme:dark){text{fill:#ccc}}";

/// One column.
struct Line<'a> {
    name: &'a str,
    points: Vec<(f64, f64)>,
}

/// The picture; `None` for a table without instructions, or of one size.
pub(crate) fn draw(table: &Table) -> Option<String> {
    let lines: Vec<Line<'_>> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.unit == Unit::Instructions)
        .map(|(index, column)| Line { name: column.name, points: points(table, index) })
        .filter(|line| line.points.len() > 1)
        .collect();
    let all = || lines.iter().flat_map(|line| &line.points);
    let x = Scale::of(all().map(|point| point.0), LEFT, RIGHT)?;
    let y = Scale::of(all().map(|point| point.1), BOTTOM, TOP)?;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         role=\"img\"><title>Instructions by {of}</title><style>{STYLE}</style>\n",
        of = table.of
    );
    grid(&mut svg, &x, &y);
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 38.0,
        table.of
    );
    // In proportion: from a corner as far as the axes go.
    let n_decades = (x.to - x.from).min(y.to - y.from);
    let proportion = [(x.from, y.from), (x.from + n_decades, y.from + n_decades)];
    let _ = writeln!(svg, "<path class=\"p\" d=\"{}\"/>", path(&proportion, &x, &y));
    for (line, color) in lines.iter().zip(COLORS) {
        let points: Vec<_> = line.points.iter().map(|(x, y)| (x.log10(), y.log10())).collect();
        let _ =
            writeln!(svg, "<path class=\"l\" stroke=\"{color}\" d=\"{}\"/>", path(&points, &x, &y));
    }
    names(&mut svg, &lines, &y);
    svg.push_str("</svg>\n");
    Some(svg)
}

fn points(table: &Table, column: usize) -> Vec<(f64, f64)> {
    let points = table.rows.iter().map(|row| (row.size as f64, row.figures[column]));
    points.filter(|(size, figure)| *size > 0.0 && *figure > 0.0).collect()
}

/// Whole decades, along an axis between two places.
struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    fn of(figures: impl Iterator<Item = f64>, start: f64, end: f64) -> Option<Self> {
        let (least, most) = figures
            .map(f64::log10)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), figure| {
                (least.min(figure), most.max(figure))
            });
        let (from, to) = (least.floor(), most.ceil().max(least.floor() + 1.0));
        (least <= most).then_some(Self { from, to, start, end })
    }

    fn at(&self, decade: f64) -> f64 {
        self.start + (decade - self.from) / (self.to - self.from) * (self.end - self.start)
    }

    fn decades(&self) -> impl Iterator<Item = i32> {
        self.from as i32..=self.to as i32
    }
}

fn grid(svg: &mut String, x: &Scale, y: &Scale) {
    for decade in y.decades() {
        let at = y.at(f64::from(decade));
        let _ = writeln!(
            svg,
            "<path class=\"g\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            at + 4.0,
            power(decade)
        );
    }
    for decade in x.decades() {
        let at = x.at(f64::from(decade));
        let _ = writeln!(
            svg,
            "<path class=\"g\" d=\"M{at:.1} {TOP}V{BOTTOM}\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            BOTTOM + 18.0,
            power(decade)
        );
    }
}

/// A power of ten in words.
fn power(decade: i32) -> String {
    let ones = 10_u64.pow(decade.rem_euclid(3) as u32);
    let unit = ["", "k", "M", "G", "T"].get((decade / 3) as usize).copied().unwrap_or("?");
    format!("{ones}{unit}")
}

fn path(points: &[(f64, f64)], x: &Scale, y: &Scale) -> String {
    let mut path = String::new();
    for (index, (of_x, of_y)) in points.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{command}{:.1} {:.1}", x.at(*of_x), y.at(*of_y));
    }
    path
}

/// Beside the ends of the lines, none over another.
fn names(svg: &mut String, lines: &[Line<'_>], y: &Scale) {
    let mut ends: Vec<_> = lines
        .iter()
        .zip(COLORS)
        .filter_map(|(line, color)| Some((y.at(line.points.last()?.1.log10()), line.name, color)))
        .collect();
    ends.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut last = f64::NEG_INFINITY;
    for (at, name, color) in ends {
        let at = at.max(last + LINE);
        last = at;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\"><tspan fill=\"{color}\">■</tspan> {name}</text>",
            RIGHT + 10.0,
            at + 4.0
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Column, Row};

    #[test]
    fn a_line_has_a_name_and_a_point_for_each_size() {
        let columns = vec![
            Column { name: "click", unit: Unit::Instructions },
            Column { name: "a tab", unit: Unit::Kib },
        ];
        let row = |size| Row { size, figures: vec![size as f64 * 100.0, 9.0] };
        let table = Table { of: "rows", columns, rows: [1, 10, 100].map(row).into() };
        let svg = draw(&table).unwrap();
        assert_eq!(svg.matches("class=\"l\"").count(), 1);
        assert!(svg.contains("M64.0 272.0L282.0 144.0L500.0 16.0"), "{svg}");
        assert!(svg.contains("</tspan> click</text>") && !svg.contains("a tab"));
    }
}
