//! What all drivers share: the arguments, the loop over one operation, and the line of JSON with what it cost. Knows
//! neither the clients nor the requests' meaning.
//!
//! ```text
//! driver CASE URL OPERATIONS TASKS [FILE]
//! ```
//!
//! One task runs on a current-thread runtime; several, and transfers, on one with a thread for each core. The loop runs after
//! a warm-up, and only the loop counts, except for `start`, where the whole process does.

pub mod request;
pub mod transfer;

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::time::TimeValLike;

/// Whatever made an operation fail.
pub type AnyError = Box<dyn Error + Send + Sync>;
/// An operation in progress; its output is how much it read or wrote, in units of the case.
pub type Running = Pin<Box<dyn Future<Output = Result<u64, AnyError>> + Send>>;
/// An operation that can be repeated.
pub type Operation = Arc<dyn Fn() -> Running + Send + Sync>;

/// The arguments of a driver.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// The name of the case.
    pub case: String,
    /// The URL of the server, without a slash at its end.
    pub url: String,
    /// How often the operation runs.
    pub operations: u64,
    /// How many tasks share the operations.
    pub tasks: u64,
    /// The file to upload; downloads are written beside it.
    pub file: String,
}

impl Arguments {
    fn read() -> Result<Self, AnyError> {
        let mut arguments = std::env::args().skip(1);
        let mut next = |what: &str| arguments.next().ok_or_else(|| format!("no {what}"));
        Ok(Self {
            case: next("case")?,
            url: next("URL")?,
            operations: next("number of operations")?.parse()?,
            tasks: next("number of tasks")?.parse::<u64>()?.max(1),
            file: next("file").unwrap_or_default(),
        })
    }

    /// Operations before those that count; none before a single one, such as the start of a program.
    fn warm_up(&self) -> u64 {
        if self.operations == 1 { 0 } else { (self.operations / 20).max(self.tasks) }
    }
}

/// Makes an operation of a closure.
pub fn operation<F>(run: impl Fn() -> F + Send + Sync + 'static) -> Option<Operation>
where
    F: Future<Output = Result<u64, AnyError>> + Send + 'static,
{
    Some(Arc::new(move || Box::pin(run())))
}

/// The main function of a driver. `prepare` makes a client, and returns the operation of the case, or `None` if the client
/// has no such operation.
pub fn main<F: Future<Output = Result<Option<Operation>, AnyError>>>(
    prepare: impl FnOnce(Arguments) -> F,
) -> Result<(), AnyError> {
    let arguments = Arguments::read()?;
    // As many connections as there are tasks. Not for one task, where the call costs as much as the start of a program.
    if arguments.tasks > 1 {
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    let mut builder = match arguments.tasks {
        1 if !transfer::is_transfer(&arguments.case) => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = builder.enable_all().build()?;
    let operation = runtime.block_on(prepare(arguments.clone()))?.ok_or("this client has no such case")?;
    runtime.block_on(repeat(&operation, arguments.warm_up(), arguments.tasks))?;
    let before = if arguments.case == "start" { 0 } else { cpu_microseconds()? };
    let mut units = Ok(0);
    let allocations = count_allocations(|| {
        units = runtime.block_on(repeat(&operation, arguments.operations, arguments.tasks));
    });
    let cpu = cpu_microseconds()? - before;
    let (units, memory) = (units?, peak_memory()?);
    let all = arguments.warm_up() + arguments.operations;
    println!(
        "{{\"cpu_us\":{cpu},\"units\":{units},\"peak_kb\":{memory},\"allocations\":{allocations},\"all_operations\":{all}}}"
    );
    Ok(())
}

/// Runs the operation `count` times, shared by the tasks. Returns the units of all.
async fn repeat(operation: &Operation, count: u64, tasks: u64) -> Result<u64, AnyError> {
    let share = |task: u64| count / tasks + u64::from(task < count % tasks);
    if tasks == 1 {
        return in_turn(operation.clone(), count).await;
    }
    let running: Vec<_> = (0..tasks).map(|task| tokio::spawn(in_turn(operation.clone(), share(task)))).collect();
    let mut units = 0;
    for task in running {
        units += task.await??;
    }
    Ok(units)
}

async fn in_turn(operation: Operation, count: u64) -> Result<u64, AnyError> {
    let mut units = 0;
    for _ in 0..count {
        units += operation().await?;
    }
    Ok(units)
}

/// CPU time of this process so far, user and system.
fn cpu_microseconds() -> Result<i64, AnyError> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    Ok(usage.user_time().num_microseconds() + usage.system_time().num_microseconds())
}

/// The peak of resident memory, in kB: Linux's own figure where there is one, since `max_rss` includes that of the process
/// which started this one.
fn peak_memory() -> Result<u64, AnyError> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
    Ok(peak.unwrap_or(getrusage(UsageWho::RUSAGE_SELF)?.max_rss().unsigned_abs()))
}

/// Runs `work`. Returns how often this thread allocated; 0 without the feature `allocations`.
fn count_allocations(work: impl FnOnce()) -> u64 {
    #[cfg(feature = "allocations")]
    return allocation_counter::measure(work).count_total;
    #[cfg(not(feature = "allocations"))]
    {
        work();
        0
    }
}
