//! The `gonogo` command.
fn main() {}
