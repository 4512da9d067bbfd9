//! gonogo.yaml.

mod agreement;
mod journey;
mod parts;

use model::{Lifecycle, Place, Placed, Tier};

use crate::catalog::lifecycle_of;
use crate::read::Source;
use crate::schema::{self, Fields};
use crate::tree::{Node, Trouble, Value};
use crate::{Declaration, Facts, Gap, Subject};

/// Names of the file.
const NAMES: [&str; 4] = ["gonogo.yaml", "gonogo.yml", ".gonogo.yaml", ".gonogo.yml"];

/// Services of one file that are searched for a name that stands twice.
const MOST_COMPARED: usize = 1_000;

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    NAMES.contains(&name)
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if !is_named(source.path, source.name) {
        return false;
    }
    match &document.value {
        Value::Sequence(items) if !items.is_empty() => {
            for item in items {
                take(source, item, facts);
            }
        }
        _ => take(source, document, facts),
    }
    true
}

/// Takes what declares one service; what cannot declare any was not read.
fn take(source: Source<'_>, node: &Node, facts: &mut Facts) {
    if matches!(node.value, Value::Mapping(_)) {
        add(declaration(source, node), facts);
    } else if let Some(trouble) = schema::check(node).into_iter().next() {
        let Placed { value: reason, place } = trouble;
        facts.gaps.push(Gap { subject: Some(Subject::Declaration), place, reason, name: None });
    }
}

/// What a file without any document leaves unread.
pub(super) fn empty(source: Source<'_>) -> Option<Gap> {
    is_named(source.path, source.name).then(|| Gap {
        subject: Some(Subject::Declaration),
        place: Place::file(source.path.clone()),
        reason: "is empty".to_owned(),
        name: None,
    })
}

/// Takes over what was wrong with a document that could be read all the same; `false`: the
/// trouble concerns no declaration.
pub(super) fn take_over(trouble: &Trouble, facts: &mut Facts) -> bool {
    if trouble.is_document_lost {
        return false;
    }
    let mut earlier = facts.declarations.iter_mut().rev();
    let Some(declaration) = earlier.find(|known| known.place <= trouble.place) else {
        return false;
    };
    declaration.troubles.push(Placed::new(trouble.reason.clone(), trouble.place.clone()));
    declaration.troubles.sort_by_key(|trouble| (trouble.place.line, trouble.place.column));
    true
}

fn declaration(source: Source<'_>, node: &Node) -> Declaration {
    let fields = Fields::new(node);
    let mut troubles = schema::check(node);
    let service = fields.text("service").unwrap_or_else(|| {
        let name = source.fallback_name().to_owned();
        let trouble = format!("until `service` names it, the service is called `{name}`");
        troubles.push(Placed::new(trouble, fields.place()));
        Placed::new(name, fields.place())
    });
    let mut declaration = Declaration {
        service,
        kind: fields.parsed("kind", |text| text.parse().ok()),
        tier: tier(fields),
        owner: fields.text("owner"),
        backup_owner: fields.text("backup-owner"),
        lifecycle: fields.parsed("lifecycle", lifecycle),
        policy: fields.text("policy"),
        description: fields.text("description"),
        journeys: journey::journeys(fields),
        identities: parts::identities(fields),
        dependencies: parts::dependencies(fields),
        dependencies_at: fields.place_of("dependencies"),
        run: fields.inside("run").map(parts::run),
        data: parts::stores(fields),
        deploy: fields.inside("deploy").map(parts::deploy),
        links: parts::links(fields),
        troubles,
        place: fields.place(),
    };
    let disagreements = agreement::troubles(fields, &declaration);
    declaration.troubles.extend(disagreements);
    declaration.troubles.sort_by_key(|trouble| (trouble.place.line, trouble.place.column));
    declaration
}

fn tier(fields: Fields<'_>) -> Option<Placed<Tier>> {
    let Placed { value, place } = fields.whole("tier")?;
    let tier = Tier::try_from(u8::try_from(value).ok()?).ok()?;
    Some(Placed::new(tier, place))
}

/// Only the four words of the table.
fn lifecycle(text: &str) -> Option<Lifecycle> {
    matches!(text, "experimental" | "production" | "deprecated" | "retired")
        .then(|| lifecycle_of(text))?
}

/// Adds a declaration beside those of the same file.
fn add(mut declaration: Declaration, facts: &mut Facts) {
    let name = &declaration.service;
    let mut earlier = facts.declarations.iter().take(MOST_COMPARED);
    if let Some(first) = earlier.find(|first| first.service.value == name.value) {
        let line = first.service.place.line;
        let trouble = format!("the service `{}` stands twice: first on line {line}", name.value);
        declaration.troubles.push(Placed::new(trouble, name.place.clone()));
    }
    facts.declarations.push(declaration);
}

/// A name for what has none, by its position from 0.
fn numbered(what: &str, position: usize, place: &Place) -> Placed<String> {
    Placed::new(format!("{what} {}", position + 1), place.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::Kind;
    use proptest::prelude::*;

    use super::*;
    use crate::{Indicator, read};

    const EXAMPLE: &str = include_str!("../schema/example.yaml");

    fn facts(path: &str, text: &str) -> Facts {
        read(&Arc::from(path), text.as_bytes())
    }

    fn one(text: &str) -> Declaration {
        let mut facts = facts("shop/gonogo.yaml", text);
        assert_eq!(facts.gaps, []);
        assert_eq!(facts.declarations.len(), 1);
        facts.declarations.remove(0)
    }

    /// Each trouble with its line and column.
    fn troubles(text: &str) -> Vec<(u32, u32, String)> {
        let troubles = one(text).troubles.into_iter();
        troubles.map(|t| (t.place.line, t.place.column, t.value)).collect()
    }

    fn trouble(text: &str) -> (u32, u32, String) {
        let mut troubles = troubles(text);
        assert_eq!(troubles.len(), 1, "{troubles:?}");
        troubles.remove(0)
    }

    fn number(read: Option<&Placed<f64>>) -> Option<f64> {
        read.map(|read| read.value)
    }

    #[test]
    fn the_whole_file_is_read_without_trouble() {
        let read = one(EXAMPLE);
        assert_eq!(read.troubles, []);
        assert_eq!(read.service.value, "checkout");
        assert_eq!(read.kind.unwrap().value, Kind::Web);
        assert_eq!(read.tier.unwrap().value, Tier::One);
        assert_eq!(read.lifecycle.unwrap().value, Lifecycle::Production);
        assert_eq!(read.identities.len(), 2);
        let journeys = read.journeys.unwrap();
        let journey = &journeys[0];
        let request = journey.request.as_ref().unwrap();
        assert_eq!(request.value, ("POST".to_owned(), "/orders".to_owned()));
        assert_eq!(journey.expected_status.as_ref().unwrap().value, 201);
        assert_eq!(number(journey.peak_per_s.as_ref()), Some(50.0));
        let sent = journey.exchange.as_ref().unwrap();
        assert_eq!(sent.headers, [("content-type".to_owned(), "application/json".to_owned())]);
        assert_eq!((sent.body.as_deref(), sent.status), (Some(r#"{"sku":"a1","n":1}"#), Some(201)));
        assert_eq!(journey.capture[0].1.value, "/id");
        assert_eq!(journey.read_back.as_ref().unwrap().path, "/orders/{id}");
        assert_eq!(read.identities[0].headers[0].1, "Bearer ${ALICE_TOKEN}");
        let dependencies = read.dependencies.unwrap();
        assert_eq!(number(dependencies[1].timeout_s.as_ref()), Some(0.8));
        assert_eq!(dependencies[0].max_retries.as_ref().unwrap().value, 0);
        assert!(dependencies[0].is_critical.as_ref().unwrap().value);
        assert_eq!(dependencies[1].stand_in.first().unwrap(), "python3");
        let run = read.run.unwrap();
        assert_eq!(run.arguments, ["./target/release/checkout"]);
        assert_eq!(number(run.stop_within_s.as_ref()), Some(30.0));
        assert_eq!(run.environment[1].0, "DATABASE_URL");
        let store = &read.data.unwrap()[0];
        assert_eq!(number(store.retention_d.as_ref()), Some(400.0));
        assert_eq!(number(store.rto_s.as_ref()), Some(900.0));
        assert_eq!(store.backup_command.as_ref().unwrap().value, "./ops/backup.sh {file}");
        assert_eq!(read.deploy.unwrap().version.unwrap().value, "/version");
        assert_eq!(read.links.len(), 3);
    }

    #[test]
    fn objectives_are_ratios_with_their_thresholds_at_their_places() {
        let read = one(EXAMPLE);
        let objectives = &read.journeys.unwrap()[0].objectives;
        let [availability, latency] = objectives.as_slice() else { panic!("{objectives:?}") };
        assert_eq!(availability.indicator, Indicator::Availability);
        assert_eq!(number(availability.target.as_ref()), Some(0.999));
        assert_eq!(availability.name.value, "place-order availability");
        assert_eq!(latency.indicator, Indicator::Latency);
        assert_eq!(number(latency.target.as_ref()), Some(0.99));
        assert_eq!(number(latency.threshold_ms.as_ref()), Some(300.0));
        assert_eq!(number(latency.window_d.as_ref()), Some(28.0));
        assert_eq!(latency.journey.as_deref(), Some("place-order"));
        let place = &latency.threshold_ms.as_ref().unwrap().place;
        let line = EXAMPLE.lines().nth(place.line as usize - 1).unwrap();
        assert_eq!(&line[place.column as usize - 1..][..5], "300ms");
    }

    #[test]
    fn an_unknown_key_is_a_trouble_with_a_suggestion() {
        let text = "service: a\ndependencies:\n  - name: db\n    timout: 2s\n";
        let expected = "unknown key `timout`: did you mean `timeout`?".to_owned();
        assert_eq!(trouble(text), (4, 5, expected));
        let (.., moved) = trouble("service: a\nrto: 15m\n");
        assert_eq!(moved, "unknown key `rto`: it belongs under `data[].targets`");
        let (.., moved) = trouble("service: a\nrun: {lifecycle: production}\n");
        assert_eq!(moved, "unknown key `lifecycle`: it belongs at the top of the file");
        let (.., alien) = trouble("service: a\nrun: {colour: blue}\n");
        assert!(
            alien.starts_with("unknown key `colour`: the keys here are command, env"),
            "{alien}"
        );
    }

    #[test]
    fn values_that_are_not_as_the_table_says_are_troubles() {
        let cases = [
            (
                "kind: webb",
                "`webb` is not one of web, worker, batch, library, frontend: did you mean `web`?",
            ),
            ("tier: 4", "`4` is not a whole number from 1 to 3"),
            ("tier: \"1\"", "`tier` is a text: write 1 without quotes"),
            ("owner: 7", "`owner` is the number `7`: put it in quotes to make it a text"),
            ("owner: true", "`owner` is the boolean `true`: put it in quotes to make it a text"),
            ("owner:", "`owner` is empty where a text is expected"),
            ("owner: [a]", "`owner` is a list where a text is expected"),
            ("journeys: {}", "`journeys` is a mapping where a list of mappings is expected"),
            ("journeys: [order]", "an item of `journeys` is a text where a mapping is expected"),
            ("journeys: [{}]", "`name` is missing: name of the journey, unique in the service"),
            ("run: ./start", "`run` is a text where a mapping is expected"),
            (
                "run: {command: ./start --fast}",
                "`command` is a text where a list is expected: write [./start, --fast]",
            ),
            (
                "run: {command: []}",
                "`command` is an empty list where a list of a program and its arguments is expected",
            ),
            (
                "run: {command: [a, {b: c}]}",
                "an argument of `command` is a mapping: arguments are texts",
            ),
            (
                "run: {stop: {signal: SIGTERM}}",
                "`SIGTERM` is not one of TERM, INT, QUIT, HUP, USR1, USR2, WINCH: did you mean `TERM`?",
            ),
            (
                "run: {stop: {within: 30}}",
                "`30` is not a duration such as `800ms`, `15m` or `24h`: it has no unit",
            ),
            (
                "run: {ready: readyz}",
                "`readyz` is neither a path that starts with `/` nor an http address",
            ),
            ("dependencies: [{name: db, critical: yes}]", "`yes` is not a boolean: write `true`"),
            (
                "dependencies: [{name: db, retries: {max: many}}]",
                "`many` is not a whole number from 0 to 1000",
            ),
            ("journeys: [{name: a, peak: 50}]", "`50` is not a rate such as `50/s` or `3000/min`"),
            (
                "journeys: [{name: a, objectives: {availability: 99.9}}]",
                "`99.9` is not a percentage such as `99.9%`",
            ),
            (
                "journeys: [{name: a, objectives: {latency: {99: 1s}}}]",
                "`99` is not a quantile such as `p50`, `p99` or `p99.9`",
            ),
            (
                "data: [{store: db, backup: {schedule: \"0 25 * * *\"}}]",
                "`0 25 * * *` is not a cron expression: `25` is no hour (0 to 23)",
            ),
            (
                "journeys: [{name: a, request: {path: orders}}]",
                "`orders` is not a path: it does not start with `/`",
            ),
            (
                "journeys: [{name: a, capture: {id: id}}]",
                "`id` is not a JSON pointer: it does not start with `/`",
            ),
        ];
        for (line, expected) in cases {
            let (at, _, said) = trouble(&format!("service: a\n{line}\n"));
            assert_eq!((at, said.as_str()), (2, expected), "{line}");
        }
    }

    #[test]
    fn what_a_drill_could_not_send_or_fill_in_is_trouble() {
        let cases = [
            (
                "run: {ready: \"/a b\\r\\nX: y\"}",
                "`/a b\r\nX: y` holds a blank or a line end: write it as `%20` or `%0A`",
            ),
            (
                "dependencies: [{name: port, kind: tcp}]",
                "`{port}` is the port that the service is given: call the dependency otherwise",
            ),
        ];
        for (line, expected) in cases {
            let (at, _, said) = trouble(&format!("service: a\n{line}\n"));
            assert_eq!((at, said.as_str()), (2, expected), "{line}");
        }
    }

    #[test]
    fn a_value_in_the_wrong_quotes_is_read_all_the_same() {
        let read = one("service: a\ntier: \"2\"\nowner: 7\n");
        assert_eq!(read.tier.unwrap().value, Tier::Two);
        assert_eq!(read.owner.unwrap().value, "7");
        assert_eq!(read.troubles.len(), 2);
    }

    #[test]
    fn what_nobody_filled_in_is_a_trouble_and_no_answer() {
        let text = "service: a\nowner: group:TEAM\njourneys:\n  - name: NAME\n    request: {path: /a}\n    \
                    objectives: {availability: 99.9%, window: 28d}\n  - name: b\n    \
                    request: {path: /PATH}\nrun: {command: [PROGRAM, ARGUMENT], ready: /PATH}\n";
        let read = one(text);
        let at: Vec<u32> = read.troubles.iter().map(|trouble| trouble.place.line).collect();
        assert_eq!(at, [2, 4, 8, 9, 9, 9]);
        let said = "`group:TEAM` is still to be filled in: put words of your own there";
        assert_eq!(read.troubles[0].value, said);
        assert_eq!((read.owner, read.journeys), (None, None));
        assert_eq!(read.run.unwrap().ready, None);
        let one_left = one("service: a\njourneys: [{name: NAME}, {name: b}]\n").journeys.unwrap();
        assert_eq!(one_left.len(), 1);
    }

    #[test]
    fn a_missing_service_is_called_like_its_folder() {
        let read = one("tier: 1\n");
        assert_eq!(read.service.value, "shop");
        let said: Vec<_> = read.troubles.iter().map(|t| t.value.as_str()).collect();
        assert_eq!(said[0], "`service` is missing: name of the service");
        assert_eq!(said[1], "until `service` names it, the service is called `shop`");
        let root = facts("gonogo.yaml", "tier: 1\n");
        assert_eq!(root.declarations[0].service.value, "unnamed");
    }

    #[test]
    fn names_that_stand_twice_are_troubles_at_the_second() {
        let text = "service: a\njourneys:\n  - name: x\n  - name: x\ndependencies:\n  - {name: d}\n  - {name: d}\n";
        let expected = vec![
            (4, 11, "the journey `x` stands twice: first on line 3".to_owned()),
            (7, 12, "the dependency `d` stands twice: first on line 6".to_owned()),
        ];
        assert_eq!(troubles(text), expected);
    }

    #[test]
    fn a_key_that_stands_twice_is_a_trouble_and_no_gap() {
        let (line, column, said) = trouble("service: a\ntier: 1\ntier: 2\n");
        assert_eq!((line, column), (3, 1));
        assert!(said.contains("`tier` stands twice"), "{said}");
    }

    #[test]
    fn names_that_nothing_declares_are_troubles() {
        let text = "service: a\ndependencies: [{name: orders-db}]\nrun:\n  env:\n    A: \"{order-db}\"\n    B: \"{orders-db}:{port}\"\n    C: '${HOME} {\"a\":1}'\n";
        let expected =
            "`{order-db}` stands for a dependency that is not declared: did you mean `orders-db`?";
        assert_eq!(trouble(text), (5, 8, expected.to_owned()));
        let (.., said) = trouble("service: a\njourneys: [{name: x, as: alice}]\n");
        assert_eq!(said, "`alice` stands for an identity that is not declared");
        let (.., said) = trouble("service: a\ndependencies: [{name: db1}]\ndata: [{store: db2}]\n");
        assert_eq!(said, "`db2` stands for a dependency that is not declared: did you mean `db1`?");
        assert_eq!(troubles("service: a\ndata: [{store: uploads}]\n"), []);
    }

    #[test]
    fn several_services_are_documents_or_a_list() {
        for text in ["service: a\n---\nservice: b\n", "- service: a\n- service: b\n"] {
            let read = facts("gonogo.yml", text);
            let names: Vec<_> = read.declarations.iter().map(|d| d.service.as_str()).collect();
            assert_eq!(names, ["a", "b"]);
            assert!(read.declarations.iter().all(|d| d.troubles.is_empty()));
        }
        let twice = facts(".gonogo.yaml", "service: a\n---\ntier: 1\nservice: a\n");
        let said = &twice.declarations[1].troubles[0];
        assert_eq!(
            (said.place.line, said.value.as_str()),
            (4, "the service `a` stands twice: first on line 1")
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_leaves_a_gap() {
        let broken = facts("gonogo.yaml", "service: [\n");
        assert_eq!((broken.declarations.len(), broken.gaps.len()), (0, 1));
        assert_eq!(broken.gaps[0].subject, Some(Subject::Declaration));
        let half = facts("gonogo.yaml", "service: a\n---\nservice: [\n");
        assert_eq!((half.declarations.len(), half.gaps.len()), (1, 1));
        let empty = facts("gonogo.yaml", "# nothing yet\n");
        assert_eq!(empty.gaps[0].reason, "is empty");
        for (text, declared) in [("checkout\n", 0), ("- service: a\n- checkout\n", 1)] {
            let read = facts("gonogo.yaml", text);
            assert_eq!((read.declarations.len(), read.gaps.len()), (declared, 1), "{text}");
            assert_eq!(read.gaps[0].reason, "the file is a text where a mapping is expected");
        }
        assert_eq!(facts("values.yaml", "service: a\n"), Facts::default());
    }

    #[test]
    fn a_missing_list_is_none_and_an_empty_one_is_empty() {
        let read = one("service: a\njourneys: []\n");
        assert_eq!(read.journeys, Some(Vec::new()));
        assert_eq!((read.dependencies, read.data), (None, None));
    }

    proptest! {
        #[test]
        fn mutated_files_never_panic_and_troubles_stand_in_the_file(
            at in 0..EXAMPLE.len(), length in 0..60_usize, put in "[\\[\\]{}:,\"'&*|>#\n a-z0-9é-]{0,6}"
        ) {
            let start = EXAMPLE.floor_char_boundary(at);
            let end = EXAMPLE.floor_char_boundary((at + length).min(EXAMPLE.len())).max(start);
            let text = format!("{}{put}{}", &EXAMPLE[..start], &EXAMPLE[end..]);
            let lines = u32::try_from(text.lines().count()).unwrap();
            for declaration in facts("gonogo.yaml", &text).declarations {
                prop_assert!(!declaration.service.value.is_empty());
                for trouble in declaration.troubles {
                    prop_assert!((1..=lines + 1).contains(&trouble.place.line), "{:?}", trouble);
                }
            }
        }
    }
}
