//! Backstage's catalog-info.yaml: components, and the groups and users that own them.

mod component;
mod reference;
mod rules;
mod spec;
mod template;

use std::sync::LazyLock;

use model::Placed;
use regex::Regex;

use crate::discover::name::key;
use crate::read::Source;
use crate::tree::{Node, Value};
use crate::{CatalogEntry, CatalogFormat, Facts, Gap, Party, Subject};

pub(super) use template::is_template;

/// A line that says that the document is an entity.
static VERSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)^[\s{]*"?apiVersion"?\s*:\s*["']?backstage\.io/"#).ok());

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    matches!(name, "catalog-info.yaml" | "catalog-info.yml")
}

/// Whether the text was probably meant for this reader.
pub(super) fn is_like(text: &str) -> bool {
    text.contains("backstage.io/") && VERSION.as_ref().is_some_and(|version| version.is_match(text))
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    let version = document.get("apiVersion").and_then(Node::str);
    let is_entity = version.is_some_and(|version| version.starts_with("backstage.io/"));
    if !is_entity && !is_named(source.path, source.name) {
        return false;
    }
    match document.get("kind").and_then(Node::str).filter(|kind| !kind.trim().is_empty()) {
        None if component::lacks_kind(document) => {
            facts.catalog.push(component::component(source, document));
        }
        Some("Component") => facts.catalog.push(component::component(source, document)),
        Some("API") => facts.catalog_apis.push(component::component(source, document)),
        Some("Group") => facts.parties.extend(party(document, true, "members")),
        Some("User") => facts.parties.extend(party(document, false, "memberOf")),
        // Others are no services and own nothing.
        Some(_) => {}
        None => facts.gaps.push(Gap {
            subject: Some(Subject::Catalog),
            place: document.place.start(),
            reason: "is no entity of Backstage: `kind` is missing".to_owned(),
            name: None,
        }),
    }
    true
}

/// Takes the only API of a tree without components for the entry of what serves it, where something
/// of the tree bears its name: some describe a service to the catalog by its API alone. All others
/// stay APIs.
pub(super) fn settle(facts: &mut Facts) {
    let has_components = facts.catalog.iter().any(|e| e.format == CatalogFormat::Backstage);
    let [entry] = facts.catalog_apis.as_slice() else { return };
    if has_components {
        return;
    }
    let is_in_root =
        entry.place.folder().split('/').all(|part| part.is_empty() || part.starts_with('.'));
    let own = key(&entry.name);
    let packages =
        facts.packages.iter().filter_map(|package| package.name.as_ref().map(|name| name.as_str()));
    let workloads = facts.workloads.iter().map(|workload| workload.name.as_str());
    let charts = facts.charts.iter().map(|chart| chart.as_str());
    let mut names = packages.chain(workloads).chain(charts).chain([&*facts.root_name]);
    if is_in_root && names.any(|name| key(name.rsplit(['/', ':']).next().unwrap_or(name)) == own) {
        // That it is `openapi` or `grpc` tells nothing of the kind of the service.
        let entries =
            facts.catalog_apis.drain(..).map(|entry| CatalogEntry { kind: None, ..entry });
        facts.catalog.extend(entries);
    }
}

fn party(document: &Node, is_group: bool, members: &str) -> Option<Party> {
    let name = document.get("metadata")?.string("name")?;
    let kind = document.at(&["spec", "type"]).and_then(Node::str).map(str::to_owned);
    let members = document.at(&["spec", members]).into_iter();
    Some(Party { name, is_group, kind, members: members.flat_map(Node::strings).collect() })
}

/// The texts of a sequence with their places; all else is left out.
fn texts<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = Placed<String>> + 'n {
    let list = node.get(key).filter(|list| matches!(list.value, Value::Sequence(_)));
    list.into_iter().flat_map(Node::strings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_only_api_speaks_for_what_serves_it_and_no_other_does() {
        let api = |name: &str| {
            format!(
                "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: {name}}}\n\
                 spec: {{type: openapi, lifecycle: live, owner: tills, definition: {{$text: x}}}}\n"
            )
        };
        let entries = |files: &[(&str, &str)]| -> Vec<String> {
            let mut facts = Facts::default();
            for (path, text) in files {
                facts.append(read(&Arc::from(*path), text.as_bytes()));
            }
            crate::settle(&mut facts);
            let owners = facts.catalog.iter().flat_map(|entry| &entry.owners);
            owners.map(|owner| owner.value.clone()).collect()
        };
        let (own, other) = (api("till-api"), api("rates"));
        let chart =
            ("helm/till-api/Chart.yaml", "apiVersion: v2\nname: till-api\nversion: 1.0.0\n");
        let package = ("package.json", "{\"name\": \"till-api\", \"version\": \"1.0.0\"}");
        assert_eq!(entries(&[("acme-catalog-info.yaml", &own), chart]), ["tills"]);
        assert_eq!(entries(&[("acme-catalog-info.yaml", &own), package]), ["tills"]);
        assert_eq!(entries(&[("catalog-info.yaml", &other), package]), [""; 0]);
        assert_eq!(entries(&[("apis/a.yaml", &own), package]), [""; 0]);
        let both = format!("{own}---\n{other}");
        assert_eq!(entries(&[("catalog-info.yaml", &both), package]), [""; 0]);
        let component = own.replace("kind: API", "kind: Component");
        let both = format!("{component}---\n{own}");
        assert_eq!(entries(&[("catalog-info.yaml", &both), package]).len(), 1);
    }

    use std::sync::Arc;

    use proptest::prelude::*;

    use crate::{CatalogEntry, Facts, Topic, read};

    const FULL: &str = r#"# two entities
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payout-api
  title: Payout API
  description: pays out
  labels: {acme.example/tier: "1"}
  annotations:
    pagerduty.com/service-id: P1
    github.com/project-slug: acme/payout
    backstage.io/techdocs-ref: dir:.
    grafana/dashboard-selector: "title=payout"
  tags: [rust, tier-2]
  links:
    - {url: "https://wiki.example/rb", title: Runbook, icon: docs}
    - {url: "https://payout.example", title: Production}
spec:
  type: service
  lifecycle: production
  owner: group:default/payments
  system: money
  dependsOn: [resource:payout-db, component:default/ledger]
  consumesApis: [rates]
  providesApis: [payout]
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, children: [], members: [kim, lee]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: kim}
spec: {memberOf: [payments]}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: payout}
spec: {type: openapi}
"#;

    fn facts(path: &str, text: &str) -> Facts {
        read(&Arc::from(path), text.as_bytes())
    }

    fn one(text: &str) -> CatalogEntry {
        let mut facts = facts("shop/catalog-info.yaml", text);
        assert_eq!((facts.catalog.len(), facts.gaps.len()), (1, 0));
        facts.catalog.remove(0)
    }

    fn troubles(text: &str) -> Vec<(u32, u32, String)> {
        let troubles = one(text).troubles.into_iter();
        troubles.map(|t| (t.place.line, t.place.column, t.value)).collect()
    }

    fn component(metadata: &str, spec: &str) -> String {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a\n{metadata}spec:\n  type: service\n  lifecycle: production\n  owner: x\n{spec}"
        )
    }

    #[test]
    fn a_component_is_an_entry_and_groups_and_users_are_parties() {
        let facts = facts("catalog-info.yaml", FULL);
        assert_eq!((facts.catalog.len(), facts.parties.len(), facts.gaps.len()), (1, 2, 0));
        let entry = &facts.catalog[0];
        assert_eq!(entry.troubles, []);
        assert_eq!((entry.place.line, entry.name.place.line, entry.name.place.column), (2, 5, 9));
        assert_eq!(entry.name.value, "payout-api");
        assert_eq!(entry.kind.as_ref().unwrap().value, "service");
        assert_eq!(entry.owners[0].value, "group:default/payments");
        assert_eq!(entry.tier.as_ref().unwrap().value, "tier-2");
        assert_eq!(entry.on_call.as_ref().unwrap().value, "P1");
        let needed: Vec<_> = entry.depends_on.iter().map(|name| name.as_str()).collect();
        assert_eq!(needed, ["resource:payout-db", "component:default/ledger", "rates"]);
        let topics: Vec<_> = entry.links.iter().map(|link| link.topic).collect();
        let expected = [
            Topic::Repository,
            Topic::Documentation,
            Topic::Dashboard,
            Topic::Runbook,
            Topic::Other,
        ];
        assert_eq!(topics, expected);
        assert_eq!(entry.links[0].url.value, "https://github.com/acme/payout");
        assert_eq!(entry.links[1].url.value, ".");
        assert_eq!(facts.parties[0].members.len(), 2);
        assert!(!facts.parties[1].is_group);
        assert_eq!(facts.parties[1].members[0].value, "payments");
    }

    #[test]
    fn what_backstage_refuses_is_a_trouble_at_its_place() {
        let missing = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a}\nspec:\n  type: service\n  owner:\n";
        let expected = vec![
            (4, 1, "`spec.lifecycle` is missing".to_owned()),
            (6, 3, "`spec.owner` is missing".to_owned()),
        ];
        assert_eq!(troubles(missing), expected);
        let cases = [
            ("  namespace: Big\n", "", (5, 14), "is no namespace"),
            ("  tags: [C++, Spring]\n", "", (5, 10), "`C++` is no tag"),
            ("  annotations:\n    x: 7\n", "", (6, 8), "put `7` in quotes"),
            ("  labels:\n    x: [a]\n", "", (6, 8), "`x` in labels is not a text"),
            ("  links: [{title: x}]\n", "", (5, 11), "a link has no `url`"),
            ("", "  dependsOn: [db]\n", (9, 15), "names no kind: write `component:db`"),
            ("", "  dependsOn: resource:db\n", (9, 14), "`spec.dependsOn` is not a list"),
            (
                "",
                "  system: 'my system'\n",
                (9, 11),
                "`my system` in `spec.system` is no reference",
            ),
            ("", "  providesApis: ['a b']\n", (9, 18), "is no reference"),
        ];
        for (metadata, spec, at, part) in cases {
            let (line, column, said) = troubles(&component(metadata, spec)).remove(0);
            assert_eq!((line, column), at, "{said}");
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn names_that_backstage_refuses_are_troubles() {
        for (name, is_refused) in [
            ("a_b.c-D", false),
            ("-a", true),
            ("a b", true),
            ("ä", true),
            ("7", true),
            ("\"7\"", false),
        ] {
            let text = component("", "").replace("name: a\n", &format!("name: {name}\n"));
            assert_eq!(troubles(&text).len(), usize::from(is_refused), "{name}");
        }
        let long = component("", "").replace("name: a\n", &format!("name: {}\n", "a".repeat(64)));
        assert_eq!(troubles(&long).len(), 1);
    }

    #[test]
    fn a_component_without_name_is_called_like_its_folder() {
        let entry = one(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nspec: {type: service, lifecycle: x, owner: y}\n",
        );
        assert_eq!(entry.name.value, "shop");
        assert_eq!(entry.troubles[0].value, "`metadata.name` is missing");
        let bare = one("kind: Component\nmetadata: {name: b}\n");
        let said: Vec<_> = bare.troubles.iter().map(|trouble| trouble.value.as_str()).collect();
        assert!(said[0].starts_with("`apiVersion` is not"), "{said:?}");
        assert!(said[1].starts_with("`spec` is missing"), "{said:?}");
    }

    #[test]
    fn a_component_may_stand_for_a_folder_of_its_repository() {
        let folder = |slug: &str| {
            let text =
                component(&format!("  annotations:\n    github.com/project-slug: {slug}\n"), "");
            one(&text).folder
        };
        assert_eq!(folder("acme/shop/web/till/").as_deref(), Some("web/till"));
        assert_eq!(folder("acme/shop"), None);
    }

    #[test]
    fn a_component_whose_kind_was_left_empty_is_an_entry_with_a_trouble() {
        let text = component("", "").replace("kind: Component", "kind: ''");
        let expected = (2, 7, "`kind` is empty: write `Component`".to_owned());
        assert_eq!(troubles(&text), [expected]);
        let bare = "apiVersion: backstage.io/v1alpha1\nkind: ''\nmetadata: {name: a}\n";
        let facts = facts("catalog-info.yaml", bare);
        assert_eq!((facts.catalog.len(), facts.gaps.len()), (0, 1));
    }

    #[test]
    fn placeholders_are_troubles_and_no_dependencies() {
        let text = component("", "  dependsOn: ['<component_or_resource>', 'resource:db']\n");
        let entry = one(&text);
        let needed: Vec<_> = entry.depends_on.iter().map(|name| name.as_str()).collect();
        assert_eq!(needed, ["resource:db"]);
        assert!(entry.troubles[0].value.ends_with("is a placeholder that nobody filled in"));
    }

    #[test]
    fn an_integration_key_is_not_repeated() {
        let text = component("  annotations:\n    pagerduty.com/integration-key: s3cret\n", "");
        assert_eq!(one(&text).on_call.unwrap().value, "PagerDuty integration");
    }

    #[test]
    fn entities_are_known_by_their_version_whatever_the_file_is_called() {
        let text = component("", "");
        assert_eq!(facts("catalog/a.yaml", &text).catalog.len(), 1);
        let json = r#"{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "a"}, "spec": {}}"#;
        assert_eq!(facts("a.json", json).catalog.len(), 1);
        let other =
            "apiVersion: v1\nkind: Component\nmetadata: {annotations: {backstage.io/x: y}}\n";
        assert!(facts("a.yaml", other).catalog.is_empty());
        let gap = &facts("catalog-info.yaml", "a: 1\n").gaps[0];
        assert_eq!(gap.reason, "is no entity of Backstage: `kind` is missing");
    }

    #[test]
    fn skeletons_are_no_entries_and_leave_no_gaps() {
        let skeleton = component("", "").replace("name: a", "name: ${{ values.name }}");
        let jinja = format!("{{%- if values.x %}}\n{skeleton}");
        let cookie = skeleton.replace("${{ values.name }}", "{{ cookiecutter.name }}");
        for text in [&skeleton, &jinja, &cookie] {
            assert_eq!(facts("skeleton/catalog-info.yaml", text), Facts::default());
        }
        let plain = component("", "");
        assert_eq!(facts("${{values.id}}/catalog-info.yaml", &plain), Facts::default());
        let beside = format!(
            "kind: Template\napiVersion: scaffolder.backstage.io/v1beta3\nspec: {{a: '${{{{ values.x }}}}'}}\n---\n{plain}"
        );
        assert_eq!(facts("catalog-info.yaml", &beside).catalog.len(), 1);
    }

    proptest! {
        #[test]
        fn mutated_files_never_panic(
            at in 0..FULL.len(), length in 0..40_usize, put in "[\\[\\]{}:,\"'&*|>#\n a-z0-9é-]{0,6}"
        ) {
            let start = FULL.floor_char_boundary(at);
            let end = FULL.floor_char_boundary((at + length).min(FULL.len())).max(start);
            let text = format!("{}{put}{}", &FULL[..start], &FULL[end..]);
            for entry in facts("catalog-info.yaml", &text).catalog {
                prop_assert!(!entry.name.value.is_empty());
            }
        }
    }
}
