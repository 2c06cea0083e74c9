//! How many statements one event costs: the same, however many orders share its item.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backorders::db;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_postgres::config::Host;

use crate::support::shop::Shop;

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";
/// Open orders of one item: enough that a statement for each of them would be seen.
const MANY: usize = 12;
/// One event in all, to the last look that finds nothing: claims, reading, plans, purchase order, mark. It was 353.
const MOST: usize = 450;

/// Where the statements pass that are counted.
struct Counter {
    url: String,
    statements: Arc<AtomicUsize>,
}

impl Counter {
    /// Passes everything on to the server of `url` and counts what it is asked to parse.
    async fn before(url: &str) -> Self {
        let config: tokio_postgres::Config = url.parse().unwrap();
        let Some(Host::Unix(folder)) = config.get_hosts().first().cloned() else { panic!("{url}: not a socket") };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let socket = folder.join(format!(".s.PGSQL.{port}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!(
            "postgresql://{}@{}/{}",
            config.get_user().unwrap(),
            listener.local_addr().unwrap(),
            config.get_dbname().unwrap()
        );
        let statements = Arc::new(AtomicUsize::new(0));
        let counted = statements.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(pass(client, server, counted.clone()));
            }
        });
        Self { url: own, statements }
    }

    /// Since the last time.
    fn take(&self) -> usize {
        self.statements.swap(0, Ordering::SeqCst)
    }
}

/// Passes whole messages on; what the client says first has no type. Ends with either side.
async fn pass(client: TcpStream, server: UnixStream, statements: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut first = true;
    let asked = async {
        loop {
            let kind = if first { None } else { Some(from_client.read_u8().await?) };
            let length = from_client.read_u32().await?;
            let mut body = vec![0; usize::try_from(length).unwrap() - 4];
            from_client.read_exact(&mut body).await?;
            if let Some(kind) = kind {
                statements.fetch_add(usize::from(kind == b'P'), Ordering::SeqCst);
                to_server.write_u8(kind).await?;
            }
            to_server.write_u32(length).await?;
            to_server.write_all(&body).await?;
            first = false;
        }
    };
    let ended: std::io::Result<()> = asked.await;
    drop(ended);
    answers.abort();
}

#[tokio::test]
async fn an_event_costs_as_many_statements_with_many_open_orders_of_its_item_as_with_one() {
    let shop = Shop::open(Mode::Automatic).await;
    let counter = Counter::before(&shop.database.url()).await;
    let pool = db::pool(&counter.url, db::PoolLimits::default()).unwrap();
    let worker = shop.worker_on(&pool);
    let one = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.event(std::slice::from_ref(&one)).await;
    counter.take();
    shop.work_with(&worker).await;
    let alone = counter.take();

    for _ in 0..MANY {
        let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 2)]).await;
        shop.event(std::slice::from_ref(&sale)).await;
    }
    shop.sweep().await;
    shop.sweep().await;
    let last = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 3)]).await;
    shop.event(std::slice::from_ref(&last)).await;
    counter.take();
    shop.work_with(&worker).await;
    let among_many = counter.take();
    println!("{alone} statements for an event with one open order, {among_many} among {MANY}");
    assert!(alone <= MOST, "{alone} statements");
    assert!(among_many < alone + MANY / 2, "{alone} statements alone, {among_many} among {MANY}");
}
