//! A small pool of connections to the database: bounded, every wait bounded, broken connections replaced.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row};

use crate::breaker::Breaker;
use crate::{Defect, Settings};

/// How long a request waits for a free connection, a new one, or an answer.
const WAIT: Duration = Duration::from_millis(500);

/// The database as the service sees it.
#[derive(Debug)]
pub(crate) struct Database {
    config: tokio_postgres::Config,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Link>>,
    breaker: Breaker,
    is_pooled: bool,
    recovers: bool,
}

/// A connection: the client's side, and the task that moves its bytes.
#[derive(Debug)]
struct Link {
    client: Client,
    task: AbortHandle,
}

impl Drop for Link {
    /// Without this the connection would stay open until the database answers what nobody waits for any more.
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A borrowed connection.
struct Borrowed {
    link: Link,
    _place: Option<OwnedSemaphorePermit>,
}

impl Database {
    /// The database of `settings`, not yet connected.
    pub(crate) fn new(settings: &Settings) -> Self {
        let mut config = settings.database.clone();
        config.connect_timeout(WAIT);
        Self {
            config,
            free: Arc::new(Semaphore::new(settings.database_connections)),
            idle: Mutex::default(),
            breaker: Breaker::default(),
            is_pooled: !settings.has(Defect::NoPool),
            recovers: !settings.has(Defect::NoRecovery),
        }
    }

    /// Runs `sql` and returns its rows.
    pub(crate) async fn query(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, String> {
        if !self.breaker.allows(Instant::now()) {
            return Err("the database is known to be down".to_owned());
        }
        let outcome = self.run(sql, parameters).await;
        self.breaker.record(outcome.is_ok(), Instant::now());
        outcome
    }

    async fn run(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, String> {
        let borrowed = self.borrow().await?;
        let asked = async {
            let statement = borrowed.link.client.prepare(sql).await?;
            borrowed.link.client.query(&statement, parameters).await
        };
        match timeout(WAIT, asked).await {
            Ok(Ok(rows)) => {
                self.give_back(borrowed).await;
                Ok(rows)
            }
            Ok(Err(error)) => {
                if !self.recovers {
                    self.give_back(borrowed).await;
                }
                Err(format!("database: {error}"))
            }
            // The connection is dropped: its answer may still come and would be taken for the next one's.
            Err(_) => Err(format!("the database did not answer in {} ms", WAIT.as_millis())),
        }
    }

    async fn borrow(&self) -> Result<Borrowed, String> {
        let place = if self.is_pooled {
            let waited = timeout(WAIT, self.free.clone().acquire_owned()).await;
            Some(
                waited
                    .map_err(|_| "no free connection to the database".to_owned())?
                    .map_err(|error| error.to_string())?,
            )
        } else {
            None
        };
        let mut idle = self.idle.lock().await;
        while let Some(link) = idle.pop().filter(|_| self.is_pooled) {
            if !link.client.is_closed() || !self.recovers {
                return Ok(Borrowed { link, _place: place });
            }
        }
        drop(idle);
        Ok(Borrowed { link: self.connect().await?, _place: place })
    }

    async fn connect(&self) -> Result<Link, String> {
        let connected = timeout(WAIT, self.config.connect(NoTls)).await;
        let (client, connection) = connected
            .map_err(|_| "the database cannot be reached in time".to_owned())?
            .map_err(|error| format!("database: {error}"))?;
        Ok(Link { client, task: tokio::spawn(connection).abort_handle() })
    }

    async fn give_back(&self, borrowed: Borrowed) {
        if self.is_pooled {
            self.idle.lock().await.push(borrowed.link);
        }
    }

    /// Whether it answers now.
    pub(crate) async fn is_well(&self) -> bool {
        self.run("select 1", &[]).await.is_ok()
    }
}
