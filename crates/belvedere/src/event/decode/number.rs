//! Reading numbers that were typed: what is too large says so, and for which type.

use serde::de::Visitor;
use serde_json::{Number, Value};

use super::{DecodeError, Lenient};
use crate::event::exact::MAX_SAFE;
use crate::event::{FieldProblem, Found};

/// A type of whole numbers.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    name: &'static str,
    least: i128,
    most: u128,
}

/// The [`Whole`] of a type.
macro_rules! whole {
    ($number:ty) => {
        $crate::event::decode::number::Whole::new(
            stringify!($number),
            // Both bounds of every type fit: this is its own sign and width.
            <$number>::MIN as i128,
            <$number>::MAX as u128,
        )
    };
}
pub(super) use whole;

/// A number without its sign; `None` when it has more digits than any type.
type Magnitude = Option<u128>;

impl Whole {
    pub(super) const fn new(name: &'static str, least: i128, most: u128) -> Self {
        Self { name, least, most }
    }

    /// Reads text, or a number of JSON.
    pub(super) fn read<'de, V: Visitor<'de>>(
        self,
        value: Lenient<'de>,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let number = match value {
            Lenient::Text(text) => sign_and_magnitude(text.trim()),
            Lenient::Other(Value::Number(number)) => whole_number(number),
            _ => return Err(value.unexpected(&visitor)),
        };
        let Some((is_negative, magnitude)) = number else {
            let found = match (value, value.as_float()) {
                (_, Some(number)) if number.fract() != 0.0 => Found::Fraction,
                (Lenient::Other(_), Some(number)) => return Err(self.rounded(number)),
                _ => value.found(),
            };
            let expected = self.name.to_owned();
            return Err(DecodeError::new(FieldProblem::Type { found, expected }));
        };
        if is_negative {
            self.below_zero(magnitude, visitor)
        } else {
            self.at_or_above_zero(magnitude, visitor)
        }
    }

    /// Why a number is refused that a double does not hold exactly.
    fn rounded(self, number: f64) -> DecodeError {
        DecodeError::new(if number > self.most as f64 {
            FieldProblem::TooLarge { of: self.name, most: Some(self.most) }
        } else if number < self.least as f64 {
            FieldProblem::TooSmall { of: self.name, least: Some(self.least) }
        } else {
            FieldProblem::Type { found: Found::Rounded, expected: self.name.to_owned() }
        })
    }

    fn at_or_above_zero<'de, V: Visitor<'de>>(
        self,
        magnitude: Magnitude,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let Some(number) = magnitude.filter(|number| *number <= self.most) else {
            let problem = FieldProblem::TooLarge { of: self.name, most: Some(self.most) };
            return Err(DecodeError::new(problem));
        };
        match u64::try_from(number) {
            Ok(number) => visitor.visit_u64(number),
            Err(_) => visitor.visit_u128(number),
        }
    }

    fn below_zero<'de, V: Visitor<'de>>(
        self,
        magnitude: Magnitude,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let number = magnitude.and_then(|magnitude| 0_i128.checked_sub_unsigned(magnitude));
        let Some(number) = number.filter(|number| *number >= self.least) else {
            let problem = FieldProblem::TooSmall { of: self.name, least: Some(self.least) };
            return Err(DecodeError::new(problem));
        };
        match (u64::try_from(number), i64::try_from(number)) {
            (Ok(zero), _) => visitor.visit_u64(zero),
            (_, Ok(number)) => visitor.visit_i64(number),
            (Err(_), Err(_)) => visitor.visit_i128(number),
        }
    }
}

/// `None` for what is no whole number.
fn sign_and_magnitude(text: &str) -> Option<(bool, Magnitude)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !unsigned.is_empty() && unsigned.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| (text.starts_with('-'), magnitude(unsigned)))
}

/// Most numbers have 64 bits, which are read in a third of the time.
fn magnitude(digits: &str) -> Magnitude {
    digits.parse::<u64>().map(u128::from).or_else(|_| digits.parse()).ok()
}

fn whole_number(number: &Number) -> Option<(bool, Magnitude)> {
    if let Some(number) = number.as_u64() {
        return Some((false, Some(number.into())));
    }
    if let Some(number) = number.as_i64() {
        return Some((number < 0, Some(number.unsigned_abs().into())));
    }
    // JSON says numbers beyond 64 bits as floats, which no longer tell which number was meant.
    let number = number.as_f64()?;
    if number.fract() != 0.0 || number.abs() > MAX_SAFE as f64 {
        return None;
    }
    Some((number < 0.0, Some(number.abs() as u128)))
}

/// A type of numbers with a fraction.
#[derive(Clone, Copy)]
pub(super) struct Float {
    pub(super) name: &'static str,
    pub(super) most: f64,
}

impl Float {
    pub(super) const F32: Self = Self { name: "f32", most: f32::MAX as f64 };
    pub(super) const F64: Self = Self { name: "f64", most: f64::MAX };

    pub(super) fn read<'de, V: Visitor<'de>>(
        self,
        value: Lenient<'de>,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let Some(number) = value.as_float() else {
            return Err(value.unexpected(&visitor));
        };
        if number > self.most {
            let problem = FieldProblem::TooLarge { of: self.name, most: None };
            return Err(DecodeError::new(problem));
        }
        if number < -self.most {
            let problem = FieldProblem::TooSmall { of: self.name, least: None };
            return Err(DecodeError::new(problem));
        }
        visitor.visit_f64(number)
    }
}

impl Lenient<'_> {
    /// `None` for what is no number. Beyond all numbers it is infinite.
    fn as_float(self) -> Option<f64> {
        match self {
            // The parser would take `inf` and `NaN` too, which no number input sends.
            Self::Text(text) if text.contains(|sign: char| sign.is_ascii_digit()) => {
                text.trim().parse().ok()
            }
            Self::Other(value) => value.as_f64(),
            Self::Text(_) | Self::List(_) | Self::Object(_) => None,
        }
    }
}
