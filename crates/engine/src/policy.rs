//! Policies: the starters that ship with gonogo, and files that change them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::{Demand, Grade, Kind, Placed, Policy, PolicyName, Terms, Tier};
use serde::{Deserialize, Serialize};

use crate::own;

/// The policy where none is named.
pub(crate) const DEFAULT: &str = "standard";

/// Names of the starter policies.
pub const STARTERS: [&str; 3] = ["startup", "standard", "regulated"];

/// Why a policy could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file is not a policy.
    #[error("{path} is not a policy: {reason}")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong with it, with line and column.
        reason: String,
    },
    /// It says something of a requirement that does not exist.
    #[error("{path} sets terms for `{id}`, which is no requirement{}", suggestion(nearest.as_deref()))]
    NoSuchRequirement {
        /// The file.
        path: String,
        /// The id.
        id: String,
        /// The id that was probably meant.
        nearest: Option<String>,
    },
    /// It extends what is no starter policy.
    #[error("{path} extends `{name}`: a policy extends startup, standard, regulated or blank")]
    NoSuchStarter {
        /// The file.
        path: String,
        /// The name.
        name: String,
    },
    /// It could not be read.
    #[error("the policy file {path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The services of a tree name several policies, and one run judges by one.
    #[error(
        "{first} names the policy `{one}`, and {second} names `{other}`: pass `--policy` to choose"
    )]
    Several {
        /// Where the first is named.
        first: String,
        /// The first.
        one: String,
        /// Where another is named.
        second: String,
        /// The other.
        other: String,
    },
    /// A policy inside the graded tree is not pinned, so whoever is graded could lower the bar.
    #[error(
        "the policy file {path} stands inside the tree that it judges and is not pinned: \
         pin it as `{path}@{digest}`, or keep it elsewhere and pass `--policy FILE`"
    )]
    NotPinned {
        /// The file.
        path: String,
        /// Its digest.
        digest: String,
    },
    /// The policy file is not the one that was pinned.
    #[error("the policy file {path} has the digest {found}, and {pinned} is pinned")]
    OtherDigest {
        /// The file.
        path: String,
        /// The digest that it has.
        found: String,
        /// The digest that it should have.
        pinned: String,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!(": did you mean `{nearest}`?"))
}

/// A policy file: what it changes of the policy that it extends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PolicyFile {
    name: String,
    version: String,
    #[serde(default = "standard")]
    extends: String,
    default_tier: Option<Tier>,
    grace_days: Option<u16>,
    /// Tiers at which a plan leaves its requirement blocking.
    plans_block: Option<Vec<Tier>>,
    #[serde(default)]
    acceptance: BTreeMap<u8, AcceptanceTerms>,
    #[serde(default)]
    requirements: BTreeMap<String, TermsFile>,
    #[serde(default)]
    own_requirements: Vec<own::OwnFile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct AcceptanceTerms {
    days: Option<u16>,
    approvers: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct TermsFile {
    #[serde(default)]
    tiers: BTreeMap<u8, String>,
    kinds: Option<Vec<Kind>>,
    from: Option<Date>,
    #[serde(default)]
    draft: bool,
}

fn standard() -> String {
    DEFAULT.to_owned()
}

/// The starter policy called `name`, or `blank`, which asks for nothing: what a policy extends that
/// names each requirement itself.
pub fn starter(name: &str) -> Option<Policy> {
    let (demands, plans_block, acceptance_days, grace_days): (fn(_) -> _, _, _, _) = match name {
        "startup" => (lenient as fn(_) -> _, [false; 3], [90, 180, 365], 14),
        "standard" => (unchanged as fn(_) -> _, [true, false, false], [30, 90, 180], 7),
        "blank" => (nothing as fn(_) -> _, [true, false, false], [30, 90, 180], 7),
        "regulated" => (strict as fn(_) -> _, [true, true, false], [14, 30, 90], 0),
        _ => return None,
    };
    let terms = requirements::all().map(|requirement| {
        let terms = Terms {
            demands: demands(requirement.demands),
            kinds: requirement.kinds.to_vec(),
            from: None,
            draft: false,
        };
        (requirement.id.to_owned(), terms)
    });
    Some(Policy {
        name: name.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        default_tier: Tier::Two,
        grace_days,
        plans_block,
        acceptance_days,
        approvers: [const { Vec::new() }; 3],
        requirements: terms.collect(),
        own: BTreeMap::new(),
    })
}

const fn unchanged(demands: [Option<Demand>; 3]) -> [Option<Demand>; 3] {
    demands
}

const fn nothing(_: [Option<Demand>; 3]) -> [Option<Demand>; 3] {
    [None; 3]
}

/// A young organisation: each tier is asked what the one below it is asked, tier 3 what is declared.
fn lenient([_, two, three]: [Option<Demand>; 3]) -> [Option<Demand>; 3] {
    let declared = |demand: Demand| demand.grade <= Grade::Declared;
    [two, three, three.filter(|demand| declared(*demand))]
}

/// A regulated organisation: tier 2 is asked what tier 1 is asked, tier 3 what tier 2 is asked, and
/// evidence with a date stays fresh half as long.
fn strict([one, two, _]: [Option<Demand>; 3]) -> [Option<Demand>; 3] {
    let halved = |demand: Option<Demand>| {
        demand.map(|demand| Demand { days: demand.days.map(|days| days.div_ceil(2)), ..demand })
    };
    [halved(one), halved(one), halved(two)]
}

/// The policy that gonogo.yaml names: a starter policy, or `FILE@sha256:…` beside it, which `open`
/// reads. A file of the graded tree has to be pinned by the digest of its bytes.
pub(crate) fn declared<'a>(
    mut named: impl Iterator<Item = &'a Placed<String>>,
    open: impl Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<Policy, PolicyError> {
    let Some(first) = named.next() else {
        return read_starter("gonogo.yaml", DEFAULT);
    };
    if let Some(other) = named.find(|other| other.value != first.value) {
        return Err(PolicyError::Several {
            first: first.place.to_string(),
            one: first.value.clone(),
            second: other.place.to_string(),
            other: other.value.clone(),
        });
    }
    if STARTERS.contains(&first.as_str()) {
        return read_starter(&first.place.path, first);
    }
    let (file, pinned) =
        first.split_once('@').map_or((first.as_str(), None), |(f, d)| (f, Some(d)));
    let file = file.trim_start_matches("./");
    let path = match first.place.folder() {
        "" => file.to_owned(),
        folder => format!("{folder}/{file}"),
    };
    let bytes =
        open(&path).map_err(|reason| PolicyError::Unreadable { path: path.clone(), reason })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| PolicyError::Unreadable { path: path.clone(), reason: "not UTF-8".into() })?;
    let found = ledger::digest(&text);
    match pinned {
        None => Err(PolicyError::NotPinned { path, digest: found }),
        Some(pinned) if pinned != found => {
            Err(PolicyError::OtherDigest { path, found, pinned: pinned.to_owned() })
        }
        Some(_) => read(&path, &text),
    }
}

fn read_starter(path: &str, name: &str) -> Result<Policy, PolicyError> {
    starter(name)
        .ok_or_else(|| PolicyError::NoSuchStarter { path: path.to_owned(), name: name.to_owned() })
}

/// Reads the policy file at `path`, of which `text` is the content.
pub fn read(path: &str, text: &str) -> Result<Policy, PolicyError> {
    let invalid = |reason: String| PolicyError::Invalid { path: path.to_owned(), reason };
    let file: PolicyFile =
        serde_saphyr::from_str(text).map_err(|error| invalid(error.to_string()))?;
    let no_such =
        || PolicyError::NoSuchStarter { path: path.to_owned(), name: file.extends.clone() };
    let mut policy = starter(&file.extends).ok_or_else(no_such)?;
    for (id, changes) in file.requirements {
        let Some(terms) = policy.requirements.get_mut(&id) else {
            let nearest = crate::nearest(&id);
            return Err(PolicyError::NoSuchRequirement { path: path.to_owned(), id, nearest });
        };
        change(terms, changes).map_err(|reason| invalid(format!("`{id}`: {reason}")))?;
    }
    own::read(file.own_requirements, &mut policy).map_err(invalid)?;
    for (tier, terms) in file.acceptance {
        let index = Tier::try_from(tier).map_err(invalid)?.index();
        policy.acceptance_days[index] = terms.days.unwrap_or(policy.acceptance_days[index]);
        policy.approvers[index] = terms.approvers.unwrap_or_default();
    }
    if let Some(tiers) = file.plans_block {
        policy.plans_block = Tier::ALL.map(|tier| tiers.contains(&tier));
    }
    policy.name = file.name;
    policy.version = file.version;
    policy.default_tier = file.default_tier.unwrap_or(policy.default_tier);
    policy.grace_days = file.grace_days.unwrap_or(policy.grace_days);
    Ok(policy)
}

fn change(terms: &mut Terms, changes: TermsFile) -> Result<(), String> {
    for (tier, demand) in changes.tiers {
        terms.demands[Tier::try_from(tier)?.index()] = self::demand(&demand)?;
    }
    if let Some(kinds) = changes.kinds {
        terms.kinds = kinds;
    }
    terms.from = changes.from;
    terms.draft = changes.draft;
    Ok(())
}

/// Reads `proven/90`, `declared`, `-`.
pub(crate) fn demand(text: &str) -> Result<Option<Demand>, String> {
    if text == "-" {
        return Ok(None);
    }
    let (grade, days) = text.split_once('/').map_or((text, None), |(g, days)| (g, Some(days)));
    let grade = Grade::ALL.into_iter().find(|known| known.name() == grade);
    let days = days.map(str::parse).transpose().ok();
    match (grade, days) {
        (Some(grade), Some(days)) => Ok(Some(Demand { grade, days })),
        _ => Err(format!(
            "`{text}` is not a grade: claimed, declared, observed or proven, with the days that it \
             stays fresh as in `proven/90`, or `-` for not asked"
        )),
    }
}

/// The name, version and digest of `policy`, by which a verdict refers to it.
pub fn identify(policy: &Policy) -> PolicyName {
    let value = serde_json::to_value(policy).unwrap_or_default();
    PolicyName {
        name: policy.name.clone(),
        version: policy.version.clone(),
        digest: ledger::digest(&ledger::canonical(&value)),
    }
}

/// What a policy asks of one requirement, as `policy show` prints it.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// Id of the requirement.
    pub requirement: String,
    /// What each tier asks for.
    pub tiers: [String; 3],
    /// `draft`, or the first day on which it counts.
    pub note: String,
}

/// What `policy` asks, requirement by requirement.
pub fn show(policy: &Policy) -> Vec<Shown> {
    let word = |demand: &Option<Demand>| match demand {
        None => "-".to_owned(),
        Some(Demand { grade, days: None }) => grade.to_string(),
        Some(Demand { grade, days: Some(days) }) => format!("{grade}/{days}"),
    };
    requirements::all()
        .map(|requirement| requirement.id)
        .chain(policy.own.keys().map(String::as_str))
        .filter_map(|id| {
            let terms = policy.requirements.get(id)?;
            let [one, two, three] = &terms.demands;
            let note = match (terms.draft, terms.from) {
                (true, _) => "draft".to_owned(),
                (false, Some(from)) => format!("from {from}"),
                _ => String::new(),
            };
            Some(Shown {
                requirement: id.to_owned(),
                tiers: [word(one), word(two), word(three)],
                note,
            })
        })
        .collect()
}

/// The fields that expressions of own requirements may name, in Markdown.
pub fn fields() -> String {
    own::reference()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_file_changes_what_it_names_and_keeps_the_rest() {
        let text = "name: acme\nversion: '3'\nplans-block: [1, 2]\nrequirements:\n  \
                    data/restore:\n    tiers: {1: proven/7, 3: '-'}\n    from: 2027-01-01\n";
        let policy = read("p.yaml", text).unwrap();
        let standard = starter("standard").unwrap();
        let id = "data/restore";
        let demand = Demand { grade: Grade::Proven, days: Some(7) };
        assert_eq!(policy.requirements[id].demands[0], Some(demand));
        assert_eq!(policy.requirements[id].demands[1], standard.requirements[id].demands[1]);
        assert_eq!(policy.plans_block, [true, true, false]);
        assert_eq!(policy.requirements.len(), standard.requirements.len());
        assert_ne!(identify(&policy).digest, identify(&standard).digest);
    }

    #[test]
    fn a_policy_file_with_a_typing_error_is_refused_with_what_was_meant() {
        let text = "name: a\nversion: '1'\nrequirements:\n  data/restor: {draft: true}\n";
        let error = read("p.yaml", text).unwrap_err().to_string();
        assert!(error.contains("did you mean `data/restore`"), "{error}");
        let error = read("p.yaml", "name: a\nversion: '1'\ngrace: 3\n").unwrap_err().to_string();
        assert!(error.contains("grace"), "{error}");
        let text = "name: a\nversion: '1'\nrequirements:\n  data/restore: {tiers: {1: sure}}\n";
        let error = read("p.yaml", text).unwrap_err().to_string();
        assert!(error.contains("`sure` is not a grade"), "{error}");
    }

    #[test]
    fn a_policy_of_the_graded_tree_is_used_only_when_pinned() {
        let text = "name: acme\nversion: '3'\n";
        let open = |_: &str| Ok(text.as_bytes().to_vec());
        let named =
            |value: &str| Placed::new(value.to_owned(), model::Place::point("a/gonogo.yaml", 3, 9));
        let digest = ledger::digest(text);
        let pinned = named(&format!("./policy.yaml@{digest}"));
        assert_eq!(declared([&pinned].into_iter(), open).unwrap().name, "acme");
        let error = declared([&named("policy.yaml")].into_iter(), open).unwrap_err().to_string();
        assert!(error.contains(&format!("a/policy.yaml@{digest}")), "{error}");
        let other = named("policy.yaml@sha256:00");
        assert!(matches!(
            declared([&other].into_iter(), open),
            Err(PolicyError::OtherDigest { .. })
        ));
        assert_eq!(declared([&named("startup")].into_iter(), open).unwrap().name, "startup");
        let two = [named("startup"), named("standard")];
        assert!(matches!(declared(two.iter(), open), Err(PolicyError::Several { .. })));
        assert_eq!(declared([].into_iter(), open).unwrap().name, "standard");
    }

    #[test]
    fn no_starter_policy_asks_more_of_a_lower_tier() {
        for name in STARTERS {
            for (id, terms) in starter(name).unwrap().requirements {
                let grades = terms.demands.map(|demand| demand.map(|d| d.grade));
                assert!(grades.is_sorted_by(|a, b| a >= b), "{name}: {id}: {grades:?}");
            }
        }
    }

    #[test]
    fn the_stricter_starter_never_asks_for_less() {
        let policies = STARTERS.map(|name| starter(name).unwrap());
        for pair in policies.windows(2) {
            for (id, terms) in &pair[0].requirements {
                let stricter = &pair[1].requirements[id];
                for (less, more) in terms.demands.iter().zip(&stricter.demands) {
                    assert!(less.map(|d| d.grade) <= more.map(|d| d.grade), "{id}");
                }
            }
        }
    }
}
