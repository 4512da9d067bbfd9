//! Redis: commands are counted and timed, and fail as Redis would.

use gonogo_drills::proxy::{Call, Command, Fault, Kind, Rule};
use tokio::io::AsyncWriteExt;

use crate::upstream::{ask, connect, exchanges, proxy, read_to, until, upstream, within};

/// Answers each command with `+OK`, one that is not known with an error.
async fn server() -> std::net::SocketAddr {
    upstream(|mut stream| async move {
        while let Some(line) = read_to(&mut stream, b"\r\n").await {
            let text = String::from_utf8(line).unwrap();
            let count: usize = text.trim().trim_start_matches('*').parse().unwrap();
            let mut is_known = true;
            for _ in 0..count {
                read_to(&mut stream, b"\r\n").await.unwrap();
                is_known &= read_to(&mut stream, b"\r\n").await.unwrap() != b"GONOGO\r\n";
            }
            let answer = if is_known { "+OK\r\n" } else { "-ERR unknown\r\n" };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await
}

fn command(text: &str) -> String {
    let words: Vec<String> =
        text.split(' ').map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    format!("*{}\r\n{}", words.len(), words.concat())
}

#[tokio::test]
async fn a_pipeline_is_counted_command_by_command() {
    let proxy = proxy(Kind::Redis, server().await);
    let mut stream = connect(&proxy).await;
    let pipeline = ["SET a 1", "GET a", "PING"].map(command).concat();
    assert_eq!(ask(&mut stream, &pipeline, 15).await.unwrap(), "+OK\r\n".repeat(3));
    let exchanges = exchanges(&proxy, 3).await;
    let subjects: Vec<_> = exchanges.iter().map(|exchange| exchange.call.subject()).collect();
    assert_eq!(subjects, ["SET a", "GET a", "PING"]);
}

#[tokio::test]
async fn an_error_comes_in_its_place_and_a_transaction_fails_too() {
    let proxy = proxy(Kind::Any, server().await);
    let mut stream = connect(&proxy).await;
    proxy.set(Rule::new("loading", Fault::redis("LOADING wait")).only("GET")).unwrap();
    let pipeline = ["SET a 1", "GET a", "PING"].map(command).concat();
    let answers = ask(&mut stream, &pipeline, 25).await.unwrap();
    assert_eq!(answers, "+OK\r\n-LOADING wait\r\n+OK\r\n");
    let transaction = ["MULTI", "GET a", "EXEC"].map(command).concat();
    let answers = ask(&mut stream, &transaction, 25).await.unwrap();
    assert_eq!(answers, "+OK\r\n-LOADING wait\r\n+OK\r\n");
    let exchanges = exchanges(&proxy, 6).await;
    let error = |call: &Call| match call {
        Call::Command(Command { error, .. }) => error.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(error(&exchanges[1].call).as_deref(), Some("LOADING wait"));
    assert_eq!(exchanges.len(), 6);
    assert_eq!(proxy.counters().landed("loading"), 2);
}

#[tokio::test]
async fn a_black_hole_holds_a_command() {
    let proxy = proxy(Kind::Redis, server().await);
    let mut stream = connect(&proxy).await;
    proxy.set(Rule::new("hole", Fault::black_hole())).unwrap();
    stream.write_all(command("GET a").as_bytes()).await.unwrap();
    until(&proxy, |counters| counters.landed("hole") == 1).await;
    proxy.clear("hole").unwrap();
    assert_eq!(within(ask(&mut stream, "", 5)).await.unwrap(), "+OK\r\n");
}

#[tokio::test]
async fn a_subscription_passes_unread() {
    let proxy = proxy(Kind::Redis, server().await);
    let mut stream = connect(&proxy).await;
    assert_eq!(ask(&mut stream, &command("SUBSCRIBE a"), 5).await.unwrap(), "+OK\r\n");
    assert_eq!(proxy.counters().unread, 1);
}
