//! The search for the knee: the highest rate at which the service still keeps what it promises.
//!
//! A geometric ramp from the last rate that is known to be good, then bisection. Pure: it says which rate to try next and is told what came.

/// Factor from one rate of the ramp to the next.
const RAMP: f64 = 1.5;
/// The search ends when good and bad are this close.
const CLOSE: f64 = 1.1;
/// Rates that are tried at most.
const MOST_TRIES: usize = 14;

/// What came of one rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// The promises were kept.
    Good,
    /// The service fell short.
    Bad(String),
    /// Something else than the service gave out first.
    Limited(String),
}

/// A search that goes on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Search {
    good_per_s: Option<f64>,
    bad: Option<(f64, String)>,
    limited: Option<(f64, String)>,
    tries: usize,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Knee {
    /// The highest rate that was kept.
    pub(super) good_per_s: Option<f64>,
    /// The lowest rate at which the service fell short, and how.
    pub(super) bad: Option<(f64, String)>,
    /// The lowest rate at which something else gave out, and what.
    pub(super) limited: Option<(f64, String)>,
}

impl Search {
    /// Nothing tried yet.
    pub(super) fn new() -> Self {
        Self { good_per_s: None, bad: None, limited: None, tries: 0 }
    }

    /// Takes in what came of `rate_per_s`.
    pub(super) fn told(&mut self, rate_per_s: f64, came: Came) {
        match came {
            Came::Good => {
                self.good_per_s =
                    Some(self.good_per_s.map_or(rate_per_s, |good| good.max(rate_per_s)));
            }
            Came::Bad(how) => lower(&mut self.bad, rate_per_s, how),
            Came::Limited(what) => lower(&mut self.limited, rate_per_s, what),
        }
    }

    /// The rate to try next, if it is worth it.
    pub(super) fn next(&mut self) -> Option<f64> {
        let good = self.good_per_s?;
        let ceiling = [&self.bad, &self.limited].into_iter().flatten().map(|(rate, _)| *rate);
        let ceiling = ceiling.min_by(f64::total_cmp);
        let next = match ceiling {
            Some(ceiling) if ceiling <= good * CLOSE => return None,
            Some(ceiling) => (good * ceiling).sqrt(),
            None => good * RAMP,
        };
        self.tries += 1;
        (self.tries <= MOST_TRIES).then_some(next)
    }

    /// What was found so far.
    pub(super) fn knee(&self) -> Knee {
        // What is above a rate that was kept was an accident of the moment.
        let above = |found: &Option<(f64, String)>| {
            found.clone().filter(|(rate, _)| self.good_per_s.is_none_or(|good| *rate > good))
        };
        Knee { good_per_s: self.good_per_s, bad: above(&self.bad), limited: above(&self.limited) }
    }
}

impl Knee {
    /// Whether the service, and nothing else, gave out at the top.
    pub(super) fn is_found(&self) -> bool {
        match (&self.bad, &self.limited) {
            (Some((bad, _)), Some((limited, _))) => bad <= limited,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

fn lower(slot: &mut Option<(f64, String)>, rate_per_s: f64, text: String) {
    if slot.as_ref().is_none_or(|(known, _)| rate_per_s < *known) {
        *slot = Some((rate_per_s, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(from: f64, limit: Option<f64>, knee: f64) -> (Knee, usize) {
        let mut search = Search::new();
        search.told(from, Came::Good);
        let mut tries = 0;
        while let Some(rate) = search.next() {
            tries += 1;
            let came = match limit {
                Some(limit) if rate > limit => Came::Limited("machine".into()),
                _ if rate > knee => Came::Bad("slow".into()),
                _ => Came::Good,
            };
            search.told(rate, came);
        }
        (search.knee(), tries)
    }

    #[test]
    fn the_knee_is_found_to_a_tenth() {
        let (knee, tries) = searched(100.0, None, 1234.0);
        let good = knee.good_per_s.unwrap();
        assert!(good <= 1234.0 && good * CLOSE >= 1234.0, "{knee:?}");
        assert!(knee.is_found() && tries <= MOST_TRIES, "{tries}");
    }

    #[test]
    fn a_machine_that_gives_out_first_is_no_knee_of_the_service() {
        let (knee, _) = searched(100.0, Some(400.0), 1234.0);
        assert!(!knee.is_found());
        assert!(knee.good_per_s.unwrap() > 360.0 && knee.limited.is_some(), "{knee:?}");
    }

    #[test]
    fn a_service_without_end_ends_the_search() {
        let (knee, tries) = searched(100.0, None, f64::INFINITY);
        assert_eq!(tries, MOST_TRIES);
        assert!(!knee.is_found());
    }

    #[test]
    fn nothing_good_leaves_nothing_to_search() {
        let mut search = Search::new();
        search.told(10.0, Came::Bad("slow".into()));
        assert_eq!(search.next(), None);
        assert!(search.knee().is_found());
    }
}
