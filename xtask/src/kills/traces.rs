//! What shows that a process belongs to a trial, by other means than those of gonogo: where it was started, and who it is below.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Living processes that were started in `folder`, or name it.
pub(super) fn processes(folder: &Path) -> Vec<i32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| is_living(*pid) && belongs(*pid, folder))
        .collect()
}

/// Whether `pid` lives; what nobody has waited for does not.
pub(super) fn is_living(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

fn belongs(pid: i32, folder: &Path) -> bool {
    let name = folder.as_os_str().as_bytes();
    let names = |file: &str| {
        let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        bytes.windows(name.len()).any(|window| window == name)
    };
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
        || names("cmdline")
        || names("environ")
}

/// The first child of `pid`.
pub(super) fn child(pid: i32) -> Option<i32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

/// Inodes of sockets that listen, of the whole machine.
pub(super) fn listening() -> BTreeSet<String> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).ok());
    let mut inodes = BTreeSet::new();
    for line in tables.iter().flatten().flat_map(|table| table.lines()) {
        let fields: Vec<_> = line.split_whitespace().collect();
        if let (Some(&"0A"), Some(inode)) = (fields.get(3), fields.get(9)) {
            inodes.insert((*inode).to_owned());
        }
    }
    inodes
}

/// Those of them that one of `pids` holds.
pub(super) fn listening_of(pids: &[i32]) -> BTreeSet<String> {
    let descriptors = pids.iter().filter_map(|pid| fs::read_dir(format!("/proc/{pid}/fd")).ok());
    let targets =
        descriptors.flatten().flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
    let held: BTreeSet<String> = targets
        .filter_map(|target| {
            let inode = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    listening().intersection(&held).cloned().collect()
}
