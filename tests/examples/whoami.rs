//! Who am I? The identity behind whatever login the machine has, and which source of credentials it came from.

use aws_core::Session;
use tests::moto;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::stage(); // a local stand-in for AWS, unless AWS_ENDPOINT_URL names another
    let mut session = Session::builder().build()?;
    if session.region()?.is_none() {
        session = session.to_builder().region("us-east-1").build()?;
    }
    let credentials = session.credentials()?.provide().await?;
    println!("source: {} (profile {})", credentials.provider(), session.profile()?);

    let me = aws_sts::Client::new(&session).get_caller_identity().send().await?;
    println!("account: {}", me.account.unwrap_or_default());
    println!("arn: {}", me.arn.unwrap_or_default());
    Ok(())
}
