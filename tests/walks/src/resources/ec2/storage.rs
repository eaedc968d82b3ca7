//! Volumes, snapshots, images and key pairs.

use aws_ec2::types::AttributeBooleanValue;
use aws_ec2_resource::EC2;

use super::tag;
use crate::resources::Walk;

pub(super) async fn walk(walk: &mut Walk, ec2: &EC2) {
    let alone = walk
        .get(
            "alone = ec2.create_instances(ImageId='ami-12c6146b', InstanceType='t2.micro', MinCount=1, MaxCount=1)",
            ec2.create_instances(1, 1).with(|it| it.image_id("ami-12c6146b").instance_type("t2.micro")),
        )
        .await;
    let instance = &alone[0];
    walk.python("instance = alone[0]");
    let volume = walk
        .get(
            "volume = ec2.create_volume(Size=10, AvailabilityZone='us-east-1a')",
            ec2.create_volume().with(|it| it.size(10).availability_zone("us-east-1a")),
        )
        .await;
    walk.value("ec2.Volume('vol-1')", ec2.volume("vol-1"));
    let volume = walk.call("volume.load()", volume.load()).await;
    walk.get("volume.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])", volume.create_tags([tag("Name", "walk")]))
        .await;
    walk.call(
        "volume.attach_to_instance(InstanceId=instance.id, Device='/dev/sdh')",
        volume.attach_to_instance().device("/dev/sdh").instance_id(instance.id()),
    )
    .await;
    walk.call(
        "volume.detach_from_instance(InstanceId=instance.id, Device='/dev/sdh')",
        volume.detach_from_instance().instance_id(instance.id()).device("/dev/sdh"),
    )
    .await;
    walk.call(
        "instance.attach_volume(VolumeId=volume.id, Device='/dev/sdi')",
        instance.attach_volume().device("/dev/sdi").volume_id(volume.id()),
    )
    .await;
    walk.call("instance.detach_volume(VolumeId=volume.id)", instance.detach_volume(volume.id())).await;
    walk.canned("<Response/>")
        .call("volume.describe_attribute(Attribute='autoEnableIO')", volume.describe_attribute("autoEnableIO"))
        .await;
    walk.canned("<Response/>").call("volume.describe_status()", volume.describe_status()).await;
    walk.canned("<Response/>")
        .call(
            "volume.modify_attribute(AutoEnableIO={'Value': True})",
            volume.modify_attribute().auto_enable_io(AttributeBooleanValue { value: Some(true), ..Default::default() }),
        )
        .await;
    walk.canned("<Response/>").call("volume.enable_io()", volume.enable_io()).await;
    walk.get(
        "list(ec2.volumes.filter(VolumeIds=[volume.id]))",
        ec2.volumes().filter(|it| it.volume_ids([volume.id()])).try_collect(),
    )
    .await;
    let snapshot = walk
        .get(
            "snapshot = volume.create_snapshot(Description='a walk')",
            volume.create_snapshot().with(|it| it.description("a walk")),
        )
        .await;
    walk.get("ec2.create_snapshot(VolumeId=volume.id)", ec2.create_snapshot(volume.id())).await;
    walk.value("ec2.Snapshot('snap-1')", ec2.snapshot("snap-1"));
    walk.call("snapshot.wait_until_completed()", snapshot.wait_until_completed()).await;
    let snapshot = walk.call("snapshot.load()", snapshot.load()).await;
    walk.value("snapshot.volume", snapshot.volume());
    walk.get(
        "snapshot.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])",
        snapshot.create_tags([tag("Name", "walk")]),
    )
    .await;
    walk.call("snapshot.copy(SourceRegion='us-east-1')", snapshot.copy("us-east-1")).await;
    walk.call(
        "snapshot.describe_attribute(Attribute='createVolumePermission')",
        snapshot.describe_attribute("createVolumePermission"),
    )
    .await;
    walk.call(
        "snapshot.modify_attribute(Attribute='createVolumePermission', OperationType='add', UserIds=['123456789012'])",
        snapshot
            .modify_attribute()
            .attribute("createVolumePermission")
            .operation_type("add")
            .user_ids(["123456789012"]),
    )
    .await;
    walk.canned("<Response/>")
        .call(
            "snapshot.reset_attribute(Attribute='createVolumePermission')",
            snapshot.reset_attribute("createVolumePermission"),
        )
        .await;
    walk.get("list(volume.snapshots.all())", volume.snapshots().try_collect()).await;
    walk.get(
        "list(ec2.snapshots.filter(SnapshotIds=[snapshot.id]))",
        ec2.snapshots().filter(|it| it.snapshot_ids([snapshot.id()])).try_collect(),
    )
    .await;
    let image = walk.get("image = instance.create_image(Name='walk')", instance.create_image("walk")).await;
    walk.get(
        "registered = ec2.register_image(Name='registered', RootDeviceName='/dev/sda1')",
        ec2.register_image("registered").with(|it| it.root_device_name("/dev/sda1")),
    )
    .await;
    walk.value("ec2.Image('ami-1')", ec2.image("ami-1"));
    walk.call("image.wait_until_exists()", image.wait_until_exists()).await;
    let image = walk.call("image.load()", image.load()).await;
    walk.get("image.create_tags(Tags=[{'Key': 'Name', 'Value': 'walk'}])", image.create_tags([tag("Name", "walk")]))
        .await;
    walk.call("image.describe_attribute(Attribute='launchPermission')", image.describe_attribute("launchPermission"))
        .await;
    walk.call(
        "image.modify_attribute(Attribute='launchPermission', OperationType='add', UserIds=['123456789012'])",
        image.modify_attribute().attribute("launchPermission").operation_type("add").user_ids(["123456789012"]),
    )
    .await;
    walk.canned("<Response/>")
        .call("image.reset_attribute(Attribute='launchPermission')", image.reset_attribute("launchPermission"))
        .await;
    walk.get(
        "list(ec2.images.filter(ImageIds=[image.id]))",
        ec2.images().filter(|it| it.image_ids([image.id()])).try_collect(),
    )
    .await;
    walk.call("image.deregister()", image.deregister()).await;
    walk.call("snapshot.delete()", snapshot.delete()).await;
    walk.call("volume.delete()", volume.delete()).await;
    let key = walk.get("key = ec2.create_key_pair(KeyName='walk')", ec2.create_key_pair("walk")).await;
    walk.value("ec2.KeyPair('walk')", ec2.key_pair("walk"));
    walk.call("ec2.KeyPair('walk').load()", ec2.key_pair("walk").load()).await;
    walk.get(
        "imported = ec2.import_key_pair(KeyName='imported', PublicKeyMaterial=b'ssh-ed25519 \
        AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f')",
        ec2.import_key_pair(
            "imported",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        ),
    )
    .await;
    walk.get("list(ec2.key_pairs.all())", ec2.key_pairs().try_collect()).await;
    walk.call("key.delete()", key.delete()).await;
    walk.call("ec2.KeyPair('imported').delete()", ec2.key_pair("imported").delete()).await;
}
