//! Stands between a client and a server, and ends each connection after so many bytes.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Where to connect to in place of the server's port.
pub(crate) async fn start(server: u16, bytes: u64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, server, bytes));
        }
    });
    port
}

async fn carry(client: TcpStream, server: u16, bytes: u64) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let up = tokio::io::copy(&mut from_client, &mut to_server);
    let mut some = limited(from_server, bytes);
    let down = tokio::io::copy(&mut some, &mut to_client);
    tokio::select! {
        _ = up => {}
        _ = down => {}
    }
    // What is still on the way is not waited for: so does a connection break.
    let _ = to_client.shutdown().await;
}

fn limited(stream: impl AsyncRead + Unpin, bytes: u64) -> impl AsyncRead + Unpin {
    stream.take(bytes)
}
