//! Sessions over injected environments and files in a temporary folder.

mod documented;
mod explain;
mod http;
mod modes;
mod settings;
mod sharing;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Session, SessionBuilder};
use crate::Result;
use crate::config::Environment;

/// A home directory with `.aws/config` and `.aws/credentials`, removed on drop.
pub(super) struct Home(pub(super) PathBuf);

impl Home {
    pub(super) fn new(config: &str, credentials: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("aws-core-session-{}-{number}", std::process::id()));
        let home = Self(path);
        home.write("config", config);
        home.write("credentials", credentials);
        home
    }

    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let folder = self.0.join(".aws");
        std::fs::create_dir_all(&folder).expect("temporary folder");
        let path = folder.join(name);
        std::fs::write(&path, text).expect("temporary file");
        path
    }

    pub(super) fn builder(&self, variables: &[(&str, &str)]) -> SessionBuilder {
        let home = self.0.to_str().expect("UTF-8");
        // Tests never send requests to IMDS of the machine they run on.
        let variables = variables.iter().copied().chain([("HOME", home), ("AWS_EC2_METADATA_DISABLED", "true")]);
        Session::builder().environment(Environment::from_iter(variables))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The error message, with the path of the home directory replaced by `~`.
pub(super) fn message(home: &Home, result: Result<Session>) -> String {
    let text = result.map(|it| format!("built {it:?}")).unwrap_or_else(|it| it.to_string());
    text.replace(home.0.to_str().expect("UTF-8"), "~")
}
