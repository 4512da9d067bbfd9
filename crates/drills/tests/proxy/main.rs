//! The proxy against real connections on loopback.

#[cfg(test)]
mod plain;
#[cfg(test)]
mod upstream;
