//! The speed and the memory of the planner on large snapshots. `scripts/bench plan` runs it beside `DuckDB`.
//!
//! Where a figure begins: to give each name its number belongs to reading ([`Numbered`]), for worker and command alike,
//! and has a figure of its own. *Allocation* begins with the demands and the stock, numbered and not ranked, which is what
//! the database has in its tables too; the *whole plan* begins with the numbered snapshot; the *command* begins with a
//! file and ends with the plan written.
//!
//! `plan [--export DIR] [DEMANDS...]`: medians of 9 runs (3 above a million) for each number of demands, a tenth as many
//! items; with `--export` the same demands and stock as CSV files of whole numbers, for a database to allocate, the
//! figures, and one run of the command as a process of its own, over the same demands as a file of JSON.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a benchmark prints, and reads the clock"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use backorders::domain::plan::{Numbered, compact, measure};
use backorders::domain::policy::Policy;
use backorders::domain::quantity::Quantity;
use backorders::domain::snapshot::{Order, OrderLine, PriceTier, Snapshot, StockRow, VendorOffer};
use backorders::plan_command::{read_snapshot, run, write_json};
use jiff::civil::date;

/// Counts the bytes in use, to tell the memory of a plan.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// Off while time is measured: threads that count together wait for each other.
static COUNTS: AtomicBool = AtomicBool::new(false);

#[expect(unsafe_code, reason = "counting what the system's allocator hands out")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTS.load(Ordering::Relaxed) {
            let now = IN_USE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
            PEAK.fetch_max(now, Ordering::Relaxed);
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if COUNTS.load(Ordering::Relaxed) {
            IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        }
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs whose median is taken.
const fn runs(demands: usize) -> usize {
    if demands <= 1_000_000 { 9 } else { 3 }
}

fn main() {
    let mut export = None;
    let mut sizes: Vec<usize> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--export" => export = arguments.next(),
            "--command" => return command(Path::new(&arguments.next().unwrap())),
            "--bench" => {}
            number => sizes.push(number.parse().unwrap()),
        }
    }
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000, 1_000_000, 5_000_000];
    }
    for demands in sizes {
        let snapshot = snapshot(demands);
        let mut figures = bench(demands, &snapshot);
        if let Some(folder) = &export {
            write_csv(&snapshot, folder);
            let file = format!("{folder}/snapshot.json");
            std::fs::write(&file, serde_json::to_vec(&snapshot).unwrap()).unwrap();
            drop(snapshot);
            figures += &bench_command(demands, &file);
            std::fs::remove_file(file).unwrap();
            std::fs::write(format!("{folder}/figures"), figures).unwrap();
        }
    }
    bench_replan();
}

/// Prints what planning takes; the same as `name value` lines, times in milliseconds.
fn bench(demands: usize, snapshot: &Snapshot) -> String {
    let start = Instant::now();
    let numbered = Numbered::new(snapshot);
    let numbering = start.elapsed();
    let allocation = median(runs(demands), || {
        let unallocated = measure::Unallocated::new(&numbered);
        let start = Instant::now();
        black_box(unallocated.rank_and_allocate());
        start.elapsed()
    });
    let whole = median(runs(demands), || {
        let start = Instant::now();
        let planned = compact(&numbered);
        let took = start.elapsed();
        black_box(planned);
        took
    });
    IN_USE.store(0, Ordering::Relaxed);
    PEAK.store(0, Ordering::Relaxed);
    COUNTS.store(true, Ordering::Relaxed);
    let numbered = Numbered::new(snapshot);
    let planned = compact(&numbered);
    COUNTS.store(false, Ordering::Relaxed);
    let (peak, kept) = (PEAK.load(Ordering::Relaxed), IN_USE.load(Ordering::Relaxed));
    let bought = planned.purchase_orders().len();
    println!(
        "{demands} demands: names numbered {} ms, allocation {} ms, whole plan {} ms, {} purchase orders, \
         peak {} and plan {} bytes a demand",
        milliseconds(numbering),
        milliseconds(allocation),
        milliseconds(whole),
        bought,
        peak / demands,
        kept / demands,
    );
    drop(planned);
    let text = serde_json::to_vec(snapshot).unwrap();
    let start = Instant::now();
    let read = read_snapshot(&text).unwrap();
    let parsed = start.elapsed();
    let megabytes = text.len() / 1_000_000;
    drop(text);
    let numbered = Numbered::new(&read);
    let planned = compact(&numbered);
    let start = Instant::now();
    write_json(&planned, &mut std::io::sink()).unwrap();
    let printed = start.elapsed();
    println!(
        "{demands} demands as {megabytes} MB of JSON: read {} ms, print {} ms",
        milliseconds(parsed),
        milliseconds(printed)
    );
    let (allocation, whole) = (milliseconds(allocation), milliseconds(whole));
    format!("allocation {allocation}\nwhole {whole}\nbytes {}\n", peak / demands)
}

/// The command over a file as a process of its own: its time from start to end, and the most memory that it had at once.
fn bench_command(demands: usize, file: &str) -> String {
    let start = Instant::now();
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--command", file]).stdout(Stdio::null()).output().unwrap();
    let took = milliseconds(start.elapsed());
    let peak = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{peak}");
    let megabytes = peak.trim().parse::<usize>().unwrap() * 1024 / 1_000_000;
    println!("{demands} demands by the command: {took} ms, peak {megabytes} MB");
    format!("command {took}\npeak {megabytes}\n")
}

/// Runs the command, and tells the most memory that it had at once in kilobytes, as Linux counts it.
fn command(file: &Path) {
    let _ = run(Some(file), false);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    eprintln!("{}", peak.trim().trim_end_matches(" kB"));
}

/// The items of one order of ten lines, each wanted by ten orders, as the worker replans them.
fn bench_replan() {
    let snapshot = snapshot(100);
    let took = median(runs(100), || {
        let start = Instant::now();
        black_box(compact(&Numbered::new(black_box(&snapshot))));
        start.elapsed()
    });
    let holds = if took < Duration::from_millis(1) { "holds" } else { "MISSED" };
    println!("replan of the 10 items of an order, 100 demands: {} µs (aim under 1000 µs: {holds})", took.as_micros());
}

fn median(runs: usize, run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = std::iter::repeat_with(run).take(runs).collect();
    times.sort();
    times[runs / 2]
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}

/// Orders of one line, ten for each item; stock covers about two thirds of what is ordered.
fn snapshot(demands: usize) -> Snapshot {
    let items = (demands / 10).max(1);
    let names: Vec<backorders::domain::name::Name> = (0..items).map(|item| format!("ITEM-{item}").into()).collect();
    let warehouse: backorders::domain::name::Name = "MAIN".into();
    let mut random = Random(42);
    let orders = (0..demands)
        .map(|number| Order {
            id: format!("SO-{number}").into(),
            date: date(2026, 1, random.below(28) + 1),
            need_by: Some(date(2026, 2, random.below(28) + 1)),
            priority: i32::from(random.below(3)),
            customer: Some(format!("CUSTOMER-{}", number % 1000).into()),
            lines: vec![OrderLine {
                id: "1".into(),
                item: names[number % items].clone(),
                warehouse: Some(warehouse.clone()),
                ordered: Quantity::units(i64::from(random.below(20)) + 1),
                ..OrderLine::default()
            }],
            ..Order::default()
        })
        .collect();
    let stock = names.iter().map(|item| StockRow {
        item: item.clone(),
        warehouse: warehouse.clone(),
        on_hand: Quantity::units(i64::from(random.below(60)) + 40),
        held: Quantity::ZERO,
    });
    let stock = stock.collect();
    let vendors = names.iter().enumerate().map(|(index, item)| VendorOffer {
        item: item.clone(),
        vendor: format!("VENDOR-{}", index % 200).into(),
        lead_days: 7,
        currency: Some("EUR".into()),
        prices: vec![PriceTier { price: "2.5".parse().unwrap(), ..PriceTier::default() }],
        ..VendorOffer::default()
    });
    Snapshot {
        today: date(2026, 1, 5),
        policy: Policy::default(),
        stock,
        vendors: vendors.collect(),
        orders,
        ..Snapshot::default()
    }
}

/// A small generator of numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u8) -> i8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i8::try_from((self.0 >> 33) % u64::from(bound)).unwrap()
    }
}

fn write_csv(snapshot: &Snapshot, folder: &str) {
    let day = |date: jiff::civil::Date| i32::from(date.month()) * 31 + i32::from(date.day());
    let item = |name: &str| name.trim_start_matches("ITEM-").to_owned();
    let mut demands = String::from("item,priority,need_by,date,number,line,open\n");
    for (number, order) in snapshot.orders.iter().enumerate() {
        for line in &order.lines {
            let need_by = order.need_by.map_or(0, day);
            writeln!(
                demands,
                "{},{},{need_by},{},{number},1,{}",
                item(&line.item),
                order.priority,
                day(order.date),
                line.ordered
            )
            .unwrap();
        }
    }
    let mut stock = String::from("item,on_hand\n");
    for row in &snapshot.stock {
        writeln!(stock, "{},{}", item(&row.item), row.on_hand).unwrap();
    }
    std::fs::write(format!("{folder}/demands.csv"), demands).unwrap();
    std::fs::write(format!("{folder}/stock.csv"), stock).unwrap();
}
