//! What the service does: takes an order, charges it, tells audit of it.

use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::database::Database;
use crate::downstream::{Downstream, Manner};
use crate::health::Health;
use crate::log::{Log, fields};
use crate::metrics::Metrics;
use crate::orders::{self, Order};
use crate::trace::{Context, Spans};
use crate::{Defect, Settings, chance};

/// Everything that requests share.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) settings: Settings,
    pub(crate) database: Database,
    pub(crate) payments: Downstream,
    pub(crate) audit: Downstream,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
    pub(crate) log: Log,
    pub(crate) spans: Spans,
    pub(crate) one_at_a_time: tokio::sync::Mutex<()>,
    kept: Mutex<(Vec<Vec<u8>>, Vec<File>)>,
}

/// Why an order was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It makes no sense.
    Bad(&'static str),
    /// Not now.
    Later(String),
}

impl Shop {
    /// The shop of `settings`, with nothing connected yet. Has to be called on a runtime.
    pub(crate) fn open(settings: Settings) -> Self {
        let spans = Spans::start(&settings);
        let traces = !settings.has(Defect::DropsTrace);
        // The storm of retries is to be wrong by their number alone, not by how long they take.
        let timeout_ms = if settings.has(Defect::RetryStorm) { 100 } else { 300 };
        let payments = Manner {
            timeout: (!settings.has(Defect::NoTimeout))
                .then_some(Duration::from_millis(timeout_ms)),
            retries: if settings.has(Defect::RetryStorm) { 20 } else { 2 },
            backs_off: !settings.has(Defect::RetryStorm),
            has_key: !settings.has(Defect::RetryWithoutKey),
            has_breaker: !settings.has(Defect::NoBreaker),
            traces,
        };
        let audit = Manner {
            timeout: Some(Duration::from_millis(150)),
            retries: 0,
            backs_off: true,
            has_key: true,
            has_breaker: true,
            traces,
        };
        Self {
            database: Database::new(&settings),
            payments: Downstream::new("payments", settings.payments, payments, spans.clone()),
            audit: Downstream::new("audit", settings.audit, audit, spans.clone()),
            health: Health::default(),
            metrics: Metrics::default(),
            log: Log::new(&settings),
            spans,
            one_at_a_time: tokio::sync::Mutex::default(),
            kept: Mutex::default(),
            settings,
        }
    }

    /// Takes an order for `n` of `sku`.
    pub(crate) async fn order(
        &self,
        sku: &str,
        n: i64,
        context: &Context,
    ) -> Result<Order, Refusal> {
        let n = i32::try_from(n)
            .ok()
            .filter(|n| (1..=1000).contains(n))
            .ok_or(Refusal::Bad("`n` has to be from 1 to 1000"))?;
        if sku.is_empty() || sku.len() > 64 {
            return Err(Refusal::Bad("`sku` has to have from 1 to 64 bytes"));
        }
        let mut order = Order { id: chance::id(), sku: sku.to_owned(), n, is_paid: false };
        if !self.settings.has(Defect::AcknowledgesEarly) {
            self.stored(orders::insert(&self.database, &order).await, context)?;
        }
        let charge = json!({"order": order.id, "amount": n}).to_string();
        match self.payments.post("/charges", &order.id, charge, context).await {
            Ok(()) => order.is_paid = true,
            Err(reason) => {
                self.failed("the charge failed", &reason, context);
                if !self.settings.has(Defect::HidesFailure) {
                    return Err(Refusal::Later(reason));
                }
            }
        }
        if !self.settings.has(Defect::AcknowledgesEarly) {
            self.stored(orders::mark_paid(&self.database, &order.id).await, context)?;
        }
        self.tell_audit(&order, context).await?;
        Ok(order)
    }

    async fn tell_audit(&self, order: &Order, context: &Context) -> Result<(), Refusal> {
        let event = json!({"order": order.id, "event": "placed"}).to_string();
        let Err(reason) = self.audit.post("/events", &order.id, event, context).await else {
            return Ok(());
        };
        self.failed("audit was not told of an order; the sweeper tells it later", &reason, context);
        if self.settings.has(Defect::AuditRequired) { Err(Refusal::Later(reason)) } else { Ok(()) }
    }

    /// Passes on what the database gave, or logs its failure.
    pub(crate) fn stored<T>(
        &self,
        outcome: Result<T, String>,
        context: &Context,
    ) -> Result<T, Refusal> {
        outcome.map_err(|reason| {
            self.failed("the database failed", &reason, context);
            if self.settings.has(Defect::CrashOnError) {
                std::process::abort();
            }
            Refusal::Later(reason)
        })
    }

    fn failed(&self, message: &str, reason: &str, context: &Context) {
        if self.settings.has(Defect::SilentErrors) {
            return;
        }
        self.metrics.failed_calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.log.request("error", message, context, fields([("error", json!(reason))]));
    }

    /// What the planted leaks keep of each request.
    pub(crate) fn leak(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if self.settings.has(Defect::LeaksMemory) {
            kept.0.push(vec![1; 16 << 10]);
        }
        if self.settings.has(Defect::LeaksDescriptors) {
            kept.1.extend(File::open("/dev/null"));
        }
    }
}
