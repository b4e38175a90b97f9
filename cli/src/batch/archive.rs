//! Archives of items. Nothing of them is unpacked to disk, and no name in them is a path.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;

use tar::{Archive, EntryType, PaxExtensions};
use zip::read::Config;
use zip::unstable::read::ZipIterable;

use super::source::{Named, Trouble, content, is_hidden};
use crate::failure::Failure;

/// Bytes of a long name or of the extended attributes of a file in a tar archive.
const ATTRIBUTES: u64 = 64 * 1024;

/// A file of a zip archive above this size may not have been packed to less than a hundredth: honest
/// evidence packs to a tenth, and what packs better is made to cost time.
const DENSE: u64 = 1024 * 1024;
const DENSITY: u64 = 100;

/// Zero bytes at the end of a tar archive: two blocks.
const END: usize = 1024;

/// Whether a file begins as a zip archive, an empty one included.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Whether a stream begins as a tar archive, an empty one included.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar") || (head.len() == 512 && head.iter().all(|one| *one == 0))
}

/// What a stream may not be, and what to do about it.
pub(super) fn refused(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if is_zip(head) {
        return Some((
            "is a zip archive, whose list of files is at its end",
            "save it, and name the file",
        ));
    }
    let compressed = [
        &b"\x1f\x8b"[..],
        b"\x28\xb5\x2f\xfd",
        b"BZh",
        b"\xfd7zXZ\x00",
    ];
    compressed
        .iter()
        .any(|magic| head.starts_with(magic))
        .then_some((
            "is compressed",
            "unpack it on the way: `gzip -dc FILE | teeproof verify --batch -`",
        ))
}

/// A zip archive. Its list of files is read as it is gone through, and not held.
pub(super) struct Zip {
    list: ZipIterable<BufReader<File>>,
    bodies: BufReader<File>,
}

impl Zip {
    pub(super) fn open(path: &Path, file: File) -> Result<Self, Failure> {
        let fail = |error| Failure::read(path, error);
        // Another place in the same file: two readers that share one would move each other's.
        let bodies = BufReader::new(File::open(path).map_err(fail)?);
        let list = ZipIterable::try_new(BufReader::new(file), Config::default())
            .map_err(|error| fail(error.into()))?;
        Ok(Self {
            // A file that its own header calls otherwise than the list is refused.
            list: list.enforce_header_consistency(true),
            bodies,
        })
    }

    pub(super) fn entries(&self) -> u64 {
        u64::try_from(self.list.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn each(mut self, found: &mut Named<'_>) {
        let files = match self.list.files() {
            Ok(files) => files,
            Err(error) => {
                let _ = found("zip archive", Err(Trouble::source(error)));
                return;
            }
        };
        for entry in files {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let _ = found("zip archive", Err(Trouble::source(error)));
                    return;
                }
            };
            let name = entry.name().map_or_else(
                |_| "a file without a name".to_owned(),
                |name| name.into_owned(),
            );
            if entry.is_dir() || is_hidden(&name) {
                continue;
            }
            let (size, packed) = (entry.size(), entry.compressed_size());
            let content = if entry.is_symlink() {
                Err(Trouble {
                    code: "read",
                    message: "it is a link, and no file".to_owned(),
                })
            } else if size > DENSE && size / DENSITY > packed {
                Err(Trouble {
                    code: "too-large",
                    message: format!(
                        "it grows from {packed} bytes to {size}, more than {DENSITY} times"
                    ),
                })
            } else {
                unpacked(entry, &mut self.bodies, size)
            };
            if found(&name, content).is_break() {
                return;
            }
        }
    }
}

fn unpacked<R: Read + Seek>(
    entry: zip::read::ZipFileEntry<'_>,
    bodies: &mut R,
    size: u64,
) -> Result<Vec<u8>, Trouble> {
    let fail = |error: io::Error| Trouble::read(&error);
    let mut file = entry
        .with_reader(bodies, zip::ZipReadOptions::default())
        .map_err(|error| fail(error.into()))?;
    let bytes = content(&mut file, size)?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read == size) {
        Ok(bytes)
    } else {
        Err(fail(io::Error::other(format!(
            "it has {} bytes where {size} are stated",
            bytes.len()
        ))))
    }
}

/// Files of a tar archive, in their order. An archive that does not end as one was cut.
pub(super) fn tar(reader: impl Read, found: &mut Named<'_>) {
    let mut zeros = 0_usize;
    let mut archive = Archive::new(Ending {
        reader,
        zeros: &mut zeros,
    });
    match files(&mut archive, found) {
        Ok(ControlFlow::Break(())) => return,
        Ok(ControlFlow::Continue(())) => {}
        Err(error) => {
            let _ = found("tar archive", Err(Trouble::source(error)));
            return;
        }
    }
    // What ended the archive was its end, or one block of zeros of two. A file may end in zeros, too.
    let mut rest = archive.into_inner();
    let more = u64::try_from(END).unwrap_or(u64::MAX);
    let _ = io::copy(&mut rest.by_ref().take(more), &mut io::sink());
    if zeros < END {
        let problem = "the archive ends before its end mark";
        let _ = found("tar archive", Err(Trouble::source(problem)));
    }
}

fn files(archive: &mut Archive<impl Read>, found: &mut Named<'_>) -> io::Result<ControlFlow<()>> {
    let mut long_name = None;
    // Raw: names beyond a header are read here, with a cap.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        let size = entry.size();
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                let bytes = attributes(&mut entry, size)?;
                let name = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
                long_name = Some(String::from_utf8_lossy(name).into_owned());
            }
            EntryType::XHeader => {
                let bytes = attributes(&mut entry, size)?;
                for attribute in PaxExtensions::new(&bytes) {
                    let attribute = attribute?;
                    match attribute.key_bytes() {
                        b"path" => {
                            let name = String::from_utf8_lossy(attribute.value_bytes());
                            long_name = Some(name.into_owned());
                        }
                        // Only needed above 8 GiB. Whoever does not follow it loses the next header.
                        b"size" => {
                            return Err(io::Error::other("a size outside of a header"));
                        }
                        _ => {}
                    }
                }
            }
            EntryType::XGlobalHeader | EntryType::GNULongLink => {}
            kind => {
                let name = long_name
                    .take()
                    .unwrap_or_else(|| String::from_utf8_lossy(&entry.path_bytes()).into_owned());
                if kind.is_dir() || is_hidden(name.trim_end_matches('/')) {
                    continue;
                }
                let content = if kind.is_file() || kind.is_contiguous() {
                    let content = content(&mut entry, size);
                    if content
                        .as_ref()
                        .is_ok_and(|bytes| u64::try_from(bytes.len()) != Ok(size))
                    {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    content
                } else {
                    Err(Trouble {
                        code: "read",
                        message: "it is a link or a device, and no file".to_owned(),
                    })
                };
                if found(&name, content).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn attributes(reader: &mut impl Read, size: u64) -> io::Result<Vec<u8>> {
    if size > ATTRIBUTES {
        return Err(io::Error::other(format!(
            "a name or attributes of {size} bytes; they have at most {ATTRIBUTES}"
        )));
    }
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Counts the zero bytes at the end of what was read.
struct Ending<'a, R> {
    reader: R,
    zeros: &'a mut usize,
}

impl<R: Read> Read for Ending<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        let zeros = read.iter().rev().take_while(|one| **one == 0).count();
        *self.zeros = if zeros == count {
            self.zeros.saturating_add(zeros)
        } else {
            zeros
        };
        Ok(count)
    }
}
