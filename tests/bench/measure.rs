//! Times several tasks in alternation, so that all run under the same conditions. Prints times; enforces no limit.

use std::time::{Duration, Instant};

/// Runs every task once per round. Prints each task's best time, its median, and the ratio of its median to the last
/// task's.
pub fn alternating(rounds: usize, tasks: &mut [(&str, &mut dyn FnMut())]) {
    let mut times = vec![Vec::new(); tasks.len()];
    for _ in 0..rounds {
        for ((_, task), times) in tasks.iter_mut().zip(&mut times) {
            let start = Instant::now();
            task();
            times.push(start.elapsed());
        }
    }
    times.iter_mut().for_each(|it| it.sort());
    let median = |it: &[Duration]| it[it.len() / 2].as_secs_f64();
    let last = times.last().map_or(1.0, |it| median(it));
    for ((name, _), times) in tasks.iter().zip(&times) {
        let (best, median) = (times[0].as_secs_f64(), median(times));
        // Short tasks to a tenth of a microsecond.
        let digits = usize::from(median < 1e-4);
        let (best, median, ratio) = (best * 1e6, median * 1e6, median / last);
        println!("{name:<36} best {best:>6.digits$} µs, median {median:>6.digits$} µs, ratio {ratio:.2}");
    }
}
