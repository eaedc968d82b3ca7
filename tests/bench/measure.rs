//! Several works timed in turn, so that all see the same machine. Prints; judges nothing.

use std::time::{Duration, Instant};

/// Runs every work in each of the rounds, and prints the best time, the median, and the ratio of its median to the last's.
pub fn in_turn(rounds: usize, works: &mut [(&str, &mut dyn FnMut())]) {
    let mut times = vec![Vec::new(); works.len()];
    for _ in 0..rounds {
        for ((_, work), times) in works.iter_mut().zip(&mut times) {
            let start = Instant::now();
            work();
            times.push(start.elapsed());
        }
    }
    times.iter_mut().for_each(|it| it.sort());
    let median = |it: &[Duration]| it[it.len() / 2].as_secs_f64();
    let last = times.last().map_or(1.0, |it| median(it));
    for ((name, _), times) in works.iter().zip(&times) {
        let (best, median) = (times[0].as_secs_f64(), median(times));
        // Short works to a tenth of a microsecond.
        let digits = usize::from(median < 1e-4);
        let (best, median, ratio) = (best * 1e6, median * 1e6, median / last);
        println!("{name:<36} best {best:>6.digits$} µs, median {median:>6.digits$} µs, ratio {ratio:.2}");
    }
}
