//! The example `s3` as a person uses it, step by step, against a server of its own: what it prints, leaves and returns.

#![cfg(feature = "transfer")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use aws_core::Session;
use moto::Moto;

/// The program that cargo built of the example, beside the `deps` of this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test");
    let profile = test.parent().and_then(Path::parent).expect("a folder");
    profile.join("examples").join("s3")
}

/// A person in a folder of its own, with a bucket.
struct Person {
    folder: PathBuf,
    bucket: String,
    url: String,
}

impl Person {
    /// `None`, and a word about it, if moto cannot run.
    async fn new(name: &str) -> Option<Self> {
        let url = match Moto::shared() {
            Ok(moto) => moto.url(),
            Err(why) => {
                let _ = writeln!(std::io::stderr(), "SKIPPED: the example s3, since moto cannot run: {why}");
                return None;
            }
        };
        let folder = std::env::temp_dir().join(format!("s3-example-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let session = Session::builder().region("us-east-1").endpoint_url(&url);
        let session =
            session.credentials(aws_core::Credentials::new("AKIDEXAMPLE", "secret")).build().expect("a session");
        let bucket = format!("s3-example-{name}");
        moto::create_bucket(&session, &bucket, &[]).await.expect("a bucket");
        Some(Self { folder, bucket, url })
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, content).expect("a file");
        // S3 keeps whole seconds: a file of the same second as its object would be newer by a fraction.
        let past = SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(path).and_then(|file| file.set_modified(past)).expect("a time");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).expect("a file")
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(program());
        command
            .args(line.split_whitespace().map(|word| word.replace("s3://b", &format!("s3://{}", self.bucket))))
            .current_dir(&self.folder)
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_CONFIG_FILE", "none")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN");
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().expect("the example is built")
    }

    /// Runs a command, whose exit code and sorted lines must be these; `s3://b` stands for the bucket.
    #[track_caller]
    fn check(&self, line: &str, code: i32, lines: &[&str]) {
        let output = self.run(line);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let text = text.replace(&format!("s3://{}", self.bucket), "s3://b");
        let mut found: Vec<&str> = text.lines().collect();
        found.sort_unstable();
        assert_eq!((output.status.code(), found), (Some(code), lines.to_vec()), "{line}");
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn single_files_are_uploaded_downloaded_copied_moved_and_deleted() {
    let Some(person) = Person::new("single").await else { return };
    person.write("a.txt", "hello");
    person.check("cp a.txt s3://b/docs/", 0, &["upload: a.txt to s3://b/docs/a.txt"]);
    person.check("cp s3://b/docs/a.txt down/", 0, &["download: s3://b/docs/a.txt to down/a.txt"]);
    assert_eq!(person.read("down/a.txt"), "hello");
    person.check(
        "cp s3://b/docs/a.txt s3://b/copy.txt --dryrun",
        0,
        &["(dryrun) copy: s3://b/docs/a.txt to s3://b/copy.txt"],
    );
    person.check("cp s3://b/docs/a.txt s3://b/copy.txt", 0, &["copy: s3://b/docs/a.txt to s3://b/copy.txt"]);
    person.check("cp s3://b/copy.txt -", 0, &["hello"]);
    person.check("mv s3://b/copy.txt moved.txt --quiet", 0, &[]);
    assert_eq!(person.read("moved.txt"), "hello");
    person.write("a.txt", "other");
    person.check("cp a.txt s3://b/docs/a.txt --no-overwrite", 0, &[]);
    person.check("cp s3://b/docs/a.txt -", 0, &["hello"]);
    person.check("rm s3://b/docs/a.txt", 0, &["delete: s3://b/docs/a.txt"]);
    person.check("ls s3://b/docs/", 1, &[]);
    let missing = person.run("cp s3://b/docs/a.txt x");
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).starts_with("download failed: s3://"), "{missing:?}");
    assert!(!person.folder.join("x").exists());

    let mut child = person.command("cp - s3://b/piped").stdin(Stdio::piped()).spawn().expect("the example");
    child.stdin.take().expect("a pipe").write_all(b"through a pipe").expect("a pipe");
    assert!(child.wait().expect("an end").success());
    person.check("cp s3://b/piped -", 0, &["through a pipe"]);
}

#[tokio::test]
async fn a_folder_is_synced_in_both_directions_with_the_exit_codes_of_the_cli() {
    let Some(person) = Person::new("sync").await else { return };
    for name in ["site/index.html", "site/a.b", "site/a/b", "site/tmp/x.tmp"] {
        person.write(name, name);
    }
    person.check(
        "sync site s3://b/www --exclude *.tmp --dryrun",
        0,
        &[
            "(dryrun) upload: site/a.b to s3://b/www/a.b",
            "(dryrun) upload: site/a/b to s3://b/www/a/b",
            "(dryrun) upload: site/index.html to s3://b/www/index.html",
        ],
    );
    person.check(
        "sync site s3://b/www --exclude *.tmp",
        0,
        &[
            "upload: site/a.b to s3://b/www/a.b",
            "upload: site/a/b to s3://b/www/a/b",
            "upload: site/index.html to s3://b/www/index.html",
        ],
    );
    person.check("sync site s3://b/www --exclude *.tmp", 0, &[]);
    person.check(
        "sync s3://b/www down",
        0,
        &[
            "download: s3://b/www/a.b to down/a.b",
            "download: s3://b/www/a/b to down/a/b",
            "download: s3://b/www/index.html to down/index.html",
        ],
    );
    person.check("sync s3://b/www down --exact-timestamps", 0, &[]);
    fs::remove_file(person.folder.join("site/a.b")).expect("a file");
    person.check("sync site s3://b/www --exclude *.tmp --delete --quiet", 0, &[]);
    person.check("sync s3://b/www down --delete", 0, &["delete: down/a.b"]);

    // The same size, and an older time: only its content says that it differs.
    person.write("down/a/b", "SITE/A/B");
    person.check("sync down s3://b/www --size-only", 0, &[]);
    person.check("sync s3://b/www down --checksum --dryrun", 0, &["(dryrun) download: s3://b/www/a/b to down/a/b"]);
    person.check("sync s3://b/www down --exact", 0, &["download: s3://b/www/a/b to down/a/b"]);
    assert_eq!(person.read("down/a/b"), "site/a/b");

    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", person.folder.join("site/broken")).expect("a link");
        let warned = person.run("sync site s3://b/www --exclude *.tmp");
        assert_eq!(warned.status.code(), Some(2), "{warned:?}");
        assert!(String::from_utf8_lossy(&warned.stderr).starts_with("warning: broken: "), "{warned:?}");
    }
    let failed = person.run("sync site s3://no-such-bucket-of-this-test");
    assert_eq!(failed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&failed.stderr).starts_with("fatal error: "), "{failed:?}");

    person.check(
        "mv s3://b/www s3://b/moved --recursive",
        0,
        &["move: s3://b/www/a/b to s3://b/moved/a/b", "move: s3://b/www/index.html to s3://b/moved/index.html"],
    );
    person.check("rm s3://b/mov --recursive", 0, &[]);
    person.check("rm s3://b/moved --recursive --exclude *.html", 0, &["delete: s3://b/moved/a/b"]);
    let listed = person.run("ls s3://b --recursive");
    let listed = String::from_utf8_lossy(&listed.stdout);
    assert!(listed.trim_end().ends_with(" moved/index.html") && listed.lines().count() == 1, "{listed}");
    let listed = person.run("ls s3://b");
    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), "PRE moved/");
}

#[tokio::test]
async fn a_wrong_command_line_says_what_is_right() {
    let Some(person) = Person::new("usage").await else { return };
    for (line, why) in [
        ("", "a command is missing"),
        ("copy a b", "unknown command copy: expected ls, cp, mv, rm, sync or presign"),
        ("cp a", "cp takes FROM and TO, not a"),
        ("rm", "rm takes one s3://bucket/key, not nothing"),
        ("ls a b", "ls takes at most one s3://bucket/prefix, not a b"),
        ("sync a b --fast", "unknown option --fast"),
        ("sync a b --exclude", "--exclude needs a value"),
        ("ls --dryrun", "ls has no --dryrun"),
        ("cp a s3://b --delete", "cp has no --delete"),
        ("sync a s3://b --recursive", "sync has no --recursive"),
        ("cp a s3://b --expires-in 5", "cp has no --expires-in"),
        ("cp a s3://b --include x", "--include has no effect on one file: add --recursive, or leave it out"),
        ("rm s3://b/a --exit-on-error", "--exit-on-error has no effect on one file: add --recursive, or leave it out"),
        ("rm s3://b/a --recursive --no-follow-symlinks", "rm has no --no-follow-symlinks"),
        ("sync a s3://b --size-only --checksum", "--size-only and --checksum contradict each other"),
        ("sync a s3://b --exact --checksum-cache c", "--checksum-cache needs --checksum"),
        ("mv - s3://b/x", "only cp of one object reads or writes a pipe"),
        ("mv s3://b/x -", "only cp of one object reads or writes a pipe"),
        ("cp - s3://b/x --recursive", "only cp of one object reads or writes a pipe"),
        ("cp - s3://b/x/", "a pipe has no name: expected a key, as s3://b/x/NAME"),
        ("cp s3://b/x - --no-overwrite", "--no-overwrite has no effect on a pipe"),
        (
            "cp - s3://b/x --checkpoints c",
            "--checkpoints has no effect on a pipe, which cannot be read or written again",
        ),
        ("cp s3://b/x y --storage-class GLACIER", "--storage-class has no effect on a download"),
        ("cp s3://b/x s3://b/y --content-type a/b", "--content-type has an effect only on uploads"),
    ] {
        let output = person.run(line);
        let text = String::from_utf8_lossy(&output.stderr).replace(&format!("s3://{}", person.bucket), "s3://b");
        assert_eq!((output.status.code(), text.lines().last()), (Some(252), Some(why)), "{line}");
    }
    for (line, why) in [
        ("ls photos", "ls takes s3://bucket/…, not a path"),
        ("cp a b", "one of both must be s3://bucket/key"),
        ("cp . s3://b/x", ". is a folder: add --recursive"),
        ("cp s3://other/x/ y", "s3://other/x/ is a folder: add --recursive"),
        ("cp a s3://b/x --memory 99999999999999", "--memory: 99999999999999 MiB are too many"),
        ("sync a b", "a and b are both local folders: one side must be s3://bucket/prefix"),
        ("ls s3://", "`s3://` names no bucket: expected s3://bucket/prefix"),
        ("presign s3://b/x --expires-in soon", "--expires-in: `soon` is not a number"),
    ] {
        let output = person.run(line);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*text), (Some(1), &*format!("fatal error: {why}\n")), "{line}");
    }
    let url = person.run("presign s3://b/x --expires-in 60");
    let url = String::from_utf8_lossy(&url.stdout);
    assert!(url.contains("X-Amz-Expires=60") && url.contains("X-Amz-Signature="), "{url}");
}

/// Ctrl-C in the middle of one large file: with a folder of checkpoints the same command goes on within it.
#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_copy_of_one_file_goes_on_within_it() {
    let Some(person) = Person::new("resume").await else { return };
    let content: String = (0..4_000_000).map(|number| format!("{number:08}\n")).collect();
    person.write("large", &content);
    let line = "cp large s3://b/large --checkpoints kept --memory 8";
    let mut child = person.command(line).stderr(Stdio::piped()).spawn().expect("the example is built");
    let checkpoint = || fs::read_dir(person.folder.join("kept")).into_iter().flatten().flatten().next();
    while checkpoint().is_none() && child.try_wait().expect("a process").is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    let output = child.wait_with_output().expect("an end");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("what has arrived of large files is kept") && text.contains("goes on within"), "{text}");
    let kept = checkpoint().expect("a checkpoint").path();
    // Written to meanwhile, it is another file, and the error says what to do.
    let past = SystemTime::now() - Duration::from_secs(7200);
    let time = || fs::File::options().write(true).open(person.folder.join("large")).expect("a file");
    let before = time().metadata().and_then(|it| it.modified()).expect("a time");
    time().set_modified(past).expect("a time");
    let failed = person.run(line);
    let text = String::from_utf8_lossy(&failed.stderr);
    assert!(failed.status.code() == Some(1) && text.contains("was written to"), "{text}");
    assert!(text.contains(&*kept.file_name().expect("a name").to_string_lossy()), "{text}");
    time().set_modified(before).expect("a time");
    person.check(line, 0, &["upload: large to s3://b/large"]);
    assert!(checkpoint().is_none());
    person.check("cp s3://b/large down", 0, &["download: s3://b/large to down"]);
    assert_eq!(person.read("down"), content);
}

/// Ctrl-C in the middle of a sync: nothing half is left, and the same command goes on.
#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_sync_leaves_nothing_half_and_goes_on() {
    let Some(person) = Person::new("interrupt").await else { return };
    for index in 0..1500 {
        person.write(&format!("many/{index:04}"), "content");
    }
    let mut child = person
        .command("sync many s3://b/many")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example is built");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    lines.next().expect("a line").expect("text");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    let begun = 1 + lines.count();
    let output = child.wait_with_output().expect("an end");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("To resume, run the same command again; it goes on with what is missing"), "{text}");
    assert!(begun < 1500, "it was interrupted");
    let rest = person.run("sync many s3://b/many");
    assert!(rest.status.success(), "{rest:?}");
    let rest = String::from_utf8_lossy(&rest.stdout).lines().count();
    assert!(rest > 0 && rest <= 1500 - begun, "{rest} after {begun}");
    person.check("sync many s3://b/many --delete", 0, &[]);
}
