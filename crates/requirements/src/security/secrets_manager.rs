//! Secrets come from a secrets manager.

use std::collections::HashSet;

use super::deploy_step;
use super::secret_value::{
    self, Written, decoded, is_marked, is_secret_name, names_network, of_secret, written,
};
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/secrets-manager",
    title: "secrets come from a secrets manager",
    why: "A secret written into a manifest is read by everybody who reads the \
          repository, stays in its history, and is rotated by nobody.",
    remedy: "Keep secrets in a manager and let the cluster fetch them: External Secrets, \
             Vault, the secrets store driver, SOPS or Sealed Secrets. Replace every \
             secret that was written down.",
    references: &[
        Reference {
            title: "OWASP: secrets management",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
        },
        Reference {
            title: "Kubernetes: good practices for Secrets",
            url: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        },
        Reference {
            title: "External Secrets Operator",
            url: "https://external-secrets.io/latest/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Manifest, Change::Configuration],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Workloads],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("secrets_manager.md"),
};

/// What was seen of the secrets of a service; values never stand in a message.
#[derive(Default)]
struct Seen {
    findings: Vec<Finding>,
    sources: Vec<Sighting>,
    /// Secrets of which nobody knows where they come from.
    unclear: Vec<String>,
}

fn judge(scope: &Scope<'_>) -> Outcome {
    let mut seen = Seen::default();
    for workload in workloads(scope) {
        for container in workload.containers.iter().chain(&workload.init_containers) {
            variables(container, workload, scope, &mut seen);
            configuration(container, workload, scope, &mut seen);
            handed_over(container, workload, scope, &mut seen);
        }
        seen.sources.extend(injected(workload));
    }
    for stage in scope.dockerfiles.iter().filter_map(|file| file.lineage().next()) {
        seen.findings.extend(baked_in(stage));
    }
    handed_by_pipeline(scope, &mut seen);
    seen.findings.sort_by(|a, b| (&a.place, &a.message).cmp(&(&b.place, &b.message)));
    seen.findings.dedup();
    seen.sources.sort();
    seen.sources.dedup();
    seen.outcome(scope)
}

impl Seen {
    fn outcome(self, scope: &Scope<'_>) -> Outcome {
        let Self { findings, sources, unclear } = self;
        Outcome::unmet_or(findings, || match unclear.into_iter().next() {
            Some(reason) => Outcome::Unknown(reason),
            None if !sources.is_empty() => Outcome::Met(sources),
            None if scope.workloads.is_empty() => Outcome::unknown(
                "no workload of it was found, so nothing says which secrets it is given",
            ),
            None => Outcome::not_applicable(
                "its workloads are given no secret: no reference to one and no variable called like \
                 one",
            ),
        })
    }
}

/// Its workloads, and the datastores that run beside them by the same files.
fn workloads<'a>(scope: &Scope<'a>) -> Vec<&'a Workload> {
    let files: HashSet<_> = scope.workloads.iter().map(|w| &w.name.place.path).collect();
    let is_beside = |store: &&&Workload| files.contains(&store.name.place.path);
    scope.workloads.iter().chain(scope.datastores.iter().filter(is_beside)).copied().collect()
}

/// Variables whose value is written down beside their name.
fn variables(container: &Container, workload: &Workload, scope: &Scope<'_>, seen: &mut Seen) {
    let is_for_production = is_for_production(workload, scope);
    for variable in &container.environment {
        let name = &variable.name.value;
        match &variable.value {
            VariableValue::Literal(literal) => match written(name, literal) {
                Written::Secret => seen.findings.push(in_plain_sight(name, literal, workload)),
                Written::WellKnown if is_for_production => {
                    seen.findings.push(in_plain_sight(name, literal, workload));
                }
                Written::WellKnown => seen.unclear.push(format!(
                    "`{name}` of `{}` has a value that everybody knows: if it is only for \
                     developing, say so by the name of the file (`compose.dev.yaml`)",
                    literal.place.path
                )),
                Written::Nothing if is_secret_name(name) && is_marked(literal) => {
                    seen.unclear.push(format!(
                        "`{name}` of `{}` stands for a secret that is put there when it is deployed: \
                         where that is kept was not found",
                        literal.place.path
                    ));
                }
                Written::Nothing => filled_in(name, literal, workload, is_for_production, seen),
            },
            VariableValue::Outer if is_secret_name(name) => seen.unclear.push(format!(
                "`{name}` comes from the environment of whoever starts `{}`: where that is kept \
                 was not found",
                workload.name.value
            )),
            _ => {}
        }
    }
}

/// Secrets that Compose fills into a value: `postgres://app:${DB_PASSWORD:-changeme}@db/shop`.
fn filled_in(
    name: &str,
    literal: &Placed<String>,
    workload: &Workload,
    is_for_production: bool,
    seen: &mut Seen,
) {
    let holds = |variable: &str| is_secret_name(variable) || is_secret_name(name);
    let secrets =
        references(literal).filter(|(name, value)| holds(name) && !names_network(name, value));
    for (variable, default) in secrets {
        let is_kept = is_for_production && !default.is_empty();
        match of_secret(default) {
            Written::Secret => seen.findings.push(in_plain_sight(name, literal, workload)),
            Written::WellKnown if is_kept => {
                seen.findings.push(falls_back(name, variable, literal));
            }
            _ => seen.unclear.push(format!(
                "`{name}` takes `{variable}` from the environment of whoever starts `{}`: where \
                 that is kept was not found",
                workload.name.value
            )),
        }
    }
}

/// The variables in `${NAME}` and `${NAME:-default}`, each with its default.
fn references(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("${").skip(1).filter_map(|rest| {
        let (inside, _) = rest.split_once('}')?;
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (variable, rest) = inside.split_at_checked(end.unwrap_or(inside.len()))?;
        let default = rest.strip_prefix(':').unwrap_or(rest).strip_prefix('-').unwrap_or_default();
        Some((variable, default.trim_matches(['"', '\''])))
    })
}

/// Where nobody sets the variable, whoever knows the default gets in.
fn falls_back(name: &str, variable: &str, value: &Placed<String>) -> Finding {
    let message = format!("the secret `{name}` falls back to a value that everybody knows");
    Finding::at(&value.place, message).help(format!(
        "leave the default out, so that nothing starts without the secret: `${{{variable}:?}}`"
    ))
}

fn in_plain_sight(name: &str, value: &Placed<String>, workload: &Workload) -> Finding {
    let help = match workload.platform {
        Platform::Kubernetes => format!(
            "replace the secret, keep the new one in a manager, and refer to it:\n\n\
             - name: {name}\n  valueFrom:\n    secretKeyRef: {{name: <secret>, key: <key>}}"
        ),
        Platform::Compose => {
            "replace the secret, and hand the new one over by `secrets:` or from the environment"
                .to_owned()
        }
        Platform::Systemd => {
            "replace the secret, and hand the new one over by `LoadCredential=`".to_owned()
        }
    };
    Finding::at(&value.place, format!("the secret `{name}` is written down")).help(help)
}

/// A Compose file without a word of production may be there for developing, as may one that restarts
/// nothing: some try out at home what is built for production.
fn is_for_production(workload: &Workload, scope: &Scope<'_>) -> bool {
    let name = workload.name.place.file_name().to_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    workload.platform != Platform::Compose
        || (scope.is_operated(workload)
            && words.any(|word| {
                matches!(word, "prod" | "production" | "live" | "stack" | "swarm" | "deploy")
            }))
}

/// Secrets among the entries of the configuration that a container is given.
fn configuration(container: &Container, workload: &Workload, scope: &Scope<'_>, seen: &mut Seen) {
    let whole = container.environment_files.iter().map(|name| (name.value.as_str(), None));
    let single = container.environment.iter().filter_map(|variable| match &variable.value {
        VariableValue::Config(reference) => {
            let (name, key) = reference.split_once('/')?;
            Some((name, Some((key, variable.name.value.as_str()))))
        }
        _ => None,
    });
    seen.unclear.extend(unread_files(container, workload, scope));
    for (map, wanted) in whole.chain(single) {
        let maps = scope.all.cluster.config_maps.iter();
        for map in maps.filter(|m| m.name.value == map && is_near(m.namespace.as_ref(), workload)) {
            for (key, value) in &map.entries {
                let name = match wanted {
                    Some((of_key, _)) if of_key != key => continue,
                    Some((_, variable)) => variable,
                    None => key,
                };
                if written(name, value) != Written::Nothing
                    || written(key, value) != Written::Nothing
                {
                    let message = format!(
                        "the secret `{key}` is written down in ConfigMap `{}`",
                        map.name.value
                    );
                    let help =
                        "replace the secret, and move it out of the configuration into a manager";
                    seen.findings.push(Finding::at(&value.place, message).help(help));
                }
            }
        }
    }
}

/// What a container takes its settings from and was not read: any of them may be a secret.
fn unread_files(container: &Container, workload: &Workload, scope: &Scope<'_>) -> Option<String> {
    let maps = || {
        let maps = scope.all.cluster.config_maps.iter();
        maps.filter(|_| workload.platform == Platform::Kubernetes)
    };
    let name = &workload.name.value;
    container.environment_files.iter().find_map(|file| {
        let mut maps = maps().filter(|map| map.name.value == file.value).peekable();
        if maps.peek().is_none() {
            return Some(format!(
                "`{name}` takes variables from `{}`, which was not read",
                file.value
            ));
        }
        let unread = maps.find_map(|map| map.unread.first())?;
        Some(format!(
            "`{name}` takes variables from ConfigMap `{}`, of which `{}` was not read",
            file.value, unread.value
        ))
    })
}

/// Where the secrets come from that a container is handed over.
fn handed_over(container: &Container, workload: &Workload, scope: &Scope<'_>, seen: &mut Seen) {
    let single = container.environment.iter().filter_map(|variable| match &variable.value {
        VariableValue::Secret(reference) => Some(reference),
        _ => None,
    });
    for reference in single.chain(&container.secrets) {
        if reference.contains(':') || reference.contains('+') {
            let message = "a secret is fetched from where it is kept when the process starts";
            seen.sources.push(Sighting::at(&reference.place, message));
            continue;
        }
        let name = reference.split('/').next().unwrap_or_default();
        secret(name, workload, scope, seen);
    }
}

fn secret(name: &str, workload: &Workload, scope: &Scope<'_>, seen: &mut Seen) {
    let cluster = &scope.all.cluster;
    let makes = |source: &&SecretSource| {
        source.target.as_deref() == Some(name)
            || (source.target.is_none() && source.name.value == name)
    };
    if let Some(source) = cluster.secret_sources.iter().find(makes) {
        let message = format!("{} `{}` brings secret `{name}`", source.kind, source.name.value);
        return seen.sources.push(Sighting::at(&source.name.place, message));
    }
    let plain = cluster
        .secrets
        .iter()
        .find(|secret| secret.name.value == name && is_near(secret.namespace.as_ref(), workload));
    let Some(plain) = plain else {
        return seen.unclear.push(format!(
            "`{}` is given secret `{name}`: what makes it (an ExternalSecret, a SealedSecret, a \
             file of SOPS) was not found in the tree",
            workload.name.value
        ));
    };
    if is_form(&plain.name.place) {
        let path = &plain.name.place.path;
        seen.unclear.push(format!(
            "`{path}` is the form of Secret `{name}`: what fills it in was not found"
        ));
    } else if holds_secret(plain) {
        let message = format!("Secret `{name}` stands in the repository with its values");
        let help = "replace its values, and let a manager bring them: an ExternalSecret, a \
                    SealedSecret, or SOPS. base64 hides nothing";
        seen.findings.push(Finding::at(&plain.name.place, message).help(help));
    } else {
        let how = if plain.entries.is_empty() { "without values" } else { "with placeholders" };
        seen.unclear
            .push(format!("Secret `{name}` stands in the tree {how}: what fills it was not found"));
    }
}

/// Whether a file is one that whoever deploys copies and fills in: `secret.template.yaml`.
fn is_form(place: &Place) -> bool {
    let name = place.file_name().to_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| matches!(word, "dist" | "example" | "sample" | "template" | "tmpl"))
}

/// Last words of keys whose values are no secrets.
static HARMLESS: &[&str] = &[
    "ca",
    "crt",
    "database",
    "db",
    "dbname",
    "email",
    "endpoint",
    "host",
    "hostname",
    "name",
    "namespace",
    "port",
    "region",
    "type",
    "url",
    "user",
    "username",
];

fn holds_secret(secret: &ConfigEntries) -> bool {
    secret.entries.iter().any(|(key, value)| {
        let text = decoded(value.trim());
        let is_text = |text: &String| !text.chars().any(|c| c.is_control() && !c.is_whitespace());
        let shown = text.filter(is_text);
        // An entry of `stringData` may by chance be base64 as well.
        is_secret_entry(key, value) && shown.is_none_or(|text| is_secret_entry(key, &text))
    })
}

fn is_secret_entry(key: &str, value: &str) -> bool {
    if value.trim().contains('\n') {
        return secret_value::holds_secret(value);
    }
    let key = key.to_lowercase();
    let last = key.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    match of_secret(value) {
        Written::Secret => !HARMLESS.contains(&last) || written(&key, value) != Written::Nothing,
        Written::WellKnown => is_secret_name(&key),
        Written::Nothing => false,
    }
}

fn is_near(namespace: Option<&Placed<String>>, workload: &Workload) -> bool {
    match (namespace, &workload.namespace) {
        (Some(one), Some(other)) => one.value == other.value,
        _ => true,
    }
}

/// An agent that puts secrets into the pod.
fn injected(workload: &Workload) -> Option<Sighting> {
    let keys = [
        "vault.hashicorp.com/agent-inject",
        "vault.security.banzaicloud.io/vault-addr",
        "operator.1password.io/inject",
    ];
    let (key, value) = workload.annotations.iter().find(|(key, _)| keys.contains(&key.as_str()))?;
    (value.value != "false")
        .then(|| Sighting::at(&value.place, format!("`{key}` brings the secrets")))
}

/// Secrets that a platform is given by what deploys there.
fn handed_by_pipeline(scope: &Scope<'_>, seen: &mut Seen) {
    let handed = deploy_step::handed(scope);
    let written = handed.written.iter().map(|name| {
        let message = format!("the secret `{}` is written down in a deploy step", name.value);
        Finding::at(&name.place.start(), message).help(
            "replace the secret, keep the new one in the manager of the platform, and refer to it: \
             `--set-secrets NAME=<secret>:latest`",
        )
    });
    seen.findings.extend(written);
    seen.unclear.extend(handed.filled_in.iter().map(|name| {
        format!(
            "`{}` is filled in by the pipeline (`{}` line {}), and everybody reads it who may look at \
             what runs: where else it is kept was not found",
            name.value, name.place.path, name.place.line
        )
    }));
    let kept = handed.kept.iter();
    let message = "the platform fetches secrets from its manager";
    seen.sources.extend(kept.map(|place| Sighting::at(&place.start(), message)));
}

/// Secrets that everybody has who has the image.
fn baked_in(stage: &Stage) -> Vec<Finding> {
    let secrets =
        stage.environment.iter().filter(|(name, value)| written(name, value) == Written::Secret);
    let finding = |(name, value): &(String, Placed<String>)| {
        Finding::at(&value.place, format!("the secret `{name}` is written into the image"))
            .help("replace the secret, and hand the new one over when the container starts")
    };
    secrets.map(finding).collect()
}
