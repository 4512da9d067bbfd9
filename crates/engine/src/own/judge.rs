//! Asks an own requirement of every subject. Absence and gaps are decided as for the built-in ones.

use std::sync::{Arc, LazyLock};

use cel::extractors::This;
use cel::{Context, Env, IdedExpr, Value};
use facts::{Gap, Scope, Subject};
use model::{Each, Finding, Place, Sighting, Tier};
use requirements::Outcome;

use super::Compiled;
use super::around::Judged;
use super::schema::value;

static STANDARD: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// What came of asking.
#[derive(Debug)]
pub(crate) struct Asked {
    /// What the subjects that could be asked say; `None` where there is only the error.
    pub(crate) outcome: Option<Outcome>,
    /// Why some subject could not be asked.
    pub(crate) error: Option<String>,
}

/// One thing that is asked.
struct One {
    name: String,
    place: Place,
    variables: Vec<(&'static str, Value)>,
}

/// What one thing says.
enum Said {
    Yes(Sighting),
    No(Finding),
    NotAsked,
}

impl Compiled<'_> {
    /// Asks it of the service of `scope`, which is judged at `tier`.
    pub(crate) fn ask(&self, scope: &Scope<'_>, tier: Tier) -> Asked {
        let subjects = match self.subjects(scope, tier) {
            Ok(subjects) => subjects,
            Err(outcome) => {
                return Asked { outcome: Some(self.doubted(outcome, scope)), error: None };
            }
        };
        let (mut seen, mut findings, mut error) = (Vec::new(), Vec::new(), None);
        for one in subjects {
            match self.say(&one) {
                Ok(Said::Yes(sighting)) => seen.push(sighting),
                Ok(Said::No(finding)) => findings.push(finding),
                Ok(Said::NotAsked) => {}
                Err(reason) => error = error.or(Some(reason)),
            }
        }
        let outcome = match (findings.is_empty(), seen.is_empty()) {
            (false, _) => Outcome::Unmet(findings),
            (true, _) if error.is_some() => return Asked { outcome: None, error },
            (true, false) => Outcome::Met(seen),
            (true, true) => Outcome::not_applicable(self.nobody_asked()),
        };
        Asked { outcome: Some(self.doubted(outcome, scope)), error }
    }

    fn nobody_asked(&self) -> String {
        match self.own.each {
            Each::Service => format!("it is not of those that `{}` is asked of", self.id),
            each => format!("no {} of it is of those that `{}` is asked of", each.name(), self.id),
        }
    }

    fn say(&self, one: &One) -> Result<Said, String> {
        let is_asked =
            self.condition.as_ref().map(|condition| self.is_true(condition, one, "where"));
        if is_asked.transpose()? == Some(false) {
            return Ok(Said::NotAsked);
        }
        let (each, name) = (self.own.each.name(), &one.name);
        if self.is_true(&self.holds, one, "holds")? {
            let message = format!("{each} `{name}` does what `{}` asks", self.id);
            return Ok(Said::Yes(Sighting::at(&one.place, message)));
        }
        let message = self.own.message.replace("{name}", name);
        Ok(Said::No(Finding::at(&one.place, message).help(self.own.remedy.clone())))
    }

    fn is_true(&self, expression: &IdedExpr, one: &One, key: &str) -> Result<bool, String> {
        let reason = match self.evaluate(expression, one) {
            Ok(Value::Bool(is_true)) => return Ok(is_true),
            Ok(other) => format!("it is a {}, neither true nor false", other.type_of()),
            Err(reason) => reason,
        };
        let (each, place) = (self.own.each.name(), &one.place);
        Err(format!(
            "`{key}` of `{}` could not be evaluated for {each} `{}` ({place}): {reason}",
            self.id, one.name
        ))
    }

    fn evaluate(&self, expression: &IdedExpr, one: &One) -> Result<Value, String> {
        let mut context = Context::with_env(Arc::clone(&STANDARD));
        let patterns = Arc::clone(&self.patterns);
        let matches = move |This(text): This<Arc<String>>, pattern: Arc<String>| -> bool {
            patterns.get(pattern.as_str()).is_some_and(|pattern| pattern.is_match(&text))
        };
        context.add_function("matches", matches).map_err(|error| error.to_string())?;
        for (name, value) in &one.variables {
            context.add_variable_from_value(*name, value.clone());
        }
        Value::resolve(expression, &context)
            .map_err(|error| error.to_string().chars().take(300).collect())
    }

    /// What it is asked of; an outcome where there is nothing.
    fn subjects(&self, scope: &Scope<'_>, tier: Tier) -> Result<Vec<One>, Outcome> {
        let service = || {
            let is_named = self.variables.contains("service");
            is_named.then(|| ("service", value(&Judged { scope, tier })))
        };
        let service = service();
        let one = |name: &str, place: &Place, own: Vec<(&'static str, Value)>| One {
            name: name.to_owned(),
            place: place.clone(),
            variables: own.into_iter().chain(service.clone()).collect(),
        };
        let found: Vec<One> = match self.own.each {
            Each::Service => vec![one(&scope.service.name, &scope.place(), Vec::new())],
            Each::Workload => scope
                .workloads
                .iter()
                .map(|it| one(&it.name, &it.name.place, vec![("workload", value(*it))]))
                .collect(),
            Each::Container => scope
                .workloads
                .iter()
                .flat_map(|workload| {
                    let around = value(*workload);
                    workload.containers.iter().map(move |it| (around.clone(), it))
                })
                .map(|(around, it)| {
                    let own = vec![("container", value(it)), ("workload", around)];
                    one(&it.name, &it.name.place, own)
                })
                .collect(),
            Each::Alert => scope
                .alerts
                .iter()
                .map(|it| one(&it.name, &it.name.place, vec![("alert", value(*it))]))
                .collect(),
            Each::Pipeline => scope
                .pipelines
                .iter()
                .map(|it| one(&it.name, &it.place, vec![("pipeline", value(*it))]))
                .collect(),
            Each::Dependency => dependencies(scope)?
                .iter()
                .map(|it| one(&it.name, &it.name.place, vec![("dependency", value(it))]))
                .collect(),
        };
        if found.is_empty() { Err(Outcome::unknown(none(self.own.each))) } else { Ok(found) }
    }

    /// `outcome`, or unknown where what was not read could have changed it.
    fn doubted(&self, outcome: Outcome, scope: &Scope<'_>) -> Outcome {
        let gap = |subject: Subject| scope.gaps_of(subject).next().map(not_read);
        let elsewhere = self.reads.iter().copied().find_map(gap);
        let any = || elsewhere.clone().or_else(|| subject(self.own.each).and_then(gap));
        match outcome {
            Outcome::Unmet(findings) => match &elsewhere {
                None => Outcome::Unmet(findings),
                Some(gap) => {
                    let first = findings.first().map_or("", |finding| &finding.message);
                    Outcome::Unknown(format!("{first}, but {gap}"))
                }
            },
            Outcome::Unknown(reason) => Outcome::Unknown(match any() {
                None => reason,
                Some(gap) => format!("{reason}; {gap}"),
            }),
            sure => any().map_or(sure, Outcome::Unknown),
        }
    }
}

fn dependencies<'a>(scope: &Scope<'a>) -> Result<&'a [facts::Dependency], Outcome> {
    let declared = scope.declaration.and_then(|declared| declared.dependencies.as_deref());
    match declared {
        None => Err(Outcome::unknown(none(Each::Dependency))),
        Some([]) => Err(requirements::without_dependencies(scope)),
        Some(dependencies) => Ok(dependencies),
    }
}

fn not_read(gap: &Gap) -> String {
    format!("`{}` {}", gap.place.path, gap.reason)
}

const fn subject(each: Each) -> Option<Subject> {
    match each {
        Each::Workload | Each::Container => Some(Subject::Workloads),
        Each::Dependency => Some(Subject::Declaration),
        Each::Alert => Some(Subject::Alerts),
        Each::Pipeline => Some(Subject::Pipelines),
        Each::Service => None,
    }
}

const fn none(each: Each) -> &'static str {
    match each {
        Each::Workload | Each::Container => {
            "no workload of it was read that tells how it runs in production: no Kubernetes manifest, \
             Compose service or systemd unit"
        }
        Each::Dependency => {
            "no dependency is declared: list them under `dependencies:` in gonogo.yaml, or write \
             `dependencies: []` where there are none"
        }
        Each::Alert => "no alerting rule was found in the tree",
        Each::Pipeline => {
            "no pipeline was found: no GitHub Actions workflow and no GitLab CI configuration"
        }
        Each::Service => "no service was found",
    }
}
