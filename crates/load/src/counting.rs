//! Instructions of a server, counted by callgrind (Debian's package `valgrind`).
//!
//! The server runs under callgrind as a [`Counted`] program, and has a route that sets marks. Between two
//! marks browsers act, a [`Run`] of which has a [`Window`] for each kind of act.

mod counted;
mod held;
mod run;

pub use self::counted::{Count, Counted};
pub use self::held::Held;
pub use self::run::{Run, WARM_UP, Window};

/// With a comma after each three digits.
#[must_use]
pub fn grouped(figure: u64) -> String {
    let digits = figure.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
