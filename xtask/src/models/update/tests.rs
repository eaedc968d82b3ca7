//! Tests of `models update` with small packages that the tests write: a folder of wheels, a cache, a manifest. No
//! network.

use std::io::Write as _;

use super::*;

#[test]
fn pins_change_in_place() {
    let text = "# top\n[botocore]\nversion = \"1\"\n# why\nsha256 = \"a\"\n[boto3]\nversion = \"1\"\nsha256 = \"a\"\n";
    let expect =
        "# top\n[botocore]\nversion = \"1\"\n# why\nsha256 = \"a\"\n[boto3]\nversion = \"2\"\nsha256 = \"b\"\n";
    assert_eq!(pin(text, "boto3", "2", "b"), expect);
}

#[test]
fn json_keeps_order_and_numbers() {
    let mut report = Report::new();
    let text = format_json(&SourceLocation::new("f"), br#"{"b":[1,1.0,-0.5],"a":{},"c":"\u00e9\n"}"#, &mut report);
    let expect = "{\n \"b\": [\n  1,\n  1.0,\n  -0.5\n ],\n \"a\": {},\n \"c\": \"é\\n\"\n}\n";
    assert_eq!(String::from_utf8(text).unwrap(), expect);
    assert!(report.is_empty());
}

/// A folder that is deleted at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("models-update-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("wheels")).unwrap();
        Folder(path)
    }

    /// Writes a wheel of a package to the folder of wheels.
    fn wheel(&self, name: &str, version: &str, files: &[(&str, &str)]) {
        let path = self.0.join(format!("wheels/{name}-{version}-py3-none-any.whl"));
        let mut wheel = zip::ZipWriter::new(fs::File::create(path).unwrap());
        for (file, text) in files {
            wheel.start_file(*file, zip::write::SimpleFileOptions::default()).unwrap();
            wheel.write_all(text.as_bytes()).unwrap();
        }
        wheel.finish().unwrap();
    }

    /// Writes a release of both packages with two services; `members` are those of an input. The service `toy` has an
    /// endpoint in a region named after the version.
    fn release(&self, version: &str, members: &str) {
        let region = format!("us-toy-{}", version.replace('.', ""));
        let endpoints = format!(
            r#"{{"partitions":[{{"partition":"aws","regions":{{"{region}":{{}}}},"services":{{"toy":{{"endpoints":{{"{region}":{{}}}}}}}}}}]}}"#
        );
        let text = r#"{"version":"2.0","metadata":{"apiVersion":"2020-01-01","endpointPrefix":"toy","protocol":"json","protocols":["json"],
            "jsonVersion":"1.1","serviceFullName":"Toy","serviceId":"Toy","signatureVersion":"v4","targetPrefix":"Toy","uid":"toy"},
            "operations":{"PutToy":{"name":"PutToy","http":{"method":"POST","requestUri":"/"},"input":{"shape":"PutToyRequest"}}},
            "shapes":{"PutToyRequest":{"type":"structure","members":{MEMBERS}},"Name":{"type":"string"}}}"#;
        let text = text.replace("MEMBERS", members);
        let info = format!("botocore-{version}.dist-info");
        self.wheel(
            "botocore",
            version,
            &[
                ("botocore/data/toy/2020-01-01/service-2.json", &text),
                ("botocore/data/other/2020-01-01/service-2.json", &text),
                ("botocore/data/partitions.json", "{}"),
                ("botocore/data/endpoints.json", &endpoints),
                ("botocore/data/sdk-default-configuration.json", "{}"),
                ("botocore/code.py", "raise SystemExit"),
                (&format!("{info}/LICENSE.txt"), "licence"),
                (&format!("{info}/NOTICE"), "notice"),
            ],
        );
        let info = format!("boto3-{version}.dist-info");
        self.wheel("boto3", version, &[(&format!("{info}/LICENSE"), "licence"), (&format!("{info}/NOTICE"), "notice")]);
    }

    fn manifest(&self, version: &str, sha256: &str) {
        let pin = |name: &str| format!("[{name}]\nversion = \"{version}\"\nsha256 = \"{sha256}\"\n");
        let text = format!("{}{}[services.toy]\n", pin("botocore"), pin("boto3"));
        fs::create_dir_all(self.0.join("models")).unwrap();
        fs::write(self.0.join("models/manifest.toml"), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs the command with these arguments.
    fn update(&self, arguments: &[&str]) -> Result<String, String> {
        #[derive(clap::Parser)]
        struct Command {
            #[command(flatten)]
            arguments: Arguments,
        }
        let command = <Command as clap::Parser>::parse_from([&["update"], arguments].concat());
        let cache = PackageCache { folder: self.0.join("cache"), ..PackageCache::new(&[self.0.join("wheels")]) };
        update(&self.0.join("models"), &cache, &command.arguments).map_err(|failure| match failure {
            Failure::Found(message) | Failure::Usage(message) => message,
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const NAME: &str = r#""name":{"shape":"Name"}"#;
const NAME_AND_SIZE: &str = r#""name":{"shape":"Name"},"size":{"shape":"Name"}"#;

#[test]
fn the_pinned_release_is_written_and_pinned() {
    let folder = Folder::new("pinned");
    folder.release("1.9.0", NAME);
    folder.manifest("1.9.0", "");
    let output = folder.update(&["--to", "pinned"]).unwrap();
    assert_eq!(output, "models: 9 files written, 0 unchanged, 0 removed\nsignatures: 2 methods recorded, 0 changed\n");
    // Of every service, not only of those in the manifest.
    assert_eq!(
        ["toy", "other"].map(|it| folder.read(&format!("models/signatures/{it}.txt"))),
        ["PutToy\n", "PutToy\n"]
    );
    let manifest = folder.read("models/manifest.toml");
    let pins: Vec<_> = manifest.lines().filter(|line| line.starts_with("sha256")).map(str::len).collect();
    assert_eq!(pins, [75, 75], "{manifest}");
    assert!(folder.read("models/botocore/toy/2020-01-01/service-2.json").starts_with("{\n \"version\": \"2.0\""));
    assert!(!folder.0.join("models/botocore/other").exists());
    assert_eq!(folder.read("models/boto3/NOTICE"), "notice");
    // The shared files have all services, not only those of the manifest.
    let services = r#"{ "other": { "endpointPrefix": "toy" }, "toy": { "endpointPrefix": "toy" } }"#;
    let normalized = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(normalized(&folder.read("models/shared/services.json")), services);
    let regions = r#"{ "aws": { "regions": [ "us-toy-190" ], "endpoints": { "toy": [ "us-toy-190" ] } } }"#;
    assert_eq!(normalized(&folder.read("models/shared/regions.json")), regions);
    // The second update has nothing to do. Another file under the pinned version is rejected.
    let output = folder.update(&["--to", "1.9.0"]).unwrap();
    assert_eq!(output, "models: 0 files written, 9 unchanged, 0 removed\nsignatures: 0 methods recorded, 0 changed\n");
    folder.release("1.9.0", NAME_AND_SIZE);
    let error = folder.update(&["--to", "pinned"]).unwrap_err();
    assert!(error.contains("is not the pinned file"), "{error}");
}

#[test]
fn a_newer_release_is_compared_and_written() {
    let folder = Folder::new("newer");
    folder.release("1.9.0", NAME_AND_SIZE);
    folder.manifest("1.9.0", "");
    folder.update(&["--to", "pinned"]).unwrap();
    folder.release("1.10.0", NAME);
    let report = folder.0.join("report.md");
    let arguments = ["--dry-run", "--report", report.to_str().unwrap()];
    let output = folder.update(&arguments).unwrap();
    let removed = "  breaking  operation::PutToyInput.size was removed (`PutToyRequest` has no member `size`)\n";
    let expect = format!(
        "botocore 1.9.0 → 1.10.0\nus-toy-1100 is a new region of aws\nus-toy-190 is no longer a region of aws\n\
         us-toy-1100 of aws now has 1 endpoint: toy\nus-toy-190 of aws no longer has 1 endpoint: toy\n\ntoy 2020-01-01: breaking (1 breaking, 0 additions)\n  removed   1 member: \
         PutToyRequest.size\n{removed}\nother 2020-01-01: breaking (1 breaking, 0 additions)\n  removed   1 member: \
         PutToyRequest.size\n{removed}\n\
         2 services before, 2 after: 0 added, 0 removed, 2 changed (0 in documentation only), 0 unchanged\n\
         members: 0 added, 0 changed, 2 removed\ndocumentation: 0 strings changed\n\
         generated API: 2 breaking changes, 0 additions; breaking in toy, other\n"
    );
    let rest = "models: 2 files written, 7 unchanged, 0 removed\nsignatures: 0 methods recorded, 0 changed\nnothing was written\n";
    assert_eq!(output, format!("{expect}{rest}"));
    assert!(folder.read("models/manifest.toml").contains("1.9.0"));
    let markdown = folder.read("report.md");
    assert!(markdown.starts_with("## botocore 1.9.0 → 1.10.0\n\n* 2 services before"), "{markdown}");
    assert!(markdown.contains("\n### toy 2020-01-01: breaking (1 breaking, 0 additions)\n"), "{markdown}");

    let output = folder.update(&[]).unwrap();
    assert_eq!(
        output,
        format!("{expect}models: 2 files written, 7 unchanged, 0 removed\nsignatures: 0 methods recorded, 0 changed\n")
    );
    assert!(!folder.read("models/botocore/toy/2020-01-01/service-2.json").contains("size"));
    assert_eq!(folder.read("models/manifest.toml").matches("version = \"1.10.0\"").count(), 2);
    // The newest release is pinned now: no changes are printed, and the report is empty.
    let output = folder.update(&arguments[1..]).unwrap();
    assert_eq!(output, "models: 0 files written, 9 unchanged, 0 removed\nsignatures: 0 methods recorded, 0 changed\n");
    assert_eq!(folder.read("report.md"), "");
}

#[test]
fn downgrades_and_incomplete_releases_are_rejected() {
    let folder = Folder::new("rejected");
    folder.release("1.9.0", NAME);
    folder.release("1.10.0", NAME);
    folder.manifest("1.10.0", "");
    let check = |arguments: &[&str], expect: &str| {
        let error = folder.update(arguments).unwrap_err();
        assert!(error.contains(expect), "{error}");
    };
    check(&["--to", "1.9.0"], "1.9.0 is older than the pinned release 1.10.0; use --allow-downgrade to move to it");
    check(&["--to", "1.11.0"], "there is neither botocore-1.11.0-py3-none-any.whl nor the data of botocore in ");
    folder.update(&["--to", "1.9.0", "--allow-downgrade"]).unwrap();
    folder.wheel("botocore", "1.12.0", &[("botocore/data/readme.txt", "no models")]);
    check(&["--to", "1.12.0"], "botocore 1.12.0 has no models");
    fs::remove_file(folder.0.join("wheels/botocore-1.12.0-py3-none-any.whl")).unwrap();
    folder.release("1.13.0", NAME);
    fs::remove_file(folder.0.join("wheels/boto3-1.13.0-py3-none-any.whl")).unwrap();
    check(&[], "there is neither boto3-1.13.0-py3-none-any.whl");
}
