//! Traffic is encrypted in transit.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/tls",
    title: "traffic is encrypted in transit",
    why: "What goes over the network in plain text is read and changed by whoever stands \
          in between: passwords, sessions, personal data.",
    remedy: "Give every entrance a certificate that renews itself, and redirect or \
             refuse plain text.",
    references: &[
        Reference {
            title: "OWASP: transport layer security",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Transport_Layer_Security_Cheat_Sheet.html",
        },
        Reference {
            title: "Kubernetes: TLS of an Ingress",
            url: "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
        },
        Reference {
            title: "cert-manager: securing Ingress resources",
            url: "https://cert-manager.io/docs/usage/ingress/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(3),
    invalidated_by: &[Change::Manifest, Change::Endpoint],
    demands: [
        Demand::within(Grade::Observed, 7),
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::SERVING,
    reads: &[Subject::Workloads, Subject::Apis],
    proofs: &[
        Proof::Unread("the manifests: entrances without TLS"),
        Proof::Live(
            "the endpoint itself: handshake, protocol versions, certificate chain and \
             days left, and whether plain text is refused or redirected",
        ),
    ],
    cases: include_str!("tls.md"),
};
