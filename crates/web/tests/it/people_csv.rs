//! Users as CSV: what is written is read as it was, whatever stands in it, in any shape of the file.

use domain::bulk::{Item, Row};
use domain::text::unfit;
use proptest::prelude::*;
use web::people_csv::Problems;
use web::people_csv::read::Reader;
use web::people_csv::write;

/// A text as a user or an item may have it: trimmed, not empty, and of what files trip over.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'".to_owned()),
        "[=+@,;\"'-]{1,3}",
        "[a-z ]{1,8}",
        "\\PC{1,4}",
        Just("＝é中\u{feff}".to_owned()),
    ];
    let text = proptest::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat());
    text.prop_map(|text| text.trim().to_owned())
        .prop_filter("unfit", |text| !text.is_empty() && unfit(text).is_none())
}

fn row() -> impl Strategy<Value = Row> {
    let item = (text(), any::<bool>()).prop_map(|(task, completed)| Item { task, completed });
    (text(), 0..=150, proptest::option::of(item)).prop_map(|(name, age, item)| Row {
        name,
        age,
        item,
    })
}

fn read(file: &[u8]) -> (Vec<Row>, Problems) {
    let mut problems = Problems::default();
    let mut reader = Reader::new(file, &mut problems).expect("memory can be read");
    let mut rows = Vec::new();
    while let Some((_, row)) = reader.next(&mut problems).expect("memory can be read") {
        rows.push(row);
    }
    (rows, problems)
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(rows in proptest::collection::vec(row(), 0..8)) {
        let mut file = write::header().expect("memory");
        file.extend(write::rows(&rows).expect("memory"));
        let (read, problems) = read(&file);
        prop_assert_eq!(problems.first, vec![]);
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn no_cell_begins_as_a_formula_whatever_parts_the_columns(rows in proptest::collection::vec(row(), 1..4)) {
        let file = write::rows(&rows).expect("memory");
        for separator in [b',', b';', b'\t'] {
            let mut reader = csv::ReaderBuilder::new();
            let mut reader = reader.has_headers(false).flexible(true).delimiter(separator).from_reader(&*file);
            for record in reader.records() {
                for cell in &record.expect("a record") {
                    prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']), "{}", cell);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(
        prop_oneof![Just(b'"'), Just(b'\n'), Just(b'\r'), Just(b','), Just(b'a'), Just(b'0'), any::<u8>()], 0..200)) {
        let mut file = b"name,age\n".to_vec();
        file.extend(&bytes);
        let (rows, problems) = read(&file);
        let n_lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        prop_assert!(rows.len() <= n_lines);
        prop_assert!(problems.first.is_sorted_by_key(|problem| problem.line));
        prop_assert!(problems.first.iter().all(|problem| problem.line <= n_lines as u64 + 1));
    }
}
