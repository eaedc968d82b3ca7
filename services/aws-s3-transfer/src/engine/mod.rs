//! The rooms of a transfer that know no S3: how many requests may be in flight and how much memory they may take, parts
//! that are pulled in parallel, bandwidth, progress, pausing.

pub(crate) mod adapt;
pub(crate) mod buffers;
pub(crate) mod command;
pub(crate) mod gate;
pub(crate) mod meter;
pub(crate) mod pull;
pub(crate) mod rate;
