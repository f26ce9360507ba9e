//! Bytes as letters: hexadecimal, base64 (RFC 4648), base32hex, and quoted strings.

/// Upper-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Lower-case hexadecimal.
pub(crate) fn hex_lower(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = groups(bytes, 6, LETTERS);
    text.extend(std::iter::repeat_n('=', (4 - text.len() % 4) % 4));
    text
}

/// Base32 with the extended hex alphabet, without padding (RFC 5155, section 3.3).
pub(crate) fn base32hex(bytes: &[u8]) -> String {
    groups(bytes, 5, b"0123456789ABCDEFGHIJKLMNOPQRSTUV")
}

/// A string in quotes, as the text of a zone shows it.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => {
                text.push('\\');
                text.push(char::from(byte));
            }
            0x20..=0x7e => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\{byte:03}")),
        }
    }
    text.push('"');
    text
}

/// Each `bits` bits as one letter; the last group is filled with zeros.
fn groups(bytes: &[u8], bits: u32, letters: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut have) = (0_u32, 0_u32);
    let mask = (1 << bits) - 1;
    let letter = |group: u32| char::from(letters[usize::try_from(group & mask).unwrap_or(0)]);
    for &byte in bytes {
        held = held << 8 | u32::from(byte);
        have += 8;
        while have >= bits {
            have -= bits;
            text.push(letter(held >> have));
        }
        held &= (1 << have) - 1;
    }
    if have > 0 {
        text.push(letter(held << (bits - have)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_4648_come_out() {
        let all = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        assert_eq!(
            all.map(|s| base64(s.as_bytes())),
            [
                "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"
            ]
        );
        assert_eq!(
            all.map(|s| base32hex(s.as_bytes())),
            [
                "",
                "CO",
                "CPNG",
                "CPNMU",
                "CPNMUOG",
                "CPNMUOJ1",
                "CPNMUOJ1E8"
            ]
        );
    }

    #[test]
    fn quoted_strings_escape_what_dig_escapes() {
        assert_eq!(quoted(b"a b;c"), "\"a b;c\"");
        assert_eq!(quoted(b"q\"b\\"), r#""q\"b\\""#);
        assert_eq!(quoted(&[0, 9, 127, 200]), r#""\000\009\127\200""#);
        assert_eq!(quoted(b""), "\"\"");
    }

    #[test]
    fn hexadecimal_has_two_digits_a_byte() {
        assert_eq!(hex(&[0, 10, 255]), "000AFF");
        assert_eq!(hex_lower(&[0, 10, 255]), "000aff");
    }
}
