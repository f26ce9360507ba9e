//! `stats auth`: who may see the statistics.

use super::Answer;
use crate::plan::Stats;

/// Whether the `authorization` header names one of the configured pairs, or none is configured.
pub(super) fn allowed(stats: &Stats, authorization: Option<&str>) -> bool {
    let given = || {
        let (scheme, credentials) = authorization?.split_once(' ')?;
        let basic = scheme.eq_ignore_ascii_case("basic");
        basic.then(|| decode_base64(credentials.trim()))?
    };
    stats.auth.is_empty()
        || given().is_some_and(|given| {
            let mut pairs = stats.auth.iter();
            pairs.any(|(user, password)| given == format!("{user}:{password}").into_bytes())
        })
}

/// Asks for a user and a password.
pub(super) fn required(stats: &Stats) -> Answer {
    const BODY: &str = "<html><body><h1>401 Unauthorized</h1>\n\
                        You need a valid user and password to access this content.\n\
                        </body></html>\n";
    let realm = stats.realm.as_deref().unwrap_or(Stats::DEFAULT_REALM);
    Answer {
        status: 401,
        reason: "Unauthorized",
        headers: vec![
            ("content-length", BODY.len().to_string()),
            ("cache-control", "no-cache".into()),
            ("content-type", "text/html".into()),
            ("www-authenticate", format!("Basic realm=\"{realm}\"")),
        ],
        body: BODY.into(),
        chunked: false,
        like_a_servers: false,
    }
}

/// RFC 4648, section 4; `None`: it is none.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const BITS_PER_LETTER: u32 = 6;
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << BITS_PER_LETTER | u32::from(value);
        count += BITS_PER_LETTER;
        if count >= u8::BITS {
            count -= u8::BITS;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        let text = |coded| decode_base64(coded).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(text("YTpi").as_deref(), Some("a:b"));
        assert_eq!(text("dXNlcjpwYXNz").as_deref(), Some("user:pass"));
        assert_eq!(text("YQ==").as_deref(), Some("a"));
        assert_eq!(text("").as_deref(), Some(""));
        assert_eq!(decode_base64("a b"), None);
    }
}
