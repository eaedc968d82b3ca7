//! Hooks: a header on all calls, metrics of all calls, and a cache that responds in the service's place.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_core::hooks::{self, Hook, HookContext, HookOutcome};
use aws_core::http::{HeaderMap, Request, Response, StatusCode};
use aws_core::{BoxFuture, Bytes, Result, Session};
use aws_s3::Client;
use aws_s3::operation::GetObject;

/// Calls, failures and time by operation: what a program hands to its metrics library.
#[derive(Default)]
struct Metrics(Mutex<BTreeMap<&'static str, (u32, u32, Duration)>>);

impl Hook for Metrics {
    fn after_call(&self, call: &mut HookContext, outcome: &HookOutcome<'_>) {
        if let Ok(mut metrics) = self.0.lock() {
            let (calls, failures, time) = metrics.entry(call.operation()).or_default();
            *calls += 1;
            *failures += u32::from(!outcome.is_success());
            *time += call.elapsed();
        }
    }
}

/// Keeps the responses of `GetObject` by URL.
#[derive(Default)]
struct Cache(Mutex<HashMap<String, (StatusCode, HeaderMap, Bytes)>>);

/// The URL of an attempt, for the place after its response.
struct Key(String);

impl Hook for Cache {
    fn before_sign<'a>(&'a self, call: &'a mut HookContext, request: &'a mut Request) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if call.is::<GetObject>() {
                let key = request.url.as_str().to_owned();
                let found = self.0.lock().ok().and_then(|it| it.get(&key).cloned());
                if let Some((status, headers, body)) = found {
                    call.respond(Response::new(status, headers, body));
                }
                call.insert(Key(key));
            }
            Ok(())
        })
    }

    fn after_response<'a>(
        &'a self,
        call: &'a mut HookContext,
        response: &'a mut Response,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if let Some(Key(key)) = call.get::<Key>()
                && response.status.is_success()
            {
                let body = std::mem::take(&mut response.body).collect().await?.into_bytes();
                if let Ok(mut cache) = self.0.lock() {
                    cache.insert(key.clone(), (response.status, response.headers.clone(), body.clone()));
                }
                response.body = body.into();
            }
            Ok(())
        })
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let session = Session::builder().region("us-west-2").build()?;
    moto::create_bucket(&session, "mybucket", &["a.txt"]).await?;

    let metrics = Arc::new(Metrics::default());
    let session = session
        .to_builder()
        .hook(hooks::header("x-amzn-logs-format", "json/emf"))
        .hook(hooks::before_send(|_, request| {
            println!("{} with {:?}", request.method, request.headers.get("x-amzn-logs-format"));
        }))
        .hook(Arc::clone(&metrics))
        .hook(Cache::default())
        .build()?;
    let s3 = Client::new(&session);
    for _ in 0..2 {
        let body = s3.get_object("mybucket", "a.txt").send().await?.body.collect().await?;
        println!("{} bytes", body.into_bytes().len());
    }
    let missing = s3.head_object("mybucket", "missing").send().await;
    println!("missing: {}", missing.is_err());
    for (operation, (calls, failures, _)) in metrics.0.lock().expect("no panic").iter() {
        println!("{operation}: {calls} calls, {failures} failures");
    }
    Ok(())
}
