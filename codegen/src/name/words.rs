//! Splits names into words: the rules by which botocore turns `ListWebACLs` into `list_web_acls`, including its
//! exceptions, so that methods have the same names as in boto3 and the AWS CLI. Knows no Rust.

/// Operations in which botocore does not split the words of [`ODD_WORDS`]; in all other names it does.
/// From the table of `xform_name` in botocore/__init__.py; sorted.
#[rustfmt::skip]
const EXCEPTIONS: [&str; 51] = [
    "AssociateWhatsAppBusinessAccount", "CreateCachediSCSIVolume", "CreateOAuth2Token", "CreateOAuth2TokenWithIAM",
    "CreateStorediSCSIVolume", "CreateWhatsAppDataset", "CreateWhatsAppFlow", "CreateWhatsAppMessageTemplate",
    "CreateWhatsAppMessageTemplateFromLibrary", "CreateWhatsAppMessageTemplateMedia", "DeleteWhatsAppFlow",
    "DeleteWhatsAppMessageMedia", "DeleteWhatsAppMessageTemplate", "DeprecateWhatsAppFlow", "DescribeCachediSCSIVolumes",
    "DescribeStorediSCSIVolumes", "DisassociateWhatsAppBusinessAccount", "ExecutePartiQLBatch", "ExecutePartiQLStatement",
    "ExecutePartiQLTransaction", "GetLinkedWhatsAppBusinessAccount", "GetLinkedWhatsAppBusinessAccountPhoneNumber",
    "GetOTelEnrichment", "GetWhatsAppBusinessPublicKey", "GetWhatsAppCallPermission", "GetWhatsAppFlow",
    "GetWhatsAppFlowPreview", "GetWhatsAppMessageMedia", "GetWhatsAppMessageTemplate", "IntrospectOAuth2TokenWithIAM",
    "ListHITsForQualificationType", "ListLinkedWhatsAppBusinessAccounts", "ListWhatsAppFlowAssets", "ListWhatsAppFlows",
    "ListWhatsAppMessageTemplates", "ListWhatsAppTemplateLibrary", "PostWhatsAppMessageMedia", "PublishWhatsAppFlow",
    "PutWhatsAppBusinessAccountEventDestinations", "PutWhatsAppBusinessPublicKey", "RevokeOAuth2TokenWithIAM",
    "SendWhatsAppCallEvent", "SendWhatsAppConversionEvent", "SendWhatsAppMessage", "StartOTelEnrichment",
    "StopOTelEnrichment", "UpdateLinkedWhatsAppBusinessAccountPhoneNumber", "UpdateOTelEnrichment", "UpdateWhatsAppFlow",
    "UpdateWhatsAppFlowAssets", "UpdateWhatsAppMessageTemplate",
];

/// The words in [`EXCEPTIONS`] that the rules would split, and a spelling that they do not split.
const ODD_WORDS: [(&str, &str); 6] = [
    ("iSCSI", "Iscsi"),
    ("HITs", "Hits"),
    ("PartiQL", "Partiql"),
    ("OAuth2", "Oauth2"),
    ("WhatsApp", "Whatsapp"),
    ("OTel", "Otel"),
];

/// The name in lower case with `_` between its words, as boto3 names operations, waiters and attributes.
///
/// A name that contains `_` is returned unchanged. The result may start with `_` (`ARNs`) and need not be a Rust
/// identifier.
pub fn xform_name(name: &str) -> String {
    if name.contains('_') {
        return name.to_owned();
    }
    if EXCEPTIONS.binary_search(&name).is_ok() {
        let plain = ODD_WORDS.iter().fold(name.to_owned(), |name, (odd, plain)| name.replace(odd, plain));
        return split(plain.as_bytes());
    }
    // A plural acronym at the end is one word: ARNs, WebACLs, SomeCNAMEs.
    if let Some(singular) = name.strip_suffix('s') {
        let start = singular.trim_end_matches(|it: char| it.is_ascii_uppercase()).len();
        if singular.len() - start >= 2 {
            let lowered = format!("{}_{}", &name[..start], name[start..].to_ascii_lowercase());
            return split(lowered.as_bytes());
        }
    }
    split(name.as_bytes())
}

/// Two passes: first each capital followed by small letters becomes a word (`HTTPServer` → `HTTP_Server`), then each
/// capital after a small letter or digit begins a word (`ObjectsV2`, `fooBAR`).
fn split(name: &[u8]) -> String {
    let mut first = Vec::with_capacity(name.len() + 8);
    let mut at = 0;
    while at < name.len() {
        first.push(name[at]);
        at += 1;
        let smalls = name.iter().skip(at + 1).take_while(|it| it.is_ascii_lowercase()).count();
        if name.get(at).is_some_and(u8::is_ascii_uppercase) && smalls > 0 {
            first.push(b'_');
            first.extend_from_slice(&name[at..=at + smalls]);
            at += smalls + 1;
        }
    }
    let mut second = Vec::with_capacity(first.len() + 8);
    for (at, byte) in first.iter().enumerate() {
        let before = at.checked_sub(1).map_or(b'_', |it| first[it]);
        if byte.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            second.push(b'_');
        }
        second.push(byte.to_ascii_lowercase());
    }
    // Only ASCII was added or changed, so the bytes are still valid UTF-8.
    String::from_utf8_lossy(&second).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_sorted_and_each_has_an_effect() {
        assert!(EXCEPTIONS.is_sorted());
        for name in EXCEPTIONS {
            assert_ne!(xform_name(name), split(name.as_bytes()), "{name}");
        }
        for (odd, _) in ODD_WORDS {
            assert!(EXCEPTIONS.iter().any(|it| it.contains(odd)), "{odd}");
        }
    }

    /// Each pair is from botocore 1.44.
    #[rustfmt::skip]
    #[test]
    fn splits_as_botocore_does() {
        let check = |cases: &[&str]| {
            for case in cases {
                let (name, expect) = case.split_once(' ').unwrap();
                assert_eq!(xform_name(name), expect, "{name}");
            }
        };
        check(&[
            "ListObjectsV2 list_objects_v2", "GetObject get_object", "PutBucketACL put_bucket_acl",
            "ListWebACLs list_web_acls", "ARNs _arns", "DBInstanceARNs db_instance_arns", "SomeCNAMEs some_cnames",
            "VPCIDs _vpcids", "VPCs _vpcs", "HSMs _hsms", "ListHSMs list_hsms", "IDs _ids", "Ids ids",
            "UserIDs user_ids", "SSEKMSKeyId ssekms_key_id", "SSECustomerKeyMD5 sse_customer_key_md5",
            "ChecksumCRC32C checksum_crc32_c", "ChecksumCRC64NVME checksum_crc64_nvme",
            "ChecksumSHA256 checksum_sha256", "MD5OfBody md5_of_body",
            "MD5OfMessageAttributes md5_of_message_attributes", "ETag e_tag", "ETags e_tags", "eTag e_tag",
            "VersionIdMarker version_id_marker", "S3Bucket s3_bucket", "S3KeyFilter s3_key_filter",
            "S3ObjectVersion s3_object_version", "EC2InstanceId ec2_instance_id", "Ec2InstanceIds ec2_instance_ids",
            "CORSRules cors_rules", "CORSConfiguration cors_configuration", "IPv6Address i_pv6_address",
            "Ipv6Addresses ipv6_addresses", "IPv6CidrBlocks i_pv6_cidr_blocks", "IOPS iops", "MaxIOPS max_iops",
            "VCpuCount v_cpu_count", "vCpus v_cpus", "DefaultVCpus default_v_cpus",
            "EnableDnsSupport enable_dns_support", "DescribeDBInstances describe_db_instances",
            "CreateDBInstanceReadReplica create_db_instance_read_replica",
            "DeleteDBClusterSnapshot delete_db_cluster_snapshot",
            "DescribeVpcEndpointServices describe_vpc_endpoint_services",
            "CreateVPCAssociationAuthorization create_vpc_association_authorization",
            "ListHostedZonesByVPC list_hosted_zones_by_vpc", "HTTPStatusCode http_status_code",
            "HTTPSOnly https_only", "URL url", "URLs _urls", "BaseURLs base_urls", "UrlX url_x", "X x",
            "XRayTrace x_ray_trace", "XAxis x_axis", "YAxis y_axis", "QApp q_app", "CreateQApp create_q_app",
            "RStudioConnectUrl r_studio_connect_url", "FSxLustreConfig f_sx_lustre_config",
            "AWSManagedRulesAntiDDoSRuleSet aws_managed_rules_anti_d_do_s_rule_set", "OAuthScopes o_auth_scopes",
            "OAuth2Credentials o_auth2_credentials", "OAuth2ClientApplication o_auth2_client_application",
            "CreateOAuth2TokenWithTokenExchange create_o_auth2_token_with_token_exchange",
            "OAuth2Token o_auth2_token", "WhatsAppPhoneNumber whats_app_phone_number", "WhatsAppFlow whats_app_flow",
            "PartiQLStatement parti_ql_statement", "iSCSIVolume i_scsi_volume",
            "VolumeiSCSIAttributes volumei_scsi_attributes", "HITs _hits", "HITId hit_id", "HITTypeId hit_type_id",
            "GetHIT get_hit", "ListHITs list_hits", "AssignmentDurationInSeconds assignment_duration_in_seconds",
            "SaaSProductSummary saa_s_product_summary", "MLflowConfig m_lflow_config", "VTep v_tep", "vTep v_tep",
            "aWSOwnedKey a_ws_owned_key", "ID id", "Id id", "id id", "a a", "A a", "aB a_b", "Ab ab", "AB ab",
            "ABs _abs", "Abs abs", "ABCs _abcs", "abCDs ab_cds", "a1B2C3 a1_b2_c3", "A1B2 a1_b2",
            "AbC1D2e3 ab_c1_d2e3", "V2 v2", "v2 v2", "ListV2s list_v2s", "FooV2Bar foo_v2_bar", "Foo2Bar foo2_bar",
            "FOO2Bar foo2_bar", "Foo2bar foo2bar", "FOO2 foo2", "GiB gi_b", "sizeInGiB size_in_gi_b",
            "MemoryGiBPerVCpu memory_gi_b_per_v_cpu", "BaselineThroughputInMBps baseline_throughput_in_m_bps",
            "Max4KResolution max4_k_resolution", "Supports32BitFCnt supports32_bit_f_cnt",
            "H264Settings h264_settings", "Hevc10Bit hevc10_bit", "AacSettings aac_settings",
            "Eac3AtmosSettings eac3_atmos_settings", "EbuTtDDestinationSettings ebu_tt_d_destination_settings",
            "FNwkSIntKey f_nwk_s_int_key", "NwkSEncKey nwk_s_enc_key", "DTraceRestrictions d_trace_restrictions",
            "DashIFrameTrickPlayNameModifier dash_i_frame_trick_play_name_modifier",
            "AmazonSThreeAction amazon_s_three_action", "SandPGlobalEnergyAction sand_p_global_energy_action",
            "CreateAndUpdateSandPGlobalEnergyAction create_and_update_sand_p_global_energy_action",
            "GopNumBFrames gop_num_b_frames", "MinIInterval min_i_interval", "KmsKeyArn kms_key_arn",
            "KMSKeyARN kms_key_arn", "KmsKeyARNs kms_key_arns", "TargetARNs target_arns",
            "SnsTopicARNs sns_topic_arns", "snsTopicARNs sns_topic_arns", "LogGroupARNs log_group_arns",
            "s3Uri s3_uri", "s3URI s3_uri", "KMSMasterKeyID kms_master_key_id", "error_description error_description",
            "AbpV1_0_x AbpV1_0_x", "Already_Snake_Case Already_Snake_Case", "x-amz-id-2 x-amz-id-2",
            "cloudwatch-logs cloudwatch-logs", "elasticloadbalancingv2 elasticloadbalancingv2",
            "DescribeTLSInspectionConfiguration describe_tls_inspection_configuration", "GetTLSConfig get_tls_config",
            "TLSv12 tl_sv12", "UUIDs _uuids", "UuidS uuid_s", "SSs _sss", "Ss ss", "S s", "s s", "sS s_s",
            "SQSs _sqss", "PutMFADevice put_mfa_device", "ListMFADevices list_mfa_devices",
            "EnableMFADevice enable_mfa_device",
            "GenerateServiceLastAccessedDetails generate_service_last_accessed_details",
            "GetSSHPublicKey get_ssh_public_key", "ListSSHPublicKeys list_ssh_public_keys",
            "UploadSSHPublicKey upload_ssh_public_key", "CreateSAMLProvider create_saml_provider",
            "CreateOpenIDConnectProvider create_open_id_connect_provider",
            "AddClientIDToOpenIDConnectProvider add_client_id_to_open_id_connect_provider", "GetMLModel get_ml_model",
            "CreateMLEndpoint create_ml_endpoint", "DescribeADAssessment describe_ad_assessment",
            "AdminGetUser admin_get_user", "DisassociateKmsKey disassociate_kms_key",
            "CreateCachediSCSIVolume create_cached_iscsi_volume",
            "DescribeStorediSCSIVolumes describe_stored_iscsi_volumes", "ExecutePartiQLBatch execute_partiql_batch",
            "ListHITsForQualificationType list_hits_for_qualification_type",
            "IntrospectOAuth2TokenWithIAM introspect_oauth2_token_with_iam",
            "SendWhatsAppMessage send_whatsapp_message", "StartOTelEnrichment start_otel_enrichment",
        ]);
    }
}
