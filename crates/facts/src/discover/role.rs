//! Units of systemd that a role of Ansible puts on a machine: software of the machine, which packages of
//! its distribution bring, and scripts that look after the machine itself. Neither is made of code of
//! the tree.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::client::RUNNERS;
use super::name::{ancestors, folder_of, image_name, key, last_part};
use super::provenance::Ties;
use crate::Facts;

/// Folders of a role whose files are copied to machines.
const COPIED: &[&str] = &["files", "templates"];

/// Where packages of a distribution put their programs.
const PACKAGED: &[&str] = &["/bin", "/sbin", "/usr/bin", "/usr/lib", "/usr/libexec", "/usr/sbin"];

/// Endings of what holds settings and texts, and no program.
const NO_PROGRAMS: &[&str] = &["cfg", "conf", "ini", "j2", "json", "md", "rst", "yaml", "yml"];

/// Sets back such units, where nothing else in the tree bears the name of the unit or of its program.
pub(super) fn set_back(candidates: &mut [Candidate<'_>], facts: &Facts, ties: &Ties) {
    let mut made = None;
    let units = candidates.iter_mut().filter(|c| c.source == Origin::Systemd && c.founds());
    for candidate in units {
        let Some(role) = role(candidate.reason.place.folder(), facts) else { continue };
        let Some(program) = program(candidate) else { continue };
        let doubt = if is_script_of(role, program, facts) {
            "runs a script that looks after the machine"
        } else if PACKAGED.contains(&folder_of(program)) {
            "starts software of others"
        } else {
            continue;
        };
        let made = made.get_or_insert_with(|| made_names(facts));
        let names = [key(stem(last_part(program))), candidate.key.clone()];
        if names.iter().any(|name| made.contains(name) || ties.bears_name(name)) {
            continue;
        }
        let name = &candidate.name;
        candidate.standing = Standing::Foreign(format!(
            "{doubt}: nothing in the tree makes `{program}`, and `{role}` puts the unit on machines; a \
             gonogo.yaml beside it with `service: {name}` makes it a service"
        ));
    }
}

/// The role that copies what stands in `folder` to machines.
fn role<'p>(folder: &'p str, facts: &Facts) -> Option<&'p str> {
    let copied = ancestors(folder).filter(|folder| COPIED.contains(&last_part(folder)));
    let mut roles = copied.map(folder_of).filter(|role| last_part(folder_of(role)) == "roles");
    roles.find(|role| facts.has_folder(&format!("{role}/tasks")))
}

/// The path of the program that a unit starts.
fn program<'f>(candidate: &Candidate<'f>) -> Option<&'f str> {
    let Fact::Workload(workload) = candidate.fact else { return None };
    let program = workload.containers.first()?.command.as_deref()?.split_whitespace().next()?;
    (!RUNNERS.contains(&last_part(program))).then_some(program)
}

/// Whether a program is a script of a shell that the role brings itself.
fn is_script_of(role: &str, program: &str, facts: &Facts) -> bool {
    let name = last_part(program);
    let is_there = |folder: &str| {
        let path = format!("{role}/{folder}/{name}");
        facts.has_path(&path) || facts.has_path(&format!("{path}.j2"))
    };
    name.rsplit('.').next() == Some("sh") && COPIED.iter().any(|folder| is_there(folder))
}

/// A file's name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Keys of what may be programs of the tree: images that it builds, folders and files outside of roles.
fn made_names(facts: &Facts) -> BTreeSet<String> {
    let is_of_role = |path: &str| path.starts_with("roles/") || path.contains("/roles/");
    let is_program = |path: &str| {
        let ending = last_part(path).rsplit_once('.').map_or("", |(_, ending)| ending);
        !NO_PROGRAMS.contains(&ending)
    };
    let own = facts.paths.iter().filter(|path| !is_of_role(path) && is_program(path));
    let parts = own.flat_map(|path| path.split('/')).map(|part| key(stem(part)));
    let built = facts.builds.iter().filter_map(|build| image_name(&build.image));
    parts.chain(built).collect()
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    /// Names of the services of a tree whose role has a unit that runs `command`.
    fn services(unit: &str, command: &str, beside: &[&str]) -> Vec<String> {
        let service = format!("[Service]\nUser=till\nExecStart={command}\nRestart=always\n");
        let mut files = vec![(unit, service.as_str()), ("machines/roles/till/tasks/main.yml", "")];
        files.extend(beside.iter().map(|path| (*path, "")));
        let found = discover(&tree(&files)).services.into_iter();
        found.map(|service| service.name).collect()
    }

    const UNIT: &str = "machines/roles/till/files/till-agent.service";

    #[test]
    fn what_a_role_puts_on_machines_is_software_of_these() {
        assert_eq!(services(UNIT, "/usr/bin/till agent", &[]), [""; 0]);
        assert_eq!(services(UNIT, "/usr/sbin/till", &["machines/till.yml"]), [""; 0]);
        let script = ["machines/roles/till/files/look.sh"];
        assert_eq!(services(UNIT, "/usr/local/bin/look.sh --often", &script), [""; 0]);
        let script = ["machines/roles/till/templates/look.sh.j2"];
        assert_eq!(services(UNIT, "/usr/local/bin/look.sh", &script), [""; 0]);
    }

    #[test]
    fn what_may_be_of_the_team_is_none() {
        let own = ["till-agent"];
        for (command, beside) in [
            ("/opt/till/bin/till", ""),
            ("/usr/local/bin/look.sh", ""),
            ("/usr/bin/docker run acme/till", ""),
            ("/usr/bin/python3 /srv/till.py", ""),
            ("/usr/bin/till", "cmd/till/main.go"),
            ("/usr/bin/till", "src/till.c"),
            ("/usr/bin/shop-till", ""),
        ] {
            assert_eq!(services(UNIT, command, &[beside]), own, "{command} {beside}");
        }
        assert_eq!(services("units/till-agent.service", "/usr/bin/till", &[]), own);
        assert_eq!(
            services("machines/roles/other/files/till-agent.service", "/bin/till", &[]),
            own
        );
    }

    #[test]
    fn a_declaration_makes_it_a_service() {
        let unit = "[Service]\nExecStart=/usr/bin/till\n";
        let found = discover(&tree(&[
            ("roles/till/files/till.service", unit),
            ("roles/till/files/gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("roles/till/tasks/main.yml", ""),
        ]));
        let [till] = found.services.try_into().unwrap();
        assert_eq!(till.reasons.len(), 2);
    }
}
