//! Sets up TLS: whose certificates are trusted, and which version of HTTP is asked for.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::plan::{Http, LoadError, Target, Trusted};
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
    let config = config(&tls.trusted)?;
    let host = target.address.rsplit_once(':').map_or(target.address.as_str(), |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = named(tls.server_name.as_deref().unwrap_or(host))?;
    Ok(Some(Secure { config: Arc::new(config), name }.offering(&[target.http])))
}

/// A client that takes the certificates that are `trusted`, and asks for no version of HTTP yet.
pub(crate) fn config(trusted: &Trusted) -> Result<ClientConfig, LoadError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| LoadError::Tls(error.to_string()))?;
    let builder = match trusted {
        Trusted::Machine => builder.with_root_certificates(machine_roots()?),
        Trusted::Only(pem) => builder.with_root_certificates(roots(pem)?),
        Trusted::Anybody => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        }
    };
    Ok(builder.with_no_client_auth())
}

/// The name of a server as it has to stand in its certificate.
pub(crate) fn named(name: &str) -> Result<ServerName<'static>, LoadError> {
    ServerName::try_from(name.to_owned())
        .map_err(|_| LoadError::Tls(format!("`{name}` is no name of a server")))
}

impl Secure {
    /// The same, asking for one of these versions of HTTP, the dearest first.
    pub(crate) fn offering(&self, versions: &[Http]) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = versions
            .iter()
            .map(|version| match version {
                Http::One => b"http/1.1".to_vec(),
                Http::Two => b"h2".to_vec(),
            })
            .collect();
        Self { config: Arc::new(config), name: self.name.clone() }
    }
}

/// Takes any certificate; that the other side holds its key is still seen.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The certificates in a bundle of the machine's, which may hold one that cannot be used: that is no reason to trust none.
fn machine_roots() -> Result<RootCertStore, LoadError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bundle()?) {
        let _unusable = roots.add(certificate.map_err(|error| LoadError::Tls(error.to_string()))?);
    }
    some(roots)
}

fn roots(pem: &[u8]) -> Result<RootCertStore, LoadError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        certificate
            .map_err(|error| LoadError::Tls(error.to_string()))
            .and_then(|one| roots.add(one).map_err(|error| LoadError::Tls(error.to_string())))?;
    }
    some(roots)
}

fn some(roots: RootCertStore) -> Result<RootCertStore, LoadError> {
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
