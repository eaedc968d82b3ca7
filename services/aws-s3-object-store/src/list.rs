//! Listings: all objects below a prefix, or those of one folder. Knows no content.

use std::future::ready;

use async_trait::async_trait;
use aws_s3::operation::{ListObjectsV2, ListObjectsV2Output};
use aws_s3::types::Object;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore};
use object_store::path::{DELIMITER, Path};
use object_store::{Error, Extensions, ListResult, ObjectMeta, Result};

use crate::S3Store;
use crate::error::{failure, generic};
use crate::read::date_time;

impl S3Store {
    fn list_request(&self, prefix: Option<String>) -> aws_s3::Request<ListObjectsV2> {
        self.client().list_objects_v2(self.bucket()).prefix(prefix).with_options(self.0.options.clone())
    }

    pub(crate) fn objects(
        &self,
        prefix: Option<&Path>,
        offset: Option<&Path>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let prefix = folder(prefix);
        let place = prefix.clone().unwrap_or_default();
        // Directory buckets list in no order and know no start.
        let (start, later_than) = match self.is_directory_bucket() {
            true => (None, offset.cloned()),
            false => (offset.map(Path::to_string), None),
        };
        let items = self.list_request(prefix).start_after(start).items();
        let metas = items.filter_map(move |item| {
            ready(match item {
                Ok(object) => object_meta(object).transpose(),
                Err(error) => Some(Err(failure(&place, error))),
            })
        });
        match later_than {
            None => metas.boxed(),
            Some(offset) => {
                let is_later = move |meta: &Result<ObjectMeta>| meta.as_ref().map_or(true, |it| it.location > offset);
                metas.filter(move |meta| ready(is_later(meta))).boxed()
            }
        }
    }

    pub(crate) async fn folder_contents(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let prefix = folder(prefix);
        let place = prefix.clone().unwrap_or_default();
        let mut pages = self.list_request(prefix).delimiter(DELIMITER).pages();
        let mut all =
            ListResult { common_prefixes: Vec::new(), objects: Vec::new(), extensions: Extensions::default() };
        while let Some(page) = pages.try_next().await.map_err(|it| failure(&place, it))? {
            if let Some(metadata) = pages.metadata() {
                all.extensions.insert(metadata.clone());
            }
            add_page(&mut all, page)?;
        }
        Ok(all)
    }
}

#[async_trait]
impl PaginatedListStore for S3Store {
    async fn list_paginated(&self, prefix: Option<&str>, options: PaginatedListOptions) -> Result<PaginatedListResult> {
        let PaginatedListOptions { offset, delimiter, max_keys, page_token, .. } = options;
        if offset.is_some() && self.is_directory_bucket() {
            let why = "a directory bucket lists in no order, so that a listing has no offset: expected none";
            return Err(Error::NotSupported { source: why.into() });
        }
        let max_keys = max_keys.map(|it| i32::try_from(it).unwrap_or(i32::MAX));
        let request = self
            .list_request(prefix.map(str::to_owned))
            .start_after(offset)
            .delimiter(delimiter.map(String::from))
            .max_keys(max_keys)
            .continuation_token(page_token);
        let (mut page, metadata) = self.send(request, prefix.unwrap_or_default()).await?;
        let page_token = page.next_continuation_token.take();
        let extensions = crate::extensions(metadata);
        let mut result = ListResult { common_prefixes: Vec::new(), objects: Vec::new(), extensions };
        add_page(&mut result, page)?;
        Ok(PaginatedListResult { result, page_token })
    }
}

/// The prefix of all keys below a path, which the path itself is not among.
fn folder(prefix: Option<&Path>) -> Option<String> {
    prefix.filter(|it| !it.is_root()).map(|it| format!("{it}{DELIMITER}"))
}

fn add_page(result: &mut ListResult, page: ListObjectsV2Output) -> Result<()> {
    for prefix in page.common_prefixes {
        result.common_prefixes.push(Path::parse(prefix.prefix.unwrap_or_default())?);
    }
    for object in page.contents {
        result.objects.extend(object_meta(object)?);
    }
    Ok(())
}

/// One object of a listing; `None` for the marker of a folder, a key that ends in `/`, which no path names.
fn object_meta(object: Object) -> Result<Option<ObjectMeta>> {
    let key = object.key.unwrap_or_default();
    if key.ends_with(DELIMITER) {
        return Ok(None);
    }
    let missing = |what: &str| generic(format!("the listed object {key:?} has no {what}"));
    let size = object.size.and_then(|it| u64::try_from(it).ok()).ok_or_else(|| missing("size"))?;
    let last_modified = date_time(object.last_modified.ok_or_else(|| missing("time"))?)?;
    Ok(Some(ObjectMeta { location: Path::parse(&key)?, last_modified, size, e_tag: object.e_tag, version: None }))
}
