//! SSM: a tree of parameters.

use aws_ssm::Client;
use aws_ssm::error::ParameterNotFound;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn parameters_are_found_by_path() {
    on_every_server(async |session| {
        let ssm = Client::new(&session);
        let root = format!("/{}", unique_name());
        for at in 0..5 {
            ssm.put_parameter(format!("{root}/p{at}"), format!("value {at}")).r#type("String").send().await?;
        }
        let first = ssm.get_parameter(format!("{root}/p0")).send().await?.parameter.expect("a parameter");
        assert_eq!((first.value.as_deref(), first.version), (Some("value 0"), Some(1)));
        let all = ssm.get_parameters_by_path(&root).items().page_size(2).try_collect().await?;
        assert_eq!(all.len(), 5);
        for at in 0..5 {
            ssm.delete_parameter(format!("{root}/p{at}")).send().await?;
        }
        let gone = ssm.get_parameter(format!("{root}/p0")).send().await.expect_err("no such parameter");
        assert!(gone.is::<ParameterNotFound>(), "{gone}");
        Ok(())
    })
    .await;
}
