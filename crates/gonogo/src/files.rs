//! Reads and writes the files that the command line names.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, absolute};

/// The largest file that is read, in bytes; the JSON of a check of thousands of services is smaller.
const MOST_BYTES: u64 = 256 << 20;

/// Reads the text of the file at `path`, which may be a device without an end.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if read as u64 > MOST_BYTES {
        return Err(io::Error::other(format!("it is larger than {MOST_BYTES} bytes")));
    }
    Ok(text)
}

/// Writes a report to `path`, unless the judged tree at `root` holds a link, FIFO or device there:
/// its author could have the report written over any file of the machine.
pub(crate) fn write(path: &Path, text: &str, root: &Path) -> io::Result<()> {
    if is_led_astray(path, root) {
        let what = "the judged tree holds a link or a special file there; name another";
        return Err(io::Error::other(what));
    }
    fs::write(path, text)
}

/// Whether `path` could be written, of which nothing is changed: a pipe or a device is not even opened.
pub(crate) fn try_write(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() || found.is_dir() => {
            File::options().append(true).open(path).map(drop)
        }
        Ok(_) => Ok(()),
        Err(_) => File::create_new(path).and_then(|_| fs::remove_file(path)),
    }
}

fn is_led_astray(path: &Path, root: &Path) -> bool {
    let is_odd = |path: &Path| {
        fs::symlink_metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
    };
    let Ok(path) = absolute(path) else { return false };
    let roots = [absolute(root), root.canonicalize()];
    roots.into_iter().flatten().any(|root| {
        path.starts_with(&root) && path.ancestors().take_while(|above| *above != root).any(is_odd)
    })
}
