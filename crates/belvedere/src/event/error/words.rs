//! What the person on the page is told of an event that could not be read.

use super::{EventError, FieldProblem, ValueError};

/// For what is no mistake of theirs.
const LOAD_AGAIN: &str = "This did not work. Please load the page again.";

impl EventError {
    /// The problem in words for the person on the page, in English: `Age is too large: at most 255.`
    ///
    /// A field is called by the last part of its name: `user[first_name]` is `First name`. What its
    /// type says when it refuses a value is shown as it is.
    #[must_use]
    pub fn for_visitor(&self) -> String {
        match self {
            Self::Malformed { field, problem, .. } if !field.is_empty() => {
                format!("{} {}.", label(field), problem.for_visitor())
            }
            Self::Value(
                ValueError::MessageTooLong { n_bytes, max_bytes }
                | ValueError::FormTooLong { n_bytes, max_bytes },
            ) => format!(
                "This is too long to be taken. Please make it shorter, by about {} percent.",
                percent_beyond(*n_bytes, *max_bytes)
            ),
            Self::Value(ValueError::NoRoom { .. }) => {
                "There is no room for so long a text now. Please make it shorter, or try again in a \
                 moment."
                    .to_owned()
            }
            Self::Value(ValueError::TooManyFields { max_fields }) => {
                format!("This form has too many fields: at most {max_fields} are taken.")
            }
            Self::Malformed { .. } | Self::Unknown { .. } | Self::Value(_) => LOAD_AGAIN.to_owned(),
        }
    }
}

/// How much of what was sent is too much. Its size would tell nobody anything: it was counted as it
/// travels, where a letter may have twelve bytes.
fn percent_beyond(n_bytes: usize, max_bytes: usize) -> usize {
    n_bytes.saturating_sub(max_bytes).saturating_mul(100).div_ceil(n_bytes.max(1)).clamp(1, 99)
}

/// The last key of a field's name that is no number, as a sentence begins.
fn label(field: &str) -> String {
    let is_name = |key: &&str| key.starts_with(|first: char| !first.is_ascii_digit());
    let key = field.rsplit(['[', ']']).find(is_name).unwrap_or(field);
    let words = key.replace(['_', '-'], " ");
    let mut letters = words.trim().chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

impl FieldProblem {
    /// The problem in words for the person on the page, in English, to read on after the name of the
    /// input: `is too large: at most 255`.
    #[must_use]
    pub fn for_visitor(&self) -> String {
        match self {
            Self::Missing => "is missing".to_owned(),
            Self::Empty => "is empty".to_owned(),
            Self::TooLarge { most: Some(most), .. } => format!("is too large: at most {most}"),
            Self::TooSmall { least: Some(least), .. } => format!("is too small: at least {least}"),
            Self::TooLarge { most: None, .. } => "is too large".to_owned(),
            Self::TooSmall { least: None, .. } => "is too small".to_owned(),
            Self::Type { expected, .. } => of_type(expected).to_owned(),
            Self::Refused(words) => format!("cannot be taken: {}", words.trim_end_matches('.')),
        }
    }
}

/// What a type is called by serde.
fn of_type(expected: &str) -> &'static str {
    match expected {
        "f32" | "f64" => "is not a number",
        "a character" => "is not one character",
        "a boolean" => "is neither yes nor no",
        whole if is_whole(whole) => "is not a whole number",
        other if other.starts_with("a nonzero ") => "is zero",
        _ => "cannot be read",
    }
}

fn is_whole(name: &str) -> bool {
    let bits = name.strip_prefix(['i', 'u']).unwrap_or_default();
    matches!(bits, "8" | "16" | "32" | "64" | "128" | "size")
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;

    use crate::event::{EventValue, FormLimits};

    fn said<T: DeserializeOwned>(form: &str) -> String {
        let form = EventValue::from_form(form, None, &FormLimits::default()).expect("a form");
        form.read::<T>("save").err().expect("it cannot be read").for_visitor()
    }

    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "only reading matters")]
    struct Person {
        user: Inner,
    }

    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "only reading matters")]
    struct Inner {
        shoe_size: u8,
        #[serde(default)]
        scores: Vec<i16>,
        height: Option<f32>,
        letter: Option<char>,
    }

    #[test]
    fn a_field_and_what_is_wrong_with_it_are_named() {
        for (form, words) in [
            ("user[height]=1", "Shoe size is missing."),
            ("user[shoe_size]=", "Shoe size is empty."),
            ("user[shoe_size]=+", "Shoe size is empty."),
            ("user[shoe_size]=300", "Shoe size is too large: at most 255."),
            ("user[shoe_size]=-1", "Shoe size is too small: at least 0."),
            ("user[shoe_size]=4.5", "Shoe size is not a whole number."),
            ("user[shoe_size]=old", "Shoe size is not a whole number."),
            ("user[shoe_size]=1&user[scores][]=99999", "Scores is too large: at most 32767."),
            ("user[shoe_size]=1&user[height]=tall", "Height is not a number."),
            ("user[shoe_size]=1&user[height]=1e39", "Height is too large."),
            ("user[shoe_size]=1&user[letter]=ab", "Letter is not one character."),
        ] {
            assert_eq!(said::<Person>(form), words, "{form}");
        }
    }

    #[test]
    fn what_no_field_is_to_blame_for_asks_for_another_load() {
        let value = serde_json::from_str("7").expect("JSON");
        let value = EventValue::from_json(value).expect("a value");
        let error = value.fields("save").expect_err("no object");
        assert_eq!(error.for_visitor(), super::LOAD_AGAIN);
    }

    #[test]
    fn a_text_that_is_too_long_says_how_much_is_too_much_in_whatever_script() {
        let max_bytes = FormLimits::default().max_bytes;
        for (letter, encoded_bytes) in [("x", 1), ("%D0%B6", 6), ("%E4%B8%AD", 9)] {
            for (fits, percent) in [(3, 67), (2, 51), (1, 1)] {
                let n_letters = max_bytes * fits / encoded_bytes + 1;
                let form = format!("text={}", letter.repeat(n_letters));
                let error = EventValue::from_form(&form, None, &FormLimits::default());
                let words = crate::event::EventError::from(error.expect_err("long")).for_visitor();
                let end = format!("Please make it shorter, by about {percent} percent.");
                assert!(words.ends_with(&end), "{words} {letter} {fits}");
            }
        }
    }
}
