//! Lambda: a function of a few lines, from a zip file in memory.

use aws_core::Bytes;
use aws_lambda::Client;
use aws_lambda::error::ResourceNotFoundException;
use aws_lambda::types::FunctionCode;

use crate::{on_every_server, unique_name};

/// A zip file with an uncompressed `index.py`: `def handler(event, context): return event`.
fn code() -> Bytes {
    let (name, content) = (b"index.py", b"def handler(event, context): return event\n");
    let crc = 0xe4343835_u32.to_le_bytes();
    let len = (content.len() as u32).to_le_bytes();
    let entry = |out: &mut Vec<u8>| {
        out.extend([10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        out.extend([crc, len, len].concat());
        out.extend([8, 0, 0, 0]);
    };
    let mut zip = b"PK\x03\x04".to_vec();
    entry(&mut zip);
    zip.extend([&name[..], &content[..]].concat());
    let start = zip.len() as u32;
    zip.extend(b"PK\x01\x02\x0a\0");
    entry(&mut zip);
    zip.extend([0; 14]);
    zip.extend(name);
    let size = zip.len() as u32 - start;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    zip.extend([0, 0]);
    zip.into()
}

#[tokio::test]
async fn a_function_is_created_from_a_zip_file_and_found() {
    on_every_server(async |session| {
        let (lambda, iam) = (Client::new(&session), aws_iam::Client::new(&session));
        let name = unique_name();
        let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let role = iam.create_role(&name, trust).send().await?.role.and_then(|it| it.arn).expect("an ARN");
        let code = FunctionCode { zip_file: Some(code()), ..Default::default() };
        let created =
            lambda.create_function(&name, role, code).runtime("python3.12").handler("index.handler").send().await?;
        assert_eq!(created.function_name.as_ref(), Some(&name));
        lambda.wait_function_active_v2(&name).await?;
        let functions = lambda.list_functions().items().try_collect().await?;
        assert!(functions.iter().any(|it| it.function_name.as_ref() == Some(&name)));
        let found = lambda.get_function(&name).send().await?.configuration.expect("a configuration");
        assert_eq!(found.handler.as_deref(), Some("index.handler"));
        lambda.delete_function(&name).send().await?;
        let gone = lambda.get_function(&name).send().await.expect_err("no such function");
        assert!(gone.is::<ResourceNotFoundException>(), "{gone}");
        iam.delete_role(&name).send().await?;
        Ok(())
    })
    .await;
}
