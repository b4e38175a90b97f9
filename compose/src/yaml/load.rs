//! Builds the tree from the events of the parser, within bounds.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::error::shown;
use super::{Place, Scalar, Yaml, YamlError, YamlNode};
use crate::limits;

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self {
            line: span.start.line(),
            column: span.start.col().saturating_add(1),
        }
    }
}

/// A value that is being read.
enum Open {
    Sequence(Vec<YamlNode>),
    Mapping {
        entries: Vec<(String, YamlNode)>,
        key: Option<(String, bool, Place)>,
        merged: Vec<YamlNode>,
    },
}

struct Frame {
    open: Open,
    place: Place,
    anchor: usize,
    size: Size,
}

/// What a value weighs.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    text: usize,
}

impl Size {
    const fn and(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            text: self.text.saturating_add(other.text),
        }
    }
}

#[derive(Default)]
pub(super) struct Loader {
    stack: Vec<Frame>,
    anchors: HashMap<usize, (YamlNode, Size)>,
    total: Size,
    root: Option<YamlNode>,
    documents: usize,
}

impl Loader {
    pub(super) fn load(mut self, text: &str) -> Result<YamlNode, YamlError> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| syntax(&error))?;
            self.event(event, span.into())?;
        }
        Ok(self.root.unwrap_or(YamlNode {
            place: Place { line: 1, column: 1 },
            value: Yaml::Scalar(Scalar {
                text: String::new(),
                plain: true,
            }),
        }))
    }

    fn event(&mut self, event: Event<'_>, place: Place) -> Result<(), YamlError> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents = self.documents.saturating_add(1);
                if self.documents > 1 {
                    return Err(YamlError::SecondDocument { place });
                }
                Ok(())
            }
            Event::Alias(anchor) => {
                let (node, size) = self
                    .anchors
                    .get(&anchor)
                    .ok_or(YamlError::Circular { place })?;
                let size = *size;
                // Weighed before it is copied.
                self.total = self.total.and(size);
                if self.over() {
                    return Err(YamlError::TooMany { place });
                }
                let node = node.clone();
                self.put(node, size, place)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = plain_tag(tag.as_deref(), place)?;
                let node = YamlNode {
                    place,
                    value: Yaml::Scalar(Scalar {
                        plain: style == ScalarStyle::Plain && !is_text,
                        text: text.into_owned(),
                    }),
                };
                self.finish(node, anchor, Size::default(), place)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Open::Sequence(Vec::new()), anchor, tag.as_deref(), place)
            }
            Event::MappingStart(anchor, tag) => {
                let open = Open::Mapping {
                    entries: Vec::new(),
                    key: None,
                    merged: Vec::new(),
                };
                self.open(open, anchor, tag.as_deref(), place)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place),
        }
    }

    const fn over(&self) -> bool {
        self.total.nodes > limits::YAML_NODES || self.total.text > limits::YAML_TEXT
    }

    fn open(
        &mut self,
        open: Open,
        anchor: usize,
        tag: Option<&Tag>,
        place: Place,
    ) -> Result<(), YamlError> {
        plain_tag(tag, place)?;
        if self.stack.len() >= limits::YAML_DEPTH {
            return Err(YamlError::TooDeep { place });
        }
        self.stack.push(Frame {
            open,
            place,
            anchor,
            size: Size::default(),
        });
        Ok(())
    }

    fn close(&mut self, place: Place) -> Result<(), YamlError> {
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let value = match frame.open {
            Open::Sequence(items) => Yaml::Sequence(items),
            Open::Mapping {
                mut entries,
                merged,
                ..
            } => {
                for from in merged {
                    merge(&mut entries, from)?;
                }
                Yaml::Mapping(entries)
            }
        };
        let node = YamlNode {
            place: frame.place,
            value,
        };
        self.finish(node, frame.anchor, frame.size, place)
    }

    /// Takes a value that was written out.
    fn finish(
        &mut self,
        node: YamlNode,
        anchor: usize,
        inner: Size,
        place: Place,
    ) -> Result<(), YamlError> {
        let own = Size {
            nodes: 1,
            text: node.scalar().map_or(0, |scalar| scalar.text.len()),
        };
        self.total = self.total.and(own);
        if self.over() {
            return Err(YamlError::TooMany { place });
        }
        let size = inner.and(own);
        if anchor != 0 {
            // The copy is held beside the value, so it weighs as well.
            self.total = self.total.and(size);
            if self.over() {
                return Err(YamlError::TooMany { place });
            }
            self.anchors.insert(anchor, (node.clone(), size));
        }
        self.put(node, size, place)
    }

    /// Puts a value where it belongs: into what is open, or as the root.
    fn put(&mut self, node: YamlNode, size: Size, place: Place) -> Result<(), YamlError> {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.size = frame.size.and(size);
        match &mut frame.open {
            Open::Sequence(items) => items.push(node),
            Open::Mapping {
                entries,
                key,
                merged,
            } => match key.take() {
                None => match node.value {
                    Yaml::Scalar(scalar) => *key = Some((scalar.text, scalar.plain, place)),
                    _ => return Err(YamlError::ComplexKey { place }),
                },
                Some((name, true, at)) if name == "<<" => {
                    if !merged.is_empty() {
                        return Err(YamlError::DuplicateKey {
                            place: at,
                            key: name,
                        });
                    }
                    match node.value {
                        Yaml::Sequence(items) => merged.extend(items),
                        _ => merged.push(node),
                    }
                }
                Some((name, _, at)) => {
                    if entries.iter().any(|(found, _)| *found == name) {
                        return Err(YamlError::DuplicateKey {
                            place: at,
                            key: name,
                        });
                    }
                    if entries.len() >= limits::YAML_KEYS {
                        return Err(YamlError::TooManyKeys { place: at });
                    }
                    entries.push((name, node));
                }
            },
        }
        Ok(())
    }
}

/// What stands in the mapping itself goes before what is merged into it.
fn merge(entries: &mut Vec<(String, YamlNode)>, from: YamlNode) -> Result<(), YamlError> {
    let Yaml::Mapping(others) = from.value else {
        return Err(YamlError::Merge { place: from.place });
    };
    for (key, value) in others {
        if !entries.iter().any(|(found, _)| *found == key) {
            if entries.len() >= limits::YAML_KEYS {
                return Err(YamlError::TooManyKeys { place: from.place });
            }
            entries.push((key, value));
        }
    }
    Ok(())
}

/// Whether a tag makes a text of what it stands before. Tags that mean more are refused.
fn plain_tag(tag: Option<&Tag>, place: Place) -> Result<bool, YamlError> {
    let Some(tag) = tag else {
        return Ok(false);
    };
    let known = ["str", "int", "float", "bool", "null", "map", "seq"];
    if tag.is_yaml_core_schema() && known.contains(&tag.suffix.as_str()) {
        Ok(tag.suffix == "str")
    } else {
        Err(YamlError::Tag { place })
    }
}

fn syntax(error: &ScanError) -> YamlError {
    let marker = error.marker();
    YamlError::Syntax {
        place: Place {
            line: marker.line(),
            column: marker.col().saturating_add(1),
        },
        what: shown(error.info()),
    }
}
