//! A store in memory that follows S3's rules for objects, versions, parts, conditions and checksums. Knows no connection.

use std::collections::BTreeMap;

use crc_fast::{CrcAlgorithm, checksum, checksum_combine};

use crate::directory_bucket;

#[derive(Clone, Debug)]
pub struct Object {
    pub version: String,
    pub data: Vec<u8>,
    pub e_tag: String,
    /// CRC-64/NVME of the whole, if it was uploaded with one.
    pub sum: Option<String>,
    /// Other checksums, as the headers of the upload had them.
    pub headers: BTreeMap<String, String>,
    pub tags: Vec<(String, String)>,
    pub annotations: BTreeMap<String, Vec<u8>>,
    pub modified: u64,
}

#[derive(Clone, Debug)]
pub struct Part {
    pub data: Vec<u8>,
    pub e_tag: String,
    pub sum: u64,
}

#[derive(Clone, Debug)]
pub struct Upload {
    pub key: String,
    pub headers: BTreeMap<String, String>,
    pub parts: BTreeMap<u32, Part>,
    pub initiated: u64,
}

#[derive(Default)]
pub struct Store {
    /// By bucket/key, the newest version last.
    pub objects: BTreeMap<String, Vec<Object>>,
    pub uploads: BTreeMap<String, Upload>,
    pub completed: Vec<String>,
    /// As stores are that do not say how many tags an object has.
    pub is_tag_count_hidden: bool,
    /// As stores are that return the whole object whatever the range.
    pub is_range_ignored: bool,
    count: u64,
}

/// A request, without its connection.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// `bucket/key`, decoded.
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into() }
    }

    pub fn error(status: u16, code: &str) -> Self {
        let body = format!("<Error><Code>{code}</Code><Message>the store says {code}</Message></Error>");
        Self { status, headers: Vec::new(), body: body.into_bytes() }
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

pub fn crc64(data: &[u8]) -> u64 {
    checksum(CrcAlgorithm::Crc64Nvme, data)
}

pub fn base64(sum: u64) -> String {
    base64_simd::STANDARD.encode_to_string(sum.to_be_bytes())
}

pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

fn e_tag(data: &[u8]) -> String {
    format!("\"{:016x}{:016x}\"", crc64(data), data.len())
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub fn has(&self, name: &str) -> bool {
        self.query.contains_key(name)
    }

    pub fn is_of_directory_bucket(&self) -> bool {
        self.path.split('/').next().is_some_and(|it| it.ends_with("--x-s3"))
    }

    /// The operation, as its name begins in S3's API.
    pub fn operation(&self) -> &'static str {
        let is_copy = self.headers.contains_key("x-amz-copy-source");
        match self.method.as_str() {
            "PUT" if self.has("partNumber") && is_copy => "UploadPartCopy",
            "PUT" if self.has("partNumber") => "UploadPart",
            "PUT" if self.has("tagging") => "PutObjectTagging",
            "PUT" if self.has("annotation") => "PutObjectAnnotation",
            "PUT" if is_copy => "CopyObject",
            "PUT" => "PutObject",
            "POST" if self.has("uploads") => "CreateMultipartUpload",
            "POST" if self.has("uploadId") => "CompleteMultipartUpload",
            "POST" if self.has("delete") => "DeleteObjects",
            "GET" if self.has("session") => "CreateSession",
            "GET" if self.has("list-type") => "ListObjectsV2",
            "GET" if self.has("uploads") => "ListMultipartUploads",
            "GET" if self.has("uploadId") => "ListParts",
            "GET" if self.has("tagging") => "GetObjectTagging",
            "GET" if self.has("annotationName") => "GetObjectAnnotation",
            "GET" if self.has("annotation") => "ListObjectAnnotations",
            "GET" => "GetObject",
            "HEAD" => "HeadObject",
            "DELETE" if self.has("uploadId") => "AbortMultipartUpload",
            "DELETE" => "DeleteObject",
            _ => "Unknown",
        }
    }
}

impl Store {
    pub fn object(&self, path: &str) -> Option<&Object> {
        self.objects.get(path)?.last()
    }

    fn next_id(&mut self) -> String {
        self.count += 1;
        format!("id{}", self.count)
    }

    pub fn put(&mut self, path: &str, data: Vec<u8>) {
        let sum = Some(base64(crc64(&data)));
        let e_tag = e_tag(&data);
        self.insert(
            path,
            Object {
                version: String::new(),
                data,
                e_tag,
                sum,
                headers: BTreeMap::new(),
                tags: Vec::new(),
                annotations: BTreeMap::new(),
                modified: now(),
            },
        );
    }

    fn insert(&mut self, path: &str, mut object: Object) -> String {
        object.version = self.next_id();
        let version = object.version.clone();
        self.objects.entry(path.to_owned()).or_default().push(object);
        version
    }

    pub fn handle(&mut self, request: &Request) -> Response {
        if !request.is_of_directory_bucket() {
            return self.respond(request);
        }
        let mut response = directory_bucket::rejected(request).unwrap_or_else(|| self.respond(request));
        response.headers.retain(|it| it.0 != "x-amz-version-id");
        response
    }

    fn respond(&mut self, request: &Request) -> Response {
        match request.operation() {
            "CreateSession" => Response::ok(directory_bucket::SESSION),
            "PutObject" => self.put_object(request),
            "GetObject" | "HeadObject" => self.get_object(request),
            "DeleteObject" => {
                self.objects.remove(&request.path);
                Response { status: 204, ..Response::default() }
            }
            "DeleteObjects" => {
                let body = String::from_utf8_lossy(&request.body);
                for key in body.split("<Key>").skip(1).filter_map(|it| it.split("</Key>").next()) {
                    self.objects.remove(&format!("{}/{key}", request.path.trim_end_matches('/')));
                }
                Response::ok("<DeleteResult></DeleteResult>")
            }
            "CreateMultipartUpload" => {
                let id = self.next_id();
                let (key, headers) = (request.path.clone(), request.headers.clone());
                self.uploads.insert(id.clone(), Upload { key, headers, parts: BTreeMap::new(), initiated: now() });
                Response::ok(format!(
                    "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
                ))
            }
            "UploadPart" => self.upload_part(request, request.body.clone()),
            "UploadPartCopy" => self.upload_part_copy(request),
            "CompleteMultipartUpload" => self.complete(request),
            "AbortMultipartUpload" => match self.uploads.remove(&request.query["uploadId"]) {
                Some(_) => Response { status: 204, ..Response::default() },
                None => Response::error(404, "NoSuchUpload"),
            },
            "ListParts" => self.list_parts(request),
            "ListMultipartUploads" => self.list_uploads(request),
            "CopyObject" => self.copy_object(request),
            "ListObjectsV2" => self.list_objects(request),
            "GetObjectTagging" => match self.object(&request.path) {
                Some(object) => {
                    let tag = |it: &(String, String)| format!("<Tag><Key>{}</Key><Value>{}</Value></Tag>", it.0, it.1);
                    let tags: String = object.tags.iter().map(tag).collect();
                    Response::ok(format!("<Tagging><TagSet>{tags}</TagSet></Tagging>"))
                }
                None => Response::error(404, "NoSuchKey"),
            },
            "ListObjectAnnotations" | "GetObjectAnnotation" | "PutObjectAnnotation" => self.annotation(request),
            other => Response::error(501, other),
        }
    }

    fn annotation(&mut self, request: &Request) -> Response {
        let version = request.query.get("versionId");
        let versions = self.objects.get_mut(&request.path).into_iter().flatten();
        let Some(object) = versions.rev().find(|it| version.is_none_or(|id| it.version == *id)) else {
            return Response::error(404, "NoSuchKey");
        };
        let name = request.query.get("annotationName");
        match (request.operation(), name.and_then(|it| object.annotations.get(it))) {
            ("ListObjectAnnotations", _) => {
                let entry = |(name, payload): (&String, &Vec<u8>)| {
                    format!(
                        "<AnnotationEntry><AnnotationName>{name}</AnnotationName><Size>{}</Size></AnnotationEntry>",
                        payload.len()
                    )
                };
                let entries: String = object.annotations.iter().map(entry).collect();
                let list = format!("<Annotations>{entries}</Annotations>");
                Response::ok(format!("<ListObjectAnnotationsOutput>{list}</ListObjectAnnotationsOutput>"))
            }
            ("GetObjectAnnotation", Some(payload)) => Response::ok(payload.clone()),
            ("GetObjectAnnotation", None) => Response::error(404, "NoSuchAnnotation"),
            _ if request.header("x-amz-object-if-match") != Some(&object.e_tag) => {
                Response::error(412, "PreconditionFailed")
            }
            _ => {
                object.annotations.insert(name.unwrap().clone(), request.body.clone());
                Response::ok("")
            }
        }
    }

    /// All keys below a prefix, on one page.
    fn list_objects(&self, request: &Request) -> Response {
        let bucket = request.path.trim_end_matches('/');
        let prefix = format!("{bucket}/{}", request.query.get("prefix").map_or("", String::as_str));
        let entry = |(path, versions): (&String, &Vec<Object>)| {
            let object = versions.last().filter(|_| path.starts_with(&prefix))?;
            let (key, size, tag) = (&path[bucket.len() + 1..], object.data.len(), object.e_tag.replace('"', "&quot;"));
            let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(object.modified);
            let modified = aws_core::Timestamp::from(modified);
            Some(format!(
                "<Contents><Key>{key}</Key><LastModified>{modified}</LastModified><ETag>{tag}</ETag><Size>{size}</Size></Contents>"
            ))
        };
        let mut entries: Vec<String> = self.objects.iter().filter_map(entry).collect();
        let mut next = String::new();
        if request.is_of_directory_bucket() {
            next = directory_bucket::shuffled_page(request, &mut entries);
        }
        let (is_truncated, entries) = (!next.is_empty(), entries.concat());
        Response::ok(format!(
            "<ListBucketResult><IsTruncated>{is_truncated}</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>\
             {entries}</ListBucketResult>"
        ))
    }

    /// The conditions of a write.
    fn write_condition(&self, request: &Request) -> Option<Response> {
        let current = self.object(&request.path);
        if request.header("if-none-match") == Some("*") && current.is_some() {
            return Some(Response::error(412, "PreconditionFailed"));
        }
        match (request.header("if-match"), current) {
            (Some(_), None) => Some(Response::error(404, "NoSuchKey")),
            (Some(expected), Some(object)) if expected != object.e_tag => {
                Some(Response::error(412, "PreconditionFailed"))
            }
            _ => None,
        }
    }

    fn put_object(&mut self, request: &Request) -> Response {
        if let Some(failed) = self.write_condition(request) {
            return failed;
        }
        let sum = base64(crc64(&request.body));
        if request.header("x-amz-checksum-crc64nvme").is_some_and(|it| it != sum) {
            return Response::error(400, "BadDigest");
        }
        let stored = request.header("x-amz-checksum-crc64nvme").map(|_| sum);
        let e_tag = e_tag(&request.body);
        let object = Object {
            version: String::new(),
            data: request.body.clone(),
            e_tag: e_tag.clone(),
            sum: stored.clone(),
            headers: request.headers.clone(),
            tags: tags_of(request.header("x-amz-tagging")),
            annotations: BTreeMap::new(),
            modified: now(),
        };
        let version = self.insert(&request.path, object);
        let response = Response::ok("").with("etag", e_tag).with("x-amz-version-id", version);
        match stored {
            Some(sum) => response.with("x-amz-checksum-crc64nvme", sum),
            None => response,
        }
    }

    fn get_object(&mut self, request: &Request) -> Response {
        let versions = self.objects.get(&request.path);
        let object = match request.query.get("versionId") {
            Some(id) => versions.and_then(|all| all.iter().find(|it| it.version == *id)),
            None => versions.and_then(|it| it.last()),
        };
        let Some(object) = object else { return Response::error(404, "NoSuchKey") };
        if request.header("if-match").is_some_and(|it| it != object.e_tag) {
            return Response::error(412, "PreconditionFailed");
        }
        if request.header("if-none-match").is_some_and(|it| it == object.e_tag) {
            return Response { status: 304, ..Response::default() };
        }
        let total = object.data.len();
        let mut response = Response { status: 200, headers: Vec::new(), body: object.data.clone() };
        let range = request.header("range").filter(|_| !self.is_range_ignored);
        if let Some(range) = range.and_then(|it| it.strip_prefix("bytes=")) {
            let (start, last) = range.split_once('-').unwrap();
            let (start, last) = match start.parse::<usize>() {
                Ok(start) => (start, last.parse::<usize>().unwrap_or(usize::MAX)),
                Err(_) => (total.saturating_sub(last.parse::<usize>().unwrap()), usize::MAX),
            };
            let last = last.min(total.saturating_sub(1)).max(start);
            if start >= total {
                return Response::error(416, "InvalidRange");
            }
            response.status = 206;
            response.body = object.data[start..=last].to_vec();
            response = response.with("content-range", format!("bytes {start}-{last}/{total}"));
        }
        response = response.with("etag", &object.e_tag).with("x-amz-version-id", &object.version);
        for (name, value) in &object.headers {
            let is_kept = ["content-type", "cache-control", "content-language"].contains(&name.as_str());
            if is_kept || name.starts_with("x-amz-meta-") {
                response = response.with(name, value);
            }
        }
        if !object.tags.is_empty() && !self.is_tag_count_hidden {
            response = response.with("x-amz-tagging-count", object.tags.len().to_string());
        }
        let is_whole = response.body.len() == total;
        if request.header("x-amz-checksum-mode").is_some() && is_whole {
            match &object.sum {
                Some(sum) => {
                    response =
                        response.with("x-amz-checksum-crc64nvme", sum).with("x-amz-checksum-type", "FULL_OBJECT");
                }
                None => {
                    for (name, value) in object.headers.iter().filter(|it| it.0.starts_with("x-amz-checksum-")) {
                        response = response.with(name, value);
                    }
                }
            }
        }
        response
    }

    fn upload_part(&mut self, request: &Request, data: Vec<u8>) -> Response {
        let Some(upload) = self.uploads.get_mut(&request.query["uploadId"]) else {
            return Response::error(404, "NoSuchUpload");
        };
        let sum = crc64(&data);
        if request.header("x-amz-checksum-crc64nvme").is_some_and(|it| it != base64(sum)) {
            return Response::error(400, "BadDigest");
        }
        let e_tag = e_tag(&data);
        let with_sums = upload.headers.get("x-amz-checksum-algorithm").is_some_and(|it| it == "CRC64NVME");
        upload.parts.insert(request.query["partNumber"].parse().unwrap(), Part { data, e_tag: e_tag.clone(), sum });
        let mut response = Response::ok("").with("etag", &e_tag);
        if with_sums {
            response = response.with("x-amz-checksum-crc64nvme", base64(sum));
        }
        if request.operation() == "UploadPartCopy" {
            let sum = if with_sums {
                format!("<ChecksumCRC64NVME>{}</ChecksumCRC64NVME>", base64(sum))
            } else {
                String::new()
            };
            response.body = format!("<CopyPartResult><ETag>{e_tag}</ETag>{sum}</CopyPartResult>").into_bytes();
        }
        response
    }

    fn source(&self, request: &Request) -> Result<Object, Response> {
        let source = request.header("x-amz-copy-source").unwrap();
        let (path, version) = source.split_once("?versionId=").map_or((source, None), |it| (it.0, Some(it.1)));
        let path = decode(path);
        let versions = self.objects.get(path.trim_start_matches('/'));
        let object = match version {
            Some(id) => versions.and_then(|all| all.iter().find(|it| it.version == id)),
            None => versions.and_then(|it| it.last()),
        };
        let object = object.ok_or_else(|| Response::error(404, "NoSuchKey"))?;
        if request.header("x-amz-copy-source-if-match").is_some_and(|it| it != object.e_tag) {
            return Err(Response::error(412, "PreconditionFailed"));
        }
        Ok(object.clone())
    }

    fn upload_part_copy(&mut self, request: &Request) -> Response {
        let source = match self.source(request) {
            Ok(source) => source,
            Err(failed) => return failed,
        };
        let range = request.header("x-amz-copy-source-range").unwrap().strip_prefix("bytes=").unwrap();
        let (start, last) = range.split_once('-').unwrap();
        let data = source.data[start.parse().unwrap()..=last.parse().unwrap()].to_vec();
        self.upload_part(request, data)
    }

    fn copy_object(&mut self, request: &Request) -> Response {
        let source = match self.source(request) {
            Ok(source) => source,
            Err(failed) => return failed,
        };
        if let Some(failed) = self.write_condition(request) {
            return failed;
        }
        let replaces = |name: &str| request.header(name) == Some("REPLACE");
        let headers = match replaces("x-amz-metadata-directive") {
            true => request.headers.clone(),
            false => source.headers.clone(),
        };
        let tags = match replaces("x-amz-tagging-directive") {
            true => tags_of(request.header("x-amz-tagging")),
            false => source.tags.clone(),
        };
        let e_tag = source.e_tag.clone();
        let annotations = match request.header("x-amz-object-annotation-directive") {
            Some("EXCLUDE") => BTreeMap::new(),
            _ => source.annotations.clone(),
        };
        let version = self.insert(&request.path, Object { headers, tags, annotations, ..source });
        Response::ok(format!("<CopyObjectResult><ETag>{e_tag}</ETag></CopyObjectResult>"))
            .with("x-amz-version-id", version)
    }

    fn complete(&mut self, request: &Request) -> Response {
        let id = &request.query["uploadId"];
        let Some(upload) = self.uploads.get(id).cloned() else { return Response::error(404, "NoSuchUpload") };
        if let Some(failed) = self.write_condition(request) {
            return failed;
        }
        let body = String::from_utf8_lossy(&request.body);
        let numbers: Vec<u32> = values(&body, "PartNumber").map(|it| it.parse().unwrap()).collect();
        let tags: Vec<String> = values(&body, "ETag").map(|it| it.replace("&quot;", "\"")).collect();
        let (mut data, mut sum) = (Vec::new(), None);
        for (index, (number, tag)) in numbers.iter().zip(&tags).enumerate() {
            let Some(part) = upload.parts.get(number).filter(|it| it.e_tag == *tag) else {
                return Response::error(400, "InvalidPart");
            };
            if index + 1 < numbers.len() && part.data.len() < 5 << 20 {
                return Response::error(400, "EntityTooSmall");
            }
            let len = part.data.len() as u64;
            sum = Some(sum.map_or(part.sum, |it| checksum_combine(CrcAlgorithm::Crc64Nvme, it, part.sum, len)));
            data.extend_from_slice(&part.data);
        }
        let Some(sum) = sum.map(base64) else { return Response::error(400, "MalformedXML") };
        if request.header("x-amz-checksum-crc64nvme").is_some_and(|it| it != sum) {
            return Response::error(400, "BadDigest");
        }
        if request.header("x-amz-mp-object-size").is_some_and(|it| it != data.len().to_string()) {
            return Response::error(400, "InvalidRequest");
        }
        let is_full = upload.headers.get("x-amz-checksum-type").is_some_and(|it| it == "FULL_OBJECT");
        if is_full && request.header("x-amz-checksum-type") != Some("FULL_OBJECT") {
            return Response::error(400, "InvalidRequest");
        }
        self.uploads.remove(id);
        self.completed.push(id.clone());
        let e_tag = format!("\"{:032x}-{}\"", crc64(&data), numbers.len());
        let object = Object {
            version: String::new(),
            data,
            e_tag: e_tag.clone(),
            sum: is_full.then(|| sum.clone()),
            tags: tags_of(upload.headers.get("x-amz-tagging").map(String::as_str)),
            headers: upload.headers,
            annotations: BTreeMap::new(),
            modified: now(),
        };
        let version = self.insert(&request.path, object);
        Response::ok(format!(
            "<CompleteMultipartUploadResult><ETag>{e_tag}</ETag><ChecksumCRC64NVME>{sum}</ChecksumCRC64NVME></CompleteMultipartUploadResult>"
        ))
        .with("x-amz-version-id", version)
    }

    fn list_parts(&self, request: &Request) -> Response {
        let Some(upload) = self.uploads.get(&request.query["uploadId"]) else {
            return Response::error(404, "NoSuchUpload");
        };
        let after: u32 = request.query.get("part-number-marker").map_or(0, |it| it.parse().unwrap());
        // Short pages, so that there are some.
        let page: Vec<_> = upload.parts.iter().filter(|it| *it.0 > after).take(3).collect();
        let last = page.last().map_or(0, |it| *it.0);
        let is_truncated = upload.parts.keys().any(|it| *it > last) && last > 0;
        let part = |(number, part): (&u32, &Part)| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag><Size>{}</Size><ChecksumCRC64NVME>{}</ChecksumCRC64NVME></Part>",
                part.e_tag,
                part.data.len(),
                base64(part.sum)
            )
        };
        let parts: String = page.into_iter().map(part).collect();
        Response::ok(format!(
            "<ListPartsResult><IsTruncated>{is_truncated}</IsTruncated><NextPartNumberMarker>{last}</NextPartNumberMarker>{parts}</ListPartsResult>"
        ))
    }

    fn list_uploads(&self, request: &Request) -> Response {
        let bucket = request.path.split('/').next().unwrap_or_default();
        let entry = |(id, upload): (&String, &Upload)| {
            let key = upload.key.strip_prefix(&format!("{bucket}/"))?;
            let time = aws_core::Timestamp::from_secs(upload.initiated as i64);
            let time = time.format(aws_core::types::Format::DateTime).unwrap();
            Some(format!("<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>{time}</Initiated></Upload>"))
        };
        let uploads: String = self.uploads.iter().filter_map(entry).collect();
        Response::ok(format!("<ListMultipartUploadsResult>{uploads}</ListMultipartUploadsResult>"))
    }
}

fn tags_of(header: Option<&str>) -> Vec<(String, String)> {
    let pairs = header.unwrap_or_default().split('&').filter_map(|it| it.split_once('='));
    pairs.map(|(key, value)| (decode(key), decode(value))).collect()
}

/// The contents of all elements of this name.
fn values<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let rest = xml.split(&open).skip(1).collect::<Vec<_>>();
    rest.into_iter().filter_map(move |it| it.split(&close).next())
}

/// Decodes percent-encoding.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}
