//! What the words of catalogs stand for.

use model::{Lifecycle, Tier};

use super::Topic;

/// The lifecycle that a word of a catalog stands for.
pub fn lifecycle_of(word: &str) -> Option<Lifecycle> {
    match word.trim().to_ascii_lowercase().replace(['_', ' '], "-").as_str() {
        "experimental" | "development" | "dev" | "alpha" | "beta" | "pre-alpha" | "pre-release"
        | "prototype" | "preview" | "sandbox" | "staging" => Some(Lifecycle::Experimental),
        "production"
        | "prod"
        | "active"
        | "live"
        | "ga"
        | "generally-available"
        | "operational" => Some(Lifecycle::Production),
        "deprecated" | "end-of-life" | "eol" | "sunset" | "legacy" => Some(Lifecycle::Deprecated),
        "retired" | "decommissioned" | "end-of-support" | "inactive" => Some(Lifecycle::Retired),
        _ => None,
    }
}

/// The tier that a word of a catalog stands for: `1`, `tier_1`, `p1`, `one`, `critical`, `low`.
pub fn tier_of(word: &str) -> Option<Tier> {
    if let Ok(tier) = word.parse() {
        return Some(tier);
    }
    match word.trim().to_ascii_lowercase().replace(['_', ' '], "-").as_str() {
        "tier-0" | "tier0" | "t0" | "0" | "p0" | "p1" | "zero" | "one" | "critical"
        | "mission-critical" | "business-critical" => Some(Tier::One),
        "p2" | "two" | "high" | "important" => Some(Tier::Two),
        "tier-4" | "tier4" | "t4" | "4" | "p3" | "p4" | "three" | "four" | "medium" | "low" => {
            Some(Tier::Three)
        }
        _ => None,
    }
}

/// Words of a link's type or title, and the topic that they stand for, the most telling first.
const TOPICS: &[(Topic, &[&str])] = &[
    (Topic::Runbook, &["runbook", "runbooks", "playbook", "playbooks"]),
    (Topic::Objective, &["slo", "slos", "objective", "objectives", "sli", "slis"]),
    (Topic::Dashboard, &["dashboard", "dashboards", "metrics", "grafana"]),
    (
        Topic::OnCall,
        &["oncall", "pager", "pagerduty", "opsgenie", "incidents", "rota", "escalation"],
    ),
    (
        Topic::Repository,
        &["repository", "repo", "source", "code", "github", "gitlab", "bitbucket", "git"],
    ),
    (
        Topic::Documentation,
        &["documentation", "docs", "doc", "wiki", "readme", "techdocs", "handbook"],
    ),
];

impl Topic {
    /// What a link is about, judged by its type, its title, and at last its address.
    pub(crate) fn of(kind: Option<&str>, title: Option<&str>, url: &str) -> Self {
        let kind = kind.and_then(topic_of);
        let title = title.and_then(topic_of);
        // A page of documentation may be the runbook; a page about on-call is no schedule.
        let is_told_by_title = kind.is_none()
            || kind == Some(Self::Documentation)
                && matches!(title, Some(Self::Runbook | Self::Objective));
        let topic = if is_told_by_title { title } else { kind };
        topic.or_else(|| topic_of_address(url)).unwrap_or(Self::Other)
    }
}

fn topic_of(text: &str) -> Option<Topic> {
    let text = text.to_lowercase();
    let joined = text.replace("on-call", "oncall").replace("on call", "oncall");
    let joined = joined.replace("on_call", "oncall").replace("run book", "runbook");
    let words: Vec<&str> = joined.split(|c: char| !c.is_alphanumeric()).collect();
    let is_known = |known: &[&str]| words.iter().any(|word| known.contains(word));
    TOPICS.iter().find(|(_, known)| is_known(known)).map(|(topic, _)| *topic)
}

fn topic_of_address(url: &str) -> Option<Topic> {
    let url = url.to_ascii_lowercase();
    let address = url.split_once("://").map_or(url.as_str(), |(_, address)| address);
    let host = address.split('/').next().unwrap_or_default();
    if address.contains("runbook") {
        return Some(Topic::Runbook);
    }
    if host.ends_with("pagerduty.com") || host.ends_with("opsgenie.com") {
        return Some(Topic::OnCall);
    }
    let is_dashboard = host.starts_with("grafana.") || address.contains("/dashboard");
    is_dashboard.then_some(Topic::Dashboard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_recognised_in_the_words_of_catalogs() {
        for word in ["1", "tier_1", "Tier 0", "p1", "one", "critical", "mission_critical"] {
            assert_eq!(tier_of(word), Some(Tier::One), "{word}");
        }
        assert_eq!(tier_of("high"), Some(Tier::Two));
        assert_eq!(tier_of("tier_4"), Some(Tier::Three));
        assert_eq!(tier_of("three"), Some(Tier::Three));
        assert_eq!(tier_of("gold"), None);
        assert_eq!(tier_of("ai-serving"), None);
    }

    #[test]
    fn lifecycles_are_recognised_in_the_words_of_catalogs() {
        assert_eq!(lifecycle_of("generally_available"), Some(Lifecycle::Production));
        assert_eq!(lifecycle_of("Pre-release"), Some(Lifecycle::Experimental));
        assert_eq!(lifecycle_of("end-of-life"), Some(Lifecycle::Deprecated));
        assert_eq!(lifecycle_of("decommissioned"), Some(Lifecycle::Retired));
        assert_eq!(lifecycle_of("5 weeks"), None);
    }

    #[test]
    fn links_are_judged_by_type_then_title_then_address() {
        let cases = [
            ((Some("runbook"), Some("High duration jobs"), ""), Topic::Runbook),
            ((Some("doc"), Some("Runbook"), ""), Topic::Runbook),
            ((Some("doc"), Some("On Call documentation"), ""), Topic::Documentation),
            ((Some("ON_CALL"), None, ""), Topic::OnCall),
            ((Some("REPOSITORY"), None, ""), Topic::Repository),
            ((Some("repo"), Some("dashboard-service"), ""), Topic::Repository),
            ((Some("other"), Some("SLO dashboard"), ""), Topic::Objective),
            ((None, Some("Grafana"), ""), Topic::Dashboard),
            ((None, Some("PagerDuty"), ""), Topic::OnCall),
            ((None, Some("Production"), "https://one.example"), Topic::Other),
            ((None, None, "https://acme.pagerduty.com/services/P1"), Topic::OnCall),
            ((None, Some("x"), "https://wiki.example/runbooks/x"), Topic::Runbook),
            ((Some("other"), None, "https://grafana.example/d/1"), Topic::Dashboard),
        ];
        for ((kind, title, url), topic) in cases {
            assert_eq!(Topic::of(kind, title, url), topic, "{kind:?} {title:?} {url}");
        }
    }
}
