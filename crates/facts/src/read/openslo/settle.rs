//! Indicators that stand apart from the objectives that refer to them.

use std::collections::HashMap;

use model::{Place, Placed};

use crate::read::indicator::Judged;
use crate::{Facts, Gap, Subject};

/// An indicator of its own.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::read) struct Sli {
    pub(super) name: String,
    pub(super) judged: Judged,
}

/// An objective that refers to an indicator.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::read) struct Awaited {
    /// The place of the objective.
    pub(super) objective: Place,
    /// The indicator's name.
    pub(super) sli: Placed<String>,
}

/// Gives objectives what the indicators that they refer to measure.
pub(in crate::read) fn settle(facts: &mut Facts) {
    let slis = std::mem::take(&mut facts.fragments.slis);
    let slis: HashMap<_, _> = slis.into_iter().map(|sli| (sli.name, sli.judged)).collect();
    let awaited = std::mem::take(&mut facts.fragments.awaited);
    let mut by_place = HashMap::new();
    for Awaited { objective, sli } in awaited {
        match slis.get(&sli.value) {
            Some(judged) => drop(by_place.insert(objective, judged)),
            None => facts.gaps.push(Gap {
                subject: Some(Subject::Objectives),
                reason: format!("the indicator `{}` stands in no file that was read", sli.value),
                place: sli.place,
                name: None,
            }),
        }
    }
    for objective in &mut facts.objectives {
        if let Some(judged) = by_place.get(&objective.place) {
            objective.indicator = judged.indicator;
            objective.threshold_ms = objective.threshold_ms.take().or(judged.threshold_ms.clone());
        }
    }
}
