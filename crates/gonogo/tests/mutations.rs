//! The fuzz targets over their seeds, with random mutations: no reader panics, hangs, or names a place
//! outside of the text.

#[path = "../../../fuzz/src/targets.rs"]
mod targets;

use std::time::{Duration, Instant};

use targets::{TARGETS, Target};

/// Mutations of each seed.
const ROUNDS: u64 = 150;

/// Longest time for one text of a few kilobytes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// xorshift64*: small, seeded, good enough to spread mutations.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let rolled = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(rolled).unwrap_or(0) % sides.max(1)
    }
}

/// What mutations splice in: what is special somewhere.
const SPLICES: [&[u8]; 24] = [
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\t",
    b"---\n",
    b"&a ",
    b"*a",
    b"<<: *a\n",
    b"{",
    b"[",
    b"}",
    b"]",
    b"'",
    b"\"",
    b"|\n",
    b"{{ .Values.x }}",
    b"\xe2\x80\xa8",
    b"\xf0\x9f\x92\xa5",
    b"-9223372036854775808",
    b"1e999",
    b"# ",
    b": ",
    b"\\",
];

fn mutate(text: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(text.len() + 1);
        match dice.roll(5) {
            0 => text.truncate(at),
            1 if at < text.len() => text[at] = u8::try_from(dice.roll(256)).unwrap_or(0),
            2 => {
                let end = (at + dice.roll(40)).min(text.len());
                let piece = text[at..end].to_vec();
                let to = dice.roll(text.len() + 1);
                text.splice(to..to, piece);
            }
            3 => {
                let end = (at + dice.roll(20)).min(text.len());
                text.drain(at..end);
            }
            _ => {
                let splice = SPLICES[dice.roll(SPLICES.len())];
                text.splice(at..at, splice.iter().copied());
            }
        }
    }
}

fn run(target: &Target, text: &[u8]) {
    let started = Instant::now();
    (target.run)(text);
    let took = started.elapsed();
    assert!(took < PATIENCE, "{}: {took:?} for {:?}", target.name, String::from_utf8_lossy(text));
}

#[test]
fn no_reader_panics_or_hangs_whatever_the_bytes_are() {
    for target in TARGETS {
        for (index, seed) in target.seeds.iter().enumerate() {
            run(target, seed.as_bytes());
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (index as u64 + 1));
            for _ in 0..ROUNDS {
                let mut text = seed.as_bytes().to_vec();
                mutate(&mut text, &mut dice);
                run(target, &text);
            }
        }
    }
}

#[test]
fn no_reader_overflows_its_stack_on_a_hundred_thousand_levels() {
    for target in TARGETS {
        for level in ["[", "{", "- ", "? ", "> ", "(", "{a: ", "<a>", "* ", "#", "!"] {
            run(target, level.repeat(100_000).as_bytes());
        }
    }
}

#[test]
fn alias_bombs_end_soon() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..=9 {
        let references = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb += &["a", &level.to_string(), ": &a", &level.to_string(), " [", &references, "]\n"]
            .concat();
    }
    for target in TARGETS {
        for seed in target.seeds.iter().take(1) {
            run(target, format!("{bomb}{seed}").as_bytes());
        }
    }
}
