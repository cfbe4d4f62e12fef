//! Whether a TCP port of a machine answers. The one connection outside `cloud-http`: nothing is sent, and nothing read.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};

use cloud_http::{Exit, Refusal};
use tokio::{net::TcpStream, time::timeout};

pub enum Dialled {
    Connected,
    /// The machine is reached, and nothing listens there.
    Refused,
    Unreachable(io::Error),
    /// No answer within the limit.
    Silent,
}

/// A guest reports its own addresses and a tenant chooses those of networks, so the rules for clouds hold for machines
/// too: an address that they refuse is not connected to.
pub async fn dial(exit: &Exit, address: SocketAddr, limit: Duration) -> Result<Dialled, Refusal> {
    exit.check(address.ip())?;
    Ok(match timeout(limit, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Dialled::Connected,
        Ok(Err(err)) if err.kind() == ErrorKind::ConnectionRefused => Dialled::Refused,
        Ok(Err(err)) => Dialled::Unreachable(err),
        Err(_) => Dialled::Silent,
    })
}
