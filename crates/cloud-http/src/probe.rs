use std::net::SocketAddr;

use tokio::{net::TcpStream, sync::OwnedSemaphorePermit};
use url::Url;

use crate::{CertificateFacts, Client, HttpError, TrustedBy, client::check_url, connect::handshake};

/// A connection that is made step by step without sending a request: for reports that tell the steps apart. To be
/// called in their order.
pub struct Probe {
    client: Client,
    url: Url,
    addresses: Vec<SocketAddr>,
    stream: Option<TcpStream>,
    /// A place among the calls of the account, from the first step on.
    permit: Option<OwnedSemaphorePermit>,
}

impl Client {
    pub fn probe(&self, url: &Url) -> Probe {
        Probe { client: self.clone(), url: url.clone(), addresses: Vec::new(), stream: None, permit: None }
    }
}

impl Probe {
    /// The addresses of the host, all of which pass the rules.
    pub async fn resolve(&mut self) -> Result<&[SocketAddr], HttpError> {
        check_url(&self.url)?;
        self.permit = Some(self.client.permit(&self.url).await?);
        self.addresses = self.client.exit.resolve(&self.url).await?;
        Ok(&self.addresses)
    }

    pub async fn connect(&mut self) -> Result<(), HttpError> {
        self.stream = Some(self.client.exit.connect(&self.url, &self.addresses).await?);
        Ok(())
    }

    /// The certificate that was shown, and why it is accepted.
    pub async fn handshake(&mut self) -> Result<(CertificateFacts, TrustedBy), HttpError> {
        let Some(stream) = self.stream.take() else {
            return Err(HttpError::Url("there is no connection to shake hands on".to_owned()));
        };
        handshake(&self.client.tls, &self.url, stream).await.map(|(_, facts, by)| (facts, by))
    }
}
