//! Bytes in, typed facts with places out
