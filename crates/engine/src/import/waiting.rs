//! What a closed load generator hides: while it waits for a slow answer, requests that were due are not sent, and what they would have waited
//! stands in no percentile (coordinated omission).

use facts::imported::Sent;

use super::float;

/// How much of its pool of virtual users a run may have used at most, to be sure that none was missing.
const SPARE: f64 = 0.9;

/// How a run's virtual users were busy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Users {
    /// There were always some to spare, so that nothing due waited for one.
    ToSpare {
        /// The most that were busy.
        busy: f64,
        /// How many there were.
        pool: f64,
    },
    /// All were busy at some time: each sends its next request only after an answer.
    AllBusy {
        /// How many there were.
        pool: f64,
    },
    /// The report does not tell.
    Unknown,
}

impl Users {
    /// From the most that were busy, and how many there were.
    pub(super) fn of(busy: Option<f64>, pool: Option<f64>) -> Self {
        match (busy.filter(|busy| *busy > 0.0), pool.filter(|pool| *pool > 0.0)) {
            (Some(busy), Some(pool)) if busy <= SPARE * pool => Self::ToSpare { busy, pool },
            (_, Some(pool)) => Self::AllBusy { pool },
            _ => Self::Unknown,
        }
    }

    /// How often one user sends a request, in milliseconds; `None` where waiting hides nothing.
    pub(super) fn cycle_ms(self, rate_per_s: f64) -> Option<f64> {
        match self {
            Self::ToSpare { .. } => None,
            Self::AllBusy { pool } if rate_per_s > 0.0 => Some(pool / rate_per_s * 1e3),
            Self::AllBusy { .. } | Self::Unknown => Some(0.0),
        }
    }

    /// How it is told.
    pub(super) fn told(self) -> String {
        match self {
            Self::ToSpare { busy, pool } => format!(
                "k6 measures from sending: what waits for a free virtual user is in no percentile; here at most {busy:.0} of {pool:.0} were busy, so that nothing waited"
            ),
            Self::AllBusy { pool } => format!(
                "k6 measures from sending: all {pool:.0} virtual users were busy, so that what was due meanwhile was not sent, and its waiting is in no percentile"
            ),
            Self::Unknown => "k6 measures from sending: what waits for a free virtual user is in no percentile, and how many were busy is not told".to_owned(),
        }
    }
}

/// Of `sent`, how many more requests there would have been, and how many of them later than `limit_ms`, had each user gone on sending every
/// `cycle_ms`: the correction that HDR histograms know.
pub(super) fn hidden(sent: &Sent, limit_ms: f64, cycle_ms: f64) -> (f64, f64) {
    let (mut more, mut late) = (0.0, 0.0);
    for (value_ms, count) in sent.durations.buckets() {
        if cycle_ms <= 0.0 {
            // Without a known cycle each late answer may hide any number.
            late += if value_ms > limit_ms { f64::INFINITY } else { 0.0 };
            continue;
        }
        let missed = (value_ms / cycle_ms).floor() - 1.0;
        if missed > 0.0 {
            let of_them = ((value_ms - limit_ms) / cycle_ms).floor().clamp(0.0, missed);
            more += float(count) * missed;
            late += float(count) * of_them;
        }
    }
    (more, late)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(values: &[(f64, u32)]) -> Sent {
        let mut sent = Sent::default();
        for (value, times) in values {
            for _ in 0..*times {
                sent.durations.record(*value);
            }
        }
        sent
    }

    #[test]
    fn a_stall_of_a_second_hides_what_was_due_in_it() {
        // 50 users send 1,000 a second: every 50 ms each. One second of standstill holds 50 requests, and hides 950.
        let stalled = sent(&[(3.0, 9000), (1000.0, 50)]);
        let (more, late) = hidden(&stalled, 300.0, 50.0);
        assert!((900.0..=1000.0).contains(&more), "{more}");
        assert!((650.0..=750.0).contains(&late), "{late}");
    }

    #[test]
    fn nothing_is_hidden_where_users_are_to_spare() {
        assert_eq!(Users::of(Some(5.0), Some(100.0)).cycle_ms(10.0), None);
        assert_eq!(Users::of(Some(100.0), Some(100.0)).cycle_ms(50.0), Some(2000.0));
        assert_eq!(Users::of(None, None), Users::Unknown);
        assert_eq!(hidden(&sent(&[(20.0, 5)]), 10.0, 50.0), (0.0, 0.0));
    }

    #[test]
    fn without_a_cycle_a_late_answer_may_hide_anything() {
        assert!(hidden(&sent(&[(20.0, 1)]), 10.0, 0.0).1.is_infinite());
        assert_eq!(hidden(&sent(&[(5.0, 1)]), 10.0, 0.0), (0.0, 0.0));
    }
}
