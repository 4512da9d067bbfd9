//! The fields of what runs: workloads, their containers and probes.

use cel::Value;
use facts::{
    Container, Platform, Port, Probe, ProbeAction, Resources, Variable, VariableValue, Workload,
    WorkloadKind,
};

use super::schema::{
    Described, Field, REAL, TEXT, TEXT_LIST, TEXTS, TRUTH, Type, WHOLE, always, by_name, maybe,
    maybe_text, text, value, values, written,
};

impl Described for Workload {
    const NAME: &'static str = "workload";

    fn fields() -> Vec<Field<Self>> {
        vec![
            always("name", TEXT, "its name", |w| text(&w.name)),
            always("platform", TEXT, "`kubernetes`, `compose` or `systemd`", |w| {
                text(platform(w.platform))
            }),
            always(
                "kind",
                TEXT,
                "`deployment`, `stateful-set`, `daemon-set`, `pod`, `job`, `cron-job`, \
                 `compose-service` (built from this tree), `compose-image` or `unit`",
                |w| text(kind(w.kind)),
            ),
            maybe("namespace", TEXT, "namespace, Compose project", |w| {
                maybe_text(w.namespace.as_ref())
            }),
            always("labels", TEXTS, "labels of the pods, or of the Compose service", |w| {
                by_name(&w.labels)
            }),
            always("annotations", TEXTS, "annotations and labels of the object", |w| {
                by_name(&w.annotations)
            }),
            maybe("replicas", WHOLE, "how many instances", |w| {
                w.replicas.as_ref().map(|n| Value::Int(n.value))
            }),
            maybe("strategy", TEXT, "`RollingUpdate`, `Recreate`, `Canary` …", |w| {
                maybe_text(w.strategy.as_ref())
            }),
            maybe("max_unavailable", TEXT, "`maxUnavailable`, as written", |w| {
                maybe_text(w.max_unavailable.as_ref())
            }),
            always("has_spread", TRUTH, "topology spread or pod anti-affinity is declared", |w| {
                Value::Bool(w.spread.is_some())
            }),
            always("is_progressive", TRUTH, "is rolled out as canary or blue-green", |w| {
                Value::Bool(w.progressive.is_some())
            }),
            maybe("grace_period_s", REAL, "seconds between stop signal and kill", |w| {
                w.grace_period_s.as_ref().map(|s| Value::Float(s.value))
            }),
            maybe("schedule", TEXT, "cron expression", |w| maybe_text(w.schedule.as_ref())),
            always("is_suspended", TRUTH, "its schedule is suspended", |w| {
                Value::Bool(w.suspended.is_some())
            }),
            maybe("restart", TEXT, "restart policy", |w| maybe_text(w.restart.as_ref())),
            maybe("service_account", TEXT, "`serviceAccountName`", |w| {
                maybe_text(w.service_account.as_ref())
            }),
            always("host_access", TEXT_LIST, "what opens the host: `hostNetwork` …", |w| {
                written(&w.host_access)
            }),
            always("depends_on", TEXT_LIST, "Compose services or units that it waits for", |w| {
                written(&w.depends_on)
            }),
            always("containers", Type::things::<Container>(), "its containers", |w| {
                values(&w.containers)
            }),
            always(
                "init_containers",
                Type::things::<Container>(),
                "containers that run before the others and end",
                |w| values(&w.init_containers),
            ),
        ]
    }
}

impl Described for Container {
    const NAME: &'static str = "container";

    fn fields() -> Vec<Field<Self>> {
        let mut fields: Vec<Field<Self>> = vec![
            always("name", TEXT, "its name", |c: &Self| text(&c.name)),
            maybe("image", TEXT, "image reference", |c| maybe_text(c.image.as_ref())),
            maybe("build", TEXT, "Compose: folder that it is built from", |c| {
                maybe_text(c.build.as_ref())
            }),
            always("ports", Type::things::<Port>(), "ports it opens", |c| values(&c.ports)),
            maybe("liveness", Type::thing::<Probe>(), "restarts it when failing", |c| {
                c.liveness.as_ref().map(value)
            }),
            maybe("readiness", Type::thing::<Probe>(), "takes it out of traffic", |c| {
                c.readiness.as_ref().map(value)
            }),
            maybe("startup", Type::thing::<Probe>(), "holds the other two back", |c| {
                c.startup.as_ref().map(value)
            }),
            always("requests", Type::thing::<Resources>(), "what it asks for", |c| {
                value(&c.requests)
            }),
            always("limits", Type::thing::<Resources>(), "what it may not exceed", |c| {
                value(&c.limits)
            }),
            maybe("pre_stop", TEXT, "what runs before the stop signal", |c| {
                maybe_text(c.pre_stop.as_ref())
            }),
            maybe("stop_signal", TEXT, "signal that stops it", |c| {
                maybe_text(c.stop_signal.as_ref())
            }),
            maybe("command", TEXT, "command and arguments", |c| maybe_text(c.command.as_ref())),
            always("environment", Type::things::<Variable>(), "environment variables", |c| {
                values(&c.environment)
            }),
            always("secrets", TEXT_LIST, "secrets that it takes whole", |c| written(&c.secrets)),
        ];
        fields.extend(security());
        fields
    }
}

fn security() -> [Field<Container>; 7] {
    [
        maybe("privileged", TRUTH, "`privileged`", |c| {
            c.security.privileged.as_ref().map(|is| Value::Bool(is.value))
        }),
        maybe("run_as_non_root", TRUTH, "`runAsNonRoot`", |c| {
            c.security.run_as_non_root.as_ref().map(|is| Value::Bool(is.value))
        }),
        maybe("run_as_user", TEXT, "user, name or number", |c| {
            maybe_text(c.security.run_as_user.as_ref())
        }),
        maybe("allow_privilege_escalation", TRUTH, "`allowPrivilegeEscalation`", |c| {
            c.security.allow_privilege_escalation.as_ref().map(|is| Value::Bool(is.value))
        }),
        maybe("read_only_root", TRUTH, "`readOnlyRootFilesystem`", |c| {
            c.security.read_only_root.as_ref().map(|is| Value::Bool(is.value))
        }),
        always("added_capabilities", TEXT_LIST, "capabilities added", |c| {
            written(&c.security.added_capabilities)
        }),
        always("dropped_capabilities", TEXT_LIST, "capabilities dropped", |c| {
            written(&c.security.dropped_capabilities)
        }),
    ]
}

impl Described for Port {
    const NAME: &'static str = "port";

    fn fields() -> Vec<Field<Self>> {
        vec![
            maybe("name", TEXT, "its name", |p| p.name.as_deref().map(text)),
            maybe("number", WHOLE, "the number inside the container", |p| p.number.map(Value::Int)),
            always("is_published", TRUTH, "published on the host (Compose)", |p| {
                Value::Bool(p.is_published)
            }),
        ]
    }
}

impl Described for Probe {
    const NAME: &'static str = "probe";

    fn fields() -> Vec<Field<Self>> {
        vec![
            always(
                "action",
                TEXT,
                "`http`, `tcp`, `grpc`, `exec`, `notify`, or `none` where it is switched off",
                |p| text(action(&p.action)),
            ),
            maybe("path", TEXT, "path of an `http` probe", |p| match &p.action {
                ProbeAction::Http { path, .. } => Some(text(path)),
                _ => None,
            }),
            maybe("period_s", REAL, "seconds between two probes", |p| p.period_s.map(Value::Float)),
            maybe("timeout_s", REAL, "seconds until one has failed", |p| {
                p.timeout_s.map(Value::Float)
            }),
            maybe("failure_threshold", WHOLE, "failures until it acts", |p| {
                p.failure_threshold.map(Value::Int)
            }),
            maybe("initial_delay_s", REAL, "seconds before the first", |p| {
                p.initial_delay_s.map(Value::Float)
            }),
        ]
    }
}

impl Described for Resources {
    const NAME: &'static str = "resources";

    fn fields() -> Vec<Field<Self>> {
        vec![
            maybe("cpu", TEXT, "CPU, as written", |r| maybe_text(r.cpu.as_ref())),
            maybe("memory", TEXT, "memory, as written", |r| maybe_text(r.memory.as_ref())),
        ]
    }
}

impl Described for Variable {
    const NAME: &'static str = "variable";

    fn fields() -> Vec<Field<Self>> {
        vec![
            always("name", TEXT, "its name", |v| text(&v.name)),
            always(
                "source",
                TEXT,
                "`literal`, `secret`, `config`, `outer` (of whoever starts it) or `other`",
                |v| text(source(&v.value)),
            ),
            maybe("value", TEXT, "the literal; of a secret or config its `NAME/KEY`", |v| match &v
                .value
            {
                VariableValue::Literal(it)
                | VariableValue::Secret(it)
                | VariableValue::Config(it) => Some(text(it)),
                VariableValue::Outer | VariableValue::Other => None,
            }),
        ]
    }
}

const fn platform(platform: Platform) -> &'static str {
    match platform {
        Platform::Kubernetes => "kubernetes",
        Platform::Compose => "compose",
        Platform::Systemd => "systemd",
    }
}

const fn kind(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment => "deployment",
        WorkloadKind::StatefulSet => "stateful-set",
        WorkloadKind::DaemonSet => "daemon-set",
        WorkloadKind::Pod => "pod",
        WorkloadKind::Job => "job",
        WorkloadKind::CronJob => "cron-job",
        WorkloadKind::ComposeService => "compose-service",
        WorkloadKind::ComposeImage => "compose-image",
        WorkloadKind::Unit => "unit",
    }
}

const fn action(action: &ProbeAction) -> &'static str {
    match action {
        ProbeAction::Http { .. } => "http",
        ProbeAction::Tcp { .. } => "tcp",
        ProbeAction::Grpc { .. } => "grpc",
        ProbeAction::Exec { .. } => "exec",
        ProbeAction::Notify => "notify",
        ProbeAction::None => "none",
    }
}

const fn source(value: &VariableValue) -> &'static str {
    match value {
        VariableValue::Literal(_) => "literal",
        VariableValue::Secret(_) => "secret",
        VariableValue::Config(_) => "config",
        VariableValue::Outer => "outer",
        VariableValue::Other => "other",
    }
}
