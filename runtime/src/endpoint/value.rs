//! The values of the rules language at run time. They borrow from the parameters and the table where possible.

use super::partition::Partition;
use super::url::Url;
use std::borrow::Cow;
use std::ops::Range;

#[derive(Clone, Debug, Default)]
pub(super) enum Value<'a> {
    #[default]
    Absent,
    Boolean(bool),
    /// A number. Its value is not kept: only `substring` takes numbers, and reads them from the table.
    Integer,
    String(Cow<'a, str>),
    Strings(&'a [String]),
    Partition(&'static Partition),
    Arn(Arn<'a>),
    /// The `resourceId` of the ARN: its resource, split into parts.
    ResourceId(Arn<'a>),
    Url(Url<'a>),
}

impl<'a> Value<'a> {
    /// Whether a condition with this value is met: the value is neither absent nor false. The empty string meets it.
    pub(super) fn is_truthy(&self) -> bool {
        !matches!(self, Self::Absent | Self::Boolean(false))
    }

    /// The attribute for a letter of the table; `None` if the value has no such attribute.
    pub(super) fn attribute(&self, letter: u8) -> Option<Value<'a>> {
        let string = |it| Value::String(Cow::Borrowed(it));
        Some(match (self, letter) {
            (Self::Absent, _) => Value::Absent,
            (Self::Partition(it), b'n') => string(it.name),
            (Self::Partition(it), b'd') => string(it.dns_suffix),
            (Self::Partition(it), b'D') => string(it.dual_stack_dns_suffix),
            (Self::Partition(it), b'g') => string(it.implicit_global_region),
            (Self::Partition(it), b'f') => Value::Boolean(it.supports_fips),
            (Self::Partition(it), b's') => Value::Boolean(it.supports_dual_stack),
            (Self::Arn(it), b'p') => Value::String(slice(&it.text, it.part(0))),
            (Self::Arn(it), b'v') => Value::String(slice(&it.text, it.part(1))),
            (Self::Arn(it), b'r') => Value::String(slice(&it.text, it.part(2))),
            (Self::Arn(it), b'a') => Value::String(slice(&it.text, it.part(3))),
            (Self::Arn(it), b'R') => Value::ResourceId(it.clone()),
            (Self::Url(it), b'S') => Value::String(slice(&it.text, it.scheme.clone())),
            (Self::Url(it), b'A') => Value::String(slice(&it.text, it.authority.clone())),
            (Self::Url(it), b'P') => Value::String(slice(&it.text, it.path.clone())),
            (Self::Url(it), b'N') => Value::String(Cow::Owned(it.normalized_path())),
            (Self::Url(it), b'I') => Value::Boolean(it.is_ip),
            _ => return None,
        })
    }

    /// An element of a list, absent beyond its end; `None` if the value is not a list.
    pub(super) fn element(&self, index: usize) -> Option<Value<'a>> {
        Some(match self {
            Self::Absent => Value::Absent,
            Self::Strings(list) => list.get(index).map_or(Value::Absent, |it| Value::String(Cow::Borrowed(it))),
            Self::ResourceId(arn) => {
                arn.resource_id(index).map_or(Value::Absent, |range| Value::String(slice(&arn.text, range)))
            }
            _ => return None,
        })
    }
}

/// A part of a string, borrowed if the string is.
pub(super) fn slice<'a>(text: &Cow<'a, str>, range: Range<usize>) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(it) => Cow::Borrowed(it.get(range).unwrap_or_default()),
        Cow::Owned(it) => Cow::Owned(it.get(range).unwrap_or_default().to_owned()),
    }
}

/// An ARN: `arn:partition:service:region:account:resource`.
#[derive(Clone, Debug)]
pub(super) struct Arn<'a> {
    text: Cow<'a, str>,
    /// The start offsets of the five parts after `arn:`.
    starts: [usize; 5],
}

impl<'a> Arn<'a> {
    /// `None` unless the string has six parts, with a partition, a service and a resource.
    pub(super) fn parse(text: Cow<'a, str>) -> Option<Self> {
        let mut starts = [4; 5];
        text.strip_prefix("arn:")?;
        for part in 1..5 {
            let start = starts[part - 1];
            starts[part] = start + text.get(start..)?.find(':')? + 1;
        }
        let arn = Self { text, starts };
        [0, 1, 4].iter().all(|it| !arn.part(*it).is_empty()).then_some(arn)
    }

    fn part(&self, index: usize) -> Range<usize> {
        let start = self.starts.get(index).copied().unwrap_or_default();
        // A part ends before the colon in front of the next part.
        start..self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1)
    }

    /// The resource, split at `:` and `/`.
    fn resource_id(&self, index: usize) -> Option<Range<usize>> {
        let resource = self.part(4);
        let mut start = resource.start;
        self.text.get(resource)?.split([':', '/']).enumerate().find_map(|(position, part)| {
            let range = start..start + part.len();
            start = range.end + 1;
            (position == index).then_some(range)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_split_into_their_parts() {
        let check = |text: &str, expect: Option<[&str; 4]>, resource: &[&str]| {
            let arn = Arn::parse(Cow::Borrowed(text));
            let parts = arn.as_ref().map(|arn| [0, 1, 2, 3].map(|it| &text[arn.part(it)]));
            assert_eq!(parts, expect, "{text}");
            let found: Vec<_> = arn
                .iter()
                .flat_map(|arn| (0..).map_while(|it| arn.resource_id(it)).map(|range| &text[range]))
                .collect();
            assert_eq!(found, resource, "{text}");
        };
        check("arn:aws:s3:us-east-1:123:bucket", Some(["aws", "s3", "us-east-1", "123"]), &["bucket"]);
        check("arn:aws:s3:::a/b:c", Some(["aws", "s3", "", ""]), &["a", "b", "c"]);
        check("arn:aws:s3:r:a:x::", Some(["aws", "s3", "r", "a"]), &["x", "", ""]);
        check("arn:aws:s3:r:ä:ö/ü", Some(["aws", "s3", "r", "ä"]), &["ö", "ü"]);
        for invalid in [
            "",
            "arn",
            "arn:",
            "arn:aws:s3:r:a",
            "arn:aws:s3:r:a:",
            "arn::s3:r:a:x",
            "arn:aws::r:a:x",
            "ARN:aws:s3:r:a:x",
            " arn:aws:s3:r:a:x",
        ] {
            check(invalid, None, &[]);
        }
    }
}
