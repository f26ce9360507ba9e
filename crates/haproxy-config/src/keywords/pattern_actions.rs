//! The words of actions that change ACLs and maps: `set-map(FILE) KEY VALUE`, `del-acl(FILE) KEY`.

use super::http_rules::Action;
use crate::model::{HttpAction, PatternChange};

type Read = Result<HttpAction, String>;

pub(super) fn set_map(action: &mut Action<'_, '_, '_>) -> Read {
    if action.words_left() < 2 {
        return Err("expects exactly 2 arguments".to_owned());
    }
    let file = file(action)?;
    let [key, value] = [action.take(), action.take()];
    Ok(HttpAction::ChangePatterns {
        file,
        key: action.format(&key)?,
        change: PatternChange::Set(action.format(&value)?),
    })
}

pub(super) fn add_acl(action: &mut Action<'_, '_, '_>) -> Read {
    with_key(action, PatternChange::Add)
}

pub(super) fn delete(action: &mut Action<'_, '_, '_>) -> Read {
    with_key(action, PatternChange::Delete)
}

fn with_key(action: &mut Action<'_, '_, '_>, change: PatternChange) -> Read {
    if action.words_left() < 1 {
        return Err("expects exactly 1 arguments".to_owned());
    }
    let file = file(action)?;
    let key = action.take();
    let key = action.format(&key)?;
    Ok(HttpAction::ChangePatterns { file, key, change })
}

/// HAProxy takes what stands in the brackets unread, and anything at all where there are none.
fn file(action: &Action<'_, '_, '_>) -> Result<String, String> {
    let file = action.bracketed().filter(|file| !file.is_empty());
    let plain = action.name().split('(').next().unwrap_or_default();
    file.map(str::to_owned)
        .ok_or_else(|| format!("expects the file that acls or maps read: '{plain}(<file-name>)'"))
}
