//! Whether a `read-back` tells what is stored from what is not: asked for what was never given out, it must not be answered as expected.

use std::net::SocketAddr;

use super::crash::{Write, read_back};
use crate::{Outcome, Proof, Service};

/// Ids tried of each journey. One may happen to be somebody's, of an earlier time.
const TRIED: u8 = 2;
/// Shorter numbers are made so long: small ones were given out before, or will be soon.
const LONG_NUMBER: usize = 9;

/// Why it says nothing that `writes` are found at `address`: for which journey the answer is as expected for ids too that were never given out.
pub(super) fn accepted(service: &Service, address: SocketAddr, writes: &[Write]) -> Option<String> {
    let is_accepted = |write: &Write| {
        (1..=TRIED).all(|turn| read_back(service, address, &never_given(write, turn)).is_ok())
    };
    service.journeys.iter().enumerate().find_map(|(index, journey)| {
        journey.read_back.as_ref()?;
        let first = writes.iter().find(|write| write.journey == index)?;
        is_accepted(first).then(|| {
            format!(
                "the `read-back` of `{}` accepts any id: it was answered as expected for one that was never given out, so that it does not show what is stored; let its `expect` name what only a stored one has",
                journey.name
            )
        })
    })
}

/// The proof, but that it is not kept on the word of a `read-back` that is `blind`. What fell short did so all the same.
pub(super) fn unless_blind(proof: Proof, blind: Option<&str>) -> Proof {
    match (&proof.outcome, blind) {
        (Outcome::Kept, Some(blind)) => {
            Proof { seen: proof.seen, ..Proof::inconclusive(proof.requirement, blind) }
        }
        _ => proof,
    }
}

fn never_given(write: &Write, turn: u8) -> Write {
    let changed = |(name, value): &(String, String)| (name.clone(), another(value, turn));
    Write { captured: write.captured.iter().map(changed).collect(), ..write.clone() }
}

/// Another value of the same form: digits stay digits, and hexadecimal ones stay such, so that it is looked up and not merely refused.
fn another(value: &str, turn: u8) -> String {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && value.len() < LONG_NUMBER {
        return format!("{}{value:0>1$}", 10 - turn, LONG_NUMBER - 1);
    }
    let mut letters: Vec<char> = value.chars().collect();
    // The last twelve: what stands before may be a prefix, a version, or a time.
    for letter in letters.iter_mut().rev().filter(|letter| letter.is_ascii_alphanumeric()).take(12)
    {
        *letter = turned(*letter, turn);
    }
    let other: String = letters.into_iter().collect();
    if other == value { format!("{value}{turn}") } else { other }
}

/// The letter so many places further in its own alphabet.
fn turned(letter: char, turn: u8) -> char {
    let alphabets = [('0', '9'), ('a', 'f'), ('g', 'z'), ('A', 'F'), ('G', 'Z')]
        .map(|(a, z)| (a as u8, z as u8));
    let Ok(byte) = u8::try_from(letter) else { return letter };
    let own = alphabets.iter().find(|(first, last)| (*first..=*last).contains(&byte));
    own.map_or(letter, |(first, last)| {
        char::from(first + (byte - first + turn) % (last - first + 1))
    })
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;
    use std::time::Instant;

    use super::*;
    use crate::{Journey, ReadBack, Request};

    /// What is said of a service that answers every id with what `answers` makes of the request.
    fn told(answers: fn(&str) -> bool) -> Option<String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut asked = [0; 1024];
                let length = stream.read(&mut asked).unwrap();
                let is_there = answers(&String::from_utf8_lossy(&asked[..length]));
                let status = if is_there { "200 OK" } else { "404 Not Found" };
                let _left = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            }
        });
        let path = "/orders/{id}".to_owned();
        let request = Request { method: "GET".into(), path, ..Request::default() };
        let read_back = Some(ReadBack { request, expect: crate::Expectation::default() });
        let journeys = vec![Journey { name: "order".into(), read_back, ..Journey::default() }];
        let service = Service { journeys, ..Service::default() };
        let captured = vec![("id".to_owned(), "17".to_owned())];
        accepted(&service, address, &[Write { journey: 0, captured, at: Instant::now() }])
    }

    #[test]
    fn a_read_back_that_accepts_any_id_shows_nothing() {
        assert!(told(|_| true).unwrap().contains("`order` accepts any id"));
    }

    #[test]
    fn a_read_back_that_knows_its_own_is_believed_though_one_other_id_is_known_too() {
        assert_eq!(told(|asked| asked.contains("/orders/17 ")), None);
        assert_eq!(
            told(|asked| asked.contains("/orders/17 ") || asked.contains("/orders/9")),
            None
        );
    }

    #[test]
    fn only_what_was_kept_becomes_inconclusive() {
        let kept = Proof::kept("a/b", vec!["3 found".into()]);
        let blind = unless_blind(kept.clone(), Some("it accepts any id"));
        assert_eq!(blind.outcome, Outcome::Inconclusive("it accepts any id".into()));
        assert_eq!(unless_blind(kept.clone(), None), kept);
        let lost = Proof { outcome: Outcome::FellShort(Vec::new()), ..kept };
        assert_eq!(unless_blind(lost.clone(), Some("it accepts any id")), lost);
    }

    #[test]
    fn an_id_never_given_has_the_form_of_one_that_was() {
        assert_eq!(another("17", 1), "900000017");
        assert_eq!(another("17", 2), "800000017");
        assert_eq!(another("ord_7f9z", 1), "pse_8a0g");
        let id = "0192f0a4-7d11-7c3e-9a55-aabbccddeeff";
        assert_eq!(another(id, 1), "0192f0a4-7d11-7c3e-9a55-bbccddeeffaa");
        assert_eq!(another("", 1), "1");
    }
}
