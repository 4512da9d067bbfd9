//! Units of systemd that start the client of what another one serves, on the machines of its users.

use std::collections::HashSet;

use super::candidate::{Candidate, Fact, Standing};
use crate::{Platform, Workload};

/// Commands by which the program of a server is its client.
const CLIENTS: &[&str] = &["client", "connect", "subscribe", "subscriber"];

/// Programs that run others, so that two units of them need have nothing in common.
pub(super) const RUNNERS: &[&str] = &[
    "bash", "bun", "bundle", "deno", "docker", "dotnet", "env", "java", "node", "npm", "npx",
    "perl", "php", "podman", "python", "python2", "python3", "ruby", "sh", "sudo", "uv", "yarn",
];

/// Sets back what runs the program of another unit as its client, by its name or by what it tells
/// the program to be.
pub(super) fn set_back(candidates: &mut [Candidate<'_>]) {
    let served: HashSet<&str> = candidates
        .iter()
        .filter(|candidate| candidate.founds())
        .filter_map(|candidate| started(candidate).filter(|_| !is_client(candidate)))
        .map(|(program, _)| program)
        .collect();
    for candidate in candidates.iter_mut() {
        let Some((program, _)) = started(candidate).filter(|_| candidate.founds()) else {
            continue;
        };
        if is_client(candidate) && served.contains(program) {
            let doubt = format!("is a client of `{program}`, which another unit serves");
            candidate.standing = Standing::Stranger(doubt);
        }
    }
}

/// The program that a unit starts, and the first that it is told.
fn started<'f>(candidate: &Candidate<'f>) -> Option<(&'f str, &'f str)> {
    let Fact::Workload(workload) = candidate.fact else { return None };
    let workload: &'f Workload = workload;
    let command = workload.containers.first()?.command.as_deref()?;
    let mut words = command.split_whitespace();
    let program = words.next().and_then(|path| path.rsplit('/').next())?;
    let told = words.next().unwrap_or_default();
    let is_its_own = workload.platform == Platform::Systemd && !RUNNERS.contains(&program);
    is_its_own.then_some((program, told))
}

fn is_client(candidate: &Candidate<'_>) -> bool {
    let is_told = started(candidate).is_some_and(|(_, told)| CLIENTS.contains(&told));
    is_told || candidate.key.split('-').any(|word| CLIENTS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    /// How many reasons the one service has beside its gonogo.yaml, where a second unit is `name` and
    /// starts `command`.
    fn reasons(name: &str, command: &str) -> usize {
        let unit = |command: &str| format!("[Service]\nUser=post\nExecStart={command}\n");
        let found = discover(&tree(&[
            ("gonogo.yaml", "service: post\nkind: web\ntier: 2\n"),
            ("server/post.service", &unit("/usr/bin/post serve --port 80")),
            (name, &unit(command)),
        ]));
        let told = found.passed_over.iter().filter(|r| r.what.contains("client of `post`")).count();
        let [service] = found.services.try_into().unwrap();
        assert_eq!(service.reasons.len() + told, 3);
        service.reasons.len()
    }

    #[test]
    fn a_client_is_no_part_of_the_server_whose_program_it_runs() {
        assert_eq!(reasons("client/post-client.service", "/usr/bin/post subscribe --all"), 2);
        assert_eq!(reasons("client/post-listen.service", "/opt/post subscribe"), 2);
        assert_eq!(reasons("client/post-client.service", "/usr/bin/post --listen"), 2);
        assert_eq!(reasons("worker/post-worker.service", "/usr/bin/post work"), 3);
        assert_eq!(reasons("web/post-client.service", "/usr/bin/post-web serve"), 3);
    }
}
