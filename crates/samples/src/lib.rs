//! What rules ask of a request, and how they compare it: sample fetches, converters, ACLs, log formats (HAProxy's
//! manual, chapters 7 and 8.2.4).
//!
//! Pure: everything that is asked comes in through a [`View`]. The configuration makes [`Expression`]s,
//! [`Condition`]s and [`Format`]s of text, the balancer evaluates them. A new fetch is one row of [`fetch`], a new
//! converter one row of [`convert`].

pub mod acl;
pub mod argument;
pub mod client_hello;
pub mod convert;
pub mod expand;
pub mod expression;
pub mod fetch;
pub mod format;
mod json;
pub mod pattern;
pub mod pattern_set;
pub mod tables;
pub mod tls;
pub mod users;
pub mod value;
pub mod variables;
pub mod view;

pub use acl::{Acl, Condition, Term, Test};
pub use argument::Argument;
pub use expression::Expression;
pub use format::Format;
pub use pattern::{Matching, Pattern};
pub use pattern_set::{PatternSet, WrongVersion};
pub use value::{Kind, Value};
pub use variables::Variables;
pub use view::View;
