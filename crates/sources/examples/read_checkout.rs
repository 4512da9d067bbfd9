//! Walks a folder, reads every file in it and prints what was seen: the fastest that a check of the
//! same folder could be. `cargo run --release -p gonogo-sources --example read_checkout FOLDER`

use std::io::Write;
use std::path::PathBuf;

use gonogo_sources::{Checkout, Limits, Want, revision};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(std::env::args_os().nth(1).ok_or("name a folder")?);
    let checkout = Checkout::open(&root, Limits::default())?;
    let walk = checkout.walk(|_| Want::Read, |_, bytes| memchr::memchr_iter(b'\n', bytes).count());

    let mut out = std::io::stdout().lock();
    for skipped in &walk.skipped {
        writeln!(out, "{}", skipped.to_string().escape_debug())?;
    }
    for path in &walk.ignored {
        writeln!(out, "`{}`: ignored", path.escape_debug())?;
    }
    if let Some(cut) = &walk.cut {
        writeln!(out, "{cut}")?;
    }
    let lines: usize = walk.read.iter().map(|(_, lines)| lines).sum();
    let (files, read, bytes) = (walk.files, walk.read.len(), walk.bytes);
    writeln!(out, "{files} files, {read} read: {bytes} bytes, {lines} lines")?;
    if let Some(revision) = revision(&root) {
        writeln!(out, "at {}", revision.commit)?;
    }
    Ok(())
}
