//! AWS's partitions: which one a region or a host belongs to. Knows no service.

use super::partition::Partition;
use super::partition_table::PARTITIONS;

impl Partition {
    /// All partitions, in the order in which regions are looked up.
    pub fn all() -> &'static [Partition] {
        &PARTITIONS
    }

    /// The partition of a region: the first that lists it or whose name pattern matches, else the first of all (`aws`).
    pub fn for_region(region: &str) -> &'static Partition {
        Self::find_for_region(region).unwrap_or(&PARTITIONS[0])
    }

    /// The partition of a region: the first that lists it or whose name pattern matches.
    pub fn find_for_region(region: &str) -> Option<&'static Partition> {
        PARTITIONS.iter().find(|it| it.contains(region))
    }

    /// The partition of a host name, by its DNS suffixes: `s3.us-east-1.amazonaws.com`, `s3.dualstack.…`,
    /// `….vpce.amazonaws.com`. Hosts of customers can be among them: load balancers, virtual machines.
    pub fn find_for_host(host: &str) -> Option<&'static Partition> {
        let host = host.strip_suffix('.').unwrap_or(host);
        let is_below = |suffix: &str| {
            let Some(start) = host.len().checked_sub(suffix.len()) else { return false };
            // The boundary is that of a character, since it follows a dot.
            start > 1 && host.as_bytes()[start - 1] == b'.' && host[start..].eq_ignore_ascii_case(suffix)
        };
        PARTITIONS.iter().find(|it| is_below(it.dns_suffix) || is_below(it.dual_stack_dns_suffix))
    }

    /// The partition with this name.
    pub fn from_name(name: &str) -> Option<&'static Partition> {
        PARTITIONS.iter().find(|it| it.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_the_partition_that_lists_or_matches_them() {
        let check = |region: &str, expect: &str| assert_eq!(Partition::for_region(region).name, expect, "{region}");
        check("us-east-1", "aws");
        check("eu-south-27", "aws");
        check("aws-global", "aws");
        check("us-gov-west-1", "aws-us-gov");
        check("us-gov-north-9", "aws-us-gov");
        check("aws-us-gov-global", "aws-us-gov");
        check("cn-north-1", "aws-cn");
        check("cn-space_x-12", "aws-cn");
        check("us-iso-east-1", "aws-iso");
        check("eusc-de-east-1", "aws-eusc");
        // In no partition: the first one is used.
        for unknown in
            ["", "mars-north-1", "us-east-1a", "us-east-", "us--1", "us-east", "cn-north-x", "cn-north", "cnx-north-1"]
        {
            check(unknown, "aws");
            assert_eq!(Partition::find_for_region(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn hosts_have_the_partition_whose_suffix_they_end_with() {
        for partition in Partition::all() {
            for suffix in [partition.dns_suffix, partition.dual_stack_dns_suffix] {
                let has_suffix = |host: &str| {
                    let found = Partition::find_for_host(host);
                    found.is_some_and(|it| it.dns_suffix == suffix || it.dual_stack_dns_suffix == suffix)
                };
                assert!(has_suffix(&format!("s3.us-east-1.{suffix}")), "{suffix}");
                assert!(has_suffix(&format!("S3.{}.", suffix.to_uppercase())), "{suffix}");
                for other in
                    [suffix.to_owned(), format!(".{suffix}"), format!("evil{suffix}"), format!("s3.{suffix}.evil.com")]
                {
                    assert_eq!(Partition::find_for_host(&other), None, "{other}");
                }
            }
        }
        for other in ["", ".", "localhost", "127.0.0.1", "[::1]", "s3.example.com", "ü.com", "üamazonaws.com"] {
            assert_eq!(Partition::find_for_host(other), None, "{other}");
        }
    }

    #[test]
    fn the_aws_partition_has_its_attributes() {
        let aws = Partition::for_region("us-west-2");
        assert_eq!(
            (aws.dns_suffix, aws.dual_stack_dns_suffix, aws.implicit_global_region),
            ("amazonaws.com", "api.aws", "us-east-1")
        );
        assert!(aws.supports_fips && aws.supports_dual_stack);
        assert!(Partition::all().len() >= 8);
        assert!(aws.regions.contains(&"us-east-1"));
    }
}
