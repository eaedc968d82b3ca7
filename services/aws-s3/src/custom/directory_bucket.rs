//! Which names are those of directory buckets. Knows no request.

/// Whether this is the name of a directory bucket (S3 Express One Zone), or of an access point of one, by the suffix that
/// such names have.
///
/// Directory buckets list their keys in no order, and know no delimiter but `/`, no prefix that does not end in it, no
/// `start_after`, no versions and no tags of objects. Their ETags are not the MD5 of the content.
#[inline]
pub fn is_directory_bucket(bucket: &str) -> bool {
    bucket.ends_with("--x-s3") || bucket.ends_with("--xa-s3")
}
