//! Lab files in, activities and diagnostics out.

mod fixtures;
mod page;
mod properties;
