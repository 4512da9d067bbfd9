//! Starts the dependencies and the service, each with a port of its own, and waits until they are ready.

mod address;
mod ready;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::harness::{Inherited, Launch, Process, Sampler, fill_command, free_address};
use crate::{Command, Dependency, DrillError, Rehearsal, Service, Speech};

pub(crate) use address::listens;
pub use address::stay_here;
use ready::{READY_WITHIN, await_ready};
pub(crate) use ready::{await_running, look, reaches, speaks};

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
    /// Starts every dependency that has a command, after it was seen that every other listens where gonogo.yaml says.
    pub fn dependencies(
        &mut self,
        rehearsal: &mut Rehearsal,
        service: &Service,
    ) -> Result<Vec<Upstream>, DrillError> {
        let mut upstreams = address::given(service)?;
        for dependency in &service.dependencies {
            if let Some(command) = &dependency.command {
                upstreams.push(self.dependency(rehearsal, service, dependency, command)?);
            }
        }
        Ok(upstreams)
    }

    /// The dependencies of a service that runs already and is pointed at proxies of ours, each with where its proxy has to listen.
    pub(crate) fn standing(service: &Service) -> Result<Vec<(Upstream, SocketAddr)>, DrillError> {
        address::standing(service)
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
            let none = BTreeMap::new();
            let how = (&none, Inherited::All, Ipv4Addr::LOCALHOST.into());
            let mut process = self.launch_at(rehearsal, service, &dependency.name, command, how)?;
            let address = process.address();
            let plain = (&Speech::default(), None);
            await_ready(rehearsal, &mut process, plain, self.ready_within)?;
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
            let ready = (&service.speech, service.ready.as_deref());
            await_ready(rehearsal, &mut process, ready, self.ready_within)?;
            speaks(service.at(process.address()))?;
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
        let how = (routes, inherited, service.speech.loopback());
        self.launch_at(rehearsal, service, name, command, how)
    }

    fn launch_at(
        &mut self,
        rehearsal: &mut Rehearsal,
        service: &Service,
        name: &str,
        command: &Command,
        (routes, inherited, ip): (&BTreeMap<String, SocketAddr>, Inherited<'_>, IpAddr),
    ) -> Result<Process, DrillError> {
        rehearsal.will_stop_processes()?;
        let address = free_address(&mut self.taken, ip)?;
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
