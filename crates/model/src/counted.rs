//! How many there are of something, and what they are, in words.

use std::borrow::Borrow;
use std::fmt::Display;

/// `1 entry`, `2 entries`: `noun` in the number that `count` asks for.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let is_one = count == N::from(1);
    if is_one { format!("{count} {noun}") } else { format!("{count} {}", plural(noun)) }
}

/// `1 entry is`, `2 entries are`: `one` or `more`, as `count` asks for.
pub fn counted_as<N: Copy + Display + PartialEq + From<u8>>(
    count: N,
    one: &str,
    more: &str,
) -> String {
    let words = if count == N::from(1) { one } else { more };
    format!("{count} {words}")
}

/// `parts` as one phrase: "a, b or c" with `word` before the last.
pub fn listed<S: Borrow<str>>(parts: &[S], word: &str) -> String {
    match parts {
        [] => String::new(),
        [only] => only.borrow().to_owned(),
        [most @ .., last] => format!("{} {word} {}", most.join(", "), last.borrow()),
    }
}

/// The plural of `noun`, which ends with what is counted: `more entry`, `TCP connection`.
fn plural(noun: &str) -> String {
    let hisses = ["s", "x", "ch", "sh"].iter().any(|end| noun.ends_with(end));
    let stem = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match stem {
        Some(stem) => format!("{stem}ies"),
        None if hisses => format!("{noun}es"),
        None => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_all_else_plural() {
        assert_eq!(counted(1_usize, "entry"), "1 entry");
        assert_eq!(counted(0_u64, "entry"), "0 entries");
        assert_eq!(counted(2_u32, "day"), "2 days");
        assert_eq!(counted(3_usize, "more process"), "3 more processes");
        assert_eq!(counted(2_usize, "retry"), "2 retries");
        assert_eq!(counted_as(1_usize, "entry is", "entries are"), "1 entry is");
    }
}
