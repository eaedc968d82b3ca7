//! The catalog of services, their regions and partitions. Knows no settings and no network: it is the same for every
//! session.

use super::Session;
use crate::Result;
use crate::endpoint::Partition;
use crate::regions;

/// The catalog: the services, regions and partitions of the botocore release that this version was generated from. It
/// needs no credentials, no region and no network, and is the same for every session: use `Session::default()`.
impl Session {
    /// Returns the names of all services that the AWS SDKs support, sorted, spelled as boto3 spells them: `s3`,
    /// `cognito-idp`.
    ///
    /// `cargo xtask generate NAME` writes the crate of any of them.
    ///
    /// ```
    /// let services = aws_core::Session::default().available_services();
    /// assert!(services.contains(&"s3") && services.contains(&"cognito-idp"));
    /// ```
    pub fn available_services(&self) -> Vec<&'static str> {
        regions::services()
    }

    /// Returns the names of the services that have resources, sorted.
    ///
    /// ```
    /// let services = aws_core::Session::default().available_resources();
    /// assert!(services.contains(&"s3") && !services.contains(&"lambda"));
    /// ```
    pub fn available_resources(&self) -> Vec<&'static str> {
        regions::resources()
    }

    /// Returns the names of the AWS partitions, sorted: groups of regions with separate accounts, such as `aws`,
    /// `aws-cn` and `aws-us-gov`.
    ///
    /// ```
    /// assert_eq!(aws_core::Session::default().available_partitions()[..2], ["aws", "aws-cn"]);
    /// ```
    pub fn available_partitions(&self) -> Vec<&'static str> {
        Partition::all().iter().map(|it| it.name).collect()
    }

    /// Returns the regions of a partition in which a service is known to have endpoints, sorted. With
    /// `allow_non_regional`, also the names of its endpoints that are not regions: `aws-global`, `s3-external-1`,
    /// `fips-us-west-2`.
    ///
    /// As with boto3, the list is incomplete: AWS no longer maintains it, and for many newer services it is empty,
    /// although they can be called. It is also empty for a service that is not one of
    /// [`available_services`](Self::available_services); the name is boto3's, not that of the host. boto3's default
    /// for the partition is `aws`.
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
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) if there is no such partition; boto3 gives an empty list
    /// then.
    pub fn available_regions(
        &self,
        service: &str,
        partition: &str,
        allow_non_regional: bool,
    ) -> Result<Vec<&'static str>> {
        regions::regions(service, partition, allow_non_regional)
    }

    /// Returns the name of the partition that a region belongs to: the partition that lists the region, else the one
    /// whose regions have names of the same form, so that future regions are recognized. The pseudo-regions of global
    /// services, such as `aws-global`, belong to their partition too, which boto3 does not support.
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
