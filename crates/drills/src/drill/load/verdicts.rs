//! From stretches of load to what is proven of capacity. Pure: the same stretches give the same proofs.

mod bottleneck;
mod connections;
mod cost;
pub(super) mod held;

pub(super) use bottleneck::shared_bottleneck;
pub(super) use connections::connection_limits;
pub use cost::Prices;
pub(super) use cost::cost;
pub(super) use held::{headroom, load_tested, scales_out};
