//! Numbers as a person says them.

use std::fmt::{self, Display, Formatter};

/// So many of something, such as `1 user` or `2,000 users`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub u64, pub &'static str);

impl Display for Count {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self(count, one) = *self;
        write!(formatter, "{} {one}{}", Thousands(count), if count == 1 { "" } else { "s" })
    }
}

/// A number whose thousands are parted: `200,000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thousands(pub u64);

impl Display for Thousands {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match (self.0 / 1_000, self.0 % 1_000) {
            (0, rest) => rest.fmt(formatter),
            (thousands, rest) => write!(formatter, "{},{rest:03}", Self(thousands)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_easy_to_read() {
        for (count, said) in [
            (0, "0 users"),
            (1, "1 user"),
            (999, "999 users"),
            (1_000, "1,000 users"),
            (1_020_003, "1,020,003 users"),
        ] {
            assert_eq!(Count(count, "user").to_string(), said);
        }
    }
}
