//! The words of the command line, as the AWS CLI has them. Knows no command's work.

use std::path::PathBuf;
use std::time::Duration;

use aws_s3_transfer::folder::{CaseConflict, Compare, FolderTransfer};

pub(crate) const USAGE: &str = "\
usage: s3 ls [s3://bucket[/prefix]] [--recursive]
       s3 cp FROM TO [--recursive]       FROM and TO: a path, s3://bucket/key, or - for a pipe
       s3 mv FROM TO [--recursive]
       s3 rm s3://bucket/key [--recursive]
       s3 sync FROM TO [--delete]
       s3 presign s3://bucket/key [--expires-in SECONDS]

folders:  --exclude PATTERN  --include PATTERN  --no-follow-symlinks  --case-conflict ignore|skip|warn|error
          --force-glacier-transfer  --exit-on-error  --checkpoints FOLDER
sync:     --size-only  --exact-timestamps  --checksum [--checksum-cache FILE]
          --exact (by checksum, every file read, and --delete)
always:   --dryrun  --no-overwrite  --quiet  --only-show-errors  --no-progress
          --storage-class CLASS  --content-type TYPE
session:  --region NAME  --profile NAME  --endpoint-url URL  --memory MIB";

/// A command line.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) command: String,
    /// What stands without dashes behind the command.
    pub(crate) places: Vec<String>,
    /// Patterns in their order; true for `--include`.
    filters: Vec<(bool, String)>,
    flags: Vec<&'static str>,
    values: Vec<(&'static str, String)>,
}

const FLAGS: [&str; 15] = [
    "--recursive",
    "--delete",
    "--dryrun",
    "--no-overwrite",
    "--quiet",
    "--only-show-errors",
    "--no-progress",
    "--no-follow-symlinks",
    "--force-glacier-transfer",
    "--exit-on-error",
    "--size-only",
    "--exact-timestamps",
    "--checksum",
    "--exact",
    "--help",
];
const VALUES: [&str; 10] = [
    "--case-conflict",
    "--checkpoints",
    "--checksum-cache",
    "--expires-in",
    "--storage-class",
    "--content-type",
    "--region",
    "--profile",
    "--endpoint-url",
    "--memory",
];

impl Arguments {
    /// # Errors
    /// What is wrong, and what is expected.
    pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let (name, attached) = match word.split_once('=').filter(|_| word.starts_with("--")) {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (word.clone(), None),
            };
            let mut value = || attached.clone().or_else(|| words.next()).ok_or(format!("{name} needs a value"));
            if let "--include" | "--exclude" = &*name {
                arguments.filters.push((name == "--include", value()?));
            } else if let Some(known) = VALUES.into_iter().find(|it| **it == *name) {
                let value = value()?;
                arguments.values.push((known, value));
            } else if let Some(known) = FLAGS.into_iter().find(|it| **it == *word) {
                arguments.flags.push(known);
            } else if word.starts_with("--") {
                return Err(format!("unknown option {word}"));
            } else if arguments.command.is_empty() {
                arguments.command = word;
            } else {
                arguments.places.push(word);
            }
        }
        let (least, most) = match &*arguments.command {
            "ls" => (0, 1),
            "cp" | "mv" | "sync" => (2, 2),
            "rm" | "presign" => (1, 1),
            "" => return Err("a command is missing".into()),
            other => return Err(format!("unknown command {other}: expected ls, cp, mv, rm, sync or presign")),
        };
        if !(least..=most).contains(&arguments.places.len()) {
            let (command, count) = (&arguments.command, arguments.places.len());
            return Err(format!("{command} takes {most} places, but {count} were named"));
        }
        Ok(arguments)
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let number = value.parse().map_err(|_| format!("{name}: `{value}` is not a number"))?;
        Ok(Some(number))
    }

    pub(crate) fn memory(&self) -> Result<Option<u64>, String> {
        Ok(self.number("--memory")?.map(|mib| mib << 20))
    }

    pub(crate) fn expires_in(&self) -> Result<Duration, String> {
        Ok(Duration::from_secs(self.number("--expires-in")?.unwrap_or(3600)))
    }

    pub(crate) fn checkpoints(&self) -> Option<PathBuf> {
        self.value("--checkpoints").map(PathBuf::from)
    }

    /// Sets what the options say about a transfer of folders.
    ///
    /// # Errors
    /// A value that is not known.
    pub(crate) fn configure(&self, mut transfer: FolderTransfer) -> Result<FolderTransfer, String> {
        for (includes, pattern) in &self.filters {
            transfer = if *includes { transfer.include(pattern) } else { transfer.exclude(pattern) };
        }
        transfer = transfer
            .follow_symlinks(!self.has("--no-follow-symlinks"))
            .no_overwrite(self.has("--no-overwrite"))
            .transfer_archived(self.has("--force-glacier-transfer"))
            .case_conflict(match self.value("--case-conflict") {
                None | Some("warn") => CaseConflict::Warn,
                Some("ignore") => CaseConflict::Ignore,
                Some("skip") => CaseConflict::Skip,
                Some("error") => CaseConflict::Error,
                Some(other) => {
                    return Err(format!("--case-conflict: `{other}` is not ignore, skip, warn or error"));
                }
            });
        if self.has("--exit-on-error") {
            transfer = transfer.on_failure(aws_s3_transfer::folder::OnFailure::Stop);
        }
        if let Some(folder) = self.checkpoints() {
            transfer = transfer.checkpoints(folder);
        }
        if self.command == "sync" {
            let (is_exact, by_content) = (self.has("--exact"), self.has("--checksum"));
            transfer = transfer.delete(self.has("--delete") || is_exact).compare(match () {
                () if is_exact || by_content => Compare::Content,
                () if self.has("--size-only") => Compare::SizeOnly,
                () if self.has("--exact-timestamps") => Compare::ExactTimestamps,
                () => Compare::SizeAndTime,
            });
            if let Some(cache) = self.value("--checksum-cache").filter(|_| !is_exact) {
                transfer = transfer.checksum_cache(cache);
            }
        }
        Ok(transfer)
    }
}
