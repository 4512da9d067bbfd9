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
    reads: &[Subject::Workloads, Subject::Entrances, Subject::Apis],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the endpoint itself: handshake, protocol versions, certificate chain and \
             days left, and whether plain text is refused or redirected",
        ),
    ],
    cases: include_str!("tls.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let entrances = own_entrances(scope).into_iter().map(|entrance| entrance_of(entrance, scope));
    let outcomes = entrances.chain(scope.apis.iter().filter_map(|api| described(api)));
    Outcome::all(outcomes).unwrap_or_else(|| Outcome::Unknown(nothing(scope)))
}

/// Entrances that send to the service.
fn own_entrances<'a>(scope: &Scope<'a>) -> Vec<&'a Entrance> {
    let is_own = |backend: &str| {
        let backend = backend.split('.').next().unwrap_or(backend);
        scope.service.name == backend
            || scope.workloads.iter().any(|workload| workload.name.value == backend)
            || scope
                .all
                .cluster
                .services
                .iter()
                .any(|s| s.name.value == backend && reaches(s, scope))
    };
    let entrances = scope.all.cluster.entrances.iter().filter(|entrance| !is_sample(entrance));
    entrances.filter(|entrance| entrance.backends.iter().any(|backend| is_own(backend))).collect()
}

/// Whether its file is there to be copied and changed: `ingress_sample.yaml`.
fn is_sample(entrance: &Entrance) -> bool {
    prose::mentions(entrance.name.place.file_name(), &["example", "sample"])
}

/// Whether the Service sends to pods of the service.
fn reaches(service: &ClusterService, scope: &Scope<'_>) -> bool {
    !service.selector.is_empty()
        && scope.workloads.iter().any(|workload| {
            service.selector.iter().all(|(key, value)| {
                workload
                    .labels
                    .iter()
                    .any(|(label, written)| label == key && written.value == *value)
            })
        })
}

fn entrance_of(entrance: &Entrance, scope: &Scope<'_>) -> Outcome {
    let (kind, name) = (&entrance.kind, &entrance.name.value);
    match entrance.is_encrypted {
        Some(true) => Outcome::met(&entrance.name.place, format!("{kind} `{name}` is encrypted")),
        Some(false) if is_local(entrance) => {
            Outcome::unknown(format!("{kind} `{name}` answers only for hosts of developers"))
        }
        Some(false) if is_filled_in(entrance) => Outcome::unknown(format!(
            "the hosts of the certificate of {kind} `{name}` are filled in when it is built"
        )),
        Some(false) if is_given_certificate(entrance) => Outcome::unknown(format!(
            "{kind} `{name}` asks by `{TLS_ACME}` for a certificate, which is written into it where a \
             controller for that runs"
        )),
        Some(false) => by_host(entrance, scope).unwrap_or_else(|| Outcome::from(plain(entrance))),
        None if is_certified(entrance) => {
            Outcome::met(&entrance.name.place, format!("{kind} `{name}` names its certificate"))
        }
        None if kind.ends_with("Route") || kind == "VirtualService" => by_gateway(entrance, scope),
        None => Outcome::unknown(format!(
            "whether {kind} `{name}` is encrypted is decided by what serves it, not by its manifest"
        )),
    }
}

/// The annotation by which `openshift-acme` gives a Route its certificate.
const TLS_ACME: &str = "kubernetes.io/tls-acme";

/// Whether a Route asks a controller to write its TLS. Those for an Ingress want its `tls:` written.
fn is_given_certificate(entrance: &Entrance) -> bool {
    let mut written = entrance.annotations.iter();
    entrance.kind == "Route" && written.any(|(key, value)| key == TLS_ACME && **value == "true")
}

/// What holds for an Ingress without TLS whose hosts have their certificate in another one: some
/// controllers serve all paths of a host alike, whichever object they stand in.
fn by_host(entrance: &Entrance, scope: &Scope<'_>) -> Option<Outcome> {
    if entrance.kind != "Ingress" || !entrance.tls_hosts.is_empty() || entrance.hosts.is_empty() {
        return None;
    }
    let others = || scope.all.cluster.entrances.iter().filter(|other| other.kind == "Ingress");
    let holder = |host: &Placed<String>| others().find(|other| covers(other, host));
    let holders: Option<Vec<&Entrance>> = entrance.hosts.iter().map(holder).collect();
    let first = *holders?.first()?;
    let (name, other) = (&entrance.name.value, &first.name.value);
    let says = |start: &str, end: &str| {
        let mut written = entrance.annotations.iter();
        written.any(|(key, value)| key.starts_with(start) && (end.is_empty() || **value == *end))
    };
    let is_merged = says("nginx.ingress.kubernetes.io/", "");
    let is_plain_too = says("nginx.ingress.kubernetes.io/ssl-redirect", "false");
    Some(if is_merged && !is_plain_too {
        let message = format!("Ingress `{other}` holds the certificate for the host of `{name}`");
        Outcome::met(&first.name.place, message)
    } else {
        Outcome::unknown(format!(
            "Ingress `{name}` has no TLS, and Ingress `{other}` holds the certificate for its host: \
             what serves both decides whether plain text is answered"
        ))
    })
}

/// Whether a certificate of an entrance is for the host.
fn covers(entrance: &Entrance, host: &Placed<String>) -> bool {
    entrance.tls_hosts.iter().any(|tls| {
        let domain = tls.strip_prefix("*.");
        tls.value == host.value
            || domain.is_some_and(|d| host.split_once('.').is_some_and(|(_, rest)| rest == d))
    })
}

/// Whether a host of the certificate is a variable: `$(DOMAIN)`.
fn is_filled_in(entrance: &Entrance) -> bool {
    entrance.tls_hosts.iter().any(|host| host.contains("$(") || host.contains("${"))
}

/// What is wrong with an entrance that takes plain text.
fn plain(entrance: &Entrance) -> Finding {
    let (kind, name) = (&entrance.kind, &entrance.name.value);
    let has_tls = !entrance.tls_hosts.is_empty();
    if let Some(host) = entrance.hosts.iter().find(|host| has_tls && !covers(entrance, host)) {
        let message = format!("TLS of {kind} `{name}` does not cover `{}`", host.value);
        return Finding::at(&host.place, message).help("add the host under `tls:`");
    }
    if has_tls {
        let redirect = entrance.annotations.iter().find(|(key, _)| key.ends_with("/ssl-redirect"));
        let place = redirect.map_or(&entrance.name.place, |(_, value)| &value.place);
        let message = format!("{kind} `{name}` answers in plain text too");
        return Finding::at(place, message).help("redirect plain text to TLS, or refuse it");
    }
    let host = entrance.hosts.first().map_or("<host>", |host| host.value.as_str());
    let help = match kind.as_str() {
        "Ingress" => format!(
            "give it a certificate:\n\ntls:\n  - hosts: [{host}]\n    \
             secretName: {name}-tls"
        ),
        "Route" => "give it a certificate:\n\ntls:\n  termination: edge\n  \
                    insecureEdgeTerminationPolicy: Redirect"
            .to_owned(),
        _ => "give its listener a certificate, and redirect plain text".to_owned(),
    };
    Finding::at(
        &entrance.name.place,
        format!("{kind} `{name}` takes plain text only: it has no TLS"),
    )
    .help(help)
}

/// A load balancer of AWS that names a certificate listens for TLS only, unless ports are written.
fn is_certified(entrance: &Entrance) -> bool {
    let has = |name: &str| {
        entrance
            .annotations
            .iter()
            .any(|(key, _)| *key == format!("alb.ingress.kubernetes.io/{name}"))
    };
    has("certificate-arn") && !has("listen-ports")
}

/// A route is as encrypted as the gateways that it is bound to; which these are is not read.
fn by_gateway(entrance: &Entrance, scope: &Scope<'_>) -> Outcome {
    let (kind, name) = (&entrance.kind, &entrance.name.value);
    let gateways: Vec<&Entrance> =
        scope.all.cluster.entrances.iter().filter(|other| other.kind == "Gateway").collect();
    let is =
        |wanted| !gateways.is_empty() && gateways.iter().all(|g| g.is_encrypted == Some(wanted));
    if is(false) {
        return Outcome::Unmet(gateways.iter().map(|gateway| plain(gateway)).collect());
    }
    match gateways.first().filter(|_| is(true)) {
        Some(gateway) => Outcome::met(
            &gateway.name.place,
            format!("Gateway `{}` is encrypted", gateway.name.value),
        ),
        None => Outcome::unknown(format!(
            "the gateway of {kind} `{name}` decides whether it is encrypted"
        )),
    }
}

fn is_local(entrance: &Entrance) -> bool {
    let ends =
        ["localhost", ".local", ".localhost", ".localdev.me", ".nip.io", ".sslip.io", ".test"];
    !entrance.hosts.is_empty()
        && entrance.hosts.iter().all(|host| ends.iter().any(|end| host.ends_with(end)))
}

/// An address of the API description that users are told to call in plain text.
fn described(api: &Api) -> Option<Outcome> {
    let plain = api.servers.iter().filter(|server| {
        let host = server
            .strip_prefix("http://")
            .map(|rest| rest.split(['/', ':']).next().unwrap_or(rest).to_lowercase());
        host.is_some_and(|host| is_public(&host))
    });
    let findings: Vec<Finding> = plain
        .map(|server| {
            let message = format!("server `{}` is called in plain text", server.value);
            Finding::at(&server.place, message)
                .help("write `https://`, and redirect or refuse plain text")
        })
        .collect();
    (!findings.is_empty()).then_some(Outcome::Unmet(findings))
}

/// Whether a name is one of the internet, and no example, address or name of a cluster.
fn is_public(host: &str) -> bool {
    let ends =
        [".local", ".localhost", ".internal", ".svc", ".test", ".example", ".invalid", ".lan"];
    let is_named = host.contains('.') && !host.contains(['{', '}', '$', '<']);
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_address = last.parse::<u8>().is_ok();
    let is_example = host.contains("example.") || host.contains("petstore");
    is_named && !is_address && !is_example && !ends.iter().any(|end| host.ends_with(end))
}

fn nothing(scope: &Scope<'_>) -> String {
    let outward = ["LoadBalancer", "NodePort"];
    let exposed = scope.all.cluster.services.iter().find(|service| {
        let kind = service.kind.as_ref().map_or("", |kind| kind.value.as_str());
        outward.contains(&kind) && reaches(service, scope)
    });
    match exposed {
        Some(service) => format!(
            "Service `{}` is reached from outside without an Ingress or gateway: whether what \
             listens there is encrypted is not written in its manifest",
            service.name.value
        ),
        None => "no Ingress, gateway or route that sends to it was found: whether it is encrypted \
                 somewhere else, no file says"
            .to_owned(),
    }
}
