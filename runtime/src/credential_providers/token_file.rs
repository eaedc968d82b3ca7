//! A cache file with a refresh token, which works once: refreshing it is never left half done, and what another process
//! refreshed is used. Knows neither the members of the file nor the service that refreshes it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Mutex;

use super::{failed, json_file};
use crate::retry::Sleep;
use crate::{BoxFuture, Error, Result, tokio_runtime};

/// How often, and in which intervals, the file is read again after the service rejected the refresh token. Our choice:
/// another process has spent the token, its response is on the way, and it then writes a few KiB. Two seconds are short
/// for a user who must log in.
const READS: u32 = 10;
const READ_INTERVAL: Duration = Duration::from_millis(200);

/// How often a refresh is tried with a refresh token that another process wrote after this one's was rejected. Our
/// choice: it is rejected only if a third process was faster, or if the user must log in.
const MAX_REFRESHES: u32 = 3;

/// What is stored in such a file, and how it is refreshed.
pub(super) trait TokenFile: Clone + Send + Sync + 'static {
    /// What the file is read for.
    type Item: Send + 'static;

    /// The path of the file.
    fn path(&self) -> Result<PathBuf>;

    /// Reads the item. The document is that of the file, or the reason why it cannot be read.
    fn read(&self, path: &Path, document: Result<Option<&Value>, String>) -> Result<(Self::Item, State)>;

    /// Sends the refresh token in the document. Returns the document to store.
    fn refresh<'a>(&'a self, path: &'a Path, document: &'a Value) -> BoxFuture<'a, Result<Value, RefreshError>>;

    /// The error when the item cannot be refreshed, or none if it is usable.
    fn unrefreshed(&self, item: Self::Item, error: Error) -> Result<Self::Item>;
}

/// Whether an item must be refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Fresh,
    /// It can be used, but a refresh is due.
    Usable,
    Expired,
}

/// Why a refresh failed.
pub(super) struct RefreshError {
    pub(super) error: Error,
    /// Whether the service rejected the refresh token: then another process may have used it.
    pub(super) is_rejected: bool,
}

impl RefreshError {
    /// An error of a call with the refresh token.
    pub(super) fn of_call(error: Error, explain: impl FnOnce(Error) -> Error) -> Self {
        let is_rejected = error.status().is_some_and(|status| (400..500).contains(&status));
        Self { error: explain(error), is_rejected }
    }
}

/// The refreshes of one file by one provider.
#[derive(Clone, Debug, Default)]
pub(super) struct Refreshes(Arc<Mutex<Unsaved>>);

/// A document that could not be written, and the document of the file that it replaces. Otherwise the next refresh would
/// send the token that is spent.
#[derive(Default)]
struct Unsaved(Option<(Value, Value)>);

impl std::fmt::Debug for Unsaved {
    /// Without the documents, which are secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Unsaved").field(&self.0.is_some()).finish()
    }
}

impl Refreshes {
    /// Reads the item, and refreshes it if necessary. That runs in a task of its own from the request to the file, so that
    /// a caller that is cancelled loses no token, and the next caller waits for its end.
    pub(super) async fn get<F: TokenFile>(&self, file: &F, sleep: Sleep) -> Result<F::Item> {
        let (refreshes, file) = (self.clone(), file.clone());
        let task = tokio_runtime::outcome(&tokio_runtime::current()?, async move {
            let mut unsaved = refreshes.0.lock().await;
            unsaved.get(&file, &sleep).await
        });
        task.await.map_err(|it| failed(format!("the refresh ended early: {it}")))?
    }
}

impl Unsaved {
    async fn get<F: TokenFile>(&mut self, file: &F, sleep: &Sleep) -> Result<F::Item> {
        let path = file.path()?;
        let mut document = self.document(&path).await;
        let mut refreshes = 0;
        loop {
            let (item, state) = read(file, &path, &document)?;
            let Ok(Some(current)) = &document else { return Ok(item) };
            if state == State::Fresh {
                return Ok(item);
            }
            let failure = match file.refresh(&path, current).await {
                Ok(refreshed) => {
                    let item = file.read(&path, Ok(Some(&refreshed)));
                    self.store(&path, current.clone(), refreshed).await;
                    return item.map(|it| it.0);
                }
                Err(failure) => failure,
            };
            refreshes += 1;
            let reads = match (failure.is_rejected, state) {
                (true, State::Expired) => READS,
                // It costs a user of a token that is still valid nothing to try again later.
                _ => 1,
            };
            match self.changed(&path, current, reads, sleep).await {
                Some(changed) if refreshes < MAX_REFRESHES => document = Ok(Some(changed)),
                _ => return file.unrefreshed(item, failure.error),
            }
        }
    }

    /// The document of the file, or the one that could not be written to it.
    fn document<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Result<Option<Value>, String>> {
        Box::pin(async {
            let document = json_file::read(path).await?;
            Ok(match (&self.0, document) {
                (Some((replaced, unsaved)), Some(found)) if *replaced == found => Some(unsaved.clone()),
                (_, found) => found,
            })
        })
    }

    /// Another document than `current`, if another process writes one.
    fn changed<'a>(
        &'a self,
        path: &'a Path,
        current: &'a Value,
        reads: u32,
        sleep: &'a Sleep,
    ) -> BoxFuture<'a, Option<Value>> {
        Box::pin(async move {
            for read in 0..reads {
                if read > 0 {
                    sleep.wait(READ_INTERVAL).await;
                }
                match self.document(path).await {
                    Ok(Some(found)) if found != *current => return Some(found),
                    _ => {}
                }
            }
            None
        })
    }

    /// Writes the refreshed document in the place of the one that the file has.
    fn store<'a>(&'a mut self, path: &'a Path, replaced: Value, refreshed: Value) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.0 = match json_file::write(path, &refreshed).await {
                Ok(()) => None,
                Err(problem) => {
                    tracing::warn!(path = %path.display(), %problem, "the refreshed token cannot be stored");
                    let in_file = match self.0.take() {
                        Some((in_file, unsaved)) if unsaved == replaced => in_file,
                        _ => replaced,
                    };
                    Some((in_file, refreshed))
                }
            };
        })
    }
}

fn read<F: TokenFile>(file: &F, path: &Path, document: &Result<Option<Value>, String>) -> Result<(F::Item, State)> {
    file.read(path, document.as_ref().map(Option::as_ref).map_err(Clone::clone))
}

/// The error that the user must log in with `command`.
pub(super) fn login_required(problem: String, command: &str) -> Error {
    failed(format!("{problem}; log in with `{command}`"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as SyncMutex;

    use serde_json::json;

    use super::*;

    /// A file that cannot be replaced: no temporary file fits beside a name of this length.
    #[derive(Clone)]
    struct LongName {
        path: PathBuf,
        sent: Arc<SyncMutex<Vec<Value>>>,
    }

    impl TokenFile for LongName {
        type Item = Value;

        fn path(&self) -> Result<PathBuf> {
            Ok(self.path.clone())
        }

        fn read(&self, _: &Path, document: Result<Option<&Value>, String>) -> Result<(Value, State)> {
            let document = document.map_err(failed)?.ok_or_else(|| failed("no file"))?;
            Ok((document.clone(), State::Expired))
        }

        fn refresh<'a>(&'a self, _: &'a Path, document: &'a Value) -> BoxFuture<'a, Result<Value, RefreshError>> {
            let mut sent = self.sent.lock().expect("no panic");
            sent.push(document["token"].clone());
            Box::pin(std::future::ready(Ok(json!({ "token": sent.len() }))))
        }

        fn unrefreshed(&self, _: Value, error: Error) -> Result<Value> {
            Err(error)
        }
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_stored_is_not_lost_in_this_process() {
        let folder = std::env::temp_dir().join(format!("aws-core-token-file-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("temporary folder");
        let path = folder.join("x".repeat(250));
        let write = |text: &str| std::fs::write(&path, text).expect("temporary file");
        let file = LongName { path: path.clone(), sent: Arc::default() };
        let refreshes = Refreshes::default();
        let get = async || refreshes.get(&file, Sleep::system()).await.expect("refreshed")["token"].clone();
        write(r#"{"token":"first"}"#);
        let found = [get().await, get().await, get().await];
        // A new login wins over what could not be stored.
        write(r#"{"token":"login"}"#);
        let after = [get().await, get().await];
        std::fs::remove_dir_all(&folder).expect("removed");
        assert_eq!((found, after), ([json!(1), json!(2), json!(3)], [json!(4), json!(5)]));
        assert_eq!(
            *file.sent.lock().expect("no panic"),
            [json!("first"), json!(1), json!(2), json!("login"), json!(4)]
        );
    }
}
