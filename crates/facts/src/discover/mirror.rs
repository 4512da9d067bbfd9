//! Dockerfiles that stand in a folder of their own, sorted as the code is: `docker/till/Dockerfile`
//! builds what stands in `till`.

use super::candidate::Candidate;
use super::code::mirrored_folder;
use super::recipe::has_code;
use crate::Facts;

/// Gives what is built in such a folder the folder of the code, where that is there and the own
/// folder holds none.
pub(super) fn relocate(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let built = candidates.iter_mut().filter(|candidate| !candidate.source.is_declared());
    for candidate in built {
        let Some(home) = candidate.home.as_deref() else { continue };
        let Some(code) = mirrored_folder(home) else { continue };
        if has_code(&code, facts) && !has_code(home, facts) {
            candidate.home = Some(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    const IMAGE: &str = "FROM golang:1\nCOPY . .\nCMD [\"/serve\"]\n";

    #[test]
    fn a_folder_of_dockerfiles_mirrors_the_folders_of_the_code() {
        let found = discover(&tree(&[
            ("docker/till/Dockerfile", IMAGE),
            ("docker/stock/Dockerfile", IMAGE),
            ("till/main.go", ""),
            ("stock/main.go", ""),
        ]));
        let folders: Vec<&str> = found.services.iter().map(|s| s.folder.as_str()).collect();
        assert_eq!(folders, ["stock", "till"]);
    }

    #[test]
    fn code_beside_a_dockerfile_stays_where_it_is() {
        let files =
            [("docker/till/Dockerfile", IMAGE), ("docker/till/main.go", ""), ("till/x.go", "")];
        let found = discover(&tree(&files));
        assert_eq!(found.services[0].folder, "docker/till");
    }

    #[test]
    fn a_compose_file_that_changes_another_joins_no_services() {
        let base = "services:\n  till: {build: {dockerfile: docker/till/Dockerfile}}\n  \
                    stock: {build: {dockerfile: docker/stock/Dockerfile}}\n";
        let over = "services:\n  till: {build: {target: dev}}\n  stock: {build: {target: dev}}\n";
        let found = discover(&tree(&[
            ("compose.yaml", base),
            ("docker/compose.dev.yaml", over),
            ("docker/till/Dockerfile", IMAGE),
            ("docker/stock/Dockerfile", IMAGE),
            ("till/main.go", ""),
            ("stock/main.go", ""),
        ]));
        let all: Vec<(&str, &str)> =
            found.services.iter().map(|s| (s.name.as_str(), s.folder.as_str())).collect();
        assert_eq!(all, [("stock", "stock"), ("till", "till")]);
    }
}
