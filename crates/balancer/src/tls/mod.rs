//! TLS, towards clients and towards servers: what the configuration says becomes rustls' values, once, when it comes into
//! force. Everything that can be wrong with a file is told then.

mod certificate;
mod connector;
mod entry;
mod files;
mod judge;
mod material;
mod names;
mod terms;

pub use connector::{Connector, failed_check, is_wrong_name};
pub use entry::{Entry, Failure};
pub use material::{Connectors, Material, connectors, load};
