//! Pipelines of hosts that are not read.

use facts::Scope;

/// The first pipeline of the tree that a host runs whose files are not read, as a clause.
pub(crate) fn unread(scope: &Scope<'_>) -> Option<String> {
    let (path, host) = scope.all.unread_pipelines.first()?;
    Some(format!("`{path}` is a pipeline of {host}, which is not read"))
}
