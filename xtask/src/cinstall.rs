//! Installs the C library the way C people expect: headers, libraries, a pkg-config file and a CMake
//! package below one prefix.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::process::{cargo, target};
use crate::repository;

/// What an installation is made from, and where it goes.
#[derive(Debug)]
pub struct Installation {
    /// Everything goes below this folder.
    pub prefix: PathBuf,
    /// Where `libteeproof.a` and `libteeproof.so` are; built in the release profile if not said.
    pub libraries: Option<PathBuf>,
    /// Without the second engine.
    pub lean: bool,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version of the binary interface, which the shared library is named by: MAJOR, and while that
/// is 0, 0.MINOR.
fn interface() -> &'static str {
    let (major, rest) = VERSION.split_once('.').unwrap_or((VERSION, ""));
    if major == "0" {
        let minor = rest.split('.').next().unwrap_or_default();
        VERSION
            .get(..minor.len().saturating_add(2))
            .unwrap_or(VERSION)
    } else {
        major
    }
}

/// What the static library needs of the system.
const STATIC_NEEDS: &str = "-lpthread -ldl -lm";

fn pkg_config(prefix: &Path) -> String {
    format!(
        "prefix={}
exec_prefix=${{prefix}}
libdir=${{exec_prefix}}/lib
includedir=${{prefix}}/include

Name: teeproof
Description: Verifies Intel TDX and SGX evidence, offline
Version: {VERSION}
Libs: -L${{libdir}} -lteeproof
Libs.private: {STATIC_NEEDS}
Cflags: -I${{includedir}}
",
        prefix.display()
    )
}

/// Relative to its own place, so that the whole prefix may be moved.
fn cmake_config() -> String {
    let interface = interface();
    format!(
        "# Targets: teeproof::teeproof (shared) and teeproof::static.
get_filename_component(_teeproof_prefix \"${{CMAKE_CURRENT_LIST_DIR}}/../../..\" ABSOLUTE)
if(NOT TARGET teeproof::teeproof)
  add_library(teeproof::teeproof SHARED IMPORTED)
  set_target_properties(teeproof::teeproof PROPERTIES
    IMPORTED_LOCATION \"${{_teeproof_prefix}}/lib/libteeproof.so.{VERSION}\"
    IMPORTED_SONAME \"libteeproof.so.{interface}\"
    INTERFACE_INCLUDE_DIRECTORIES \"${{_teeproof_prefix}}/include\")
  add_library(teeproof::static STATIC IMPORTED)
  set_target_properties(teeproof::static PROPERTIES
    IMPORTED_LOCATION \"${{_teeproof_prefix}}/lib/libteeproof.a\"
    INTERFACE_INCLUDE_DIRECTORIES \"${{_teeproof_prefix}}/include\"
    INTERFACE_LINK_LIBRARIES \"pthread;dl;m\")
endif()
unset(_teeproof_prefix)
"
    )
}

/// A version serves whoever asks for an older one of the same interface.
fn cmake_version() -> String {
    let interface = interface();
    format!(
        "set(PACKAGE_VERSION \"{VERSION}\")
if(PACKAGE_FIND_VERSION STREQUAL PACKAGE_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION
    OR PACKAGE_FIND_VERSION VERSION_LESS \"{interface}\")
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
"
    )
}

/// Builds both libraries as they ship. Cargo says where it put them.
fn build(lean: bool) -> io::Result<PathBuf> {
    let mut command = cargo("rustc");
    command.args([
        "--release",
        "--locked",
        "--package",
        "teeproof-ffi",
        "--lib",
        "--crate-type",
        "staticlib,cdylib",
    ]);
    if lean {
        command.args(["--no-default-features", "--features", "ring"]);
    }
    if command.status()?.success() {
        Ok(target().join("release"))
    } else {
        Err(io::Error::other("the library does not build"))
    }
}

/// Puts everything in place. The files, in the order in which they were written.
pub fn install(installation: &Installation) -> io::Result<Vec<PathBuf>> {
    let libraries = match &installation.libraries {
        Some(folder) => folder.clone(),
        None => build(installation.lean)?,
    };
    fs::create_dir_all(&installation.prefix)?;
    // A relative prefix would mean something else to whoever reads the pkg-config file.
    let prefix = installation.prefix.canonicalize()?;
    let headers = repository::root().join("ffi/include");
    let include = prefix.join("include");
    let lib = prefix.join("lib");
    let pkg_config_folder = lib.join("pkgconfig");
    let cmake = lib.join("cmake/teeproof");
    for folder in [&include, &pkg_config_folder, &cmake] {
        fs::create_dir_all(folder)?;
    }
    let mut written = Vec::new();
    for header in ["teeproof.h", "teeproof.hpp"] {
        written.push(copy(&headers.join(header), include.join(header))?);
    }
    written.push(copy(
        &libraries.join("libteeproof.a"),
        lib.join("libteeproof.a"),
    )?);
    let full = format!("libteeproof.so.{VERSION}");
    written.push(copy(&libraries.join("libteeproof.so"), lib.join(&full))?);
    let soname = format!("libteeproof.so.{}", interface());
    for (link, to) in [
        (soname.as_str(), full.as_str()),
        ("libteeproof.so", soname.as_str()),
    ] {
        written.push(symlink(to, lib.join(link))?);
    }
    for (path, text) in [
        (pkg_config_folder.join("teeproof.pc"), pkg_config(&prefix)),
        (cmake.join("teeproofConfig.cmake"), cmake_config()),
        (cmake.join("teeproofConfigVersion.cmake"), cmake_version()),
    ] {
        fs::write(&path, text)?;
        written.push(path);
    }
    Ok(written)
}

fn copy(from: &Path, to: PathBuf) -> io::Result<PathBuf> {
    fs::copy(from, &to)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", from.display())))?;
    Ok(to)
}

fn symlink(to: &str, link: PathBuf) -> io::Result<PathBuf> {
    if link.symlink_metadata().is_ok() {
        fs::remove_file(&link)?;
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(to, &link)?;
    #[cfg(not(unix))]
    return Err(io::Error::other(
        "the layout has symbolic links: install on Unix",
    ));
    #[cfg(unix)]
    Ok(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_is_a_prefix_of_the_version() {
        let next = VERSION.strip_prefix(interface()).unwrap();
        assert!(next.starts_with('.'), "{VERSION} {}", interface());
        assert_eq!(interface().contains('.'), VERSION.starts_with("0."));
    }
}
