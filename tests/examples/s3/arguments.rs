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

cp, mv, rm, sync:  --dryrun  --quiet  --only-show-errors  --no-progress
cp, mv, sync:      --no-overwrite  --storage-class CLASS  --content-type TYPE  --memory MIB
                   --checkpoints FOLDER (an interrupted transfer goes on within large files)
folders:           --exclude PATTERN  --include PATTERN  --exit-on-error
                   --no-follow-symlinks  --case-conflict ignore|skip|warn|error  --force-glacier-transfer
sync:              --size-only, --exact-timestamps, --checksum [--checksum-cache FILE],
                   or --exact (by checksum, every file read, and --delete)
session:           --region NAME  --profile NAME  --endpoint-url URL";

/// A command line.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) command: String,
    /// What stands without dashes behind the command.
    pub(crate) places: Vec<String>,
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
const VALUES: [&str; 12] = [
    "--include",
    "--exclude",
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

/// What the options are for that are not for all commands; with `-r`, only for folders: `sync`, and others if they are
/// recursive.
const USES: [(&[&str], &[&str]); 6] = [
    (&["ls", "cp", "mv", "rm"], &["--recursive"]),
    (&["cp", "mv", "rm", "sync"], &["--dryrun", "--quiet", "--only-show-errors", "--no-progress"]),
    (&["cp", "mv", "sync"], &["--no-overwrite", "--storage-class", "--content-type", "--memory", "--checkpoints"]),
    (&["cp -r", "mv -r", "rm -r", "sync"], &["--include", "--exclude", "--exit-on-error"]),
    (&["cp -r", "mv -r", "sync"], &["--no-follow-symlinks", "--case-conflict", "--force-glacier-transfer"]),
    (&["sync"], &["--delete", "--size-only", "--exact-timestamps", "--checksum", "--checksum-cache", "--exact"]),
];

/// Options that contradict each other.
const RULES: [&str; 4] = ["--size-only", "--exact-timestamps", "--checksum", "--exact"];

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
            if let Some(known) = VALUES.into_iter().find(|it| **it == *name) {
                arguments.values.push((known, value()?));
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
        let (counts, places) = match &*arguments.command {
            "ls" => (0..=1, "at most one s3://bucket/prefix"),
            "cp" | "mv" | "sync" => (2..=2, "FROM and TO"),
            "rm" | "presign" => (1..=1, "one s3://bucket/key"),
            "" => return Err("a command is missing".into()),
            other => return Err(format!("unknown command {other}: expected ls, cp, mv, rm, sync or presign")),
        };
        if !counts.contains(&arguments.places.len()) {
            let (command, named) = (&arguments.command, arguments.places.join(" "));
            let named = if named.is_empty() { "nothing" } else { &named };
            return Err(format!("{command} takes {places}, not {named}"));
        }
        if !arguments.has("--help") {
            arguments.check()?;
        }
        Ok(arguments)
    }

    /// Refuses what would have no effect, or would contradict another word.
    fn check(&self) -> Result<(), String> {
        let command = &*self.command;
        let is_set = |name: &str| self.has(name) || self.value(name).is_some();
        for (uses, options) in USES {
            let Some(option) = options.iter().find(|it| is_set(it)) else { continue };
            match uses.iter().find(|it| it.split(' ').next() == Some(command)) {
                None => return Err(format!("{command} has no {option}")),
                Some(of) if of.ends_with("-r") && !self.is_folder() => {
                    return Err(format!("{option} has no effect on one file: add --recursive, or leave it out"));
                }
                Some(_) => {}
            }
        }
        if is_set("--expires-in") && command != "presign" {
            return Err(format!("{command} has no --expires-in"));
        }
        let rules: Vec<_> = RULES.into_iter().filter(|it| self.has(it)).collect();
        if let [one, other, ..] = rules[..] {
            return Err(format!("{one} and {other} contradict each other"));
        }
        if is_set("--checksum-cache") && !self.has("--checksum") {
            return Err("--checksum-cache needs --checksum".into());
        }
        let [from, to] = &*self.places else { return Ok(()) };
        if (command != "cp" || self.is_folder()) && (from == "-" || to == "-") {
            return Err("only cp of one object reads or writes a pipe".into());
        }
        if from == "-" && to.ends_with('/') {
            return Err(format!("a pipe has no name: expected a key, as {to}NAME"));
        }
        let (is_from_s3, is_to_s3) = (from.starts_with("s3://"), to.starts_with("s3://"));
        match () {
            () if !is_to_s3 && is_set("--storage-class") => Err("--storage-class has no effect on a download".into()),
            () if is_from_s3 && is_set("--content-type") => Err("--content-type has an effect only on uploads".into()),
            () if to == "-" && is_set("--no-overwrite") => Err("--no-overwrite has no effect on a pipe".into()),
            () if (from == "-" || to == "-") && is_set("--checkpoints") => {
                Err("--checkpoints has no effect on a pipe, which cannot be read or written again".into())
            }
            () => Ok(()),
        }
    }

    /// Whether the command is about many files.
    pub(crate) fn is_folder(&self) -> bool {
        self.command == "sync" || self.has("--recursive")
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
        let Some(mib) = self.number("--memory")? else { return Ok(None) };
        let bytes = mib.checked_mul(1 << 20).ok_or_else(|| format!("--memory: {mib} MiB are too many"))?;
        Ok(Some(bytes))
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
        for (name, pattern) in &self.values {
            transfer = match *name {
                "--include" => transfer.include(pattern),
                "--exclude" => transfer.exclude(pattern),
                _ => transfer,
            };
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
            let is_exact = self.has("--exact");
            transfer = transfer.delete(self.has("--delete") || is_exact).compare(match () {
                () if is_exact || self.has("--checksum") => Compare::Content,
                () if self.has("--size-only") => Compare::SizeOnly,
                () if self.has("--exact-timestamps") => Compare::ExactTimestamps,
                () => Compare::SizeAndTime,
            });
            if let Some(cache) = self.value("--checksum-cache") {
                transfer = transfer.checksum_cache(cache);
            }
        }
        Ok(transfer)
    }
}
