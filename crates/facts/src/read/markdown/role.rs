//! What a document is, judged by its name, then its folder, then its title.
//!
//! The name of a file is what its author calls it, so a plain one (`disaster-recovery.md`) wins
//! over the folder (`runbooks/`); a vague one (`deploy.md`, `scaling.md`) does not. Postmortems and
//! numbered decisions are about all sorts of things, whatever their names say.
//!
//! A README right inside of such a folder is its index, and a template is nothing yet: both are
//! [`Role::Other`]. A README one folder deeper is what the folder holds
//! (`runbooks/disk-full/README.md`); one below `docs/` is what its folder is called
//! (`docs/releasing/README.md`).

use crate::Role;
use crate::discover::name::{folder_of, has_words, key, last_part};

/// Words of names that leave no doubt.
const PLAIN: &[(&str, Role)] = &[
    ("runbook", Role::Runbook),
    ("runbooks", Role::Runbook),
    ("disaster-recovery", Role::RecoveryPlan),
    ("recovery-plan", Role::RecoveryPlan),
    ("dr-plan", Role::RecoveryPlan),
    ("business-continuity", Role::RecoveryPlan),
    ("threat-model", Role::ThreatModel),
    ("threat-models", Role::ThreatModel),
    ("threat-modeling", Role::ThreatModel),
    ("threat-modelling", Role::ThreatModel),
    ("threatmodel", Role::ThreatModel),
    ("on-call", Role::OnCall),
    ("oncall", Role::OnCall),
    ("postmortem", Role::Postmortem),
    ("post-mortem", Role::Postmortem),
    ("incident-report", Role::Postmortem),
    ("incident-response", Role::Playbook),
    ("incident-management", Role::Playbook),
    ("incident-process", Role::Playbook),
    ("incident-playbook", Role::Playbook),
    ("incident-handling", Role::Playbook),
    ("incident-severity", Role::Playbook),
    ("incident-severities", Role::Playbook),
    ("severity-levels", Role::Playbook),
    ("error-budget", Role::Objectives),
    ("error-budgets", Role::Objectives),
    ("service-level-objectives", Role::Objectives),
    ("slo", Role::Objectives),
    ("slos", Role::Objectives),
    ("risk-register", Role::Risks),
    ("risk-assessment", Role::Risks),
    ("decommission", Role::Decommission),
    ("decommissioning", Role::Decommission),
    ("data-retention", Role::Data),
    ("data-ownership", Role::Data),
    ("data-protection", Role::Data),
    ("data-lifecycle", Role::Data),
    ("data-classification", Role::Data),
    ("troubleshooting", Role::Troubleshooting),
    ("security-policy", Role::Security),
    ("support-playbook", Role::Support),
    ("support-intake", Role::Support),
    ("capacity-plan", Role::Capacity),
    ("capacity-planning", Role::Capacity),
    ("architecture-decision", Role::Decision),
];

/// Names that say it only when nothing else stands in them, or they begin with it.
const VAGUE: &[(&str, Role)] = &[
    ("architecture", Role::Architecture),
    ("adr", Role::Decision),
    ("bcp", Role::RecoveryPlan),
    ("capacity", Role::Capacity),
    ("common-issues", Role::Troubleshooting),
    ("deploy", Role::Deploy),
    ("deploying", Role::Deploy),
    ("deployment", Role::Deploy),
    ("deployments", Role::Deploy),
    ("design", Role::Architecture),
    ("drp", Role::RecoveryPlan),
    ("end-of-life", Role::Decommission),
    ("faq", Role::Troubleshooting),
    ("gdpr", Role::Data),
    ("known-issues", Role::Troubleshooting),
    ("known-limits", Role::Capacity),
    ("limits", Role::Capacity),
    ("main-design", Role::Architecture),
    ("playbook", Role::Playbook),
    ("privacy", Role::Data),
    ("production-deployment", Role::Deploy),
    ("quotas", Role::Capacity),
    ("rate-limits", Role::Capacity),
    ("release-process", Role::Deploy),
    ("releasing", Role::Deploy),
    ("retention", Role::Data),
    ("retirement", Role::Decommission),
    ("risks", Role::Risks),
    ("rollback", Role::Deploy),
    ("rollout", Role::Deploy),
    ("scaling", Role::Capacity),
    ("security", Role::Security),
    ("service-level", Role::Objectives),
    ("severities", Role::Playbook),
    ("sunset", Role::Decommission),
    ("support", Role::Support),
    ("system-design", Role::Architecture),
    ("troubleshoot", Role::Troubleshooting),
];

/// Folders that hold documents of one sort, the nearest to the file deciding.
const FOLDERS: &[(&str, Role)] = &[
    ("adr", Role::Decision),
    ("adrs", Role::Decision),
    ("architecture", Role::Architecture),
    ("architecture-decisions", Role::Decision),
    ("decision-records", Role::Decision),
    ("decisions", Role::Decision),
    ("incident-reports", Role::Postmortem),
    ("on-call", Role::OnCall),
    ("oncall", Role::OnCall),
    ("playbooks", Role::Runbook),
    ("post-mortems", Role::Postmortem),
    ("postmortems", Role::Postmortem),
    ("runbook", Role::Runbook),
    ("runbooks", Role::Runbook),
    ("slo", Role::Objectives),
    ("slos", Role::Objectives),
    ("threat-models", Role::ThreatModel),
    ("troubleshooting", Role::Troubleshooting),
];

/// Folders of texts for machines, which speak of no service.
const INSTRUCTIONS: &[&str] = &["agents", "claude", "cursor", "prompts", "skills"];

/// Words of names that make the document an index, a form, or a tale of changes.
const NOTHING_YET: &[&str] = &["template", "templates", "changelog", "release-notes", "index"];

/// The role of the document at `path`.
pub(super) fn role(path: &str, title: Option<&str>) -> Role {
    let name = last_part(path);
    let stem = key(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    let folder = folder_of(path);
    let is_instruction = |part: &str| INSTRUCTIONS.contains(&key(part).as_str());
    if NOTHING_YET.iter().any(|word| has_words(&stem, word))
        || folder.split('/').any(is_instruction)
    {
        return Role::Other;
    }
    if stem == "readme" {
        return readme(folder);
    }
    let of_folder = of_folder(folder);
    // A record is numbered, whatever it decides: `adr/0039-retirement-of-v1.md`.
    let is_numbered = stem.starts_with(|c: char| c.is_ascii_digit());
    let record = of_folder
        .filter(|role| *role == Role::Postmortem || (*role == Role::Decision && is_numbered));
    // Notes of all sorts are kept beside a drawing: the title says which these are.
    let is_of_design = of_folder == Some(Role::Architecture) && vague(&stem).is_none();
    let titled = title.filter(|_| is_of_design).and_then(of_title);
    record
        .or_else(|| plain(&stem))
        .or(titled)
        .or(of_folder)
        .or_else(|| vague(&stem))
        .or_else(|| title.and_then(of_title))
        .unwrap_or(Role::Other)
}

/// Whether a name without an ending of Markdown is that of a document.
pub(super) fn is_document(stem: &str) -> bool {
    let stem = key(stem);
    stem == "readme" || PLAIN.iter().chain(VAGUE).any(|(name, _)| *name == stem)
}

fn readme(folder: &str) -> Role {
    let own = |folder: &str| {
        let part = key(last_part(folder));
        FOLDERS.iter().find(|(name, _)| *name == part).map(|(_, role)| *role)
    };
    if own(folder).is_some() {
        return Role::Other;
    }
    let part = key(last_part(folder));
    let is_in_docs = || folder_of(folder).split('/').any(|part| matches!(part, "doc" | "docs"));
    match own(folder_of(folder)) {
        Some(role) => role,
        None if is_in_docs() => plain(&part).or_else(|| vague(&part)).unwrap_or(Role::Other),
        None => Role::Readme,
    }
}

fn plain(stem: &str) -> Option<Role> {
    PLAIN.iter().find(|(words, _)| has_words(stem, words)).map(|(_, role)| *role)
}

fn vague(stem: &str) -> Option<Role> {
    let begins = |name: &str| {
        stem.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    VAGUE.iter().find(|(name, _)| begins(name)).map(|(_, role)| *role)
}

fn of_folder(folder: &str) -> Option<Role> {
    folder.rsplit('/').find_map(|part| {
        let part = key(part);
        FOLDERS.iter().find(|(name, _)| *name == part).map(|(_, role)| *role)
    })
}

/// A short title that opens or closes with the word; longer ones tell of it among other things.
fn of_title(title: &str) -> Option<Role> {
    let words: Vec<String> =
        title.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(key).collect();
    let title = words.join("-");
    if words.len() > 8 {
        return None;
    }
    let stands_out = |word: &str| {
        title.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            || title.strip_suffix(word).is_some_and(|rest| rest.ends_with('-'))
    };
    let known = PLAIN.iter().find(|(words, _)| stands_out(words)).map(|(_, role)| *role);
    let whole = || VAGUE.iter().find(|(name, _)| *name == title).map(|(_, role)| *role);
    known.or_else(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Role {
        role(path, None)
    }

    #[test]
    fn names_that_leave_no_doubt_win_over_folders() {
        assert_eq!(of("docs/runbooks/disaster-recovery.md"), Role::RecoveryPlan);
        assert_eq!(of("docs/runbooks/deploy.md"), Role::Runbook);
        assert_eq!(of("docs/runbooks/db/high-latency.md"), Role::Runbook);
        assert_eq!(of("docs/deploy.md"), Role::Deploy);
        assert_eq!(of("docs/architecture/decisions/0001-x.md"), Role::Decision);
        assert_eq!(of("docs/adr/0039-retirement-of-v1.md"), Role::Decision);
        assert_eq!(of("docs/adr/0040-on-call.md"), Role::Decision);
        assert_eq!(of("docs/postmortems/disaster-recovery-failed.md"), Role::Postmortem);
        assert_eq!(of("docs/architecture/overview.md"), Role::Architecture);
        assert_eq!(of("checkout-oncall-guide.md"), Role::OnCall);
        assert_eq!(of("docs/error-budget-policy.md"), Role::Objectives);
        assert_eq!(of("ARCHITECTURE.md"), Role::Architecture);
        assert_eq!(of("docs/main_design_guide.md"), Role::Architecture);
        assert_eq!(of("docs/till_design_guide.md"), Role::Other);
        assert_eq!(of("RUNBOOK-kafka.md"), Role::Runbook);
    }

    #[test]
    fn a_readme_is_one_unless_it_opens_a_folder_of_documents() {
        assert_eq!(of("README.md"), Role::Readme);
        assert_eq!(of("services/cart/Readme.rst"), Role::Readme);
        assert_eq!(of("docs/runbooks/README.md"), Role::Other);
        assert_eq!(of("docs/runbooks/disk-full/README.md"), Role::Runbook);
        assert_eq!(of("docs/README.md"), Role::Readme);
        assert_eq!(of("docs/releasing/README.md"), Role::Deploy);
        assert_eq!(of("docs/audit/README.md"), Role::Other);
    }

    #[test]
    fn forms_and_false_friends_are_nothing() {
        for path in [
            "docs/runbooks/TEMPLATE.md",
            "docs/adr/template.md",
            "docs/runbook-template.md",
            "RELEASE-NOTES.md",
            "CONTRIBUTING.md",
            ".claude/skills/risk-assessment.md",
            "docs/designers.md",
            "docs/network-security-groups.md",
            "docs/slow-queries.md",
        ] {
            assert_eq!(of(path), Role::Other, "{path}");
        }
    }

    #[test]
    fn a_title_tells_where_name_and_folder_do_not() {
        let titled = |title| role("docs/x.md", Some(title));
        assert_eq!(titled("Runbook: cart is slow"), Role::Runbook);
        assert_eq!(titled("Shop — threat model"), Role::ThreatModel);
        assert_eq!(titled("Deployment"), Role::Deploy);
        let noted = |title| role("docs/architecture/notes.md", Some(title));
        assert_eq!(noted("Troubleshooting"), Role::Troubleshooting);
        assert_eq!(noted("The parts"), Role::Architecture);
        assert_eq!(titled("How a runbook should be written"), Role::Other);
        assert_eq!(titled("Deployment of a cluster for testing"), Role::Other);
    }
}
