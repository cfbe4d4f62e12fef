//! The wire: requests as text, answers as a stream of events.

pub mod answer;
pub mod envelope;
pub mod error;
pub mod fault;
pub mod tree;
pub mod xml;
