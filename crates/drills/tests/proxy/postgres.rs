//! `PostgreSQL`: statements are counted and timed, and fail as the server would.

use gonogo_drills::proxy::{Call, Encryption, Fault, Kind, Outcome, Proxy, Rule, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

use crate::upstream::{connect, exchanges, proxy, upstream, within};

fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    message.extend(body);
    message
}

async fn message(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await.ok()?;
    let mut body = vec![0; stream.read_u32().await.ok()? as usize - 4];
    stream.read_exact(&mut body).await.ok()?;
    Some((kind, body))
}

/// Knows `begin`, `rollback`, statements that begin with `select` (one row), and fails all else.
async fn server() -> std::net::SocketAddr {
    upstream(|mut stream| async move {
        let mut len = stream.read_u32().await.unwrap();
        if len == 8 {
            stream.read_u32().await.unwrap();
            stream.write_all(b"N").await.unwrap();
            len = stream.read_u32().await.unwrap();
        }
        stream.read_exact(&mut vec![0; len as usize - 4]).await.unwrap();
        let start = [framed(b'R', &[0; 4]), framed(b'Z', b"I")].concat();
        stream.write_all(&start).await.unwrap();
        let mut status = b'I';
        while let Some((kind, body)) = message(&mut stream).await {
            let text = String::from_utf8(body).unwrap();
            let answer = match (kind, text.trim_end_matches('\0')) {
                (b'Q', "begin") => {
                    status = b'T';
                    framed(b'C', b"BEGIN\0")
                }
                (b'Q', "rollback") => {
                    status = b'I';
                    framed(b'C', b"ROLLBACK\0")
                }
                (b'Q', text) if text.starts_with("select") && status != b'E' => {
                    [framed(b'D', &[0, 0]), framed(b'C', b"SELECT 1\0")].concat()
                }
                (b'Q', _) => {
                    status = if status == b'I' { b'I' } else { b'E' };
                    framed(b'E', b"SERROR\0C42601\0\0")
                }
                (b'E', _) => [framed(b'D', &[0, 0]), framed(b'C', b"SELECT 1\0")].concat(),
                _ => Vec::new(),
            };
            stream.write_all(&answer).await.unwrap();
            if matches!(kind, b'Q' | b'S') {
                stream.write_all(&framed(b'Z', &[status])).await.unwrap();
            }
        }
    })
    .await
}

async fn start(proxy: &Proxy) -> TcpStream {
    let mut stream = connect(proxy).await;
    stream.write_all(&startup()).await.unwrap();
    stream
}

fn startup() -> Vec<u8> {
    framed(0, b"\0\x03\0\0user\0app\0database\0orders\0\0")[1..].to_vec()
}

/// Reads up to and with the server's readiness: the kinds, and the last SQLSTATE.
async fn ready(stream: &mut TcpStream) -> (String, String) {
    let (mut kinds, mut sqlstate) = (String::new(), String::new());
    while let Some((kind, body)) = within(message(stream)).await {
        kinds.push(char::from(kind));
        if kind == b'E' {
            let text = String::from_utf8(body.clone()).unwrap();
            sqlstate =
                text.split('\0').find_map(|field| field.strip_prefix('C')).unwrap().to_owned();
        }
        if kind == b'Z' {
            kinds.push(char::from(body[0]));
            break;
        }
    }
    (kinds, sqlstate)
}

async fn query(stream: &mut TcpStream, text: &str) -> (String, String) {
    stream.write_all(&framed(b'Q', format!("{text}\0").as_bytes())).await.unwrap();
    ready(stream).await
}

fn extended() -> Vec<u8> {
    [
        framed(b'P', b"\0select * from a where b = $1\0\0\0"),
        framed(b'B', b"\0\0\0\0\0\0\0\0"),
        framed(b'E', b"\0\0\0\0\0"),
        framed(b'S', b""),
    ]
    .concat()
}

#[tokio::test]
async fn connections_and_statements_are_seen_also_after_a_wish_to_encrypt() {
    let address = server().await;
    for encryption in [Encryption::Pass, Encryption::Decline] {
        let settings =
            Settings { encryption, ..Settings::new(Kind::Postgres, address.to_string()) };
        let proxy = Proxy::start(&Handle::current(), settings).unwrap();
        let mut stream = connect(&proxy).await;
        stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).await.unwrap();
        assert_eq!(within(stream.read_u8()).await.unwrap(), b'N');
        stream.write_all(&startup()).await.unwrap();
        assert_eq!(ready(&mut stream).await.0, "RZI");
        assert_eq!(query(&mut stream, "select 'x' from a").await.0, "DCZI");
        stream.write_all(&extended()).await.unwrap();
        assert_eq!(ready(&mut stream).await.0, "DCZI");
        assert_eq!(query(&mut stream, "nonsense").await.1, "42601");
        let exchanges = exchanges(&proxy, 4).await;
        let subjects: Vec<_> = exchanges.iter().map(|exchange| exchange.call.subject()).collect();
        let extended = "select * from a where b = $1";
        assert_eq!(subjects, ["connect app@orders", "select ? from a", extended, "nonsense"]);
        let Call::Statement(statement) = &*exchanges[1].call else { panic!() };
        assert_eq!((statement.rows, statement.statements), (1, 1));
        assert_eq!(proxy.counters().statements, 3);
    }
}

#[tokio::test]
async fn an_error_comes_in_place_of_an_answer_and_the_session_goes_on() {
    let proxy = proxy(Kind::Any, server().await);
    let mut stream = start(&proxy).await;
    ready(&mut stream).await;
    let rule = Rule::new("serialization", Fault::postgres("40001")).at_most(2);
    proxy.set(rule).unwrap();
    assert_eq!(query(&mut stream, "select 1").await, ("EZI".to_owned(), "40001".to_owned()));
    stream.write_all(&extended()).await.unwrap();
    assert_eq!(ready(&mut stream).await, ("EZI".to_owned(), "40001".to_owned()));
    assert_eq!(query(&mut stream, "select 1").await.0, "DCZI");
    assert_eq!(proxy.counters().landed("serialization"), 2);
}

#[tokio::test]
async fn an_error_in_a_transaction_fails_the_transaction_upstream_too() {
    let proxy = proxy(Kind::Postgres, server().await);
    let mut stream = start(&proxy).await;
    ready(&mut stream).await;
    assert_eq!(query(&mut stream, "begin").await.0, "CZT");
    proxy.set(Rule::new("conflict", Fault::postgres("40001")).at_most(1)).unwrap();
    assert_eq!(query(&mut stream, "select 1").await, ("EZE".to_owned(), "40001".to_owned()));
    assert_eq!(query(&mut stream, "select 1").await.1, "42601");
    assert_eq!(query(&mut stream, "rollback").await.0, "CZI");
    assert_eq!(exchanges(&proxy, 5).await.len(), 5);
}

#[tokio::test]
async fn an_error_that_ends_sessions_does_so_and_hits_clients_that_connect() {
    let proxy = proxy(Kind::Postgres, server().await);
    let mut stream = start(&proxy).await;
    ready(&mut stream).await;
    proxy.set(Rule::new("shutdown", Fault::postgres("57P01"))).unwrap();
    assert_eq!(query(&mut stream, "select 1").await, ("E".to_owned(), "57P01".to_owned()));
    let mut stream = start(&proxy).await;
    assert_eq!(ready(&mut stream).await, ("E".to_owned(), "57P01".to_owned()));
    assert_eq!(proxy.counters().landed("shutdown"), 2);
    let exchanges = exchanges(&proxy, 3).await;
    assert!(exchanges.iter().all(|exchange| exchange.outcome == Outcome::Answered));
}
