//! What Toxiproxy's toxics show together with the points of a k6 run that went on meanwhile: by themselves they show nothing of the service.

use drills::fault::bound;
use drills::load_drill::{DEFAULT_AVAILABILITY, is_beyond};
use drills::telemetry::read_exposition;
use drills::{Dependency, Proof, Service, Shortfall, Subject};
use facts::imported::{Disturbance, Disturbed, Points, Sent, Span, Window};

use super::points::read;
use super::summary::LASTS_S;
use super::{Import, ImportError, Judged, figure, percent, source};

const DEGRADATION: &str = "reliability/graceful-degradation";
const TIMEOUTS: &str = "reliability/outbound-timeouts";
/// Toxiproxy's counter of bytes that came in, from either side.
const RECEIVED: &str = "toxiproxy_proxy_received_bytes_total";
/// Requests of each journey that show more than chance.
const ENOUGH: u64 = 100;

/// Judges what `read` says was disturbed, by the load that went on meanwhile.
pub(super) fn judge(
    service: &Service,
    toxics: &Disturbance,
    import: &Import,
) -> Result<Judged, ImportError> {
    let mut notes: Vec<String> = toxics.proxies.iter().filter_map(told).collect();
    notes.push(format!("the toxics stood from {} until {}", toxics.from, toxics.until));
    let judged =
        |proofs, notes| Judged { what: "toxiproxy toxics", at: Some(toxics.from), proofs, notes };
    let Some(path) = &import.load else {
        let reason = "toxics tell what was disturbed, not what became of the service: pass `--load` with the points of a k6 run that went on meanwhile";
        return Ok(judged(vec![Proof::inconclusive(DEGRADATION, reason)], notes));
    };
    let mut opened = source::open(path)?;
    if !opened.is_points() {
        return Err(ImportError::Unfit(format!(
            "{} holds no points of k6: `--load` takes those of `k6 run --out json=points.json`",
            opened.name()
        )));
    }
    let span = Span { from: toxics.from, until: toxics.until };
    let points = read(service, &mut opened, import.journey.as_deref(), Some(span))?;
    notes.push(format!("with the points of {}", opened.digest()?));
    let proofs = match Case::of(service, toxics, &points) {
        Ok(case) => case.proofs(),
        Err(reason) => vec![Proof::inconclusive(DEGRADATION, reason)],
    };
    Ok(judged(proofs, notes))
}

/// One dependency that did not work, and what users saw.
struct Case<'a> {
    service: &'a Service,
    dependency: &'a Dependency,
    /// What was sent while it did not work.
    within: &'a Window,
    /// What was sent before and after.
    around: Vec<Sent>,
    /// Whether requests of the service reached the proxy meanwhile.
    has_landed: Result<(), String>,
}

impl<'a> Case<'a> {
    /// The case that `toxics` and `points` make, or why they make none.
    fn of(service: &'a Service, toxics: &Disturbance, points: &'a Points) -> Result<Self, String> {
        let disturbed: Vec<&Disturbed> = toxics
            .proxies
            .iter()
            .filter(|proxy| !proxy.is_enabled || !proxy.toxics.is_empty())
            .collect();
        let [proxy] = disturbed.as_slice() else {
            return Err(format!(
                "{} proxies were disturbed at once: with one at a time it can be told what each does",
                disturbed.len()
            ));
        };
        let is_about = |dependency: &&Dependency| {
            proxy.name.eq_ignore_ascii_case(&dependency.name)
                || dependency.address.as_ref() == Some(&proxy.upstream)
        };
        let dependency = service.dependencies.iter().find(is_about);
        let dependency = dependency.ok_or_else(|| {
            format!(
                "gonogo.yaml knows no dependency `{}`, nor one at {}",
                proxy.name, proxy.upstream
            )
        })?;
        if !is_unreachable(proxy) {
            return Err(format!(
                "`{}` was disturbed, not unreachable: a `timeout` toxic of toxicity 1 makes it so",
                proxy.name
            ));
        }
        if points.began_at >= toxics.from || points.ended_at <= toxics.until {
            return Err(format!(
                "the points run from {} until {}: they have to begin before the toxics and to end after them",
                points.began_at, points.ended_at
            ));
        }
        let within = points.within.as_ref().ok_or("no request was sent while the toxics stood")?;
        let lasted_s = (toxics.until.as_second() - toxics.from.as_second()).max(0);
        if lasted_s < 10
            || points.ended_at.as_second() - points.began_at.as_second() - lasted_s < 10
        {
            return Err(format!(
                "10 s with the toxics and 10 s without are asked, better {LASTS_S}"
            ));
        }
        Ok(Self {
            service,
            dependency,
            within,
            around: around(points, within),
            has_landed: has_landed(proxy, toxics),
        })
    }

    fn proofs(&self) -> Vec<Proof> {
        let mut proofs = Vec::new();
        if !self.dependency.is_critical {
            proofs.push(self.degradation());
        }
        proofs.push(self.timeouts());
        proofs
    }

    fn degradation(&self) -> Proof {
        let name = &self.dependency.name;
        let (mut shortfalls, mut seen) = (Vec::new(), Vec::new());
        for (index, journey) in self.service.journeys.iter().enumerate() {
            let allowed = 1.0 - journey.availability.unwrap_or(DEFAULT_AVAILABILITY);
            let of = |sent: Option<&Sent>| {
                sent.and_then(|sent| Some((sent.requests(), sent.failures()?)))
            };
            let (Some((requests, failed)), Some((before, failed_before))) =
                (of(self.within.sent.get(index)), of(self.around.get(index)))
            else {
                return Proof::inconclusive(
                    DEGRADATION,
                    format!("the points do not tell which requests of `{}` failed", journey.name),
                );
            };
            if requests < ENOUGH || before < ENOUGH {
                return Proof::inconclusive(
                    DEGRADATION,
                    format!(
                        "{requests} requests of `{}` with `{name}` unreachable and {before} without: {ENOUGH} each are asked",
                        journey.name
                    ),
                );
            }
            if is_beyond(before, failed_before, allowed) {
                return Proof::inconclusive(
                    DEGRADATION,
                    format!(
                        "{failed_before} of {before} requests of `{}` failed also without the toxics",
                        journey.name
                    ),
                );
            }
            let how = format!(
                "{failed} of {requests} requests of `{}` failed, and {} % may",
                journey.name,
                percent(allowed)
            );
            if is_beyond(requests, failed, allowed) {
                shortfalls.push(Shortfall {
                    about: Subject::Dependency(name.clone()),
                    message: format!("with `{name}` unreachable {how}; without the toxics it was {failed_before} of {before}"),
                    help: "catch its errors where it is called, and answer without it as `on-failure` says".to_owned(),
                });
            } else {
                seen.push(format!("with `{name}` unreachable {how}"));
            }
        }
        if !shortfalls.is_empty() {
            return Proof::judged(DEGRADATION, shortfalls, seen);
        }
        self.whole(DEGRADATION, seen, |dependency| !dependency.is_critical)
    }

    fn timeouts(&self) -> Proof {
        let name = &self.dependency.name;
        let bound_ms = bound(self.dependency).as_secs_f64() * 1e3;
        let longest = |sent: &[Sent]| sent.iter().map(|sent| sent.longest_ms).fold(0.0, f64::max);
        let (within_ms, around_ms) = (longest(&self.within.sent), longest(&self.around));
        if self.dependency.timeout.is_none() {
            return Proof::inconclusive(
                TIMEOUTS,
                format!("gonogo.yaml declares no `timeout` of `{name}`"),
            );
        }
        if around_ms > bound_ms {
            return Proof::inconclusive(
                TIMEOUTS,
                format!("a request took {} ms also without the toxics", figure(around_ms)),
            );
        }
        let told = format!(
            "with `{name}` unreachable no request took longer than {} ms, and its timeout and retries allow {} ms",
            figure(within_ms),
            figure(bound_ms)
        );
        if within_ms <= bound_ms {
            return self.whole(TIMEOUTS, vec![told], |_| true);
        }
        let shortfall = Shortfall {
            about: Subject::Dependency(name.clone()),
            message: format!(
                "with `{name}` unreachable a request took {} ms, and its timeout and retries allow {} ms",
                figure(within_ms),
                figure(bound_ms)
            ),
            help: "set a timeout on the client for connecting and for the whole answer".to_owned(),
        };
        Proof::judged(TIMEOUTS, vec![shortfall], Vec::new())
    }

    /// Kept only where the fault landed and no other dependency is meant.
    fn whole(
        &self,
        requirement: &'static str,
        seen: Vec<String>,
        is_meant: fn(&Dependency) -> bool,
    ) -> Proof {
        if let Err(why) = &self.has_landed {
            return Proof::inconclusive(requirement, why.clone());
        }
        let other = self
            .service
            .dependencies
            .iter()
            .find(|other| is_meant(other) && other.name != self.dependency.name);
        match other {
            Some(other) => Proof::inconclusive(
                requirement,
                format!("{}; of `{}` these toxics tell nothing", seen.join("; "), other.name),
            ),
            None => Proof::kept(requirement, seen),
        }
    }
}

/// Whether nothing comes back through `proxy`.
fn is_unreachable(proxy: &Disturbed) -> bool {
    !proxy.is_enabled
        || proxy.toxics.iter().any(|toxic| toxic.kind == "timeout" && toxic.toxicity >= 1.0)
}

/// What was sent outside of the span.
fn around(points: &Points, within: &Window) -> Vec<Sent> {
    let mut all = Window::default();
    for window in &points.windows {
        all.merge(window);
    }
    all.sent
        .iter()
        .enumerate()
        .map(|(index, sent)| {
            within.sent.get(index).map_or_else(|| sent.clone(), |inner| sent.without(inner))
        })
        .collect()
}

/// Whether anything went through `proxy` meanwhile, by Toxiproxy's own count.
fn has_landed(proxy: &Disturbed, toxics: &Disturbance) -> Result<(), String> {
    if !proxy.is_enabled {
        return Err(format!(
            "`{}` refused connections, and Toxiproxy does not count those: nothing tells whether the service tried one",
            proxy.name
        ));
    }
    let Some((before, after)) = &toxics.metrics else {
        return Err("nothing tells whether a call of the service met the toxics: add `metrics`, the texts of `GET /metrics` at `from` and at `until` (Toxiproxy's `-proxy-metrics`)".to_owned());
    };
    let received = |text: &str| -> f64 {
        let page = read_exposition(text);
        let is_of_it = |labels: &[(String, String)]| {
            let has = |name: &str, value: &str| {
                labels.iter().any(|label| label.0 == name && label.1 == value)
            };
            has("proxy", &proxy.name) && has("direction", "upstream")
        };
        page.samples
            .iter()
            .filter(|sample| sample.name == RECEIVED && is_of_it(&sample.labels))
            .map(|sample| sample.value)
            .sum()
    };
    let more = received(after) - received(before);
    if more > 0.0 {
        Ok(())
    } else {
        Err(format!(
            "no byte came from the service to `{}` while the toxics stood, by Toxiproxy's count",
            proxy.name
        ))
    }
}

fn told(proxy: &Disturbed) -> Option<String> {
    let toxics: Vec<_> = proxy
        .toxics
        .iter()
        .map(|toxic| format!("{} ({} % of connections)", toxic.kind, percent(toxic.toxicity)))
        .collect();
    match (proxy.is_enabled, toxics.is_empty()) {
        (true, true) => None,
        (true, false) => Some(format!("`{}` with {}", proxy.name, toxics.join(", "))),
        (false, _) => Some(format!("`{}` was disabled", proxy.name)),
    }
}
