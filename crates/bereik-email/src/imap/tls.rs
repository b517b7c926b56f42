//! TLS with ring and the system's root certificates; nothing is installed for the process.

use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::config::{NO_CERTIFICATE, Server};
use crate::error::{ConfigError, ConfigErrorKind};

/// How TLS is spoken with a server: whom to trust.
pub(crate) fn client_config(server: &Server) -> Result<Arc<ClientConfig>, ConfigError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for pem in server.read_certificates()? {
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|_| NO_CERTIFICATE)?;
            roots.add(certificate).map_err(|_| NO_CERTIFICATE)?;
        }
    }
    let what = "the trusted certificates cannot be used";
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| ConfigError::new(ConfigErrorKind::Certificates, what))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
