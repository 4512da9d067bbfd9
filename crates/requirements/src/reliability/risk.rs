//! Tables of risks.

use model::{Finding, Placed};

use crate::chapter::Chapter;
use crate::prose;

/// What has to be said of each risk.
pub(super) struct Part {
    /// In words.
    pub(super) what: &'static str,
    /// What its column or heading is called.
    pub(super) words: &'static [&'static str],
}

/// What has to be said of each risk.
pub(super) static PARTS: [Part; 5] = [
    Part { what: "the likelihood", words: &["chance", "frequency", "likelihood", "probability"] },
    Part { what: "the impact", words: &["consequence", "damage", "effect", "impact", "severity"] },
    Part {
        what: "the mitigation",
        words: &["action", "control", "countermeasure", "mitigat*", "response", "treatment"],
    },
    Part { what: "the residual risk", words: &["after mitigation", "remaining risk", "residual*"] },
    Part {
        what: "the owner",
        words: &["accountable", "assignee", "owned by", "owner", "responsible"],
    },
];

/// A table to begin with.
pub(super) const TABLE: &str = "\
| risk | likelihood | impact | mitigation | residual risk | owner |
|---|---|---|---|---|---|
| the only zone is lost | low | high: no orders | second zone, tried each quarter | low | Ada |";

type Row = [Placed<String>];

/// A table whose columns are those of risks.
pub(super) struct Table<'a> {
    head: &'a Row,
    rows: &'a [Vec<Placed<String>>],
}

/// The tables of risks in a chapter: at the least likelihood and impact are columns of theirs, or
/// one of them beside a risk.
pub(super) fn tables<'a>(chapter: &Chapter<'a>) -> impl Iterator<Item = Table<'a>> + use<'a> {
    chapter.sections().filter_map(|section| {
        let (head, rows) = section.rows.split_first()?;
        let table = Table { head, rows };
        let [likelihood, impact, ..] = &PARTS;
        let has = |part: &Part| table.column(part).is_some();
        let is_named = head.iter().any(|cell| prose::mentions(cell, &["hazard", "risk", "threat"]));
        let is_risks =
            has(likelihood) && has(impact) || is_named && (has(likelihood) || has(impact));
        is_risks.then_some(table)
    })
}

impl<'a> Table<'a> {
    fn column(&self, part: &Part) -> Option<usize> {
        // "Residual impact" is the residual risk, not the impact.
        let is_residual = |cell: &str| prose::mentions(cell, &["after mitigation", "residual*"]);
        let asks_residual = part.words.contains(&"residual*");
        self.head.iter().position(|cell| {
            prose::mentions(cell, part.words) && is_residual(cell) == asks_residual
        })
    }

    /// What its columns or rows leave open.
    pub(super) fn faults(&self, name: &str) -> Vec<Finding> {
        let Some(first) = self.head.first() else { return Vec::new() };
        let is_missing = |part: &&Part| self.column(part).is_none();
        let missing: Vec<&str> = PARTS.iter().filter(is_missing).map(|part| part.what).collect();
        if !missing.is_empty() {
            let message = format!("`{name}` has no column for {}", model::listed(&missing, "and"));
            return vec![Finding::at(&first.place, message).help(TABLE)];
        }
        if self.rows.is_empty() {
            let message = format!("`{name}` lists no risk");
            return vec![Finding::at(&first.place, message).help(TABLE)];
        }
        self.rows.iter().filter_map(|row| self.open(row)).collect()
    }

    /// What is left open of one risk.
    fn open(&self, row: &'a Row) -> Option<Finding> {
        let is_open = |part: &&Part| {
            let cell = self.column(part).and_then(|column| row.get(column));
            cell.is_none_or(|cell| part.is_empty(cell))
        };
        let open: Vec<&str> = PARTS.iter().filter(is_open).map(|part| part.what).collect();
        let name = self.name(row)?;
        if open.is_empty() {
            return None;
        }
        let message =
            format!("risk `{}` does not say {}", name.trim(), model::listed(&open, "and"));
        Some(Finding::at(&name.place, message).help("fill in the empty cells of its row"))
    }

    /// The cell that names the risk: not its number.
    fn name(&self, row: &'a Row) -> Option<&'a Placed<String>> {
        let called = self.head.iter().position(|cell| {
            prose::mentions(cell, &["description", "hazard", "risk", "threat", "title"])
                && !prose::mentions(cell, &["id", "level", "residual*", "score"])
        });
        called
            .and_then(|column| row.get(column))
            .filter(|cell| !cell.trim().is_empty())
            .or(row.first())
    }
}

impl Part {
    /// "None" is an answer where the residual risk is asked for.
    fn is_empty(&self, cell: &str) -> bool {
        let is_none = self.words.contains(&"residual*") && cell.trim().eq_ignore_ascii_case("none");
        prose::is_placeholder(cell) && !is_none
    }
}
