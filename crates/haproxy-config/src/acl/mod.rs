//! `acl` lines and conditions (manual, chapters 7.1 and 7.2).

mod condition;
mod keywords;
mod named;
mod sites;
mod test;

pub(crate) use condition::{Conditions, condition};
pub(crate) use named::{Acls, read as read_acls};
pub(crate) use sites::Site;

use crate::keywords::proxy::ProxyParser;

/// The parser of `acl` lines: they were read before all other lines of their section.
pub(crate) const READ_BEFORE: ProxyParser = |_, _| ();
