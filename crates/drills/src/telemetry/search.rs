//! Many texts searched for at once, in one pass over what is searched.

use aho_corasick::{AhoCorasick, BuildError};

/// What is searched for; the case of letters does not matter.
#[derive(Clone, Debug)]
pub struct Search(AhoCorasick);

impl Search {
    /// Searches for `texts`, none of them empty.
    pub fn new<T: AsRef<[u8]>>(texts: &[T]) -> Result<Self, BuildError> {
        AhoCorasick::builder().ascii_case_insensitive(true).build(texts).map(Self)
    }

    /// Each place in `text` where one of the texts stands: its number, and the place in bytes.
    pub fn hits<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let all = self.0.find_overlapping_iter(text);
        all.map(|found| (found.pattern().as_usize(), found.start()))
    }
}
