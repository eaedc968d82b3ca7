//! A command line for S3 in the manner of `aws s3`: ls, cp, mv, rm, sync, presign. Exit codes: 0, 1 if something failed, 2 if
//! something was left out with a warning, 252 for a wrong command line, 130 after Ctrl-C. Options that would have no effect
//! are an error.

#[path = "s3/arguments.rs"]
mod arguments;
#[path = "s3/screen.rs"]
mod screen;

use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use arguments::{Arguments, USAGE};
use aws_core::Session;
use aws_s3::custom::CopySource;
use aws_s3_transfer::folder::{ActionKind, Event, FolderTransfer, Location, Step, Summary};
use aws_s3_transfer::{ErrorKind, Paused, Source, Target, Transfer, Transfers};
use screen::Screen;

type Outcome<T = u8> = Result<T, Box<dyn Error>>;

/// The exit code of a shell's command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) if !arguments.has("--help") => arguments,
        Ok(_) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("{USAGE}\n\n{why}");
            return ExitCode::from(252);
        }
    };
    let command = Command { screen: Arc::new(Screen::new(|flag| arguments.has(flag))), arguments };
    match command.run().await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            command.screen.error(format!("fatal error: {error}"));
            ExitCode::FAILURE
        }
    }
}

struct Command {
    arguments: Arguments,
    screen: Arc<Screen>,
}

impl Command {
    async fn run(&self) -> Outcome {
        let mut session = Session::builder();
        if let Some(region) = self.arguments.value("--region") {
            session = session.region(region);
        }
        if let Some(profile) = self.arguments.value("--profile") {
            session = session.profile(profile);
        }
        if let Some(url) = self.arguments.value("--endpoint-url") {
            session = session.endpoint_url(url);
        }
        let client = aws_s3::Client::new(&session.build()?);
        let mut transfers = Transfers::builder(&client);
        if let Some(memory) = self.arguments.memory()? {
            transfers = transfers.memory(memory);
        }
        let transfers = transfers.build()?;
        let places = self.arguments.places.iter().map(|place| place.parse()).collect::<Result<Vec<Location>, _>>()?;
        match (&*self.arguments.command, &*places) {
            ("ls", []) => self.list_buckets(&client).await,
            ("ls", [Location::Prefix { bucket, prefix }]) => self.list(&client, bucket, prefix).await,
            ("presign", [Location::Prefix { bucket, prefix: key }]) => {
                let url = client.get_object(bucket, key).presign(self.arguments.expires_in()?).await?;
                println!("{}", url.url());
                Ok(0)
            }
            ("rm", [Location::Prefix { bucket, prefix: key }]) if !self.arguments.has("--recursive") => {
                let line = format!("delete: s3://{bucket}/{key}");
                if self.is_dry_run(&line) {
                    return Ok(0);
                }
                client.delete_object(bucket, key).send().await?;
                self.screen.line(line);
                Ok(0)
            }
            ("rm", [Location::Prefix { bucket, prefix }]) => {
                // As the CLI: `logs` means what lies below `logs/`.
                let is_folder = prefix.is_empty() || prefix.ends_with('/');
                let prefix = if is_folder { prefix.clone() } else { format!("{prefix}/") };
                self.folder(transfers.delete_prefix(bucket, prefix)).await
            }
            ("sync", [from, to]) => self.folder(transfers.sync(from.clone(), to.clone())).await,
            ("cp" | "mv", [from, to]) if self.arguments.has("--recursive") => {
                let copy = transfers.copy_dir(from.clone(), to.clone()).remove_source(self.arguments.command == "mv");
                self.folder(copy).await
            }
            ("cp" | "mv", [from, to]) => self.one(&transfers, from, to).await,
            (command, _) => Err(format!("{command} takes s3://bucket/…, not a path").into()),
        }
    }

    fn is_dry_run(&self, line: &str) -> bool {
        let is_dry_run = self.arguments.has("--dryrun");
        if is_dry_run {
            self.screen.line(format!("(dryrun) {line}"));
        }
        is_dry_run
    }

    async fn list_buckets(&self, client: &aws_s3::Client) -> Outcome {
        let mut buckets = client.list_buckets().items();
        while let Some(bucket) = buckets.try_next().await? {
            println!("{} {}", time(bucket.creation_date), bucket.name.unwrap_or_default());
        }
        Ok(0)
    }

    async fn list(&self, client: &aws_s3::Client, bucket: &str, prefix: &str) -> Outcome {
        let delimiter = if self.arguments.has("--recursive") { None } else { Some("/") };
        let mut pages = client.list_objects_v2(bucket).prefix(prefix).delimiter(delimiter).pages();
        let folder = prefix.rfind('/').map_or("", |at| &prefix[..=at]);
        let mut is_empty = true;
        while let Some(page) = pages.try_next().await? {
            for folder_name in page.common_prefixes.into_iter().filter_map(|it| it.prefix) {
                println!("{:>30} {}", "PRE", folder_name.strip_prefix(folder).unwrap_or(&folder_name));
                is_empty = false;
            }
            for object in page.contents {
                let key = object.key.unwrap_or_default();
                let name = if delimiter.is_some() { key.strip_prefix(folder).unwrap_or(&key) } else { &key };
                println!("{} {:>10} {name}", time(object.last_modified), object.size.unwrap_or_default());
                is_empty = false;
            }
        }
        Ok(u8::from(is_empty && !prefix.is_empty()))
    }

    /// Transfers or deletes many files.
    async fn folder(&self, transfer: FolderTransfer) -> Outcome {
        let transfer = self.arguments.configure(transfer)?;
        let is_move = self.arguments.command == "mv";
        let screen = Arc::clone(&self.screen);
        let (class, media_type) = (self.arguments.value("--storage-class"), self.arguments.value("--content-type"));
        let (class, media_type) = (class.map(str::to_owned), media_type.map(str::to_owned));
        let copy_class = class.clone();
        let transfer = transfer
            .on_event(move |event| report(&screen, is_move, event))
            .upload_with(move |_, upload| {
                upload.with(|put| put.storage_class(class.as_deref()).content_type(media_type.as_deref()))
            })
            .copy_with(move |_, copy| copy.with(|copy| copy.storage_class(copy_class.as_deref())));
        if self.arguments.has("--dryrun") {
            return self.dry_run(transfer).await;
        }
        self.make_checkpoints()?;
        match self.watch(transfer.start()).await? {
            Some(summary) => Ok(summary.exit_code()),
            None => Ok(INTERRUPTED),
        }
    }

    fn make_checkpoints(&self) -> Outcome<()> {
        match self.arguments.checkpoints() {
            Some(folder) => Ok(std::fs::create_dir_all(folder)?),
            None => Ok(()),
        }
    }

    /// The file of the checkpoint of one object: the same whenever the command is run again.
    fn checkpoint(&self, from: &Location, to: &Location) -> Option<PathBuf> {
        let mut hasher = DefaultHasher::new();
        (from.to_string(), to.to_string()).hash(&mut hasher);
        Some(self.arguments.checkpoints()?.join(format!("{:016x}.checkpoint", hasher.finish())))
    }

    async fn dry_run(&self, transfer: FolderTransfer) -> Outcome {
        let is_move = self.arguments.command == "mv";
        let mut plan = transfer.plan().await?;
        let mut summary = Summary::default();
        while let Some(step) = plan.try_next().await? {
            match step {
                Step::Do(action) => self.screen.line(format!("(dryrun) {}", describe(&action, is_move))),
                Step::Notice(notice) => {
                    report(&self.screen, is_move, Event::Notice(&notice));
                    summary.warnings += u64::from(notice.is_warning());
                }
                Step::Fail(failure) => {
                    report(&self.screen, is_move, Event::Failed(&failure));
                    summary.failed += 1;
                }
                _ => {}
            }
        }
        Ok(summary.exit_code())
    }

    /// Transfers one file or object.
    async fn one(&self, transfers: &Transfers, from: &Location, to: &Location) -> Outcome {
        let no_overwrite = self.arguments.has("--no-overwrite");
        let condition = no_overwrite.then_some("*");
        let class = self.arguments.value("--storage-class");
        let is_pipe = |location: &Location| *location == Location::folder("-");
        let word = match (from, to) {
            _ if self.arguments.command == "mv" => "move",
            (Location::Folder(_), _) => "upload",
            (_, Location::Folder(_)) => "download",
            _ => "copy",
        };
        let is_folder = match from {
            Location::Prefix { prefix, .. } => prefix.is_empty() || prefix.ends_with('/'),
            Location::Folder(path) => path.is_dir(),
            _ => false,
        };
        if is_folder {
            return Err(format!("{from} is a folder: add --recursive").into());
        }
        let to = match (from, to) {
            (_, to) if is_pipe(to) => to.clone(),
            (from, to) => named(from, to),
        };
        if word == "move" && *from == to {
            return Err(format!("{from} cannot be moved onto itself").into());
        }
        let line = format!("{word}: {from} to {to}");
        if self.is_dry_run(&line) {
            return Ok(0);
        }
        self.make_checkpoints()?;
        let checkpoint = self.checkpoint(from, &to);
        self.screen.plan();
        let ended = match (from, &to) {
            (Location::Folder(path), Location::Prefix { bucket, prefix: key }) => {
                let source = if is_pipe(from) { Source::reader(tokio::io::stdin()) } else { Source::path(path) };
                let media_type = self.arguments.value("--content-type");
                let mut upload = transfers
                    .upload(bucket, key, source)
                    .with(|put| put.if_none_match(condition).storage_class(class).content_type(media_type));
                if let Some(file) = &checkpoint {
                    upload = upload.checkpoint_file(file);
                }
                self.watch(upload.start()).await.map(|ended| ended.is_some())
            }
            (Location::Prefix { bucket, prefix: key }, Location::Folder(path)) => {
                let target = match (is_pipe(&to), no_overwrite) {
                    (true, _) => Target::writer(tokio::io::stdout()),
                    (_, true) => Target::path(path).no_overwrite(),
                    (_, false) => Target::path(path),
                };
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                let mut download = transfers.download(bucket, key, target);
                if let Some(file) = &checkpoint {
                    download = download.checkpoint_file(file);
                }
                self.watch(download.start()).await.map(|ended| ended.is_some())
            }
            (Location::Prefix { bucket: from, prefix: source }, Location::Prefix { bucket, prefix: key }) => {
                let mut copy = transfers
                    .copy(bucket, key, CopySource::new(from, source))
                    .with(|copy| copy.if_none_match(condition).storage_class(class));
                if let Some(file) = &checkpoint {
                    copy = copy.checkpoint_file(file);
                }
                self.watch(copy.start()).await.map(|ended| ended.is_some())
            }
            _ => return Err("one of both must be s3://bucket/key".into()),
        };
        match ended {
            Ok(true) => {}
            Ok(false) => return Ok(INTERRUPTED),
            // As the CLI: what is there is kept, and that is no failure.
            Err(error) if no_overwrite && is_kept(&*error) => return Ok(0),
            Err(error) => {
                self.screen.error(format!("{word} failed: {from} to {to} {error}"));
                if let Some(file) = checkpoint.filter(|it| it.exists()) {
                    let file = file.display();
                    self.screen.error(format!("run the same command again to go on, or remove {file} to begin again"));
                }
                return Ok(1);
            }
        }
        if word == "move"
            && let Err(error) = remove(transfers, from).await
        {
            self.screen.error(format!("move failed: {from} is at {to}, but cannot be deleted: {error}"));
            return Ok(1);
        }
        if !is_pipe(&to) {
            self.screen.line(line);
        }
        Ok(0)
    }

    /// Waits for a transfer, and draws the bar. `None` after Ctrl-C.
    async fn watch<T: Send + 'static>(&self, mut transfer: Transfer<T>) -> Outcome<Option<T>> {
        let mut ticks = tokio::time::interval(screen::INTERVAL);
        // One for all turns, and looked at first in each, so that none is missed between two.
        let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
        loop {
            tokio::select! {
                biased;
                _ = &mut interrupt => break,
                ended = &mut transfer => {
                    self.screen.clear();
                    return Ok(Some(ended?));
                }
                _ = ticks.tick() => self.screen.show(transfer.progress()),
            }
        }
        self.screen.clear();
        let keeps = self.arguments.checkpoints().is_some();
        let stop = async {
            match keeps {
                true => transfer.pause().await,
                false => transfer.abort().await.map(|()| Paused::NotKept),
            }
        };
        let left = tokio::select! {
            stopped = stop => match stopped {
                // It was faster.
                Ok(Paused::Complete(result)) => return Ok(Some(result)),
                Ok(_) if keeps => "what has arrived of large files is kept",
                Ok(_) => "no partial file is left",
                Err(error) => {
                    self.screen.error(format!("fatal error: {error}"));
                    "partial files may be left"
                }
            },
            // Who presses it twice does not want to wait.
            _ = tokio::signal::ctrl_c() => "partial files may be left",
        };
        let how = match &*self.arguments.command {
            _ if keeps => "; it goes on within large files",
            "sync" => "; it goes on with what is missing (with --checkpoints FOLDER also within large files)",
            "rm" => "",
            _ if !self.arguments.is_folder() => "; with --checkpoints FOLDER it would go on where it was",
            "mv" => "; it goes on with what was not moved",
            _ => "; `sync` instead of `cp --recursive` leaves alone what has arrived",
        };
        self.screen.error(format!("interrupted: {left}. To resume, run the same command again{how}"));
        Ok(None)
    }
}

/// Deletes what was moved.
async fn remove(transfers: &Transfers, from: &Location) -> Outcome<()> {
    match from {
        Location::Prefix { bucket, prefix: key } => {
            transfers.client().delete_object(bucket, key).send().await?;
        }
        Location::Folder(path) => std::fs::remove_file(path)?,
        _ => {}
    }
    Ok(())
}

/// Prints what happens to a file.
fn report(screen: &Screen, is_move: bool, event: Event<'_>) {
    match event {
        Event::Planned(action) if action.kind != ActionKind::Delete => screen.plan(),
        Event::Done(action) => {
            if action.kind != ActionKind::Delete {
                screen.end();
            }
            // The deletion is part of the move.
            if !is_move || action.kind != ActionKind::Delete {
                screen.line(describe(action, is_move));
            }
        }
        Event::Kept(_) => screen.end(),
        Event::Failed(failure) => {
            screen.end();
            screen.error(format!("failed: {}: {}", failure.key, failure.error));
        }
        Event::Notice(notice) if notice.is_warning() => {
            screen.error(format!("warning: {}: {}", notice.key, notice.message));
        }
        Event::Notice(notice) => screen.error(format!("note: {}: {}", notice.key, notice.message)),
        _ => {}
    }
}

/// The line of an action: `upload: a.txt to s3://bucket/a.txt`.
fn describe(action: &aws_s3_transfer::folder::Action, is_move: bool) -> String {
    match &action.source {
        Some(source) if is_move => format!("move: {source} to {}", action.target),
        Some(source) => format!("{}: {source} to {}", action.kind, action.target),
        None => format!("{}: {}", action.kind, action.target),
    }
}

/// The target with the name of the source, if it is a folder.
fn named(from: &Location, to: &Location) -> Location {
    let name = match from {
        Location::Folder(path) => path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        Location::Prefix { prefix, .. } => prefix.rsplit('/').next().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    match to {
        Location::Prefix { bucket, prefix } if prefix.is_empty() || prefix.ends_with('/') => {
            Location::prefix(bucket, format!("{prefix}{name}"))
        }
        Location::Folder(path) if path.is_dir() || ends_in_slash(path) => Location::folder(path.join(name)),
        to => to.clone(),
    }
}

fn ends_in_slash(path: &Path) -> bool {
    path.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
}

fn is_kept(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref::<aws_s3_transfer::Error>().map(|error| error.kind());
    matches!(kind, Some(ErrorKind::Condition | ErrorKind::TargetExists))
}

/// A time as the CLI's `ls` prints it, in UTC.
fn time(time: Option<aws_core::Timestamp>) -> String {
    let text = time.map_or_else(String::new, |time| time.to_string());
    format!("{:<19}", text.get(..19).unwrap_or(&text).replace('T', " "))
}
