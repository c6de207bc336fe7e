#![no_main]

#[path = "../plain/mod.rs"]
mod plain;

libfuzzer_sys::fuzz_target!(|data: &[u8]| plain::config::dynamic(data));
