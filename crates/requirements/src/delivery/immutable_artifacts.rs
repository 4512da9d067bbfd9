//! Images and pipeline actions are pinned by digest.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/immutable-artifacts",
    title: "images and pipeline actions are pinned by digest",
    why: "A tag is a name that somebody else may give to other bytes tomorrow. What was \
          tested is then not what runs, and whoever takes over the account of an action \
          runs in the pipeline.",
    remedy: "Pin base images and deployed images by digest, and the actions of pipelines \
             by their full commit, and let Renovate or Dependabot move the pins.",
    references: &[
        Reference {
            title: "GitHub: security hardening for GitHub Actions",
            url: "https://docs.github.com/en/actions/reference/security/secure-use",
        },
        Reference {
            title: "Kubernetes: image names",
            url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        },
        Reference {
            title: "Docker: pin base image versions",
            url: "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Image, Change::Manifest, Change::Pipeline],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[Subject::Images, Subject::Pipelines, Subject::Workloads],
    proofs: &[
        Proof::Unread(
            "manifests, Dockerfiles and pipelines: images without a digest, actions \
             without a commit",
        ),
        Proof::Live(
            "the cluster and the registry: whether the digests that run are those that \
             the pipeline built",
        ),
    ],
    cases: include_str!("immutable_artifacts.md"),
};
