//! One connection of a client, so that a fault can cut it.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

use actix_web::dev::Extensions;

/// A second handle on the socket of a connection.
#[derive(Debug)]
pub(super) struct Connection(TcpStream);

impl Connection {
    /// Keeps a handle on each new connection.
    pub(super) fn keep(connection: &dyn Any, data: &mut Extensions) {
        if let Some(stream) = connection.downcast_ref::<tokio::net::TcpStream>()
            && let Ok(handle) = stream.as_fd().try_clone_to_owned()
        {
            data.insert(Self(TcpStream::from(handle)));
        }
    }

    pub(super) fn cut(&self) {
        // It may be closed already, which is as well.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}
