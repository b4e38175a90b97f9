//! A docker-compose file: its services, and what of them depends on a variable.

use crate::yaml::{Place, YamlError, YamlNode};

/// A docker-compose file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeFile {
    root: YamlNode,
}

/// One service of a docker-compose file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service<'a> {
    /// Its name.
    pub name: &'a str,
    /// What stands below its name.
    pub node: &'a YamlNode,
}

impl ComposeFile {
    /// Reads a docker-compose file. Whether it makes sense to Docker Compose is not looked at.
    ///
    /// # Errors
    /// [`YamlError`], which says where.
    pub fn parse(bytes: &[u8]) -> Result<Self, YamlError> {
        YamlNode::parse(bytes).map(|root| Self { root })
    }

    /// The whole file.
    pub const fn root(&self) -> &YamlNode {
        &self.root
    }

    /// The services, in their order. None if `services` is missing or no mapping.
    pub fn services(&self) -> impl Iterator<Item = Service<'_>> {
        self.root
            .get("services")
            .and_then(YamlNode::entries)
            .unwrap_or_default()
            .iter()
            .map(|(name, node)| Service { name, node })
    }
}

impl<'a> Service<'a> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&'a YamlNode> {
        self.node.get(key)
    }

    /// The image as it was written.
    pub fn image(&self) -> Option<&'a str> {
        self.get("image")?.text()
    }

    /// Names, values and places of its environment, written as a mapping or as a list. A name without
    /// a value takes it from outside.
    pub fn environment(&self) -> Vec<(&'a str, Option<&'a str>, Place)> {
        let Some(node) = self.get("environment") else {
            return Vec::new();
        };
        if let Some(entries) = node.entries() {
            return entries
                .iter()
                .map(|(name, value)| (name.as_str(), value.text(), value.place))
                .collect();
        }
        node.items()
            .unwrap_or_default()
            .iter()
            .filter_map(|item| {
                let text = item.text()?;
                Some(match text.split_once('=') {
                    Some((name, value)) => (name, Some(value), item.place),
                    None => (text, None, item.place),
                })
            })
            .collect()
    }
}

/// A variable in a text, to be replaced before Docker sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable<'a> {
    /// Its name; empty where the text is malformed, which Docker Compose refuses.
    pub name: &'a str,
    /// What stands after the name: `:-default` for one.
    pub rest: &'a str,
}

/// Every variable in a text, by the rules of Docker Compose: `$NAME`, `${NAME}`, `${NAME:-…}`; two
/// dollar signs are one that is meant.
pub fn variables(text: &str) -> Vec<Variable<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        if let Some(meant) = after.strip_prefix('$') {
            rest = meant;
            continue;
        }
        let (inside, braced) = match after.strip_prefix('{') {
            Some(inside) => (inside, true),
            None => (after, false),
        };
        let end = inside
            .find(|one: char| !(one.is_ascii_alphanumeric() || one == '_'))
            .unwrap_or(inside.len());
        let (name, tail) = inside.split_at(end);
        let inner = if braced {
            tail.split_once('}').map_or(tail, |(inner, _)| inner)
        } else {
            ""
        };
        if braced || !name.is_empty() {
            found.push(Variable { name, rest: inner });
        }
        // A default may hold further variables.
        rest = tail;
    }
    found
}

/// Whether a variable stands in a text.
pub fn has_variable(text: &str) -> bool {
    !variables(text).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_their_environment() {
        let text = "services:\n  web:\n    image: nginx\n    environment:\n      A: 1\n      B:\n  db:\n    environment: [C=2=3, D]\n  odd: 3\n";
        let file = ComposeFile::parse(text.as_bytes()).unwrap();
        let services: Vec<_> = file.services().collect();
        let names: Vec<_> = services.iter().map(|service| service.name).collect();
        assert_eq!(names, ["web", "db", "odd"]);
        assert_eq!(services[0].image(), Some("nginx"));
        let plain = |service: &Service<'_>| -> Vec<(String, Option<String>)> {
            let all = service.environment();
            all.into_iter()
                .map(|(name, value, _)| (name.to_owned(), value.map(str::to_owned)))
                .collect()
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            plain(&services[0]),
            [("A".into(), some("1")), ("B".into(), None)]
        );
        assert_eq!(
            plain(&services[1]),
            [("C".into(), some("2=3")), ("D".into(), None)]
        );
        assert!(services[2].environment().is_empty());
        for none in ["", "services:\n", "services: []\n", "3\n"] {
            let file = ComposeFile::parse(none.as_bytes()).unwrap();
            assert_eq!(file.services().count(), 0, "{none}");
        }
    }

    #[test]
    fn variables_are_found_by_the_rules_of_docker_compose() {
        let names = |text| {
            let all = variables(text);
            all.into_iter().map(|one| one.name).collect::<Vec<_>>()
        };
        assert_eq!(names("a$B-${C}${D:-x$E}"), ["B", "C", "D", "E"]);
        assert_eq!(
            variables("${D:-x}"),
            [Variable {
                name: "D",
                rest: ":-x"
            }]
        );
        for none in ["", "plain", "$$A", "$$$$A", "$", "a$ b", "$$"] {
            assert!(!has_variable(none), "{none}");
        }
        // Half of an escape is none.
        assert_eq!(names("$$$A"), ["A"]);
        assert_eq!(names("${A"), ["A"]);
        assert_eq!(names("${}"), [""]);
    }
}
