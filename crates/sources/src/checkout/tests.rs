//! What is walked, read, passed over and cut off.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use super::*;
use crate::index::tests::written;
use crate::{GitignoreFault, IndexFault, SpecialFile};

const WITHOUT_LIMIT: Limits = Limits {
    files: usize::MAX,
    path_bytes: usize::MAX,
    file_bytes: u64::MAX >> 1,
    total_bytes: u64::MAX,
    depth: usize::MAX,
    time: Duration::MAX,
};

fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn open(root: &TempDir) -> Checkout {
    Checkout::open(root.path(), Limits::default()).unwrap()
}

fn walk(checkout: &Checkout) -> Walk<Vec<u8>> {
    checkout.walk(|_| Want::Read, |_, bytes| bytes.to_vec())
}

/// Walks with the system call of newer kernels and without: both must say the same.
fn walk_both_ways(root: &TempDir) -> Walk<Vec<u8>> {
    let mut checkout = open(root);
    let newer = walk(&checkout);
    checkout.tree.has_openat2 = false;
    let older = walk(&checkout);
    assert_eq!(newer.read, older.read);
    assert_eq!(newer.paths, older.paths);
    assert_eq!(newer.skipped, older.skipped);
    assert_eq!(newer.ignored, older.ignored);
    newer
}

fn read_paths<T>(walk: &Walk<T>) -> Vec<&str> {
    walk.read.iter().map(|(path, _)| &**path).collect()
}

fn texts(paths: &[Arc<str>]) -> Vec<&str> {
    paths.iter().map(|path| &**path).collect()
}

fn skipped<T>(walk: &Walk<T>) -> Vec<(&str, SkipReason)> {
    walk.skipped.iter().map(|s| (&*s.path, s.reason)).collect()
}

#[test]
fn files_are_read_and_named_in_the_order_of_their_paths() {
    let root = tree(&[("b/x.yaml", "2"), ("a.yaml", "1"), ("b.yaml", "3"), ("c", "")]);
    let walk = walk_both_ways(&root);
    let read: Vec<_> = walk.read.iter().map(|(p, b)| (&**p, &**b)).collect();
    let expected: [(&str, &[u8]); 4] =
        [("a.yaml", b"1"), ("b.yaml", b"3"), ("b/x.yaml", b"2"), ("c", b"")];
    assert_eq!(read, expected);
    assert_eq!(texts(&walk.paths), ["a.yaml", "b.yaml", "b/x.yaml", "c"]);
    assert_eq!((walk.files, walk.bytes, walk.cut), (4, 3, None));
}

#[test]
fn only_what_is_wanted_is_read_and_named() {
    let root = tree(&[("a.yaml", "1"), ("a.rs", "2"), ("a.png", "3")]);
    let by_extension = |entry: &Entry<'_>| match entry.name {
        "a.yaml" => Want::Read,
        "a.rs" => Want::NameOnly,
        _ => Want::Skip,
    };
    let walk = open(&root).walk(by_extension, |_, bytes| bytes.len());
    assert_eq!(read_paths(&walk), ["a.yaml"]);
    assert_eq!(texts(&walk.paths), ["a.rs", "a.yaml"]);
    assert_eq!((walk.files, walk.bytes), (3, 1));
}

#[test]
fn links_are_reported_and_never_followed() {
    let root = tree(&[("real/a.yaml", "1")]);
    let at = |path: &str| root.path().join(path);
    symlink("/etc/passwd", at("absolute")).unwrap();
    symlink("../../../../../../../../etc/passwd", at("real/out")).unwrap();
    symlink("/etc", at("folder-out")).unwrap();
    symlink("circle-b", at("circle-a")).unwrap();
    symlink("circle-a", at("circle-b")).unwrap();
    symlink("..", at("real/up")).unwrap();
    symlink("real/a.yaml", at("inside")).unwrap();
    symlink("nowhere", at("broken")).unwrap();
    let walk = walk_both_ways(&root);
    assert_eq!(read_paths(&walk), ["real/a.yaml"]);
    assert_eq!(
        skipped(&walk),
        [
            ("absolute", SkipReason::SymlinkOut),
            ("broken", SkipReason::SymlinkBroken),
            ("circle-a", SkipReason::SymlinkOut),
            ("circle-b", SkipReason::SymlinkOut),
            ("folder-out", SkipReason::SymlinkOut),
            ("inside", SkipReason::Symlink),
            ("real/out", SkipReason::SymlinkOut),
            ("real/up", SkipReason::Symlink),
        ]
    );
}

#[test]
fn what_is_no_regular_file_is_reported_and_never_opened() {
    let root = tree(&[]);
    let fifo = root.path().join("pipe.yaml");
    let mode = Mode::RUSR | Mode::WUSR;
    mknodat(CWD, &fifo, FileType::Fifo, mode, 0).unwrap();
    mknodat(CWD, root.path().join(".gitignore"), FileType::Fifo, mode, 0).unwrap();
    let _socket = UnixListener::bind(root.path().join("socket.yaml")).unwrap();
    let walk = walk_both_ways(&root);
    assert_eq!(
        skipped(&walk),
        [
            (".gitignore", SkipReason::NotRegular(SpecialFile::Fifo)),
            ("pipe.yaml", SkipReason::NotRegular(SpecialFile::Fifo)),
            ("socket.yaml", SkipReason::NotRegular(SpecialFile::Socket)),
        ]
    );
    let again = open(&root).read("pipe.yaml").unwrap_err();
    assert_eq!(again.reason, SkipReason::NotRegular(SpecialFile::Fifo));
}

#[test]
fn a_fifo_that_takes_the_place_of_a_file_does_not_block() {
    let root = tree(&[]);
    let fifo = root.path().join("pipe");
    mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR, 0).unwrap();
    let opened = open(&root).tree.file("pipe").map(|file| file.size);
    assert_eq!(opened, Err(SkipReason::NotRegular(SpecialFile::Unknown)));
}

#[test]
fn a_closed_folder_is_reported() {
    let root = tree(&[("closed/a.yaml", "1"), ("b.yaml", "2")]);
    let closed = root.path().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&closed).is_ok() {
        // Root opens closed folders too, so there is nothing to see.
        return;
    }
    let walk = walk_both_ways(&root);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let refused = SkipReason::Unreadable(io::ErrorKind::PermissionDenied);
    assert_eq!(skipped(&walk), [("closed", refused)]);
    assert_eq!(read_paths(&walk), ["b.yaml"]);
}

#[test]
fn folders_below_the_depth_limit_are_reported() {
    let root = tree(&[("a.yaml", "1")]);
    let deepest = "d/".repeat(200);
    fs::create_dir_all(root.path().join(&deepest)).unwrap();
    fs::write(root.path().join(&deepest).join("z.yaml"), "").unwrap();
    let limited = walk_both_ways(&root);
    let first_not_entered = "d/".repeat(64);
    let first_not_entered = first_not_entered.trim_end_matches('/');
    assert_eq!(skipped(&limited), [(first_not_entered, SkipReason::TooDeep)]);

    let checkout = Checkout::open(root.path(), WITHOUT_LIMIT).unwrap();
    assert_eq!(read_paths(&walk(&checkout)).len(), 2);
}

#[test]
fn large_and_binary_files_are_reported_and_named() {
    let root = tree(&[("binary.yaml", "a\0b"), ("late.yaml", "")]);
    fs::write(root.path().join("late.yaml"), [&[b'a'; 9000][..], b"\0"].concat()).unwrap();
    let sparse = fs::File::create(root.path().join("sparse.yaml")).unwrap();
    sparse.set_len(2 << 30).unwrap();
    let walk = walk_both_ways(&root);
    let too_large = SkipReason::TooLarge { bytes: 2 << 30 };
    assert_eq!(skipped(&walk), [("binary.yaml", SkipReason::Binary), ("sparse.yaml", too_large)]);
    assert_eq!(read_paths(&walk), ["late.yaml"]);
    assert_eq!(walk.paths.len(), 3);
    let again = open(&root).read("sparse.yaml").unwrap_err();
    assert_eq!(again.to_string(), "`sparse.yaml`: too large to be read (2147483648 bytes)");
}

#[test]
fn what_git_crypt_encrypted_is_told_from_other_binary_files() {
    let root = tree(&[("a.yaml", "\0GITCRYPT\0\u{1}\u{2}"), ("b.yaml", "\0GIT")]);
    let walk = walk_both_ways(&root);
    assert_eq!(skipped(&walk), [("a.yaml", SkipReason::Encrypted), ("b.yaml", SkipReason::Binary)]);
}

#[test]
fn a_file_may_have_as_many_bytes_as_the_limit_and_not_one_more() {
    let root = tree(&[("a", &"x".repeat(20_000)), ("b", &"x".repeat(20_001))]);
    let limits = Limits { file_bytes: 20_000, ..Limits::default() };
    let walk = walk(&Checkout::open(root.path(), limits).unwrap());
    assert_eq!(read_paths(&walk), ["a"]);
    assert_eq!(skipped(&walk), [("b", SkipReason::TooLarge { bytes: 20_001 })]);
}

#[test]
fn names_are_kept_as_they_are_and_those_that_are_not_utf8_are_reported() {
    let root = tree(&[("line\nbreak\u{1b}[2J.yaml", "1"), ("-rf", "2")]);
    let folder = root.path().join(std::ffi::OsStr::from_bytes(b"bad\xff"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.yaml"), "3").unwrap();
    let walk = walk_both_ways(&root);
    assert_eq!(texts(&walk.paths), ["-rf", "line\nbreak\u{1b}[2J.yaml"]);
    assert_eq!(skipped(&walk), [("bad\\xff", SkipReason::NotUtf8Name)]);
}

#[test]
fn gits_and_gonogos_own_folders_are_not_part_of_the_tree_but_nested_repositories_are() {
    let root = tree(&[
        (".git/config", "hostile"),
        (".gonogo/ledger/1.json", "{}"),
        ("nested/.git/config", "hostile"),
        ("nested/a.yaml", "1"),
        ("module/.git", "gitdir: ../.git/modules/module"),
        ("module/b.yaml", "2"),
        (".github/c.yaml", "3"),
    ]);
    let walk = walk_both_ways(&root);
    assert_eq!(texts(&walk.paths), [".github/c.yaml", "module/b.yaml", "nested/a.yaml"]);
    assert_eq!(walk.skipped, []);
}

#[test]
fn installed_packages_and_build_output_are_skipped_by_name_and_vendored_sources_walked() {
    let root = tree(&[
        ("web/node_modules/x/package.json", "{}"),
        (".venv/a.py", ""),
        ("built/target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55"),
        ("built/target/a.json", "{}"),
        ("own/target/prod.yaml", "1"),
        ("vendor/a.yaml", "2"),
    ]);
    let walk = walk_both_ways(&root);
    assert_eq!(texts(&walk.paths), ["own/target/prod.yaml", "vendor/a.yaml"]);
    let generated = |path| (path, SkipReason::Generated);
    let expected = [".venv", "built/target", "web/node_modules"].map(generated);
    assert_eq!(skipped(&walk), expected);
}

#[test]
fn gitignore_leaves_out_and_takes_back_and_what_it_leaves_out_is_named() {
    let root = tree(&[
        (".gitignore", "*.log\n/build/\nsecrets.yaml\n!keep.log\n"),
        ("a.log", ""),
        ("keep.log", ""),
        ("build/x/a.yaml", ""),
        ("build/y/b.yaml", ""),
        ("deploy/build/c.yaml", ""),
        ("deploy/secrets.yaml", ""),
        ("deploy/.gitignore", "!secrets.yaml\n/inner\n*.{a,b}\n"),
        ("deploy/inner", ""),
        ("deploy/x.a", ""),
        ("other/inner", ""),
        ("other/secrets.yaml", ""),
    ]);
    symlink("/etc/passwd", root.path().join("passwd.log")).unwrap();
    let walk = walk_both_ways(&root);
    assert_eq!(
        texts(&walk.ignored),
        ["a.log", "build/", "deploy/inner", "other/secrets.yaml", "passwd.log"]
    );
    assert_eq!(
        texts(&walk.paths),
        [
            ".gitignore",
            "deploy/.gitignore",
            "deploy/build/c.yaml",
            "deploy/secrets.yaml",
            "deploy/x.a",
            "keep.log",
            "other/inner",
        ]
    );
    assert_eq!(walk.skipped, []);
}

#[test]
fn every_ignored_file_that_is_wanted_is_named() {
    let root = tree(&[(".gitignore", "*\n")]);
    for n in 0..300 {
        fs::write(root.path().join(format!("{n}.yaml")), "").unwrap();
        fs::write(root.path().join(format!("o{n}")), "").unwrap();
    }
    let wanted = |entry: &Entry<'_>| {
        if entry.name.starts_with('o') { Want::Skip } else { Want::Read }
    };
    let walk = open(&root).walk(wanted, |_, _| ());
    // The `.gitignore` leaves itself out as well.
    assert_eq!((walk.ignored.len(), walk.paths.len(), walk.files), (301, 0, 601));
}

#[test]
fn a_gitignore_that_cannot_be_used_ignores_nothing_and_is_reported() {
    let root = tree(&[
        ("huge/.gitignore", &"# filling\n".repeat(110_000)),
        ("huge/a", ""),
        ("many/.gitignore", &"a\n".repeat(5_001)),
        ("many/a", ""),
        ("long/.gitignore", &format!("a\n{}\n", "{".repeat(2_000))),
        ("long/a", ""),
        ("bad/.gitignore", "a\n[z-a]\n"),
        ("bad/a", ""),
        ("bad/b", ""),
    ]);
    let walk = walk_both_ways(&root);
    let too_large = SkipReason::Gitignore(GitignoreFault::TooLarge);
    let bad_line = SkipReason::Gitignore(GitignoreFault::BadLine { line: 2 });
    assert_eq!(
        skipped(&walk),
        [
            ("bad/.gitignore", bad_line),
            ("huge/.gitignore", too_large),
            ("long/.gitignore", too_large),
            ("many/.gitignore", too_large),
        ]
    );
    assert_eq!(texts(&walk.ignored), ["bad/a"]);
}

fn add_index(root: &TempDir, at: &str, bytes: &[u8]) {
    let git = root.path().join(at);
    fs::create_dir_all(&git).unwrap();
    fs::write(git.join("HEAD"), "ref: refs/heads/main").unwrap();
    fs::write(git.join("index"), bytes).unwrap();
}

#[test]
fn what_git_tracks_is_read_although_ignored() {
    let root = tree(&[
        (".gitignore", "*.yaml\nout/\n"),
        ("a/tracked.yaml", ""),
        ("a/other.yaml", ""),
        ("out/deep/tracked.yaml", ""),
        ("out/deep/.gitignore", "!other.yaml"),
        ("out/deep/other.yaml", ""),
        ("out/none/x", ""),
    ]);
    for version in 2..=4 {
        let paths = ["a/tracked.yaml", "out/deep/tracked.yaml", "out/gone/x"];
        add_index(&root, ".git", &written(version, 20, &paths));
        let walk = walk_both_ways(&root);
        let read = [".gitignore", "a/tracked.yaml", "out/deep/tracked.yaml"];
        assert_eq!(read_paths(&walk), read);
        let ignored = ["a/other.yaml", "out/deep/.gitignore", "out/deep/other.yaml", "out/none/"];
        assert_eq!(texts(&walk.ignored), ignored);
        assert_eq!(skipped(&walk), []);
    }
    let below = Checkout::open(&root.path().join("a"), Limits::default()).unwrap();
    assert_eq!(read_paths(&walk(&below)).len(), 2, "patterns above the root do not count");
}

#[test]
fn the_index_is_found_from_a_folder_of_the_working_tree() {
    let root = tree(&[("a/.gitignore", "*"), ("a/tracked.yaml", ""), ("a/tracked.yaml.bak", "")]);
    add_index(&root, ".git", &written(2, 32, &["a/tracked.yaml", "tracked.yaml.bak"]));
    let checkout = Checkout::open(&root.path().join("a"), Limits::default()).unwrap();
    assert_eq!(read_paths(&walk(&checkout)), ["tracked.yaml"]);
}

#[test]
fn an_index_that_cannot_be_used_is_reported_where_something_is_ignored() {
    let files = [(".gitignore", "b.yaml"), ("a.yaml", ""), ("b.yaml", "")];
    let other = tree(&[]);
    add_index(&other, ".git", &written(2, 20, &["b.yaml"]));
    let elsewhere = other.path().join(".git");
    let fault = |root: &TempDir| {
        let walk = walk_both_ways(root);
        assert_eq!(read_paths(&walk).first(), Some(&".gitignore"));
        assert_eq!(texts(&walk.ignored), ["b.yaml"]);
        match skipped(&walk)[..] {
            [(".git/index", SkipReason::Index(fault))] => fault,
            ref other => panic!("{other:?}"),
        }
    };
    let by_file = tree(&files);
    fs::write(by_file.path().join(".git"), format!("gitdir: {}", elsewhere.display())).unwrap();
    assert_eq!(fault(&by_file), IndexFault::Elsewhere);

    let by_link = tree(&files);
    symlink(&elsewhere, by_link.path().join(".git")).unwrap();
    assert_eq!(fault(&by_link), IndexFault::Elsewhere);

    let hostile = tree(&files);
    add_index(&hostile, ".git", b"DIRC\0\0\0\x02\xff\xff\xff\xff");
    assert_eq!(fault(&hostile), IndexFault::Malformed);
    let index = hostile.path().join(".git/index");
    fs::remove_file(&index).unwrap();
    symlink(elsewhere.join("index"), &index).unwrap();
    assert_eq!(fault(&hostile), IndexFault::Unreadable);
    fs::remove_file(&index).unwrap();
    mknodat(CWD, &index, FileType::Fifo, Mode::RUSR, 0).unwrap();
    assert_eq!(fault(&hostile), IndexFault::Unreadable);
    fs::remove_file(&index).unwrap();
    fs::File::create(&index).unwrap().set_len(2 << 30).unwrap();
    assert_eq!(fault(&hostile), IndexFault::TooLarge);

    fs::remove_file(hostile.path().join(".gitignore")).unwrap();
    assert_eq!(skipped(&walk_both_ways(&hostile)), []);
}

#[test]
fn each_limit_cuts_the_walk_and_says_so() {
    let root = tree(&[("a", "12345"), ("b", "12345"), ("c/d", "12345"), ("c/e", "12345")]);
    let cut = |limits: Limits| {
        let walk = walk(&Checkout::open(root.path(), limits).unwrap());
        let is_reported = walk.skipped.iter().any(|s| s.reason == SkipReason::NotReached);
        assert!(is_reported, "what was not reached is listed");
        assert!(walk.read.len() < 4);
        walk.cut.unwrap().limit
    };
    let full = Limits::default();
    assert_eq!(cut(Limits { files: 3, ..full }), ReachedLimit::Files(3));
    assert_eq!(cut(Limits { path_bytes: 4, ..full }), ReachedLimit::PathBytes(4));
    assert_eq!(cut(Limits { total_bytes: 12, ..full }), ReachedLimit::TotalBytes(12));
    let none = Duration::ZERO;
    assert_eq!(cut(Limits { time: none, ..full }), ReachedLimit::Time(none));
    let files = Limits { files: 2, ..full };
    let walk_of_two = walk(&Checkout::open(root.path(), files).unwrap());
    assert_eq!(walk_of_two.read.len(), walk_of_two.paths.len(), "what was seen is read");

    let enough = Limits { files: 5, path_bytes: 9, total_bytes: 20, ..full };
    let walk = walk(&Checkout::open(root.path(), enough).unwrap());
    assert_eq!((walk.cut, walk.read.len()), (None, 4));
}

#[test]
fn one_file_is_read_again_only_by_a_plain_path_without_links() {
    let root = tree(&[("a/b.yaml", "text")]);
    symlink("a", root.path().join("link")).unwrap();
    symlink("/etc/passwd", root.path().join("passwd")).unwrap();
    let mut checkout = open(&root);
    for has_openat2 in [checkout.tree.has_openat2, false] {
        checkout.tree.has_openat2 = has_openat2;
        let reason = |path: &str| checkout.read(path).unwrap_err().reason;
        assert_eq!(checkout.read("a/b.yaml").unwrap(), b"text");
        for path in ["", "/etc/passwd", "a/../a/b.yaml", "../x", "a//b.yaml", "a/b.yaml/", "\0"] {
            assert_eq!(reason(path), SkipReason::NotInside, "{path:?}");
        }
        assert_eq!(reason("passwd"), SkipReason::Symlink);
        assert_eq!(reason("a"), SkipReason::NotRegular(SpecialFile::Folder));
        assert_eq!(reason("none"), SkipReason::Vanished);
        // The older way is told only that the link is no folder.
        assert!(matches!(
            reason("link/b.yaml"),
            SkipReason::Symlink | SkipReason::Unreadable(io::ErrorKind::NotADirectory)
        ));
    }
}

#[test]
fn a_file_that_claims_to_be_empty_is_read_to_its_end() {
    let Ok(checkout) = Checkout::open(Path::new("/proc/self"), Limits::default()) else {
        return;
    };
    assert!(!checkout.read("status").unwrap().is_empty());
}

#[test]
fn what_is_no_folder_cannot_be_opened() {
    let root = tree(&[("file", "")]);
    let error = |path: &str| Checkout::open(&root.path().join(path), Limits::default());
    assert!(matches!(error("none"), Err(CheckoutError::NotFound { .. })));
    assert!(matches!(error("file"), Err(CheckoutError::NotAFolder { .. })));
}
