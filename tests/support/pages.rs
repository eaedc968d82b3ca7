//! Responses of the size that services send at most, for the benchmarks and their server. Depends on nothing but the standard
//! library, so that the server's own workspace can include it.

/// Keys of a list page.
pub const KEYS: usize = 1000;
/// Items of a query page.
pub const ITEMS: usize = 1600;
/// Instances of a page.
pub const INSTANCES: usize = 200;

/// A page of S3's ListObjectsV2 with [`KEYS`] keys, in XML.
pub fn list_page() -> String {
    let mut body = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Name>bucket</Name><Prefix></Prefix><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>",
    );
    for key in 0..KEYS {
        body.push_str(&format!(
            "<Contents><Key>logs/2026/11/22/some-prefix/object-{key:06}.json.gz</Key>\
             <LastModified>2026-11-22T12:34:56.000Z</LastModified><ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag>\
             <ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>{}</Size>\
             <StorageClass>STANDARD</StorageClass></Contents>",
            key * 37
        ));
    }
    body.push_str("</ListBucketResult>");
    body
}

/// A page of DynamoDB's Query with [`ITEMS`] items, just under its limit of 1 MB, in JSON.
pub fn query_page() -> String {
    let items: Vec<_> = (0..ITEMS).map(order).collect();
    format!(
        "{{\"Count\":{ITEMS},\"Items\":[{}],\"LastEvaluatedKey\":{{\"pk\":{{\"S\":\"customer#1\"}},\"sk\":{{\"S\":\
         \"order#1\"}}}},\"ScannedCount\":{ITEMS}}}",
        items.join(",")
    )
}

/// An order in JSON: most attribute types, nested ones, and a string with escapes.
pub fn order(index: usize) -> String {
    format!(
        "{{\"pk\":{{\"S\":\"customer#{index:012x}\"}},\"sk\":{{\"S\":\"order#2025-11-{:02}#{index:08}\"}},\
         \"status\":{{\"S\":\"SHIPPED\"}},\"total\":{{\"N\":\"{index}.25\"}},\"quantity\":{{\"N\":\"{}\"}},\
         \"gift\":{{\"BOOL\":{}}},\"coupon\":{{\"NULL\":true}},\"tags\":{{\"SS\":[\"alpha\",\"beta\",\"gamma\"]}},\
         \"thumb\":{{\"B\":\"{}\"}},\"address\":{{\"M\":{{\"street\":{{\"S\":\"{index} Example Street\"}},\
         \"city\":{{\"S\":\"Seattle\"}},\"zip\":{{\"S\":\"98101\"}}}}}},\"lines\":{{\"L\":[{{\"M\":{{\"sku\":\
         {{\"S\":\"{index:010x}\"}},\"qty\":{{\"N\":\"1\"}}}}}},{{\"M\":{{\"sku\":{{\"S\":\"{index:010x}\"}},\"qty\":\
         {{\"N\":\"2\"}}}}}}]}},\"note\":{{\"S\":\"left at the \\\"front\\\" door\"}}}}",
        index % 28 + 1,
        index % 50,
        index.is_multiple_of(2),
        "aGVsbG8gd29y".repeat(5) + "bGQh",
    )
}

/// A page of EC2's DescribeInstances with [`INSTANCES`] instances, in XML.
pub fn instances_page() -> String {
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
