//! Bodies from every source: content, length, errors, retries and inspection.

use std::io::Write;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt};

use super::*;

/// A stream of the given items.
struct Items(Option<std::vec::IntoIter<Result<Bytes>>>);

impl Stream for Items {
    type Item = Result<Bytes>;

    /// Panics if it is polled after its end, as generators do.
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let items = self.0.as_mut().expect("not polled after its end");
        let next = items.next();
        if next.is_none() {
            self.0 = None;
        }
        Poll::Ready(next)
    }
}

fn items(chunks: &[&'static str]) -> Items {
    let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect();
    Items(Some(chunks.into_iter()))
}

fn file(content: &[u8]) -> tempfile::TempFile {
    tempfile::TempFile::new(content)
}

/// Files that are removed when they are dropped.
mod tempfile {
    pub(super) struct TempFile(pub(super) std::path::PathBuf);

    impl TempFile {
        pub(super) fn new(content: &[u8]) -> Self {
            let path = std::env::temp_dir().join(format!("byte-stream-{}-{:x}", std::process::id(), fastrand::u64(..)));
            std::fs::write(&path, content).unwrap();
            Self(path)
        }
    }

    impl Drop for TempFile {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

#[tokio::test]
async fn bodies_of_every_source_have_their_content_and_length() {
    async fn check(body: impl Into<ByteStream>, len: Option<u64>, content: &str) {
        let body = body.into();
        assert_eq!(body.len(), len, "{body:?}");
        assert_eq!(body.collect().await.unwrap().into_string().unwrap(), content);
    }
    check(ByteStream::default(), Some(0), "").await;
    check("", Some(0), "").await;
    check("text", Some(4), "text").await;
    check(String::from("text"), Some(4), "text").await;
    check(b"bytes".to_vec(), Some(5), "bytes").await;
    check(Bytes::from_static(b"bytes"), Some(5), "bytes").await;
    check(ByteStream::from_static(b"bytes"), Some(5), "bytes").await;
    check(ByteStream::from_stream(items(&[])), None, "").await;
    check(ByteStream::from_stream(items(&["a", "", "b", "c"])), None, "abc").await;
    check(ByteStream::from_stream(items(&["a", "bc"])).with_len(3), Some(3), "abc").await;
    check(ByteStream::from_reader(&b"read"[..]), None, "read").await;
    check(ByteStream::from_reader(&b"read"[..]).with_len(4), Some(4), "read").await;
    check(ByteStream::from("text").with_len(9), Some(4), "text").await;
    check(ByteStream::from_reader(&b"read"[..]).inspect(|_| Ok(())).with_len(4), Some(4), "read").await;
    check(ByteStream::from("text").inspect(|_| Ok(())).with_len(9), Some(4), "text").await;
    let temp = file(b"0123456789");
    check(ByteStream::from_path(&temp.0).await.unwrap(), Some(10), "0123456789").await;
    check(ByteStream::from_path_range(&temp.0, 2, Some(3)).await.unwrap(), Some(3), "234").await;
    check(ByteStream::from_path_range(&temp.0, 8, None).await.unwrap(), Some(2), "89").await;
    check(ByteStream::from_path_range(&temp.0, 10, None).await.unwrap(), Some(0), "").await;
}

#[tokio::test]
async fn wrong_lengths_are_errors() {
    async fn check(mut body: ByteStream, kind: ErrorKind, expect: &str) {
        let error = loop {
            match body.next().await {
                Some(Ok(_)) => {}
                Some(Err(e)) => break e,
                None => panic!("no error, expected {expect}"),
            }
        };
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(expect), "{error}");
        assert!(body.next().await.is_none(), "the body ends after an error");
    }
    check(ByteStream::from_stream(items(&["a", "b"])).with_len(3), ErrorKind::Body, "ended 1 bytes").await;
    check(ByteStream::from_stream(items(&["a", "bcd"])).with_len(3), ErrorKind::Body, "at least 1 bytes longer").await;
    // A surplus behind a chunk that ends at the declared length.
    check(ByteStream::from_stream(items(&["ab", "c", "d"])).with_len(3), ErrorKind::Body, "at least 1 bytes longer")
        .await;
    check(ByteStream::from_stream(items(&["abc", "", "de"])).with_len(3), ErrorKind::Body, "at least 2 bytes longer")
        .await;
    check(ByteStream::from_stream(items(&["x"])).with_len(0), ErrorKind::Body, "at least 1 bytes longer").await;
    let inspected = ByteStream::from_stream(items(&["abc", "d"])).inspect(|_| Ok(())).with_len(3);
    check(inspected, ErrorKind::Body, "at least 1 bytes longer").await;
    check(ByteStream::received(items(&["a"]), Some(5)), ErrorKind::Io, "ended 4 bytes early").await;
    check(ByteStream::received(items(&["abc"]), Some(2)), ErrorKind::Io, "at least 1 bytes longer").await;
    let temp = file(&vec![7; 600_000]);
    let mut body = ByteStream::from_path(&temp.0).await.unwrap();
    body.next().await.unwrap().unwrap();
    std::fs::File::options().write(true).open(&temp.0).unwrap().set_len(10).unwrap();
    // One chunk may have been read ahead.
    check(body, ErrorKind::Body, "became shorter").await;
}

#[tokio::test]
async fn errors_of_files_readers_and_streams_are_reported() {
    async fn check(body: Result<ByteStream>, expect: &str) {
        let error = match body {
            Ok(body) => body.collect().await.unwrap_err(),
            Err(e) => e,
        };
        assert_eq!(error.kind(), ErrorKind::Body, "{error}");
        assert!(error.to_string().contains(expect), "{error}");
    }
    let temp = file(b"0123456789");
    check(ByteStream::from_path("/no/such/file").await, "/no/such/file").await;
    check(ByteStream::from_path("/").await, "directory").await;
    check(
        ByteStream::from_path_range(&temp.0, 8, Some(3)).await,
        "has 10 bytes, but 3 bytes from byte 8 were requested",
    )
    .await;
    check(ByteStream::from_path_range(&temp.0, u64::MAX, Some(3)).await, "has 10 bytes").await;
    check(Ok(ByteStream::from_stream(Items(Some(vec![Err(Error::new(ErrorKind::Body, "mine"))].into_iter())))), "mine")
        .await;
    check(Ok(ByteStream::from_reader(broken_reader::BrokenReader)), "cannot read the request body: out of order").await;
    let gone = file(b"x");
    let body = ByteStream::from_path(&gone.0).await;
    drop(gone);
    check(body, "cannot read file").await;
}

mod broken_reader {
    use super::*;

    pub(super) struct BrokenReader;

    impl AsyncRead for BrokenReader {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            Poll::Ready(Err(std::io::Error::other("out of order")))
        }
    }
}

#[tokio::test]
async fn bodies_from_memory_and_files_are_replayable() {
    let temp = file(b"again");
    for (body, replayable) in [
        (ByteStream::default(), true),
        (ByteStream::from("again"), true),
        (ByteStream::from_path(&temp.0).await.unwrap(), true),
        (ByteStream::from_reader(&b"once"[..]), false),
        (ByteStream::from_stream(items(&["once"])), false),
    ] {
        assert_eq!(body.is_replayable(), replayable, "{body:?}");
        let clone = body.try_clone();
        assert_eq!(clone.is_some(), replayable, "{body:?}");
        let first = body.collect().await.unwrap();
        if let Some(clone) = clone {
            assert_eq!(clone.collect().await.unwrap(), first);
        }
    }
    let mut begun = ByteStream::from_path(&temp.0).await.unwrap();
    begun.next().await.unwrap().unwrap();
    assert!(!begun.is_replayable() && begun.try_clone().is_none());
}

#[tokio::test]
async fn large_files_are_read_in_chunks() {
    let temp = file(b"");
    let content: Vec<u8> = (0..1_000_003u32).map(|i| (i % 251) as u8).collect();
    std::fs::File::options().write(true).open(&temp.0).unwrap().write_all(&content).unwrap();
    let mut body = ByteStream::from_path(&temp.0).await.unwrap();
    let (mut received, mut largest) = (Vec::new(), 0);
    while let Some(chunk) = body.try_next().await.unwrap() {
        largest = largest.max(chunk.len());
        received.extend_from_slice(&chunk);
        assert_eq!(body.len(), Some((content.len() - received.len()) as u64));
    }
    assert!(received == content && largest == 256 * 1024);
}

#[tokio::test]
async fn a_body_is_read_as_a_buffered_reader() {
    let body = ByteStream::from_stream(items(&["one\ntw", "o\nthree"]));
    let mut reader = body.into_async_read();
    let mut line = String::new();
    reader.read_line(&mut line).await.unwrap();
    assert_eq!(line, "one\n");
    let mut rest = String::new();
    reader.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "two\nthree");
    let mut broken = ByteStream::received(items(&["a"]), Some(2)).into_async_read();
    let error = broken.read_to_string(&mut String::new()).await.unwrap_err();
    assert!(error.get_ref().is_some_and(|e| e.is::<Error>()), "{error}");
}

#[tokio::test]
async fn inspect_sees_every_chunk_and_the_end() {
    let (sender, seen) = std::sync::mpsc::channel();
    let body = ByteStream::from_stream(items(&["ab", "c"])).with_len(3).inspect(move |chunk| {
        sender.send(chunk.map(|c| c.len())).unwrap();
        Ok(())
    });
    assert_eq!(body.len(), Some(3));
    assert_eq!(&*body.collect().await.unwrap(), b"abc");
    assert_eq!(seen.iter().collect::<Vec<_>>(), [Some(2), Some(1), None]);
    for content in ["", "abc"] {
        let rejected = ByteStream::from(content).inspect(|chunk| match chunk {
            Some(_) => Ok(()),
            None => Err(Error::new(ErrorKind::Checksum, "wrong")),
        });
        assert_eq!(rejected.collect().await.unwrap_err().kind(), ErrorKind::Checksum);
    }
}

#[tokio::test]
async fn inspect_sees_the_end_of_a_body_that_is_read_for_its_length_only() {
    let path = std::env::temp_dir().join(format!("aws-core-inspect-{}", std::process::id()));
    std::fs::write(&path, "abc").unwrap();
    let stream = || ByteStream::from_stream(items(&["ab", "c"])).with_len(3);
    let file = || ByteStream::from_path(&path);
    for body in [ByteStream::from("abc"), stream(), file().await.unwrap()] {
        let (sender, seen) = std::sync::mpsc::channel();
        let mut body = body.inspect(move |chunk| {
            sender.send(chunk.map_or(0, |it| it.len())).unwrap();
            Ok(())
        });
        while body.len() != Some(0) {
            body.try_next().await.unwrap().unwrap();
        }
        let seen: Vec<_> = seen.try_iter().collect();
        assert_eq!((seen.iter().sum(), seen.iter().filter(|it| **it == 0).count(), seen.last()), (3, 1, Some(&0)));
    }
    for body in [ByteStream::from("abc"), stream(), file().await.unwrap()] {
        let mut rejected = body.inspect(|chunk| match chunk {
            Some(_) => Ok(()),
            None => Err(Error::new(ErrorKind::Checksum, "wrong")),
        });
        let mut received = 0;
        let error = loop {
            match rejected.try_next().await {
                Ok(chunk) => received += chunk.expect("an error before the end").len(),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Checksum);
        assert!(received < 3, "the last chunk is replaced");
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn debug_shows_no_content() {
    let text = format!("{:?} {:?}", ByteStream::from("hush"), Some(ByteStream::from_stream(items(&["hush"]))));
    assert!(!text.contains("hush") && text.contains("len: Some(4)"), "{text}");
}

#[test]
fn bodies_and_readers_can_be_sent_between_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<ByteStream>();
    check::<StreamReader>();
}

#[tokio::test]
async fn files_without_a_length_are_read_to_their_end() {
    // Every process has this file, whose length is reported as 0.
    if !std::path::Path::new("/proc/self/status").exists() {
        eprintln!("skipped: this system has no /proc");
        return;
    }
    let body = ByteStream::from_path("/proc/self/status").await.unwrap();
    assert_eq!((body.len(), body.is_replayable()), (None, true));
    let copy = body.try_clone().expect("not read yet");
    for body in [body, copy] {
        assert!(body.collect().await.unwrap().starts_with(b"Name:"));
    }
    let empty = std::env::temp_dir().join(format!("aws-core-empty-{}", std::process::id()));
    std::fs::write(&empty, "").unwrap();
    let body = ByteStream::from_path(&empty).await.unwrap();
    assert_eq!(body.len(), Some(0));
    assert!(body.collect().await.unwrap().is_empty());
    std::fs::remove_file(empty).unwrap();
}

#[tokio::test]
async fn inspected_bodies_can_be_sent_again() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let body = ByteStream::from("hello").inspect(move |chunk| {
        log.lock().unwrap().push(chunk.map(|it| it.len()));
        Ok(())
    });
    assert_eq!((body.len(), body.is_replayable()), (Some(5), true));
    let again = body.try_clone().expect("not read yet");
    let unseen = body.try_clone_uninspected().expect("not read yet");
    assert_eq!(&*unseen.collect().await.unwrap(), b"hello");
    assert!(seen.lock().unwrap().is_empty());
    let mut first = body;
    first.next().await.unwrap().unwrap();
    assert!(!first.is_replayable() && first.try_clone().is_none(), "reading has begun");
    drop(first);
    assert_eq!(&*again.collect().await.unwrap(), b"hello");
    assert_eq!(*seen.lock().unwrap(), [Some(5), None, Some(5), None]);
    let once = ByteStream::from_reader(&b"hello"[..]).inspect(|_| Ok(()));
    assert!(!once.is_replayable());
}

/// A body of `len` zeros in chunks; `declared`: with its length.
fn zeros(len: usize, chunk: usize, declared: bool) -> ByteStream {
    let content = Bytes::from(vec![0; len]);
    let chunks: Vec<_> = (0..len).step_by(chunk).map(|it| Ok(content.slice(it..len.min(it + chunk)))).collect();
    ByteStream::received(Items(Some(chunks.into_iter())), declared.then_some(len as u64))
}

#[tokio::test]
async fn a_collected_body_takes_the_memory_of_its_declared_length() {
    const MIB: usize = 1024 * 1024;
    for (len, chunk) in [(2, 1), (20_000, 16_384), (MIB, 8192), (16 * MIB, MIB), (17 * MIB, MIB), (33 * MIB + 1, MIB)] {
        let collected = zeros(len, chunk, true).collect().await.unwrap();
        let address = collected.as_ptr();
        let vec = collected.into_vec();
        assert_eq!((vec.len(), vec.capacity()), (len, len), "in chunks of {chunk}");
        assert_eq!(vec.as_ptr(), address, "converting to a vector copies nothing");
        assert_eq!(zeros(len, chunk, false).collect().await.unwrap().len(), len);
    }
}

#[tokio::test]
async fn a_false_length_takes_no_memory() {
    let chunks = vec![Ok(Bytes::from(vec![0; 1000])), Ok(Bytes::from_static(b"x"))];
    let body = ByteStream::received(Items(Some(chunks.into_iter())), Some(u64::MAX / 2));
    assert_eq!(body.collect().await.unwrap_err().kind(), ErrorKind::Io);
}

#[tokio::test]
async fn a_body_of_one_chunk_is_collected_without_a_copy() {
    for declared in [true, false] {
        let content = Bytes::from(vec![7; 1000]);
        let address = content.as_ptr();
        let chunks = vec![Ok(content)].into_iter();
        let body = ByteStream::received(Items(Some(chunks)), declared.then_some(1000));
        assert_eq!(body.collect().await.unwrap().as_ptr(), address);
    }
}
