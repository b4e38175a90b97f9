//! An app-compose that is read is linted, within the caps and the same each time.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| teeproof_fuzz::lint(data));
