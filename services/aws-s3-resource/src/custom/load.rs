//! Attributes that no operation returns in one piece: of a bucket from the list of buckets, of a summary from its object.

use aws_s3::operation::{HeadObject, HeadObjectInput, HeadObjectOutput, ListBuckets, ListBucketsInput};
use aws_s3::types;

use crate::{Action, Bucket, Loaded, ObjectSummary};

impl Bucket {
    /// Fetches what S3 tells of a bucket: when it was created, its region and its ARN.
    ///
    /// Calls [`ListBuckets`](aws_s3::Client::list_buckets) with the name as the prefix, since nothing else returns them.
    /// The list holds the caller's own buckets: another account's is
    /// [`NotFound`](aws_core::ErrorKind::NotFound), and without the right to list, the error is S3's `AccessDenied`
    /// (boto3 then has no attributes, silently). Whether a bucket exists is told by
    /// [`wait_until_exists`](Self::wait_until_exists), or by `head_bucket` of the [`client`](Self::client).
    pub fn load(&self) -> Action<ListBuckets, Loaded<Bucket>> {
        let this = self.clone();
        let input = ListBucketsInput { prefix: Some(self.name.clone()), ..Default::default() };
        Action::new("Bucket", self.client.request(input), move |_sent| {
            move |answer| {
                let mut buckets = answer.buckets.into_iter();
                let data = buckets.find(|it| it.name.as_deref() == Some(&this.name))?;
                Some(Loaded::new(this, data))
            }
        })
    }
}

aws_core::codegen::resource::load!(Bucket);

impl ObjectSummary {
    /// Fetches what a listing tells of an object.
    ///
    /// Calls [`HeadObject`](aws_s3::Client::head_object); its `ContentLength` is the `size` of a listing. What it does not
    /// return stays absent: the owner, and the storage class of an object in the standard one.
    pub fn load(&self) -> Action<HeadObject, Loaded<ObjectSummary>> {
        let this = self.clone();
        let input = HeadObjectInput {
            bucket: Some(self.bucket_name.clone()),
            key: Some(self.key.clone()),
            ..Default::default()
        };
        Action::new("ObjectSummary", self.client.request(input), move |_sent| {
            move |answer| {
                let data = listed(&this, answer);
                Some(Loaded::new(this, data))
            }
        })
    }
}

aws_core::codegen::resource::load!(ObjectSummary);

fn listed(of: &ObjectSummary, head: HeadObjectOutput) -> types::Object {
    types::Object {
        key: Some(of.key.clone()),
        last_modified: head.last_modified,
        e_tag: head.e_tag,
        checksum_type: head.checksum_type,
        size: head.content_length,
        storage_class: head.storage_class.map(|it| it.as_str().into()),
        ..Default::default()
    }
}
