//! The little languages inside service descriptions, parsed once at generation: endpoint rules, partitions and regions, JMESPath, URI templates.
//! Knows no service, no intermediate representation and no emitted code; every reader takes text or JSON and gives plain data or complaints.

pub mod jmespath;
pub mod modes;
pub mod partitions;
mod place;
pub mod regions;
pub mod rules;
pub mod uri;

/// Something wrong in a JSON document: the JSON pointer of the place (RFC 6901, empty for the whole document), and what is wrong there.
pub type Complaint = (String, String);
