//! The list `own-requirements:` of a policy file.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{Demand, Each, Grade, Kind, OwnRequirement, Policy, Terms, Tier};
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::policy::demand;

/// Most requirements that one policy may add.
const MOST: usize = 200;

/// One item of the list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct OwnFile {
    id: Spanned<String>,
    title: String,
    why: String,
    remedy: String,
    tiers: BTreeMap<u8, String>,
    kinds: Option<Vec<Kind>>,
    from: Option<Date>,
    #[serde(default)]
    draft: bool,
    each: Each,
    #[serde(rename = "where")]
    condition: Option<Spanned<String>>,
    holds: Spanned<String>,
    message: Spanned<String>,
}

/// Adds the requirements of `files` to `policy`; the error starts with the line and column.
pub(crate) fn read(files: Vec<OwnFile>, policy: &mut Policy) -> Result<(), String> {
    if files.len() > MOST {
        return Err(format!("it has {} own requirements, and {MOST} are the most", files.len()));
    }
    for file in files {
        let id = file.id.value.clone();
        let at_id = |reason: String| at(&file.id, &reason);
        is_id(&id).map_err(at_id)?;
        if policy.requirements.contains_key(&id) {
            return Err(at_id(format!("there is a requirement `{id}` already")));
        }
        let terms = terms(&file).map_err(|reason| at_id(format!("`{id}`: {reason}")))?;
        let own = own(&file)?;
        check(&id, &own, &file)?;
        policy.requirements.insert(id.clone(), terms);
        policy.own.insert(id, own);
    }
    Ok(())
}

fn at<T>(value: &Spanned<T>, reason: &str) -> String {
    let (line, column) = (value.referenced.line(), value.referenced.column());
    format!("line {line} column {column}: {reason}")
}

/// A dimension, of the built-in ones or the organisation's, and a good state.
fn is_id(id: &str) -> Result<(), String> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match id.split_once('/') {
        Some((dimension, state)) if is_word(dimension) && is_word(state) && id.len() <= 80 => {
            Ok(())
        }
        _ => Err(format!(
            "`{id}` is no id: write `dimension/good-state` in lower case, as `acme/topology-spread`"
        )),
    }
}

fn terms(file: &OwnFile) -> Result<Terms, String> {
    let mut demands: [Option<Demand>; 3] = [None; 3];
    for (tier, text) in &file.tiers {
        let demand = demand(text)?;
        if demand.is_some_and(|demand| demand.grade > Grade::Declared) {
            return Err(format!(
                "`{text}` is more than files can show: claimed, declared, or `-` for not asked"
            ));
        }
        demands[Tier::try_from(*tier)?.index()] = demand;
    }
    if demands.iter().all(Option::is_none) {
        return Err("no tier is asked for it".to_owned());
    }
    let kinds = file.kinds.clone().unwrap_or_else(|| Kind::ALL.to_vec());
    Ok(Terms { demands, kinds, from: file.from, draft: file.draft })
}

fn own(file: &OwnFile) -> Result<OwnRequirement, String> {
    let rest = file.message.value.replace("{name}", "");
    if rest.trim().is_empty() || rest.contains(['{', '}']) {
        let reason = "a message says what was seen, and `{name}` is all that is filled in";
        return Err(at(&file.message, reason));
    }
    Ok(OwnRequirement {
        title: file.title.clone(),
        why: file.why.clone(),
        remedy: file.remedy.clone(),
        each: file.each,
        condition: file.condition.as_ref().map(|condition| condition.value.clone()),
        holds: file.holds.value.clone(),
        message: file.message.value.clone(),
    })
}

fn check(id: &str, own: &OwnRequirement, file: &OwnFile) -> Result<(), String> {
    super::compile(id, own).map(|_| ()).map_err(|(key, reason)| {
        let value = match &file.condition {
            Some(condition) if key == "where" => condition,
            _ => &file.holds,
        };
        at(value, &format!("`{key}` of `{id}`: {reason}"))
    })
}
