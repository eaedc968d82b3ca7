//! The list of services and the regions in which each has endpoints, from botocore's data at the time of this release.
//! Looked up in two generated tables without parsing them first. Knows no session and sends no request.

mod table;

use table::{ENDPOINTS, SERVICES};

use crate::endpoint::Partition;
use crate::error::{Error, ErrorKind, Result};

/// The names of all services, sorted.
pub(crate) fn services() -> Vec<&'static str> {
    SERVICES.lines().filter_map(|it| it.split(' ').next()).collect()
}

/// The names of the services that have resources, sorted.
pub(crate) fn resources() -> Vec<&'static str> {
    SERVICES.lines().filter_map(|it| it.strip_suffix(" resources")?.split(' ').next()).collect()
}

/// The regions of a partition where a service has endpoints, sorted. With `non_regional` also the names of its
/// endpoints that are not regions.
pub(crate) fn regions(service: &str, partition: &str, non_regional: bool) -> Result<Vec<&'static str>> {
    let partition = Partition::from_name(partition).ok_or_else(|| unknown_partition(partition))?;
    let prefix = SERVICES.lines().find_map(|it| after_name(it, service)).and_then(|it| it.split(' ').next());
    let entries = prefix.and_then(|prefix| ENDPOINTS.lines().find_map(|it| after_name(it, prefix))).unwrap_or_default();
    let entry = entries.split(' ').find_map(|it| it.strip_prefix(partition.name)?.strip_prefix('='));
    let mut endpoints = entry.unwrap_or_default().split(',');
    let mask = endpoints.next().and_then(|it| u64::from_str_radix(it, 16).ok()).unwrap_or_default();
    let is_set =
        |bit: usize| u32::try_from(bit).ok().and_then(|bit| mask.checked_shr(bit)).is_some_and(|it| it & 1 == 1);
    let listed = partition.regions.iter().enumerate();
    let mut names: Vec<_> = listed.filter(|(bit, _)| is_set(*bit)).map(|(_, name)| *name).collect();
    if non_regional {
        names.extend(endpoints);
    }
    names.sort_unstable();
    Ok(names)
}

/// The partition that a region belongs to.
pub(crate) fn partition_of(region: &str) -> Result<&'static Partition> {
    Partition::find_for_region(region).ok_or_else(|| {
        let message = format!(
            "unknown region `{region}`: no partition lists it, and no partition's name pattern matches it \
             (`us-east-1`, `cn-north-1`, `us-gov-west-1`)"
        );
        Error::new(ErrorKind::Validation, message)
    })
}

/// The rest of a line that starts with `name` and a space.
fn after_name(line: &'static str, name: &str) -> Option<&'static str> {
    line.strip_prefix(name)?.strip_prefix(' ')
}

fn unknown_partition(name: &str) -> Error {
    let known: Vec<_> = Partition::all().iter().map(|it| it.name).collect();
    let message = format!("unknown partition `{name}`: expected one of {}", known.join(", "));
    Error::new(ErrorKind::Validation, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_sorted(names: &[&str]) -> bool {
        names.windows(2).all(|it| it[0] < it[1])
    }

    #[test]
    fn every_table_line_is_well_formed() {
        let services = services();
        assert!(services.len() > 400 && is_sorted(&services));
        for line in SERVICES.lines() {
            let fields: Vec<_> = line.split(' ').collect();
            assert!(matches!(fields[..], [_, _] | [_, _, "resources"]), "{line}");
        }
        for line in ENDPOINTS.lines() {
            let (prefix, entries) = line.split_once(' ').expect("a prefix");
            assert!(SERVICES.lines().any(|it| it.split(' ').nth(1) == Some(prefix)), "unknown prefix {prefix}");
            for entry in entries.split(' ') {
                let (partition, endpoints) = entry.split_once('=').expect("a partition");
                let partition = Partition::from_name(partition).expect("a known partition");
                let mask = u64::from_str_radix(endpoints.split(',').next().unwrap_or_default(), 16).expect("a number");
                assert_eq!(mask.checked_shr(partition.regions.len() as u32).unwrap_or(0), 0, "{line}");
                assert!(endpoints.split(',').skip(1).all(|it| !it.is_empty()), "{line}");
            }
        }
    }

    #[test]
    fn region_lists_are_sorted_and_belong_to_the_partition() {
        for service in services() {
            for partition in Partition::all() {
                let some = regions(service, partition.name, false).expect("a known partition");
                let all = regions(service, partition.name, true).expect("a known partition");
                assert!(is_sorted(&some) && is_sorted(&all), "{service} {}", partition.name);
                assert!(some.iter().all(|it| all.contains(it) && partition.regions.contains(it)), "{service}");
            }
        }
    }

    #[test]
    fn errors_name_the_unknown_value_and_the_known_ones() {
        let check = |found: Error, expect: &[&str]| {
            assert_eq!(found.kind(), ErrorKind::Validation);
            let text = found.to_string();
            assert!(expect.iter().all(|it| text.contains(it)), "{text}");
        };
        check(
            regions("s3", "aws-mars", false).expect_err("no partition"),
            &["`aws-mars`", "aws, aws-cn", "aws-us-gov"],
        );
        check(regions("nothing", "", true).expect_err("no partition"), &["``"]);
        check(partition_of("mars-north-1").expect_err("no region"), &["`mars-north-1`", "cn-north-1"]);
    }
}
