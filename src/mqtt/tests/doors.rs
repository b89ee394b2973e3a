//! What a client can knock at: a way to a real broker that counts, and listeners that are none. And what the log says of it.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tracing::subscriber::DefaultGuard;

/// What is behind a door.
#[derive(Debug, Clone, Copy)]
pub(super) enum Behind {
    /// Whatever listens on this port.
    Port(u16),
    /// It closes at once.
    Nobody,
    /// It takes everything and never answers.
    Silence,
    /// It answers with this and goes on listening.
    Words(&'static [u8]),
    /// It answers with this and closes.
    Farewell(&'static [u8]),
}

/// A port that counts who comes.
pub(super) struct Door {
    pub(super) port: u16,
    entered: Arc<AtomicUsize>,
}

impl Door {
    pub(super) async fn to(behind: Behind) -> Self {
        Self::at("127.0.0.1", behind).await
    }

    pub(super) async fn at(address: &str, behind: Behind) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let entered = Arc::new(AtomicUsize::new(0));
        let count = entered.clone();
        tokio::spawn(async move {
            while let Ok((visitor, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(visitor, behind));
            }
        });
        Self { port, entered }
    }

    /// How many connections there were.
    pub(super) fn entered(&self) -> usize {
        self.entered.load(Ordering::SeqCst)
    }
}

async fn answer(mut visitor: TcpStream, behind: Behind) {
    let mut heard = [0; 1024];
    match behind {
        Behind::Port(port) => {
            let mut broker = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            // Either side may break it off; that is what is being tested.
            let _ = copy_bidirectional(&mut visitor, &mut broker).await;
        }
        Behind::Nobody => {}
        Behind::Silence => tokio::time::sleep(Duration::from_secs(60)).await,
        Behind::Words(words) => {
            let _ = visitor.read(&mut heard).await;
            let _ = visitor.write_all(words).await;
            while visitor.read(&mut heard).await.is_ok_and(|length| length > 0) {}
        }
        Behind::Farewell(words) => {
            let _ = visitor.read(&mut heard).await;
            let _ = visitor.write_all(words).await;
        }
    }
}

/// What is logged on this thread from info on, until it is dropped; so its test must run on one thread.
pub(super) struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    _guard: DefaultGuard,
}

impl Log {
    pub(super) fn listen() -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let sink = Sink(text.clone());
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::INFO)
            .with_ansi(false)
            .with_writer(move || sink.clone())
            .finish();
        Self { text, _guard: tracing::subscriber::set_default(subscriber) }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }
}

#[derive(Clone)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
