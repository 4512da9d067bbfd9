//! Fetches bytes: files of a checkout
