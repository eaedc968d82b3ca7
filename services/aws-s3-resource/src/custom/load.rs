//! Loads attributes that no operation returns as one structure: those of a bucket from the list of buckets, those of an
//! object summary from the object.

use aws_s3::operation::{HeadObject, HeadObjectInput, HeadObjectOutput, ListBuckets, ListBucketsInput};
use aws_s3::types;

use crate::{Action, Bucket, Loaded, ObjectSummary};

impl Bucket {
    /// Loads the attributes of the bucket: creation date, region and ARN.
    ///
    /// Calls [`ListBuckets`](aws_s3::Client::list_buckets) with the bucket name as the prefix, since no other operation
    /// returns them. The list has only the caller's own buckets: for a bucket of another account, the error is
    /// [`NotFound`](aws_core::ErrorKind::NotFound); without the permission to list buckets, it is S3's `AccessDenied`
    /// (boto3 then silently has no attributes). To check whether a bucket exists, use
    /// [`wait_until_exists`](Self::wait_until_exists), or `head_bucket` of the [`client`](Self::client).
    #[inline]
    pub fn load(&self) -> Action<ListBuckets, Loaded<Bucket>> {
        let this = self.clone();
        let input = ListBucketsInput { prefix: Some(self.name.clone()), ..Default::default() };
        Action::new("Bucket", self.client.request(input), move |_sent| {
            move |response| {
                let mut buckets = response.buckets.into_iter();
                let data = buckets.find(|it| it.name.as_deref() == Some(&this.name))?;
                Some(Loaded::new(this, data))
            }
        })
    }
}

aws_core::generated::resource::load!(Bucket);

impl ObjectSummary {
    /// Loads the attributes that a listing has of an object.
    ///
    /// Calls [`HeadObject`](aws_s3::Client::head_object); its `ContentLength` becomes the `size`. Attributes that it
    /// does not return are absent: the owner, and the storage class of an object in the standard one.
    #[inline]
    pub fn load(&self) -> Action<HeadObject, Loaded<ObjectSummary>> {
        let this = self.clone();
        let input = HeadObjectInput {
            bucket: Some(self.bucket_name.clone()),
            key: Some(self.key.clone()),
            ..Default::default()
        };
        Action::new("ObjectSummary", self.client.request(input), move |_sent| {
            move |response| {
                let data = object_from_head(&this, response);
                Some(Loaded::new(this, data))
            }
        })
    }
}

aws_core::generated::resource::load!(ObjectSummary);

/// The object as a listing returns it.
#[inline]
fn object_from_head(summary: &ObjectSummary, head: HeadObjectOutput) -> types::Object {
    types::Object {
        key: Some(summary.key.clone()),
        last_modified: head.last_modified,
        e_tag: head.e_tag,
        checksum_type: head.checksum_type,
        size: head.content_length,
        storage_class: head.storage_class.map(|it| it.as_str().into()),
        ..Default::default()
    }
}
