//! Steps of deploying and of rolling back, as documents give them.

use crate::prelude::*;

/// Headings on deploying.
pub(super) static DEPLOY: &[&str] = &[
    "deploy*",
    "how to release",
    "making a release",
    "release process",
    "releasing",
    "rolling out",
    "shipping",
];

/// Headings on taking a release back.
pub(super) static ROLLBACK: &[&str] =
    &["rollback", "roll back", "rolling back", "revert", "reverting", "roll forward"];

/// Headings on deploying in a hurry.
pub(super) static URGENT: &[&str] =
    &["break glass", "emergency", "emergencies", "emergency deploy", "hotfix", "hotfixes"];

/// Commands that take a release back.
static COMMANDS: &[&str] = &[
    "argocd app rollback",
    "argo rollouts abort",
    "argo rollouts undo",
    "cap production deploy:rollback",
    "docker service rollback",
    "eb deploy --version",
    "flyctl deploy --image",
    "fly deploy --image",
    "gcloud run services update-traffic",
    "git revert",
    "helm rollback",
    "heroku releases:rollback",
    "heroku rollback",
    "just rollback",
    "kamal rollback",
    "kubectl rollout undo",
    "make rollback",
    "nomad job revert",
    "npm run rollback",
    "oc rollback",
    "oc rollout undo",
    "rollback.sh",
    "vercel rollback",
    "wrangler rollback",
];

/// What says that a pipeline does it.
static BY_ITSELF: &[&str] = &[
    "argo cd",
    "argocd",
    "automatically",
    "circleci",
    "flux",
    "github action",
    "gitlab ci",
    "jenkins",
    "merge to main",
    "merged to main",
    "merged into main",
    "merging to main",
    "on merge",
    "pipeline",
    "workflow",
];

/// Whether the heading is about data and not about a release.
pub(super) fn is_about_data(title: &str) -> bool {
    prose::mentions(title, &["database", "migration", "schema", "transaction", "data"])
}

/// Whether the chapter names a command that takes a release back.
pub(super) fn rolls_back(chapter: &Chapter<'_>) -> bool {
    chapter.sections().any(|section| {
        let code = section.code.iter().map(|(_, code)| code.value.as_str());
        let mut texts = code.chain([section.text.as_str()]);
        texts.any(|text| COMMANDS.iter().any(|command| text.contains(command)))
    })
}

/// Whether the chapter gives steps: commands, or a list of what to do.
pub(super) fn gives_steps(chapter: &Chapter<'_>) -> bool {
    let items = chapter.sections().flat_map(|section| &section.items);
    let items = items.filter(|item| prose::says_something(item)).count();
    chapter.has_code() || items >= 2
}

/// Whether the chapter says that a pipeline deploys.
pub(super) fn goes_by_itself(chapter: &Chapter<'_>) -> bool {
    chapter.says_something() && chapter.mentions(BY_ITSELF)
}
