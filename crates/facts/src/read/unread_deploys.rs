//! What Kamal, Cloud Foundry, `CloudFormation`, Pulumi, Vercel and other tools deploy by: files that are known by their
//! paths, and not read.

use std::collections::HashSet;
use std::sync::Arc;

use model::Place;

use crate::discover::sample::is_sample;
use crate::{Facts, Reason};

/// Says of each of its files that it was not looked at, once the paths of the tree are known; those
/// of single destinations (`deploy.staging.yml`) only add to it.
pub(super) fn settle(facts: &mut Facts) {
    let is_own = |path: &str| is_of_kamal(path) && !is_sample(path);
    let found = facts.paths.iter().filter(|path| is_own(path)).map(|path| Reason {
        what: "what Kamal runs by this file, and with which limits and health checks, was not \
               looked at"
            .to_owned(),
        place: Place::file(path.clone()),
    });
    let mut found: Vec<Reason> = found.collect();
    found.extend(of_clouds(&facts.paths));
    let mut pushed: Vec<&Arc<str>> = facts.pushed.iter().map(|one| &one.name.place.path).collect();
    pushed.dedup();
    found.extend(pushed.into_iter().filter(|path| !is_sample(path)).map(|path| Reason {
        what: "what Cloud Foundry runs by this file, with how many instances and which health checks, \
               was not looked at"
            .to_owned(),
        place: Place::file(path.clone()),
    }));
    facts.set_aside.extend(found);
}

/// Says of each tool that brings things to a cloud what it deploys by, at the first of its files.
fn of_clouds(paths: &[Arc<str>]) -> Vec<Reason> {
    let known: HashSet<&str> = paths.iter().map(|path| &**path).collect();
    let functions = paths.iter().filter_map(|path| {
        let folder = path.strip_suffix("/function.json")?;
        Some(folder.rsplit_once('/').map_or("", |(around, _)| around))
    });
    let functions: HashSet<&str> = functions.collect();
    let mut tools: Vec<(&str, &Arc<str>, usize)> = Vec::new();
    for path in paths {
        let tool = cloud_tool(path, &known, &functions).filter(|_| !is_sample(path));
        let Some(tool) = tool else { continue };
        match tools.iter_mut().find(|(told, ..)| *told == tool) {
            Some((_, _, count)) => *count += 1,
            None => tools.push((tool, path, 1)),
        }
    }
    let reason = |(tool, path, count): (&str, &Arc<str>, usize)| {
        let files = model::counted(count, "file");
        let what = format!("what {tool} deploys by {files} like this was not looked at");
        Reason { what, place: Place::file(path.clone()) }
    };
    tools.into_iter().map(reason).collect()
}

/// The tool that deploys by the file at `path`. `host.json` is one of Azure Functions only beside
/// their settings or around their functions.
fn cloud_tool(
    path: &str,
    known: &HashSet<&str>,
    functions: &HashSet<&str>,
) -> Option<&'static str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let in_folder = |wanted: &str| folder.split('/').any(|part| part == wanted);
    let is_template =
        matches!(name.rsplit_once('.'), Some((_, "yaml" | "yml" | "json" | "template")));
    let settings = if folder.is_empty() {
        "local.settings.json".to_owned()
    } else {
        format!("{folder}/local.settings.json")
    };
    match name {
        "riff-raff.yaml" | "riff-raff.yml" => Some("Riff-Raff"),
        // Roles of Ansible keep what installs a program under its name.
        "amplify.yml" if !in_folder("tasks") => Some("AWS Amplify"),
        "cdk.json" => Some("the AWS CDK"),
        "firebase.json" => Some("Firebase"),
        "netlify.toml" => Some("Netlify"),
        "Pulumi.yaml" | "Pulumi.yml" => Some("Pulumi"),
        "sst.config.ts" | "sst.config.js" | "sst.config.mjs" => Some("SST"),
        "vercel.json" => Some("Vercel"),
        "cfn.yaml"
        | "cfn.yml"
        | "cfn.json"
        | "cloudformation.yaml"
        | "cloudformation.yml"
        | "cloudformation.json"
        | "samconfig.toml" => Some("CloudFormation"),
        "host.json" if functions.contains(folder) || known.contains(settings.as_str()) => {
            Some("Azure Functions")
        }
        _ if is_template && in_folder("cloudformation") => Some("CloudFormation"),
        _ => None,
    }
}

fn is_of_kamal(path: &str) -> bool {
    kamal_folder(path).is_some()
}

/// The folder of what Kamal deploys by the file at `path`, empty for the root; `None` where that is
/// no file of Kamal.
pub(crate) fn kamal_folder(path: &str) -> Option<&str> {
    ["config/deploy.yml", "config/deploy.yaml"].iter().find_map(|file| {
        let folder = path.strip_suffix(file)?;
        if folder.is_empty() { Some(folder) } else { folder.strip_suffix('/') }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_kamal_is_named_and_those_of_its_destinations_are_not() {
        let files = [
            ("till/config/deploy.yml", "service: till\n"),
            ("till/config/deploy.prod.yml", ""),
            ("examples/config/deploy.yml", ""),
            ("reconfig/deploy.yml", ""),
        ];
        let facts = crate::discover::tests::tree(&files);
        let of_kamal = |reason: &&Reason| reason.what.contains("Kamal");
        let told: Vec<&str> =
            facts.set_aside.iter().filter(of_kamal).map(|reason| &*reason.place.path).collect();
        assert_eq!(told, ["till/config/deploy.yml"]);
    }

    #[test]
    fn what_brings_things_to_a_cloud_is_told_once_for_each_tool() {
        let files = [
            ("amplify.yml", "version: 1\nfrontend: {}\n"),
            ("cdk/cdk.json", "{}"),
            ("examples/cfn.yaml", ""),
            ("deploy/roles/proxy/tasks/amplify.yml", "- name: Install it\n"),
            ("jobs/host.json", "{}"),
            ("jobs/sweep/function.json", "{}"),
            ("mail/cfn.yaml", ""),
            ("mail/riff-raff.yaml", ""),
            ("till/cfn.yaml", ""),
            ("web/host.json", "{}"),
            ("web/lib/vercel.ts", "export class Client {}\n"),
            ("web/vercel.json", "{}"),
        ];
        let facts = crate::discover::tests::tree(&files);
        let of_cloud = |reason: &&Reason| reason.what.contains("deploys by");
        let told: Vec<(&str, &str)> = facts
            .set_aside
            .iter()
            .filter(of_cloud)
            .map(|reason| (&*reason.place.path, &*reason.what))
            .collect();
        assert_eq!(
            told,
            [
                ("amplify.yml", "what AWS Amplify deploys by 1 file like this was not looked at"),
                ("cdk/cdk.json", "what the AWS CDK deploys by 1 file like this was not looked at"),
                (
                    "jobs/host.json",
                    "what Azure Functions deploys by 1 file like this was not looked at"
                ),
                (
                    "mail/cfn.yaml",
                    "what CloudFormation deploys by 2 files like this was not looked at"
                ),
                (
                    "mail/riff-raff.yaml",
                    "what Riff-Raff deploys by 1 file like this was not looked at"
                ),
                ("web/vercel.json", "what Vercel deploys by 1 file like this was not looked at"),
            ]
        );
    }
}
