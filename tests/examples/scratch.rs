use std::time::Duration;
#[tokio::main]
async fn main() -> aws_core::Result<()> {
    let url = std::env::var("URL").unwrap_or("http://127.0.0.1:5000".into());
    let session = aws_core::Session::builder()
        .region("us-east-1").endpoint_url(url)
        .credentials(aws_core::Credentials::new("AKIDLABEXAMPLE000001", "labSecretKey/EXAMPLE+000000000000000000001"))
        .build()?;
    let s3 = aws_s3::Client::new(&session);
    match s3.create_bucket("mybucket").send().await { Ok(o) => println!("{o:?}"), Err(e) => println!("{e}\n{e:?}") }
    for i in 0..5 {
        let out = s3.put_object("mybucket", format!("logs/a b+{i}.txt")).body("hello world").metadata([("x", "y")]).send().await?;
        println!("{out:?}");
    }
    let page = s3.list_objects_v2("mybucket").prefix("logs/").send().await?;
    println!("{page:#?}");
    let body = s3.get_object("mybucket", "logs/a b+0.txt").send().await?.body.collect().await?.into_string()?;
    println!("{body}");
    let mut objects = s3.list_objects_v2("mybucket").items().page_size(2);
    while let Some(object) = objects.try_next().await? { println!("{:?} {:?}", object.key, object.last_modified); }
    let url = s3.get_object("mybucket", "logs/a b+0.txt").presign(Duration::from_secs(900)).await?;
    println!("{url}");
    println!("{:?}", s3.wait_bucket_exists("mybucket").await?);
    match s3.head_object("mybucket", "nope").send().await {
        Err(e) if e.is::<aws_s3::error::NotFound>() => println!("not found: {e}"),
        other => println!("{other:?}"),
    }
    match s3.get_object("mybucket", "nope").send().await { Err(e) => println!("{e} {:?}", e.get::<aws_s3::error::NoSuchKey>()), _ => {} }
    match s3.get_object("my bucket", "").send().await { Err(e) => println!("{e}"), _ => {} }
    let del = aws_s3::types::Delete { objects: Some((0..5).map(|i| aws_s3::types::ObjectIdentifier { key: Some(format!("logs/a b+{i}.txt")), ..Default::default() }).collect()), ..Default::default() };
    println!("{:?}", s3.delete_objects("mybucket", del).send().await?);
    println!("{:?}", s3.get_bucket_location("mybucket").send().await?);
    println!("{:?}", s3.list_buckets().send().await?);
    s3.delete_bucket("mybucket").send().await?;
    Ok(())
}
