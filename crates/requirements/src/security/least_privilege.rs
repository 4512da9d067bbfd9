//! Service and human access is the least that works, and no admin credential is shared.

use super::root::{Runs, runs_as};
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/least-privilege",
    title: "service and human access is the least that works, and no admin credential is shared",
    why: "Whoever breaks into the service can do what the service may do. Root, \
          wildcards and the host's files turn one hole into all of them.",
    remedy: "Run as a user other than root, without added capabilities and without the \
             host, and permit by name the verbs and resources that are used.",
    references: &[
        Reference {
            title: "Kubernetes: Pod Security Standards",
            url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        },
        Reference {
            title: "Kubernetes: RBAC good practices",
            url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        },
        Reference {
            title: "GitHub: controlling permissions for GITHUB_TOKEN",
            url: "https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/control-permissions-for-github_token",
        },
        Reference {
            title: "OWASP: Docker security",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Manifest, Change::Image, Change::Pipeline],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    // Of pipelines only those of GitHub say what their token may do, see `unread_token`.
    reads: &[Subject::Workloads, Subject::Images],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the cluster, the cloud account and the Git host: what the service's \
             identity and its people may do today, and which admin credentials are \
             shared",
        ),
    ],
    cases: include_str!("least_privilege.md"),
};

/// Capabilities that containers have anyway.
static USUAL: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Paths of the host that are read by many and tell nothing.
static HARMLESS: &[&str] = &["/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo"];

/// Roles that may do everything.
static ADMIN: &[&str] = &["cluster-admin", "admin"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let mut findings: Vec<Finding> = scope.workloads.iter().flat_map(|w| of_workload(w)).collect();
    findings.extend(permissions(scope));
    findings.extend(scope.pipelines.iter().flat_map(|pipeline| tokens(pipeline)));
    let users = runs_as(scope);
    findings.extend(users.iter().filter_map(|user| match user {
        Runs::AsRoot(finding) => Some(finding.clone()),
        Runs::AsOther(_) | Runs::Unclear(_) => None,
    }));
    findings.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
    findings.dedup();
    Outcome::unmet_or(findings, || clean(users, scope))
}

/// Nothing is wrong with what was read; whether that is all there is.
fn clean(users: Vec<Runs>, scope: &Scope<'_>) -> Outcome {
    let mut seen = Vec::new();
    for user in users {
        match user {
            Runs::AsOther(sighting) => seen.push(sighting),
            Runs::Unclear(reason) => return Outcome::Unknown(reason),
            Runs::AsRoot(_) => {}
        }
    }
    if let Some(gap) = unread_token(scope) {
        return Outcome::Unknown(format!("`{}` {}", gap.place.path, gap.reason));
    }
    let is_terraform = |path: &&str| {
        path.rsplit_once('.').is_some_and(|(_, ending)| ending == "tf")
            || path.ends_with("/terragrunt.hcl")
    };
    let terraform = scope.all.below(&scope.service.folder).find(is_terraform);
    // What starts an image may give it another user, and more rights than one.
    let unread = || scope.hiding_places_of(Subject::Workloads).find(|gap| may_start(gap));
    let unread = if scope.workloads.is_empty() && !seen.is_empty() { unread() } else { None };
    if let Some(gap) = unread {
        return Outcome::Unknown(format!(
            "the image names a user, but what starts it may say another: `{}` {}",
            gap.place.path, gap.reason
        ));
    }
    match terraform {
        Some(path) => Outcome::unknown(format!(
            "`{path}` may permit more in the cloud: Terraform is not read"
        )),
        None if seen.is_empty() => Outcome::unknown(
            "no manifest and no Dockerfile of it was found, so nothing says as what it runs",
        ),
        None => Outcome::Met(seen),
    }
}

/// Whether what was not read may start something: neither what makes alerts and dashboards, nor a
/// template of which nothing tells that it makes a manifest.
fn may_start(gap: &Gap) -> bool {
    let path = gap.place.path.to_ascii_lowercase();
    let is_of_metrics =
        ["alert", "dashboard", "grafana", "mixin", "rules"].iter().any(|word| path.contains(word));
    let is_manifest = [".yaml", ".yml"].iter().any(|ending| path.contains(ending));
    !is_of_metrics && (is_manifest || gap.reason.ends_with("not read"))
}

/// A workflow that was not read and may permit its token everything. What GitLab's jobs may do does
/// not stand in its files.
fn unread_token<'a>(scope: &Scope<'a>) -> Option<&'a Gap> {
    let is_of_gitlab =
        |path: &str| !path.split('/').any(|part| matches!(part, ".github" | ".forgejo" | ".gitea"));
    scope.gaps_of(Subject::Pipelines).find(|gap| !is_of_gitlab(&gap.place.path))
}

fn of_workload(workload: &Workload) -> Vec<Finding> {
    let containers = workload.containers.iter().chain(&workload.init_containers);
    let mut findings: Vec<Finding> = containers.flat_map(of_container).collect();
    let is_harmful = |access: &&Placed<String>| !HARMLESS.iter().any(|path| access.contains(path));
    findings.extend(workload.host_access.iter().filter(is_harmful).map(|access| {
        let message = format!("`{}` opens the host: `{}`", workload.name.value, access.value);
        Finding::at(&access.place, message)
            .help("take it out, or accept the risk where the service is there to watch the host")
    }));
    findings
}

fn of_container(container: &Container) -> Vec<Finding> {
    let (security, name) = (&container.security, &container.name.value);
    let privileged = security.privileged.as_ref().filter(|on| on.value).map(|on| {
        Finding::at(&on.place, format!("container `{name}` is privileged: it is root on the host"))
            .help("take out `privileged: true`; add the one capability that it needs")
    });
    let escalation = security.allow_privilege_escalation.as_ref().filter(|on| on.value);
    let escalation = escalation.map(|on| {
        Finding::at(&on.place, format!("container `{name}` may gain privileges"))
            .help("write `allowPrivilegeEscalation: false`")
    });
    let unusual = security.added_capabilities.iter().filter(|capability| {
        let plain = capability.to_uppercase();
        !USUAL.contains(&plain.trim_start_matches("CAP_"))
    });
    let capabilities = unusual.map(|capability| {
        Finding::at(
            &capability.place,
            format!("container `{name}` is given `{}`", capability.value),
        )
        .help("take the capability out, or give it to a container of its own")
    });
    capabilities.chain(privileged).chain(escalation).collect()
}

/// What the service accounts of the service may do in the cluster.
fn permissions(scope: &Scope<'_>) -> Vec<Finding> {
    let cluster = &scope.all.cluster;
    let bindings = cluster
        .role_bindings
        .iter()
        .filter(|binding| binding.subjects.iter().any(|subject| is_subject(subject, scope)));
    bindings
        .flat_map(|binding| {
            let role = &binding.role;
            if ADMIN.contains(&role.value.as_str())
                && (binding.is_cluster_wide || role.value == "cluster-admin")
            {
                let message = format!("binding `{}` gives it `{}`", binding.name.value, role.value);
                let help = "bind a role that names the verbs and resources that are used";
                return vec![Finding::at(&role.place, message).help(help)];
            }
            let roles = cluster.roles.iter().filter(|known| known.name.value == role.value);
            roles
                .flat_map(|role| role.rules.iter().filter_map(|rule| wildcard(rule, role)))
                .collect()
        })
        .collect()
}

/// Whether a subject is one that pods of the service run as.
fn is_subject(subject: &Placed<String>, scope: &Scope<'_>) -> bool {
    let everybody = [
        "Group/system:serviceaccounts",
        "Group/system:authenticated",
        "Group/system:unauthenticated",
        "User/system:anonymous",
    ];
    let mut workloads = scope.workloads.iter().filter(|w| w.platform == Platform::Kubernetes);
    // Each namespace has an account `default`: that of another one is told by where it stands.
    let is_own = |workload: &Workload, name: &str| match &workload.service_account {
        Some(account) => account.value == name,
        None => name == "default" && subject.place.folder() == workload.name.place.folder(),
    };
    let name = subject.strip_prefix("ServiceAccount/");
    everybody.contains(&subject.value.as_str())
        || name.is_some_and(|name| workloads.any(|workload| is_own(workload, name)))
}

fn listed(items: &[&Placed<String>]) -> String {
    let names: Vec<String> = items.iter().take(3).map(|item| format!("`{}`", item.value)).collect();
    let more = items.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

/// What a rule is about: one without resources is about paths of the API server, or about nothing.
fn objects(rule: &RoleRule) -> String {
    if rule.resources.is_empty() {
        return "paths of the API server".to_owned();
    }
    listed(&rule.resources.iter().collect::<Vec<_>>())
}

/// In which groups of the API a rule permits what it does, where those are named.
fn within(rule: &RoleRule) -> String {
    let names_all = rule.groups.iter().any(|group| group.value == "*");
    let names_core = rule.groups.iter().any(|group| group.value.is_empty());
    let named: Vec<&Placed<String>> = rule.groups.iter().filter(|g| !g.is_empty()).collect();
    if named.is_empty() || names_all {
        return String::new();
    }
    let core = if names_core { "the core group, " } else { "" };
    format!(" of {core}{}", listed(&named))
}

fn wildcard(rule: &RoleRule, of: &ClusterRole) -> Option<Finding> {
    let is_all = |item: &&Placed<String>| item.value == "*";
    let name = &of.name.value;
    let (place, message) =
        match (rule.verbs.iter().find(is_all), rule.resources.iter().find(is_all)) {
            (Some(verb), Some(_)) => (
                &verb.place,
                format!("role `{name}` permits everything on everything{}", within(rule)),
            ),
            (Some(verb), None) => {
                (&verb.place, format!("role `{name}` permits everything on {}", objects(rule)))
            }
            (None, Some(resource)) => (
                &resource.place,
                format!(
                    "role `{name}` permits {} on everything{}",
                    listed(&rule.verbs.iter().collect::<Vec<_>>()),
                    within(rule)
                ),
            ),
            (None, None) => return None,
        };
    Some(Finding::at(place, message).help("name the verbs and the resources that are used"))
}

/// What the token of a pipeline may do.
fn tokens(pipeline: &Pipeline) -> Vec<Finding> {
    let of_jobs = pipeline.jobs.iter().flat_map(|job| {
        let of_job = job.permissions.iter();
        of_job.map(move |permission| (permission, format!("job `{}`", job.id.value)))
    });
    let of_all = pipeline
        .permissions
        .iter()
        .map(|permission| (permission, format!("pipeline `{}`", pipeline.name)));
    let wide = of_all.chain(of_jobs).filter(|((_, value), _)| value.value == "write-all");
    wide.map(|((_, value), who)| {
        Finding::at(&value.place, format!("the token of {who} may write everything"))
            .help("name what it needs:\n\npermissions:\n  contents: read")
    })
    .collect()
}
