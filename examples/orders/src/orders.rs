//! Orders in the database.

use serde::Serialize;

use crate::database::Database;

/// Most orders in one list.
pub(crate) const PAGE: i64 = 50;

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Order {
    /// 32 hexadecimal digits.
    pub(crate) id: String,
    /// What is ordered.
    pub(crate) sku: String,
    /// How many.
    pub(crate) n: i32,
    /// Whether it was charged.
    pub(crate) is_paid: bool,
}

impl From<&tokio_postgres::Row> for Order {
    fn from(row: &tokio_postgres::Row) -> Self {
        Self { id: row.get(0), sku: row.get(1), n: row.get(2), is_paid: row.get(3) }
    }
}

/// Stores `order`; once this returns it is kept.
pub(crate) async fn insert(database: &Database, order: &Order) -> Result<(), String> {
    let sql = "insert into orders (id, sku, n, is_paid) values ($1, $2, $3, $4)";
    database.query(sql, &[&order.id, &order.sku, &order.n, &order.is_paid]).await.map(drop)
}

/// Marks the order `id` as charged.
pub(crate) async fn mark_paid(database: &Database, id: &str) -> Result<(), String> {
    database.query("update orders set is_paid = true where id = $1", &[&id]).await.map(drop)
}

/// The order `id`, if there is one.
pub(crate) async fn find(database: &Database, id: &str) -> Result<Option<Order>, String> {
    let rows =
        database.query("select id, sku, n, is_paid from orders where id = $1", &[&id]).await?;
    Ok(rows.first().map(Order::from))
}

/// Up to `limit` orders whose ids come after `after`.
pub(crate) async fn list(
    database: &Database,
    after: &str,
    limit: i64,
) -> Result<Vec<Order>, String> {
    let sql = "select id, sku, n, is_paid from orders where id > $1 order by id limit $2";
    Ok(database.query(sql, &[&after, &limit]).await?.iter().map(Order::from).collect())
}

/// Lets the database take its time.
pub(crate) async fn dawdle(database: &Database) -> Result<(), String> {
    database.query("select pg_sleep(0.15)", &[]).await.map(drop)
}
