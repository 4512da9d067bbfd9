//! What a finished drill has to tell: its proofs, its steps, and charts of what was measured.

use jiff::Timestamp;

use crate::{Proof, Step};

/// All that a finished drill tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Which drill.
    pub drill: &'static str,
    /// Of which service.
    pub service: String,
    /// When it began.
    pub began_at: Timestamp,
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// What was found out, per requirement.
    pub proofs: Vec<Proof>,
    /// What was measured, to look at.
    pub charts: Vec<Chart>,
    /// What a reader has to know besides.
    pub notes: Vec<String>,
    /// What belongs to the service and was left out, by name: what is kept says nothing of it, so that it is no evidence about the service as a whole.
    pub left_out: Vec<String>,
}

/// One chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// The horizontal axis with its unit.
    pub x: String,
    /// The vertical axis with its unit.
    pub y: String,
    /// The lines.
    pub series: Vec<Series>,
    /// Times that are shaded, with what happened in them.
    pub shaded: Vec<Shade>,
    /// Levels that are drawn across, with their names: objectives, limits.
    pub levels: Vec<(String, f64)>,
    /// Whether points are bars rather than joined by a line.
    pub is_bars: bool,
}

/// One line of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// What it shows.
    pub name: String,
    /// Horizontal and vertical values, in order.
    pub points: Vec<(f64, f64)>,
}

/// A shaded stretch of the horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Shade {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// What happened in it.
    pub label: String,
}
