//! Linters that golangci-lint is told to run: `.golangci.yml`.

use model::Placed;

use super::Source;
use crate::Facts;
use crate::tree::Node;

pub(super) fn is_named(_: &str, name: &str) -> bool {
    matches!(name, ".golangci.yml" | ".golangci.yaml" | ".golangci.json")
}

/// Reads the linters that are switched on by name; all of them where all are.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if !is_named(source.path, source.name) {
        return false;
    }
    let Some(linters) = document.get("linters") else { return true };
    let off: Vec<String> = strings(linters, "disable").map(|linter| linter.value).collect();
    let all = [linters.get("enable-all"), linters.get("default")];
    let mut all = all.into_iter().flatten();
    let all = all.find(|node| node.bool() == Some(true) || node.str() == Some("all"));
    let all = all.map(|node| Placed::new("gosec".to_owned(), node.place.clone()));
    let on = strings(linters, "enable").chain(all).filter(|linter| !off.contains(&linter.value));
    facts.linters.extend(on);
    true
}

fn strings<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = Placed<String>> + use<'a> {
    node.get(key).into_iter().flat_map(Node::strings)
}

#[cfg(test)]
mod tests {
    use crate::read::read;

    fn linters(text: &str) -> Vec<String> {
        let facts = read(&".golangci.yml".into(), text.as_bytes());
        facts.linters.into_iter().map(|linter| linter.value).collect()
    }

    #[test]
    fn linters_are_switched_on_by_name_or_all_at_once() {
        assert_eq!(linters("linters:\n  enable: [errcheck, gosec]\n"), ["errcheck", "gosec"]);
        assert_eq!(linters("linters: {enable: [gosec], disable: [gosec]}\n"), [""; 0]);
        assert_eq!(linters("linters: {enable-all: true}\n"), ["gosec"]);
        assert_eq!(linters("linters: {default: all, disable: [gosec]}\n"), [""; 0]);
        assert_eq!(linters("run: {timeout: 5m}\n"), [""; 0]);
    }
}
