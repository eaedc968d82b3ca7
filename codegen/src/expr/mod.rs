//! The expression languages inside service models, parsed once at generation: endpoint rules, JMESPath, URI templates.
//! Knows no service, no intermediate representation and no emitted code; every parser takes a string or JSON and
//! returns plain data or problems.

pub mod jmespath;
pub mod rules;
pub mod uri;
