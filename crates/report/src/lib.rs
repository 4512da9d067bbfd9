//! Verdicts and requirements as text
