//! Called workflows that were not read: what their names say they do.

use super::shipment::Found;
use super::stage::has_word;
use crate::prelude::*;

/// What a job calls that deploys by its name; one that brings out pages deploys a frontend only.
pub(super) fn deploy_call(job: &Job, is_frontend: bool) -> Option<Found<'_>> {
    let call = unread(job)?;
    let name = file_name(call);
    let deploys = has_word(name, &["deploy", "deployment"]) || has_word(&job.id, &["deploy"]);
    let is_named = deploys || applies(name);
    // `can-i-deploy` asks a Pact broker whether one may.
    let asks = name.contains("can-i-deploy") || job.id.contains("can-i-deploy");
    let is_of_pages =
        has_word(name, &["static"]) && has_word(name, &["page", "pages", "site", "website"]);
    let is_it = is_named && !asks && (!is_of_pages || is_frontend);
    is_it.then(|| (None, format!("`{}`", call.value), &call.place))
}

/// Whether it applies what Terraform describes: `apply-terraform.yml`.
fn applies(name: &str) -> bool {
    has_word(name, &["apply"]) && has_word(name, &["terraform", "terragrunt", "tofu"])
}

/// Whether a job calls what does less than a deploy: what builds and tests for an environment is told
/// its name too, as is what brings out pages.
pub(super) fn calls_for_less(job: &Job) -> bool {
    let words =
        ["build", "check", "ci", "lint", "package", "publish", "push", "scan", "static", "test"];
    unread(job).is_some_and(|call| has_word(file_name(call), &words))
}

fn unread(job: &Job) -> Option<&Placed<String>> {
    job.calls.as_ref().filter(|_| job.steps.is_empty())
}

/// The name of the workflow's file, without its version.
fn file_name(call: &str) -> &str {
    let path = call.split('@').next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}
