//! API Gateway: an API with a resource and a method.

use aws_apigateway::Client;
use aws_apigateway::error::NotFoundException;

use crate::{on_every_server, unique_name};

#[tokio::test]
async fn an_api_with_a_method_is_created_found_and_deleted() {
    on_every_server(async |session| {
        let gateway = Client::new(&session);
        let name = unique_name();
        let id = gateway.create_rest_api(&name).description("a walk").send().await?.id.expect("an id");
        let apis = gateway.get_rest_apis().items().try_collect().await?;
        assert!(apis.iter().any(|it| it.name.as_ref() == Some(&name)));
        let root = gateway.get_resources(&id).send().await?.items.remove(0).id.expect("an id");
        let resource = gateway.create_resource(&id, root, "things").send().await?.id.expect("an id");
        gateway.put_method(&id, &resource, "GET", "NONE").send().await?;
        let resources = gateway.get_resources(&id).items().try_collect().await?;
        let things = resources.iter().find(|it| it.path.as_deref() == Some("/things")).expect("the resource");
        assert!(things.resource_methods.contains_key("GET"));
        gateway.delete_rest_api(&id).send().await?;
        let gone = gateway.get_rest_api(&id).send().await.expect_err("no such API");
        assert!(gone.is::<NotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}
