//! What machines are in, made and removed for users at once.

pub mod folders;
pub mod resource_pools;
