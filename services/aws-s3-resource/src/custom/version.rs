//! Versions and delete markers, which a listing mixes.

use crate::{Loaded, ObjectVersion};

impl Loaded<ObjectVersion> {
    /// Whether this is a delete marker, not a version that can be read.
    ///
    /// S3 gives every version an ETag and a size, and a marker neither.
    pub fn is_delete_marker(&self) -> bool {
        self.data().e_tag.is_none() && self.data().size.is_none()
    }
}
