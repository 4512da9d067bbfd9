//! What gonogo remembers: evidence and decisions, chained and never edited
