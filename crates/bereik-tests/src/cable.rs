//! A loopback connection that a test can cut and mend: what a real network does to a WebSocket.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A forwarder to a server, whose connections end at once when it is cut.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use bereik_tests::cable::Cable;
/// use tokio::io::AsyncReadExt;
/// use tokio::net::{TcpListener, TcpStream};
///
/// let server = TcpListener::bind("127.0.0.1:0").await?;
/// let cable = Cable::lay(server.local_addr()?).await?;
/// let mut client = TcpStream::connect(cable.address()).await?;
/// let _peer = server.accept().await?;
///
/// cable.cut();
/// assert_eq!(client.read(&mut [0; 1]).await.unwrap_or(0), 0, "the connection has ended");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Cable {
    address: SocketAddr,
    whole: watch::Sender<bool>,
    forwarder: JoinHandle<()>,
}

impl Cable {
    /// Listens on a free port of loopback and forwards every connection to `server`.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn lay(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (whole, watched) = watch::channel(true);
        let forwarder = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *watched.borrow() {
                    tokio::spawn(forward(client, server, watched.clone()));
                }
            }
        });
        Ok(Self {
            address,
            whole,
            forwarder,
        })
    }

    /// Where clients connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every connection, and each new one as soon as it is made.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets new connections through again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.forwarder.abort();
    }
}

async fn forward(mut client: TcpStream, server: SocketAddr, mut whole: watch::Receiver<bool>) {
    let carry = async {
        if let Ok(mut upstream) = TcpStream::connect(server).await {
            // However the copying ends, both ends are closed by it.
            let _ = copy_bidirectional(&mut client, &mut upstream).await;
        }
    };
    tokio::select! {
        () = carry => {}
        _ = whole.wait_for(|whole| !whole) => {}
    }
}
