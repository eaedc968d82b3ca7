//! Waiters: how often they ask, and what ends them.

use aws_ec2_resource::EC2;

use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, ec2: &EC2) {
    let missing =
        |code: &str| format!("<R><Errors><Error><Code>{code}</Code><Message>none</Message></Error></Errors></R>");
    let instance = |state: &str| {
        format!(
            "<R><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><instanceState><name>{state}</name>\
             </instanceState></item></instancesSet></item></reservationSet></R>"
        )
    };
    let vpc = |state: &str| format!("<R><vpcSet><item><vpcId>vpc-1</vpcId><state>{state}</state></item></vpcSet></R>");
    let snapshot = |state: &str| {
        format!(
            "<R><snapshotSet><item><snapshotId>snap-1</snapshotId><status>{state}</status></item></snapshotSet></R>"
        )
    };
    let image = "<R><imagesSet><item><imageId>ami-1</imageId></item></imagesSet></R>";

    let (none, some) = (missing("InvalidInstanceID.NotFound"), instance("pending"));
    let it = ec2.instance("i-1");
    let responses = [(400, &*none), (200, &*some)];
    walk.waits("ec2.Instance('i-1').wait_until_exists()", || it.wait_until_exists(), 40, responses, None).await;
    for (wait, done, failure) in
        [("pending", "running", "terminated"), ("stopping", "stopped", "pending"), ("running", "terminated", "pending")]
    {
        let [wait, ended, failure] = [wait, done, failure].map(instance);
        let (python, failure) = (format!("ec2.Instance('i-1').wait_until_{done}()"), Some(&*failure));
        let responses = [(200, &*wait), (200, &*ended)];
        match done {
            "running" => walk.waits(&python, || it.wait_until_running(), 40, responses, failure).await,
            "stopped" => walk.waits(&python, || it.wait_until_stopped(), 40, responses, failure).await,
            _ => walk.waits(&python, || it.wait_until_terminated(), 40, responses, failure).await,
        }
    }

    let it = ec2.vpc("vpc-1");
    let (none, pending, available) = (missing("InvalidVpcID.NotFound"), vpc("pending"), vpc("available"));
    let responses = [(200, &*pending), (200, &*available)];
    walk.waits("ec2.Vpc('vpc-1').wait_until_available()", || it.wait_until_available(), 40, responses, None).await;
    let responses = [(400, &*none), (200, &*pending)];
    walk.waits("ec2.Vpc('vpc-1').wait_until_exists()", || it.wait_until_exists(), 5, responses, None).await;

    let it = ec2.vpc_peering_connection("pcx-1");
    let none = missing("InvalidVpcPeeringConnectionID.NotFound");
    let (python, responses) = ("ec2.VpcPeeringConnection('pcx-1').wait_until_exists()", [(400, &*none), (200, "<R/>")]);
    walk.waits(python, || it.wait_until_exists(), 40, responses, None).await;

    let it = ec2.image("ami-1");
    let none = missing("InvalidAMIID.NotFound");
    let responses = [(400, &*none), (200, image)];
    walk.waits("ec2.Image('ami-1').wait_until_exists()", || it.wait_until_exists(), 40, responses, None).await;

    let it = ec2.snapshot("snap-1");
    let [wait, done, failure] = ["pending", "completed", "error"].map(snapshot);
    let (python, responses) = ("ec2.Snapshot('snap-1').wait_until_completed()", [(200, &*wait), (200, &*done)]);
    walk.waits(python, || it.wait_until_completed(), 40, responses, Some(&failure)).await;
}
