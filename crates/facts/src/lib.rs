//! Bytes in, typed facts with places out: one module per kind of file.

mod alert;
mod api;
mod catalog;
mod cluster;
pub mod command;
pub mod cron;
mod cursor;
mod dashboard;
mod declaration;
mod discover;
mod document;
mod facts;
mod gap;
mod image;
pub mod imported;
mod objective;
mod package;
pub mod path;
mod pipeline;
mod promql;
mod read;
pub mod schema;
mod scope;
mod service;
pub mod tree;
pub mod words;
mod workload;

pub use alert::{Alert, Alertmanager, Matcher, Receiver, Recording, Route, Routed, Router};
pub use api::{Api, Operation};
pub use catalog::{
    CatalogEntry, CatalogFormat, Codeowners, Link, Maintainers, OwnerRule, Party, Topic,
    lifecycle_of, tier_of,
};
pub use cluster::{
    Autoscaler, ChartImage, ChartRelease, ChartSource, Cluster, ClusterService, ConfigEntries,
    Delivery, DisruptionBudget, Entrance, NetworkPolicy, Role as ClusterRole, RoleBinding,
    RoleRule, SecretSource, StoreBackup, TrafficSplit,
};
pub use dashboard::{Dashboard, Panel};
pub use declaration::{Declaration, Dependency, Deploy, Exchange, Identity, Journey, Run, Store};
pub use discover::{Discovery, discover, is_datastore, is_sample};
pub use document::{Document, Role, Section};
pub use facts::Facts;
pub use gap::{Gap, Subject};
pub use image::{Dockerfile, Stage};
pub use objective::{Indicator, Objective};
pub use package::{Lockfile, Package};
pub use pipeline::{
    ImageBuild, Job, Pipeline, PipelineHost, Pushed, Script, Step, TaskCall, Worker,
};
pub use promql::{Misread, Query, read_query};
pub use read::{
    Fragments, KeptManifests, is_called_production, is_wanted, read, settle, subject_of,
};
pub use scope::{
    Files, Languages, Names, Page, Routing, Runbooks, SHORTEST_NAME, Scope, Sitemap, Told,
    is_rehearsal, is_word_of_rehearsal, never_restarts, scopes,
};
pub use service::{Reason, Service};
pub use workload::{
    Container, EnvironmentFile, Platform, Port, Probe, ProbeAction, Resources, Security, Trigger,
    Variable, VariableValue, Workload, WorkloadKind,
};
