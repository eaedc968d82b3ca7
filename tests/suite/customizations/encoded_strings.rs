//! Strings that have another form on the wire: base64, URL-encoded, with or without a prefix.

use aws_core::testing::Reply;
use serde_json::{Value as Json, json};

use super::{Fixture, pairs, service, toy};

#[tokio::test]
async fn user_data_is_sent_in_base64() {
    let ec2 = service("ec2", &["RunInstances"]);
    let autoscaling = toy("autoscaling", "query", &[("CreateLaunchConfiguration", &["UserData"])]);
    for (service, operation, input) in [
        (ec2, "RunInstances", json!({"MinCount": 1, "MaxCount": 1, "UserData": "#!/bin/sh\n"})),
        (autoscaling, "CreateLaunchConfiguration", json!({"UserData": "#!/bin/sh\n"})),
    ] {
        let replies = (0..2).map(|_| Reply::ok(format!("<{operation}Response/>")));
        let fixture = Fixture::new(service, replies);
        let form = pairs(&String::from_utf8_lossy(&fixture.request(operation, input.clone()).await.body));
        assert_eq!(form["UserData"], "IyEvYmluL3NoCg==", "{operation}");
        let mut without = input;
        without["UserData"] = Json::Null;
        let form = pairs(&String::from_utf8_lossy(&fixture.request(operation, without).await.body));
        assert_eq!(form.get("UserData"), None, "{operation}");
    }
}

#[tokio::test]
async fn user_data_of_launch_templates_is_sent_unchanged() {
    let fixture =
        Fixture::new(service("ec2", &["CreateLaunchTemplate"]), [Reply::ok("<CreateLaunchTemplateResponse/>")]);
    let input = json!({"LaunchTemplateName": "abc", "LaunchTemplateData": {"UserData": "YQ=="}});
    let form = pairs(&String::from_utf8_lossy(&fixture.request("CreateLaunchTemplate", input).await.body));
    assert_eq!(form["LaunchTemplateData.UserData"], "YQ==");
}

#[tokio::test]
async fn console_output_is_decoded_from_base64() {
    let service = service("ec2", &["GetConsoleOutput"]);
    let responses = [
        ("Y29uc29sZQo=", json!("console\n")),
        // Console output is any bytes. What is not valid base64 is returned unchanged.
        ("/2E=", json!("\u{fffd}a")),
        ("plain text!", json!("plain text!")),
        ("", json!("")),
    ];
    let replies = responses.iter().map(|(encoded, _)| {
        Reply::ok(format!("<GetConsoleOutputResponse><output>{encoded}</output></GetConsoleOutputResponse>"))
    });
    let fixture = Fixture::new(service, replies.chain([Reply::ok("<GetConsoleOutputResponse/>")]));
    for (encoded, expect) in &responses {
        let (output, _) = fixture.call("GetConsoleOutput", json!({"InstanceId": "i-1"})).await.expect("a response");
        assert_eq!(output["Output"], *expect, "{encoded}");
    }
    let (output, _) = fixture.call("GetConsoleOutput", json!({"InstanceId": "i-1"})).await.expect("a response");
    assert_eq!(output, json!({}));
}

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Resource":"a+b%20c"}]}"#;
const ENCODED: &str =
    "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Resource%22%3A%22a+b%2520c%22%7D%5D%7D";

#[tokio::test]
async fn url_encoded_policy_documents_are_decoded_wherever_they_are() {
    async fn check(operation: &str, input: Json, xml: &str, pointer: &str) {
        for document in [ENCODED, POLICY] {
            let xml = xml.replace("DOCUMENT", document);
            let response =
                format!("<{operation}Response><{operation}Result>{xml}</{operation}Result></{operation}Response>");
            let fixture = Fixture::new(service("iam", &[operation]), [Reply::ok(response)]);
            let (output, _) = fixture.call(operation, input.clone()).await.expect("a response");
            assert_eq!(output.pointer(pointer), Some(&json!(POLICY)), "{operation} {output}");
        }
    }
    let version = "<PolicyVersion><Document>DOCUMENT</Document></PolicyVersion>";
    let arn = "arn:aws:iam::1:policy/p-0123456789";
    check("GetPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"}), version, "/PolicyVersion/Document").await;
    let roles = "<Roles><member><RoleName>a</RoleName></member><member>\
                 <AssumeRolePolicyDocument>DOCUMENT</AssumeRolePolicyDocument></member></Roles>";
    check("ListRoles", json!({}), roles, "/Roles/1/AssumeRolePolicyDocument").await;
    let nested = "<RoleDetailList><member><InstanceProfileList><member><Roles><member>\
                  <AssumeRolePolicyDocument>DOCUMENT</AssumeRolePolicyDocument></member></Roles></member>\
                  </InstanceProfileList></member></RoleDetailList>";
    let pointer = "/RoleDetailList/0/InstanceProfileList/0/Roles/0/AssumeRolePolicyDocument";
    check("GetAccountAuthorizationDetails", json!({}), nested, pointer).await;
    let own = "<PolicyDocument>DOCUMENT</PolicyDocument>";
    check("GetUserPolicy", json!({"UserName": "u", "PolicyName": "p"}), own, "/PolicyDocument").await;
}

#[tokio::test]
async fn policies_are_sent_unchanged() {
    let fixture = Fixture::new(service("iam", &["PutUserPolicy"]), [Reply::ok("<PutUserPolicyResponse/>")]);
    let input = json!({"UserName": "u", "PolicyName": "p", "PolicyDocument": POLICY});
    let form = pairs(&String::from_utf8_lossy(&fixture.request("PutUserPolicy", input).await.body));
    assert_eq!(form["PolicyDocument"], POLICY);
}

#[tokio::test]
async fn route_53_ids_are_sent_without_their_prefix() {
    async fn check(operation: &str, input: Json, expect: &str) {
        let fixture = Fixture::new(service("route53", &[operation]), [Reply::ok("<Answer/>")]);
        assert_eq!(fixture.request(operation, input).await.target, expect, "{operation}");
    }
    check("GetHostedZone", json!({"Id": "/hostedzone/Z1"}), "/2013-04-01/hostedzone/Z1").await;
    check("GetHostedZone", json!({"Id": "Z1"}), "/2013-04-01/hostedzone/Z1").await;
    check("GetChange", json!({"Id": "/change/C1"}), "/2013-04-01/change/C1").await;
    check("GetReusableDelegationSet", json!({"Id": "/delegationset/N1"}), "/2013-04-01/delegationset/N1").await;
    let records = json!({"HostedZoneId": "/hostedzone/Z1", "StartRecordName": "a/b", "StartRecordType": "A"});
    check("ListResourceRecordSets", records, "/2013-04-01/hostedzone/Z1/rrset?name=a%2Fb&type=A").await;
}

#[tokio::test]
async fn the_description_of_an_oauth_error_is_the_message() {
    let body = r#"{"error":"authorization_pending","error_description":"not yet"}"#;
    let pending = Reply::new(400).header("x-amzn-errortype", "AuthorizationPendingException").body(body);
    let fixture = Fixture::unverified(service("sso-oidc", &["CreateToken"]), [pending]);
    let input = json!({"clientId": "c", "clientSecret": "s", "grantType": "g"});
    let error = fixture.call("CreateToken", input).await.expect_err("pending");
    assert_eq!((error.code(), error.message()), (Some("AuthorizationPendingException"), "not yet"));
}
