//! Builds one overlay: gathers the objects it stands on, then changes them.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use model::{Place, Placed};

use crate::Gap;
use crate::tree::Node;

use super::super::manifest::{Header, gap, name_of};
use super::super::{field, kinds};
use super::edit::{Budget, size};
use super::graph::{Graph, Lead};
use super::overlay::{self, Overlay};
use super::{generate, transform};

/// Nodes that all builds of a tree may copy and look at.
const MAX_WORK: usize = 5_000_000;

/// What naming something as not built costs.
const COST_OF_GAP: usize = 100;

/// What opening an overlay costs, even an empty one.
const COST_OF_OVERLAY: usize = 50;

/// Overlays that may stand on one another.
const MAX_DEPTH: usize = 32;

/// Lists that may stand inside one another.
const MAX_LISTS: usize = 4;

/// An object on its way through overlays.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) node: Node,
    /// All names that overlays may know it by.
    pub(super) names: Vec<String>,
    /// All namespaces that overlays have moved it through; none where none is written.
    pub(super) namespaces: Vec<String>,
}

impl Object {
    /// `None` for nodes that are no objects or bring no facts.
    pub(super) fn of(node: Node) -> Option<Self> {
        let header = Header::of(&node, None)?;
        let names = vec![name_of(&node)?.value];
        let namespace = node.at(&["metadata", "namespace"]).and_then(Node::str);
        let namespaces = namespace.map(str::to_owned).into_iter().collect();
        kinds::is_known(header.kind).then_some(Self { node, names, namespaces })
    }

    pub(super) fn kind(&self) -> &str {
        Header::of(&self.node, None).map_or("", |header| header.kind)
    }

    pub(super) fn group(&self) -> &str {
        Header::of(&self.node, None).map_or("", |header| header.group)
    }
}

/// The documents of a file with their sizes.
pub(super) type Documents = Rc<Vec<(Node, usize)>>;

/// Builds overlays one after another.
pub(super) struct Builder<'g> {
    graph: &'g Graph<'g>,
    parsed: HashMap<Arc<str>, Documents>,
    pub(super) budget: Budget,
    gaps: Vec<Gap>,
    /// What the overlay that is built stands on, itself included.
    opened: HashSet<usize>,
    known: HashSet<(Place, Option<String>, String)>,
}

impl<'g> Builder<'g> {
    pub(super) fn new(graph: &'g Graph<'g>) -> Self {
        Self {
            graph,
            parsed: HashMap::new(),
            budget: Budget::new(MAX_WORK),
            gaps: Vec::new(),
            opened: HashSet::new(),
            known: HashSet::new(),
        }
    }

    /// The objects that come out of the overlay.
    pub(super) fn build(&mut self, root: usize) -> Vec<Node> {
        let mut objects = Vec::new();
        self.opened.clear();
        self.gather(root, &mut objects, MAX_DEPTH);
        if self.budget.is_spent()
            && let Some(overlay) = self.graph.overlays.get(root)
        {
            let reason = "is a Kustomize overlay that stands on too much to be built";
            self.gaps.push(gap(overlay.root.place.clone(), reason));
        }
        objects.into_iter().map(|object| object.node).collect()
    }

    /// The files of Kustomize's that the last build went through.
    pub(super) fn opened(&self) -> impl Iterator<Item = &'g Arc<str>> {
        let overlays = self.opened.iter().filter_map(|at| self.graph.overlays.get(*at));
        overlays.map(|overlay| &overlay.path)
    }

    /// What could not be built, each thing once.
    pub(super) fn into_gaps(self) -> Vec<Gap> {
        self.gaps
    }

    /// Names what could not be built.
    pub(super) fn miss(&mut self, gap: Gap) {
        let key = (gap.place.clone(), gap.name.clone(), gap.reason.clone());
        if self.budget.spend(COST_OF_GAP) && self.known.insert(key) {
            self.gaps.push(gap);
        }
    }

    /// The documents of a patch; `None`: it was not read. One that is not there at all is named.
    pub(super) fn patch(&mut self, overlay: &Overlay, file: &Placed<String>) -> Option<Documents> {
        match self.graph.lead(overlay, &file.value) {
            Lead::File(path) => Some(self.parse(&path)),
            Lead::Silent => None,
            Lead::Overlay(_) | Lead::Away => {
                self.miss(absent(file));
                None
            }
        }
    }

    /// Adds what the overlay stands on to `objects`, and changes them all: those of a component
    /// are the ones that are there already.
    fn gather(&mut self, root: usize, objects: &mut Vec<Object>, depth: usize) {
        let graph = self.graph;
        let Some(overlay) = graph.overlays.get(root) else { return };
        let Some(depth) = depth.checked_sub(1) else {
            let reason = "is a Kustomize overlay that stands on itself or on too many others";
            return self.miss(gap(overlay.root.place.clone(), reason));
        };
        if !self.budget.spend(COST_OF_OVERLAY) {
            return;
        }
        self.opened.insert(root);
        for resource in overlay.resources() {
            match graph.lead(overlay, &resource.value) {
                Lead::Overlay(base) => {
                    let mut of_base = Vec::new();
                    self.gather(base, &mut of_base, depth);
                    objects.append(&mut of_base);
                }
                Lead::File(path) => self.copy(&path, objects),
                Lead::Silent => {}
                Lead::Away if holds_definitions(&resource.value) => {}
                Lead::Away => self
                    .miss(Gap { name: overlay::repository(&resource.value), ..absent(&resource) }),
            }
            if self.budget.is_spent() {
                return;
            }
        }
        generate::generate(graph, overlay, objects, &mut self.budget);
        for component in overlay.components() {
            match graph.lead(overlay, &component.value) {
                Lead::Overlay(component) => self.gather(component, objects, depth),
                Lead::File(_) | Lead::Silent | Lead::Away => self.miss(absent(&component)),
            }
        }
        transform::apply(overlay, objects, self);
    }

    fn copy(&mut self, path: &Arc<str>, objects: &mut Vec<Object>) {
        for (document, size) in self.parse(path).iter() {
            if self.budget.spend(*size) {
                add(document, MAX_LISTS, objects);
            }
        }
    }

    fn parse(&mut self, path: &Arc<str>) -> Documents {
        let graph = self.graph;
        let known = self.parsed.entry(path.clone()).or_insert_with(|| {
            let documents = graph.documents(path).into_iter();
            Rc::new(
                documents
                    .map(|node| {
                        let size = size(&node);
                        (node, size)
                    })
                    .collect(),
            )
        });
        Rc::clone(known)
    }
}

/// Adds a copy of an object, or of each one in a list.
fn add(document: &Node, depth: usize, objects: &mut Vec<Object>) {
    let is_list = Header::of(document, None).is_some_and(|header| header.kind.ends_with("List"));
    if is_list && depth > 0 {
        for item in field::items(document, &["items"]) {
            add(item, depth - 1, objects);
        }
    } else {
        objects.extend(Object::of(document.clone()));
    }
}

/// Whether what is taken from elsewhere only defines kinds, by its name: `config/crd`,
/// `shop_customresourcedefinition.yaml`.
fn holds_definitions(reference: &str) -> bool {
    let path = reference.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let words = ["crd", "crds", "customresourcedefinition", "customresourcedefinitions"];
    overlay::is_remote(reference) && name.split(['.', '-', '_']).any(|word| words.contains(&word))
}

/// Something that an overlay names and that was not read.
fn absent(reference: &Placed<String>) -> Gap {
    let reason = if overlay::is_remote(&reference.value) {
        format!("takes manifests from `{}`, which were not read", reference.value)
    } else {
        format!("names `{}`, which was not found", reference.value)
    };
    gap(reference.place.clone(), reason)
}
