//! The search for the knee: the highest rate at which the service still keeps what it promises.
//!
//! Doubling from the last rate that is known to be good, then bisection. Pure: it says which rate to try next and is told what came.

/// Factor from one rate of the ramp to the next.
const RAMP: f64 = 2.0;
/// The search ends when good and bad are this close.
const CLOSE: f64 = 1.1;
/// The same where something else than the service gave out: where exactly that is, says nothing of the service.
const CLOSE_TO_LIMIT: f64 = 1.5;
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
    up_to_per_s: Option<f64>,
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
    /// The rate above which nothing was to be tried, where that ended the search.
    pub(super) stopped_at_per_s: Option<f64>,
}

impl Search {
    /// Nothing tried yet; nothing above `up_to_per_s` will be.
    pub(super) fn new(up_to_per_s: Option<f64>) -> Self {
        Self { good_per_s: None, bad: None, limited: None, up_to_per_s, tries: 0 }
    }

    /// Takes in what came of `rate_per_s`.
    pub(super) fn told(&mut self, rate_per_s: f64, came: Came) {
        match came {
            Came::Good => {
                let good = self.good_per_s.map_or(rate_per_s, |good| good.max(rate_per_s));
                self.good_per_s = Some(good);
                // What is not above a rate that was kept was an accident of the moment, and ends no search.
                for found in [&mut self.bad, &mut self.limited] {
                    found.take_if(|(rate, _)| *rate <= good);
                }
            }
            Came::Bad(how) => lower(&mut self.bad, rate_per_s, how),
            Came::Limited(what) => lower(&mut self.limited, rate_per_s, what),
        }
    }

    /// The rate to try next, if it is worth it.
    pub(super) fn next(&mut self) -> Option<f64> {
        let good = self.good_per_s?;
        let next = match self.ceiling() {
            Some((ceiling, close)) if ceiling <= good * close => return None,
            Some((ceiling, _)) => (good * ceiling).sqrt(),
            None => good * RAMP,
        };
        let up_to = self.up_to_per_s.unwrap_or(f64::INFINITY);
        if self.is_stopped_at(good) {
            return None;
        }
        let next = next.min(up_to);
        self.tries += 1;
        (self.tries <= MOST_TRIES).then_some(next)
    }

    /// Whether nothing came bad or limited so far: the next rate only has to show that nothing is near.
    pub(super) fn is_ramp(&self) -> bool {
        self.ceiling().is_none()
    }

    /// The lowest rate that did not come good, and how close the search has to come to it.
    fn ceiling(&self) -> Option<(f64, f64)> {
        let known = [(&self.bad, CLOSE), (&self.limited, CLOSE_TO_LIMIT)].into_iter();
        known
            .filter_map(|(found, close)| found.as_ref().map(|(rate, _)| (*rate, close)))
            .min_by(|one, other| one.0.total_cmp(&other.0))
    }

    fn is_stopped_at(&self, good_per_s: f64) -> bool {
        // A rate is a quotient and a product of others.
        self.up_to_per_s.is_some_and(|up_to| good_per_s >= up_to * 0.999)
    }

    /// What was found so far.
    pub(super) fn knee(&self) -> Knee {
        // What is above a rate that was kept was an accident of the moment.
        let above = |found: &Option<(f64, String)>| {
            found.clone().filter(|(rate, _)| self.good_per_s.is_none_or(|good| *rate > good))
        };
        let stops = |good: &f64| self.is_stopped_at(*good);
        Knee {
            good_per_s: self.good_per_s,
            bad: above(&self.bad),
            limited: above(&self.limited),
            stopped_at_per_s: self.good_per_s.filter(stops),
        }
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
        searched_up_to(None, from, limit, knee)
    }

    fn searched_up_to(
        up_to: Option<f64>,
        from: f64,
        limit: Option<f64>,
        knee: f64,
    ) -> (Knee, usize) {
        let mut search = Search::new(up_to);
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
        assert!(knee.is_found() && tries <= 8, "{tries}");
    }

    #[test]
    fn a_machine_that_gives_out_first_is_no_knee_of_the_service() {
        let (knee, _) = searched(100.0, Some(400.0), 1234.0);
        assert!(!knee.is_found());
        assert!(knee.good_per_s.unwrap() * CLOSE_TO_LIMIT >= 400.0, "{knee:?}");
        assert!(knee.limited.is_some(), "{knee:?}");
    }

    #[test]
    fn a_search_stops_where_it_was_told_to_and_says_so() {
        let (knee, tries) = searched_up_to(Some(900.0), 195.0, None, 5000.0);
        assert_eq!((knee.good_per_s, knee.stopped_at_per_s), (Some(900.0), Some(900.0)));
        assert!(!knee.is_found() && tries == 3, "{tries}");
        let (knee, _) = searched_up_to(Some(900.0), 195.0, None, 600.0);
        assert_eq!((knee.is_found(), knee.stopped_at_per_s), (true, None));
        let (knee, tries) = searched_up_to(Some(195.0), 195.0, None, 5000.0);
        assert_eq!((knee.stopped_at_per_s, tries), (Some(195.0), 0));
    }

    #[test]
    fn a_ramp_is_one_until_something_gave_out() {
        let mut search = Search::new(None);
        search.told(100.0, Came::Good);
        assert!(search.is_ramp());
        search.told(200.0, Came::Bad("slow".into()));
        assert!(!search.is_ramp());
    }

    #[test]
    fn a_service_without_end_ends_the_search() {
        let (knee, tries) = searched(100.0, None, f64::INFINITY);
        assert_eq!(tries, MOST_TRIES);
        assert!(!knee.is_found());
    }

    #[test]
    fn what_was_carried_later_on_ends_no_search() {
        let mut search = Search::new(None);
        search.told(100.0, Came::Bad("slow".into()));
        search.told(150.0, Came::Good);
        assert!(search.is_ramp() && search.next().is_some_and(|rate| rate > 150.0));
        search.told(300.0, Came::Bad("slow".into()));
        assert_eq!(search.knee().bad.map(|(rate, _)| rate), Some(300.0));
    }

    #[test]
    fn nothing_good_leaves_nothing_to_search() {
        let mut search = Search::new(None);
        search.told(10.0, Came::Bad("slow".into()));
        assert_eq!(search.next(), None);
        assert!(search.knee().is_found());
    }
}
