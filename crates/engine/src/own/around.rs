//! The fields of what stands around it: the service, its dependencies, alerts and pipelines.

use cel::Value;
use facts::{Alert, Dependency, Job, Pipeline, PipelineHost, Scope, Subject, Workload};
use model::{Placed, Tier};

use super::schema::{
    Described, Field, REAL, TEXT, TEXT_LIST, TEXTS, TRUTH, Type, WHOLE, always, by_name, list,
    maybe, maybe_text, text, texts, value, values, written,
};

/// The service that is judged, at the tier that it is judged at.
pub(super) struct Judged<'s, 'a> {
    /// Its facts.
    pub(super) scope: &'s Scope<'a>,
    /// Its tier, declared or assumed.
    pub(super) tier: Tier,
}

impl Described for Judged<'_, '_> {
    const NAME: &'static str = "service";

    fn fields() -> Vec<Field<Self>> {
        vec![
            always("name", TEXT, "its name", |s| text(&s.scope.service.name)),
            always("kind", TEXT, "`web`, `worker`, `batch`, `library` or `frontend`", |s| {
                text(s.scope.service.kind.name())
            }),
            always("tier", WHOLE, "1, 2 or 3, declared or the policy's default", |s| {
                Value::Int(i64::from(u8::from(s.tier)))
            }),
            always("folder", TEXT, "its folder, empty for the root", |s| {
                text(&s.scope.service.folder)
            }),
            maybe("owner", TEXT, "`owner` of gonogo.yaml", |s: &Self| {
                maybe_text(s.scope.declaration?.owner.as_ref())
            })
            .reads(Subject::Declaration),
            always("links", TEXTS, "`links` of gonogo.yaml", |s: &Self| {
                by_name(s.scope.declaration.map_or(&[], |declared| &declared.links))
            })
            .reads(Subject::Declaration),
            always("workloads", Type::things::<Workload>(), "its workloads", |s: &Self| {
                list(s.scope.workloads.iter().map(|it| value(*it)))
            })
            .reads(Subject::Workloads),
            maybe(
                "dependencies",
                Type::things::<Dependency>(),
                "`dependencies` of gonogo.yaml, absent where the key is missing",
                |s: &Self| Some(values(s.scope.declaration?.dependencies.as_ref()?)),
            )
            .reads(Subject::Declaration),
            always("alerts", Type::things::<Alert>(), "its alerting rules", |s: &Self| {
                list(s.scope.alerts.iter().map(|it| value(*it)))
            })
            .reads(Subject::Alerts),
            always("pipelines", Type::things::<Pipeline>(), "its pipelines", |s: &Self| {
                list(s.scope.pipelines.iter().map(|it| value(*it)))
            })
            .reads(Subject::Pipelines),
            always("documents", TEXT_LIST, "paths of its documents", |s: &Self| {
                list(s.scope.documents.iter().map(|it| text(&it.place.path)))
            })
            .reads(Subject::Documents),
        ]
    }
}

impl Described for Dependency {
    const NAME: &'static str = "dependency";

    fn fields() -> Vec<Field<Self>> {
        vec![
            always("name", TEXT, "its name", |d| text(&d.name)),
            maybe("kind", TEXT, "`http`, `postgres` …", |d| maybe_text(d.kind.as_ref())),
            maybe("critical", TRUTH, "`critical`", |d| {
                d.is_critical.as_ref().map(|is| Value::Bool(is.value))
            }),
            maybe("address", TEXT, "`address`", |d| maybe_text(d.address.as_ref())),
            maybe("timeout_s", REAL, "`timeout`, in seconds", |d| {
                d.timeout_s.as_ref().map(|s| Value::Float(s.value))
            }),
            maybe("max_retries", WHOLE, "`retries.max`", |d| {
                d.max_retries.as_ref().map(|n| Value::Int(n.value))
            }),
            maybe("on_failure", TEXT, "`on-failure`", |d| maybe_text(d.on_failure.as_ref())),
        ]
    }
}

impl Described for Alert {
    const NAME: &'static str = "alert";

    fn fields() -> Vec<Field<Self>> {
        vec![
            always("name", TEXT, "its name", |a| text(&a.name)),
            always("group", TEXT, "the rule group", |a| text(&a.group)),
            always("expression", TEXT, "the expression, as written", |a| text(&a.expression)),
            maybe("for_s", REAL, "`for`, in seconds", |a| {
                a.for_s.as_ref().map(|s| Value::Float(s.value))
            }),
            always("labels", TEXTS, "labels", |a| by_name(&a.labels)),
            always("annotations", TEXTS, "annotations", |a| by_name(&a.annotations)),
            always("metrics", TEXT_LIST, "metrics that the expression reads", |a| {
                texts(&a.metrics)
            }),
        ]
    }
}

impl Described for Pipeline {
    const NAME: &'static str = "pipeline";

    fn fields() -> Vec<Field<Self>> {
        vec![
            always("name", TEXT, "its name", |p| text(&p.name)),
            always("host", TEXT, "`github` or `gitlab`", |p| {
                text(match p.host {
                    PipelineHost::GitHub => "github",
                    PipelineHost::GitLab => "gitlab",
                })
            }),
            always("path", TEXT, "its file", |p| text(&p.place.path)),
            always("triggers", TEXT_LIST, "what starts it: `push`, `schedule` …", |p| {
                written(&p.triggers)
            }),
            always("branches", TEXT_LIST, "branches that `push` is limited to", |p| {
                written(&p.branches)
            }),
            always("includes", TEXT_LIST, "files of elsewhere that were not followed", |p| {
                written(&p.includes)
            }),
            always("jobs", Type::things::<Job>(), "its jobs", |p| values(&p.jobs)),
        ]
    }
}

impl Described for Job {
    const NAME: &'static str = "job";

    fn fields() -> Vec<Field<Self>> {
        vec![
            always("id", TEXT, "its id", |j| text(&j.id)),
            maybe("stage", TEXT, "GitLab: the stage", |j| j.stage.as_deref().map(text)),
            always("needs", TEXT_LIST, "jobs that have to succeed before", |j| written(&j.needs)),
            always("may_fail", TRUTH, "failing does not fail the pipeline", |j| {
                Value::Bool(j.may_fail.is_some())
            }),
            always("is_manual", TRUTH, "a person has to start it", |j| {
                Value::Bool(j.is_manual.is_some())
            }),
            always("has_timeout", TRUTH, "a timeout is written", |j| {
                Value::Bool(j.timeout.is_some())
            }),
            maybe("environment", TEXT, "the environment", |j| maybe_text(j.environment.as_ref())),
            always("images", TEXT_LIST, "images it runs in", |j| written(&j.images)),
            always("actions", TEXT_LIST, "actions it uses: `actions/checkout@v4`", |j| {
                written(j.steps.iter().filter_map(|step| step.uses.as_ref()))
            }),
            always("lines", TEXT_LIST, "shell lines of all its steps", |j| written(lines(j))),
        ]
    }
}

fn lines(job: &Job) -> impl Iterator<Item = &Placed<String>> {
    job.steps.iter().flat_map(|step| &step.lines)
}
