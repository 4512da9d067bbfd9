//! What a generated tree of many services has for all of them: a README, documents, owners, alerts.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use super::trees::write;

/// Alerts of the file for all services.
const ALERTS: usize = 300;

/// Writes what `services` services called `service-0`, `service-1` … have in common.
pub(super) fn shared(folder: &Path, services: usize) -> Result<()> {
    write(&folder.join("README.md"), &readme(services))?;
    for (number, (name, headings)) in PAGES.iter().enumerate() {
        write(&folder.join("docs").join(name), &page(name, headings, number))?;
    }
    write(&folder.join(".github/CODEOWNERS"), &owners(services))?;
    write(&folder.join("ops/rules.yaml"), &alerts(services))
}

/// About 14 KB of words, with links to some of the services; it does not say how they are run.
fn readme(services: usize) -> String {
    let mut text = "# Platform\n".to_owned();
    for part in 0..20 {
        let _ = write!(text, "\n## Part {part}\n\n{}\n", WORDS.repeat(4));
        for number in (part..services).step_by(services / 10) {
            let _ = writeln!(
                text,
                "- [service-{number}](services/service-{number}/README.md) takes it"
            );
        }
    }
    text
}

fn page(name: &str, headings: &str, number: usize) -> String {
    let mut text = format!("# {} of the platform\n", name.trim_end_matches(".md"));
    for heading in headings.split(", ") {
        let _ = write!(
            text,
            "\n## {heading}\n\n{}\n\n- Ask who keeps the service-{number}0\n- `kubectl rollout restart deployment/service-{number}`\n",
            WORDS.repeat(2)
        );
    }
    text
}

fn owners(services: usize) -> String {
    let mut text = "* @acme/platform\n".to_owned();
    for number in 0..services {
        let _ = writeln!(text, "/services/service-{number}/ @acme/team-{}", number % 20);
    }
    text
}

/// Two of three are for one service, the others for all.
fn alerts(services: usize) -> String {
    let mut text = "groups:\n  - name: platform\n    rules:\n".to_owned();
    for number in 0..ALERTS {
        let service = number * 7 % services;
        let (selector, label) = match number % 3 {
            0 => (String::new(), String::new()),
            _ => {
                (format!("service=\"service-{service}\","), format!(", service: service-{service}"))
            }
        };
        let _ = write!(
            text,
            "      - alert: Errors{number}\n        expr: sum(rate(http_requests_total{{{selector}code=~\"5..\"}}[5m])) > 1\n        \
             for: 5m\n        labels: {{severity: page{label}}}\n        annotations:\n          summary: Many answers are errors\n          \
             runbook_url: https://git.acme.example/acme/platform/blob/main/docs/runbook.md\n"
        );
    }
    text
}

const WORDS: &str = "The platform keeps the orders of its customers and passes them on to the shops, \
                     where people pack them into boxes until a van comes and takes them on. ";

/// Pages for all services, and their headings.
const PAGES: &[(&str, &str)] = &[
    (
        "architecture.md",
        "Context, Containers, Dependencies, Data flow, Failure modes, Single points of failure, Rollback, Security, Scaling, Decisions",
    ),
    (
        "runbook.md",
        "Symptom, Impact, Diagnosis, Mitigation, Rollback, Escalation, Dashboards, Restart, On-call, Contacts",
    ),
    (
        "capacity.md",
        "Expected load, Limits, Scaling, Load test, Headroom, Forecast, Costs, Quotas, Bottlenecks, Review",
    ),
    (
        "troubleshooting.md",
        "Errors, Latency, Queue, Database, Deployment, Rollback, Certificates, Memory, Disk, Escalation",
    ),
    (
        "recovery.md",
        "RTO and RPO, Backups, Restore, Failover, Exercise, Contacts, Rollback, Order of start, Data loss, Review",
    ),
    (
        "on-call.md",
        "Rota, Escalation, Response time, Handover, Compensation, Tools, Severity, Incidents, Contacts, Support",
    ),
    (
        "deploy.md",
        "Deployment, Rollback, Migration, Feature flags, Canary, Freeze, Approval, Smoke test, Pipeline, Configuration",
    ),
    (
        "adr/0001-queue.md",
        "Status, Context, Decision, Consequences, Options, Rollback, Risks, Deployment, Data, Review",
    ),
    (
        "adr/0002-database.md",
        "Status, Context, Decision, Consequences, Options, Rollback, Risks, Deployment, Data, Review",
    ),
    (
        "parts/checkout.md",
        "Limits, Rollback, Deployment, Scaling, Backups, Alerts, Restart, Contacts, Retention, Errors",
    ),
];
