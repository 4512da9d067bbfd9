//! Whether the service may get traffic: when what it cannot do without answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::Defect;
use crate::shop::Shop;

/// How long one look serves all who ask.
const FRESH: Duration = Duration::from_millis(250);
/// How long a downstream service may take to say that it is well.
const LIMIT: Duration = Duration::from_millis(200);

/// The last look.
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<Option<(Instant, Option<&'static str>)>>);

impl Health {
    /// What is missing, or `None` when the service is ready.
    pub(crate) async fn missing(&self, shop: &Arc<Shop>) -> Option<&'static str> {
        let mut last = self.0.lock().await;
        if let Some((_, missing)) = last.filter(|(at, _)| at.elapsed() < FRESH) {
            return missing;
        }
        let missing = look(shop).await;
        *last = Some((Instant::now(), missing));
        missing
    }
}

async fn look(shop: &Arc<Shop>) -> Option<&'static str> {
    let settings = &shop.settings;
    if settings.has(Defect::AlwaysReady) || settings.has(Defect::EarlyReady) {
        return None;
    }
    if !shop.database.is_well().await {
        return Some("database");
    }
    if !shop.payments.is_well(LIMIT).await {
        return Some("payments");
    }
    if settings.has(Defect::TooStrict) && !shop.audit.is_well(LIMIT).await {
        return Some("audit");
    }
    None
}
