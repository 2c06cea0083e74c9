//! Between the workers and PostgreSQL: a proxy that cuts connections, also just before, at and after a COMMIT. And
//! between the ERP and the workers: what spreads hooks over them.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream, UnixStream, unix};
use tokio::sync::watch;

/// What happens to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It never reaches the server: rolled back.
    Before,
    /// It is sent, and the connection closed at once: the client cannot know.
    Sent,
    /// It is done, and the client does not hear of it.
    Done,
}

/// What the proxy is told to cut.
#[derive(Debug)]
pub(crate) struct Cuts {
    /// Counts the times that everything is cut.
    all: watch::Sender<u64>,
    commits: Mutex<VecDeque<Cut>>,
    /// How many commits were cut: before, sent, done.
    pub(crate) struck: [AtomicUsize; 3],
}

impl Cuts {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { all: watch::Sender::new(0), commits: Mutex::default(), struck: Default::default() })
    }

    /// Closes every connection now.
    pub(crate) fn everything(&self) {
        self.all.send_modify(|times| *times += 1);
    }

    /// Cuts the next commit so.
    pub(crate) fn next_commit(&self, cut: Cut) {
        self.commits.lock().unwrap_or_else(PoisonError::into_inner).push_back(cut);
    }

    pub(crate) fn spare(&self) {
        self.commits.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn take(&self) -> Option<Cut> {
        let cut = self.commits.lock().unwrap_or_else(PoisonError::into_inner).pop_front()?;
        self.struck[cut as usize].fetch_add(1, Ordering::Relaxed);
        Some(cut)
    }
}

/// Takes connections for the PostgreSQL that listens on `socket`, for ever.
pub(crate) async fn to_postgres(listener: TcpListener, socket: PathBuf, cuts: Arc<Cuts>) {
    while let Ok((mut client, _)) = listener.accept().await {
        let (socket, cuts) = (socket.clone(), cuts.clone());
        tokio::spawn(async move {
            let mut all = cuts.all.subscribe();
            let Ok(mut server) = UnixStream::connect(&socket).await else { return };
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            let (swallow, swallowing) = watch::channel(false);
            tokio::select! {
                () = requests(from_client, to_server, &cuts, &swallow) => {}
                () = answers(from_server, to_client, &swallowing) => {}
                _ = all.changed() => {}
            }
        });
    }
}

/// Passes the client's messages on, each whole, until the connection ends or a commit is cut.
async fn requests(mut from: ReadHalf<'_>, mut to: unix::WriteHalf<'_>, cuts: &Cuts, swallow: &watch::Sender<bool>) {
    let (mut waiting, mut begun) = (Vec::new(), false);
    while from.read_buf(&mut waiting).await.is_ok_and(|read| read > 0) {
        while let Some(length) = message_length(&waiting, begun) {
            let message: Vec<u8> = waiting.drain(..length).collect();
            let is_commit = begun && message.starts_with(b"Q") && message[5..].starts_with(b"COMMIT");
            begun = true;
            let cut = if is_commit { cuts.take() } else { None };
            if cut == Some(Cut::Done) {
                swallow.send_replace(true);
            }
            if cut == Some(Cut::Before) || to.write_all(&message).await.is_err() || cut == Some(Cut::Sent) {
                return;
            }
        }
    }
}

/// The length of the first message, once all of it is there. The very first one has no type.
fn message_length(bytes: &[u8], begun: bool) -> Option<usize> {
    let at = usize::from(begun);
    let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize + at;
    (bytes.len() >= length).then_some(length)
}

/// Passes the server's answers on, or hears the next one and keeps it.
async fn answers(mut from: unix::ReadHalf<'_>, mut to: WriteHalf<'_>, swallowing: &watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 || *swallowing.borrow() || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// Spreads connections over these ports of this machine, by turns; one that does not answer is passed over.
pub(crate) async fn to_either(listener: TcpListener, ports: Vec<u16>) {
    let mut turn = 0;
    while let Ok((mut client, _)) = listener.accept().await {
        turn += 1;
        let ports: Vec<u16> = (0..ports.len()).map(|next| ports[(turn + next) % ports.len()]).collect();
        tokio::spawn(async move {
            for port in ports {
                if let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await {
                    // either side may go at any time: that is what is tried
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    return;
                }
            }
        });
    }
}
