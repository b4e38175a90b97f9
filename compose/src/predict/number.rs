//! How three languages print a number that they read from JSON. A number that no double holds never
//! comes here: it is refused where a document is read.

fn double(text: &str) -> f64 {
    // A number of JSON is one of Rust's, so this cannot fail.
    text.parse().unwrap_or(f64::NAN)
}

/// Whether a number is zero.
pub(super) fn is_zero(text: &str) -> bool {
    double(text) == 0.0
}

/// JavaScript: every number is a double, and zero has no sign in print.
pub(super) fn js(text: &str) -> String {
    ryu_js::Buffer::new().format(double(text)).to_owned()
}

/// Go, where the number has no type of its own: as JavaScript, with a sign before zero.
pub(super) fn go(text: &str) -> String {
    let value = double(text);
    if value == 0.0 && value.is_sign_negative() {
        return "-0".to_owned();
    }
    js(text)
}

/// Python: a whole number stays exact, another is a double.
pub(super) fn python(text: &str) -> String {
    if text.contains(['.', 'e', 'E']) {
        return repr(double(text));
    }
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Python's `repr` of a double: the shortest digits that read back, with an exponent of at least two
/// digits past the fourth zero after the point, and past sixteen digits before it. JavaScript has the
/// same digits; Rust's own would differ where two shortest texts are equally near.
fn repr(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let (digits, exponent) = scientific(value.abs());
    let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
    if !(-4..16).contains(&exponent) {
        let point = if rest.is_empty() { "" } else { "." };
        let direction = if exponent < 0 { '-' } else { '+' };
        let exponent = exponent.unsigned_abs();
        return format!("{sign}{first}{point}{rest}e{direction}{exponent:02}");
    }
    let Ok(before) = usize::try_from(exponent) else {
        let zeros = "0".repeat(exponent.unsigned_abs().saturating_sub(1).into());
        return format!("{sign}0.{zeros}{digits}");
    };
    let whole = before.saturating_add(1);
    let (whole, after) = match digits.split_at_checked(whole) {
        Some((whole, after)) => (whole.to_owned(), after),
        None => (format!("{digits:0<whole$}"), ""),
    };
    format!(
        "{sign}{whole}.{}",
        if after.is_empty() { "0" } else { after }
    )
}

/// The shortest digits, and the exponent of the first of them.
fn scientific(value: f64) -> (String, i16) {
    let mut buffer = ryu_js::Buffer::new();
    let text = buffer.format(value);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{after}");
    let digits = all.trim_start_matches('0');
    let zeros = all.len().saturating_sub(digits.len());
    let length = |count: usize| i16::try_from(count).unwrap_or(i16::MAX);
    let exponent = exponent
        .parse::<i16>()
        .unwrap_or(0)
        .saturating_add(length(whole.len()))
        .saturating_sub(length(zeros))
        .saturating_sub(1);
    if digits.is_empty() {
        return ("0".to_owned(), 0);
    }
    (digits.trim_end_matches('0').to_owned(), exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    // Each row as Node, Python and Go print it.
    #[test]
    fn each_language_prints_a_number_its_own_way() {
        for (text, in_js, in_python, in_go) in [
            ("1", "1", "1", "1"),
            ("1.0", "1", "1.0", "1"),
            ("-0", "0", "0", "-0"),
            ("-0.0", "0", "-0.0", "-0"),
            ("1e2", "100", "100.0", "100"),
            ("1E-400", "0", "0.0", "0"),
            ("0.1", "0.1", "0.1", "0.1"),
            ("-0.0001", "-0.0001", "-0.0001", "-0.0001"),
            ("0.00001", "0.00001", "1e-05", "0.00001"),
            ("0.000001", "0.000001", "1e-06", "0.000001"),
            ("1.5e-7", "1.5e-7", "1.5e-07", "1.5e-7"),
            (
                "1e15",
                "1000000000000000",
                "1000000000000000.0",
                "1000000000000000",
            ),
            ("1e16", "10000000000000000", "1e+16", "10000000000000000"),
            ("1e21", "1e+21", "1e+21", "1e+21"),
            ("1.25e300", "1.25e+300", "1.25e+300", "1.25e+300"),
            (
                "9007199254740993",
                "9007199254740992",
                "9007199254740993",
                "9007199254740992",
            ),
            (
                "123456789012345678901234",
                "1.2345678901234569e+23",
                "123456789012345678901234",
                "1.2345678901234569e+23",
            ),
            (
                "2.98023223876953125e-8",
                "2.9802322387695312e-8",
                "2.9802322387695312e-08",
                "2.9802322387695312e-8",
            ),
            ("5e-324", "5e-324", "5e-324", "5e-324"),
        ] {
            assert_eq!(js(text), in_js, "{text}");
            assert_eq!(python(text), in_python, "{text}");
            assert_eq!(go(text), in_go, "{text}");
        }
    }

    #[test]
    fn what_no_double_holds_is_no_document() {
        for text in ["1e309", "-1E999", &"9".repeat(310)] {
            assert!(Json::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Json::parse("9".repeat(308).as_bytes()).is_ok());
    }

    #[test]
    fn zero_is_zero_in_every_spelling() {
        for zero in ["0", "-0", "0.0", "0e9", "1e-400"] {
            assert!(is_zero(zero), "{zero}");
        }
        assert!(!is_zero("1e-300"));
    }
}
