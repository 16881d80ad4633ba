//! What every identifier of the domain has in common.
//!
//! Each table's own newtype is made beside its row by [`binary_id!`]; the SQL type behind them is
//! [`BinaryId`](crate::schema::BinaryId).

use thiserror::Error;

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a UUID")]
pub struct ParseIdError(#[from] uuid::Error);

/// Declares an identifier newtype over a UUID of version 7, with its mapping to both databases.
macro_rules! binary_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug,
            Clone,
            Copy,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            serde::Serialize,
            serde::Deserialize,
            diesel::expression::AsExpression,
            diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = crate::schema::BinaryId)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Before all others, and nobody's.
            pub const NIL: Self = Self(uuid::Uuid::nil());

            /// Makes a new identifier, ordered by the time it was made.
            #[expect(clippy::new_without_default, reason = "each call gives another value")]
            #[must_use]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::id::ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self(uuid::Uuid::try_parse(text)?))
            }
        }

        impl diesel::serialize::ToSql<crate::schema::BinaryId, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.0.as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::serialize::ToSql<crate::schema::BinaryId, diesel::sqlite::Sqlite> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                out.set_value(self.0.as_bytes().as_slice());
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<crate::schema::BinaryId, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(Self(uuid::Uuid::from_slice(bytes.as_bytes())?))
            }
        }

        impl diesel::deserialize::FromSql<crate::schema::BinaryId, diesel::sqlite::Sqlite>
            for $name
        {
            fn from_sql(
                mut bytes: diesel::sqlite::SqliteValue<'_, '_, '_>,
            ) -> diesel::deserialize::Result<Self> {
                Ok(Self(uuid::Uuid::from_slice(bytes.read_blob())?))
            }
        }
    };
}

pub(crate) use binary_id;
