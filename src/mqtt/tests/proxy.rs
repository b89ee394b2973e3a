//! A bad network between the client and its broker.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Good,
    /// Each piece comes so much later.
    Slow(Duration),
    /// Whatever is said is swallowed; the connection stays.
    Swallows,
    /// The client's next piece is cut half-way, then the connection.
    CutsWhatIsSaid,
    /// The broker's next piece is cut half-way: it has heard the client, but the client cannot know.
    CutsTheAnswer,
    /// New connections break at once.
    Down,
}

/// Hands bytes on to a port, as well as its [`Line`] allows.
pub(super) struct Proxy {
    pub(super) port: u16,
    line: watch::Sender<Line>,
    cuts: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(super) async fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (line, cuts) = (watch::Sender::new(Line::Good), watch::Sender::new(()));
        let (now, cut) = (line.clone(), cuts.clone());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *now.borrow() != Line::Down {
                    tokio::spawn(connect(client, to, now.subscribe(), cut.subscribe()));
                }
            }
        });
        Self { port, line, cuts, task }
    }

    /// From now on the line is so.
    pub(super) fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// Breaks all connections.
    pub(super) fn cut(&self) {
        self.cuts.send_replace(());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.task.abort();
    }
}

async fn connect(client: TcpStream, to: u16, line: watch::Receiver<Line>, mut cut: watch::Receiver<()>) {
    let Ok(broker) = TcpStream::connect(("127.0.0.1", to)).await else { return };
    let (_, _) = (client.set_nodelay(true), broker.set_nodelay(true));
    let ((from_client, to_client), (from_broker, to_broker)) = (client.into_split(), broker.into_split());
    tokio::select! {
        () = carry(from_client, to_broker, line.clone(), Line::CutsWhatIsSaid) => {}
        () = carry(from_broker, to_client, line, Line::CutsTheAnswer) => {}
        _ = cut.changed() => {}
    }
}

/// Hands on what comes, until the end of it or the cut that is meant for this direction.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, line: watch::Receiver<Line>, cutting: Line) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let now = *line.borrow();
        let mut piece = &buffer[..length];
        match now {
            Line::Swallows => continue,
            Line::Slow(delay) => tokio::time::sleep(delay).await,
            _ if now == cutting => piece = &buffer[..length / 2],
            _ => {}
        }
        if to.write_all(piece).await.is_err() || now == cutting {
            return;
        }
    }
}
