//! Does what a plan says: many actions at once, in the order of the plan where that matters. Knows neither how one object
//! is transferred nor why it is.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_core::Timestamp;
use aws_s3::custom::CopySource;
use tokio::task::JoinSet;

use super::ahead::Ahead;
use super::case::{InFlight, other_case};
use super::delete::{BATCH, delete_objects};
use super::entry::{Entry, Notice, NoticeKind};
use super::location::{Location, Place};
use super::names::Parents;
use super::plan::{Action, ActionKind, Plan, Step};
use super::settings::{CaseConflict, FolderSettings, OnFailure};
use super::summary::{Event, Failure, Summary};
use crate::engine::command::{Command, Commander};
use crate::file::of_task;
use crate::handle::Job;
use crate::sums::Crc;
use crate::{Checkpoint, Error, ErrorKind, Meter, Result, Source, Target};

/// Actions that run at once. Their requests wait for the memory and the concurrency of the transfers, so this bounds open
/// files and memory beside the budget. Our choice.
const IN_FLIGHT: usize = 128;
/// Steps that are planned ahead of what runs, so that a total is known early. Our choice: some 4 MB.
const PLANNED_AHEAD: usize = 10_000;

/// Plans and does everything.
pub(crate) async fn run(settings: FolderSettings, job: Job) -> Result<Summary> {
    let settings = Arc::new(settings.checked()?);
    let plan = job.until_stopped(Plan::new(Arc::clone(&settings))).await?;
    let unchanged = plan.unchanged_counter();
    let run = Run {
        settings,
        commander: job.orders.commander(),
        job,
        tasks: JoinSet::new(),
        held: VecDeque::new(),
        in_flight: InFlight::default(),
        postponed: Vec::new(),
        missing: VecDeque::new(),
        parents: Parents::default(),
        deletions: Default::default(),
        last_folder: None,
        summary: Summary::default(),
        ended: None,
    };
    let mut summary = run.drive(plan).await?;
    summary.unchanged = unchanged.load(Ordering::Relaxed);
    Ok(summary)
}

struct Run {
    settings: Arc<FolderSettings>,
    job: Job,
    /// Stops the actions.
    commander: Commander,
    tasks: JoinSet<VecDeque<(Action, Outcome)>>,
    /// Downloads that wait for another whose key differs by case.
    held: VecDeque<Action>,
    in_flight: InFlight,
    /// Downloads in whose place a folder is, or a file in that of their folder, until what is there was deleted.
    postponed: Vec<Action>,
    /// What the source does not have, as far as it is known: deleted once the whole plan is, since a list that ends in an
    /// error may have had it.
    missing: VecDeque<Missing>,
    /// The files among them that may be in the place of a folder.
    parents: Parents,
    /// Deletions of objects that wait for more of them: of the target, and of the source.
    deletions: [Vec<Action>; 2],
    /// The folder that was created last.
    last_folder: Option<PathBuf>,
    summary: Summary,
    /// Why no further action begins, if there is a reason.
    ended: Option<Error>,
}

/// A planned deletion, as little of it as can be: a sync may have millions.
struct Missing {
    key: String,
    size: u64,
    modified: Timestamp,
}

/// What became of an action.
enum Outcome {
    Done { bytes: u64, notice: Option<Notice> },
    Kept,
    Left(Notice),
    Failed(Error),
}

impl Outcome {
    fn of_deletion(action: &Action, deleted: Result<()>) -> Self {
        match deleted {
            Ok(()) => Self::Done { bytes: action.size, notice: None },
            Err(error) => Self::Failed(error),
        }
    }
}

/// Plans in a task, ahead of what runs.
fn plan_ahead(mut plan: Plan, settings: Arc<FolderSettings>, meter: Meter) -> Ahead<Step> {
    Ahead::start("the plan", PLANNED_AHEAD, |out| async move {
        while let Some(step) = plan.try_next().await? {
            if let Step::Do(action) = &step {
                if action.kind != ActionKind::Delete {
                    meter.add_total(action.size);
                }
                settings.observe(Event::Planned(action));
            }
            out.send(step).await;
        }
        meter.finish_total();
        Ok(())
    })
}

impl Run {
    async fn drive(mut self, plan: Plan) -> Result<Summary> {
        let mut steps = plan_ahead(plan, Arc::clone(&self.settings), self.job.meter.clone());
        let mut orders = self.job.orders.clone();
        let (mut is_planned, mut is_stopped) = (false, false);
        loop {
            let has_missing = is_planned && self.ended.is_none() && !self.missing.is_empty();
            while is_planned && !has_missing && self.ended.is_none() && self.tasks.len() < IN_FLIGHT {
                let Some(action) = self.postponed.pop() else { break };
                self.begin_download(action);
            }
            if self.tasks.is_empty() && !has_missing && (is_planned || self.ended.is_some()) {
                self.flush();
                if self.tasks.is_empty() {
                    break;
                }
            }
            let may_begin = self.ended.is_none() && self.tasks.len() < IN_FLIGHT && self.held.len() < IN_FLIGHT;
            tokio::select! {
                biased;
                command = orders.stop(), if !is_stopped => {
                    is_stopped = true;
                    self.stop(command);
                }
                Some(finished) = self.tasks.join_next() => match finished {
                    Ok(outcomes) => self.finish(outcomes).await,
                    Err(error) => self.ended = Some(of_task(error)),
                },
                step = steps.next(), if may_begin && !is_planned => match step {
                    Ok(Some(step)) => self.step(step).await,
                    Ok(None) => is_planned = true,
                    Err(error) => self.ended = Some(error),
                },
                () = std::future::ready(()), if may_begin && has_missing => self.delete_missing().await,
            }
            if self.ended.is_some() {
                steps.stop();
            }
        }
        match self.ended {
            Some(error) => Err(error),
            None => Ok(self.summary),
        }
    }

    /// Stops all actions, and begins no other.
    fn stop(&mut self, command: Command) {
        self.commander.order(command);
        self.ended.get_or_insert_with(|| match command {
            Command::Pause => {
                let message = "the transfer is paused: start it again to go on; what both sides have is left alone";
                Error::new(ErrorKind::Paused, message)
            }
            Command::Run | Command::Abort => Error::new(ErrorKind::Aborted, "the transfer was aborted"),
        });
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Do(action) => match (action.kind, &action.target) {
                (ActionKind::Delete, _) => {
                    self.parents.conflict(&action.key, &self.settings.delimiter);
                    self.parents.push(&action.key);
                    let Action { key, size, modified, .. } = action;
                    self.missing.push_back(Missing { key, size, modified });
                    // Without a source nothing can turn out not to be missing.
                    if self.settings.source.is_none() {
                        self.delete_missing().await;
                    }
                }
                (ActionKind::Download, Place::File(path))
                    if self.settings.delete && self.is_occupied(&action, path) =>
                {
                    self.postponed.push(action);
                }
                (ActionKind::Download, _) => self.begin_download(action),
                (ActionKind::Upload | ActionKind::Copy, _) => self.begin(action),
            },
            Step::Notice(notice) => self.notice(notice),
            Step::Fail(failure) => self.fail(failure),
        }
    }

    /// Whether a folder is in the place of a file, or a file that is to be deleted in that of its folder. Keys must ascend.
    fn is_occupied(&mut self, action: &Action, path: &Path) -> bool {
        self.parents.conflict(&action.key, &self.settings.delimiter).is_some() || path.is_dir()
    }

    /// Deletes the first of what the source does not have.
    async fn delete_missing(&mut self) {
        let Some(Missing { key, size, modified }) = self.missing.pop_front() else { return };
        let action = self.settings.deletion(Entry { key, size, modified, e_tag: None, archived: false });
        let deleted = self.delete(action, false).await;
        self.finish(deleted.into_iter().collect()).await;
    }

    /// Begins a download, unless its name differs only by case from that of another file.
    fn begin_download(&mut self, action: Action) {
        let conflict = self.settings.case_conflict;
        if conflict == CaseConflict::Ignore {
            return self.begin(action);
        }
        if !self.in_flight.begin(&action.key) {
            return self.held.push_back(action);
        }
        let Place::File(path) = &action.target else { return self.begin(action) };
        let Some(other) = other_case(path) else { return self.begin(action) };
        let what = format!("{} differs only by case from {}, which is there", action.key, other.to_string_lossy());
        match conflict {
            CaseConflict::Error => {
                self.in_flight.end(&action.key);
                let message = format!("{what}; choose another folder, or another `case_conflict`");
                self.ended.get_or_insert_with(|| Error::new(ErrorKind::TargetExists, message));
                self.commander.order(Command::Abort);
            }
            CaseConflict::Skip => {
                self.in_flight.end(&action.key);
                self.notice(Notice::new(NoticeKind::Case, &*action.key, format!("{what}: skipped")));
            }
            _ => {
                self.notice(Notice::new(NoticeKind::Case, &*action.key, format!("{what}: downloaded over it")));
                self.begin(action);
            }
        }
    }

    fn begin(&mut self, action: Action) {
        let size = action.size;
        // The transfer adds its size itself when it begins.
        self.job.meter.add(|it| it.total = it.total.saturating_sub(size));
        if let (ActionKind::Download, Place::File(path)) = (action.kind, &action.target)
            && let Err(error) = self.make_folder(path)
        {
            self.in_flight.end(&action.key);
            return self.fail_action(&action, error);
        }
        let (meter, orders) = (self.job.meter.child(), self.commander.orders());
        let job = Job { meter, orders, ..self.job.clone() };
        let settings = Arc::clone(&self.settings);
        self.tasks.spawn(async move {
            let outcome = transfer(&settings, &action, job).await;
            [(action, outcome)].into()
        });
    }

    /// Creates the folder of a file.
    fn make_folder(&mut self, path: &Path) -> Result<()> {
        let Some(folder) = path.parent() else { return Ok(()) };
        if self.last_folder.as_deref() == Some(folder) {
            return Ok(());
        }
        if let Location::Folder(root) = &self.settings.target
            && !self.settings.follow_symlinks
        {
            let below = folder.ancestors().take_while(|ancestor| *ancestor != root.as_path());
            if let Some(link) = below.into_iter().find(|folder| folder.is_symlink()) {
                let message = format!(
                    "{} is a link, and links are not followed: {} is not written",
                    link.display(),
                    path.display()
                );
                return Err(Error::new(ErrorKind::Target, message));
            }
        }
        std::fs::create_dir_all(folder).map_err(|e| {
            let message = format!("the folder {} cannot be created: {e}", folder.display());
            Error::new(ErrorKind::Target, message).with_source(e)
        })?;
        self.last_folder = Some(folder.to_owned());
        Ok(())
    }

    async fn finish(&mut self, mut outcomes: VecDeque<(Action, Outcome)>) {
        while let Some((action, outcome)) = outcomes.pop_front() {
            if action.kind == ActionKind::Download {
                self.in_flight.end(&action.key);
            }
            match outcome {
                Outcome::Done { bytes, notice } => {
                    self.summary.count(action.kind, bytes);
                    self.settings.observe(Event::Done(&action));
                    if let Some(notice) = notice {
                        self.notice(notice);
                    }
                    if self.settings.remove_source
                        && let Some(target) = action.source
                    {
                        let deletion = Action { kind: ActionKind::Delete, source: None, target, ..action };
                        outcomes.extend(self.delete(deletion, true).await);
                    }
                }
                Outcome::Kept => {
                    self.summary.kept += 1;
                    self.settings.observe(Event::Kept(&action));
                }
                Outcome::Left(notice) => self.notice(notice),
                Outcome::Failed(error) => self.fail_action(&action, error),
            }
        }
        for _ in 0..self.held.len() {
            if let Some(action) = self.held.pop_front() {
                self.begin_download(action);
            }
        }
    }

    /// Deletes a file at once, and an object together with others.
    async fn delete(&mut self, action: Action, of_source: bool) -> Option<(Action, Outcome)> {
        match &action.target {
            Place::File(path) => {
                let outcome = Outcome::of_deletion(&action, remove_file(path).await);
                Some((action, outcome))
            }
            Place::Object { .. } => {
                let deletions = &mut self.deletions[usize::from(of_source)];
                deletions.push(action);
                if deletions.len() >= BATCH {
                    self.flush();
                }
                None
            }
        }
    }

    /// Deletes the objects that wait for it.
    fn flush(&mut self) {
        for (of_source, actions) in std::mem::take(&mut self.deletions).into_iter().enumerate() {
            if actions.is_empty() || self.ended.is_some() {
                continue;
            }
            let settings = Arc::clone(&self.settings);
            self.tasks.spawn(async move {
                let transfers = if of_source == 1 { &settings.source_transfers } else { &settings.transfers };
                let objects = actions.iter().filter_map(|it| it.target.object());
                let (buckets, keys): (Vec<&str>, Vec<&str>) = objects.unzip();
                let bucket = buckets.first().copied().unwrap_or_default();
                let deleted = delete_objects(transfers.client(), bucket, &keys, settings.delete_with.as_ref()).await;
                let outcomes: Vec<_> = actions.iter().zip(deleted).map(|it| Outcome::of_deletion(it.0, it.1)).collect();
                actions.into_iter().zip(outcomes).collect()
            });
        }
    }

    fn notice(&mut self, notice: Notice) {
        self.settings.observe(Event::Notice(&notice));
        self.summary.notice(notice);
    }

    fn fail_action(&mut self, action: &Action, error: Error) {
        // What was stopped has not failed.
        if self.ended.is_none() || !matches!(error.kind(), ErrorKind::Aborted | ErrorKind::Paused) {
            self.fail(Failure { key: action.key.clone(), error });
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.settings.observe(Event::Failed(&failure));
        if self.settings.on_failure == OnFailure::Stop && self.ended.is_none() {
            self.commander.order(Command::Abort);
            self.ended = Some(failure.error);
            return;
        }
        self.summary.fail(failure);
    }
}

/// Transfers one file or object.
async fn transfer(settings: &FolderSettings, action: &Action, job: Job) -> Outcome {
    let checkpoint = checkpoint_file(settings, action);
    let mut result = attempt(settings, action, job.clone(), checkpoint.as_deref()).await;
    if let (Err(error), Some(path)) = (&result, &checkpoint)
        && is_stale(error.kind())
        && discard(settings, path).await
    {
        result = attempt(settings, action, job, None).await;
    }
    match result {
        Ok(bytes) => Outcome::Done { bytes, notice: set_time(action) },
        Err(error) if settings.no_overwrite && is_kept(error.kind()) => Outcome::Kept,
        Err(error) => match unreadable(action, &error) {
            Some(notice) => Outcome::Left(notice),
            None => Outcome::Failed(error),
        },
    }
}

async fn attempt(settings: &FolderSettings, action: &Action, job: Job, checkpoint: Option<&Path>) -> Result<u64> {
    let FolderSettings { transfers, source_transfers, no_overwrite, .. } = settings;
    /// What all kinds of transfers are set up with.
    macro_rules! set_up {
        ($transfer:expr, $change:ident) => {{
            let mut transfer = $transfer;
            if let Some(path) = checkpoint {
                transfer = transfer.checkpoint_file(path);
            }
            match &settings.$change {
                Some(change) => change(action, transfer),
                None => transfer,
            }
        }};
    }
    let none_match = no_overwrite.then_some("*");
    match (action.source.clone(), action.target.clone()) {
        (Some(Place::File(path)), Place::Object { bucket, key }) => {
            let upload = transfers.upload(bucket, key, Source::path(path)).with(|put| put.if_none_match(none_match));
            set_up!(upload, upload_with).run(job).await.map(|uploaded| uploaded.size)
        }
        (Some(Place::Object { bucket, key }), Place::File(path)) => {
            // A link to a folder leads outside: it stays, and the download in its place fails.
            if path.is_dir() && !path.is_symlink() {
                remove_empty(&path);
            }
            let target = if *no_overwrite { Target::path(path).no_overwrite() } else { Target::path(path) };
            let download = set_up!(source_transfers.download(bucket, key, target), download_with);
            let job = Job { transfers: source_transfers.clone(), ..job };
            download.run(job).await.map(|downloaded| downloaded.size)
        }
        (Some(Place::Object { bucket: from, key: source }), Place::Object { bucket, key }) => {
            let copy = transfers.copy(bucket, key, CopySource::new(from, source)).source_size(action.size);
            let mut copy = copy.with(|copy| copy.if_none_match(none_match));
            if settings.has_source_client {
                copy = copy.source_client(source_transfers.client());
            }
            set_up!(copy, copy_with).run(job).await.map(|copied| copied.size)
        }
        (from, to) => Err(Error::new(ErrorKind::Settings, format!("{from:?} cannot be transferred to {to}"))),
    }
}

/// The file of the checkpoint of a transfer that is large enough to have one.
fn checkpoint_file(settings: &FolderSettings, action: &Action) -> Option<PathBuf> {
    let folder = settings.checkpoints.as_ref()?;
    if action.size < settings.transfers.settings().threshold {
        return None;
    }
    let name = format!("{}\n{}", action.source.as_ref()?, action.target);
    // As a name of a file: base64 has slashes.
    let sum = Crc::Crc64Nvme.of(name.as_bytes()).to_string().replace('/', "_").replace('=', "");
    Some(folder.join(format!("{sum}.checkpoint")))
}

/// Whether a failure means that a checkpoint is of no use any more.
fn is_stale(kind: ErrorKind) -> bool {
    use ErrorKind::{Checkpoint, ObjectChanged, PartsDiffer, SourceChanged, UploadGone};
    matches!(kind, Checkpoint | ObjectChanged | PartsDiffer | SourceChanged | UploadGone)
}

/// Removes a checkpoint, and the parts of its upload. Returns whether there was one.
async fn discard(settings: &FolderSettings, path: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return false };
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        let Checkpoint { bucket, key, upload_id, partial, .. } = checkpoint;
        if !upload_id.is_empty() {
            let abort = settings.transfers.client().abort_multipart_upload(bucket, key, upload_id);
            let _ = abort.send().await;
        }
        if !partial.is_empty() {
            let _ = std::fs::remove_file(partial);
        }
    }
    std::fs::remove_file(path).is_ok()
}

fn is_kept(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Condition | ErrorKind::TargetExists)
}

/// A file that is gone or must not be read is left out with a warning, as the CLI does.
fn unreadable(action: &Action, error: &Error) -> Option<Notice> {
    let cause = error.cause()?.downcast_ref::<io::Error>()?.kind();
    let is_left = matches!(cause, io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied);
    let is_source = action.kind == ActionKind::Upload && error.kind() == ErrorKind::Source;
    (is_left && is_source).then(|| Notice::new(NoticeKind::Unreadable, &*action.key, format!("{error}: skipped")))
}

/// Gives a downloaded file the time of its object, by which a later sync sees that it is current.
fn set_time(action: &Action) -> Option<Notice> {
    let Place::File(path) = &action.target else { return None };
    let set = || {
        let time = std::time::SystemTime::try_from(action.modified).map_err(io::Error::other)?;
        std::fs::File::options().write(true).open(path)?.set_modified(time)
    };
    let what = |e| format!("{} was downloaded, but its time cannot be set: {e}", path.display());
    set().err().map(|e| Notice::new(NoticeKind::Time, &*action.key, what(e)))
}

/// Removes folders that contain no file. One that does stays, and a download in its place fails.
fn remove_empty(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|file_type| file_type.is_dir()) {
            remove_empty(&entry.path());
        }
    }
    let _ = std::fs::remove_dir(folder);
}

async fn remove_file(path: &Path) -> Result<()> {
    if other_case(path).is_some() {
        // Another name leads to this file, which is not that of the key.
        return Ok(());
    }
    match tokio::fs::remove_file(path).await {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            let message = format!("cannot delete {}: {e}", path.display());
            Err(Error::new(ErrorKind::Target, message).with_source(e))
        }
        _ => Ok(()),
    }
}
