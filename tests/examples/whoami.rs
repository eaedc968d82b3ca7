//! Who am I? Prints the identity of the machine's credentials, and the provider that delivered them.

use aws_core::Session;

#[tokio::main]
async fn main() -> aws_core::Result<()> {
    moto::use_local_server(); // moto, a local stand-in for AWS, unless AWS_ENDPOINT_URL is set
    let mut session = Session::builder().build()?;
    if session.region()?.is_none() {
        session = session.to_builder().region("us-east-1").build()?;
    }
    let credentials = session.credentials()?.provide().await?;
    println!("provider: {} (profile {})", credentials.provider(), session.profile()?);

    let identity = aws_sts::Client::new(&session).get_caller_identity().send().await?;
    println!("account: {}", identity.account.unwrap_or_default());
    println!("arn: {}", identity.arn.unwrap_or_default());
    Ok(())
}
