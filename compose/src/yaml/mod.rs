//! YAML as a tree, read strictly and in bounded space: what two readers could see differently is
//! refused (a key that stands twice, a second document, a tag that means something), and a file that
//! grows by aliases is stopped before it grows.

mod closers;
mod error;
mod load;

use std::borrow::Cow;
use std::fmt;

pub use error::YamlError;
use load::Loader;

use crate::limits;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from one.
    pub line: usize,
    /// The column in characters, from one.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// A scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Its text, quotes and folding resolved.
    pub text: String,
    /// Written without quotes or a block sign: only then may it be a number, a truth value or null.
    pub plain: bool,
}

impl Scalar {
    /// Whether it is null: nothing at all, `~` or `null`.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// Whether it reads as true. Docker Compose also takes the words of YAML 1.1, and quoted words.
    pub fn is_true(&self) -> bool {
        matches!(
            self.text.to_ascii_lowercase().as_str(),
            "true" | "yes" | "on" | "y" | "1" | "t"
        )
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Yaml {
    /// A scalar.
    Scalar(Scalar),
    /// A sequence.
    Sequence(Vec<YamlNode>),
    /// A mapping, in its order, merges resolved.
    Mapping(Vec<(String, YamlNode)>),
}

/// One value, and where it begins. What came by an alias has the place of what the alias names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlNode {
    /// Where it begins.
    pub place: Place,
    /// The value.
    pub value: Yaml,
}

impl YamlNode {
    /// Reads a whole text.
    ///
    /// # Errors
    /// [`YamlError`], which says where.
    pub fn parse(bytes: &[u8]) -> Result<Self, YamlError> {
        if bytes.len() > limits::YAML {
            return Err(YamlError::TooLarge { found: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|error| YamlError::Encoding {
            offset: error.valid_up_to(),
        })?;
        let mut read = Loader::default().load(text);
        let mut text = Cow::Borrowed(text);
        for _ in 0..limits::YAML_CLOSERS {
            let Err(error) = &read else { break };
            let Some(moved) = closers::moved(&text, error) else {
                break;
            };
            text = Cow::Owned(moved);
            read = Loader::default().load(&text);
        }
        read
    }

    /// The value of a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?
            .iter()
            .find(|(found, _)| found == key)
            .map(|(_, value)| value)
    }

    /// The entries of a mapping.
    pub fn entries(&self) -> Option<&[(String, Self)]> {
        match &self.value {
            Yaml::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a sequence.
    pub fn items(&self) -> Option<&[Self]> {
        match &self.value {
            Yaml::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// A scalar.
    pub const fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Yaml::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar; null has none.
    pub fn text(&self) -> Option<&str> {
        let scalar = self.scalar()?;
        (!scalar.is_null()).then_some(scalar.text.as_str())
    }

    /// Every text of a scalar in it, keys left out, in its order.
    pub fn texts(&self) -> Vec<(&str, Place)> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match &node.value {
                Yaml::Scalar(scalar) => found.push((scalar.text.as_str(), node.place)),
                Yaml::Sequence(items) => open.extend(items.iter().rev()),
                Yaml::Mapping(entries) => open.extend(entries.iter().rev().map(|(_, node)| node)),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        YamlNode::parse(text.as_bytes()).unwrap_err().code()
    }

    fn text_at<'a>(node: &'a YamlNode, path: &[&str]) -> Option<&'a str> {
        path.iter()
            .try_fold(node, |node, key| node.get(key))?
            .text()
    }

    #[test]
    fn a_file_is_read_with_places() {
        let yaml = YamlNode::parse(b"a:\n  b: [1, \"2\"]\n  c: |\n    x\n    y\n").unwrap();
        let b = yaml.get("a").unwrap().get("b").unwrap();
        assert_eq!(b.place, Place { line: 2, column: 6 });
        let items = b.items().unwrap();
        assert!(items[0].scalar().unwrap().plain && !items[1].scalar().unwrap().plain);
        assert_eq!(text_at(&yaml, &["a", "c"]), Some("x\ny\n"));
        assert!(YamlNode::parse(b"").unwrap().scalar().unwrap().is_null());
    }

    #[test]
    fn a_bracket_may_close_at_the_indentation_of_its_key() {
        let text = "a:\n  b: [\n    1,\n  ]\n  c: {\n    d: 2\n}\n  e: 3\n";
        let yaml = YamlNode::parse(text.as_bytes()).unwrap();
        assert_eq!(text_at(&yaml, &["a", "c", "d"]), Some("2"));
        assert_eq!(text_at(&yaml, &["a", "e"]), Some("3"));
        let b = yaml.get("a").unwrap().get("b").unwrap();
        assert_eq!(b.items().unwrap().len(), 1);
        // Only a bracket is moved, and only so often.
        assert_eq!(code("a:\n  b: [\n  1\n  ]\n"), "yaml.syntax");
        assert_eq!(code("a:\n  b: 1\n]\n"), "yaml.syntax");
        let many = "  b: [\n    1,\n  ]\n".replace("b:", "- b:");
        let many = format!(
            "a:\n{}",
            many.replace("  ]", "]").repeat(limits::YAML_CLOSERS)
        );
        assert_eq!(code(&many), "yaml.syntax");
    }

    #[test]
    fn merges_give_way_to_what_is_written() {
        let text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 0\n";
        let yaml = YamlNode::parse(text.as_bytes()).unwrap();
        let z = |key| text_at(&yaml, &["z", key]);
        assert_eq!((z("a"), z("b"), z("c")), (Some("0"), Some("2"), Some("4")));
        // A quoted key is a key like any other.
        let quoted = YamlNode::parse(b"a: {\"<<\": 1}\n").unwrap();
        assert_eq!(text_at(&quoted, &["a", "<<"]), Some("1"));
    }

    #[test]
    fn what_two_readers_could_see_differently_is_refused() {
        assert_eq!(code("a: 1\nb: 2\na: 3\n"), "yaml.duplicate-key");
        assert_eq!(code("a: 1\n\"a\": 3\n"), "yaml.duplicate-key");
        assert_eq!(
            code("x: &x {a: 1}\ny:\n  <<: *x\n  <<: *x\n"),
            "yaml.duplicate-key"
        );
        assert_eq!(code("a: 1\n---\nb: 2\n"), "yaml.second-document");
        assert_eq!(code("a: !reset null\n"), "yaml.tag");
        assert_eq!(code("a: !!binary aGk=\n"), "yaml.tag");
        assert_eq!(code("{a: 1}: 2\n"), "yaml.complex-key");
        assert_eq!(code("a: &a [*a]\n"), "yaml.circular-alias");
        assert_eq!(code("a:\n  <<: 3\n"), "yaml.merge");
        assert_eq!(code("a: [1\n"), "yaml.syntax");
        assert_eq!(code("a: *nothing\n"), "yaml.syntax");
        assert_eq!(
            YamlNode::parse(b"a: \xff").unwrap_err().code(),
            "yaml.encoding"
        );
    }

    #[test]
    fn space_is_bounded() {
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(YamlNode::parse(deep(limits::YAML_DEPTH).as_bytes()).is_ok());
        assert_eq!(code(&deep(limits::YAML_DEPTH + 1)), "yaml.too-deep");
        assert_eq!(code(&deep(200_000)), "yaml.syntax");
        let wide = |range: std::ops::Range<usize>| -> String {
            range.map(|key| format!("  k{key}: 0\n")).collect()
        };
        assert!(YamlNode::parse(format!("a:\n{}", wide(0..limits::YAML_KEYS)).as_bytes()).is_ok());
        let too_wide = format!("a:\n{}", wide(0..limits::YAML_KEYS + 1));
        assert_eq!(code(&too_wide), "yaml.too-many-keys");
        let merged = format!(
            "a: &a\n{}b:\n  <<: *a\n{}",
            wide(0..600),
            wide(600..limits::YAML_KEYS + 1)
        );
        assert_eq!(code(&merged), "yaml.too-many-keys");
        assert_eq!(code(&" ".repeat(limits::YAML + 1)), "yaml.too-large");
        // A billion laughs in ten lines.
        let mut laughs = "a0: &a0 lol\n".to_owned();
        for level in 1..12 {
            let alias = format!("*a{}, ", level - 1).repeat(9);
            laughs.push_str(&format!("a{level}: &a{level} [{alias}lol]\n"));
        }
        assert_eq!(code(&laughs), "yaml.too-many-nodes");
        // The same by length of text instead of number of nodes.
        let long = format!(
            "a: &a {}\nb: [{}]\n",
            "x".repeat(500_000),
            "*a, ".repeat(40)
        );
        assert_eq!(code(&long), "yaml.too-many-nodes");
    }
}
