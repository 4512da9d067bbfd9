//! What is read of the points of k6.

use std::fmt::Write as _;

use super::*;

fn read(text: &[u8]) -> Result<Points, Refused> {
    let sorting = Sorting {
        place: &|tags| (tags.name == "home").then_some(0),
        has_failed: &|_, tags| (!tags.status.is_empty()).then(|| tags.status != "200"),
        limits_ms: &[vec![100.0, 200.0]],
        within: None,
    };
    read_points(&"points.json".into(), &mut &text[..], &sorting)
}

fn point(metric: &str, second: u32, value: f64, tags: &str) -> String {
    let (minutes, seconds) = (second / 60 % 60, second % 60);
    format!(
        "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"2026-11-20T{:02}:{minutes:02}:{seconds:02}+01:00\",\"value\":{value},\"tags\":{tags}}}}}\n",
        13 + second / 3600
    )
}

#[test]
fn requests_are_counted_by_place_and_window() {
    let mut text = String::from(
        "\u{feff}{\"type\":\"Metric\",\"data\":{\"type\":\"trend\",\"thresholds\":[\"p(95)<1\"],\"submetrics\":null},\"metric\":\"http_req_duration\"}\n\n",
    );
    let home = r#"{"name":"home","status":"200","extra":"x"}"#;
    text += &point("http_req_duration", 0, 50.0, home);
    text += &point("http_req_duration", 1, 150.0, home);
    text += &point("http_req_duration", 7, 250.0, &home.replace("200", "503"));
    text += &point("http_req_duration", 7, 250.0, "null");
    text += &point("http_req_failed", 7, 1.0, home);
    text += &point("http_req_blocked", 7, 1.0, home);
    text += &point("my_trend", 7, -1.0, home);
    text += &point("vus", 7, 3.0, "null");
    text += &point("vus_max", 7, 9.0, "null");
    text += &point("dropped_iterations", 7, 2.0, "null");
    text += &point("checks", 7, 0.0, "{\"check\":\"a\"}");
    let points = read(text.as_bytes()).unwrap();
    assert_eq!((points.windows.len(), points.window_s, points.points), (2, 5.0, 11));
    let [first, second] = points.windows.as_slice() else { panic!() };
    let (early, later) = (&first.sent[0], &second.sent[0]);
    assert_eq!(
        (early.requests(), early.late.as_slice(), early.failures()),
        (2, &[1, 0][..], Some(0))
    );
    assert_eq!((later.late.as_slice(), later.failed, later.outcomes), (&[1, 1][..], 1, (1, 1)));
    assert_eq!((second.sent[1].untold, second.sent[1].failures()), (1, None));
    assert_eq!((second.dropped, second.users, second.pool), (2, 3.0, 9.0));
    assert_eq!(
        (points.checks, points.thresholds.as_slice()),
        ((0, 1), &["http_req_duration: p(95)<1".to_owned()][..])
    );
    assert_eq!(points.began_at.to_string(), "2026-11-20T11:59:59.95Z");
}

#[test]
fn a_long_run_is_kept_in_few_windows_without_loss() {
    let mut text = String::new();
    for second in 0..7200 {
        let _infallible = write!(
            text,
            "{}",
            point("http_req_duration", second, 5.0, r#"{"name":"home","status":"200"}"#)
        );
    }
    let points = read(text.as_bytes()).unwrap();
    assert!(points.windows.len() <= WINDOWS, "{}", points.windows.len());
    assert!((points.window_s - 40.0).abs() < 1e-9);
    let total: u64 = points.windows.iter().map(|window| window.sent[0].requests()).sum();
    assert_eq!(total, 7200);
    assert!(points.windows.windows(2).all(|pair| pair[0].index < pair[1].index));
}

#[test]
fn what_is_no_point_is_refused_with_its_line() {
    let good = point("http_req_duration", 0, 1.0, "null");
    let bad: [(&[u8], &str); 8] = [
            (b"{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{\"time\":\"2026\",\"value\":1}}", "no moment"),
            (b"{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{\"time\":\"2026-11-20T12:00:00Z\",\"value\":-1}}", "cannot be"),
            (b"{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{\"time\":\"2026-11-20T12:00:00Z\",\"value\":NaN}}", "no point"),
            (b"{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{\"time\":\"2026-11-20T12:00:00Z\",\"value\":1e999}}", "no point"),
            (b"{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{\"time\":\"1999-11-20T12:00:00Z\",\"value\":1}}", "no one run"),
            (b"{\"metric\":\"vus\",\"type\":\"Summary\",\"data\":{}}", "no type"),
            (b"{\"metric\":\"\xff\",\"type\":\"Point\",\"data\":{}}", "not UTF-8"),
            (b"{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{}}", "without a value"),
        ];
    for (line, reason) in bad {
        let refused = read(&[good.as_bytes(), line].concat()).unwrap_err();
        assert_eq!(refused.place.line, 2, "{refused}");
        assert!(refused.reason.contains(reason), "{refused}");
    }
    assert!(read(b"").unwrap_err().reason.contains("no point"));
    let endless = [good.as_bytes(), b"{\"metric\":\"", &vec![b'a'; 3 << 20]].concat();
    assert!(read(&endless).unwrap_err().reason.contains("longer than"));
    let nested = [good.into_bytes(), b"[".repeat(100_000)].concat();
    assert_eq!(read(&nested).unwrap_err().place.line, 2);
}
