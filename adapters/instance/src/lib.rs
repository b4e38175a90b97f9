//! Gets evidence from a running instance, and says how it came.

#![forbid(unsafe_code)]
