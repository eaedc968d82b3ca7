//! Keys in the files of the tools before the AWS CLI: the Amazon EC2 command line tools and boto 2. Knows no profile.

use std::path::{Path, PathBuf};

use super::{Credentials, LookUpCredentials, Lookup, small_file};
use crate::BoxFuture;
use crate::config::Environment;
use crate::{Error, ErrorKind, Result};

/// Larger files are an error. Our choice: a file of keys has some 100 bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// Credentials from the file that `AWS_CREDENTIAL_FILE` names, with the lines `AWSAccessKeyId=…` and `AWSSecretKey=…`.
/// The file is read at each look-up.
#[derive(Clone, Debug)]
pub struct Ec2FileCredentials {
    environment: Environment,
}

/// Credentials from boto 2's file: `aws_access_key_id` and `aws_secret_access_key` in the section `[Credentials]` of
/// the file that `BOTO_CONFIG` names, else of `/etc/boto.cfg`, else of `~/.boto`. The file is read at each look-up.
#[derive(Clone, Debug)]
pub struct Boto2Credentials {
    environment: Environment,
}

impl Ec2FileCredentials {
    /// Reads the variable in `environment`.
    pub fn new(environment: Environment) -> Self {
        Self { environment }
    }

    fn look_up_now(&self) -> Result<Lookup> {
        const VARIABLE: &str = "AWS_CREDENTIAL_FILE";
        let Some(path) = self.environment.path(VARIABLE) else {
            return Ok(Lookup::NotConfigured(format!("{VARIABLE} is not set")));
        };
        let path = expand_home(path, &self.environment);
        let Some(text) = read(&path)? else {
            return Err(failed(format!("{}, named by {VARIABLE}, does not exist", path.display())));
        };
        let pairs = text.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key.trim(), value.trim()));
        from_pairs(Self::NAME, &path, pairs, ["AWSAccessKeyId", "AWSSecretKey"])
    }

    const NAME: &str = "ec2-credentials-file";
}

impl Boto2Credentials {
    /// Reads the variable in `environment`.
    pub fn new(environment: Environment) -> Self {
        Self { environment }
    }

    fn look_up_now(&self) -> Result<Lookup> {
        let paths = match self.environment.path("BOTO_CONFIG") {
            Some(path) => vec![expand_home(path, &self.environment)],
            None => [Some(PathBuf::from("/etc/boto.cfg")), self.environment.home().map(|it| it.join(".boto"))]
                .into_iter()
                .flatten()
                .collect(),
        };
        let mut reasons = Vec::new();
        for path in paths {
            match read(&path)? {
                None => reasons.push(format!("no file {}", path.display())),
                Some(text) => {
                    let names = ["aws_access_key_id", "aws_secret_access_key"];
                    match from_pairs(Self::NAME, &path, credentials_section(&text), names)? {
                        Lookup::NotConfigured(reason) => reasons.push(reason),
                        found => return Ok(found),
                    }
                }
            }
        }
        Ok(Lookup::NotConfigured(reasons.join(", ")))
    }

    const NAME: &str = "boto-config";
}

impl LookUpCredentials for Ec2FileCredentials {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        let this = self.clone();
        Box::pin(async move {
            small_file::in_background(move || this.look_up_now()).await.map_err(|it| failed(it.to_string()))?
        })
    }
}

impl LookUpCredentials for Boto2Credentials {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn look_up(&self) -> BoxFuture<'_, Result<Lookup>> {
        let this = self.clone();
        Box::pin(async move {
            small_file::in_background(move || this.look_up_now()).await.map_err(|it| failed(it.to_string()))?
        })
    }
}

/// The keys and values of the section `[Credentials]`, separated by `=` or `:`.
fn credentials_section(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let inside = text.lines().map(str::trim).skip_while(|it| *it != "[Credentials]").skip(1);
    inside
        .take_while(|it| !it.starts_with('['))
        .filter(|it| !it.starts_with(['#', ';']))
        .filter_map(|it| it.split_once(['=', ':']))
        .map(|(key, value)| (key.trim(), value.trim()))
}

/// The credentials in the pairs of a file, under the names of the key id and the secret there.
fn from_pairs<'a>(
    name: &'static str,
    path: &Path,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    [key_name, secret_name]: [&str; 2],
) -> Result<Lookup> {
    let (mut key, mut secret) = (None, None);
    for (name, value) in pairs {
        if name.eq_ignore_ascii_case(key_name) {
            key = Some(value);
        } else if name.eq_ignore_ascii_case(secret_name) {
            secret = Some(value);
        }
    }
    let path = path.display();
    match (key, secret) {
        (Some(key), Some(secret)) => {
            let credentials = Credentials::new(key, secret).with_provider(name);
            credentials.checked(|_| format!("in {path}")).map(Lookup::Found)
        }
        (Some(_), None) => Err(failed(format!("{path} has {key_name} but no {secret_name}: both are needed"))),
        (None, _) => Ok(Lookup::NotConfigured(format!("{path} has no {key_name}"))),
    }
}

/// The content of a file; `None` if it does not exist or must not be read.
fn read(path: &Path) -> Result<Option<String>> {
    use std::io::ErrorKind as Io;
    match small_file::read_now(path, MAX_BYTES) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(problem) if matches!(problem.kind(), Io::NotFound | Io::NotADirectory | Io::PermissionDenied) => Ok(None),
        Err(problem) => Err(failed(format!("{} cannot be read: {problem}", path.display())).with_source(problem)),
    }
}

/// The path, with `~` at its start replaced by the home folder.
fn expand_home(path: PathBuf, environment: &Environment) -> PathBuf {
    match (path.strip_prefix("~"), environment.home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

fn failed(message: String) -> Error {
    Error::new(ErrorKind::Credentials, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Home(PathBuf);

    impl Home {
        fn new(name: &str, text: &str) -> Self {
            let path = std::env::temp_dir().join(format!("aws-core-legacy-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&path).expect("temporary folder");
            std::fs::write(path.join(".boto"), text).expect("temporary file");
            Self(path)
        }

        fn environment(&self, variables: &[(&str, &str)]) -> Environment {
            Environment::from_iter(variables.iter().copied().chain([("HOME", self.0.to_str().expect("UTF-8"))]))
        }
    }

    impl Drop for Home {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn keys_are_read_from_ec2_and_boto2_files() {
        let check = |name: &str, text: &str, variables: &[(&str, &str)], ec2: &str, boto: &str| {
            let home = Home::new(name, text);
            let environment = home.environment(variables);
            let outcome = |lookup: Result<Lookup>| {
                let text = match lookup {
                    Ok(Lookup::Found(it)) => format!("{} {}", it.access_key_id(), it.secret_access_key()),
                    Ok(Lookup::NotConfigured(reason)) => format!("none: {reason}"),
                    Err(error) => format!("error: {error}"),
                };
                text.replace(home.0.to_str().expect("UTF-8"), "~")
            };
            assert_eq!(outcome(Ec2FileCredentials::new(environment.clone()).look_up_now()), ec2);
            let found = outcome(Boto2Credentials::new(environment).look_up_now());
            assert!(found.ends_with(boto), "{found}");
        };
        let unset = "none: AWS_CREDENTIAL_FILE is not set";
        let pair = "[Boto]\nx=y\n[Credentials]\n# c\naws_access_key_id = k\naws_secret_access_key: s\n[Other]\n";
        check("pair", pair, &[], unset, "k s");
        check("case", "[Credentials]\nAWS_ACCESS_KEY_ID=k\nAws_Secret_Access_Key=s", &[], unset, "k s");
        check(
            "half",
            "[Credentials]\naws_access_key_id=k",
            &[],
            unset,
            "~/.boto has aws_access_key_id but no aws_secret_access_key: both are needed",
        );
        check("empty", "", &[], unset, "~/.boto has no aws_access_key_id");
        check("named", pair, &[("BOTO_CONFIG", "~/none")], unset, "none: no file ~/none");
        let named = [("AWS_CREDENTIAL_FILE", "~/.boto")];
        check("ec2", "AWSAccessKeyId=k\nAWSSecretKey = s", &named, "k s", "~/.boto has no aws_access_key_id");
        check(
            "gone",
            "",
            &[("AWS_CREDENTIAL_FILE", "~/no")],
            "error: ~/no, named by AWS_CREDENTIAL_FILE, does not exist",
            "id",
        );
        check(
            "white",
            "AWSAccessKeyId=k\nAWSSecretKey=a b",
            &named,
            "error: the secret access key in ~/.boto has white space or characters beyond ASCII",
            "id",
        );
    }
}
