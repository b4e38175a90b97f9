//! Where items come from. Each is bounded before it is read; what is wrong with one is its own affair.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use teeproof_core::limits;

use super::archive;
use crate::failure::Failure;

/// Bytes by which a form is told from another: one block of a tar archive.
const HEAD: usize = 512;

/// Directories below one another.
const DEPTH: usize = 64;

/// Characters of an item's name.
const NAME: usize = 1024;

/// One piece of evidence, or why there is none.
#[derive(Debug)]
pub(super) struct Item {
    /// Its place, from 0.
    pub(super) index: u64,
    pub(super) name: String,
    pub(super) content: Result<Vec<u8>, Trouble>,
}

/// Why an item cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// A stable word.
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Trouble {
    pub(super) fn read(error: &io::Error) -> Self {
        Self {
            code: "read",
            message: format!("cannot be read: {error}"),
        }
    }

    pub(super) fn too_large(size: Option<u64>) -> Self {
        let limit = limits::BUNDLE;
        Self {
            code: "too-large",
            message: match size {
                Some(size) => format!("it has {size} bytes; an input has at most {limit}"),
                None => format!("it has more than the {limit} bytes of an input"),
            },
        }
    }

    /// What follows in the source cannot be found.
    pub(super) fn source(problem: impl std::fmt::Display) -> Self {
        Self {
            code: "source",
            message: format!("the rest of the source cannot be read: {problem}"),
        }
    }
}

/// What is known of a source's size before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Items(u64),
    Bytes(u64),
    Unknown,
}

/// How many bytes of a stream were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Position(Arc<AtomicU64>);

impl Position {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Takes items one after the other, and says whether to go on.
pub(super) type Sink<'a> = dyn FnMut(Item) -> ControlFlow<()> + 'a;

/// A source of items, opened.
pub(super) enum Source {
    /// Every file below a directory.
    Directory { root: PathBuf, files: u64 },
    /// A tar archive.
    Tar(Stream),
    /// One item in each line.
    Lines(Stream),
    /// A zip archive.
    Zip(Box<archive::Zip>),
}

/// A stream of items, and how far it was read.
pub(super) struct Stream {
    pub(super) reader: BufReader<Box<dyn Read + Send>>,
    size: Option<u64>,
    position: Position,
}

impl Source {
    /// Opens a source and tells its form by its content.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let fail = |error| Failure::read(path, error);
        if path.as_os_str() == "-" {
            return Self::stream(path, Box::new(io::stdin()), None);
        }
        let metadata = fs::metadata(path).map_err(fail)?;
        if metadata.is_dir() {
            let mut files = 0_u64;
            walk(path, &mut |_, _| {
                files = files.saturating_add(1);
                ControlFlow::Continue(())
            })
            .map_err(fail)?;
            let root = path.to_owned();
            return Ok(Self::Directory { root, files });
        }
        let mut file = File::open(path).map_err(fail)?;
        if !metadata.is_file() {
            return Self::stream(path, Box::new(file), None);
        }
        let mut head = Vec::new();
        file.by_ref().take(4).read_to_end(&mut head).map_err(fail)?;
        io::Seek::rewind(&mut file).map_err(fail)?;
        if archive::is_zip(&head) {
            return archive::Zip::open(path, file).map(|zip| Self::Zip(Box::new(zip)));
        }
        Self::stream(path, Box::new(file), Some(metadata.len()))
    }

    fn stream(
        path: &Path,
        mut reader: Box<dyn Read + Send>,
        size: Option<u64>,
    ) -> Result<Self, Failure> {
        let mut head = Vec::with_capacity(HEAD);
        let first = u64::try_from(HEAD).unwrap_or(u64::MAX);
        reader
            .by_ref()
            .take(first)
            .read_to_end(&mut head)
            .map_err(|error| Failure::read(path, error))?;
        if let Some((problem, next)) = archive::refused(&head) {
            return Err(Failure::Argument {
                name: "--batch",
                problem: format!("{} {problem}", crate::failure::shown(path)),
                next,
            });
        }
        let tar = archive::is_tar(&head);
        let position = Position::default();
        let counted = Counted {
            reader: Cursor::new(head).chain(reader),
            position: position.clone(),
        };
        let stream = Stream {
            reader: BufReader::new(Box::new(counted)),
            size,
            position,
        };
        Ok(if tar {
            Self::Tar(stream)
        } else {
            Self::Lines(stream)
        })
    }

    pub(super) fn size(&self) -> Size {
        match self {
            Self::Directory { files, .. } => Size::Items(*files),
            Self::Zip(zip) => Size::Items(zip.entries()),
            Self::Tar(stream) | Self::Lines(stream) => {
                stream.size.map_or(Size::Unknown, Size::Bytes)
            }
        }
    }

    pub(super) fn position(&self) -> Position {
        match self {
            Self::Tar(stream) | Self::Lines(stream) => stream.position.clone(),
            Self::Directory { .. } | Self::Zip(_) => Position::default(),
        }
    }

    /// Hands out every item, until there is none or the sink wants no more.
    pub(super) fn each(self, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let mut index = 0_u64;
        let mut numbered = |name: &str, content: Result<Vec<u8>, Trouble>| {
            let item = Item {
                index,
                name: name.chars().take(NAME).collect(),
                content,
            };
            index = index.saturating_add(1);
            sink(item)
        };
        match self {
            Self::Directory { root, .. } => {
                let walked = walk(&root, &mut |path, name| {
                    let content = path.map_err(|error| Trouble::read(&error)).and_then(file);
                    numbered(name, content)
                });
                walked.map_err(|error| Failure::read(&root, error))
            }
            Self::Lines(stream) => {
                lines(stream.reader, &mut numbered);
                Ok(())
            }
            Self::Tar(stream) => {
                archive::tar(stream.reader, &mut numbered);
                Ok(())
            }
            Self::Zip(zip) => {
                zip.each(&mut numbered);
                Ok(())
            }
        }
    }
}

/// Takes the name and the content of an item.
pub(super) type Named<'a> = dyn FnMut(&str, Result<Vec<u8>, Trouble>) -> ControlFlow<()> + 'a;

/// Whether files of this name are passed over: those that a person does not see, and what archivers
/// put beside them.
pub(super) fn is_hidden(name: &str) -> bool {
    name.rsplit(['/', '\\'])
        .next()
        .is_none_or(|last| last.starts_with('.'))
}

/// Files below a directory, in the order in which the system lists them: no list of all is held. A
/// place that cannot be listed is an item that cannot be read; the directory itself must be listable.
fn walk(
    root: &Path,
    found: &mut dyn FnMut(io::Result<&Path>, &str) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut open = vec![fs::read_dir(root)?];
    while let Some(listing) = open.last_mut() {
        let Some(entry) = listing.next() else {
            open.pop();
            continue;
        };
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                open.pop();
                if found(Err(error), "a directory").is_break() {
                    return Ok(());
                }
                continue;
            }
        };
        let path = entry.path();
        let below = path.strip_prefix(root).unwrap_or(&path);
        let name = below.to_string_lossy().into_owned();
        if is_hidden(&name) {
            continue;
        }
        // A link to a directory is not followed: it may lead back.
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let flow = if !is_directory {
            found(Ok(&path), &name)
        } else if open.len() >= DEPTH {
            let error =
                io::Error::other(format!("more than {DEPTH} directories below one another"));
            found(Err(error), &name)
        } else {
            match fs::read_dir(&path) {
                Ok(listing) => {
                    open.push(listing);
                    ControlFlow::Continue(())
                }
                Err(error) => found(Err(error), &name),
            }
        };
        if flow.is_break() {
            return Ok(());
        }
    }
    Ok(())
}

fn file(path: &Path) -> Result<Vec<u8>, Trouble> {
    let fail = |error: io::Error| Trouble::read(&error);
    let metadata = fs::metadata(path).map_err(fail)?;
    if !metadata.is_file() {
        // A pipe would be waited for without end.
        return Err(fail(io::Error::other("it is no regular file")));
    }
    let mut file = File::open(path).map_err(fail)?;
    content(&mut file, metadata.len())
}

/// Reads one item of a stated size. More than is stated is read up to the cap.
pub(super) fn content(reader: &mut dyn Read, stated: u64) -> Result<Vec<u8>, Trouble> {
    let limit = u64::try_from(limits::BUNDLE).unwrap_or(u64::MAX);
    if stated > limit {
        return Err(Trouble::too_large(Some(stated)));
    }
    let mut bytes = Vec::new();
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Trouble::read(&error))?;
    if bytes.len() > limits::BUNDLE {
        return Err(Trouble::too_large(None));
    }
    Ok(bytes)
}

/// One item in each line. Empty lines are none.
fn lines(mut reader: impl BufRead, found: &mut Named<'_>) {
    let limit = u64::try_from(limits::BUNDLE).unwrap_or(u64::MAX);
    let mut number = 0_u64;
    loop {
        number = number.saturating_add(1);
        let name = format!("line {number}");
        let mut line = Vec::new();
        // One byte for the end of the line, and one that shows that there is more.
        let read = reader
            .by_ref()
            .take(limit.saturating_add(2))
            .read_until(b'\n', &mut line);
        match read {
            Err(error) => {
                let _ = found(&name, Err(Trouble::source(error)));
                return;
            }
            Ok(0) => return,
            Ok(_) => {}
        }
        let ended = line.pop_if(|last| *last == b'\n').is_some();
        line.pop_if(|last| *last == b'\r');
        let content = if line.len() > limits::BUNDLE {
            drop(std::mem::take(&mut line));
            if !ended && let Err(error) = reader.skip_until(b'\n') {
                let _ = found(&name, Err(Trouble::source(error)));
                return;
            }
            Err(Trouble::too_large(None))
        } else if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        } else {
            Ok(line)
        };
        if found(&name, content).is_break() {
            return;
        }
    }
}

/// Counts what is read, for whoever shows progress.
struct Counted<R> {
    reader: R,
    position: Position,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let bytes = u64::try_from(count).unwrap_or(u64::MAX);
        self.position.0.fetch_add(bytes, Ordering::Relaxed);
        Ok(count)
    }
}
