//! Untrusted text inside a message.

use core::fmt;

use crate::limits;

/// Displays text that came from outside in backticks: cut to [`limits::QUOTED_TEXT`] characters,
/// control characters and backticks escaped, so that it can neither flood a terminal nor act on it.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        for (index, character) in self.0.chars().enumerate() {
            if index >= limits::QUOTED_TEXT {
                f.write_str("…")?;
                break;
            }
            if character == '`' || needs_escape(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        f.write_str("`")
    }
}

/// Control characters, and the invisible ones that reorder or hide text.
fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn untrusted_text_is_bounded_and_cannot_act_on_a_terminal() {
        assert_eq!(Quoted("plain").to_string(), "`plain`");
        assert_eq!(Quoted("a`b\u{1b}[2J").to_string(), "`a\\u{60}b\\u{1b}[2J`");
        assert_eq!(Quoted("\u{202e}x").to_string(), "`\\u{202e}x`");
        let long = "é".repeat(limits::QUOTED_TEXT + 1);
        let shown = Quoted(&long).to_string();
        assert_eq!(shown.chars().count(), limits::QUOTED_TEXT + 3);
        assert!(shown.ends_with("…`"));
    }
}
