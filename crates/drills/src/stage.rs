//! Starts the dependencies and the service, each with a port of its own, and waits until they are ready.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::harness::{
    Inherited, Launch, Line, Process, Sampler, fill_command, free_address, get, listening, mentions,
};
use crate::{Command, Dependency, DrillError, Rehearsal, Service};

/// How long a process may take until it is ready.
const READY_WITHIN: Duration = Duration::from_mins(1);
/// How long a service that runs already may take until it is ready behind our proxies.
const RUNNING_WITHIN: Duration = Duration::from_secs(15);
/// How long one look at readiness may take.
const LOOK: Duration = Duration::from_secs(2);
/// How many of its last lines are shown of a process that did not get ready.
const SHOWN: usize = 8;

/// A dependency that can be reached.
#[derive(Debug)]
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// Where it really listens, behind the proxy.
    pub address: SocketAddr,
    /// Its process, when the drill started it.
    pub process: Option<Process>,
}

/// One running instance of the service.
#[derive(Debug)]
pub struct Instance {
    /// Its process.
    pub process: Process,
    /// What it uses.
    pub resources: Sampler,
    /// From its start to its first readiness.
    pub ready_after: Duration,
}

impl Instance {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.process.address()
    }
}

/// Hands out ports and starts processes with them.
#[derive(Debug)]
pub struct Stage {
    taken: BTreeSet<u16>,
    ready_within: Duration,
}

impl Default for Stage {
    fn default() -> Self {
        Self { taken: BTreeSet::new(), ready_within: READY_WITHIN }
    }
}

impl Stage {
    /// Starts every dependency that has a command, and looks up the address of every other.
    pub fn dependencies(
        &mut self,
        rehearsal: &mut Rehearsal,
        service: &Service,
    ) -> Result<Vec<Upstream>, DrillError> {
        let mut upstreams = Vec::new();
        for dependency in &service.dependencies {
            let upstream = match (&dependency.command, &dependency.address) {
                (Some(command), _) => {
                    Some(self.dependency(rehearsal, service, dependency, command)?)
                }
                (None, Some(address)) => Some(known(dependency, address)?),
                (None, None) if is_spoken_of(service, dependency) => {
                    return Err(nowhere(dependency));
                }
                (None, None) => None,
            };
            upstreams.extend(upstream);
        }
        Ok(upstreams)
    }

    /// The dependencies of a service that runs already and is pointed at proxies of ours, each with where its proxy has to listen.
    pub(crate) fn standing(service: &Service) -> Result<Vec<(Upstream, SocketAddr)>, DrillError> {
        let pointed =
            service.dependencies.iter().filter_map(|one| Some((one, one.proxy.as_ref()?)));
        pointed.map(|(dependency, proxy)| standing(dependency, proxy)).collect()
    }

    fn dependency(
        &mut self,
        rehearsal: &mut Rehearsal,
        service: &Service,
        dependency: &Dependency,
        command: &Command,
    ) -> Result<Upstream, DrillError> {
        let step = format!("start the dependency `{}`", dependency.name);
        rehearsal.step(&step, |rehearsal| {
            let mut process =
                self.launch(rehearsal, service, &dependency.name, command, &BTreeMap::new())?;
            let address = process.address();
            await_ready(rehearsal, &mut process, None, self.ready_within)?;
            Ok(Upstream { name: dependency.name.clone(), address, process: Some(process) })
        })
    }

    /// Starts one instance of the service; `routes` tells for each dependency where the service reaches it.
    pub fn service(
        &mut self,
        rehearsal: &mut Rehearsal,
        service: &Service,
        routes: &BTreeMap<String, SocketAddr>,
    ) -> Result<Instance, DrillError> {
        let command = service.command.as_ref().ok_or_else(no_command)?;
        self.service_as(rehearsal, service, command, routes)
    }

    /// Starts one instance of the service by another `command` than its own.
    pub fn service_as(
        &mut self,
        rehearsal: &mut Rehearsal,
        service: &Service,
        command: &Command,
        routes: &BTreeMap<String, SocketAddr>,
    ) -> Result<Instance, DrillError> {
        rehearsal.step("start the service", |rehearsal| {
            let mut process = self.launch(rehearsal, service, &service.name, command, routes)?;
            let ready = service.ready.as_deref();
            await_ready(rehearsal, &mut process, ready, self.ready_within)?;
            let resources = Sampler::start(process.pid());
            let ready_after = process.started().elapsed();
            Ok(Instance { process, resources, ready_after })
        })
    }

    /// Starts a process without waiting for anything.
    pub(crate) fn launch(
        &mut self,
        rehearsal: &mut Rehearsal,
        service: &Service,
        name: &str,
        command: &Command,
        routes: &BTreeMap<String, SocketAddr>,
    ) -> Result<Process, DrillError> {
        self.launch_in(rehearsal, service, name, command, (routes, Inherited::All))
    }

    /// The same, with other than all variables inherited.
    pub(crate) fn launch_in(
        &mut self,
        rehearsal: &mut Rehearsal,
        service: &Service,
        name: &str,
        command: &Command,
        (routes, inherited): (&BTreeMap<String, SocketAddr>, Inherited<'_>),
    ) -> Result<Process, DrillError> {
        rehearsal.will_stop_processes()?;
        let address = free_address(&mut self.taken)?;
        let mut values: BTreeMap<_, _> =
            routes.iter().map(|(name, address)| (name.clone(), address.to_string())).collect();
        values.insert("port".to_owned(), address.port().to_string());
        let command = fill_command(command, &values);
        let launch = Launch {
            name,
            command: &command,
            folder: &service.folder,
            address,
            run: rehearsal.run(),
            inherited,
        };
        let process =
            Process::start(launch).map_err(|error| not_started(name, &command, &error))?;
        rehearsal.prints_into(process.pipes());
        Ok(process)
    }
}

pub(crate) fn no_command() -> DrillError {
    DrillError::Step {
        step: "start the service".to_owned(),
        reason: "gonogo.yaml does not say how".to_owned(),
        help: "add `run: {command: [./your-service], env: {LISTEN: \"127.0.0.1:{port}\"}, ready: /readyz}`, or name a running one with `--target`".to_owned(),
    }
}

fn not_started(name: &str, command: &Command, error: &io::Error) -> DrillError {
    let program = command.arguments.first().map_or("", String::as_str);
    DrillError::Step {
        step: format!("start `{name}`"),
        reason: format!("`{program}` could not be started: {error}"),
        help: format!(
            "build it first, or mend the command of `{name}` in gonogo.yaml; it starts in the folder of that file"
        ),
    }
}

fn nowhere(dependency: &Dependency) -> DrillError {
    let name = &dependency.name;
    DrillError::Step {
        step: format!("find the dependency `{name}`"),
        reason: format!(
            "gonogo.yaml does not say where `{name}` runs, and the service's command speaks of `{{{name}}}`"
        ),
        help: format!(
            "give `{name}` an `address: 127.0.0.1:PORT`, or `run: {{command: […, \"{{port}}\"]}}`"
        ),
    }
}

fn is_spoken_of(service: &Service, dependency: &Dependency) -> bool {
    service.command.as_ref().is_some_and(|command| mentions(command, &dependency.name))
}

/// A dependency behind the address that a running service is pointed at.
fn standing(dependency: &Dependency, proxy: &str) -> Result<(Upstream, SocketAddr), DrillError> {
    let name = &dependency.name;
    let failed = |reason: String, help: &str| DrillError::Step {
        step: format!("stand between the service and `{name}`"),
        reason,
        help: help.to_owned(),
    };
    let listen: SocketAddr = proxy.parse().map_err(|_| {
        failed(
            format!("its `proxy: {proxy}` is no address"),
            "write it as IP:PORT, such as 127.0.0.1:15432",
        )
    })?;
    if !listen.ip().is_loopback() || listen.port() == 0 {
        return Err(failed(
            format!("its `proxy: {proxy}` is no fixed address of this machine"),
            "drills listen on 127.0.0.1 only: name a port of it",
        ));
    }
    let address = dependency.address.as_deref().ok_or_else(|| {
        failed(
            "gonogo.yaml does not say where it really is".to_owned(),
            "add its `address:` beside `proxy:`, so that the drill can pass on what it gets",
        )
    })?;
    let upstream = known(dependency, address)?;
    if upstream.address == listen {
        return Err(failed(
            "its `proxy` and its `address` are the same".to_owned(),
            "let `address` be where it really listens, and `proxy` another port",
        ));
    }
    Ok((upstream, listen))
}

/// Waits until the service that runs already is ready, behind the proxies that it is pointed at.
pub(crate) fn await_running(
    rehearsal: &Rehearsal,
    service: &Service,
    address: SocketAddr,
) -> Result<(), DrillError> {
    let mut last = String::new();
    let looks = || match look(address, service.ready.as_deref()) {
        Ok(()) => Some(()),
        Err(reason) => {
            last = reason;
            None
        }
    };
    match rehearsal.wait_for(RUNNING_WITHIN, looks)? {
        Some(()) => Ok(()),
        None => Err(DrillError::Step {
            step: format!("wait for the service at {address}"),
            reason: format!("it was not ready within {} s: {last}", RUNNING_WITHIN.as_secs()),
            help: "start it, pointed at the `proxy:` addresses, or mend `run.ready` in gonogo.yaml"
                .to_owned(),
        }),
    }
}

/// A dependency that runs already. Only what is on this machine may be touched.
fn known(dependency: &Dependency, address: &str) -> Result<Upstream, DrillError> {
    let step = format!("find the dependency `{}`", dependency.name);
    let found = address.to_socket_addrs().ok().and_then(|mut found| found.next());
    let address_found = found.ok_or_else(|| DrillError::Step {
        step: step.clone(),
        reason: format!("`{address}` is no address"),
        help: "write it as HOST:PORT, such as 127.0.0.1:5432".to_owned(),
    })?;
    if !address_found.ip().is_loopback() {
        return Err(DrillError::Step {
            step,
            reason: format!("`{address}` is not on this machine"),
            help: "drills put a proxy only before what runs on 127.0.0.1: start the dependency here with `run:`".to_owned(),
        });
    }
    Ok(Upstream { name: dependency.name.clone(), address: address_found, process: None })
}

/// Waits until `process` answers 2xx at `ready`, or listens when there is no such path.
fn await_ready(
    rehearsal: &Rehearsal,
    process: &mut Process,
    ready: Option<&str>,
    within: Duration,
) -> Result<(), DrillError> {
    let address = process.address();
    let mut last = "it does not listen there".to_owned();
    let came = rehearsal.wait_for(within, || {
        if process.exit().is_some() {
            return Some(false);
        }
        match look(address, ready) {
            Ok(()) => Some(true),
            Err(reason) => {
                last = reason;
                None
            }
        }
    })?;
    match came {
        Some(true) => Ok(()),
        Some(false) => Err(ended(process)),
        None => Err(late(rehearsal, process, (ready, within), &last)),
    }
}

/// One look at whether what listens at `address` is ready, and why not.
pub(crate) fn look(address: SocketAddr, ready: Option<&str>) -> Result<(), String> {
    let Some(path) = ready else {
        return TcpStream::connect_timeout(&address, LOOK)
            .map(drop)
            .map_err(|_| "it does not listen there".to_owned());
    };
    match get(address, path, LOOK) {
        Ok(answer) if answer.is_ok() => Ok(()),
        Ok(answer) => Err(format!("GET {path} answers {}", answer.status)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Err("it does not listen there".to_owned())
        }
        Err(error) => Err(format!("GET {path}: {error}")),
    }
}

fn ended(process: &mut Process) -> DrillError {
    let exit = process.exit().map_or_else(String::new, |exit| exit.to_string());
    let printed = shown(&process.output().tail(SHOWN));
    DrillError::Step {
        step: format!("start `{}`", process.name()),
        reason: format!("it ended with {exit} before it was ready{printed}"),
        help: "start it by hand with the same command and variables, and mend what it says"
            .to_owned(),
    }
}

fn late(
    rehearsal: &Rehearsal,
    process: &Process,
    (ready, within): (Option<&str>, Duration),
    last: &str,
) -> DrillError {
    let (address, seconds) = (process.address(), within.as_secs());
    let elsewhere: Vec<_> =
        listening::addresses(rehearsal.run()).into_iter().map(|found| found.to_string()).collect();
    let is_there = elsewhere.iter().any(|found| found.ends_with(&format!(":{}", address.port())));
    let (reason, help) = if !is_there && !elsewhere.is_empty() {
        (
            format!(
                "it was told to listen on {address}, and processes of this run listen on {}",
                elsewhere.join(", ")
            ),
            "let the command or its variables say `{port}` where the service takes its port from"
                .to_owned(),
        )
    } else {
        let what = ready.map_or_else(
            || format!("listen on {address}"),
            |path| format!("answer GET {path} with 2xx on {address}"),
        );
        (
            format!("it did not {what} within {seconds} s: {last}"),
            "mend `run.ready` in gonogo.yaml, or see what it prints".to_owned(),
        )
    };
    let printed = shown(&process.output().tail(SHOWN));
    DrillError::Step {
        step: format!("start `{}`", process.name()),
        reason: format!("{reason}{printed}"),
        help,
    }
}

/// The last lines of a process, as the end of a sentence.
fn shown(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "; it printed nothing".to_owned();
    }
    let texts: Vec<_> = lines
        .iter()
        .map(|line| format!("  | {}", line.text.chars().take(200).collect::<String>()))
        .collect();
    format!("; its last lines:\n{}", texts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Interrupt;

    fn rehearse_within(
        line: &str,
        ready: Option<&str>,
        ready_within: Duration,
    ) -> Result<Duration, DrillError> {
        let root = tempfile::tempdir().unwrap();
        let arguments = vec!["python3".into(), "-c".into(), line.into(), "{port}".into()];
        let service = Service {
            name: "shop".into(),
            folder: root.path().to_owned(),
            command: Some(Command { arguments, ..Command::default() }),
            ready: ready.map(str::to_owned),
            ..Service::default()
        };
        let mut rehearsal =
            Rehearsal::begin(root.path(), "load", "shop", Interrupt::default(), None)?;
        let mut stage = Stage { ready_within, ..Stage::default() };
        let instance = stage.service(&mut rehearsal, &service, &BTreeMap::new())?;
        assert!(instance.process.pid() > 0);
        Ok(instance.ready_after)
    }

    fn rehearse(line: &str, ready: Option<&str>) -> Result<Duration, DrillError> {
        rehearse_within(line, ready, READY_WITHIN)
    }

    /// What is said of a service that does not get ready in the short time that it has.
    fn trouble(line: &str) -> String {
        rehearse_within(line, Some("/ok"), Duration::from_secs(3)).unwrap_err().to_string()
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
    fn a_service_that_never_listens_is_given_up() {
        let said = trouble("import time; print('thinking', flush=True); time.sleep(600)");
        assert!(said.contains("does not listen") && said.contains("thinking"), "{said}");
    }

    #[test]
    fn a_service_on_another_port_than_it_was_told_is_shown_where_it_is() {
        let said = trouble(
            "import socket, time; l = socket.create_server(('127.0.0.1', 0)); time.sleep(600)",
        );
        assert!(said.contains("processes of this run listen on 127.0.0.1:"), "{said}");
    }

    #[test]
    fn garbage_and_closed_connections_are_told_apart() {
        let said = trouble(&serving("c.recv(999); c.sendall(b'SSH-2.0-x\\r\\n')"));
        assert!(said.contains("not HTTP"), "{said}");
        let said = trouble(&serving("c.recv(999)"));
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

    #[test]
    fn a_proxy_of_a_running_service_listens_on_this_machine_and_knows_the_real_address() {
        let refused = |proxy: &str, address: Option<&str>| {
            let dependency = Dependency {
                name: "db".into(),
                kind: crate::DependencyKind::Tcp,
                is_critical: true,
                address: address.map(str::to_owned),
                command: None,
                timeout: None,
                max_retries: None,
                proxy: Some(proxy.into()),
                on_failure: None,
            };
            let service = Service { dependencies: vec![dependency], ..Service::default() };
            Stage::standing(&service).err().map(|error| error.to_string()).unwrap_or_default()
        };
        let real = Some("127.0.0.1:5432");
        assert_eq!(refused("127.0.0.1:15432", real), "");
        assert!(refused("15432", real).contains("is no address"));
        assert!(refused("0.0.0.0:15432", real).contains("no fixed address of this machine"));
        assert!(refused("127.0.0.1:0", real).contains("no fixed address"));
        assert!(refused("127.0.0.1:5432", real).contains("are the same"));
        assert!(refused("127.0.0.1:15432", None).contains("where it really is"));
        assert!(refused("127.0.0.1:15432", Some("192.0.2.1:5432")).contains("not on this machine"));
    }

    #[test]
    fn a_dependency_elsewhere_is_never_touched() {
        let dependency = Dependency {
            name: "db".into(),
            kind: crate::DependencyKind::Tcp,
            is_critical: true,
            address: None,
            command: None,
            timeout: None,
            max_retries: None,
            proxy: None,
            on_failure: None,
        };
        let error = known(&dependency, "192.0.2.1:5432").unwrap_err().to_string();
        assert!(error.contains("not on this machine"), "{error}");
        assert!(known(&dependency, "nowhere").is_err());
        assert!(known(&dependency, "127.0.0.1:5432").is_ok());
    }
}
