//! A connection to a server that a test can have swallow what goes over it, cut, and mend.

use std::net::Ipv4Addr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq)]
enum State {
    Cut,
    Swallows,
    Whole,
}

pub(crate) struct Wire {
    pub(crate) port: u16,
    state: watch::Sender<State>,
}

impl Wire {
    pub(crate) async fn lay(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (state, watched) = watch::channel(State::Whole);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, watched.clone()));
            }
        });
        Self { port, state }
    }

    /// From now on nothing arrives, and nobody is told.
    pub(crate) fn swallow(&self) {
        self.state.send_replace(State::Swallows);
    }

    /// Ends every connection, and each new one as soon as it is made.
    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    pub(crate) fn mend(&self) {
        self.state.send_replace(State::Whole);
    }
}

async fn carry(client: TcpStream, server: u16, state: watch::Receiver<State>) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut watched = state.clone();
    let cut = watched.wait_for(|state| *state == State::Cut);
    tokio::select! {
        () = copy(from_client, to_server, state.clone()) => {}
        () = copy(from_server, to_client, state) => {}
        _ = cut => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    state: watch::Receiver<State>,
) {
    let mut buffer = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let swallows = *state.borrow() == State::Swallows;
        if !swallows && to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
