//! What people look at: Grafana dashboards.

use model::{Place, Placed};

/// One Grafana dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// The file, at its first key.
    pub place: Place,
    /// Title.
    pub title: Option<Placed<String>>,
    /// Its panels, those inside rows too.
    pub panels: Vec<Panel>,
}

/// One panel of a [`Dashboard`].
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Title.
    pub title: Option<Placed<String>>,
    /// Query expressions.
    pub queries: Vec<Placed<String>>,
}
