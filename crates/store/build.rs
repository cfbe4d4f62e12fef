//! A new migration file must be embedded although no Rust file changed.
#![allow(clippy::print_stdout)]

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
