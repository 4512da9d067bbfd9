//! The proxies that clients made.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::toxic::Toxic;
use crate::proxy::{Direction, Kind, Proxy, Settings};

/// An answer that is an error.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) text: String,
}

impl ApiError {
    pub(super) fn new(status: u16, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }

    pub(super) fn bad_body(text: &str) -> Self {
        Self::new(400, format!("bad request body: {text}"))
    }

    fn missing(field: &str) -> Self {
        Self::new(400, format!("missing required field: {field}"))
    }

    pub(super) fn json(&self) -> Value {
        json!({"error": self.text, "status": self.status})
    }
}

/// All proxies, by name.
pub(super) struct Proxies {
    runtime: Handle,
    seed: u64,
    by_name: BTreeMap<String, Made>,
}

/// One proxy that a client made.
pub(super) struct Made {
    name: String,
    listen: String,
    upstream: String,
    running: Option<Proxy>,
    toxics: Vec<Toxic>,
}

/// What a client sends to create or change a proxy.
#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    listen: Option<String>,
    #[serde(default)]
    upstream: Option<String>,
    #[serde(default)]
    enabled: Option<bool>,
}

impl Proxies {
    pub(super) fn new(runtime: Handle, seed: u64) -> Self {
        Self { runtime, seed, by_name: BTreeMap::new() }
    }

    pub(super) fn json(&self) -> Value {
        self.by_name.iter().map(|(name, made)| (name.clone(), made.json())).collect()
    }

    pub(super) fn get(&self, name: &str) -> Result<&Made, ApiError> {
        self.by_name.get(name).ok_or_else(|| ApiError::new(404, "proxy not found"))
    }

    pub(super) fn create(&mut self, body: &[u8]) -> Result<Value, ApiError> {
        let wanted: Wanted = super::routes::json(body)?;
        let is_enabled = wanted.enabled.unwrap_or(true);
        let mut made = Made::new(wanted)?;
        if self.by_name.contains_key(&made.name) {
            return Err(ApiError::new(409, "proxy already exists"));
        }
        if is_enabled {
            made.start(&self.runtime, self.seed)?;
        }
        let json = made.json();
        self.by_name.insert(made.name.clone(), made);
        Ok(json)
    }

    pub(super) fn update(&mut self, name: &str, body: &[u8]) -> Result<Value, ApiError> {
        self.get(name)?;
        let wanted: Wanted = super::routes::json(body)?;
        let (runtime, seed) = (self.runtime.clone(), self.seed);
        let made = self.get_mut(name)?;
        let is_enabled = wanted.enabled.unwrap_or(made.running.is_some());
        let listen = wanted.listen.unwrap_or_else(|| made.listen.clone());
        let upstream = wanted.upstream.unwrap_or_else(|| made.upstream.clone());
        if made.differs(&listen, &upstream) {
            made.running = None;
            (made.listen, made.upstream) = (listen, upstream);
        }
        if !is_enabled {
            made.running = None;
        } else if made.running.is_none() {
            made.start(&runtime, seed)?;
        }
        Ok(made.json())
    }

    pub(super) fn delete(&mut self, name: &str) -> Result<(), ApiError> {
        self.get(name)?;
        self.by_name.remove(name);
        Ok(())
    }

    /// Starts all proxies, and takes all toxics away.
    pub(super) fn reset(&mut self) -> Result<(), ApiError> {
        for made in self.by_name.values_mut() {
            if made.running.is_none() {
                made.start(&self.runtime, self.seed)?;
            }
            made.toxics.clear();
            if let Some(proxy) = &made.running {
                proxy.clear_all().map_err(|error| ApiError::new(500, error.to_string()))?;
            }
        }
        Ok(())
    }

    /// Creates or replaces several; those that are the same already stay as they are. Also what was made before an error.
    pub(super) fn populate(&mut self, body: &[u8]) -> (Option<ApiError>, Vec<Value>) {
        let wanted = match super::routes::json::<Vec<Wanted>>(body).and_then(valid) {
            Ok(wanted) => wanted,
            Err(error) => return (Some(error), Vec::new()),
        };
        let mut values = Vec::new();
        for (mut made, is_enabled) in wanted {
            if let Some(old) = self.by_name.get(&made.name) {
                if !old.differs(&made.listen, &made.upstream) {
                    values.push(old.json());
                    continue;
                }
                self.by_name.remove(&made.name);
            }
            if is_enabled && let Err(error) = made.start(&self.runtime, self.seed) {
                return (Some(error), values);
            }
            values.push(made.json());
            self.by_name.insert(made.name.clone(), made);
        }
        (None, values)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Result<&mut Made, ApiError> {
        self.by_name.get_mut(name).ok_or_else(|| ApiError::new(404, "proxy not found"))
    }
}

/// All of them, or nothing.
fn valid(wanted: Vec<Wanted>) -> Result<Vec<(Made, bool)>, ApiError> {
    let one = |(index, wanted): (usize, Wanted)| {
        let is_enabled = wanted.enabled.unwrap_or(true);
        let at = |error: ApiError| {
            ApiError::new(error.status, format!("{} at proxy {}", error.text, index + 1))
        };
        Ok((Made::new(wanted).map_err(at)?, is_enabled))
    };
    wanted.into_iter().enumerate().map(one).collect()
}

impl Made {
    fn new(wanted: Wanted) -> Result<Self, ApiError> {
        let given = |value: Option<String>| value.filter(|value| !value.is_empty());
        Ok(Self {
            name: given(wanted.name).ok_or_else(|| ApiError::missing("name"))?,
            listen: wanted.listen.unwrap_or_default(),
            upstream: given(wanted.upstream).ok_or_else(|| ApiError::missing("upstream"))?,
            running: None,
            toxics: Vec::new(),
        })
    }

    /// `localhost:7070` is the same as `127.0.0.1:7070`.
    fn differs(&self, listen: &str, upstream: &str) -> bool {
        let is_same = self.listen == listen
            || matches!((resolve(&self.listen), resolve(listen)), (Ok(a), Ok(b)) if a == b);
        !is_same || self.upstream != upstream
    }

    fn start(&mut self, runtime: &Handle, seed: u64) -> Result<(), ApiError> {
        let failed = |listen: &str, error: &io::Error| {
            ApiError::new(500, format!("listen tcp {listen}: {}", reason(error)))
        };
        let listen = resolve(&self.listen).map_err(|error| failed(&self.listen, &error))?;
        let settings = Settings {
            listen,
            seed,
            // Nobody reads the log here.
            max_events: 0,
            ..Settings::new(Kind::Any, self.upstream.clone())
        };
        let proxy =
            Proxy::start(runtime, settings).map_err(|error| failed(&listen.to_string(), &error))?;
        self.listen = proxy.address().to_string();
        for rule in self.toxics.iter().filter_map(Toxic::rule) {
            proxy.set(rule).map_err(|error| ApiError::new(500, error.to_string()))?;
        }
        self.running = Some(proxy);
        Ok(())
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.running.is_some(),
            "toxics": self.toxics(),
        })
    }

    /// Its toxics, those of requests first.
    pub(super) fn toxics(&self) -> Vec<Value> {
        let of = |direction| {
            self.toxics.iter().filter(move |toxic| toxic.direction == direction).map(Toxic::json)
        };
        of(Direction::Upstream).chain(of(Direction::Downstream)).collect()
    }

    pub(super) fn toxic(&self, name: &str) -> Result<&Toxic, ApiError> {
        let found = self.toxics.iter().find(|toxic| toxic.name == name);
        found.ok_or_else(|| ApiError::new(404, "toxic not found"))
    }

    pub(super) fn add(&mut self, body: &[u8]) -> Result<Value, ApiError> {
        let toxic = Toxic::create(body)?;
        if self.toxic(&toxic.name).is_ok() {
            return Err(ApiError::new(409, "toxic already exists"));
        }
        self.set(&toxic)?;
        let json = toxic.json();
        self.toxics.push(toxic);
        Ok(json)
    }

    pub(super) fn change(&mut self, name: &str, body: &[u8]) -> Result<Value, ApiError> {
        let changed = self.toxic(name)?.changed(body)?;
        self.set(&changed)?;
        let json = changed.json();
        if let Some(toxic) = self.toxics.iter_mut().find(|toxic| toxic.name == name) {
            *toxic = changed;
        }
        Ok(json)
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<(), ApiError> {
        self.toxic(name)?;
        self.toxics.retain(|toxic| toxic.name != name);
        self.clear(name)
    }

    fn set(&self, toxic: &Toxic) -> Result<(), ApiError> {
        let Some(proxy) = &self.running else { return Ok(()) };
        match toxic.rule() {
            Some(rule) => proxy.set(rule).map_err(|error| ApiError::bad_body(&error.to_string())),
            None => self.clear(&toxic.name),
        }
    }

    fn clear(&self, name: &str) -> Result<(), ApiError> {
        if let Some(proxy) = &self.running {
            proxy.clear(name).map_err(|error| ApiError::new(500, error.to_string()))?;
        }
        Ok(())
    }
}

/// An address as Go writes it: the host may be missing, and then it is all of them.
fn resolve(listen: &str) -> io::Result<SocketAddr> {
    if listen.is_empty() {
        return Ok(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
    }
    if let Some(port) = listen.strip_prefix(':').and_then(|port| port.parse().ok()) {
        return Ok(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)));
    }
    let addresses: Vec<SocketAddr> = listen.to_socket_addrs()?.collect();
    let first = addresses.iter().find(|address| address.is_ipv4()).or_else(|| addresses.first());
    first.copied().ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
}

/// What Go says.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "bind: address already in use".to_owned(),
        io::ErrorKind::AddrNotAvailable => "bind: cannot assign requested address".to_owned(),
        io::ErrorKind::PermissionDenied => "bind: permission denied".to_owned(),
        _ => error.to_string(),
    }
}
