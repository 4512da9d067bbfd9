//! What is read of a Dockerfile, and at which place.

use proptest::prelude::*;

use super::*;
use crate::read::mutation::mutated;

const API: &str = r#"# syntax=docker/dockerfile:1
ARG VERSION=22 \
    VARIANT=slim
ARG BASE=node:${VERSION}-${VARIANT}
FROM --platform=$BUILDPLATFORM ${BASE} AS build
ARG PORT=8080
ARG VERSION
RUN --mount=type=bind,from=example.org/tools:1,target=/t npm ci && \
    # the lock file stands above
    npm run build
RUN <<EOF
USER root
echo done
EOF
COPY --from=0 /a /b
COPY --from=example.org/certs:2 /c /d
ADD https://example.org/x.tgz /x
ADD --checksum=sha256:00 https://example.org/y.tgz /y

from Build
FROM gcr.io/${UNKNOWN}/static
ENV HOME=/srv TOKEN="a b" \
    EMPTY=
ENV MODE production mode
ARG PORT=8080
EXPOSE ${PORT} 9100/tcp
USER app:${GROUP}
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s CMD curl -f \
  http://localhost/ || exit 1
ENTRYPOINT ["tini", "--"]
CMD ["node", "main.js"]
"#;

fn read_at(path: &str, text: &str) -> Facts {
    crate::read::read(&Arc::from(path), text.as_bytes())
}

fn api() -> Dockerfile {
    let facts = read_at("api/Dockerfile", API);
    assert_eq!(facts.gaps, []);
    let [dockerfile] = facts.dockerfiles.try_into().unwrap();
    dockerfile
}

fn at(place: &Place) -> (u32, u32) {
    (place.line, place.column)
}

fn found(placed: &Placed<String>) -> (&str, (u32, u32)) {
    (placed.as_str(), at(&placed.place))
}

#[test]
fn what_says_above_all_that_it_is_for_testing_is_set_aside() {
    let found = |comment: &str| {
        let facts = read_at("Dockerfile.relay", &format!("{comment}\nFROM rust:1\n"));
        (facts.dockerfiles.len(), facts.set_aside.len())
    };
    assert_eq!(found("# For testing purposes only"), (0, 1));
    assert_eq!(found("# Tested on arm64"), (1, 0));
    assert_eq!(found("ARG A\n# For testing purposes only"), (1, 0));
}

#[test]
fn dockerfiles_are_known_by_their_names() {
    let named = |path: &str| is_named(path, path.rsplit('/').next().unwrap());
    for path in [
        "Dockerfile",
        "a/dockerfile",
        "Dockerfile.prod",
        "Dockerfile-gui-tests",
        "android.Dockerfile",
        "api.dockerfile",
        "Containerfile",
        "web-Dockerfile",
        "Dockerfile.j2",
    ] {
        assert!(named(path), "{path}");
    }
    for path in ["Dockerfile.md", ".dockerignore", "Dockerfile.dockerignore", "dockerfiles/a"] {
        assert!(!named(path), "{path}");
    }
    assert!(!named("vendor/a/b/Dockerfile"));
}

#[test]
fn stages_have_their_bases_with_the_defaults_of_arguments() {
    let dockerfile = api();
    assert_eq!(at(&dockerfile.place), (2, 1));
    let bases: Vec<_> = dockerfile.stages.iter().map(|stage| found(&stage.base)).collect();
    let expected =
        [("node:22-slim", (5, 32)), ("Build", (20, 6)), ("gcr.io/${UNKNOWN}/static", (21, 6))];
    assert_eq!(bases, expected);
    let local: Vec<_> = dockerfile.stages.iter().map(|stage| stage.is_local_base).collect();
    assert_eq!(local, [false, true, false]);
    assert_eq!(dockerfile.stages[0].name.as_deref(), Some("build"));
}

#[test]
fn commands_are_whole_and_here_documents_stand_in_them() {
    let [build, ..] = &api().stages[..] else { panic!() };
    let runs: Vec<_> = build.runs.iter().map(found).collect();
    assert_eq!(runs[0], ("npm ci &&     npm run build", (8, 58)));
    assert_eq!(runs[0].0.len(), 27);
    assert_eq!((build.runs[0].place.end_line, build.runs[0].place.end_column), (10, 18));
    assert_eq!(runs[1], ("<<EOF\nUSER root\necho done\n", (11, 5)));
    assert_eq!(build.user, None);
}

#[test]
fn what_is_loaded_from_elsewhere_is_told_from_stages() {
    let [build, ..] = &api().stages[..] else { panic!() };
    let sources: Vec<_> = build.remote_sources.iter().map(found).collect();
    let expected = [
        ("example.org/tools:1", (8, 28)),
        ("0", (15, 13)),
        ("example.org/certs:2", (16, 13)),
        ("https://example.org/x.tgz", (17, 5)),
    ];
    assert_eq!(sources, expected);
}

#[test]
fn earlier_stages_are_nothing_from_elsewhere() {
    let text =
        "FROM a AS Base\nFROM b\nCOPY --from=base c d\nCOPY --from=0 e f\nCOPY --from=1 g h\n";
    let facts = read_at("Dockerfile", text);
    let sources = &facts.dockerfiles[0].stages[1].remote_sources;
    assert_eq!(sources.iter().map(found).collect::<Vec<_>>(), [("1", (5, 13))]);
}

#[test]
fn the_last_stage_says_what_runs_and_as_whom() {
    let dockerfile = api();
    let last = dockerfile.stages.last().unwrap();
    assert_eq!(found(last.user.as_ref().unwrap()), ("app:${GROUP}", (27, 6)));
    let ports: Vec<_> = last.ports.iter().map(found).collect();
    assert_eq!(ports, [("8080", (26, 8)), ("9100/tcp", (26, 16))]);
    let check = last.health_check.as_ref().unwrap();
    assert_eq!(found(check), ("curl -f   http://localhost/ || exit 1", (29, 31)));
    assert_eq!(found(last.stop_signal.as_ref().unwrap()), ("SIGINT", (28, 12)));
    let (entry, is_shell) = last.entry.as_ref().unwrap();
    assert_eq!((found(entry), *is_shell), (("tini -- node main.js", (31, 12)), false));
}

#[test]
fn variables_stand_with_their_values_at_their_places() {
    let dockerfile = api();
    let variables: Vec<_> = dockerfile
        .stages
        .iter()
        .flat_map(|stage| &stage.environment)
        .map(|(name, value)| (name.as_str(), found(value)))
        .collect();
    let expected = [
        ("PORT", ("8080", (6, 10))),
        ("VERSION", ("22", (7, 5))),
        ("HOME", ("/srv", (22, 10))),
        ("TOKEN", ("a b", (22, 21))),
        ("EMPTY", ("", (23, 11))),
        ("MODE", ("production mode", (24, 10))),
        ("PORT", ("8080", (25, 10))),
    ];
    assert_eq!(variables, expected);
}

#[test]
fn shell_form_is_told_from_exec_form() {
    let entry = |text: &str| {
        let facts = read_at("Dockerfile", text);
        let (entry, is_shell) = facts.dockerfiles[0].stages[0].entry.clone().unwrap();
        (entry.value, is_shell)
    };
    assert_eq!(entry("FROM a\nCMD node x"), ("node x".to_owned(), true));
    assert_eq!(entry("FROM a\nCMD [node, x]"), ("[node, x]".to_owned(), true));
    assert_eq!(entry("FROM a\nENTRYPOINT x\nCMD [\"y\"]"), ("x".to_owned(), true));
    assert_eq!(entry("FROM a\nCMD y\nENTRYPOINT [\"x\"]"), ("x y".to_owned(), false));
    assert_eq!(entry("FROM a\nCMD --help"), ("--help".to_owned(), true));
}

#[test]
fn what_runs_inherits_from_the_stages_below_it() {
    let text = "FROM a AS base\nUSER app\nFROM base AS base\nFROM b\nFROM BASE\n";
    let facts = read_at("Dockerfile", text);
    let lines: Vec<_> = facts.dockerfiles[0].lineage().map(|stage| stage.base.place.line).collect();
    assert_eq!(lines, [5, 3, 1]);
    let target = facts.dockerfiles[0].lineage_of("base").map(|stage| stage.base.place.line);
    assert_eq!(target.collect::<Vec<_>>(), [3, 1]);
    assert_eq!(facts.dockerfiles[0].lineage_of("none").count(), 0);
}

#[test]
fn a_stage_for_tests_at_the_end_is_not_what_is_shipped() {
    let line = |last: &str| {
        let text = format!("FROM a AS app\nCMD [\"x\"]\nFROM app AS {last}\nUSER root\n");
        let facts = read_at("Dockerfile", &text);
        facts.dockerfiles[0].lineage().next().unwrap().base.place.line
    };
    assert_eq!([line("testing"), line("app-debug"), line("final")], [1, 1, 3]);
    let facts = read_at("Dockerfile", "FROM a AS deps\nFROM deps AS dev\nCMD [\"x\"]\n");
    assert_eq!(facts.dockerfiles[0].lineage().next().unwrap().base.place.line, 2);
}

#[test]
fn quotes_are_no_part_of_a_base_image() {
    let text = "FROM \"ubuntu:24.04@sha256:00\" AS base\nFROM 'base'\n";
    let facts = crate::read(&Arc::from("Dockerfile"), text.as_bytes());
    let stages = &facts.dockerfiles[0].stages;
    assert_eq!(stages[0].base.value, "ubuntu:24.04@sha256:00");
    assert!(stages[1].is_local_base);
}

#[test]
fn what_is_not_understood_is_a_gap_and_the_rest_is_read() {
    let facts = read_at("Dockerfile", "FROM a\nINCLUDE b\nEXPOSE\nUSER c\n");
    assert_eq!(facts.dockerfiles[0].stages[0].user.as_ref().unwrap().value, "c");
    let gaps: Vec<_> = facts.gaps.iter().map(|gap| (at(&gap.place), &*gap.reason)).collect();
    assert_eq!(gaps, [((2, 1), "`INCLUDE` was not understood")]);
    for text in ["", "# nothing\n", "ARG A=1\n", "RUN x\n", "FROM\n"] {
        let facts = read_at("Dockerfile", text);
        assert!(facts.dockerfiles.is_empty() && !facts.gaps.is_empty(), "{text}");
    }
    let open = read_at("Dockerfile", "FROM a\nRUN <<EOF\nUSER b\n");
    assert!(open.gaps[0].reason.contains("never ends"));
}

#[test]
fn templates_are_gaps_and_source_files_are_nothing() {
    for (path, text, line) in [
        ("Dockerfile.j2", "FROM a\n", 1),
        ("Dockerfile", "ARG A\nFROM {{ base }}\n", 2),
        ("Dockerfile", "FROM a\nEXPOSE ${{ values.port }}\n", 2),
        ("Dockerfile", "FROM a\n{% if x %}\nUSER b\n{% endif %}\n", 2),
    ] {
        let facts = read_at(path, text);
        assert!(facts.dockerfiles.is_empty(), "{text}");
        assert_eq!(facts.gaps[0].place.line, line, "{text}");
    }
    let told = read_at("Dockerfile", "# built with TAG=${{ github.sha }}\nFROM a\n");
    assert_eq!((told.dockerfiles.len(), told.gaps), (1, vec![]));
    let formats = read_at("Dockerfile", "FROM a\nRUN docker ps --format '{{.ID}}'\n");
    assert_eq!((formats.dockerfiles.len(), formats.gaps), (1, vec![]));
    assert_eq!(read_at("dockerfile.go", "package a\n"), Facts::default());
    assert_eq!(read_at("Dockerfile.go", "FROM golang\n").dockerfiles.len(), 1);
}

#[test]
fn values_that_double_again_and_again_stay_as_they_are_written() {
    let doubled = (1..60).map(|n| format!("ARG A{n}=$A{}$A{}\n", n - 1, n - 1));
    let text = format!("ARG A0=x\n{}FROM $A59\n", doubled.collect::<String>());
    let facts = read_at("Dockerfile", &text);
    assert_eq!(facts.dockerfiles[0].stages[0].base.value, "$A59");
}

proptest! {
    #[test]
    fn no_mutation_makes_it_panic(text in mutated(API)) {
        read_at("Dockerfile", &text);
    }
}
