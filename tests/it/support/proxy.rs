//! A way to a host over which every byte passes, and which can lose an answer.

use std::net::SocketAddr;
use std::str::FromStr as _;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Notify;
use tokio_postgres::config::Host;

/// Loses the answers to requests whose first line has these words.
#[derive(Debug, Default)]
struct Plan {
    lose: Mutex<Option<String>>,
    lost: Notify,
}

impl Plan {
    /// True once for a request that is meant.
    fn is_to_lose(&self, line: &str) -> bool {
        let mut lose = self.lose.lock().unwrap();
        let is_meant = lose.as_ref().is_some_and(|words| line.contains(words.as_str()));
        if is_meant {
            *lose = None;
        }
        is_meant
    }
}

/// Listens on loopback and passes on to one address.
#[derive(Debug)]
pub struct Proxy {
    pub address: SocketAddr,
    plan: Arc<Plan>,
}

impl Proxy {
    pub async fn start(to: SocketAddr) -> Self {
        Self::before(move || TcpStream::connect(to)).await
    }

    /// Before a program whose address is known once it runs, and another whenever it is started again.
    pub async fn before_program(at: Arc<Mutex<Option<SocketAddr>>>) -> Self {
        let connect = move || {
            let to = *at.lock().unwrap();
            async move { TcpStream::connect(to.ok_or(std::io::ErrorKind::NotConnected)?).await }
        };
        Self::before(connect).await
    }

    /// Before a database of this machine's server, which listens on a socket; with the database's address by this way.
    pub async fn before_database(url: &str) -> (Self, String) {
        let config = tokio_postgres::Config::from_str(url).unwrap();
        let [Host::Unix(folder)] = config.get_hosts() else { panic!("the server is not reached by a socket") };
        let path = folder.join(".s.PGSQL.5432");
        let proxy = Self::before(move || UnixStream::connect(path.clone())).await;
        let by = format!("postgresql://postgres@{}/{}", proxy.address, config.get_dbname().unwrap());
        (proxy, by)
    }

    async fn before<H, C>(connect: impl Fn() -> C + Send + 'static) -> Self
    where
        H: AsyncRead + AsyncWrite + Send + 'static,
        C: Future<Output = std::io::Result<H>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let plan: Arc<Plan> = Arc::default();
        let shared = plan.clone();
        tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                tokio::spawn(pass(from, connect(), shared.clone()));
            }
        });
        Self { address, plan }
    }

    /// The next answer to a request to a path with these words does not arrive.
    pub fn lose_answer(&self, words: &str) {
        *self.plan.lose.lock().unwrap() = Some(words.to_owned());
    }

    /// Waits until an answer was lost: the host has done what was asked.
    pub async fn lost(&self) {
        self.plan.lost.notified().await;
    }
}

async fn pass<H: AsyncRead + AsyncWrite>(
    from: TcpStream,
    host: impl Future<Output = std::io::Result<H>>,
    plan: Arc<Plan>,
) {
    let Ok(host) = host.await else { return };
    let (mut from_read, mut from_write) = from.into_split();
    let (mut host_read, mut host_write) = tokio::io::split(host);
    let losing = Arc::new(Mutex::new(false));
    let ask = {
        let (plan, losing) = (plan.clone(), losing.clone());
        async move {
            let mut part = vec![0; 64 << 10];
            while let Ok(count @ 1..) = from_read.read(&mut part).await {
                let line = part[..count].split(|byte| *byte == b'\r').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line).into_owned();
                if plan.is_to_lose(&line) {
                    *losing.lock().unwrap() = true;
                }
                if host_write.write_all(&part[..count]).await.is_err() {
                    break;
                }
            }
        }
    };
    let answer = async move {
        let mut part = vec![0; 64 << 10];
        while let Ok(count @ 1..) = host_read.read(&mut part).await {
            if *losing.lock().unwrap() {
                plan.lost.notify_one();
                // Neither an answer nor an end: as a dead network is.
                std::future::pending::<()>().await;
            }
            if from_write.write_all(&part[..count]).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(ask, answer);
}
