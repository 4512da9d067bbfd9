//! How to go on.

use model::{Assessment, Verdict};

use super::{Role, Screen};
use crate::matter::Matter;
use crate::visible;

/// Prints the commands that come next.
pub(crate) fn print(screen: &mut Screen<'_>, assessment: &Assessment, matters: &[Matter<'_>]) {
    let services = &assessment.verdicts.services;
    let mut hints = Vec::new();
    if services.iter().any(|service| service.is_tier_assumed || service.is_kind_assumed) {
        hints.push("`gonogo init` writes a gonogo.yaml that declares what was assumed".to_owned());
    }
    if let Some(worst) = matters.last() {
        let id = visible::line(&worst.answer.requirement);
        let is_own = requirements::find(&worst.answer.requirement).is_none();
        let policy = if is_own { " --policy FILE" } else { "" };
        hints.push(format!(
            "`gonogo explain {id}{policy}` says why it matters and how it is proven"
        ));
    }
    if assessment.verdict() == Verdict::NoGo {
        hints.push("`gonogo next` lists the cheapest steps to GO".to_owned());
    }
    if !hints.is_empty() {
        screen.gap();
    }
    for hint in hints {
        screen.say(0, Some((Role::Note, "hint:")), 6, &hint);
    }
}

/// Says what was looked for where no service was found.
pub(crate) fn nothing_found(screen: &mut Screen<'_>) {
    screen.heading("No service was found");
    screen.say(
        0,
        None,
        0,
        "Looked for: gonogo.yaml; catalog files of Backstage, Cortex, OpsLevel, Datadog and Compass; \
         Kubernetes workloads; services of Compose files; systemd units; Dockerfiles and \
         packages that something deploys.",
    );
    screen.gap();
    screen.say(
        0,
        Some((Role::Note, "hint:")),
        6,
        "`gonogo init` writes a gonogo.yaml to start with",
    );
    screen.say(
        0,
        Some((Role::Note, "hint:")),
        6,
        "`gonogo check PATH` looks at another folder; `gonogo demo` shows what a verdict looks like",
    );
}
