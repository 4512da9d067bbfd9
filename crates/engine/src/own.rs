//! Requirements that an organisation adds in its policy file, written in CEL over the same facts
//! that the built-in ones use.

mod around;
mod check;
mod file;
mod judge;
mod parse;
mod reference;
mod running;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cel::IdedExpr;
use facts::{Alert, Container, Dependency, Pipeline, Scope, Subject, Workload};
use model::{Each, OwnRequirement, Policy, Tier};
use regex::Regex;

use around::Judged;
use schema::Type;

pub(crate) use file::{OwnFile, read};
pub(crate) use judge::Asked;
pub(crate) use reference::reference;

/// An own requirement as the judgement takes it: ready to be asked, or why it is not.
#[derive(Debug)]
pub(crate) enum Own<'a> {
    /// Ready.
    Ready(Box<Compiled<'a>>),
    /// Its id, and what is wrong: the policy did not come from a file that was checked.
    Broken(&'a str, String),
}

impl Own<'_> {
    /// Its id.
    pub(crate) const fn id(&self) -> &str {
        match self {
            Self::Ready(compiled) => compiled.id,
            Self::Broken(id, _) => id,
        }
    }

    /// Asks it of the service of `scope`, which is judged at `tier`.
    pub(crate) fn ask(&self, scope: &Scope<'_>, tier: Tier) -> Asked {
        match self {
            Self::Ready(compiled) => compiled.ask(scope, tier),
            Self::Broken(_, reason) => Asked { outcome: None, error: Some(reason.clone()) },
        }
    }
}

/// All own requirements of `policy`.
pub(crate) fn all(policy: &Policy) -> Vec<Own<'_>> {
    let own = policy.own.iter().map(|(id, own)| match compile(id, own) {
        Ok(compiled) => Own::Ready(Box::new(compiled)),
        Err((key, reason)) => Own::Broken(id, format!("`{key}` of `{id}`: {reason}")),
    });
    own.collect()
}

/// An own requirement with its expressions read.
#[derive(Debug)]
pub(crate) struct Compiled<'a> {
    id: &'a str,
    own: &'a OwnRequirement,
    condition: Option<IdedExpr>,
    holds: IdedExpr,
    patterns: Arc<BTreeMap<String, Regex>>,
    /// Facts that the expressions stand on beside those of the subject.
    reads: BTreeSet<Subject>,
    variables: BTreeSet<String>,
}

/// Parses and checks the expressions of `own`; the error names the key that is wrong, and why.
pub(crate) fn compile<'a>(
    id: &'a str,
    own: &'a OwnRequirement,
) -> Result<Compiled<'a>, (&'static str, String)> {
    let variables = variables(own.each);
    let read = |source: &str| parse::parse(source, |tree| check::check(tree, &variables));
    let (holds, mut learned) = read(&own.holds).map_err(|reason| ("holds", reason))?;
    let condition = own.condition.as_deref().map(read).transpose();
    let condition = match condition.map_err(|reason| ("where", reason))? {
        None => None,
        Some((condition, more)) => {
            learned.patterns.extend(more.patterns);
            learned.reads.extend(more.reads);
            learned.variables.extend(more.variables);
            Some(condition)
        }
    };
    let patterns = Arc::new(learned.patterns);
    let (reads, variables) = (learned.reads, learned.variables);
    Ok(Compiled { id, own, condition, holds, patterns, reads, variables })
}

/// The names that an expression over `each` starts from, with their types.
fn variables(each: Each) -> Vec<(&'static str, Type)> {
    let service = ("service", Type::thing::<Judged<'static, 'static>>());
    let workload = ("workload", Type::thing::<Workload>());
    match each {
        Each::Service => vec![service],
        Each::Workload => vec![workload, service],
        Each::Container => vec![("container", Type::thing::<Container>()), workload, service],
        Each::Dependency => vec![("dependency", Type::thing::<Dependency>()), service],
        Each::Alert => vec![("alert", Type::thing::<Alert>()), service],
        Each::Pipeline => vec![("pipeline", Type::thing::<Pipeline>()), service],
    }
}
