//! A query as it goes over the wire: its text, its values, and the types of these.
//!
//! Built from the Diesel query at once, on the caller's thread, so that the query itself need not
//! live until the answer comes.

use std::any::TypeId;
use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use diesel::QueryResult;
use diesel::pg::{Pg, PgMetadataLookup, PgQueryBuilder, PgTypeMetadata};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{QueryBuilder, QueryFragment, QueryId};
use diesel::result::Error;
use tokio_postgres::types::{IsNull, Kind, ToSql, Type};

/// What a query says to the server.
pub(super) struct Request {
    pub(super) sql: String,
    /// The query's type, when its text is the same each time: then a statement of it can be kept.
    pub(super) key: Option<TypeId>,
    pub(super) binds: Vec<Bind>,
    /// The object id of each value's type.
    oids: Vec<u32>,
    /// Types that the database must be asked for before the request can go, in order of their
    /// stand-ins, and where in the values these stand.
    unknown: Vec<TypeName>,
    stand_ins: Vec<StandIn>,
}

/// Types made by `CREATE TYPE` or an extension, whose object ids every database numbers by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Types(Arc<HashMap<TypeName, Oids>>);

/// A type by its schema, if that was given, and name.
pub(super) type TypeName = (Option<String>, String);

/// The object ids of a type and of arrays of it.
pub(super) type Oids = (u32, u32);

impl Types {
    pub(super) fn learn(&mut self, name: TypeName, oids: Oids) {
        Arc::make_mut(&mut self.0).insert(name, oids);
    }
}

/// A place in a value that holds the stand-in of a type.
struct StandIn {
    bind: usize,
    byte: usize,
    oid: u32,
}

impl Request {
    pub(super) fn new<Q>(query: &Q, types: &Types) -> QueryResult<Self>
    where
        Q: QueryFragment<Pg> + QueryId,
    {
        let mut builder = PgQueryBuilder::default();
        query.to_sql(&mut builder, &Pg)?;
        let key = if query.is_safe_to_cache_prepared(&Pg)? { Q::query_id() } else { None };
        let (first, unknown) = collect(query, types, FIRST_MARK)?;
        let mut stand_ins = Vec::new();
        if !unknown.is_empty() {
            // Where two runs with different stand-ins differ, there is one.
            let (second, _) = collect(query, types, SECOND_MARK)?;
            stand_ins = compare(&first.binds, &second.binds);
        }
        let oids = first.metadata.iter().map(oid).collect::<QueryResult<_>>()?;
        let binds = first.binds.into_iter().map(Bind).collect();
        Ok(Self { sql: builder.finish(), key, binds, oids, unknown, stand_ins })
    }

    /// The types that [`resolve`](Self::resolve) needs.
    pub(super) fn unknown(&self) -> &[TypeName] {
        &self.unknown
    }

    /// Puts the types' own object ids where stand-ins are, in the order of
    /// [`unknown`](Self::unknown).
    pub(super) fn resolve(&mut self, found: &[Oids]) {
        let real = |oid: u32| {
            let (element, array) = found.get((oid & !MARK_MASK) as usize / 2)?;
            Some(if oid.is_multiple_of(2) { *element } else { *array })
        };
        let is_stand_in = |oid: u32| oid & MARK_MASK == FIRST_MARK && !found.is_empty();
        for oid in self.oids.iter_mut().filter(|oid| is_stand_in(**oid)) {
            *oid = real(*oid).unwrap_or(*oid);
        }
        for stand_in in &self.stand_ins {
            let place = stand_in.byte..stand_in.byte + size_of::<u32>();
            if let (Some(oid), Some(value)) = (real(stand_in.oid), &mut self.binds[stand_in.bind].0)
            {
                value[place].copy_from_slice(&oid.to_be_bytes());
            }
        }
    }

    /// The types of the values, as the driver knows them.
    pub(super) fn types(&self) -> Vec<Type> {
        let named = |oid| Type::new(String::new(), oid, Kind::Simple, String::new());
        self.oids.iter().map(|oid| Type::from_oid(*oid).unwrap_or_else(|| named(*oid))).collect()
    }
}

/// Stand-ins carry a mark in their first byte that PostgreSQL's own numbers do not reach before
/// three billion objects were made, twice the type's number in the rest, and one more for arrays.
const MARK_MASK: u32 = 0xff00_0000;
const FIRST_MARK: u32 = 0xe000_0000;
const SECOND_MARK: u32 = 0xe100_0000;

type Collected = RawBytesBindCollector<Pg>;

fn collect<Q>(query: &Q, types: &Types, mark: u32) -> QueryResult<(Collected, Vec<TypeName>)>
where
    Q: QueryFragment<Pg>,
{
    let mut collected = Collected::new();
    let mut lookup = Lookup { types: types.clone(), unknown: Vec::new(), mark };
    query.collect_binds(&mut collected, &mut lookup, &Pg)?;
    Ok((collected, lookup.unknown))
}

fn oid(metadata: &PgTypeMetadata) -> QueryResult<u32> {
    metadata.oid().map_err(|error| Error::SerializationError(Box::new(error)))
}

fn compare(first: &[Option<Vec<u8>>], second: &[Option<Vec<u8>>]) -> Vec<StandIn> {
    let mut stand_ins = Vec::new();
    for (bind, values) in first.iter().zip(second).enumerate() {
        let (Some(first), Some(second)) = values else { continue };
        for (byte, (ours, theirs)) in first.windows(4).zip(second.windows(4)).enumerate() {
            if let ([0xe0, a, b, c], [0xe1, ..]) = (ours, theirs) {
                let oid = FIRST_MARK | u32::from_be_bytes([0, *a, *b, *c]);
                stand_ins.push(StandIn { bind, byte, oid });
            }
        }
    }
    stand_ins
}

/// Answers Diesel's questions for types: those learnt before truly, others with a stand-in.
struct Lookup {
    types: Types,
    unknown: Vec<TypeName>,
    mark: u32,
}

impl PgMetadataLookup for Lookup {
    fn lookup_type(&mut self, type_name: &str, schema: Option<&str>) -> PgTypeMetadata {
        let name = (schema.map(ToOwned::to_owned), type_name.to_owned());
        if let Some((element, array)) = self.types.0.get(&name) {
            return PgTypeMetadata::new(*element, *array);
        }
        let index = self.unknown.iter().position(|unknown| *unknown == name).unwrap_or_else(|| {
            self.unknown.push(name);
            self.unknown.len() - 1
        });
        let number = self.mark | (2 * u32::try_from(index).unwrap_or_default());
        PgTypeMetadata::new(number, number + 1)
    }

    fn as_any<'any>(&mut self) -> &mut (dyn std::any::Any + 'any)
    where
        Self: 'any,
    {
        self
    }
}

/// A value in PostgreSQL's binary form.
pub(super) struct Bind(Option<Vec<u8>>);

impl fmt::Debug for Bind {
    /// Not the value: the driver logs what it sends.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

impl ToSql for Bind {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let Some(bytes) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.to_sql(kind, out)
    }
}
