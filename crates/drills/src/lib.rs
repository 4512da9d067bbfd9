//! Exercises a running service and measures what happens: a harness that starts and stops it, a proxy before each of its dependencies,
//! a load generator, and one module per drill.
//!
//! A drill knows requirements only by their ids. What could not be carried out is an error of the drill and says nothing about the service.

mod service;

pub use service::{
    Command, Dependency, DependencyKind, Expectation, Identity, Journey, LatencyObjective,
    ReadBack, Request, Service, Stop,
};
