//! A row as the driver read it, for Diesel to decode.

use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Range;

use diesel::pg::{Pg, PgValue};
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};
use tokio_postgres::types::{FromSql, Type};

/// One row of a PostgreSQL query.
pub struct PostgresRow(tokio_postgres::Row);

impl PostgresRow {
    pub(super) fn new(row: tokio_postgres::Row) -> Self {
        Self(row)
    }
}

impl fmt::Debug for PostgresRow {
    /// Columns only: the values are somebody's.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.columns().iter().map(tokio_postgres::Column::name);
        formatter.debug_set().entries(names).finish()
    }
}

impl RowSealed for PostgresRow {}

impl RowIndex<usize> for PostgresRow {
    fn idx(&self, index: usize) -> Option<usize> {
        (index < self.0.len()).then_some(index)
    }
}

impl<'name> RowIndex<&'name str> for PostgresRow {
    fn idx(&self, name: &'name str) -> Option<usize> {
        self.0.columns().iter().position(|column| column.name() == name)
    }
}

impl<'row> Row<'row, Pg> for PostgresRow {
    type Field<'field>
        = PostgresField<'field>
    where
        'row: 'field,
        Self: 'field;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        self.0.len()
    }

    fn get<'field, I>(&'field self, index: I) -> Option<Self::Field<'field>>
    where
        'row: 'field,
        Self: RowIndex<I>,
    {
        let index = self.idx(index)?;
        let column = &self.0.columns()[index];
        let value: Option<Raw<'_>> = self.0.get(index);
        Some(PostgresField {
            name: column.name(),
            type_oid: NonZeroU32::new(column.type_().oid()).unwrap_or(NonZeroU32::MIN),
            value: value.map(|raw| raw.0),
        })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

/// One value of a row.
pub struct PostgresField<'row> {
    name: &'row str,
    type_oid: NonZeroU32,
    value: Option<&'row [u8]>,
}

impl fmt::Debug for PostgresField<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("PostgresField").field(&self.name).finish()
    }
}

impl<'row> Field<'row, Pg> for PostgresField<'row> {
    fn field_name(&self) -> Option<&str> {
        Some(self.name)
    }

    fn value(&self) -> Option<PgValue<'_>> {
        Some(PgValue::new(self.value?, &self.type_oid))
    }
}

/// The bytes of a value, whatever its type.
struct Raw<'row>(&'row [u8]);

impl<'row> FromSql<'row> for Raw<'row> {
    fn from_sql(_: &Type, bytes: &'row [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(bytes))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
