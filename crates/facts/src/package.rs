//! What the code stands on: lock files and package manifests.

use model::{Place, Placed};

/// A lock file.
#[derive(Clone, Debug, PartialEq)]
pub struct Lockfile {
    /// The file.
    pub place: Place,
    /// Whose it is: `cargo`, `npm`, `go`, `pip`, `maven` …
    pub ecosystem: &'static str,
    /// Names and versions of the packages, where the format was read.
    pub packages: Vec<(String, String)>,
    /// What the code asks for, where the file says that as well: a requirements.txt that pins all.
    pub asked: Vec<Placed<String>>,
}

/// A package manifest: what the code asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// The file.
    pub place: Place,
    /// Whose it is: `cargo`, `npm`, `go`, `pip`, `maven`, `gradle`, `nuget`, `gem`, `composer` …
    pub ecosystem: &'static str,
    /// Name, where it is written.
    pub name: Option<Placed<String>>,
    /// Direct dependencies, without those for development and tests only.
    pub dependencies: Vec<Placed<String>>,
    /// Whether it declares something that can be started (`bin`, `main`, `start` script).
    pub is_runnable: bool,
    /// Whether it is packaged for a program of others to load: a plugin.
    pub is_plugin: bool,
    /// Programs that are made of it and that it names itself, where the format was read for them.
    pub programs: Vec<String>,
}
