//! Finds the services of a tree without any configuration, and says why each is one.
//!
//! # What speaks of a service
//!
//! From the strongest: a gonogo.yaml document, a catalog entry, a Kubernetes workload, a Helm
//! chart, a Compose service that is built here, a systemd unit, a Dockerfile, a file of a hosting
//! platform. A template of a manifest counts as a workload where its name stands in it. All that speak of one service are its reasons. A package manifest alone makes none.
//!
//! # What is one service
//!
//! - What is built from one folder (`docker/`, `src/` and the like left out of it), and manifests
//!   inside of that folder, unless their name leads elsewhere.
//! - Equal names in one spelling (`name::key`), wherever they stand: base and overlay, copies for
//!   a release. Not when they are built from different folders or run different images.
//! - A workload whose label or image bears the name of a service; workloads `shop-api` and
//!   `shop-worker` with the label `shop`; workloads that run one image,
//!   with the Dockerfile that a pipeline builds it from.
//! - `checkout-worker` goes with `checkout`, which is declared or has code, when it has none itself.
//! - Names that differ only in an ending (`-service`, `-api`), when nothing else is called so.
//! - A gonogo.yaml claims what stands below it and nearer to no other; a catalog entry the same,
//!   but in the root only what bears its name or begins with it, or the only thing that runs;
//!   `shop-backend` takes `backend/`, the only entry the only folder called after a part (`api/`).
//!   Where a folder has several documents or entries, names decide.
//! - What bears the name of the tree, or of a package in its root, belongs to the code there.
//!
//! # What is none
//!
//! Software of others, by its name (`third_party`) or since nothing ties its image to the tree
//! (`provenance`), also where a tree runs nothing else: a declaration makes it a service; what is
//! built upon a database, listens only where databases do, or adds no code to software of others;
//! load generators and stand-ins; jobs that run once; Compose services that run images built
//! elsewhere; charts that install several services of the tree, or hold definitions for other
//! charts; Dockerfiles without code where others are deployed; what clusters of developers run;
//! Dockerfiles for developing, for making packages or for showing documents while they are written,
//! and bundlers; pages shown while a service is away; Compose services whose only profile is for developing or
//! deprecated, or that the comment above them gives up; recipes of a program that the tree no longer holds;
//! configurations of Wrangler that only name a database; releases of charts and images that others keep;
//! manifests that only a shell could fill in, where pipelines bring charts; units that roles of Ansible put on
//! machines and whose program nothing here makes; proxies that only pass on to a service of the tree; whatever
//! stands among examples, tests and vendored code ([`is_sample`]). All of it is listed in
//! [`Discovery::passed_over`].
//!
//! # What may be one
//!
//! What but one weak sign speaks of in a tree of services that stand firmly (`footing`), and an image
//! that opens no port in a tree that nobody seems to run (`operated`), an entry of a catalog whose type is no word for
//! something that runs and that has no code (`entry`), or all of a tree that calls
//! itself a collection of samples (`collection`): a service with a doubt, listed in
//! [`Discovery::possible`].

mod bench;
mod built;
mod candidate;
mod charts;
mod claim;
mod client;
mod code;
mod collection;
pub(crate) mod copied;
mod describe;
mod device;
mod doubt;
mod entry;
mod footing;
mod gather;
mod group;
mod kind;
mod kinship;
mod mirror;
pub(crate) mod name;
mod operated;
pub(crate) mod optional;
mod part;
pub(crate) mod platform;
mod provenance;
mod proxy;
mod recipe;
mod release;
mod retired;
mod role;
pub(crate) mod sample;
mod shipped;
mod shipping;
mod start;
mod system;
pub(crate) mod third_party;
mod traffic;
mod umbrella;
mod unbuilt;
pub(crate) mod unfilled;
pub(crate) mod workload;

pub use sample::is_sample;
pub use third_party::is_datastore;

pub(crate) use code::{coded, is_beside_services, only_prints, only_waits};
pub(crate) use gather::dockerfile_path;
pub(crate) use operated::{is_brought_to_cloud, is_production_in_cloud, is_started_by_script};

use crate::scope::set_back;
use crate::{Facts, Platform, Reason, Service, Workload};
use candidate::{Candidate, Fact, Origin, Standing};
use group::{Group, Groups};
use provenance::Ties;

/// What [`discover`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Discovery {
    /// The services in the order of their names.
    pub services: Vec<Service>,
    /// What stands beside them and may be one, and what would make it one.
    pub possible: Vec<Reason>,
    /// What could have been one and was not taken, and why.
    pub passed_over: Vec<Reason>,
}

/// Finds the services of the tree; [`crate::settle`] was called before.
pub fn discover(facts: &Facts) -> Discovery {
    let (mut candidates, mut passed_over) = gather::gather(facts);
    let mut found = found(&candidates, facts);
    if found.services.is_empty() && promote(&mut candidates, facts) {
        found = self::found(&candidates, facts);
    }
    passed_over.extend(found.passed_over);
    passed_over.extend(found.services.iter().filter_map(|service| service.retired.clone()));
    passed_over.extend(facts.set_aside.iter().cloned());
    passed_over.extend(set_back(facts, &found.services));
    passed_over.sort_by(|a, b| (&a.place, &a.what).cmp(&(&b.place, &b.what)));
    let possible = found.services.iter().filter_map(footing::told).collect();
    Discovery { services: found.services, possible, passed_over }
}

/// Whether software of others, as it seems, is taken by commit, or bears the name of a tool and lies
/// in a registry that is not for everybody: both may be one's own.
fn is_followed(candidate: &Candidate<'_>, workload: &Workload) -> bool {
    workload.images().any(|image| {
        let is_tool = third_party::third_party(image) == Some(third_party::ThirdParty::Tool);
        (candidate.is_foreign() && provenance::is_by_commit(image))
            || (is_tool && provenance::is_private(image))
    })
}

fn found(candidates: &[Candidate<'_>], facts: &Facts) -> Discovery {
    let mut groups = Groups::new(candidates);
    kinship::join(&mut groups);
    claim::join(&mut groups, facts);
    let mut others = claim::umbrellas(&groups, facts);
    others.extend(recipe::recipes(&groups, facts));
    let mut passed_over = Vec::new();
    let mut taken: Vec<&Group<'_>> = Vec::new();
    for (id, group) in groups.iter() {
        if let Some(reason) = others.get(&id) {
            passed_over.push(reason.clone());
        } else if makes_service(&groups, group) && !is_tried_out(&groups, group, facts) {
            taken.push(group);
        } else {
            passed_over.extend(groups.members(group).filter_map(Candidate::doubt));
        }
    }
    let services = describe::services(&groups, &taken, facts);
    Discovery { services, passed_over, ..Discovery::default() }
}

/// Whether some member makes a service of the group. What is built upon a database is one of the
/// databases around a service, however many manifests start it.
fn makes_service(groups: &Groups<'_>, group: &Group<'_>) -> bool {
    let mut images = groups.members(group).filter(|c| c.source == Origin::Dockerfile).peekable();
    let is_strange = images.peek().is_some() && images.all(Candidate::is_stranger);
    group.founds() && (group.is_declared() || !is_strange)
}

/// Whether no cluster fetches what it is run by, beside others that clusters do run, and no pipeline
/// makes its image: somebody builds it on his machine, to test something else against it.
fn is_tried_out(groups: &Groups<'_>, group: &Group<'_>, facts: &Facts) -> bool {
    let never = Standing::Follows(workload::NEVER_FETCHED.to_owned());
    let is_run =
        |c: &Candidate<'_>| c.founds() && matches!(c.source, Origin::Kubernetes | Origin::Helm);
    let is_shipped =
        |path: &str| facts.builds.iter().any(|build| build.recipe().as_deref() == Some(path));
    let is_built =
        |c: &Candidate<'_>| c.source == Origin::Dockerfile && !is_shipped(&c.reason.place.path);
    groups.members(group).any(|c| c.standing == never)
        && groups.members(group).filter(|c| c.founds()).all(is_built)
        && groups.candidates.iter().any(is_run)
}

/// Takes what a tree runs for its services when nothing else is found: jobs of an operations
/// repository, and what it takes by commit; then images that Compose runs, where there is no code
/// beside them. Software of others stays set aside: who runs nothing else has no service to judge
/// here unless he declares it.
///
/// Where those who keep the tree publish one of the images themselves, theirs is what they offer, and what
/// runs beside it is of others.
fn promote(candidates: &mut [Candidate<'_>], facts: &Facts) -> bool {
    let ties = Ties::of(facts);
    let is_own = |workload: &Workload| workload.images().any(|image| ties.is_own_image(image));
    let is_offered = facts.workloads.iter().any(is_own);
    let is_beside =
        |workload: &Workload| is_offered && workload.images().all(|image| ties.is_foreign(image));
    let mut is_any = false;
    for wanted in [Platform::Kubernetes, Platform::Compose] {
        if is_any || (wanted == Platform::Compose && !facts.packages.is_empty()) {
            break;
        }
        for candidate in candidates.iter_mut() {
            let Fact::Workload(workload) = candidate.fact else { continue };
            let is_wanted = workload.platform == wanted
                && !workload.containers.is_empty()
                && !is_beside_services(&candidate.key)
                && !is_beside(workload)
                && (!candidate.is_stranger() || is_followed(candidate, workload));
            if is_wanted && workload::runs_service(workload) {
                candidate.standing = Standing::Founds;
                candidate.reason.what.push_str(" of a tree that runs nothing of its own");
                is_any = true;
            }
        }
    }
    is_any
}

#[cfg(test)]
pub(crate) mod tests;
