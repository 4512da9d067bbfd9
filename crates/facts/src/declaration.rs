//! What the team says of its service: gonogo.yaml.

use model::{Kind, Lifecycle, Place, Placed, Tier};

use crate::Objective;

/// One document of a gonogo.yaml.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// `service`.
    pub service: Placed<String>,
    /// `kind`.
    pub kind: Option<Placed<Kind>>,
    /// `tier`.
    pub tier: Option<Placed<Tier>>,
    /// `owner`.
    pub owner: Option<Placed<String>>,
    /// `backup-owner`.
    pub backup_owner: Option<Placed<String>>,
    /// `lifecycle`.
    pub lifecycle: Option<Placed<Lifecycle>>,
    /// `policy`.
    pub policy: Option<Placed<String>>,
    /// `description`.
    pub description: Option<Placed<String>>,
    /// `journeys`; `None` where the key is missing.
    pub journeys: Option<Vec<Journey>>,
    /// `identities`.
    pub identities: Vec<Identity>,
    /// `dependencies`; `None` where the key is missing.
    pub dependencies: Option<Vec<Dependency>>,
    /// Where the list under `dependencies` starts.
    pub dependencies_at: Option<Place>,
    /// `run`.
    pub run: Option<Run>,
    /// `data`; `None` where the key is missing.
    pub data: Option<Vec<Store>>,
    /// `deploy`.
    pub deploy: Option<Deploy>,
    /// `links`: what for, and where to.
    pub links: Vec<(String, Placed<String>)>,
    /// What is wrong with the file, each a clause at its place, with a suggestion where there is one.
    pub troubles: Vec<Placed<String>>,
    /// Where the document starts.
    pub place: Place,
}

/// What a user does with the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    /// `name`.
    pub name: Placed<String>,
    /// `request.method` and `request.path`.
    pub request: Option<Placed<(String, String)>>,
    /// `request` and `expect`, whole.
    pub exchange: Option<Exchange>,
    /// `expect.status`.
    pub expected_status: Option<Placed<i64>>,
    /// `capture`: names and JSON pointers.
    pub capture: Vec<(String, Placed<String>)>,
    /// `read-back`.
    pub read_back: Option<Exchange>,
    /// `as`.
    pub identity: Option<Placed<String>>,
    /// `peak` in requests per second.
    pub peak_per_s: Option<Placed<f64>>,
    /// `growth`, as written.
    pub growth: Option<Placed<String>>,
    /// `objectives`, one for availability and one for each latency quantile.
    pub objectives: Vec<Objective>,
    /// Where the journey starts.
    pub place: Place,
}

/// A request and what has to come back.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// `request.method`.
    pub method: String,
    /// `request.path`.
    pub path: String,
    /// `request.headers`.
    pub headers: Vec<(String, String)>,
    /// `request.body`.
    pub body: Option<String>,
    /// `expect.status`.
    pub status: Option<i64>,
    /// `expect.headers`: names, and texts that their values contain.
    pub expected_headers: Vec<(String, String)>,
    /// `expect.body`: a text that the body contains.
    pub expected_body: Option<String>,
}

/// Whose requests a journey makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Its name.
    pub name: Placed<String>,
    /// `headers`.
    pub headers: Vec<(String, String)>,
}

/// What the service calls or stores in.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// `name`.
    pub name: Placed<String>,
    /// `kind`: `http`, `postgres` …
    pub kind: Option<Placed<String>>,
    /// `critical`.
    pub is_critical: Option<Placed<bool>>,
    /// `address`.
    pub address: Option<Placed<String>>,
    /// `proxy`: where a service that runs already reaches it while it is drilled.
    pub proxy: Option<Placed<String>>,
    /// `run.command`: what stands in for it in drills.
    pub stand_in: Vec<String>,
    /// `run.env`.
    pub stand_in_environment: Vec<(String, String)>,
    /// `timeout` in seconds.
    pub timeout_s: Option<Placed<f64>>,
    /// `retries.max`.
    pub max_retries: Option<Placed<i64>>,
    /// `on-failure`.
    pub on_failure: Option<Placed<String>>,
    /// Where the dependency starts.
    pub place: Place,
}

/// How the service is started.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// `command`, joined by spaces.
    pub command: Option<Placed<String>>,
    /// `command`, as it is written.
    pub arguments: Vec<String>,
    /// `env`: names and values.
    pub environment: Vec<(String, Placed<String>)>,
    /// `url`.
    pub url: Option<Placed<String>>,
    /// `ready`.
    pub ready: Option<Placed<String>>,
    /// `live`.
    pub live: Option<Placed<String>>,
    /// `metrics`.
    pub metrics: Option<Placed<String>>,
    /// `logs`.
    pub logs: Option<Placed<String>>,
    /// `stop.signal`.
    pub stop_signal: Option<Placed<String>>,
    /// `stop.within` in seconds.
    pub stop_within_s: Option<Placed<f64>>,
    /// Where it starts.
    pub place: Place,
}

/// What the service keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// `store`: name of a dependency.
    pub store: Placed<String>,
    /// `owner`.
    pub owner: Option<Placed<String>>,
    /// `classification`.
    pub classification: Option<Placed<String>>,
    /// `retention` in days.
    pub retention_d: Option<Placed<f64>>,
    /// `deletion`: how a person's data is deleted.
    pub deletion: Option<Placed<String>>,
    /// `backup.command`, joined by spaces.
    pub backup_command: Option<Placed<String>>,
    /// `backup.schedule`, a cron expression.
    pub backup_schedule: Option<Placed<String>>,
    /// `backup.to`: where backups are kept.
    pub backup_to: Option<Placed<String>>,
    /// `restore.command`, joined by spaces.
    pub restore_command: Option<Placed<String>>,
    /// `smoke`.
    pub smoke: Option<Placed<String>>,
    /// `targets.rto` in seconds.
    pub rto_s: Option<Placed<f64>>,
    /// `targets.rpo` in seconds.
    pub rpo_s: Option<Placed<f64>>,
    /// `migrations`.
    pub migrations: Option<Placed<String>>,
    /// Where the store starts.
    pub place: Place,
}

/// How the service is deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct Deploy {
    /// `command`, joined by spaces.
    pub command: Option<Placed<String>>,
    /// `rollback`, joined by spaces.
    pub rollback: Option<Placed<String>>,
    /// `version.path`.
    pub version: Option<Placed<String>>,
    /// Where it starts.
    pub place: Place,
}
