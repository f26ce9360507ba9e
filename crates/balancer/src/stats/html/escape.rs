//! Text and numbers inside HTML.

use std::fmt;

/// A text that cannot be taken for markup.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => write!(f, "{other}"),
        })
    }
}

/// A number whose thousands stand apart: by style alone, so that a program reading the text finds the number.
pub(super) struct Number(pub(super) u64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let count = digits.len();
        for (place, digit) in digits.chars().enumerate() {
            let left = count - place - 1;
            if left > 0 && left.is_multiple_of(3) {
                write!(f, "<span class=\"rls\">{digit}</span>")?;
            } else {
                write!(f, "{digit}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(Number(0).to_string(), "0");
        assert_eq!(Number(620).to_string(), "620");
        assert_eq!(
            Number(3_456_620).to_string(),
            "<span class=\"rls\">3</span>45<span class=\"rls\">6</span>620"
        );
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            Text("<b>'x' & \"y\"").to_string(),
            "&lt;b&gt;&#39;x&#39; &amp; &quot;y&quot;"
        );
    }
}
