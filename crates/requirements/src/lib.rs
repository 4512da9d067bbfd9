//! One requirement, one file: what ready means, and how each line is decided from facts
