//! Sets up TLS: whose certificates are trusted, and which version of HTTP is asked for.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use super::plan::{Http, LoadError, Target, Tls};
use super::stream::Secure;

/// Where systems keep the certificates that they trust.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];

/// The set-up for a target, if it is spoken to with TLS.
pub(super) fn secure(target: &Target) -> Result<Option<Secure>, LoadError> {
    let Some(tls) = &target.tls else { return Ok(None) };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| LoadError::Tls(error.to_string()))?
        .with_root_certificates(roots(tls)?)
        .with_no_client_auth();
    config.alpn_protocols = match target.http {
        Http::One => vec![b"http/1.1".to_vec()],
        Http::Two => vec![b"h2".to_vec()],
    };
    let host = target.address.rsplit_once(':').map_or(target.address.as_str(), |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = tls.server_name.as_deref().unwrap_or(host);
    let name = ServerName::try_from(name.to_owned())
        .map_err(|_| LoadError::Tls(format!("`{name}` is no name of a server")))?;
    Ok(Some(Secure { config: Arc::new(config), name }))
}

fn roots(tls: &Tls) -> Result<RootCertStore, LoadError> {
    let mut roots = RootCertStore::empty();
    let pem = match &tls.roots {
        Some(pem) => pem.clone(),
        None => bundle()?,
    };
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| LoadError::Tls(error.to_string()))?;
        // A bundle may hold one that cannot be used, which is no reason to trust none.
        let added = roots.add(certificate);
        if tls.roots.is_some() {
            added.map_err(|error| LoadError::Tls(error.to_string()))?;
        }
    }
    if roots.is_empty() {
        return Err(LoadError::Tls("no certificate to trust was found".to_owned()));
    }
    Ok(roots)
}

fn bundle() -> Result<Vec<u8>, LoadError> {
    let named = std::env::var("SSL_CERT_FILE").ok();
    let paths = named.iter().map(String::as_str).chain(BUNDLES);
    paths.into_iter().find_map(|path| std::fs::read(path).ok()).ok_or_else(|| {
        LoadError::Tls("this machine has no bundle of trusted certificates".to_owned())
    })
}
