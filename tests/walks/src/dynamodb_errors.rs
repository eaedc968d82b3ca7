//! DynamoDB's errors, from dynalite: a stand-in that validates requests as strictly as DynamoDB does. It is installed
//! with npm below the target directory; without Node these walks print that and pass.

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use aws_core::config::Environment;
use aws_core::{Credentials, Session};
use aws_dynamodb::Client;
use aws_dynamodb::error::{ConditionalCheckFailedException, ResourceInUseException, ResourceNotFoundException};
use tests::moto::target;

use super::dynamodb::{create_table, number, string};
use super::unique_name;

/// The package that npm installs.
const PACKAGE: &str = "dynalite@4.0.0";

/// Listens on a port that the system chooses, prints it, and exits when the pipe to its standard input closes.
const SERVE: &str = "
const server = require('dynalite')({createTableMs: 0, deleteTableMs: 0, updateTableMs: 0});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
";

fn install_and_start() -> Result<(Child, u16), String> {
    let home = target().join("dynalite");
    std::fs::create_dir_all(&home).map_err(|it| it.to_string())?;
    let home = home.canonicalize().map_err(|it| it.to_string())?;
    let marker = home.join("installed");
    if !std::fs::read_to_string(&marker).is_ok_and(|it| it == PACKAGE) {
        std::fs::write(home.join("package.json"), r#"{"private":true}"#).map_err(|it| it.to_string())?;
        let install = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--loglevel=error", PACKAGE])
            .current_dir(&home)
            .stdin(Stdio::null())
            .output()
            .map_err(|it| format!("npm cannot be run: {it}"))?;
        if !install.status.success() {
            return Err(format!("npm: {}", String::from_utf8_lossy(&install.stderr).trim()));
        }
        std::fs::write(&marker, PACKAGE).map_err(|it| it.to_string())?;
    }
    let mut child = Command::new("node")
        .args(["-e", SERVE])
        .current_dir(&home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|it| format!("node cannot be run: {it}"))?;
    let mut line = String::new();
    let stdout = child.stdout.take().ok_or("dynalite has no output")?;
    // Node exits at once if it cannot listen, and the line is then empty.
    let _ = BufReader::new(stdout).read_line(&mut line);
    let port = line.trim().parse().map_err(|_| "dynalite did not start".to_owned())?;
    Ok((child, port))
}

/// A client of this process's dynalite, which ends with the process; `None` if it cannot run.
fn dynalite() -> Option<Client> {
    static SERVER: OnceLock<Result<(Child, u16), String>> = OnceLock::new();
    match SERVER.get_or_init(install_and_start) {
        Ok((_, port)) => {
            let session = Session::builder()
                .environment(Environment::empty())
                .region("us-east-1")
                .endpoint_url(format!("http://127.0.0.1:{port}"))
                .credentials(Credentials::new("AKIDEXAMPLE", "secret"));
            Some(Client::new(&session.build().expect("valid settings")))
        }
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "SKIPPED: the errors of DynamoDB, since dynalite cannot run: {why}");
            None
        }
    }
}

#[tokio::test]
async fn errors_about_tables_are_typed() -> aws_core::Result<()> {
    let Some(dynamodb) = dynalite() else { return Ok(()) };
    let name = &unique_name();
    let none = dynamodb.describe_table(name).send().await.expect_err("no such table");
    assert!(none.is::<ResourceNotFoundException>(), "{none}");
    assert_eq!(none.message(), format!("Requested resource not found: Table: {name} not found"));
    create_table(&dynamodb, name).await?;
    let twice = create_table(&dynamodb, name).await.expect_err("it is there");
    assert!(twice.is::<ResourceInUseException>(), "{twice}");
    dynamodb.delete_table(name).send().await?;
    dynamodb.wait_table_not_exists(name).await?;
    Ok(())
}

#[tokio::test]
async fn errors_about_items_have_their_messages_and_scans_have_pages() -> aws_core::Result<()> {
    let Some(dynamodb) = dynalite() else { return Ok(()) };
    let name = &unique_name();
    create_table(&dynamodb, name).await?;
    let key = || [("owner", string("me")), ("at", number(1))];
    let partial = dynamodb.get_item(name, [("owner", string("me"))]).send().await.expect_err("half a key");
    assert_eq!((partial.code(), partial.status()), (Some("ValidationException"), Some(400)));
    assert_eq!(partial.message(), "The provided key element does not match the schema");
    let wrong = dynamodb.put_item(name, [("owner", number(1)), ("at", number(1))]).send().await.expect_err("a number");
    assert!(wrong.message().contains("Type mismatch for key owner"), "{wrong}");

    dynamodb.put_item(name, key()).send().await?;
    let taken = dynamodb
        .put_item(name, key())
        .condition_expression("attribute_not_exists(#a)")
        .expression_attribute_names([("#a", "at")])
        .send()
        .await
        .expect_err("the item is there");
    let exception = taken.get::<ConditionalCheckFailedException>().expect("the exception");
    assert_eq!(exception.message.as_deref(), Some("The conditional request failed"));
    let syntax = dynamodb
        .update_item(name, key())
        .update_expression("SET a =")
        .send()
        .await
        .expect_err("an incomplete expression");
    assert!(syntax.message().starts_with("Invalid UpdateExpression: Syntax error"), "{syntax}");
    // More than one response holds: pages have 1 MB.
    for at in 0..12 {
        let item = [("owner", string("many")), ("at", number(at)), ("what", string(&"x".repeat(300_000)))];
        dynamodb.put_item(name, item).send().await?;
    }
    let mut pages = dynamodb.scan(name).pages();
    let mut counts = Vec::new();
    while let Some(page) = pages.try_next().await? {
        counts.extend(page.count);
    }
    assert!(counts.len() > 2 && counts.iter().sum::<i32>() == 13, "{counts:?}");
    dynamodb.delete_table(name).send().await?;
    Ok(())
}
