//! Parallel pull: jobs come from one feed, run at the same time, and end in any order; the first error ends all. Knows
//! neither what a job is nor how many may run: the feed waits for that.

use std::future::Future;
use std::pin::pin;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Runs the jobs that `feed` sends, each in a task. A job notes its result by itself, before it lets another begin: one that
/// has ended, but was not seen here yet, would be forgotten when another fails. Dropping the future ends all tasks.
///
/// # Errors
/// The first of the feed or of a job; what is still running is dropped.
pub(crate) async fn pull<J, E, F, R>(feed: impl FnOnce(mpsc::Sender<J>) -> F, run: impl Fn(J) -> R) -> Result<(), E>
where
    J: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<(), E>>,
    R: Future<Output = Result<(), E>> + Send + 'static,
{
    let (sender, mut jobs) = mpsc::channel(1);
    let mut feed = pin!(feed(sender));
    let (mut is_fed, mut is_empty) = (false, false);
    let mut running = JoinSet::new();
    while !(is_fed && is_empty && running.is_empty()) {
        tokio::select! {
            biased;
            Some(ended) = running.join_next() => match ended {
                Ok(result) => result?,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // Tasks are only cancelled by dropping the set.
                Err(_) => {}
            },
            job = jobs.recv(), if !is_empty => match job {
                Some(job) => drop(running.spawn(run(job))),
                None => is_empty = true,
            },
            fed = &mut feed, if !is_fed => {
                fed?;
                is_fed = true;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    async fn feed_numbers(jobs: mpsc::Sender<u64>, count: u64) -> Result<(), String> {
        for number in 0..count {
            if jobs.send(number).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn all_jobs_run_side_by_side() {
        let start = tokio::time::Instant::now();
        let sum = Arc::new(AtomicUsize::new(0));
        let run = |number: u64| {
            let sum = Arc::clone(&sum);
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                sum.fetch_add(number as usize, Ordering::Relaxed);
                Ok(())
            }
        };
        pull(|jobs| feed_numbers(jobs, 100), run).await.unwrap();
        assert_eq!((sum.load(Ordering::Relaxed), start.elapsed().as_secs()), (4950, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_error_ends_all() {
        let running = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&running);
        let run = move |number| {
            let count = Arc::clone(&count);
            async move {
                if number == 5 {
                    return Err("five".to_owned());
                }
                count.fetch_add(1, Ordering::Relaxed);
                std::future::pending::<()>().await;
                Ok(())
            }
        };
        assert_eq!(pull(|jobs| feed_numbers(jobs, 1000), run).await, Err("five".to_owned()));
        assert!(running.load(Ordering::Relaxed) < 1000);
        let failing = |_: mpsc::Sender<u64>| async { Err("feed".to_owned()) };
        assert_eq!(pull(failing, |_| async { Ok(()) }).await, Err("feed".to_owned()));
    }
}
