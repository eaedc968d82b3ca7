//! The one test binary.

mod corpus;
mod docs;
mod endpoint_clients;
mod endpoint_fixtures;
mod endpoints;
mod examples;
mod fresh;
mod golden;
mod jmespath;
mod lifecycle;
mod names;
mod paginate;
mod problems;
mod profile_parser;
mod prose;
mod protocols;
mod resources;
mod response_parsing;
mod retry;
mod s3;
mod schema;
mod session;
mod sigv4;
mod timestamps;
mod wait;
