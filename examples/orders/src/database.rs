//! A small pool of connections to the database: bounded, every wait bounded, broken connections replaced.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
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
    idle: Mutex<Vec<Client>>,
    breaker: Breaker,
    is_pooled: bool,
    recovers: bool,
}

/// A borrowed connection.
struct Borrowed {
    client: Client,
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
            let statement = borrowed.client.prepare(sql).await?;
            borrowed.client.query(&statement, parameters).await
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
        while let Some(client) = idle.pop().filter(|_| self.is_pooled) {
            if !client.is_closed() || !self.recovers {
                return Ok(Borrowed { client, _place: place });
            }
        }
        drop(idle);
        Ok(Borrowed { client: self.connect().await?, _place: place })
    }

    async fn connect(&self) -> Result<Client, String> {
        let connected = timeout(WAIT, self.config.connect(NoTls)).await;
        let (client, connection) = connected
            .map_err(|_| "the database cannot be reached in time".to_owned())?
            .map_err(|error| format!("database: {error}"))?;
        tokio::spawn(connection);
        Ok(client)
    }

    async fn give_back(&self, borrowed: Borrowed) {
        if self.is_pooled {
            self.idle.lock().await.push(borrowed.client);
        }
    }

    /// Whether it answers now.
    pub(crate) async fn is_well(&self) -> bool {
        self.run("select 1", &[]).await.is_ok()
    }
}
