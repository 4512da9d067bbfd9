//! The sample by itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(gonogo_example_orders::run(&std::env::args().skip(1).collect::<Vec<_>>()))
}
