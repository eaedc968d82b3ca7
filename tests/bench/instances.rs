//! Time to parse a response to DescribeInstances with 200 instances into its typed output, compared with the tokenizer
//! of an XML library alone on the same bytes. Prints both times and their ratio; enforces no limit.

mod measure;
mod tokens;

use std::hint::black_box;

use aws_core::operation::OperationPlan;
use aws_core::protocol::{Ec2Query, Protocol, ResponseParts};
use aws_core::schema::StructureMut;
use aws_ec2::operation::{DescribeInstances, DescribeInstancesOutput};

const INSTANCES: usize = 200;
const ROUNDS: usize = 200;

fn main() {
    let body = aws_core::Bytes::from(page());
    let headers = aws_core::http::HeaderMap::new();
    let response = ResponseParts { status: 200, headers: &headers, body: &body };
    let plan = OperationPlan::for_operation::<DescribeInstances>();
    let protocol = Ec2Query { version: "2016-11-15" };
    println!("{INSTANCES} instances, {} bytes, {ROUNDS} rounds", body.len());
    let mut parse = || {
        let mut output = DescribeInstancesOutput::default();
        protocol.parse(plan, response, StructureMut::new(&mut output)).expect("a valid page");
        assert_eq!(output.reservations.len(), INSTANCES);
        black_box(output);
    };
    let mut tokens = || assert!(tokens::events(&body) > INSTANCES);
    measure::alternating(
        ROUNDS,
        &mut [("parsed to DescribeInstancesOutput", &mut parse), ("tokenizer of quick-xml alone", &mut tokens)],
    );
}

fn page() -> String {
    let mut body = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>8f7724cf-496f-496e-8fe3-example</requestId><reservationSet>",
    );
    for index in 0..INSTANCES {
        body.push_str(&format!(
            "<item><reservationId>r-{index:017x}</reservationId><ownerId>123456789012</ownerId><groupSet/><instancesSet>"
        ));
        instance(&mut body, index);
        body.push_str("</instancesSet><requesterId>940372691376</requesterId></item>");
    }
    body.push_str("</reservationSet></DescribeInstancesResponse>");
    body
}

/// Writes an instance as EC2 describes a current one: a volume, a public address, four tags.
fn instance(body: &mut String, index: usize) {
    let private = format!("<privateIpAddress>10.0.{}.7</privateIpAddress>", index % 256);
    let names = format!("<privateDnsName>ip-10-0-{}-7.ec2.internal</privateDnsName>", index % 256);
    let subnet = "<subnetId>subnet-0a1b2c3d4e5f60718</subnetId><vpcId>vpc-0a1b2c3d4e5f60718</vpcId>";
    let group = "<item><groupId>sg-0e4b2b6ad95b2ba0c</groupId><groupName>web</groupName></item>";
    let public = format!(
        "<association><publicIp>54.194.{0}.7</publicIp><publicDnsName>ec2-54-194-{0}-7.compute-1.amazonaws.com</publicDnsName>\
         <ipOwnerId>amazon</ipOwnerId></association>",
        index % 256
    );
    body.push_str(&format!(
        "<item><instanceId>i-{index:017x}</instanceId><imageId>ami-0abcdef1234567890</imageId><instanceState><code>16</code>\
         <name>running</name></instanceState>{names}<dnsName>ec2-54-194-7-7.compute-1.amazonaws.com</dnsName><reason/>\
         <keyName>my_keypair</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>c6i.2xlarge</instanceType>\
         <launchTime>2026-11-22T16:46:40.000Z</launchTime><placement><availabilityZoneId>use1-az1</availabilityZoneId>\
         <availabilityZone>us-east-1a</availabilityZone><groupName/><tenancy>default</tenancy></placement><monitoring>\
         <state>disabled</state></monitoring>{subnet}{private}<ipAddress>54.194.7.7</ipAddress><sourceDestCheck>true\
         </sourceDestCheck><groupSet>{group}{group}</groupSet><architecture>x86_64</architecture><rootDeviceType>ebs\
         </rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName>\
         <ebs><volumeId>vol-{index:017x}</volumeId><status>attached</status><attachTime>2026-11-22T16:46:41.000Z</attachTime>\
         <deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping><virtualizationType>hvm\
         </virtualizationType><clientToken>{index:032x}</clientToken><tagSet><item><key>Name</key><value>web-{index:04}</value></item>\
         <item><key>env</key><value>production</value></item><item><key>team</key><value>platform &amp; tools</value></item>\
         <item><key>aws:autoscaling:groupName</key><value>web-asg</value></item></tagSet><hypervisor>xen</hypervisor>\
         <networkInterfaceSet><item><networkInterfaceId>eni-{index:017x}</networkInterfaceId>{subnet}<description>Primary network \
         interface</description><ownerId>123456789012</ownerId><status>in-use</status><macAddress>02:dd:2c:5e:01:02</macAddress>\
         {private}{names}<sourceDestCheck>true</sourceDestCheck><groupSet>{group}</groupSet><attachment>\
         <attachmentId>eni-attach-{index:017x}</attachmentId><deviceIndex>0</deviceIndex><status>attached</status>\
         <attachTime>2026-11-22T16:46:40.000Z</attachTime><deleteOnTermination>true</deleteOnTermination>\
         <networkCardIndex>0</networkCardIndex></attachment>{public}<privateIpAddressesSet><item>{private}{names}\
         <primary>true</primary>{public}</item></privateIpAddressesSet><ipv6AddressesSet/><interfaceType>interface\
         </interfaceType></item></networkInterfaceSet><iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/web-role\
         </arn><id>AIPA{index:017X}</id></iamInstanceProfile><ebsOptimized>false</ebsOptimized><enaSupport>true</enaSupport>\
         <cpuOptions><coreCount>4</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions><capacityReservationSpecification>\
         <capacityReservationPreference>open</capacityReservationPreference></capacityReservationSpecification>\
         <hibernationOptions><configured>false</configured></hibernationOptions><metadataOptions><state>applied</state>\
         <httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint>\
         <httpProtocolIpv6>disabled</httpProtocolIpv6><instanceMetadataTags>disabled</instanceMetadataTags></metadataOptions>\
         <enclaveOptions><enabled>false</enabled></enclaveOptions><platformDetails>Linux/UNIX</platformDetails>\
         <usageOperation>RunInstances</usageOperation><usageOperationUpdateTime>2026-11-22T16:46:40.000Z\
         </usageOperationUpdateTime><privateDnsNameOptions><hostnameType>ip-name</hostnameType><enableResourceNameDnsARecord>true\
         </enableResourceNameDnsARecord><enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord>\
         </privateDnsNameOptions><maintenanceOptions><autoRecovery>default</autoRecovery></maintenanceOptions>\
         <currentInstanceBootMode>legacy-bios</currentInstanceBootMode></item>"
    ));
}
