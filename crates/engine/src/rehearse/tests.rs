//! From a plan to what a drill is given.

use super::*;

#[test]
fn what_requests_wrote_stays_only_where_the_drill_did_not_start_the_store() {
    let root = tempfile::tempdir().unwrap();
    let told = |method: &str, store: &str, target: Option<&str>| {
        let text = format!(
            "service: shop\nkind: web\njourneys: [{{name: buy, request: {{method: {method}, path: /orders}}}}]\n\
                 dependencies: [{{name: db, kind: postgres, {store}}}]\nrun: {{command: [./shop]}}\n"
        );
        std::fs::write(root.path().join("gonogo.yaml"), text).unwrap();
        let service = drillable(root.path(), None).unwrap().service;
        let target = target.map(|address| address.parse().unwrap());
        let settings = drills::fault::FaultSettings { target, ..Default::default() };
        stays(&service, &Drill::Fault(settings))
    };
    let (given, started) = ("address: \"127.0.0.1:5432\"", "run: {command: [./db]}");
    let said = told("POST", given, None).unwrap();
    assert!(said.starts_with("whatever `buy` wrote stays in `db` at 127.0.0.1:5432"), "{said}");
    assert_eq!(told("GET", given, None), None);
    assert_eq!(told("POST", started, None), None);
    assert!(told("POST", started, Some("127.0.0.1:80")).unwrap().contains("127.0.0.1:80"));
}

#[test]
fn what_is_declared_without_its_start_is_told_from_what_is_not_declared() {
    let root = tempfile::tempdir().unwrap();
    let refused = |name| drillable(root.path(), name).unwrap_err().to_string();
    assert!(refused(None).starts_with("there is no gonogo.yaml in "), "{}", refused(None));
    let (shop, mail) = ("service: shop\nkind: web\n", "service: mail\nkind: worker\n");
    std::fs::write(root.path().join("gonogo.yaml"), shop).unwrap();
    let not_run = "gonogo.yaml:1:1: `shop` is declared, and how it is started and used is not";
    assert_eq!(refused(None), not_run);
    let several = format!("{shop}---\n{mail}run: {{command: [./mail]}}\n");
    std::fs::write(root.path().join("gonogo.yaml"), several).unwrap();
    assert_eq!(refused(Some("shop")), not_run);
    assert_eq!(drillable(root.path(), None).unwrap().service.name, "mail");
}

#[test]
fn a_service_is_spoken_to_as_gonogo_yaml_says_and_a_running_one_as_its_url_says() {
    let root = tempfile::tempdir().unwrap();
    let text =
        "service: shop\nkind: web\nrun: {command: [./shop], url: \"https://localhost:{port}\"}\n";
    std::fs::write(root.path().join("gonogo.yaml"), text).unwrap();
    let service = drillable(root.path(), None).unwrap().service;
    let address = SocketAddr::from(([127, 0, 0, 1], 8443));
    assert_eq!(service.at(address).to_string(), "https://localhost:8443");
}

#[test]
fn what_is_kept_by_a_part_of_the_service_is_not_filed_and_what_fell_short_is() {
    let root = tempfile::tempdir().unwrap();
    let text = "service: shop\nkind: web\nrun: {command: [./shop]}\n";
    std::fs::write(root.path().join("gonogo.yaml"), text).unwrap();
    let drillable = drillable(root.path(), None).unwrap();
    let shortfall = Shortfall {
        about: Subject::Service,
        message: "it hung".to_owned(),
        help: "mend it".to_owned(),
    };
    let mut account = Account {
        drill: "fault",
        service: "shop".to_owned(),
        began_at: jiff::Timestamp::UNIX_EPOCH,
        steps: Vec::new(),
        proofs: vec![
            Proof::kept("reliability/outbound-timeouts", Vec::new()),
            Proof::judged("reliability/no-cascade", vec![shortfall], Vec::new()),
        ],
        charts: Vec::new(),
        notes: Vec::new(),
        left_out: vec!["`mail`".to_owned()],
    };
    let filed = |account: &Account| -> Vec<EvidenceOutcome> {
        let filed = file(&drillable, account, "again").unwrap();
        let outcome = |filed: &Filed| match &filed.entry.record {
            Record::Evidence(evidence) => Some(evidence.outcome),
            Record::Decision(_) => None,
        };
        filed.iter().filter_map(outcome).collect()
    };
    assert_eq!(filed(&account), [EvidenceOutcome::Fail]);
    account.left_out.clear();
    assert_eq!(filed(&account), [EvidenceOutcome::Pass, EvidenceOutcome::Fail]);
}
