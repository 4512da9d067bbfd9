//! How images are built: Dockerfiles.

use model::{Place, Placed};

/// One Dockerfile.
#[derive(Clone, Debug, PartialEq)]
pub struct Dockerfile {
    /// The file, at its first instruction.
    pub place: Place,
    /// Its stages in order; the last is what runs.
    pub stages: Vec<Stage>,
}

/// One stage of a [`Dockerfile`].
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Base image as written (`rust:1.95@sha256:…`, or the name of an earlier stage), at its place.
    pub base: Placed<String>,
    /// Whether the base is an earlier stage of the same file, or `scratch`.
    pub is_local_base: bool,
    /// `AS name`.
    pub name: Option<String>,
    /// The last `USER`.
    pub user: Option<Placed<String>>,
    /// Ports of `EXPOSE`.
    pub ports: Vec<Placed<String>>,
    /// The last `HEALTHCHECK`: its command, or `NONE`.
    pub health_check: Option<Placed<String>>,
    /// The last `CMD` or `ENTRYPOINT`, and whether it is in shell form (signals reach the shell).
    pub entry: Option<(Placed<String>, bool)>,
    /// `STOPSIGNAL`.
    pub stop_signal: Option<Placed<String>>,
    /// `ENV` and `ARG` with their values.
    pub environment: Vec<(String, Placed<String>)>,
    /// `RUN` bodies.
    pub runs: Vec<Placed<String>>,
    /// Sources of `COPY --from=` and `ADD` of remote addresses.
    pub remote_sources: Vec<Placed<String>>,
}
