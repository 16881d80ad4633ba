//! Why an import has ended in vain, as the column `imports.reason` has it.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;

/// Why nothing of an import was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Reason {
    /// Somebody wanted it to end.
    Cancelled,
    /// Somebody else has added a name of the file meanwhile.
    NameTaken,
    /// The database has no room for it.
    NoRoom,
    /// Its server was stopped, or stood still.
    GivenUp,
    /// Something went wrong.
    Failed,
}

impl Reason {
    const ALL: [(Self, &str); 5] = [
        (Self::Cancelled, "cancelled"),
        (Self::NameTaken, "name_taken"),
        (Self::NoRoom, "no_room"),
        (Self::GivenUp, "given_up"),
        (Self::Failed, "failed"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(reason, _)| *reason == self).map_or("failed", |(_, name)| name)
    }
}

impl<DB: Backend> ToSql<Text, DB> for Reason
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.name().to_sql(out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Reason
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let name = String::from_sql(bytes)?;
        let known = Self::ALL.iter().find(|(_, known)| *known == name);
        known.map(|(reason, _)| *reason).ok_or_else(|| format!("no reason: {name}").into())
    }
}
