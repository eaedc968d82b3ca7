//! The modules below the public ones, for the tests of this workspace: protocols, codecs, signatures, descriptions; and what
//! calls them without generated code. Knows no rule of its own.
//!
//! Not a public API: it may change with any version. It exists only with the feature `testing`, so that programs cannot
//! come to depend on it.

mod acceptors;
mod dynamic_client;

pub use acceptors::accepting_line;
pub use dynamic_client::DynamicClient;

pub mod auth {
    pub use crate::auth::*;
}
pub mod call {
    pub use crate::call::*;
}
pub mod checksum {
    pub use crate::checksum::*;
}
pub mod codec {
    pub use crate::codec::*;
}
pub mod encoding {
    pub use crate::encoding::*;
}
pub mod endpoint {
    pub use crate::endpoint::*;
}
pub mod eventstream {
    pub use crate::eventstream::*;
}
pub mod jmespath {
    pub use crate::jmespath::node::Node;
    pub use crate::jmespath::tree::{Tree, View};
}
pub mod operation {
    pub use crate::operation::*;
}
pub mod protocol {
    pub use crate::protocol::*;
}
pub mod retry {
    pub use crate::retry::*;
}
pub mod schema {
    pub use crate::schema::*;
}
pub mod session {
    pub use crate::session::files::ProfileFiles;
}
