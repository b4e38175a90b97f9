//! TLS whose other end is seen: a connector that keeps the digest of the key it ended with.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::sync::{Arc, Mutex};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
    StreamOwned,
};
use teeproof_core::{Bytes32, sha256};
use ureq::Error;
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

use crate::options::Trust;

/// Where the digest of the key is put that a connection ended with.
pub(crate) type SeenKey = Arc<Mutex<Option<Bytes32>>>;

/// The client's side of TLS 1.2 and 1.3, with the curves and ciphers of ring.
pub(crate) fn config(trust: &Trust) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous();
    let builder = match trust {
        Trust::AnyCertificate => {
            builder.with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        }
        Trust::WebPki { more_roots } => {
            let mut roots = RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            };
            for root in more_roots {
                roots
                    .add(CertificateDer::from(root.as_slice()))
                    .map_err(|error| format!("a root that was given is refused: {error}"))?;
            }
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| error.to_string())?;
            builder.with_custom_certificate_verifier(verifier)
        }
    };
    Ok(Arc::new(builder.with_no_client_auth()))
}

/// Accepts any certificate, of any name and age. The handshake is still signed with its key: a
/// relay cannot show a certificate whose key it does not have.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
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
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Wraps connections in TLS where the address wants it.
pub(crate) struct TlsConnector {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) seen: SeenKey,
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConnector")
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Ok(None);
        };
        if !details.needs_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let host = details.uri.host().unwrap_or_default();
        let name = ServerName::try_from(host.trim_start_matches('[').trim_end_matches(']'))
            .map_err(|_| Error::Tls("the host is no name that a certificate can have"))?
            .to_owned();
        let mut conn = ClientConnection::new(Arc::clone(&self.config), name)?;
        let mut sock = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        sock.set_timeout(left_of(details));
        while conn.is_handshaking() {
            conn.complete_io(&mut sock).map_err(handshake_error)?;
        }
        let key = conn
            .peer_certificates()
            .and_then(|chain| chain.first())
            .and_then(|leaf| ParsedCertificate::try_from(leaf).ok())
            .map(|leaf| sha256(leaf.subject_public_key_info().as_ref()));
        if let Ok(mut seen) = self.seen.lock() {
            *seen = key;
        }
        let buffers = LazyBuffers::new(
            details.config.input_buffer_size(),
            details.config.output_buffer_size(),
        );
        Ok(Some(Either::B(TlsTransport {
            buffers,
            stream: StreamOwned { conn, sock },
        })))
    }
}

/// What connecting has left over for the handshake.
fn left_of(details: &ConnectionDetails<'_>) -> NextTimeout {
    let mut timeout = details.timeout;
    let times = (timeout.after, (details.current_time)(), details.now);
    if let (Duration::Exact(limit), Instant::Exact(now), Instant::Exact(begun)) = times {
        let elapsed = now.saturating_duration_since(begun);
        timeout.after = Duration::Exact(limit.saturating_sub(elapsed));
    }
    timeout
}

/// What TLS itself says comes wrapped in an error of reading or writing.
fn handshake_error(error: std::io::Error) -> Error {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(tls) => Error::Rustls(tls.clone()),
        None => match Error::from(error) {
            Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Error::Tls("the connection ended during the handshake")
            }
            other => other,
        },
    }
}

/// What is said of a TLS connection that ends without being closed.
pub(crate) const CUT: &str = "the TLS connection was cut";

/// Of a body whose length is not announced, `ureq` takes an end of any kind for the end of the body.
/// Anybody on the way can end a connection, and nobody but the other end can close TLS.
fn cut(error: std::io::Error) -> Error {
    match Error::from(error) {
        Error::Io(error)
            if matches!(
                error.kind(),
                ErrorKind::UnexpectedEof
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::ConnectionReset
            ) =>
        {
            Error::Tls(CUT)
        }
        other => other,
    }
}

/// A TLS connection.
pub(crate) struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsTransport")
    }
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.sock.set_timeout(timeout);
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        self.stream.write_all(output)?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let amount = self
            .stream
            .read(self.buffers.input_append_buf())
            .map_err(cut)?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
