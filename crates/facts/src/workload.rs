//! What runs: one shape for Kubernetes workloads, Compose services and systemd units.

use std::sync::Arc;

use model::{Place, Placed};

use crate::discover::dockerfile_path;

/// Something that an orchestrator starts and keeps running.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Its name, at the place where it is written.
    pub name: Placed<String>,
    /// Who runs it.
    pub platform: Platform,
    /// What sort of workload it is.
    pub kind: WorkloadKind,
    /// Kubernetes namespace, Compose project.
    pub namespace: Option<Placed<String>>,
    /// Labels of the pods, or of the Compose service.
    pub labels: Vec<(String, Placed<String>)>,
    /// Annotations and labels of the object itself (`a8r.io/owner` and such), then annotations of
    /// its pods.
    pub annotations: Vec<(String, Placed<String>)>,
    /// How many instances, where it is written.
    pub replicas: Option<Placed<i64>>,
    /// `RollingUpdate`, `Recreate`, `OnDelete`, `Canary` and `BlueGreen` of a Rollout, or Compose's `update_config.order`.
    pub strategy: Option<Placed<String>>,
    /// `maxUnavailable` of the rolling update, as written.
    pub max_unavailable: Option<Placed<String>>,
    /// Steps of an Argo Rollout's canary or of a blue-green; `None` for all others.
    pub progressive: Option<Place>,
    /// `terminationGracePeriodSeconds`, `stop_grace_period`, `TimeoutStopSec`, in seconds.
    pub grace_period_s: Option<Placed<f64>>,
    /// Cron expression of a `CronJob` or timer.
    pub schedule: Option<Placed<String>>,
    /// Where the schedule is suspended: it is there, and nothing runs.
    pub suspended: Option<Place>,
    /// `restartPolicy`, `restart:`, `Restart=`.
    pub restart: Option<Placed<String>>,
    /// Containers; the one process of a Compose service or unit.
    pub containers: Vec<Container>,
    /// Containers that run before the others and end.
    pub init_containers: Vec<Container>,
    /// `serviceAccountName`.
    pub service_account: Option<Placed<String>>,
    /// Where topology spread or pod anti-affinity is declared.
    pub spread: Option<Place>,
    /// `hostNetwork`, `hostPID`, `hostIPC`, `privileged` paths and the like: what opens the host.
    pub host_access: Vec<Placed<String>>,
    /// Names of Compose services or units that it waits for.
    pub depends_on: Vec<Placed<String>>,
    /// Compose: the networks that it names; empty where it names none.
    pub networks: Vec<String>,
    /// Compose: where it stands that it is started while its code is written.
    pub develops: Option<Place>,
    /// systemd: where it stands that a user's own manager starts it, as that user, and not the host's.
    pub of_user: Option<Place>,
    /// Kubernetes: the folders of the overlays that leave it as it is here, where others leave it
    /// otherwise; empty for all others.
    pub overlays: Vec<Arc<str>>,
    /// Kubernetes: what stands in its metadata that a cluster alone writes there: it was copied out of one.
    pub copied: Option<Place>,
    /// Where the pod specification (or the service's mapping) starts.
    pub specification: Place,
}

/// Who runs a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Kubernetes.
    Kubernetes,
    /// Docker Compose, also as a Swarm stack.
    Compose,
    /// systemd.
    Systemd,
}

/// What sort of workload it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    /// Deployment, `ReplicaSet`, Argo Rollout.
    Deployment,
    /// `StatefulSet`.
    StatefulSet,
    /// `DaemonSet`.
    DaemonSet,
    /// A pod by itself.
    Pod,
    /// A job that runs once.
    Job,
    /// A job that runs on a schedule; a service started by a timer.
    CronJob,
    /// A Compose service that is built from this tree.
    ComposeService,
    /// A Compose service of somebody else's image.
    ComposeImage,
    /// A systemd service.
    Unit,
}

/// One container of a [`Workload`].
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// Its name, at the place where it is written.
    pub name: Placed<String>,
    /// Image reference as written; of Compose with the variables of a `.env` beside the file
    /// replaced, where that gives all of them.
    pub image: Option<Placed<String>>,
    /// Kubernetes: whether the image is never fetched, by `imagePullPolicy: Never`: it was put on the
    /// machine before.
    pub is_never_pulled: bool,
    /// `OpenShift`: whether `image` is a tag of an image stream that the cluster follows, whose digest it
    /// puts in for whatever is written there.
    pub is_from_stream: bool,
    /// Compose: the folder that the image is built from, relative to the root of the tree.
    pub build: Option<Placed<String>>,
    /// Compose: the Dockerfile that it is built by, relative to the root of the tree, where one is
    /// named that is not `Dockerfile` in the folder.
    pub dockerfile: Option<Placed<String>>,
    /// Compose: the stage of the Dockerfile that is built, where one is named.
    pub build_target: Option<Placed<String>>,
    /// Ports it opens.
    pub ports: Vec<Port>,
    /// Restarts it when failing.
    pub liveness: Option<Probe>,
    /// Takes it out of traffic when failing.
    pub readiness: Option<Probe>,
    /// Holds the other two back until it passes.
    pub startup: Option<Probe>,
    /// What it asks for.
    pub requests: Resources,
    /// What it may not exceed.
    pub limits: Resources,
    /// What runs before the stop signal.
    pub pre_stop: Option<Placed<String>>,
    /// `stop_signal`, `KillSignal`.
    pub stop_signal: Option<Placed<String>>,
    /// Environment variables.
    pub environment: Vec<Variable>,
    /// Kubernetes: the paths that volumes are mounted at.
    pub mounts: Vec<String>,
    /// Compose: the paths of files and folders of the tree that are mounted.
    pub binds: Vec<Placed<String>>,
    /// Names of the secrets that it takes whole (`envFrom`, mounted volumes, Compose `secrets`), at
    /// their places.
    pub secrets: Vec<Placed<String>>,
    /// Names of env files (Compose `env_file`, systemd `EnvironmentFile`) and of `ConfigMap`s taken
    /// whole (`envFrom`).
    pub environment_files: Vec<Placed<String>>,
    /// Security settings, the pod's folded in where the container is silent.
    pub security: Security,
    /// Command and arguments, joined by spaces.
    pub command: Option<Placed<String>>,
}

/// A port that a container opens.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// The name, where it has one.
    pub name: Option<String>,
    /// The number inside the container; `None` where it is a variable.
    pub number: Option<i64>,
    /// Whether it is published on the host (Compose).
    pub is_published: bool,
    /// Where it is written.
    pub place: Place,
}

/// A health check of the orchestrator.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// What it does.
    pub action: ProbeAction,
    /// Seconds between two probes.
    pub period_s: Option<f64>,
    /// Seconds until a probe counts as failed.
    pub timeout_s: Option<f64>,
    /// Failures in a row until it acts.
    pub failure_threshold: Option<i64>,
    /// Seconds before the first probe.
    pub initial_delay_s: Option<f64>,
    /// The key that declares it.
    pub place: Place,
}

/// What a probe does.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbeAction {
    /// GET of a path on a port.
    Http {
        /// The path; `/` where none is written.
        path: Placed<String>,
        /// Number or name.
        port: Option<Placed<String>>,
    },
    /// Opens a connection to a port.
    Tcp {
        /// Number or name.
        port: Option<Placed<String>>,
    },
    /// gRPC health protocol on a port.
    Grpc {
        /// Number or name.
        port: Option<Placed<String>>,
    },
    /// Runs a command inside the container.
    Exec {
        /// The command, joined by spaces.
        command: Placed<String>,
    },
    /// systemd's watchdog or `Type=notify`.
    Notify,
    /// Declared, and switched off (`disable: true`, `NONE`), or without an action.
    None,
}

/// Amounts of CPU and memory, as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// CPU.
    pub cpu: Option<Placed<String>>,
    /// Memory.
    pub memory: Option<Placed<String>>,
    /// The mapping or key that holds them, where there is one.
    pub place: Option<Place>,
}

/// An environment variable of a container.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name, at its place.
    pub name: Placed<String>,
    /// Where its value comes from.
    pub value: VariableValue,
}

/// A `.env` file.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentFile {
    /// The file.
    pub place: Place,
    /// Names and values, as they are written but for their quotes.
    pub values: Vec<(String, Placed<String>)>,
}

/// Where the value of a variable comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum VariableValue {
    /// It is written here; of Compose with `${NAME:-default}` left as it is written.
    Literal(Placed<String>),
    /// A secret: `NAME/KEY` of Kubernetes, `NAME` of Compose.
    Secret(Placed<String>),
    /// `NAME/KEY` of a `ConfigMap`.
    Config(Placed<String>),
    /// `${NAME}` or a bare name: from the environment of whoever starts it.
    Outer,
    /// A field reference, or anything else.
    Other,
}

/// What starts a systemd service: a timer or a socket.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// The service that it starts, without `.service`, at the place where that is written.
    pub service: Placed<String>,
    /// `OnCalendar` and the like of a timer, as written.
    pub schedule: Option<Placed<String>>,
    /// Ports that a socket listens on.
    pub ports: Vec<Port>,
}

/// Security settings that hold for a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Security {
    /// `privileged: true`, where written.
    pub privileged: Option<Placed<bool>>,
    /// `runAsNonRoot`.
    pub run_as_non_root: Option<Placed<bool>>,
    /// `runAsUser`, `user:`, `User=`: name or number.
    pub run_as_user: Option<Placed<String>>,
    /// `allowPrivilegeEscalation`; systemd's `NoNewPrivileges` negated.
    pub allow_privilege_escalation: Option<Placed<bool>>,
    /// `readOnlyRootFilesystem`.
    pub read_only_root: Option<Placed<bool>>,
    /// Capabilities added.
    pub added_capabilities: Vec<Placed<String>>,
    /// Capabilities dropped.
    pub dropped_capabilities: Vec<Placed<String>>,
}

impl Workload {
    /// The images that its containers name.
    pub fn images(&self) -> impl Iterator<Item = &Placed<String>> {
        self.containers.iter().filter_map(|container| container.image.as_ref())
    }

    /// Whether it is declared with no instance.
    pub fn is_off(&self) -> bool {
        self.replicas.as_ref().is_some_and(|replicas| replicas.value == 0)
    }

    /// A workload of which only this much is known.
    pub fn new(
        name: Placed<String>,
        platform: Platform,
        kind: WorkloadKind,
        specification: Place,
    ) -> Self {
        Self {
            name,
            platform,
            kind,
            namespace: None,
            labels: Vec::new(),
            annotations: Vec::new(),
            replicas: None,
            strategy: None,
            max_unavailable: None,
            progressive: None,
            grace_period_s: None,
            schedule: None,
            suspended: None,
            restart: None,
            containers: Vec::new(),
            init_containers: Vec::new(),
            service_account: None,
            spread: None,
            host_access: Vec::new(),
            develops: None,
            of_user: None,
            depends_on: Vec::new(),
            networks: Vec::new(),
            overlays: Vec::new(),
            copied: None,
            specification,
        }
    }

    /// Whether some container opens a port.
    pub fn serves_traffic(&self) -> bool {
        self.containers.iter().any(|container| !container.ports.is_empty())
    }

    /// Whether it is meant to run all the time, as opposed to jobs that end.
    pub fn is_long_running(&self) -> bool {
        !matches!(self.kind, WorkloadKind::Job | WorkloadKind::CronJob)
    }
}

impl Container {
    /// The names of the secrets that it takes, whole or by a key.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        let keys = self.environment.iter().filter_map(|variable| match &variable.value {
            VariableValue::Secret(reference) => Some(reference),
            _ => None,
        });
        keys.chain(&self.secrets).filter_map(|reference| reference.split('/').next())
    }

    /// The path of the Dockerfile that Compose builds it by; `None` for what is not built here.
    pub fn recipe(&self) -> Option<String> {
        let context = self.build.as_ref()?.trim_end_matches('/');
        Some(dockerfile_path(context, self.dockerfile.as_deref().map(String::as_str)))
    }

    /// A container of which only its name is known.
    pub fn new(name: Placed<String>) -> Self {
        Self {
            name,
            image: None,
            is_never_pulled: false,
            is_from_stream: false,
            build: None,
            dockerfile: None,
            build_target: None,
            ports: Vec::new(),
            liveness: None,
            readiness: None,
            startup: None,
            requests: Resources::default(),
            limits: Resources::default(),
            pre_stop: None,
            stop_signal: None,
            environment: Vec::new(),
            mounts: Vec::new(),
            binds: Vec::new(),
            secrets: Vec::new(),
            environment_files: Vec::new(),
            security: Security::default(),
            command: None,
        }
    }
}
