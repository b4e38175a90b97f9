//! Does an app-compose pin the code it runs? A small and exact check, not a lint: every image by
//! digest, and no variable in an image, a command or an entrypoint.
//!
//! It reads a plain subset of YAML line by line and says [`CodeFault::Unreadable`] of everything
//! else: whatever could make a YAML reader see another document than this one (anchors, merges,
//! flow mappings for services, scalars over several lines, tabs, second documents) is refused. So a
//! file that passes has its images where they are seen.

mod line;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::json::Document;
use crate::quoted::Quoted;

use line::{flow_ends, is_empty, is_item, keyed, may_alias, may_escape, plain_key, scalar};

/// Why an app-compose does not pin its code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CodeFault {
    /// It is no JSON object with a docker-compose text, or is run by something else.
    NoContainers {
        /// The runner it names.
        runner: Option<String>,
    },
    /// The docker-compose text is outside of the plain subset that is read here.
    Unreadable {
        /// The line, from one.
        line: usize,
        /// What stands there.
        what: &'static str,
    },
    /// A service has no image.
    NoImage {
        /// The service.
        service: String,
    },
    /// A service is built where it runs, or takes its definition from elsewhere.
    Built {
        /// The service.
        service: String,
        /// `build` or `extends`.
        key: &'static str,
    },
    /// An image is named by a tag, which can be moved.
    ImageNotByDigest {
        /// The service.
        service: String,
        /// The image as written.
        image: String,
    },
    /// A variable decides what runs, and the values of variables are not measured.
    Variable {
        /// The service.
        service: String,
        /// `image`, `command`, `entrypoint`, or a check or a hook that runs a command.
        key: &'static str,
    },
}

impl CodeFault {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoContainers { .. } => "no-containers",
            Self::Unreadable { .. } => "yaml-not-plain",
            Self::NoImage { .. } => "no-image",
            Self::Built { .. } => "built-in-place",
            Self::ImageNotByDigest { .. } => "image-not-by-digest",
            Self::Variable { .. } => "variable-in-code",
        }
    }

    /// What to do about it.
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::NoContainers { .. } => {
                "run the app from containers, or review what the script fetches by hand"
            }
            Self::Unreadable { .. } => {
                "write the docker-compose file in plain block style, without anchors and merges"
            }
            Self::NoImage { .. } => "give the service an image by digest",
            Self::Built { .. } => "build the image beforehand and name it by digest",
            Self::ImageNotByDigest { .. } => "name the image as name@sha256:…",
            Self::Variable { .. } => "write the value out: only names of variables are measured",
        }
    }
}

impl fmt::Display for CodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContainers { runner: None } => {
                f.write_str("the app-compose has no docker-compose text")
            }
            Self::NoContainers {
                runner: Some(runner),
            } => write!(f, "the app is run by {}", Quoted(runner)),
            Self::Unreadable { line, what } => {
                write!(f, "line {line} of the docker-compose text has {what}")
            }
            Self::NoImage { service } => write!(f, "service {} has no image", Quoted(service)),
            Self::Built { service, key } => write!(f, "service {} has `{key}`", Quoted(service)),
            Self::ImageNotByDigest { service, image } => write!(
                f,
                "the image of service {} is {}, not a digest",
                Quoted(service),
                Quoted(image)
            ),
            Self::Variable { service, key } => {
                write!(f, "the {key} of service {} has a variable", Quoted(service))
            }
        }
    }
}

/// Every fault of the app-compose; none if it pins its code.
pub fn code_faults(app_compose: &[u8]) -> Vec<CodeFault> {
    let nothing = |runner| Vec::from([CodeFault::NoContainers { runner }]);
    let document = Document::read(app_compose).ok();
    let Some(object) = document.as_ref().and_then(|read| read.root().object()) else {
        return nothing(None);
    };
    let runner = object.text("runner");
    if !matches!(
        runner.as_deref(),
        None | Some("docker-compose" | "nerdctl-compose")
    ) {
        return nothing(runner);
    }
    match object.text("docker_compose_file") {
        Some(yaml) => Scan::default().run(&yaml),
        None => nothing(None),
    }
}

/// What the lines below a key of a service are to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Below {
    Ignored,
    /// Nothing may stand below: the value is on its line.
    Refused,
    /// Of `command` or `entrypoint`.
    Code(&'static str),
}

#[derive(Default)]
struct Scan {
    faults: Vec<CodeFault>,
    in_services: bool,
    seen_services: bool,
    seen_service: bool,
    service_indent: Option<usize>,
    key_indent: Option<usize>,
    service: Option<(String, bool)>,
    below: Option<Below>,
    /// Lines indented further than this are the text of a block scalar.
    block_scalar: Option<usize>,
}

impl Scan {
    fn run(mut self, yaml: &str) -> Vec<CodeFault> {
        for (index, line) in yaml.split('\n').enumerate() {
            let number = index.saturating_add(1);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if let Err(what) = self.line(line, number) {
                // What follows cannot be read on from a line that was not understood.
                self.faults
                    .push(CodeFault::Unreadable { line: number, what });
                self.faults.dedup();
                return self.faults;
            }
        }
        self.end_service();
        if !self.seen_service {
            self.faults.push(CodeFault::NoContainers { runner: None });
        }
        self.faults.dedup();
        self.faults
    }

    fn line(&mut self, line: &str, number: usize) -> Result<(), &'static str> {
        if line.chars().any(|one| {
            matches!(one, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
                || (one.is_control() && one != '\t')
        }) {
            return Err("a control character or a line break of another kind");
        }
        let text = line.trim_start_matches(' ');
        let indent = line.len().saturating_sub(text.len());
        let blank = text.trim_ascii().is_empty();
        if let Some(outer) = self.block_scalar {
            if blank || indent > outer {
                return self.code_text(text, true);
            }
            self.block_scalar = None;
        }
        if blank || text.starts_with('#') {
            return Ok(());
        }
        if text.starts_with('\t') {
            return Err("a tab for indentation");
        }
        if indent == 0 {
            return self.top(text, number);
        }
        if !self.in_services {
            return self.opaque(text, indent);
        }
        self.inside(text, indent)
    }

    fn top(&mut self, text: &str, number: usize) -> Result<(), &'static str> {
        if text.starts_with("---") && number == 1 && text.trim_ascii_end() == "---" {
            return Ok(());
        }
        self.end_service();
        self.in_services = false;
        let (key, value) = plain_key(text).ok_or("something else than a plain key")?;
        match key {
            "include" => return Err("`include`, which brings another file"),
            "services" if self.seen_services => return Err("`services` a second time"),
            "services" => {
                if !is_empty(value) {
                    return Err("services that are not a block");
                }
                self.seen_services = true;
                self.in_services = true;
                self.service_indent = None;
            }
            _ => self.value(value, 0)?,
        }
        Ok(())
    }

    fn inside(&mut self, text: &str, indent: usize) -> Result<(), &'static str> {
        let services = *self.service_indent.get_or_insert(indent);
        if indent < services {
            return Err("an indentation that fits nothing above it");
        }
        if indent == services {
            self.end_service();
            let (name, value) =
                plain_key(text).ok_or("something else than the name of a service")?;
            if !is_empty(value) {
                return Err("a service that is not a block");
            }
            self.seen_service = true;
            self.service = Some((name.to_owned(), false));
            self.key_indent = None;
            return Ok(());
        }
        let keys = *self.key_indent.get_or_insert(indent);
        if indent > keys || (indent == keys && is_item(text) && self.below.is_some()) {
            match self.below {
                None => return Err("an indentation that fits nothing above it"),
                Some(Below::Refused) => return Err("an image that is not a plain value"),
                Some(Below::Ignored | Below::Code(_)) => {}
            }
            self.code_text(text, false)?;
            return self.opaque(text, indent);
        }
        if indent < keys {
            return Err("an indentation that fits nothing above it");
        }
        let (key, value) = plain_key(text).ok_or("something else than a plain key")?;
        self.key(key, value, indent)
    }

    fn key(&mut self, key: &str, value: &str, indent: usize) -> Result<(), &'static str> {
        let Some((service, has_image)) = &mut self.service else {
            return Err("a key outside of a service");
        };
        self.below = Some(Below::Ignored);
        match key {
            "image" => {
                self.below = Some(Below::Refused);
                *has_image = true;
                if may_escape(value) {
                    return Err("an image with an escape");
                }
                let image = scalar(value).ok_or("an image that is not a plain value")?;
                if has_variable(&image) {
                    self.faults.push(CodeFault::Variable {
                        service: service.clone(),
                        key: "image",
                    });
                } else if !is_by_digest(&image) {
                    self.faults.push(CodeFault::ImageNotByDigest {
                        service: service.clone(),
                        image,
                    });
                }
                Ok(())
            }
            "build" | "extends" => {
                self.faults.push(CodeFault::Built {
                    service: service.clone(),
                    key: if key == "build" { "build" } else { "extends" },
                });
                self.value(value, indent)
            }
            "command" | "entrypoint" | "healthcheck" | "post_start" | "pre_stop" => {
                self.below = Some(Below::Code(executed(key)));
                self.code_text(value, false)?;
                self.value(value, indent)
            }
            _ => self.value(value, indent),
        }
    }

    /// Text that may belong to a command: it must have no variable.
    fn code_text(&mut self, text: &str, in_scalar: bool) -> Result<(), &'static str> {
        let (Some(Below::Code(key)), Some((service, _))) = (self.below, &self.service) else {
            return Ok(());
        };
        if !in_scalar && may_escape(text) {
            return Err("a command with an escape");
        }
        if has_variable(text) || (!in_scalar && may_alias(text)) {
            self.faults.push(CodeFault::Variable {
                service: service.clone(),
                key,
            });
        }
        Ok(())
    }

    /// A line that means nothing here. Still it must not swallow the lines after it.
    fn opaque(&mut self, text: &str, indent: usize) -> Result<(), &'static str> {
        let mut rest = text;
        let mut column = indent;
        while let Some(item) = rest.strip_prefix("- ") {
            let inner = item.trim_start_matches(' ');
            let skipped = rest.len().saturating_sub(inner.len());
            column = column.saturating_add(skipped);
            rest = inner;
        }
        // The text of a block scalar stands deeper than the mapping or the sequence it is in.
        match keyed(rest) {
            Some(value) => self.value(value, column),
            None => self.value(rest, indent),
        }
    }

    /// Looks whether a value ends on its line, or is a block scalar that ends by indentation.
    fn value(&mut self, value: &str, outer: usize) -> Result<(), &'static str> {
        let value = value.trim_start_matches([' ', '\t']);
        match value.chars().next() {
            None | Some('#') => Ok(()),
            Some('|' | '>') => {
                let rest = value.get(1..).unwrap_or_default();
                let rest = rest.trim_start_matches(['+', '-']);
                if !is_empty(rest) {
                    return Err("a block scalar with an indentation of its own");
                }
                self.block_scalar = Some(outer);
                Ok(())
            }
            Some('"' | '\'') => scalar(value)
                .map(|_| ())
                .ok_or("a quoted value that does not end on its line"),
            Some('[' | '{') => {
                if flow_ends(value) {
                    Ok(())
                } else {
                    Err("a flow collection that does not end on its line")
                }
            }
            Some('&' | '*' | '!') => Err("an anchor, an alias or a tag"),
            Some('?') => Err("a complex key"),
            Some('%' | '@' | '`') => Err("a reserved character"),
            Some(_) => Ok(()),
        }
    }

    fn end_service(&mut self) {
        self.below = None;
        self.block_scalar = None;
        self.key_indent = None;
        if let Some((service, has_image)) = self.service.take()
            && !has_image
        {
            self.faults.push(CodeFault::NoImage { service });
        }
    }
}

/// A `$` that is not escaped as `$$`.
fn has_variable(text: &str) -> bool {
    text.replace("$$", "").contains('$')
}

/// The key of a service whose text is executed.
fn executed(key: &str) -> &'static str {
    match key {
        "entrypoint" => "entrypoint",
        "healthcheck" => "healthcheck",
        "post_start" => "post_start",
        "pre_stop" => "pre_stop",
        _ => "command",
    }
}

fn is_by_digest(image: &str) -> bool {
    image.split_once("@sha256:").is_some_and(|(name, digest)| {
        !name.is_empty()
            && !name.contains(|one: char| one.is_whitespace() || one == '@')
            && digest.len() == 64
            && digest
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests;
