//! What a session can be asked without an account: services, their regions, partitions. Knows no settings: every session
//! gives the same answers, none of them from the network.

use super::Session;
use crate::Result;
use crate::endpoint::Partition;
use crate::regions;

/// Discovery. The answers are those of the botocore release this version was generated from; they need no credentials, no
/// region and no network, and any session will do: `Session::default()`.
impl Session {
    /// The names of all services that AWS's SDKs know, sorted, spelled as boto3 spells them: `s3`, `cognito-idp`.
    ///
    /// For each there can be a crate: `cargo xtask generate NAME` writes it.
    ///
    /// ```
    /// let services = aws_core::Session::default().available_services();
    /// assert!(services.contains(&"s3") && services.contains(&"cognito-idp"));
    /// ```
    pub fn available_services(&self) -> Vec<&'static str> {
        regions::services()
    }

    /// The names of the services that have resources, sorted.
    ///
    /// ```
    /// let services = aws_core::Session::default().available_resources();
    /// assert!(services.contains(&"s3") && !services.contains(&"lambda"));
    /// ```
    pub fn available_resources(&self) -> Vec<&'static str> {
        regions::resources()
    }

    /// The names of AWS's partitions, sorted: groups of regions with accounts of their own, such as `aws`, `aws-cn` and
    /// `aws-us-gov`.
    ///
    /// ```
    /// assert_eq!(aws_core::Session::default().available_partitions()[..2], ["aws", "aws-cn"]);
    /// ```
    pub fn available_partitions(&self) -> Vec<&'static str> {
        Partition::all().iter().map(|it| it.name).collect()
    }

    /// The regions of a partition where a service is known to have endpoints, sorted. With `allow_non_regional` also the
    /// names of its endpoints that are no region: `aws-global`, `s3-external-1`, `fips-us-west-2`.
    ///
    /// As with boto3 the list is not complete: AWS keeps it no longer for many newer services, and those have none, though
    /// they can be called. A service that is not among [`available_services`](Self::available_services) has none either;
    /// its name is boto3's, not that of its host. boto3's default for the partition is `aws`.
    ///
    /// ```
    /// # fn main() -> aws_core::Result<()> {
    /// let session = aws_core::Session::default();
    /// assert_eq!(session.available_regions("s3", "aws-cn", false)?, ["cn-north-1", "cn-northwest-1"]);
    /// // A global service has no region, but an endpoint.
    /// assert!(session.available_regions("iam", "aws-cn", false)?.is_empty());
    /// assert_eq!(session.available_regions("iam", "aws-cn", true)?, ["aws-cn-global"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) if there is no such partition; boto3 gives an empty list then.
    pub fn available_regions(
        &self,
        service: &str,
        partition: &str,
        allow_non_regional: bool,
    ) -> Result<Vec<&'static str>> {
        regions::regions(service, partition, allow_non_regional)
    }

    /// The name of the partition that a region belongs to: the one that lists the region, or else the one whose regions are
    /// named like it, so that a region of tomorrow has its partition today. The pseudo-regions of global services, such as
    /// `aws-global`, belong to theirs as well, which boto3 does not know.
    ///
    /// ```
    /// # fn main() -> aws_core::Result<()> {
    /// let session = aws_core::Session::default();
    /// assert_eq!(session.partition_for_region("us-gov-west-1")?, "aws-us-gov");
    /// assert_eq!(session.partition_for_region("eu-newest-7")?, "aws");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) naming the region if no partition fits.
    pub fn partition_for_region(&self, region: &str) -> Result<&'static str> {
        regions::partition_of(region).map(|it| it.name)
    }
}
