//! Documents as people write them, and as nobody should.

use std::sync::Arc;

use model::{Place, Placed};
use proptest::prelude::*;

use crate::{Document, Role};

fn read(path: &str, text: &str) -> Document {
    let mut facts = crate::read(&Arc::from(path), text.as_bytes());
    assert_eq!(facts.documents.len(), 1, "{path}");
    facts.documents.remove(0)
}

fn at(place: &Place) -> (u32, u32) {
    (place.line, place.column)
}

fn texts(all: &[Placed<String>]) -> Vec<&str> {
    all.iter().map(|one| one.value.as_str()).collect()
}

fn headings(document: &Document) -> Vec<(u8, &str, &str)> {
    document.sections.iter().map(|s| (s.level, s.title.value.as_str(), s.anchor.as_str())).collect()
}

const RUNBOOK: &str = "\
---
owner: team-a
---
Before all.

# Cart is *slow* & `p99` high

Last reviewed: 2026-01-31

## Diagnose

1. Look at [the board](../boards/cart.json#p99).
2. Ask https://status.example.org/x, then
   go on:
   - [ ] nested **item**

```sh
kubectl top pod
  --all
```

| What | Who |
|------|-----|
| cart | `team-a` |

## Diagnose
> quoted
";

#[test]
fn pages_that_a_site_shows_tell_of_its_data_alone() {
    let is_aside = |path: &str| {
        let facts = crate::read(&path.into(), b"# FAQ\n\nWhat if?\n\nThis.\n");
        facts.documents[0].is_aside
    };
    assert!(is_aside("app/views/pages/faq.md"));
    assert!(!is_aside("app/views/policies/privacy.md") && !is_aside("docs/faq.md"));
}

#[test]
fn sections_hold_what_stands_under_their_heading() {
    let document = read("docs/runbooks/cart.md", RUNBOOK);
    assert_eq!(document.role, Role::Runbook);
    assert_eq!(
        headings(&document),
        [
            (0, "", ""),
            (1, "Cart is slow & p99 high", "cart-is-slow--p99-high"),
            (2, "Diagnose", "diagnose"),
            (2, "Diagnose", "diagnose-1"),
        ]
    );
    assert_eq!(document.title.as_ref().map(|title| at(&title.place)), Some((6, 3)));
    assert_eq!(document.front_matter[0].1.value, "team-a");
    let diagnose = &document.sections[2];
    assert_eq!(
        texts(&diagnose.items),
        ["Look at the board.", "Ask https://status.example.org/x, then go on:", "[ ] nested item"]
    );
    assert_eq!(at(&diagnose.items[2].place), (15, 4));
    let (language, code) = &diagnose.code[0];
    assert_eq!((language.as_str(), code.as_str()), ("sh", "kubectl top pod\n  --all\n"));
    assert_eq!((at(&code.place), code.place.end_line), ((18, 1), 20));
    let rows: Vec<_> = diagnose.rows.iter().map(|row| texts(row)).collect();
    assert_eq!(rows, [["What", "Who"], ["cart", "team-a"]]);
    assert_eq!(at(&diagnose.rows[1][0].place), (24, 3));
    assert_eq!(
        diagnose.text,
        "Look at the board.\nAsk https://status.example.org/x, then go on:\n[ ] nested item\n\
         kubectl top pod\n  --all\nWhat Who \ncart team-a"
    );
    assert_eq!(document.sections[3].text, "quoted");
}

#[test]
fn links_and_dates_are_found_at_their_places() {
    let document = read("docs/runbooks/cart.md", RUNBOOK);
    assert_eq!(texts(&document.links), ["../boards/cart.json#p99", "https://status.example.org/x"]);
    assert_eq!(at(&document.links[0].place), (12, 12));
    assert_eq!(at(&document.links[1].place), (13, 8));
    let reviewed = document.reviewed.unwrap();
    assert_eq!((reviewed.to_string().as_str(), at(&reviewed.place)), ("2026-01-31", (8, 1)));
}

#[test]
fn pictures_are_no_part_of_a_heading() {
    let document = read("README.md", "# Shop [![build](a.svg)](b)\n\n![logo](c.png) text\n");
    assert_eq!(headings(&document), [(1, "Shop", "shop-")]);
    assert_eq!(texts(&document.links), ["b", "a.svg", "c.png"]);
    assert_eq!(document.sections[0].text, "logo text");
}

#[test]
fn html_in_a_readme_counts_like_markdown() {
    let text = "<h1 align=\"center\">\n  <img src=\"logo.png\"> Shop &amp; Co\n</h1>\n<!-- note -->\n\
                <p>Sells <b>things</b></p>\n\n## Run\n\nUse <a href=\"docs/x.md\">this</a><br>now\n";
    let document = read("README.md", text);
    assert_eq!(headings(&document), [(1, "Shop & Co", "shop--co"), (2, "Run", "run")]);
    assert_eq!(document.sections[0].text, "Sells things");
    assert_eq!(document.sections[1].text, "Use this\nnow");
    assert_eq!(texts(&document.links), ["logo.png", "docs/x.md"]);
}

#[test]
fn front_matter_titles_a_document_without_headings() {
    let document = read("docs/x.md", "---\ntitle: Threat model\nupdated: 2026-02-01\n---\nText.\n");
    assert_eq!(document.title.map(|title| title.value), Some("Threat model".into()));
    assert_eq!(document.role, Role::ThreatModel);
    assert_eq!(document.reviewed.map(|date| date.to_string()), Some("2026-02-01".into()));
    assert_eq!(document.sections[0].text, "Text.");
}

#[test]
fn restructured_text_is_read_line_by_line() {
    let text = "\
====
Shop
====
Sells `things <docs/x.rst>`_.

Run
---
- first
- second

.. code-block:: sh
   :caption: x

   make run

Start it with::

    ./shop
After.
";
    let document = read("README.rst", text);
    assert_eq!(headings(&document), [(1, "Shop", "shop"), (2, "Run", "run")]);
    let run = &document.sections[1];
    assert_eq!(texts(&run.items), ["first", "second"]);
    let code: Vec<(&str, &str)> =
        run.code.iter().map(|(language, code)| (language.as_str(), code.trim())).collect();
    assert_eq!(code, [("sh", "make run"), ("", "./shop")]);
    assert!(run.text.ends_with("After."));
    assert_eq!(texts(&document.links), ["docs/x.rst"]);
}

#[test]
fn asciidoc_is_read_line_by_line() {
    let text = "\
= Shop
:toc: left
// aside

== Run

See link:docs/x.adoc[x] and https://example.org/y[y].

* first
. second

[source,sh]
----
make run
----

|===
| a | b
|===
";
    let document = read("README.adoc", text);
    assert_eq!(headings(&document), [(1, "Shop", "shop"), (2, "Run", "run")]);
    let run = &document.sections[1];
    assert_eq!(texts(&run.items), ["first", "second"]);
    assert_eq!(run.code[0].0, "sh");
    assert_eq!(texts(&run.rows[0]), ["a", "b"]);
    assert_eq!(texts(&document.links), ["https://example.org/y", "docs/x.adoc"]);
}

#[test]
fn only_text_files_with_the_name_of_a_document_are_opened() {
    for path in ["README", "README.txt", "SECURITY", "docs/on-call.txt", "x.MD", "a/b.markdown"] {
        assert!(crate::is_wanted(path), "{path}");
    }
    for path in
        ["notes.txt", "requirements.txt", "LICENSE", "readme.sh", "node_modules/x/README.md"]
    {
        assert!(!crate::read::markdown::is_named(path, path.rsplit('/').next().unwrap()), "{path}");
    }
}

/// All places of a document.
fn places(document: &Document) -> Vec<&Place> {
    let mut places: Vec<&Place> = document.links.iter().map(|link| &link.place).collect();
    places.extend(document.reviewed.iter().map(|date| &date.place));
    for section in &document.sections {
        places.push(&section.title.place);
        places.extend(section.code.iter().map(|(_, code)| &code.place));
        places.extend(section.rows.iter().flatten().map(|cell| &cell.place));
        places.extend(section.items.iter().map(|item| &item.place));
    }
    places
}

fn assert_inside(text: &str, document: &Document) {
    let lines: Vec<&str> = text.split('\n').collect();
    let is_inside = |line: u32, column: u32| {
        let found = lines.get(line as usize - 1);
        found.is_some_and(|line| (column as usize) <= line.chars().count() + 1)
    };
    for place in places(document) {
        assert!(is_inside(place.line, place.column), "{place} {text:?}");
        assert!(is_inside(place.end_line, place.end_column), "{place:?} {text:?}");
    }
}

#[test]
fn deep_and_long_documents_end_in_linear_time() {
    let deep =
        [">", "- ", "* > ", "[", "![", "<", "`", "**", "# ", "|a", "\\", "<!--", "(", "[a]("];
    for part in deep {
        let line = part.repeat(20_000);
        read("a.md", &line);
        read("a.rst", &line);
        read("a.adoc", &line);
        let lines = format!("{}\n", part.repeat(10)).repeat(1_000);
        read("a.md", &lines);
    }
    let address = format!("https://x.example/{}", ")".repeat(100_000));
    assert_eq!(read("a.md", &address).links.len(), 1);
    let nested = format!("{}x{}", "![".repeat(2_000), "](y)".repeat(2_000));
    assert_inside(&nested, &read("a.md", &nested));
}

/// Stretches of markup, so that more than text comes together.
fn markup() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "# ",
        "## a {#x}\n",
        "\n",
        "\n\n",
        "- ",
        "  - ",
        "1. ",
        "> ",
        "```sh\n",
        "```\n",
        "| a | b |\n",
        "|---|---|\n",
        "[x](y)",
        "![",
        "](z)",
        "<h1>",
        "</h1>",
        "<a href='q'>",
        "<!--",
        "-->",
        "https://e.example/",
        "---\n",
        "a: b\n",
        "===\n",
        "é",
        "\u{1F600}",
        "\t",
        "\r\n",
        "`",
        "**",
        "Last reviewed: 2026-01-31",
        "text ",
        "\0",
        "\\",
        "[^1]",
        "[^1]: ",
        "- [ ] ",
        "::\n",
        "   x\n",
        "----\n",
        "|===\n",
        "= ",
        "\u{feff}",
    ]);
    prop::collection::vec(parts, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader_and_all_places_lie_inside(text in markup()) {
        for path in ["a.md", "a.rst", "a.adoc"] {
            let document = read(path, &text);
            assert_inside(text.strip_prefix('\u{feff}').unwrap_or(&text), &document);
        }
    }

    #[test]
    fn any_characters_are_read(text in "\\PC{0,200}") {
        for path in ["README", "a.rst", "a.adoc"] {
            assert_inside(&text, &read(path, &text));
        }
    }
}

#[test]
fn a_page_that_calls_itself_historical_tells_of_something_else_and_a_decision_does_not() {
    let text =
        "# Going live\n\n> **Status: historical.** The old machines are gone.\n\n## Steps\n\nx\n";
    assert!(read("docs/deployment.md", text).is_aside);
    assert!(!read("docs/deployment.md", &text.replace("historical", "current")).is_aside);
    assert!(!read("docs/adr/0001-machines.md", text).is_aside);
    assert!(!read("README.md", text).is_aside);
    assert!(!read("docs/deployment.md", "## Obsolete\n\nx\n\n## Steps\n\ny\n").is_aside);
}

#[test]
fn the_text_of_a_standard_tells_of_no_service() {
    let text =
        "# pl-8 - \\[catalog\\] Architectures\n\n## Control Statement\n\n- \\[a\\] Draw it.\n";
    assert!(read("docs/ssp/pl-8.md", text).is_aside);
    assert!(!read("docs/ssp/pl-8.md", &text.replace("Control Statement", "Parts")).is_aside);
    assert!(!read("docs/a.md", &text.replace("pl-8 - ", "How we meet ")).is_aside);
}

#[test]
fn a_file_of_values_without_an_ending_is_no_document() {
    let count = |text: &str| {
        crate::read::read(&"image-tags/support".into(), text.as_bytes()).documents.len()
    };
    assert_eq!(count("image_tag: v3\nautomatic: true\n"), 0);
    assert_eq!(count("Support: write to us.\n\nWe answer within a day.\n"), 1);
}
