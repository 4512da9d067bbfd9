//! Assessments of small services that the tests of this crate print.

use jiff::Timestamp;
use jiff::civil::date;
use model::{
    About, Answer, Assessment, Change, Coverage, Decision, Demand, Evidence, EvidenceOutcome,
    Excerpts, Finding, Grade, Kind, Place, PolicyName, Ruling, ServiceVerdict, Sighting, State,
    Tier, Verdict, Verdicts, Weight,
};
use requirements::{Effort, Proof, Reference, Requirement};

/// A requirement whose texts no built-in one changes.
pub(crate) static REQUIREMENT: Requirement = Requirement {
    id: "data/backups",
    title: "backups run by themselves",
    why: "Disks fail.",
    remedy: "Schedule the backup of each store.",
    references: &[Reference { title: "On backups", url: "https://backups.example/" }],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::DatastoreVersion, Change::Migration],
    demands: [
        Demand::within(Grade::Observed, 7),
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
    ],
    kinds: &[Kind::Web, Kind::Worker],
    reads: &[],
    proofs: &[
        Proof::Drill("restore"),
        Proof::Unread("backup schedules"),
        Proof::Live("the backup storage: age of the newest backup"),
    ],
    cases: "# data/backups\n\n## unmet: no schedule\n\nNobody runs it.\n\n\
            ```yaml gonogo.yaml\ndata: []\n```\n",
};

const MANIFEST: &str = "containers:
  - name: api
    image: acme/checkout:latest
    ports: [{containerPort: 8080}]
";

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn place(path: &str, line: u32, columns: std::ops::Range<u32>) -> Place {
    let end = columns.end;
    Place { path: path.into(), line, column: columns.start, end_line: line, end_column: end }
}

fn answer(id: &str, state: State, weight: Weight, reason: &str) -> Answer {
    Answer {
        requirement: id.into(),
        state,
        weight,
        demand: Demand { grade: Grade::Declared, days: None },
        grade: None,
        evidence: Vec::new(),
        findings: Vec::new(),
        reason: reason.into(),
        decision: None,
        contradictions: Vec::new(),
    }
}

fn evidence(id: &str, outcome: EvidenceOutcome, findings: Vec<Finding>) -> Evidence {
    Evidence {
        requirement: id.into(),
        grade: Grade::Declared,
        outcome,
        at: now(),
        fresh_until: None,
        source: "checkout".into(),
        about: About { commit: Some("3f2c1a9d0".into()), image: None },
        reproduce: "gonogo check".into(),
        seen: match outcome {
            EvidenceOutcome::Pass => {
                vec![Sighting::at(&place("CODEOWNERS", 1, 1..5), "owned by `@acme/payments`")]
            }
            _ => Vec::new(),
        },
        findings,
        error: None,
    }
}

pub(crate) fn failed(id: &str, findings: Vec<Finding>) -> Answer {
    Answer {
        grade: Some(Grade::Declared),
        evidence: vec![evidence(id, EvidenceOutcome::Fail, findings.clone())],
        findings,
        ..answer(id, State::Failed, Weight::Blocks, "fails, declared")
    }
}

fn decided(id: &str, state: State, weight: Weight, ruling: Ruling) -> Answer {
    let decision = Decision {
        at: now(),
        service: "checkout".into(),
        requirement: id.into(),
        by: "ada".into(),
        ruling,
    };
    Answer { decision: Some(decision), ..answer(id, state, weight, "nothing is known") }
}

fn met(id: &str) -> Answer {
    Answer {
        grade: Some(Grade::Declared),
        evidence: vec![evidence(id, EvidenceOutcome::Pass, Vec::new())],
        ..answer(id, State::Met, Weight::Free, "declared by checkout")
    }
}

fn answers() -> Vec<Answer> {
    let probe = Finding::at(
        &place("deploy/checkout.yaml", 2, 5..14),
        "container `api` has no readiness probe",
    )
    .help("Add to the container:\nreadinessProbe:\n  httpGet: {path: /readyz, port: 8080}")
    .related(&place("src/routes.rs", 4, 1..9), "the route `/readyz` exists");
    let image = Finding::at(
        &place("deploy/checkout.yaml", 3, 12..32),
        "image `acme/checkout:latest` can change under its name",
    )
    .help("Name the image by its digest.");
    let risk = Ruling::Acceptance {
        reason: "read-only until spring".into(),
        approver: "grace".into(),
        until: date(2026, 12, 4),
        compensating: Some("data/backups".into()),
    };
    let plan = Ruling::Plan {
        owner: "ada".into(),
        action: "write the runbooks".into(),
        due: date(2027, 1, 15),
    };
    let mut weak = met("reliability/own-timeouts");
    weak.state = State::Weak;
    weak.weight = Weight::Blocks;
    weak.demand = Demand { grade: Grade::Proven, days: Some(90) };
    weak.reason = "declared; the tier asks for proven".into();
    weak.contradictions = vec!["`CODEOWNERS` says payments, `gonogo.yaml` says platform".into()];
    let mut backups =
        answer("data/own-backups", State::Unknown, Weight::Blocks, "no schedule is seen");
    backups.demand.grade = Grade::Observed;
    vec![
        met("ownership/owner"),
        failed("reliability/health-checks", vec![probe]),
        weak,
        answer("observability/own-alerts", State::Unknown, Weight::Blocks, ""),
        failed("delivery/immutable-artifacts", vec![image]),
        decided("incidents/runbooks", State::Planned, Weight::Condition, plan),
        backups,
        decided("data/restore", State::Accepted, Weight::Condition, risk),
        answer("data/retention", State::NotApplicable, Weight::Free, "no datastore is seen"),
    ]
}

fn service(name: &str, tier: Tier, answers: Vec<Answer>) -> ServiceVerdict {
    ServiceVerdict {
        service: name.into(),
        tier,
        is_tier_assumed: false,
        kind: Kind::Web,
        is_kind_assumed: false,
        path: format!("services/{name}"),
        revision: None,
        found: vec![Sighting::at(
            &place(&format!("services/{name}/gonogo.yaml"), 1, 1..8),
            "`gonogo.yaml` declares it",
        )],
        verdict: Verdict::of(&answers),
        answers,
    }
}

fn assessment(services: Vec<ServiceVerdict>) -> Assessment {
    let policy = PolicyName {
        name: "standard".into(),
        version: "1".into(),
        digest: "sha256:0123456789abcdef".into(),
    };
    let mut excerpts = Excerpts::default();
    for finding in services.iter().flat_map(|s| &s.answers).flat_map(|a| &a.findings) {
        excerpts.keep(&finding.place, &MANIFEST.lines().collect::<Vec<_>>());
    }
    Assessment {
        verdicts: Verdicts { policy, at: now(), services },
        coverage: Coverage { files: 12, read: 9, bytes: 4096, ..Coverage::default() },
        troubles: Vec::new(),
        caveats: Vec::new(),
        excerpts,
    }
}

/// A service with an answer in nearly every state, and gaps.
pub(crate) fn checkout() -> Assessment {
    let mut checkout = service("checkout", Tier::One, answers());
    checkout.revision = Some("3f2c1a9d0".into());
    checkout.is_kind_assumed = true;
    let mut all = assessment(vec![checkout]);
    all.coverage.gaps =
        vec![Sighting::at(&place("charts/web.yaml", 3, 1..9), "a template with `range`")];
    all.coverage.skipped = vec![("logo.png".into(), "binary".into())];
    all.coverage.ignored = vec!["target".into(), "dist".into()];
    all.coverage.passed_over =
        vec![Sighting::at(&place("tools/Dockerfile", 1, 1..5), "builds a tool, nothing runs it")];
    all
}

/// A service that may go.
pub(crate) fn go() -> Assessment {
    let mut search = service("search", Tier::Two, vec![met("ownership/owner")]);
    search.is_tier_assumed = true;
    assessment(vec![search])
}

/// Both.
pub(crate) fn two() -> Assessment {
    let mut all = checkout();
    all.verdicts.services.extend(go().verdicts.services);
    all
}

/// A tree in which there is no service.
pub(crate) fn nothing() -> Assessment {
    assessment(Vec::new())
}

/// What a hostile repository calls its things.
pub(crate) const HOSTILE: &str = "\u{1b}]52;c;eA==\u{7}\u{1b}[2J\u{202e}</script>]]><!--@all|`*\n::set-output name=x::y\n##[error]";

/// An assessment in which every text of the repository is hostile.
pub(crate) fn hostile() -> Assessment {
    let at = place(HOSTILE, 2, 3..9);
    let finding = Finding::at(&at, HOSTILE).help(HOSTILE).related(&at, HOSTILE);
    let mut unknown = answer("data/own-backups", State::Unknown, Weight::Blocks, HOSTILE);
    unknown.contradictions = vec![HOSTILE.into()];
    let answers =
        vec![failed("reliability/health-checks", vec![finding]), unknown, met("ownership/owner")];
    let mut service = service(HOSTILE, Tier::One, answers);
    service.revision = Some(HOSTILE.into());
    service.found = vec![Sighting::at(&at, HOSTILE)];
    let mut all = assessment(vec![service]);
    all.excerpts.keep(&at, &["a", &HOSTILE.replace('\n', " "), "b"]);
    all.coverage.gaps = vec![Sighting::at(&at, HOSTILE)];
    all.coverage.skipped = vec![(HOSTILE.into(), HOSTILE.into())];
    all.coverage.possible = vec![Sighting::at(&at, HOSTILE)];
    all.coverage.passed_over = vec![Sighting::at(&at, HOSTILE)];
    all.coverage.cut = Some(HOSTILE.into());
    all.troubles = vec![HOSTILE.into()];
    all.caveats = vec![HOSTILE.into()];
    all
}
