//! Configurations of Wrangler, which brings programs to Cloudflare: what is run, and by what.

use model::Placed;
use toml_edit::{Document, Item, TableLike};

use super::Source;
use crate::cursor::Cursor;
use crate::tree::{self, Node};
use crate::{Facts, Worker};

/// Keys of what is run: a program, files to show.
const RUN: &[&str] = &["assets", "main", "pages_build_output_dir", "site"];

/// Keys that say nothing of what is run, nor of what it is given.
const BARE: &[&str] =
    &["$schema", "account_id", "compatibility_date", "compatibility_flags", "name"];

/// Keys by which it is asked over the network.
const ASKED: &[&str] = &["assets", "pages_build_output_dir", "route", "routes", "site"];

pub(super) fn is_named(_: &str, name: &str) -> bool {
    matches!(name, "wrangler.json" | "wrangler.jsonc" | "wrangler.toml")
}

/// Reads the file; one that cannot be read tells nothing, and runs what stands beside it.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let worker = if source.name == "wrangler.toml" {
        Document::parse(source.text).ok().map(|document| of_toml(source, document.as_table()))
    } else {
        let read = tree::read_json(source.path, source.text);
        read.documents.first().map(|document| of_json(source, &document.root))
    };
    facts.workers.extend(worker);
}

fn of_toml(source: Source<'_>, table: &dyn TableLike) -> Worker {
    let name = table.get("name").and_then(|item| {
        let start = item.span().map_or(0, |span| span.start);
        let place = Cursor::new(source.path, source.text).point(start);
        Some(Placed::new(item.as_str()?.to_owned(), place))
    });
    let stages = table.get("env").and_then(Item::as_table_like);
    let stages = stages.into_iter().flat_map(TableLike::iter);
    let stages: Vec<_> = stages.filter_map(|(_, stage)| stage.as_table_like()).collect();
    let has =
        |key: &str| table.contains_key(key) || stages.iter().any(|stage| stage.contains_key(key));
    let crons = table.get("triggers").and_then(|item| item.as_table_like()?.get("crons"));
    let has_crons = crons.and_then(Item::as_array).is_some_and(|crons| !crons.is_empty());
    let is_closed = table.get("workers_dev").and_then(Item::as_bool) == Some(false);
    let is_bare = table.iter().all(|(key, _)| BARE.contains(&key));
    worker(source, name, is_bare, &has, has_crons, is_closed)
}

fn of_json(source: Source<'_>, root: &Node) -> Worker {
    let stages: Vec<&Node> =
        root.get("env").into_iter().flat_map(Node::entries).map(|(.., stage)| stage).collect();
    let has =
        |key: &str| root.get(key).is_some() || stages.iter().any(|stage| stage.get(key).is_some());
    let has_crons = root.at(&["triggers", "crons"]).is_some_and(|crons| !crons.items().is_empty());
    let is_closed = root.get("workers_dev").and_then(Node::bool) == Some(false);
    let is_bare = root.entries().all(|(key, ..)| BARE.contains(&key));
    worker(source, root.string("name"), is_bare, &has, has_crons, is_closed)
}

/// Cloudflare gives every program an address, `is_closed`: but this one. One that is called after its
/// clock is there for that.
fn worker(
    source: Source<'_>,
    name: Option<Placed<String>>,
    is_bare: bool,
    has: &dyn Fn(&str) -> bool,
    has_crons: bool,
    is_closed: bool,
) -> Worker {
    const CLOCKS: &[&str] = &["cron", "crons", "job", "jobs", "scheduled", "scheduler", "schedule"];
    let called = name.as_ref().map_or("", |name| name.as_str());
    let is_clock = called.split(['-', '_', '.']).any(|word| CLOCKS.contains(&word));
    Worker {
        place: model::Place::file(source.path.clone()),
        runs: RUN.iter().any(|key| has(key)),
        is_bare,
        is_by_clock: has_crons && (is_closed || is_clock) && !ASKED.iter().any(|key| has(key)),
        name,
    }
}

#[cfg(test)]
mod tests {
    use model::Kind;

    use crate::discover::discover;
    use crate::discover::tests::tree;

    fn found(files: &[(&str, &str)]) -> Vec<(String, Kind)> {
        let services = discover(&tree(files)).services;
        services.into_iter().map(|service| (service.name, service.kind)).collect()
    }

    #[test]
    fn what_only_names_a_database_runs_nothing() {
        let own = ("till/wrangler.jsonc", "{\"name\": \"acme-till\", \"main\": \"a.ts\"} // it\n");
        let store = "{\"name\": \"acme-sql\", \"d1_databases\": [{\"binding\": \"DB\"}]}";
        let till = [("acme-till".to_owned(), Kind::Web)];
        assert_eq!(found(&[own, ("sql/wrangler.jsonc", store)]), till);
        let table = "name = \"acme-sql\"\n[[d1_databases]]\nbinding = \"DB\"\n";
        assert_eq!(found(&[own, ("sql/wrangler.toml", table)]), till);
        // Frameworks name the program themselves, and so may who starts Wrangler.
        for beside in ["sql/src/index.ts", "sql/nuxt.config.ts", "sql/functions/a.ts"] {
            let all = found(&[own, ("sql/wrangler.toml", table), (beside, "")]);
            assert_eq!(all, [("acme-sql".to_owned(), Kind::Web), till[0].clone()], "{beside}");
        }
        for runs in ["main = \"a.ts\"", "[assets]", "[site]", "[env.production]\nmain = \"a.ts\""] {
            let file = format!("name = \"page\"\n{runs}\n");
            assert_eq!(found(&[("page/wrangler.toml", &file)]).len(), 1, "{runs}");
        }
    }

    #[test]
    fn what_says_only_its_name_runs_nothing_where_another_file_names_the_program() {
        let own = ("till/wrangler.toml", "name = \"acme-till\"\nmain = \"a.ts\"\n");
        let bare = ("wrangler.toml", "name = \"acme\"\ncompatibility_date = \"2026-01-01\"\n");
        let page = [("src/main.tsx", ""), ("vite.config.ts", "")];
        let till = [("acme-till".to_owned(), Kind::Web)];
        assert_eq!(found(&[own, bare, page[0], page[1]]), till);
        let json = ("wrangler.json", "{\"name\": \"acme\", \"compatibility_flags\": []}");
        assert_eq!(found(&[own, json, page[0], page[1]]), till);
        // Alone, what starts Wrangler names the program; and so it may where an entry stands beside.
        assert_eq!(found(&[bare, page[0], page[1]]).len(), 1);
        assert_eq!(found(&[own, bare, ("src/index.ts", "")]).len(), 2);
        let given = ("wrangler.toml", "name = \"acme\"\n[vars]\nSHOP = \"1\"\n");
        assert_eq!(found(&[own, given, page[0], page[1]]).len(), 2);
    }

    #[test]
    fn what_a_clock_starts_and_nobody_asks_is_a_job() {
        let file = |name: &str, more: &str| {
            let text = format!(
                "name = \"{name}\"\nmain = \"a.ts\"\n{more}\n[triggers]\ncrons = [\"0 1 * * *\"]\n"
            );
            found(&[("till/wrangler.toml", &text)])[0].1
        };
        assert_eq!(file("acme-scheduled", ""), Kind::Batch);
        assert_eq!(file("acme-till", "workers_dev = false"), Kind::Batch);
        assert_eq!(file("acme-till", ""), Kind::Web);
        assert_eq!(file("acme-scheduled", "route = \"acme.example/*\""), Kind::Web);
    }
}
