//! Single requests and load go the way that the service speaks.

use std::time::Duration;

use gonogo_drills::load::{self, Control, Http, Outcome, Rate, Tls, Trusted};
use gonogo_drills::{Service, Speech, get};

use super::versions::{http2, secure, secured};
use super::{assert_counts, journey};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_service_is_asked_and_loaded_as_it_speaks() {
    let (one_secure, two_secure) = (secure().0, secured(http2()).0);
    for (url, address, http) in [
        ("h2c://localhost:{port}", http2(), Http::Two),
        ("https://localhost:{port}", two_secure, Http::Two),
        ("https://127.0.0.1:{port}", one_secure, Http::One),
    ] {
        let service = Service {
            speech: Speech::declared(url).unwrap(),
            journeys: vec![journey("GET", "/ok")],
            ..Service::default()
        };
        let answer = get(service.at(address), "/ok", LIMIT).unwrap();
        assert_eq!((answer.status, answer.body.is_empty()), (200, false), "{url}");
        let rate = Rate::constant(100.0, Duration::from_millis(100));
        let plan = gonogo_drills::plan(&service, address, rate);
        assert_eq!(plan.target.http, http, "{url}");
        let trusted = plan.target.tls.as_ref().map(|Tls { trusted, .. }| trusted);
        assert!(matches!(trusted, None | Some(Trusted::Anybody)), "{url}");
        let record = load::run(&plan, &Control::new()).unwrap();
        assert_counts(record.counts(), &[(Outcome::Ok, 10)]);
        // What speaks TLS or HTTP/2 alone does not answer to HTTP/1.1.
        assert!(get(Speech::default().at(address), "/ok", LIMIT).is_err(), "{url}");
    }
}
