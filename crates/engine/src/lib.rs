//! The use cases, one file each, where the rooms below meet
