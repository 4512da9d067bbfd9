//! What explains that a promise was missed, besides load: that a request takes as long by itself, with the data as it is by then.

use std::time::Duration;

use super::promise::{Broken, latencies, millis};
use super::quiet::{Own, Quiet};
use crate::{Outcome, Proof, Service, Subject};

/// A request that takes so many times as long as before the load, by itself, is slower by what there is and not by load.
const GREW: u32 = 2;
/// Growth that is more than chance.
const LEAST: Duration = Duration::from_millis(20);
/// Of a promised time, the part that a request by itself has to take to miss it by little load.
const MOST_OF: u32 = 2;
/// Of the time of a request, the part that a dependency has to take for the request to wait for it.
const WAITS: u32 = 2;

/// What is known of each journey by itself, before the load and at a later time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Causes<'a> {
    /// What the journeys promise.
    pub(super) service: &'a Service,
    /// Before any load.
    pub(super) before: &'a Quiet,
    /// With the data as it was when a promise was missed.
    pub(super) then: &'a Quiet,
    /// How many things were created until then.
    pub(super) created: u64,
    /// What may say why a journey is slow by itself.
    pub(super) proofs: &'a [&'a Proof],
}

impl Causes<'_> {
    /// Why `broken` says nothing about load; of none, any journey.
    pub(super) fn explain(&self, broken: &[Broken]) -> Option<String> {
        let is_meant = |name: &str| {
            broken.is_empty() || broken.iter().any(|one| one.journey == name && !one.is_failure)
        };
        let slowest = |is_meant: &dyn Fn(&str) -> bool| {
            let meant = self.then.iter().filter(|(name, _)| is_meant(name));
            meant
                .filter_map(|(name, own)| Some((own.took, self.explained(name, own)?)))
                .max_by_key(|(took, _)| *took)
                .map(|(_, why)| why)
        };
        slowest(&is_meant).or_else(|| {
            let why = slowest(&|name| !is_meant(name))?;
            Some(format!("{why}; what it takes, the others lack"))
        })
    }

    fn explained(&self, journey: &str, then: &Own) -> Option<String> {
        let see = self.named(journey);
        let tail = see.map_or_else(String::new, |id| format!(": see `{id}`"));
        let took = millis(then.took);
        let before = self.before.get(journey).map(|own| own.took);
        if let Some(before) = before
            && then.took >= before * GREW
            && then.took >= before + LEAST
        {
            return Some(format!(
                "by then one request of `{journey}` alone takes {took} ms, and took {} ms before {} things were created, so that it is the amount of data and not the load that this shows{tail}",
                millis(before),
                self.created
            ));
        }
        let within = self.promised(journey)?;
        (see.is_some() && then.took * MOST_OF >= within).then(|| {
            format!(
                "one request of `{journey}` alone, with nothing else going on, takes {took} of the {} ms already{tail}",
                millis(within)
            )
        })
    }

    /// The requirement that says what is wrong with `journey`.
    pub(super) fn named(&self, journey: &str) -> Option<&'static str> {
        let is_about = |proof: &&&Proof| match &proof.outcome {
            Outcome::FellShort(shortfalls) => shortfalls
                .iter()
                .any(|one| matches!(&one.about, Subject::Journey(name) if name == journey)),
            _ => false,
        };
        self.proofs.iter().find(is_about).map(|proof| proof.requirement)
    }

    fn promised(&self, journey: &str) -> Option<Duration> {
        let journey = self.service.journeys.iter().find(|one| one.name == journey)?;
        latencies(journey).iter().map(|one| one.within).min()
    }

    /// What the requests of `broken` spend most of their time on, where that is a dependency.
    pub(super) fn waits(&self, broken: &[Broken]) -> Option<String> {
        let is_meant =
            |name: &str| broken.is_empty() || broken.iter().any(|one| one.journey == name);
        let (journey, own, wait) = self
            .then
            .iter()
            .filter(|(name, _)| is_meant(name))
            .flat_map(|(name, own)| own.waits.iter().map(move |wait| (name, own, wait)))
            .filter(|(_, own, wait)| wait.took * WAITS >= own.took)
            .max_by_key(|(_, _, wait)| wait.took)?;
        let order =
            if wait.calls >= 1.5 && wait.took <= own.took { " one after another" } else { "" };
        let see = self.named(journey).map_or_else(String::new, |id| format!(", see `{id}`"));
        Some(format!(
            "a request of `{journey}` waits for `{}`: its {:.0} calls{order} take {} ms of its {} ms with nothing else going on{see}",
            wait.dependency,
            wait.calls,
            millis(wait.took),
            millis(own.took)
        ))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::quiet::Wait;
    use super::*;
    use crate::{Journey, LatencyObjective, Shortfall};

    /// A journey that takes so long by itself, most of it on 1664 statements.
    pub(in super::super) fn takes(ms: u64) -> Quiet {
        let took = Duration::from_millis(ms);
        let wait = Wait { dependency: "db".into(), calls: 1664.0, took: took * 9 / 10 };
        Quiet::from([("list".into(), Own { took, waits: vec![wait] })])
    }

    pub(in super::super) fn service() -> Service {
        let within = Duration::from_secs(1);
        let latencies = vec![LatencyObjective { quantile: 0.99, within }];
        let journey = Journey { name: "list".into(), latencies, ..Journey::default() };
        Service { journeys: vec![journey], ..Service::default() }
    }

    pub(in super::super) fn slow() -> Broken {
        Broken { journey: "list".into(), message: "it is slow".into(), is_failure: false }
    }

    fn unpaged() -> Proof {
        let about = Subject::Journey("list".into());
        let shortfall = Shortfall { about, message: "all".into(), help: "page".into() };
        Proof::judged("capacity/pagination", vec![shortfall], Vec::new())
    }

    fn explained(before: u64, then: u64, proofs: &[&Proof]) -> Option<String> {
        let (service, before, then) = (service(), takes(before), takes(then));
        let causes =
            Causes { service: &service, before: &before, then: &then, created: 354, proofs };
        causes.explain(&[slow()])
    }

    #[test]
    fn what_takes_longer_by_itself_than_before_is_no_effect_of_load() {
        let why = explained(30, 1000, &[]).unwrap();
        assert!(why.contains("alone takes 1000 ms, and took 30 ms before 354 things"), "{why}");
        assert!(explained(30, 1000, &[&unpaged()]).unwrap().ends_with("see `capacity/pagination`"));
        assert_eq!(explained(30, 45, &[&unpaged()]), None);
        assert_eq!(explained(2, 9, &[&unpaged()]), None);
    }

    #[test]
    fn what_takes_most_of_the_promise_by_itself_is_explained_where_its_cause_is_named() {
        let why = explained(500, 700, &[&unpaged()]).unwrap();
        assert!(why.contains("takes 700 of the 1000 ms already"), "{why}");
        assert_eq!(explained(500, 700, &[]), None);
    }

    #[test]
    fn what_one_journey_takes_explains_that_others_fail_too() {
        let (service, before, then) = (service(), takes(30), takes(1000));
        let causes =
            Causes { service: &service, before: &before, then: &then, created: 354, proofs: &[] };
        let other = causes.explain(&[Broken { journey: "place".into(), ..slow() }]).unwrap();
        assert!(other.ends_with("the others lack"), "{other}");
        assert!(!causes.explain(&[]).unwrap().ends_with("the others lack"));
    }

    #[test]
    fn statements_one_after_another_are_what_a_request_waits_for() {
        let (service, quiet) = (service(), takes(1000));
        let proofs = [&unpaged()];
        let causes =
            Causes { service: &service, before: &quiet, then: &quiet, created: 0, proofs: &proofs };
        let waits = causes.waits(&[slow()]).unwrap();
        assert!(
            waits.contains(
                "waits for `db`: its 1664 calls one after another take 900 ms of its 1000 ms"
            ),
            "{waits}"
        );
    }
}
