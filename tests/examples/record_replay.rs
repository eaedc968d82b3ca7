//! Recordings: a program runs once against a service, here moto, and then without it. In a test the mode is
//! `Mode::from_env()?`: `AWS_RECORDING=record cargo test` writes the file, `cargo test` reads it.

use aws_core::testing::{Mode, Recording};
use aws_core::{Result, Session};
use aws_s3::Client;

/// What the program does.
async fn keys(s3: &Client) -> Result<Vec<String>> {
    let objects = s3.list_objects_v2("mybucket").items().try_collect().await?;
    Ok(objects.into_iter().filter_map(|it| it.key).collect())
}

#[tokio::main]
async fn main() -> Result<()> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let session = Session::builder().region("us-west-2").build()?;
    moto::create_bucket(&session, "mybucket", &["a.txt", "b.txt"]).await?;
    let path = std::env::temp_dir().join(format!("record_replay-{}.jsonl", std::process::id()));

    let recording = Recording::new(&path, Mode::Record)?;
    let online = session.to_builder().hook(recording.clone()).build()?;
    println!("recorded: {:?}", keys(&Client::new(&online)).await?);

    let recording = Recording::new(&path, Mode::Replay)?;
    let offline = Session::builder().region("us-west-2").endpoint_url("http://localhost:1").hook(recording.clone());
    println!("replayed: {:?}", keys(&Client::new(&offline.build()?)).await?);
    recording.verify();
    let _ = std::fs::remove_file(path);
    Ok(())
}
