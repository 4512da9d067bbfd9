//! Git's index, `.git/index`: the paths that git tracks, whatever a `.gitignore` says of them, and how
//! large each file was when git last looked.
//!
//! Versions 2 to 4, as `gitformat-index` describes them. Nothing is opened and nothing is executed;
//! of each entry only its path and its size count. The checksum at the end is not verified: who can write the
//! file can write that too.

use std::path::Path;

use crate::revision;

/// Why an index tells nothing. Reads as a clause after its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum IndexFault {
    /// Cut off, or not laid out as git does.
    #[error("is not laid out as an index of git")]
    Malformed,
    /// Of a version that is not known.
    #[error("is an index of version {0}, and only 2 to 4 can be read")]
    Version(u32),
    /// Most of its entries stand in another file.
    #[error("is split over two files (`core.splitIndex`), which is not read")]
    Split,
    /// Larger, or with more or longer paths, than is read.
    #[error("is too large to be read")]
    TooLarge,
    /// Not a regular file, or the operating system refused.
    #[error("cannot be opened as a regular file")]
    Unreadable,
    /// `.git` is a link, or names a repository that is not that of this folder.
    #[error("is not that of this folder: `.git` leads out of it")]
    Elsewhere,
}

/// Most bytes of an index; some two million entries.
pub(crate) const MOST_BYTES: u64 = 128 << 20;
/// Most bytes of the paths that are kept: those of version 4 share their beginnings in the file, but
/// not here.
const MOST_PATH_BYTES: usize = 128 << 20;
/// Longest path.
const LONGEST_PATH: usize = 16 << 10;
/// Lengths of the ids of objects: SHA-1 and SHA-256. Which it is, only the configuration tells, and
/// the layout, which fits one of them.
const ID_LENGTHS: [usize; 2] = [20, 32];
/// What stands before the size in each entry: times, device, mode, owner.
const SIZE_AT: usize = 36;

/// The paths that git tracks.
#[derive(Debug, Default)]
pub struct Index {
    /// All paths, one after another.
    text: Vec<u8>,
    /// Where each starts and ends, in the order of the paths.
    spans: Vec<Span>,
}

/// One path of an [`Index`].
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
    /// Bytes of the file, as far as 32 bits tell them; 0 where git has not looked.
    size: u32,
}

/// What git tracks in the folder at `root`; `None` without a repository, or before its first file is
/// added.
pub(crate) fn of(root: &Path) -> Result<Option<Index>, IndexFault> {
    let Some((folder, prefix)) = revision::working_tree(root) else { return Ok(None) };
    let bytes = revision::index_file(&folder, MOST_BYTES)?;
    bytes.map(|bytes| Index::read(&bytes, &prefix)).transpose()
}

/// The names of the files right in `folder`, a path below `root`, that git tracks; none where git's index
/// tells nothing.
pub fn tracked_in(root: &Path, folder: &str) -> Vec<String> {
    let Ok(Some(index)) = of(root) else { return Vec::new() };
    let folder = format!("{folder}/");
    let below = index.below(folder.as_bytes()).filter_map(|path| std::str::from_utf8(path).ok());
    below.filter(|name| !name.contains('/')).map(str::to_owned).collect()
}

impl Index {
    /// Reads an index; keeps the paths that begin with `prefix`, without it.
    pub fn read(bytes: &[u8], prefix: &str) -> Result<Self, IndexFault> {
        if bytes.len() as u64 > MOST_BYTES {
            return Err(IndexFault::TooLarge);
        }
        let mut outcome = Err(IndexFault::Malformed);
        for id_length in ID_LENGTHS {
            outcome = Reader { rest: bytes, id_length }.read(prefix.as_bytes());
            if !matches!(outcome, Err(IndexFault::Malformed)) {
                break;
            }
        }
        outcome
    }

    /// Whether the path itself is tracked: a file, a link, a submodule.
    pub fn holds(&self, path: &str) -> bool {
        self.first_from(path.as_bytes()) == Some(path.as_bytes())
    }

    /// Whether the file at `path`, which has so many `bytes`, is certainly not as git has it: new, or
    /// of another size. What stands in a submodule is git's in another repository.
    pub fn differs(&self, path: &str, bytes: usize) -> bool {
        match self.span_from(path.as_bytes()) {
            Some(span) if span_of(&self.text, *span) == path.as_bytes() => {
                span.size != 0 && u32::try_from(bytes).is_ok_and(|bytes| bytes != span.size)
            }
            _ => {
                let mut above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
                !above.any(|folder| self.holds(folder))
            }
        }
    }

    /// Whether something in the folder at `path`, which ends with a slash, is tracked.
    pub fn holds_below(&self, path: &str) -> bool {
        self.first_from(path.as_bytes()).is_some_and(|first| first.starts_with(path.as_bytes()))
    }

    /// The paths that begin with `prefix`, without it.
    fn below(&self, prefix: &[u8]) -> impl Iterator<Item = &[u8]> {
        let from = self.spans.partition_point(|span| span_of(&self.text, *span) < prefix);
        let spans = self.spans.get(from..).unwrap_or_default().iter();
        spans.map_while(move |span| span_of(&self.text, *span).strip_prefix(prefix))
    }

    /// The first path that is not less than `path`.
    fn first_from(&self, path: &[u8]) -> Option<&[u8]> {
        self.span_from(path).map(|span| span_of(&self.text, *span))
    }

    fn span_from(&self, path: &[u8]) -> Option<&Span> {
        self.spans.get(self.spans.partition_point(|span| span_of(&self.text, *span) < path))
    }

    fn keep(&mut self, path: &[u8], size: u32) -> Result<(), IndexFault> {
        let (start, end) = (self.text.len(), self.text.len() + path.len());
        let span = u32::try_from(start).ok().zip(u32::try_from(end).ok());
        let span = span.filter(|_| end <= MOST_PATH_BYTES).ok_or(IndexFault::TooLarge)?;
        self.text.extend_from_slice(path);
        self.spans.push(Span { start: span.0, end: span.1, size });
        Ok(())
    }

    /// Git keeps its entries in order; who wrote this one may not have.
    fn sort(&mut self) {
        let Self { text, spans } = self;
        if !spans.is_sorted_by_key(|span| span_of(text, *span)) {
            spans.sort_unstable_by(|a, b| span_of(text, *a).cmp(span_of(text, *b)));
        }
    }
}

fn span_of(text: &[u8], Span { start, end, .. }: Span) -> &[u8] {
    let [start, end] = [start, end].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
    text.get(start..end).unwrap_or_default()
}

struct Reader<'a> {
    rest: &'a [u8],
    id_length: usize,
}

impl<'a> Reader<'a> {
    fn read(mut self, prefix: &[u8]) -> Result<Index, IndexFault> {
        if self.take(4)? != b"DIRC" {
            return Err(IndexFault::Malformed);
        }
        let version = self.number()?;
        if !(2..=4).contains(&version) {
            return Err(IndexFault::Version(version));
        }
        let count = self.number()?;
        let mut index = Index::default();
        let mut path = Vec::new();
        for _ in 0..count {
            let size = self.entry(version, &mut path)?;
            if let Some(below) = path.strip_prefix(prefix) {
                index.keep(below, size)?;
            }
        }
        self.extensions()?;
        index.sort();
        Ok(index)
    }

    /// Reads one entry into `path`, which holds the path of the one before, and returns its size.
    fn entry(&mut self, version: u32, path: &mut Vec<u8>) -> Result<u32, IndexFault> {
        let before = self.rest.len();
        self.take(SIZE_AT)?;
        let size = self.number()?;
        self.take(self.id_length)?;
        let flags = self.short()?;
        let is_extended = flags & 0x4000 != 0;
        if is_extended && version == 2 {
            return Err(IndexFault::Malformed);
        }
        if is_extended {
            self.short()?;
        }
        let kept = if version == 4 { path.len().checked_sub(self.offset()?) } else { Some(0) };
        path.truncate(kept.ok_or(IndexFault::Malformed)?);
        let end = memchr::memchr(0, self.rest).ok_or(IndexFault::Malformed)?;
        if path.len() + end > LONGEST_PATH {
            return Err(IndexFault::TooLarge);
        }
        path.extend_from_slice(self.take(end)?);
        // Lengths that do not fit the twelve bits are written as their highest value.
        if path.is_empty() || usize::from(flags & 0xfff) != path.len().min(0xfff) {
            return Err(IndexFault::Malformed);
        }
        let length = before - self.rest.len();
        let padding = if version == 4 { 1 } else { 8 - length % 8 };
        let is_blank = self.take(padding)?.iter().all(|byte| *byte == 0);
        if is_blank { Ok(size) } else { Err(IndexFault::Malformed) }
    }

    /// Passes over the extensions, which must end where the checksum begins.
    fn extensions(&mut self) -> Result<(), IndexFault> {
        while self.rest.len() > self.id_length {
            let signature = self.take(4)?;
            let length = usize::try_from(self.number()?).map_err(|_| IndexFault::Malformed)?;
            self.take(length)?;
            match signature {
                b"link" => return Err(IndexFault::Split),
                // Stands for folders that are not checked out.
                b"sdir" => {}
                // Those that begin with a capital may be passed over.
                [first, ..] if first.is_ascii_uppercase() => {}
                _ => return Err(IndexFault::Malformed),
            }
        }
        if self.rest.len() == self.id_length { Ok(()) } else { Err(IndexFault::Malformed) }
    }

    /// A number of the kind that pack files have for offsets.
    fn offset(&mut self) -> Result<usize, IndexFault> {
        let mut byte = self.byte()?;
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.byte()?;
            value = ((value + 1) << 7) + usize::from(byte & 0x7f);
            if value > LONGEST_PATH {
                return Err(IndexFault::Malformed);
            }
        }
        Ok(value)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], IndexFault> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(IndexFault::Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, IndexFault> {
        self.take(1)?.first().copied().ok_or(IndexFault::Malformed)
    }

    fn short(&mut self) -> Result<u16, IndexFault> {
        let bytes = self.take(2)?.try_into().map_err(|_| IndexFault::Malformed)?;
        Ok(u16::from_be_bytes(bytes))
    }

    fn number(&mut self) -> Result<u32, IndexFault> {
        let bytes = self.take(4)?.try_into().map_err(|_| IndexFault::Malformed)?;
        Ok(u32::from_be_bytes(bytes))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What stands before the id in each entry.
    const STAT_BYTES: usize = SIZE_AT + 4;

    /// An index of `paths`, laid out as git does.
    pub(crate) fn written(version: u32, id_length: usize, paths: &[&str]) -> Vec<u8> {
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(u32::try_from(paths.len()).unwrap().to_be_bytes());
        let mut last = "";
        for path in paths {
            let start = bytes.len();
            bytes.extend(vec![7; STAT_BYTES + id_length]);
            let length = u16::try_from(path.len().min(0xfff)).unwrap();
            let extended = if version == 3 { 0x4000 } else { 0 };
            bytes.extend((length | extended).to_be_bytes());
            if version == 3 {
                bytes.extend([0x20, 0]);
            }
            if version == 4 {
                let shared = path.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
                bytes.extend(offset(last.len() - shared));
                bytes.extend(&path.as_bytes()[shared..]);
                bytes.push(0);
            } else {
                bytes.extend(path.as_bytes());
                let length = bytes.len() - start;
                bytes.extend(vec![0; 8 - length % 8]);
            }
            last = path;
        }
        bytes.extend(b"TREE\0\0\0\x02ab");
        bytes.extend(vec![9; id_length]);
        bytes
    }

    fn offset(mut value: usize) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(value & 0x7f).unwrap()];
        while value > 0x7f {
            value = (value >> 7) - 1;
            bytes.insert(0, 0x80 | u8::try_from(value & 0x7f).unwrap());
        }
        bytes
    }

    const PATHS: [&str; 4] = ["a/b.yaml", "a/b/c.yaml", "a/bc", "z"];

    #[test]
    fn the_paths_of_each_version_and_each_length_of_ids_are_read() {
        let long = format!("a/{}", "x/".repeat(2_100));
        for version in 2..=4 {
            for id_length in ID_LENGTHS {
                let paths = [&PATHS[..3], &[&long, "z"]].concat();
                let index = Index::read(&written(version, id_length, &paths), "").unwrap();
                assert_eq!(index.spans.len(), 5, "version {version}, ids of {id_length}");
                assert!(paths.iter().all(|path| index.holds(path)));
                assert!(index.holds_below("a/b/") && index.holds_below("a/"));
                assert!(!index.holds("a/b") && !index.holds_below("z/") && !index.holds(""));
            }
        }
    }

    #[test]
    fn a_file_that_is_new_or_of_another_size_is_not_as_git_has_it() {
        let index = Index::read(&written(2, 20, &["a/b.yaml", "module"]), "").unwrap();
        assert!(!index.differs("a/b.yaml", 0x0707_0707));
        assert!(index.differs("a/b.yaml", 7));
        assert!(index.differs("a/new.yaml", 7));
        assert!(!index.differs("module/a/b.yaml", 7));
        // A size of 0 says that git has not looked.
        let mut unseen = written(2, 20, &["a"]);
        unseen.splice(12 + SIZE_AT..12 + STAT_BYTES, [0; 4]);
        assert!(!Index::read(&unseen, "").unwrap().differs("a", 7));
    }

    #[test]
    fn only_paths_below_the_prefix_are_kept_and_without_it() {
        let index = Index::read(&written(4, 20, &PATHS), "a/").unwrap();
        assert!(index.holds("b.yaml") && index.holds("bc") && !index.holds("z"));
    }

    #[test]
    fn entries_in_no_order_are_found_all_the_same() {
        let index = Index::read(&written(2, 20, &["z", "a/b", "m"]), "").unwrap();
        assert!(["z", "a/b", "m"].iter().all(|path| index.holds(path)));
    }

    #[test]
    fn what_cannot_be_read_is_told_apart() {
        let fault = |bytes: &[u8]| Index::read(bytes, "").unwrap_err();
        let good = written(2, 20, &PATHS);
        // Without the whole extension, which takes ten bytes, it is an index again.
        for length in (0..good.len()).filter(|length| length + 10 != good.len()) {
            assert_eq!(fault(&good[..length]), IndexFault::Malformed, "{length} bytes");
        }
        assert_eq!(fault(&written(5, 20, &[])), IndexFault::Version(5));
        let mut split = written(2, 20, &[]);
        split.splice(12..16, *b"link");
        assert_eq!(fault(&split), IndexFault::Split);
        split.splice(12..16, *b"what");
        assert_eq!(fault(&split), IndexFault::Malformed);
        let mut many = good;
        many.splice(8..12, u32::MAX.to_be_bytes());
        assert_eq!(fault(&many), IndexFault::Malformed);
        let long = "x".repeat(LONGEST_PATH + 1);
        assert_eq!(fault(&written(4, 20, &[&long])), IndexFault::TooLarge);
    }

    #[test]
    fn paths_that_share_a_long_beginning_do_not_grow_without_bound() {
        let long = "x".repeat(LONGEST_PATH);
        let mut bytes = written(4, 20, &[&long]);
        bytes.truncate(bytes.len() - 30);
        bytes.splice(8..12, 9_001_u32.to_be_bytes());
        // Each takes away one byte and adds one.
        let same = [&[0; STAT_BYTES + 20][..], &[0x0f, 0xff, 1, b'y', 0]].concat();
        bytes.extend(same.repeat(9_000));
        bytes.extend([9; 20]);
        assert!(bytes.len() < 1 << 20);
        assert_eq!(Index::read(&bytes, "").unwrap_err(), IndexFault::TooLarge);
    }

    proptest! {
        #[test]
        fn a_mutated_index_is_read_or_refused(
            version in 2_u32..=4,
            start in 0_usize..400,
            length in 0_usize..12,
            other in proptest::collection::vec(any::<u8>(), 0..12),
        ) {
            let mut bytes = written(version, 20, &PATHS);
            let start = start.min(bytes.len());
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, other);
            if let Ok(index) = Index::read(&bytes, "") {
                prop_assert!(index.text.len() <= bytes.len() * 4);
                prop_assert!(index.spans.iter().all(|span| !span_of(&index.text, *span).is_empty()));
            }
        }
    }
}
