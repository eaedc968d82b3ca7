//! AWS's partitions: which one a region belongs to, and what holds there. Knows no service.

use super::partitions::PARTITIONS;

/// A partition: regions that share accounts, DNS suffixes and nothing with other partitions.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// The name, as ARNs carry it: `aws`, `aws-cn`, …
    pub name: &'static str,
    /// The suffix of host names: `amazonaws.com`.
    pub dns_suffix: &'static str,
    /// The suffix of the host names that answer over IPv4 and IPv6.
    pub dual_stack_dns_suffix: &'static str,
    /// The region that global services sign for.
    pub implicit_global_region: &'static str,
    /// Whether the partition has FIPS endpoints.
    pub supports_fips: bool,
    /// Whether the partition has dual-stack endpoints.
    pub supports_dual_stack: bool,
    /// Regions are named by one of these, a word and a number: `us` of `us-east-1`, `us-gov` of `us-gov-west-1`.
    pub region_prefixes: &'static [&'static str],
    /// The regions known when this version was made, pseudo-regions such as `aws-global` among them.
    pub regions: &'static [&'static str],
}

impl Partition {
    /// Every partition, in the order they are asked.
    pub fn all() -> &'static [Partition] {
        &PARTITIONS
    }

    /// The partition of a region: the first that lists it or whose name pattern it fits, else the first of all.
    pub fn of(region: &str) -> &'static Partition {
        Self::known(region).unwrap_or(&PARTITIONS[0])
    }

    /// The partition of a region: the first that lists it or whose name pattern it fits.
    pub fn known(region: &str) -> Option<&'static Partition> {
        PARTITIONS.iter().find(|it| it.holds(region))
    }

    /// The partition of this name.
    pub fn named(name: &str) -> Option<&'static Partition> {
        PARTITIONS.iter().find(|it| it.name == name)
    }

    fn holds(&self, region: &str) -> bool {
        self.region_prefixes.iter().any(|it| is_region_of(region, it)) || self.regions.contains(&region)
    }
}

/// Whether the name is the prefix, a word, and a number, joined by dashes.
fn is_region_of(region: &str, prefix: &str) -> bool {
    let rest = region.strip_prefix(prefix).and_then(|it| it.strip_prefix('-'));
    rest.and_then(|it| it.split_once('-')).is_some_and(|(word, number)| {
        !word.is_empty()
            && word.chars().all(|it| it.is_alphanumeric() || it == '_')
            && !number.is_empty()
            && number.bytes().all(|it| it.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_of_regions() {
        let check = |region: &str, expect: &str| assert_eq!(Partition::of(region).name, expect, "{region}");
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
        // Nowhere: the first partition.
        for nowhere in
            ["", "mars-north-1", "us-east-1a", "us-east-", "us--1", "us-east", "cn-north-x", "cn-north", "cnx-north-1"]
        {
            check(nowhere, "aws");
            assert_eq!(Partition::known(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn facts() {
        let aws = Partition::of("us-west-2");
        assert_eq!(
            (aws.dns_suffix, aws.dual_stack_dns_suffix, aws.implicit_global_region),
            ("amazonaws.com", "api.aws", "us-east-1")
        );
        assert!(aws.supports_fips && aws.supports_dual_stack);
        assert!(Partition::all().len() >= 8);
        assert!(aws.regions.contains(&"us-east-1"));
    }
}
