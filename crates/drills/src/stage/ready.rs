//! Waits until a process is ready, telling meanwhile what is awaited and what is seen instead.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::listens;
use crate::harness::{Line, Process, get, listening, members};
use crate::{Door, DrillError, Progress, Rehearsal, Service, Speech};

/// How long a process may take until it is ready.
pub(super) const READY_WITHIN: Duration = Duration::from_mins(1);
/// How long a service that runs already may take until it is ready behind our proxies.
const RUNNING_WITHIN: Duration = Duration::from_secs(15);
/// How long one look at readiness may take.
const LOOK: Duration = Duration::from_secs(2);
/// How long it may take until TLS, and then HTTP/2, has come about with a service that listens.
const GREETED_WITHIN: Duration = Duration::from_secs(10);
/// When it is told for the first time what is awaited, and then how often.
const TELL_AFTER: Duration = Duration::from_secs(2);
const TELL_EVERY: Duration = Duration::from_secs(15);
/// What is said of a process that does not listen where it was told.
const NOT_THERE: &str = "it does not listen there";
/// How long the last lines of a process that has ended are awaited.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How many of its last lines are shown of a process that did not get ready.
const SHOWN: usize = 8;

/// Waits until the service that runs already is ready, behind the proxies that it is pointed at.
pub(crate) fn await_running(
    rehearsal: &Rehearsal,
    service: &Service,
    address: SocketAddr,
) -> Result<(), DrillError> {
    let (mut last, mut telling) = (String::new(), Telling::default());
    let ready = service.ready.as_deref();
    let looks = || match look(service.at(address), ready) {
        Ok(()) => Some(()),
        Err(reason) => {
            last = reason;
            telling.tell(rehearsal, ("the running service", RUNNING_WITHIN), || {
                (awaited(service.at(address), ready), last.clone())
            });
            None
        }
    };
    match rehearsal.wait_for(RUNNING_WITHIN, looks)? {
        Some(()) => Ok(()),
        None => Err(DrillError::Step {
            step: format!("wait for the service at {}", service.at(address)),
            reason: format!("it was not ready within {} s: {last}", RUNNING_WITHIN.as_secs()),
            help: "start it, pointed at the `proxy:` addresses, or mend `run.ready` in gonogo.yaml; whether it speaks TLS or HTTP/2 is said by `--target` or `run.url`"
                .to_owned(),
        }),
    }
}

/// An error where nothing takes connections behind `door`, of a service that the drill has not started.
pub(crate) fn reaches(door: Door<'_>) -> Result<(), DrillError> {
    listens(door.address()).map_err(|error| {
        let is_refused = error.kind() == io::ErrorKind::ConnectionRefused;
        let why = if is_refused { "nothing listens there".to_owned() } else { error.to_string() };
        DrillError::Step {
            step: format!("reach the service at {door}"),
            reason: why,
            help: "start it first, or let `--target` say where it is".to_owned(),
        }
    })
}

/// An error where TLS or HTTP/2 does not come about with what is behind `door`: nothing that is sent there would tell of the service.
pub(crate) fn speaks(door: Door<'_>) -> Result<(), DrillError> {
    greeted(door, GREETED_WITHIN)
}

fn greeted(door: Door<'_>, limit: Duration) -> Result<(), DrillError> {
    use io::ErrorKind::{InvalidData, Other, TimedOut};
    match door.greets(limit) {
        Err(error) if matches!(error.kind(), InvalidData | Other | TimedOut) => Err(DrillError::Step {
            step: format!("speak with the service at {door}"),
            reason: error.to_string(),
            help: "say by `run.url` or `--target` how it is spoken to and what its certificate calls it, or name with SSL_CERT_FILE who vouches for it".to_owned(),
        }),
        // One that has gone away is looked at by the drill.
        _ => Ok(()),
    }
}

/// Waits until `process` answers 2xx at `ready`, or listens when there is no such path.
pub(super) fn await_ready(
    rehearsal: &Rehearsal,
    process: &mut Process,
    (speech, ready): (&Speech, Option<&str>),
    within: Duration,
) -> Result<(), DrillError> {
    let door = speech.at(process.address());
    let mut last = NOT_THERE.to_owned();
    let (mut telling, who) = (Telling::default(), format!("`{}`", process.name()));
    let came = rehearsal.wait_for(within, || {
        if process.exit().is_some() {
            return Some(false);
        }
        match look(door, ready) {
            Ok(()) => Some(true),
            Err(reason) => {
                last = reason;
                telling.tell(rehearsal, (&who, within), || {
                    let found = elsewhere(process);
                    let instead = found.map(|found| format!("it listens on {found}"));
                    (awaited(door, ready), instead.unwrap_or_else(|| last.clone()))
                });
                None
            }
        }
    })?;
    match came {
        Some(true) => Ok(()),
        Some(false) => Err(ended(process)),
        None => Err(late(process, (awaited(door, ready), within), &last)),
    }
}

/// Tells from time to time what is awaited of a process and what is seen instead.
#[derive(Debug)]
struct Telling {
    began: Instant,
    next: Instant,
}

impl Default for Telling {
    fn default() -> Self {
        let began = Instant::now();
        Self { began, next: began + TELL_AFTER }
    }
}

impl Telling {
    /// Tells that `who` is awaited, if it is time to; `seen` gives what is awaited of it, and what is seen instead.
    fn tell(
        &mut self,
        rehearsal: &Rehearsal,
        (who, within): (&str, Duration),
        seen: impl FnOnce() -> (String, String),
    ) {
        if Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + TELL_EVERY;
        let left = within.saturating_sub(self.began.elapsed()).as_secs();
        let (awaited, instead) = seen();
        rehearsal.tell(Progress::Word(format!(
            "still waiting for {who} to {awaited}, {left} s more at most: so far {instead}"
        )));
    }
}

/// What has to be seen of what is behind `door` until it counts as ready.
fn awaited(door: Door<'_>, ready: Option<&str>) -> String {
    ready.map_or_else(
        || format!("listen on {}", door.address()),
        |path| format!("answer GET {path} with 2xx on {door}"),
    )
}

/// Where the process and its children listen, if that is somewhere, and not where they were told.
fn elsewhere(process: &Process) -> Option<String> {
    let group = i32::try_from(process.pid()).ok()?;
    let found = listening::addresses_of(members(group));
    let is_there = found.iter().any(|found| found.port() == process.address().port());
    let shown: Vec<_> = found.into_iter().map(|found| found.to_string()).collect();
    (!is_there && !shown.is_empty()).then(|| shown.join(", "))
}

/// One look at whether what is behind `door` is ready, and why not.
pub(crate) fn look(door: Door<'_>, ready: Option<&str>) -> Result<(), String> {
    let Some(path) = ready else {
        return TcpStream::connect_timeout(&door.address(), LOOK)
            .map(drop)
            .map_err(|_| NOT_THERE.to_owned());
    };
    match get(door, path, LOOK) {
        Ok(answer) if answer.is_ok() => Ok(()),
        Ok(answer) => Err(format!("GET {path} answers {}", answer.status)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Err(NOT_THERE.to_owned()),
        Err(error) => Err(format!("GET {path}: {error}")),
    }
}

fn ended(process: &mut Process) -> DrillError {
    let exit = process.exit().map_or_else(String::new, |exit| exit.to_string());
    process.output().await_end(LAST_WORDS);
    let printed = shown(&process.output().tail(SHOWN));
    DrillError::Step {
        step: format!("start `{}`", process.name()),
        reason: format!("it ended with {exit} before it was ready{printed}"),
        help: "start it by hand with the same command and variables, and mend what it says"
            .to_owned(),
    }
}

fn late(process: &Process, (awaited, within): (String, Duration), last: &str) -> DrillError {
    let (address, seconds) = (process.address(), within.as_secs());
    let (reason, help) = if let Some(found) = elsewhere(process) {
        (
            format!("it was told to listen on {address}, and listens on {found}"),
            "let the command or its variables say `{port}` where the service takes its port from",
        )
    } else {
        (
            format!("it did not {awaited} within {seconds} s: {last}"),
            "mend `run.ready` in gonogo.yaml, say in `run.url` whether it speaks TLS or HTTP/2, or see what it prints",
        )
    };
    let printed = shown(&process.output().tail(SHOWN));
    DrillError::Step {
        step: format!("start `{}`", process.name()),
        reason: format!("{reason}{printed}"),
        help: help.to_owned(),
    }
}

/// The last lines of a process, as the end of a sentence.
fn shown(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "; it printed nothing".to_owned();
    }
    let texts: Vec<_> = lines
        .iter()
        .map(|line| format!("| {}", line.text.chars().take(200).collect::<String>()))
        .collect();
    format!("; its last lines:\n{}", texts.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc::channel;

    use super::*;
    use crate::{Command, Interrupt, Stage};

    fn rehearse_within(
        line: &str,
        ready: Option<&str>,
        ready_within: Duration,
    ) -> (Result<Duration, DrillError>, Vec<String>) {
        let root = tempfile::tempdir().unwrap();
        let arguments = vec!["python3".into(), "-c".into(), line.into(), "{port}".into()];
        let service = Service {
            name: "shop".into(),
            folder: root.path().to_owned(),
            command: Some(Command { arguments, ..Command::default() }),
            ready: ready.map(str::to_owned),
            ..Service::default()
        };
        let (sender, receiver) = channel();
        let mut rehearsal =
            Rehearsal::begin(root.path(), "load", "shop", Interrupt::default(), Some(sender))
                .unwrap();
        let mut stage = Stage { ready_within, ..Stage::default() };
        let instance = stage.service(&mut rehearsal, &service, &BTreeMap::new());
        let words = receiver.try_iter().filter_map(|progress| match progress {
            Progress::Word(word) => Some(word),
            _ => None,
        });
        (instance.map(|instance| instance.ready_after), words.collect())
    }

    fn rehearse(line: &str, ready: Option<&str>) -> Result<Duration, DrillError> {
        rehearse_within(line, ready, READY_WITHIN).0
    }

    /// What is said of a service that does not get ready in the short time that it has, and what was told last meanwhile.
    fn trouble_within(line: &str, seconds: u64) -> (String, String) {
        let (instance, mut words) =
            rehearse_within(line, Some("/ok"), Duration::from_secs(seconds));
        (instance.unwrap_err().to_string(), words.pop().unwrap_or_default())
    }

    /// The same of one that listens; on a busy machine it may take its time until then.
    fn trouble(line: &str) -> (String, String) {
        let (said, word) = trouble_within(line, 3);
        let came_late = said.contains(NOT_THERE) || word.contains(NOT_THERE);
        if came_late { trouble_within(line, 20) } else { (said, word) }
    }

    /// Does `deed` with each connection to the port in the first argument.
    fn serving(deed: &str) -> String {
        format!(
            "import sys, socket as s\n\
             l = s.create_server(('127.0.0.1', int(sys.argv[1])))\n\
             while True:\n\
             \tc = l.accept()[0]\n\t{deed}\n\tc.close()"
        )
    }

    #[test]
    fn a_service_that_listens_and_does_not_greet_is_told_with_what_was_awaited() {
        let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let told = |url: &str| {
            let speech = Speech::declared(url).unwrap();
            let door = speech.at(silent.local_addr().unwrap());
            greeted(door, Duration::from_millis(50)).map_err(|error| error.to_string())
        };
        let tls = told("https://localhost:{port}").unwrap_err();
        assert!(tls.contains("the handshake of TLS did not come to an end within 0.05 s"), "{tls}");
        let http2 = told("h2c://localhost:{port}").unwrap_err();
        assert!(http2.contains("the settings that begin HTTP/2 did not come within 0.05 s"));
        assert_eq!(told("http://localhost:{port}"), Ok(()), "it is for the client to begin");
    }

    #[test]
    fn what_does_not_greet_in_http2_is_told_and_what_does_is_taken() {
        let told = |greeting: &'static [u8]| {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let answering = std::thread::spawn(move || {
                let mut connection = listener.accept().unwrap().0;
                connection.write_all(greeting).unwrap();
                let _until_it_leaves = connection.read_to_end(&mut Vec::new());
            });
            let speech = Speech::declared("h2c://localhost:{port}").unwrap();
            let told = greeted(speech.at(address), READY_WITHIN).map_err(|error| error.to_string());
            answering.join().unwrap();
            told
        };
        assert_eq!(told(&[0, 0, 0, 4, 0, 0, 0, 0, 0]), Ok(()));
        let one = told(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap_err();
        assert!(one.contains("what it answers is not HTTP/2"), "{one}");
    }

    #[test]
    fn a_running_service_that_does_not_listen_is_told_before_anything_is_sent() {
        let speech = Speech::default();
        let gone = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let error = reaches(speech.at(gone)).unwrap_err().to_string();
        assert!(error.contains("nothing listens there") && error.contains("reach the service at"));
    }

    #[test]
    fn a_service_that_never_listens_is_given_up() {
        let silent = "import time; print('thinking', flush=True); time.sleep(600)";
        let said = trouble_within(silent, 3).0;
        assert!(said.contains("does not listen") && said.contains("thinking"), "{said}");
    }

    #[test]
    fn a_service_on_another_port_than_it_was_told_is_shown_where_it_is() {
        let (said, word) = trouble(
            "import socket, time; l = socket.create_server(('127.0.0.1', 0)); time.sleep(600)",
        );
        assert!(said.contains("and listens on 127.0.0.1:"), "{said}");
        // It was told long before it was given up.
        assert!(word.starts_with("still waiting for `shop` to answer GET /ok"), "{word}");
        assert!(word.contains("so far it listens on 127.0.0.1:"), "{word}");
    }

    #[test]
    fn a_path_of_readiness_that_is_not_there_is_told_while_it_is_awaited() {
        let (said, word) = trouble(&SERVER.replace("'/ok'", "'/healthz'").replace("500", "404"));
        assert!(said.contains("GET /ok answers 404"), "{said}");
        assert!(word.ends_with("so far GET /ok answers 404"), "{word}");
    }

    #[test]
    fn garbage_and_closed_connections_are_told_apart() {
        let said = trouble(&serving("c.recv(999); c.sendall(b'SSH-2.0-x\\r\\n')")).0;
        assert!(said.contains("not HTTP"), "{said}");
        let said = trouble(&serving("c.recv(999)")).0;
        assert!(said.contains("closed the connection without an answer"), "{said}");
    }

    #[test]
    fn a_service_that_prints_without_end_is_started_all_the_same() {
        let printing = SERVER.replace(
            "h.HTTPServer",
            "import threading\nthreading.Thread(target=lambda: [print('x' * 9999) for _ in iter(int, 1)], daemon=True).start()\nh.HTTPServer",
        );
        assert!(rehearse(&printing, Some("/ok")).is_ok());
    }

    const SERVER: &str = "import sys, http.server as h\n\
        class H(h.BaseHTTPRequestHandler):\n\
        \tdef do_GET(self): self.send_response(200 if self.path == '/ok' else 500); self.end_headers()\n\
        h.HTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()";

    #[test]
    fn a_service_is_started_on_the_port_it_was_given() {
        assert!(rehearse(SERVER, Some("/ok")).unwrap() > Duration::ZERO);
        assert!(rehearse(SERVER, None).is_ok());
    }

    #[test]
    fn a_service_that_ends_at_once_is_shown_with_its_last_words() {
        let error = rehearse("import sys; print('no DATABASE_URL'); sys.exit(3)", Some("/ok"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("exit code 3") && error.contains("no DATABASE_URL"), "{error}");
    }
}
