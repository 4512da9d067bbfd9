//! Candidates that are one service: which are joined, and which may not be.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Origin};
use crate::path::is_below;

/// Why two groups are taken to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bond {
    /// They bear the very same name.
    Name,
    /// Something else tells so: a label, an image, a folder, a name that is nearly the same.
    Kinship,
    /// A declaration claims all that stands in its folder or bears its name.
    Claim,
}

/// All candidates of the tree in groups; each is one group of its own at first.
pub(super) struct Groups<'c> {
    pub(super) candidates: &'c [Candidate<'c>],
    parents: Vec<usize>,
    all: Vec<Group<'c>>,
}

/// Candidates that are one service.
#[derive(Clone, Debug, Default)]
pub(super) struct Group<'c> {
    /// Indices of the candidates.
    pub(super) members: Vec<usize>,
    /// Folders of its code, the root left out.
    pub(super) homes: BTreeSet<&'c str>,
    /// Whether its code stands in the root.
    pub(super) is_rooted: bool,
    declared: BTreeSet<(Origin, &'c str)>,
    sources: BTreeSet<Origin>,
    founds: bool,
    has_own: bool,
    /// Whether a declaration may claim it though nothing in it is the tree's own.
    is_foreign: bool,
}

impl<'c> Group<'c> {
    fn of(index: usize, candidate: &'c Candidate<'c>) -> Self {
        let mut group = Self { members: vec![index], ..Self::default() };
        group.sources.insert(candidate.source);
        group.founds = candidate.founds();
        group.has_own = !candidate.is_stranger();
        group.is_foreign = candidate.is_foreign();
        if candidate.source.is_declared() {
            group.declared.insert((candidate.source, &candidate.key));
        } else if let Some(home) = candidate.home.as_deref().filter(|_| group.has_own) {
            group.is_rooted = home.is_empty();
            group.homes.extend(Some(home).filter(|home| !home.is_empty()));
        }
        group
    }

    fn absorb(&mut self, mut other: Self) {
        if self.members.len() < other.members.len() {
            std::mem::swap(&mut self.members, &mut other.members);
        }
        self.members.extend(other.members);
        self.homes.extend(other.homes);
        self.declared.extend(other.declared);
        self.sources.extend(other.sources);
        self.is_rooted |= other.is_rooted;
        self.founds |= other.founds;
        self.has_own |= other.has_own;
        self.is_foreign |= other.is_foreign;
    }

    /// Whether all of it is software of others that a declaration may claim.
    pub(super) fn is_foreign(&self) -> bool {
        self.is_foreign && !self.has_own
    }

    pub(super) fn is_declared(&self) -> bool {
        !self.declared.is_empty()
    }

    /// Whether some member makes a service.
    pub(super) fn founds(&self) -> bool {
        self.founds
    }

    /// Whether it tells where its code stands.
    pub(super) fn has_code(&self) -> bool {
        self.is_rooted || !self.homes.is_empty()
    }

    pub(super) fn has(&self, source: Origin) -> bool {
        self.sources.contains(&source)
    }

    pub(super) fn sources(&self) -> &BTreeSet<Origin> {
        &self.sources
    }

    fn may_join(&self, other: &Self, bond: Bond) -> bool {
        let is_own = |group: &Self| group.has_own || (group.is_foreign && bond == Bond::Claim);
        ((is_own(self) && is_own(other)) || bond == Bond::Name)
            && !self.is_declared_otherwise(other)
            && (bond == Bond::Claim || self.stands_with(other))
    }

    fn is_declared_otherwise(&self, other: &Self) -> bool {
        let keys = |group: &Self, source| -> BTreeSet<&str> {
            group.declared.iter().filter(|(of, _)| *of == source).map(|(_, key)| *key).collect()
        };
        [Origin::Declaration, Origin::Catalog].into_iter().any(|source| {
            let (own, others) = (keys(self, source), keys(other, source));
            !own.is_empty() && !others.is_empty() && own != others
        })
    }

    /// Whether the code of both may be one: a folder of one is, or holds, a folder of the other.
    fn stands_with(&self, other: &Self) -> bool {
        let is_near = |a: &str, b: &str| is_below(a, b) || is_below(b, a);
        self.homes.is_empty()
            || other.homes.is_empty()
            || self.homes.iter().any(|own| other.homes.iter().any(|home| is_near(own, home)))
    }
}

impl<'c> Groups<'c> {
    pub(super) fn new(candidates: &'c [Candidate<'c>]) -> Self {
        let all = candidates.iter().enumerate().map(|(at, c)| Group::of(at, c)).collect();
        Self { candidates, parents: (0..candidates.len()).collect(), all }
    }

    /// The group of a candidate.
    pub(super) fn id(&self, candidate: usize) -> usize {
        let mut at = candidate;
        while let Some(parent) = self.parents.get(at).copied().filter(|parent| *parent != at) {
            at = parent;
        }
        at
    }

    pub(super) fn get(&self, id: usize) -> Option<&Group<'c>> {
        self.all.get(id)
    }

    /// All groups with their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Group<'c>)> {
        self.all.iter().enumerate().filter(|(id, _)| self.parents.get(*id) == Some(id))
    }

    /// The candidates of a group.
    pub(super) fn members<'g>(
        &self,
        group: &'g Group<'_>,
    ) -> impl Iterator<Item = &'c Candidate<'c>> + use<'g, 'c> {
        let candidates = self.candidates;
        group.members.iter().filter_map(|member| candidates.get(*member))
    }

    /// Whether the two are one now.
    pub(super) fn join(&mut self, one: usize, other: usize, bond: Bond) -> bool {
        let (one, other) = (self.id(one), self.id(other));
        if one == other {
            return true;
        }
        let may_join = match (self.all.get(one), self.all.get(other)) {
            (Some(a), Some(b)) => a.may_join(b, bond),
            _ => false,
        };
        if may_join {
            self.merge(one, other);
        }
        may_join
    }

    /// The larger group stays, which keeps the ways to it short.
    fn merge(&mut self, one: usize, other: usize) {
        let size = |id: usize| self.all.get(id).map_or(0, |group| group.members.len());
        let (stays, goes) = if size(one) < size(other) { (other, one) } else { (one, other) };
        let Some(group) = self.all.get_mut(goes).map(std::mem::take) else { return };
        if let Some(parent) = self.parents.get_mut(goes) {
            *parent = stays;
        }
        if let Some(staying) = self.all.get_mut(stays) {
            staying.absorb(group);
        }
    }

    /// Joins all of `ids` that may be joined with the first.
    pub(super) fn join_all(&mut self, ids: &[usize], bond: Bond) {
        if let Some((first, others)) = ids.split_first() {
            for other in others {
                self.join(*first, *other, bond);
            }
        }
    }
}
