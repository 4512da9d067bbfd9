//! The one table of the stand-in, and the few statements that it knows.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What a statement takes that touches the table: about what it takes with a disk behind it. So it is the service's pool of connections that gives
/// out first under load, and not the machine on which all of the sample runs.
const WORK: Duration = Duration::from_millis(4);

/// Type numbers of `PostgreSQL`.
pub(super) const BOOL: i32 = 16;
pub(super) const INT8: i32 = 20;
pub(super) const INT4: i32 = 23;
pub(super) const TEXT: i32 = 25;

/// A value in its binary form.
pub(super) type Field = Vec<u8>;

/// Orders by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(Arc<Mutex<BTreeMap<Vec<u8>, [Field; 3]>>>);

/// A statement that the stand-in knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    One,
    Sleep,
    Insert,
    MarkPaid,
    Find,
    List,
}

const ORDER: &[(&str, i32)] = &[("id", TEXT), ("sku", TEXT), ("n", INT4), ("is_paid", BOOL)];

impl Statement {
    /// The statement that `sql` is, if it is one of those that the service sends.
    pub(super) fn of(sql: &str) -> Option<Self> {
        Some(match sql {
            "select 1" => Self::One,
            "select pg_sleep(0.15)" => Self::Sleep,
            "insert into orders (id, sku, n, is_paid) values ($1, $2, $3, $4)" => Self::Insert,
            "update orders set is_paid = true where id = $1" => Self::MarkPaid,
            "select id, sku, n, is_paid from orders where id = $1" => Self::Find,
            "select id, sku, n, is_paid from orders where id > $1 order by id limit $2" => {
                Self::List
            }
            _ => return None,
        })
    }

    /// Types of its parameters.
    pub(super) fn parameters(self) -> &'static [i32] {
        match self {
            Self::One | Self::Sleep => &[],
            Self::Insert => &[TEXT, TEXT, INT4, BOOL],
            Self::MarkPaid | Self::Find => &[TEXT],
            Self::List => &[TEXT, INT8],
        }
    }

    /// Names and types of its columns.
    pub(super) fn columns(self) -> &'static [(&'static str, i32)] {
        match self {
            Self::One => &[("?column?", INT4)],
            Self::Sleep => &[("pg_sleep", TEXT)],
            Self::Insert | Self::MarkPaid => &[],
            Self::Find | Self::List => ORDER,
        }
    }
}

impl Table {
    /// Runs `statement`; returns its rows and its tag, or nothing when the parameters do not fit.
    pub(super) async fn run(
        &self,
        statement: Statement,
        parameters: &[Field],
    ) -> Option<(Vec<Vec<Field>>, String)> {
        tokio::time::sleep(match statement {
            Statement::One => Duration::ZERO,
            Statement::Sleep => Duration::from_millis(150),
            _ => WORK,
        })
        .await;
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = match (statement, parameters) {
            (Statement::One, _) => vec![vec![1_i32.to_be_bytes().to_vec()]],
            (Statement::Sleep, _) => vec![vec![Vec::new()]],
            (Statement::Insert, [id, sku, n, is_paid]) => {
                orders.insert(id.clone(), [sku.clone(), n.clone(), is_paid.clone()]);
                return Some((Vec::new(), "INSERT 0 1".to_owned()));
            }
            (Statement::MarkPaid, [id]) => {
                let changed = orders.get_mut(id).map(|[_, _, is_paid]| *is_paid = vec![1]);
                return Some((Vec::new(), format!("UPDATE {}", usize::from(changed.is_some()))));
            }
            (Statement::Find, [id]) => {
                orders.get(id).map(|order| row(id, order)).into_iter().collect()
            }
            (Statement::List, [after, limit]) => {
                let limit = i64::from_be_bytes(limit.as_slice().try_into().ok()?);
                let later = orders.range((Bound::Excluded(after.clone()), Bound::Unbounded));
                later
                    .take(usize::try_from(limit).unwrap_or(0))
                    .map(|(id, order)| row(id, order))
                    .collect()
            }
            _ => return None,
        };
        let tag = format!("SELECT {}", rows.len());
        Some((rows, tag))
    }
}

fn row(id: &[u8], [sku, n, is_paid]: &[Field; 3]) -> Vec<Field> {
    vec![id.to_vec(), sku.clone(), n.clone(), is_paid.clone()]
}
