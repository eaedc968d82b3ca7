//! What a partition is, and whether a region is its. Knows no list of them.

/// A partition: a group of regions with its own accounts and DNS suffixes, separate from all other partitions.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// The name, as ARNs carry it: `aws`, `aws-cn`, …
    pub name: &'static str,
    /// The suffix of host names: `amazonaws.com`.
    pub dns_suffix: &'static str,
    /// The suffix of host names of dual-stack endpoints, which are reachable over IPv4 and IPv6.
    pub dual_stack_dns_suffix: &'static str,
    /// The signing region of global services.
    pub implicit_global_region: &'static str,
    /// Whether the partition has FIPS endpoints.
    pub supports_fips: bool,
    /// Whether the partition has dual-stack endpoints.
    pub supports_dual_stack: bool,
    /// The prefixes of region names, each followed by a direction and a number: `us` of `us-east-1`, `us-gov` of
    /// `us-gov-west-1`.
    pub region_prefixes: &'static [&'static str],
    /// The regions of the pinned botocore release, including pseudo-regions such as `aws-global`.
    pub regions: &'static [&'static str],
}

impl Partition {
    /// Whether the region is listed, or its name matches the pattern.
    pub(super) fn contains(&self, region: &str) -> bool {
        self.region_prefixes.iter().any(|it| matches_prefix(region, it)) || self.regions.contains(&region)
    }
}

/// Whether the region's name is the prefix, a direction and a number, joined by dashes.
fn matches_prefix(region: &str, prefix: &str) -> bool {
    let rest = region.strip_prefix(prefix).and_then(|it| it.strip_prefix('-'));
    rest.and_then(|it| it.split_once('-')).is_some_and(|(direction, number)| {
        !direction.is_empty()
            && direction.chars().all(|it| it.is_alphanumeric() || it == '_')
            && !number.is_empty()
            && number.bytes().all(|it| it.is_ascii_digit())
    })
}
