//! What transfers cost on loopback, in CPU seconds for each GiB and in peak memory, beside a bare ranged loop of as many
//! requests over hyper that puts the bytes into the same place: nowhere, memory that is new to the process, a file. Each
//! case is a process of its own, and the server another. Prints ratios; enforces no limit.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};
use std::sync::Arc;

use aws_core::config::ChecksumMode;
use aws_core::{Credentials, Session};
use aws_s3_transfer::{Source, Target, Transfers, Verdict};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::rt::TokioExecutor;
use tokio::io::AsyncReadExt;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;
const PART: u64 = 8 * MIB;
/// Requests in flight, here and in the bare loop.
const CONCURRENCY: usize = 8;
const ROUNDS: usize = 5;
const SIZE: u64 = 2 * GIB;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|it| it == "--case") {
        Some(at) if arguments[at + 1] == "server" => serve(),
        Some(at) => case(&arguments[at + 1], &arguments[at + 2]),
        None => compare(),
    }
}

/// Runs all cases in turn, and prints the best of each.
fn compare() {
    let me = std::env::current_exe().expect("a path");
    let mut server = Command::new(&me).args(["--case", "server"]).stdout(Stdio::piped()).spawn().expect("a process");
    let mut url = String::new();
    BufReader::new(server.stdout.take().expect("a pipe")).read_line(&mut url).expect("a line");
    let pairs = [
        ("down-writer", "bare-down"),
        ("down-memory", "bare-down-memory"),
        ("down-file", "bare-down-file"),
        ("up-file", "bare-up"),
        ("up-bytes", "bare-up"),
        ("down-8gib-128mib", ""),
        ("up-8gib-128mib", ""),
        ("many", ""),
    ];
    let run = |name: &str| {
        let output = Command::new(&me).args(["--case", name, url.trim()]).output().expect("a process");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut numbers = text.split_whitespace().filter_map(|it| it.parse::<f64>().ok());
        let (cpu, memory) = (numbers.next(), numbers.next());
        cpu.zip(memory).unwrap_or_else(|| panic!("{name}: {text}{}", String::from_utf8_lossy(&output.stderr)))
    };
    println!("case                 CPU s/GiB   bare   ratio   peak MB");
    for (name, bare) in pairs {
        let rounds = if bare.is_empty() { 1 } else { ROUNDS };
        let (mut best, mut best_bare, mut peak) = (f64::MAX, f64::MAX, 0_f64);
        for _ in 0..rounds {
            let (cpu, memory) = run(name);
            (best, peak) = (best.min(cpu), peak.max(memory));
            if !bare.is_empty() {
                best_bare = best_bare.min(run(bare).0);
            }
        }
        match bare {
            "" => println!("{name:<20} {best:>9.3}                {peak:>7.0}"),
            _ => println!("{name:<20} {best:>9.3} {best_bare:>7.3} {:>6.2} {peak:>8.0}", best / best_bare),
        }
    }
    let _ = server.kill();
    let _ = server.wait();
}

/// CPU seconds of this process so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or_default().split(' ').filter_map(|it| it.parse().ok()).collect();
    // The fields after the state; ticks are hundredths of a second.
    (fields[10] + fields[11]) / 100.0
}

fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|it| it.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|it| it.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

#[tokio::main]
async fn case(name: &str, url: &str) {
    let folder = std::env::temp_dir().join(format!("transfer-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let source = folder.join("source");
    if name.starts_with("up-file") || name == "bare-up" {
        std::fs::write(&source, vec![7; SIZE as usize]).expect("a file");
    }
    let session = Session::builder()
        .environment(aws_core::config::Environment::empty())
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        .request_checksum_calculation(ChecksumMode::WhenSupported)
        .build()
        .expect("valid settings");
    let client = aws_s3::Client::new(&session);
    let builder = Transfers::builder(&client).part_size(PART);
    let transfers = builder.clone().concurrency(CONCURRENCY).build().expect("valid settings");
    let small = builder.memory(128 * MIB).build().expect("valid settings");
    let bytes = if name == "up-bytes" { vec![7; SIZE as usize] } else { Vec::new() };
    let begin = cpu();
    let size = match name {
        "down-writer" => {
            let target = Target::writer(tokio::io::sink());
            transfers.download("b", SIZE.to_string(), target).send().await.expect("a download").size
        }
        "down-memory" => {
            let downloaded = transfers.download("b", SIZE.to_string(), Target::memory()).send().await;
            let downloaded = downloaded.expect("a download");
            assert!(matches!(downloaded.verdict, Verdict::Validated(_)), "the checksum is part of the cost");
            downloaded.size
        }
        "down-file" => {
            let target = Target::path(folder.join("target"));
            transfers.download("b", SIZE.to_string(), target).send().await.expect("a download").size
        }
        "up-file" => transfers.upload("b", "k", Source::path(source.clone())).send().await.expect("an upload").size,
        "up-bytes" => transfers.upload("b", "k", Source::bytes(bytes)).send().await.expect("an upload").size,
        "down-8gib-128mib" => {
            let key = (8 * GIB).to_string();
            small.download("b", key, Target::writer(tokio::io::sink())).send().await.expect("a download").size
        }
        "up-8gib-128mib" => {
            let reader = tokio::io::repeat(7).take(8 * GIB);
            small.upload("b", "k", Source::reader(reader)).send().await.expect("an upload").size
        }
        "many" => {
            // One memory for all: what the sources hold is the caller's.
            let bytes = bytes::Bytes::from(vec![7_u8; MIB as usize]);
            let mut running = tokio::task::JoinSet::new();
            for index in 0..1000 {
                let upload = small.upload("b", format!("k{index}"), Source::bytes(bytes.clone()));
                running.spawn(async move { upload.send().await.expect("an upload").size });
            }
            let mut size = 0;
            while let Some(sent) = running.join_next().await {
                size += sent.expect("no panic");
            }
            size
        }
        _ => bare(name, url, &source, &folder.join("target")).await,
    };
    println!("{} {}", (cpu() - begin) / (size as f64 / GIB as f64), peak_mb());
    let _ = std::fs::remove_dir_all(folder);
}

/// The same parts over hyper alone, with nothing around them.
async fn bare(name: &str, url: &str, source: &std::path::Path, target: &std::path::Path) -> u64 {
    let client: Hyper<_, Full<bytes::Bytes>> = Hyper::builder(TokioExecutor::new()).build_http();
    let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..CONCURRENCY {
        let (client, next, url, is_up) = (client.clone(), Arc::clone(&next), url.to_owned(), name == "bare-up");
        let file = is_up.then(|| std::fs::File::open(source).expect("a file"));
        let is_memory = name == "bare-down-memory";
        let target = (name == "bare-down-file").then(|| {
            let mut options = std::fs::OpenOptions::new();
            options.create(true).truncate(false).write(true).open(target).expect("a file")
        });
        running.spawn(async move {
            let mut kept = Vec::new();
            loop {
                let start = next.fetch_add(PART, std::sync::atomic::Ordering::Relaxed);
                if start >= SIZE {
                    return kept;
                }
                let mut body = bytes::Bytes::new();
                if let Some(file) = &file {
                    let mut part = vec![0; PART as usize];
                    file.read_exact_at(&mut part, start).expect("bytes");
                    body = part.into();
                }
                let request = http::Request::builder()
                    .method(if is_up { "PUT" } else { "GET" })
                    .uri(format!("{url}/b/{SIZE}?partNumber=1&uploadId=1"))
                    .header("range", format!("bytes={start}-{}", start + PART - 1));
                let response =
                    client.request(request.body(Full::new(body)).expect("a request")).await.expect("a response");
                let mut body = response.into_body();
                let (mut part, mut at) = (Vec::with_capacity(if is_memory { PART as usize } else { 0 }), start);
                while let Some(frame) = body.frame().await {
                    let Ok(chunk) = frame.expect("a frame").into_data() else { continue };
                    if let Some(target) = &target {
                        target.write_all_at(&chunk, at).expect("a disk");
                    }
                    if is_memory {
                        part.extend_from_slice(&chunk);
                    }
                    at += std::hint::black_box(&chunk).len() as u64;
                }
                kept.push(part);
            }
        });
    }
    std::hint::black_box(running.join_all().await);
    SIZE
}

/// Serves objects whose keys are their sizes, and forgets what is sent.
fn serve() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    println!("http://{}", listener.local_addr().expect("an address"));
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || {
            let _ = respond(stream);
        });
    }
}

fn respond(stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(1 << 20, stream.try_clone()?);
    let mut writer = stream;
    let data = vec![7; PART as usize];
    let crc = crc_fast::CrcAlgorithm::Crc64Nvme;
    let of_part = crc_fast::checksum(crc, &data);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let (mut length, mut range, mut expects) = (0_u64, None, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            let Some((name, value)) = line.split_once(':') else { break };
            match name {
                "content-length" => length = value.trim().parse().unwrap_or_default(),
                "range" => range = value.trim().strip_prefix("bytes=").map(str::to_owned),
                "expect" => expects = true,
                _ => {}
            }
        }
        if expects {
            writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink())?;
        let method = first.split(' ').next().unwrap_or_default();
        let target = first.split(' ').nth(1).unwrap_or_default();
        let size: u64 = target.split(['/', '?']).nth(2).and_then(|it| it.parse().ok()).unwrap_or_default();
        let (xml, headers) = match method {
            "POST" if target.contains("uploads") => ("<I><UploadId>1</UploadId></I>", String::new()),
            "POST" => ("<C><ETag>e</ETag></C>", String::new()),
            _ => ("", "etag: \"e\"\r\n".to_owned()),
        };
        match (method, range) {
            ("GET", Some(range)) => {
                let (start, last) = range.split_once('-').unwrap_or_default();
                let (start, last): (u64, u64) = (start.parse().unwrap_or_default(), last.parse().unwrap_or_default());
                let last = last.min(size - 1);
                let length = last + 1 - start;
                let head = format!(
                    "HTTP/1.1 206 OK\r\n{headers}content-range: bytes {start}-{last}/{size}\r\ncontent-length: {length}\r\n\r\n"
                );
                writer.write_all(head.as_bytes())?;
                writer.write_all(&data[..length as usize])?;
            }
            ("HEAD", _) => {
                let sum = (1..size / PART).fold(of_part, |sum, _| crc_fast::checksum_combine(crc, sum, of_part, PART));
                let sum = base64_simd::STANDARD.encode_to_string(sum.to_be_bytes());
                let head = format!(
                    "HTTP/1.1 200 OK\r\n{headers}content-length: {size}\r\nx-amz-checksum-crc64nvme: {sum}\r\n\r\n"
                );
                writer.write_all(head.as_bytes())?;
            }
            _ => {
                let head = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n{xml}", xml.len());
                writer.write_all(head.as_bytes())?;
            }
        }
    }
}
