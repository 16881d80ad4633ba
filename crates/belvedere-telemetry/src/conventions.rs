//! The database conventions before they were stable, said in the words of those that are.
//!
//! Instrumentations still write `db.statement` and `db.system`. A span that has the old word alone is
//! given the new one as well, before anybody sees it: so it is counted, shown and searched like ours.

use opentelemetry::KeyValue;

/// The old key, and the one that took its place.
const RENAMED: [(&str, &str); 5] = [
    ("db.statement", "db.query.text"),
    ("db.system", "db.system.name"),
    ("db.name", "db.namespace"),
    ("db.operation", "db.operation.name"),
    ("db.sql.table", "db.collection.name"),
];

/// Adds to `attributes` the new word for each old one that stands alone.
pub(crate) fn modernise(attributes: &mut Vec<KeyValue>) {
    if !attributes.iter().any(|attribute| attribute.key.as_str().starts_with("db.")) {
        return;
    }
    for (old, new) in RENAMED {
        let value_of = |key| attributes.iter().rfind(|attribute| attribute.key.as_str() == key);
        if let (Some(attribute), None) = (value_of(old), value_of(new)) {
            let value = attribute.value.clone();
            attributes.push(KeyValue::new(new, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_word_gets_the_new_one_beside_it_unless_that_is_there() {
        let mut attributes = vec![
            KeyValue::new("db.statement", "SELECT 1"),
            KeyValue::new("db.system", "sqlite"),
            KeyValue::new("db.system.name", "postgresql"),
        ];
        modernise(&mut attributes);
        let texts: Vec<_> =
            attributes.iter().map(|a| format!("{}={}", a.key, a.value.as_str())).collect();
        let expected = ["db.statement=SELECT 1", "db.system=sqlite", "db.system.name=postgresql"];
        assert_eq!(texts[..3], expected);
        assert_eq!(texts[3..], ["db.query.text=SELECT 1"]);
    }

    #[test]
    fn other_spans_are_left_alone() {
        let mut attributes = vec![KeyValue::new("http.route", "/users")];
        modernise(&mut attributes);
        assert_eq!(attributes.len(), 1);
    }
}
