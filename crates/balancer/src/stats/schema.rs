//! The JSON schema of `;json`, `show stat json` and `show info json`.

/// On one line, as HAProxy sends it.
pub const JSON: &str = include_str!("schema.json").trim_ascii_end();
