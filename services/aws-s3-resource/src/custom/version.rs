//! Delete markers, which a listing of object versions contains too.

use crate::{Loaded, ObjectVersion};

impl Loaded<ObjectVersion> {
    /// Whether this is a delete marker, not a version that can be read.
    ///
    /// In a listing, a version has an ETag and a size; a delete marker has neither.
    #[inline]
    pub fn is_delete_marker(&self) -> bool {
        self.data().e_tag.is_none() && self.data().size.is_none()
    }
}
