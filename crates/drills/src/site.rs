//! A service that is ready to be drilled: its dependencies behind proxies, its instances, and the load on it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::load::{self, Control, LoadError, Plan, Rate, Record, Share};
use crate::proxy::{Proxy, Settings};
use crate::stage::{await_running, listens, reaches, speaks};
use crate::{DependencyKind, DrillError, Instance, Progress, Rehearsal, Service, Stage, Upstream};

/// How often progress is told.
const LOOK: Duration = Duration::from_millis(250);
/// Requests a second where no journey says its peak.
pub(crate) const DEFAULT_PEAK: f64 = 10.0;

/// A service that is ready to be drilled. Dropping it stops what was started.
#[derive(Debug)]
pub struct Site {
    /// Starts further instances.
    pub stage: Stage,
    /// The instances that the drill started; none when a running service is drilled.
    pub instances: Vec<Instance>,
    /// Where requests go.
    pub address: SocketAddr,
    /// Where the service reaches each dependency.
    pub routes: BTreeMap<String, SocketAddr>,
    proxies: BTreeMap<String, Proxy>,
    upstreams: Vec<Upstream>,
    runtime: Runtime,
}

impl Site {
    /// Starts dependencies, a proxy before each, and one instance of the service; or takes the running one at `target`, which keeps its own
    /// dependencies but for those that it reaches through an address of ours (`proxy:`).
    pub fn open(
        rehearsal: &mut Rehearsal,
        service: &Service,
        target: Option<SocketAddr>,
        seed: u64,
    ) -> Result<Self, DrillError> {
        let mut site = Self::prepare(rehearsal, service, target, seed)?;
        if let Some(address) = target.filter(|_| !site.proxies.is_empty()) {
            rehearsal.step("wait for the running service", |rehearsal| {
                await_running(rehearsal, service, address)
            })?;
        }
        if let Some(address) = target {
            reaches(service.at(address))?;
            speaks(service.at(address))?;
        } else {
            let instance = site.stage.service(rehearsal, service, &site.routes)?;
            site.address = instance.address();
            site.instances.push(instance);
        }
        Ok(site)
    }

    /// The same without an instance yet.
    pub fn prepare(
        rehearsal: &mut Rehearsal,
        service: &Service,
        target: Option<SocketAddr>,
        seed: u64,
    ) -> Result<Self, DrillError> {
        Self::prepare_with(rehearsal, service, target, seed, &|_| {})
    }

    /// The same, with `settle` changing how each proxy is set up.
    pub fn prepare_with(
        rehearsal: &mut Rehearsal,
        service: &Service,
        target: Option<SocketAddr>,
        seed: u64,
        settle: &dyn Fn(&mut Settings),
    ) -> Result<Self, DrillError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("proxy")
            .enable_all()
            .build()?;
        let mut stage = Stage::default();
        // A service that runs already reaches only those of our proxies that it was pointed at.
        let (upstreams, listening): (Vec<Upstream>, Vec<Option<SocketAddr>>) = match target {
            Some(_) => Stage::standing(service)?
                .into_iter()
                .map(|(upstream, listen)| (upstream, Some(listen)))
                .unzip(),
            None => {
                stage.dependencies(rehearsal, service)?.into_iter().map(|one| (one, None)).unzip()
            }
        };
        let mut proxies = BTreeMap::new();
        for (upstream, listen) in upstreams.iter().zip(listening) {
            let kind = service
                .dependencies
                .iter()
                .find(|known| known.name == upstream.name)
                .map_or(DependencyKind::Tcp, |known| known.kind);
            let mut settings = Settings::new(kind, upstream.address.to_string());
            settings.seed = seed;
            settings.listen = listen.unwrap_or(settings.listen);
            settle(&mut settings);
            let listen = settings.listen;
            let proxy = Proxy::start(runtime.handle(), settings)
                .map_err(|error| not_listening(&upstream.name, listen, &error))?;
            proxies.insert(upstream.name.clone(), proxy);
        }
        let routes = proxies.iter().map(|(name, proxy)| (name.clone(), proxy.address())).collect();
        let address = target.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        Ok(Self { stage, instances: Vec::new(), address, routes, proxies, upstreams, runtime })
    }

    /// The proxy before the dependency `name`.
    pub fn proxy(&self, name: &str) -> Option<&Proxy> {
        self.proxies.get(name)
    }

    /// The proxies by the names of their dependencies.
    pub fn proxies(&self) -> impl Iterator<Item = (&str, &Proxy)> {
        self.proxies.iter().map(|(name, proxy)| (name.as_str(), proxy))
    }

    /// The dependencies as they really are, behind the proxies.
    pub fn upstreams(&self) -> impl Iterator<Item = &Upstream> {
        self.upstreams.iter()
    }

    /// An error where a dependency has gone away from behind its proxy: that is nothing that the drill did or the service could help, so
    /// that nothing seen since then tells of the service.
    pub fn is_whole(&self) -> Result<(), DrillError> {
        match self.upstreams.iter().find(|one| listens(one.address).is_err()) {
            Some(gone) => Err(went_away(gone)),
            None => Ok(()),
        }
    }

    /// The runtime that the proxies work on, for further servers of the drill.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Starts load on a thread of its own.
    pub fn drive(&self, plan: Plan) -> Driving {
        let control = Control::new();
        Driving::start(plan, control)
    }

    /// Runs load to its end, telling progress, and stops it when the drill is interrupted.
    pub fn driven(&self, rehearsal: &Rehearsal, plan: Plan) -> Result<Record, DrillError> {
        self.drive(plan).finish(rehearsal)
    }

    /// All journeys of `service` in proportion to their peaks, at `factor` times their peak together.
    pub fn plan(&self, service: &Service, factor: f64, lasts: Duration) -> Plan {
        plan(service, self.address, Rate::constant(peak_per_s(service) * factor, lasts))
    }
}

fn not_listening(name: &str, listen: SocketAddr, error: &std::io::Error) -> DrillError {
    DrillError::Step {
        step: format!("put a proxy before `{name}`"),
        reason: format!("{listen} cannot be listened on: {error}"),
        help: "free that port, or let `proxy:` in gonogo.yaml name another and point the service there".to_owned(),
    }
}

fn went_away(gone: &Upstream) -> DrillError {
    let (name, address) = (&gone.name, gone.address);
    let whose = if gone.process.is_some() { ", where the drill had started it" } else { "" };
    DrillError::Step {
        step: format!("keep the dependency `{name}` for as long as the drill lasts"),
        reason: format!(
            "it went away by itself: nothing listens at {address} any more{whose}. Nothing is said of the service"
        ),
        help: format!(
            "let `{name}` serve until it is stopped, also when its clients go away without a word"
        ),
    }
}

/// The declared peaks of all journeys together, in requests per second.
pub fn peak_per_s(service: &Service) -> f64 {
    let sum: f64 = service.journeys.iter().filter_map(|journey| journey.peak_per_s).sum();
    if sum > 0.0 { sum } else { DEFAULT_PEAK }
}

/// All journeys of `service` sent to `address` in proportion to their peaks.
pub fn plan(service: &Service, address: SocketAddr, rate: Rate) -> Plan {
    let journeys = service
        .journeys
        .iter()
        .map(|journey| Share {
            identity: journey
                .identity
                .as_ref()
                .and_then(|name| service.identities.get(name))
                .cloned()
                .unwrap_or_default(),
            weight: journey.peak_per_s.filter(|peak| *peak > 0.0).unwrap_or(DEFAULT_PEAK),
            journey: journey.clone(),
        })
        .collect();
    Plan::new(service.at(address).target(), journeys, rate)
}

/// Load that runs. Dropping it stops it.
#[derive(Debug)]
pub struct Driving {
    control: Control,
    lasts: Duration,
    thread: Option<JoinHandle<Result<Record, LoadError>>>,
}

impl Driving {
    /// Starts `plan` under `control`.
    pub fn start(plan: Plan, control: Control) -> Self {
        let lasts = plan.rate.lasts();
        let thread = thread::spawn({
            let control = control.clone();
            move || load::run(&plan, &control)
        });
        Self { control, lasts, thread: Some(thread) }
    }

    /// How it goes.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Tells whoever watches how it goes.
    pub fn tell(&self, rehearsal: &Rehearsal) {
        let now = self.control.progress();
        let failed = now.counts.failures(true);
        #[expect(clippy::cast_precision_loss, reason = "a share to look at")]
        let failed = failed as f64 / now.counts.total().max(1) as f64;
        let left = self.lasts.saturating_sub(now.elapsed);
        rehearsal.tell(Progress::Load {
            rate_per_s: now.per_s,
            p50: now.p50,
            p99: now.p99,
            failed,
            left,
        });
    }

    /// Waits for its end, telling progress; an interrupt of the drill stops it at once.
    pub fn finish(mut self, rehearsal: &Rehearsal) -> Result<Record, DrillError> {
        while !self.is_over() {
            if rehearsal.interrupt().is_raised() {
                self.control.stop();
            }
            self.tell(rehearsal);
            let _looked_for_long_enough = rehearsal.wait_for(LOOK, || self.is_over().then_some(()));
        }
        let record = self.thread.take().and_then(|thread| thread.join().ok());
        rehearsal.go_on()?;
        let failed = |reason: String| DrillError::Step {
            step: "send load".to_owned(),
            reason,
            help: "mend the journey in gonogo.yaml, or free what the generator lacks".to_owned(),
        };
        record
            .ok_or_else(|| failed("the load generator ended early".to_owned()))?
            .map_err(|error| failed(error.to_string()))
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        self.control.stop();
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::path::Path;

    use super::*;
    use crate::{Dependency, Interrupt};

    /// A service of the folder `root` whose dependency `db` listens as `real`, and is to be reached by `proxy`.
    fn service(root: &Path, real: &TcpListener, proxy: Option<SocketAddr>) -> Service {
        let dependency = Dependency {
            name: "db".into(),
            kind: DependencyKind::Tcp,
            is_critical: true,
            address: Some(real.local_addr().unwrap().to_string()),
            proxy: proxy.map(|address| address.to_string()),
            command: None,
            timeout: None,
            max_retries: None,
            on_failure: None,
        };
        let (folder, dependencies) = (root.to_owned(), vec![dependency]);
        Service { folder, dependencies, ..Service::default() }
    }

    #[test]
    fn a_running_service_reaches_its_dependency_through_the_address_it_was_pointed_at() {
        let root = tempfile::tempdir().unwrap();
        let (real, running) = (listener(), listener());
        let proxy = listener().local_addr().unwrap();
        let service = service(root.path(), &real, Some(proxy));
        let answering = real.try_clone().unwrap();
        let echo = thread::spawn(move || {
            // The first connection only looks whether anybody listens.
            let _looked = answering.accept().unwrap();
            let mut connection = answering.accept().unwrap().0;
            let mut word = [0; 4];
            connection.read_exact(&mut word).unwrap();
            connection.write_all(&word).unwrap();
        });
        let mut rehearsal =
            Rehearsal::begin(root.path(), "fault", "shop", Interrupt::default(), None).unwrap();
        let target = running.local_addr().unwrap();
        let site = Site::open(&mut rehearsal, &service, Some(target), 1).unwrap();
        assert_eq!((site.address, site.routes["db"], site.instances.len()), (target, proxy, 0));
        let mut connection = TcpStream::connect(proxy).unwrap();
        connection.write_all(b"ping").unwrap();
        let mut word = [0; 4];
        connection.read_exact(&mut word).unwrap();
        assert_eq!(&word, b"ping");
        echo.join().unwrap();
        // Another drill finds the port taken, and says so.
        let taken = Site::open(&mut rehearsal, &service, Some(target), 1).unwrap_err().to_string();
        assert!(taken.contains("cannot be listened on"), "{taken}");
    }

    #[test]
    fn a_dependency_that_goes_away_is_told_and_one_that_stays_is_not() {
        let root = tempfile::tempdir().unwrap();
        let real = listener();
        let service = service(root.path(), &real, None);
        let mut rehearsal =
            Rehearsal::begin(root.path(), "fault", "shop", Interrupt::default(), None).unwrap();
        let site = Site::prepare(&mut rehearsal, &service, None, 1).unwrap();
        site.is_whole().unwrap();
        drop(real);
        let DrillError::Step { step, reason, .. } = site.is_whole().unwrap_err() else {
            panic!("it is an error of the drill")
        };
        assert!(step.contains("`db`") && reason.contains("by itself"), "{step}: {reason}");
    }

    #[test]
    fn a_service_that_tls_does_not_come_about_with_is_not_judged() {
        let root = tempfile::tempdir().unwrap();
        let running = listener();
        let target = running.local_addr().unwrap();
        let speech = crate::Speech::declared("https://localhost:{port}").unwrap();
        let service = Service { folder: root.path().to_owned(), speech, ..Service::default() };
        let answering = thread::spawn(move || {
            // The first connection only looks whether anybody listens.
            let _looked = running.accept().unwrap();
            let mut connection = running.accept().unwrap().0;
            let _greeting = connection.read(&mut [0; 999]).unwrap();
            connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        });
        let mut rehearsal =
            Rehearsal::begin(root.path(), "load", "shop", Interrupt::default(), None).unwrap();
        let error = Site::open(&mut rehearsal, &service, Some(target), 1).unwrap_err().to_string();
        assert!(error.contains("the handshake of TLS failed"), "{error}");
        answering.join().unwrap();
    }

    fn listener() -> TcpListener {
        TcpListener::bind(("127.0.0.1", 0)).unwrap()
    }
}
