//! Runs the target that `GONOGO_FUZZ` names, under libFuzzer.

#![no_main]

mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use targets::{TARGETS, Target};

static TARGET: OnceLock<&Target> = OnceLock::new();

fuzz_target!(init: write_seeds(), |bytes: &[u8]| {
    (target().run)(bytes);
});

/// Puts the target's seeds into the folder that `GONOGO_FUZZ_CORPUS` names, to start from.
fn write_seeds() {
    let Some(folder) = std::env::var_os("GONOGO_FUZZ_CORPUS") else { return };
    for (index, seed) in target().seeds.iter().enumerate() {
        let path = std::path::Path::new(&folder).join(format!("seed-{index}"));
        std::fs::write(path, seed).expect("the corpus can be written");
    }
}

fn target() -> &'static Target {
    TARGET.get_or_init(|| {
        let name = std::env::var("GONOGO_FUZZ").unwrap_or_default();
        let known = || TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
        TARGETS
            .iter()
            .find(|target| target.name == name)
            .unwrap_or_else(|| panic!("GONOGO_FUZZ names no target; there are {}", known()))
    })
}
