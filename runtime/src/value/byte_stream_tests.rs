use std::io::Write;

use tokio::io::{AsyncBufReadExt, AsyncReadExt};

use super::*;

/// A stream of the given items.
struct Items(std::vec::IntoIter<Result<Bytes>>);

impl Stream for Items {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next())
    }
}

fn items(texts: &[&'static str]) -> Items {
    Items(texts.iter().map(|t| Ok(Bytes::from_static(t.as_bytes()))).collect::<Vec<_>>().into_iter())
}

fn file(content: &[u8]) -> tempfile::Temp {
    tempfile::Temp::with(content)
}

/// Files that go away by themselves.
mod tempfile {
    pub(super) struct Temp(pub(super) std::path::PathBuf);

    impl Temp {
        pub(super) fn with(content: &[u8]) -> Self {
            let path = std::env::temp_dir().join(format!("byte-stream-{}-{:x}", std::process::id(), fastrand::u64(..)));
            std::fs::write(&path, content).unwrap();
            Self(path)
        }
    }

    impl Drop for Temp {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

#[tokio::test]
async fn content_and_length() {
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
    let held = file(b"0123456789");
    check(ByteStream::from_path(&held.0).await.unwrap(), Some(10), "0123456789").await;
    check(ByteStream::from_path_range(&held.0, 2, Some(3)).await.unwrap(), Some(3), "234").await;
    check(ByteStream::from_path_range(&held.0, 8, None).await.unwrap(), Some(2), "89").await;
    check(ByteStream::from_path_range(&held.0, 10, None).await.unwrap(), Some(0), "").await;
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
        assert!(body.next().await.is_none(), "nothing comes after an error");
    }
    check(ByteStream::from_stream(items(&["a", "b"])).with_len(3), ErrorKind::Body, "ended 1 bytes").await;
    check(ByteStream::from_stream(items(&["a", "bcd"])).with_len(3), ErrorKind::Body, "at least 1 bytes longer").await;
    check(ByteStream::received(items(&["a"]), Some(5)), ErrorKind::Io, "ended 4 bytes early").await;
    check(ByteStream::received(items(&["abc"]), Some(2)), ErrorKind::Io, "at least 1 bytes longer").await;
    let held = file(&vec![7; 600_000]);
    let mut body = ByteStream::from_path(&held.0).await.unwrap();
    body.next().await.unwrap().unwrap();
    std::fs::File::options().write(true).open(&held.0).unwrap().set_len(10).unwrap();
    // One chunk may have been read ahead.
    check(body, ErrorKind::Body, "became shorter").await;
}

#[tokio::test]
async fn errors_of_sources() {
    async fn check(body: Result<ByteStream>, expect: &str) {
        let error = match body {
            Ok(body) => body.collect().await.unwrap_err(),
            Err(e) => e,
        };
        assert_eq!(error.kind(), ErrorKind::Body, "{error}");
        assert!(error.to_string().contains(expect), "{error}");
    }
    let held = file(b"0123456789");
    check(ByteStream::from_path("/no/such/file").await, "/no/such/file").await;
    check(ByteStream::from_path("/").await, "directory").await;
    check(ByteStream::from_path_range(&held.0, 8, Some(3)).await, "has 10 bytes, 3 bytes from byte 8").await;
    check(ByteStream::from_path_range(&held.0, u64::MAX, Some(3)).await, "has 10 bytes").await;
    check(Ok(ByteStream::from_stream(Items(vec![Err(Error::new(ErrorKind::Body, "mine"))].into_iter()))), "mine").await;
    let broken = tokio_broken::Broken;
    check(Ok(ByteStream::from_reader(broken)), "cannot be read: out of order").await;
    let gone = file(b"x");
    let body = ByteStream::from_path(&gone.0).await;
    drop(gone);
    check(body, "cannot read file").await;
}

mod tokio_broken {
    use super::*;

    pub(super) struct Broken;

    impl AsyncRead for Broken {
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
async fn replays() {
    let held = file(b"again");
    for (body, replayable) in [
        (ByteStream::default(), true),
        (ByteStream::from("again"), true),
        (ByteStream::from_path(&held.0).await.unwrap(), true),
        (ByteStream::from_reader(&b"once"[..]), false),
        (ByteStream::from_stream(items(&["once"])), false),
    ] {
        assert_eq!(body.is_replayable(), replayable, "{body:?}");
        let twin = body.try_clone();
        assert_eq!(twin.is_some(), replayable, "{body:?}");
        let first = body.collect().await.unwrap();
        if let Some(twin) = twin {
            assert_eq!(twin.collect().await.unwrap(), first);
        }
    }
    let mut begun = ByteStream::from_path(&held.0).await.unwrap();
    begun.next().await.unwrap().unwrap();
    assert!(!begun.is_replayable() && begun.try_clone().is_none());
}

#[tokio::test]
async fn large_files_come_in_chunks() {
    let held = file(b"");
    let content: Vec<u8> = (0..1_000_003u32).map(|i| (i % 251) as u8).collect();
    std::fs::File::options().write(true).open(&held.0).unwrap().write_all(&content).unwrap();
    let mut body = ByteStream::from_path(&held.0).await.unwrap();
    let (mut got, mut largest) = (Vec::new(), 0);
    while let Some(chunk) = body.try_next().await.unwrap() {
        largest = largest.max(chunk.len());
        got.extend_from_slice(&chunk);
        assert_eq!(body.len(), Some((content.len() - got.len()) as u64));
    }
    assert!(got == content && largest == 256 * 1024);
}

#[tokio::test]
async fn as_a_reader() {
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
async fn inspected() {
    let (sender, seen) = std::sync::mpsc::channel();
    let body = ByteStream::from_stream(items(&["ab", "c"])).with_len(3).inspect(move |chunk| {
        sender.send(chunk.map(|c| c.len())).unwrap();
        Ok(())
    });
    assert_eq!(body.len(), Some(3));
    assert_eq!(&*body.collect().await.unwrap(), b"abc");
    assert_eq!(seen.iter().collect::<Vec<_>>(), [Some(2), Some(1), None]);
    for content in ["", "abc"] {
        let refused = ByteStream::from(content).inspect(|chunk| match chunk {
            Some(_) => Ok(()),
            None => Err(Error::new(ErrorKind::Checksum, "wrong")),
        });
        assert_eq!(refused.collect().await.unwrap_err().kind(), ErrorKind::Checksum);
    }
}

#[test]
fn debug_shows_no_content() {
    let text = format!("{:?} {:?}", ByteStream::from("hush"), Some(ByteStream::from_stream(items(&["hush"]))));
    assert!(!text.contains("hush") && text.contains("len: Some(4)"), "{text}");
}

#[test]
fn travels_between_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<ByteStream>();
    check::<StreamReader>();
}
