//! Every size that this crate is willing to handle. JSON has the core's own caps.

/// Bytes of a docker-compose file. dstack's own client refuses over 200 KiB together with the
/// pre-launch script.
pub const YAML: usize = 1024 * 1024;

/// Levels of nesting in a docker-compose file.
pub const YAML_DEPTH: usize = 64;

/// Keys of one mapping, merged ones among them.
pub const YAML_KEYS: usize = 1024;

/// Nodes of a docker-compose file once every alias stands for what it names. A short file of aliases
/// to aliases names billions.
pub const YAML_NODES: usize = 100_000;

/// Bytes of text once every alias stands for what it names.
pub const YAML_TEXT: usize = 8 * 1024 * 1024;

/// Findings of one rule that a report of the lint lists.
pub const LINT_FINDINGS: usize = 64;

/// Bytes of a file of suppressions.
pub const SUPPRESSIONS: usize = 64 * 1024;

/// Brackets that are moved before a file is given up: see the reader of YAML.
pub const YAML_CLOSERS: usize = 64;

/// Changes that a diff lists, those of the highest risk first.
pub const DIFF_CHANGES: usize = 1000;

/// Lines that a diff shows of one text.
pub const DIFF_LINES: usize = 200;

/// Lines between the first and the last difference, up to which lines in common are searched for.
pub const DIFF_SEARCH: usize = 4096;

/// Bytes of a list of approved compose hashes.
pub const APPROVED: usize = 1024 * 1024;
