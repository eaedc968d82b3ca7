//! Draws the charts of the README, as SVG, from the figures that were kept. Knows no measurement.

use std::fmt::Write;
use std::fs;

use super::results::Results;
use crate::{Failure, Outcome, workspace};

/// The cases of the chart, and what readers call them. boto3, at some fifty times the cost, would leave nothing to see.
const CALLS: [(&str, &str); 4] = [
    ("get1k", "S3 GetObject, 1 KiB"),
    ("put1k", "S3 PutObject, 1 KiB"),
    ("sqs_send", "SQS SendMessage"),
    ("ddb_getitem", "DynamoDB GetItem"),
];
const OMITTED: &str = "boto3";

/// Lengths in pixels.
const WIDTH: f64 = 720.0;
const LABELS: f64 = 150.0;
const VALUES: f64 = 70.0;
const BAR: f64 = 18.0;
const GAP: f64 = 14.0;

/// Bars under a heading.
type Group = (String, Vec<(String, f64)>);

/// Writes both charts.
pub(super) fn run() -> Outcome {
    let results = Results::load()?;
    let calls: Vec<Group> = CALLS
        .iter()
        .map(|(case, title)| {
            let bars = results.call(case).into_iter().filter(|it| it.0 != OMITTED).collect();
            ((*title).to_string(), bars)
        })
        .collect();
    let builds = results.builds();
    let time = builds.iter().map(|(name, build)| (name.clone(), build.debug_cpu)).collect();
    let size = builds.iter().map(|(name, build)| (name.clone(), build.bytes as f64 / 1e6)).collect();
    let compile = [("clean debug build, CPU s".to_string(), time), ("stripped release binary, MB".to_string(), size)];
    write("call.svg", "CPU time of a call, µs", &calls)?;
    write("compile.svg", "A program that lists buckets", &compile)
}

fn write(name: &str, title: &str, groups: &[Group]) -> Outcome {
    if groups.iter().any(|it| it.1.is_empty()) {
        return Err(Failure::Found(format!("{name}: no figures were kept: run `cargo xtask bench --record` before")));
    }
    let path = workspace::root().join("tests/bench/charts").join(name);
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(&path, chart(title, groups))?;
    println!("{}", path.display());
    Ok(())
}

/// A chart of horizontal bars. Each group has a scale of its own, from zero.
fn chart(title: &str, groups: &[Group]) -> String {
    let mut body = String::new();
    let mut y = 30.0;
    for (heading, bars) in groups {
        y += GAP;
        let _ = writeln!(body, "<text class=\"h\" x=\"0\" y=\"{:.0}\">{}</text>", y + 4.0, escaped(heading));
        y += 12.0;
        let most = bars.iter().map(|it| it.1).fold(f64::MIN_POSITIVE, f64::max);
        for (name, value) in bars {
            let length = (WIDTH - LABELS - VALUES) * value / most;
            let class = if name.starts_with("ours") { "o" } else { "p" };
            let middle = y + BAR - 5.0;
            let _ = writeln!(
                body,
                "<text x=\"{:.0}\" y=\"{middle:.0}\" text-anchor=\"end\">{}</text>\
                 <rect class=\"{class}\" x=\"{LABELS:.0}\" y=\"{y:.0}\" width=\"{length:.1}\" height=\"{:.0}\"/>\
                 <text x=\"{:.0}\" y=\"{middle:.0}\">{value:.1}</text>",
                LABELS - 8.0,
                escaped(&name.replacen("ours", "this SDK", 1)),
                BAR - 4.0,
                LABELS + length + 6.0,
            );
            y += BAR;
        }
    }
    let style = "text{font:12px sans-serif;fill:#1f2328}.t{font-size:15px;font-weight:600}.h{font-weight:600}.o{fill:#1f6feb}\
                 .p{fill:#8c959f}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}";
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {WIDTH:.0} \
         {height:.0}\">\n<style>{style}</style>\n<text class=\"t\" x=\"0\" y=\"18\">{}</text>\n{body}</svg>\n",
        escaped(title),
        height = y + GAP,
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_of_a_group_is_as_wide_as_the_chart() {
        let groups = [("a & b".to_string(), vec![("ours".to_string(), 5.0), ("peer".to_string(), 10.0)])];
        let chart = chart("t", &groups);
        assert!(chart.contains("<rect class=\"p\" x=\"150\" y=\"74\" width=\"500.0\""), "{chart}");
        assert!(chart.contains("<rect class=\"o\" x=\"150\" y=\"56\" width=\"250.0\""), "{chart}");
        assert!(chart.contains("a &amp; b"), "{chart}");
    }
}
