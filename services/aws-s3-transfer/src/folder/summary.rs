//! What a transfer of folders has done: counts, failures, the exit code of a program. Knows no action.

use super::entry::Notice;
use super::plan::{Action, ActionKind};
use crate::Error;

/// Failures and notices that a summary keeps; further ones are counted. Our choice: enough to see what is wrong, and
/// bounded when all of a million fail. An [observer](super::FolderTransfer::on_event) sees each of them.
const KEPT: usize = 1000;

/// One action that failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The key below the roots.
    pub key: String,
    /// What went wrong, and what to do.
    pub error: Error,
}

/// A number of files or objects, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Count {
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What happens during a transfer of folders, for an [observer](super::FolderTransfer::on_event).
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An action will be done.
    Planned(&'a Action),
    /// An action was done.
    Done(&'a Action),
    /// The target of an action has the key by now, and is not overwritten.
    Kept(&'a Action),
    /// An action failed, or cannot be done.
    Failed(&'a Failure),
    /// Something is left out or decided in another way.
    Notice(&'a Notice),
}

/// What was done.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Files that became objects.
    pub uploaded: Count,
    /// Objects that became files.
    pub downloaded: Count,
    /// Objects that were copied.
    pub copied: Count,
    /// Objects or files that were deleted, also of the source of a move.
    pub deleted: Count,
    /// Keys that both sides have, and that needed nothing.
    pub unchanged: u64,
    /// Keys that the target had by the time of their transfer, and that were not overwritten.
    pub kept: u64,
    /// Failed actions, all of them.
    pub failed: u64,
    /// The first 1,000 failures.
    pub failures: Vec<Failure>,
    /// Warnings, all of them.
    pub warnings: u64,
    /// The first 1,000 notices, warnings and others.
    pub notices: Vec<Notice>,
}

impl Summary {
    /// The exit code of the AWS CLI: 1 if anything failed, else 2 if there were warnings, else 0.
    pub fn exit_code(&self) -> u8 {
        match (self.failed, self.warnings) {
            (0, 0) => 0,
            (0, _) => 2,
            _ => 1,
        }
    }

    /// All that was uploaded, downloaded and copied.
    pub fn transferred(&self) -> Count {
        let all = [self.uploaded, self.downloaded, self.copied];
        Count { files: all.iter().map(|it| it.files).sum(), bytes: all.iter().map(|it| it.bytes).sum() }
    }

    pub(crate) fn count(&mut self, kind: ActionKind, bytes: u64) {
        let count = match kind {
            ActionKind::Upload => &mut self.uploaded,
            ActionKind::Download => &mut self.downloaded,
            ActionKind::Copy => &mut self.copied,
            ActionKind::Delete => &mut self.deleted,
        };
        count.files += 1;
        count.bytes += bytes;
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failed += 1;
        if self.failures.len() < KEPT {
            self.failures.push(failure);
        }
    }

    pub(crate) fn notice(&mut self, notice: Notice) {
        self.warnings += u64::from(notice.is_warning());
        if self.notices.len() < KEPT {
            self.notices.push(notice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::NoticeKind;
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn the_exit_code_is_that_of_the_cli() {
        let mut summary = Summary::default();
        summary.count(ActionKind::Upload, 5);
        summary.notice(Notice::new(NoticeKind::Checksum, "a", ""));
        assert_eq!(summary.exit_code(), 0);
        summary.notice(Notice::new(NoticeKind::Unreadable, "a", ""));
        assert_eq!(summary.exit_code(), 2);
        summary.fail(Failure { key: "a".into(), error: Error::new(ErrorKind::Target, "") });
        assert_eq!(summary.exit_code(), 1);
        assert_eq!(summary.transferred(), Count { files: 1, bytes: 5 });
    }

    #[test]
    fn a_million_failures_are_counted_and_not_kept() {
        let mut summary = Summary::default();
        for _ in 0..1500 {
            summary.fail(Failure { key: "a".into(), error: Error::new(ErrorKind::Target, "") });
            summary.notice(Notice::new(NoticeKind::Name, "a", ""));
        }
        assert_eq!(
            (summary.failed, summary.failures.len(), summary.warnings, summary.notices.len()),
            (1500, 1000, 1500, 1000)
        );
    }
}
