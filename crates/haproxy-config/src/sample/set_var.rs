//! What stands in the brackets of `set-var(...)`, `set-var-fmt(...)` and `unset-var(...)`.

use super::variable;
use samples::variables::{Name, SetIf};

/// The variable that an action sets, and when; `word` is the action with its brackets.
///
/// # Errors
///
/// HAProxy's words.
pub(crate) fn to_set(word: &str) -> Result<(Name, Vec<SetIf>), String> {
    let (name, conditions) = parts(word)?;
    let conditions = conditions.split(',').filter(|text| !text.is_empty());
    let when = conditions.map(SetIf::read).collect::<Result<_, _>>()?;
    Ok((variable(name)?, when))
}

/// The variable that an action forgets.
///
/// # Errors
///
/// HAProxy's words.
pub(crate) fn unset(word: &str) -> Result<Name, String> {
    let (name, conditions) = parts(word)?;
    if !conditions.is_empty() {
        return Err(
            "unset-var does not expect parameters after the variable name. \
             Only \"set-var\" and \"set-var-fmt\" manage conditions"
                .to_owned(),
        );
    }
    variable(name)
}

/// The name in the brackets, and what follows its comma.
fn parts(word: &str) -> Result<(&str, &str), String> {
    const KNOWN: &str =
        "Expects 'set-var(<var-name>)', 'set-var-fmt(<var-name>)' or 'unset-var(<var-name>)'";
    let inside = ["set-var(", "set-var-fmt(", "unset-var("]
        .iter()
        .find_map(|name| word.strip_prefix(name))
        .ok_or_else(|| format!("invalid or incomplete action '{word}'. {KNOWN}"))?;
    let inside = inside
        .strip_suffix(')')
        .ok_or_else(|| format!("incomplete argument after action '{word}'. {KNOWN}"))?;
    Ok(inside.split_once(',').unwrap_or((inside, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_stand_behind_the_name() {
        let (name, when) = to_set("set-var(txn.a,ifexists,,iflt)").unwrap();
        assert_eq!(name.name, "a");
        assert_eq!(when, [SetIf::Exists(true), SetIf::Less]);
        assert_eq!(
            to_set("set-var-fmt(txn.a,never)").unwrap_err(),
            "unknown condition \"never\""
        );
        assert!(unset("unset-var(txn.a,ifset)").is_err());
        assert!(to_set("set-var").is_err());
        assert_eq!(
            to_set("set-var()").unwrap_err(),
            "Empty variable name cannot be accepted"
        );
    }
}
