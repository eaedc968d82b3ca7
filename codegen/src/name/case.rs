//! Writes names in Rust's cases. Module `words` decides where words end. Escapes nothing.

use heck::{ToShoutySnakeCase, ToUpperCamelCase};

use super::words::xform_name;

/// `snake_case`, for fields, functions, modules and files: [`xform_name`] of each run of letters and digits. The result
/// consists of `a-z 0-9 _`, does not start or end with `_`, and is never empty.
pub fn snake(name: &str) -> String {
    join(name, xform_name)
}

/// `UpperCamelCase`, for types and variants: the words of [`snake`], each with one capital letter, so that acronyms
/// look like words (`CORSRule` → `CorsRule`, `ListObjectsV2` is unchanged).
pub fn pascal(name: &str) -> String {
    snake(name).to_upper_camel_case()
}

/// `SCREAMING_SNAKE_CASE`, for constants. Accepts any string, since values of enumerations need not be identifiers.
///
/// A run of letters and digits in a single case is one word (`CRC32C`, `m5dn`, `2xlarge`), one in mixed case is split
/// (`ObjectCreated`). A `*` on its own becomes `ALL`. A string without letters and digits is spelled out (`<=` →
/// `LESS_EQUAL`, empty → `EMPTY`).
pub fn screaming(text: &str) -> String {
    join(text, |piece| {
        let mixed = piece.bytes().any(|it| it.is_ascii_lowercase()) && piece.bytes().any(|it| it.is_ascii_uppercase());
        if !mixed {
            return piece.to_ascii_lowercase();
        }
        xform_name(&BRANDS.iter().fold(piece.to_owned(), |piece, (brand, plain)| piece.replace(brand, plain)))
    })
    .to_shouty_snake_case()
}

/// Words in enumeration values that the rules of [`xform_name`] would split, and a spelling that they do not split.
const BRANDS: [(&str, &str); 12] = [
    ("IoT", "Iot"),
    ("FSx", "Fsx"),
    ("IPv4", "Ipv4"),
    ("IPv6", "Ipv6"),
    ("OAuth", "Oauth"),
    ("OTel", "Otel"),
    ("DDoS", "Ddos"),
    ("SaaS", "Saas"),
    ("macOS", "Macos"),
    ("iOS", "Ios"),
    ("GiB", "Gib"),
    ("MiB", "Mib"),
];

/// How a string without letters and digits is spelled out.
const SYMBOLS: [(char, &str); 12] = [
    ('*', "all"),
    ('<', "less"),
    ('>', "greater"),
    ('=', "equal"),
    ('!', "not"),
    ('+', "plus"),
    ('-', "minus"),
    ('/', "slash"),
    ('.', "dot"),
    (',', "comma"),
    ('%', "percent"),
    ('_', "underscore"),
];

/// The runs of letters and digits, each converted by `words`, with `_` between them.
fn join(text: &str, words: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut push = |word: &str| {
        let word = word.trim_matches('_');
        if !word.is_empty() {
            if !out.is_empty() {
                out.push('_');
            }
            out.push_str(&word.to_ascii_lowercase());
        }
    };
    if !text.contains(|it: char| it.is_ascii_alphanumeric()) {
        for symbol in text.chars() {
            push(SYMBOLS.iter().find(|(it, _)| *it == symbol).map_or("", |(_, word)| word));
        }
        if out.is_empty() {
            out.push_str(if text.is_empty() { "empty" } else { "symbol" });
        }
        return out;
    }
    for piece in text.split(|it: char| !it.is_ascii_alphanumeric() && it != '*') {
        match piece.trim_matches('*') {
            "" if !piece.is_empty() => push("all"),
            piece => piece.split('*').for_each(|it| push(&words(it))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snake_joins_words_in_lower_case() {
        let check = |name: &str, expect: &str| assert_eq!(snake(name), expect);
        check("ETag", "e_tag");
        check("ListObjectsV2", "list_objects_v2");
        check("SSEKMSKeyId", "ssekms_key_id");
        check("ARNs", "arns");
        check("x-amz-meta", "x_amz_meta");
        check("error_description", "error_description");
        check("OtaaV1_0_x", "otaa_v1_0_x");
        check("cloudwatch-logs", "cloudwatch_logs");
        check("_Private_", "private");
        check("AWS.Foo", "aws_foo");
        check("2xlarge", "2xlarge");
        check("", "empty");
        check("é", "symbol");
    }

    #[test]
    fn pascal_gives_each_word_one_capital() {
        let check = |name: &str, expect: &str| assert_eq!(pascal(name), expect);
        check("CORSRule", "CorsRule");
        check("ListObjectsV2", "ListObjectsV2");
        check("S3KeyFilter", "S3KeyFilter");
        check("SSEKMS", "Ssekms");
        check("MD5OfBody", "Md5OfBody");
        check("AWSLocation", "AwsLocation");
        check("NoSuchKey", "NoSuchKey");
        check("bucketName", "BucketName");
        check("__listOf__string", "ListOfString");
        check("GetBucketAcl", "GetBucketAcl");
        check("IoTAnalytics", "IoTAnalytics");
        check("OAuth2Token", "OAuth2Token");
        check("ListHITsForQualificationType", "ListHitsForQualificationType");
        check("TransitGatewayIDs", "TransitGatewayIds");
    }

    #[test]
    fn screaming_names_any_enumeration_value() {
        let check = |text: &str, expect: &str| assert_eq!(screaming(text), expect);
        check("STANDARD_IA", "STANDARD_IA");
        check("aws:kms:dsse", "AWS_KMS_DSSE");
        check("s3:ObjectCreated:*", "S3_OBJECT_CREATED_ALL");
        check("s3:ObjectCreated:CompleteMultipartUpload", "S3_OBJECT_CREATED_COMPLETE_MULTIPART_UPLOAD");
        check("1.0", "1_0");
        check("", "EMPTY");
        check("us-east-1", "US_EAST_1");
        check("CRC32C", "CRC32C");
        check("CRC64NVME", "CRC64NVME");
        check("m5dn.24xlarge", "M5DN_24XLARGE");
        check("python3.9", "PYTHON3_9");
        check("BucketOwnerEnforced", "BUCKET_OWNER_ENFORCED");
        check("IPv6_ONLY", "IPV6_ONLY");
        check("AWS::IoT::AccountAuditConfiguration", "AWS_IOT_ACCOUNT_AUDIT_CONFIGURATION");
        check("Amazon Elastic Cloud Compute (EC2)", "AMAZON_ELASTIC_CLOUD_COMPUTE_EC2");
        check("*Other", "OTHER");
        check("image/svg+xml", "IMAGE_SVG_XML");
        check("*", "ALL");
        check("<=", "LESS_EQUAL");
        check("!=", "NOT_EQUAL");
        check("?", "SYMBOL");
        check("--", "MINUS_MINUS");
        check("VPCs", "VPCS");
    }
}
