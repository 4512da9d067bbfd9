//! Puts nodes together, one after another, with bounds on their number and depth.

use std::sync::Arc;

use model::{Place, Placed};

use super::copy::Anchors;
use super::mapping;
use super::{Document, MAX_DEPTH, MAX_NODES, Node, Read, Scalar, Trouble, Value};

/// Troubles that are listed for one file.
const MAX_TROUBLES: usize = 100;

/// Why a document is given up.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) place: Place,
    pub(super) reason: String,
}

impl Refusal {
    pub(super) fn new(place: Place, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { place, reason }
    }

    pub(super) fn too_deep(place: Place) -> Self {
        let reason = format!("more than {MAX_DEPTH} collections stand inside one another");
        Self::new(place, reason)
    }
}

/// What stands before the content of a node.
#[derive(Default)]
pub(super) struct Properties {
    /// The parser's number of the node's anchor, 0 for none.
    pub(super) anchor: usize,
    pub(super) tag: Option<Arc<str>>,
}

/// A collection that is not closed yet.
struct Open {
    place: Place,
    properties: Properties,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<(Node, Node)>, key: Option<Node> },
}

/// The tree of the document at hand, and all that was read before.
#[derive(Default)]
pub(super) struct Builder {
    read: Read,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: Anchors,
    kept_nodes: usize,
    document_nodes: usize,
    is_past_comments: bool,
    /// Whether the document that ended last is among those read.
    is_last_kept: bool,
}

impl Builder {
    /// Adds a scalar.
    pub(super) fn scalar(
        &mut self,
        place: Place,
        properties: Properties,
        scalar: Scalar,
    ) -> Result<(), Refusal> {
        self.count(1, &place)?;
        self.finish(place, properties, Value::Scalar(scalar))
    }

    /// Opens a sequence.
    pub(super) fn sequence(&mut self, place: Place, properties: Properties) -> Result<(), Refusal> {
        self.open(place, properties, Content::Sequence(Vec::new()))
    }

    /// Opens a mapping.
    pub(super) fn mapping(&mut self, place: Place, properties: Properties) -> Result<(), Refusal> {
        let content = Content::Mapping { entries: Vec::new(), key: None };
        self.open(place, properties, content)
    }

    /// Closes the collection opened last; with `end`, it reaches to there, else to the end of
    /// what was written last in it.
    pub(super) fn close(&mut self, end: Option<Place>) -> Result<(), Refusal> {
        let Some(mut open) = self.open.pop() else {
            return Ok(());
        };
        if let Some(end) = end {
            (open.place.end_line, open.place.end_column) = (end.end_line, end.end_column);
        }
        let value = match open.content {
            Content::Sequence(items) => Value::Sequence(items),
            Content::Mapping { entries, .. } => {
                let tidied = mapping::tidy(entries);
                tidied.faults.into_iter().for_each(|fault| self.note(fault));
                Value::Mapping(tidied.entries)
            }
        };
        self.finish(open.place, open.properties, value)
    }

    /// Adds a copy of the node that bears the anchor with this number.
    pub(super) fn alias(&mut self, written: &Place, anchor: usize) -> Result<(), Refusal> {
        let depth = self.open.len();
        let (node, nodes) = self.anchors.copy(anchor, depth, written)?;
        self.count(nodes, written)?;
        self.add(node, (written.end_line, written.end_column));
        Ok(())
    }

    /// Whether the next node is the value of a mapping's key.
    pub(super) fn awaits_value(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open { content: Content::Mapping { key: Some(_), .. }, .. })
        )
    }

    /// Keeps the document that is complete.
    pub(super) fn end_document(&mut self) {
        let root = self.root.take().filter(|root| !is_left_out(root));
        self.kept_nodes += self.document_nodes;
        self.start_over();
        self.is_last_kept = root.is_some();
        let document = root.map(|root| Document { root });
        self.read.documents.extend(document);
    }

    /// Drops the document that [`Self::end_document`] kept last.
    pub(super) fn take_back_document(&mut self) {
        if std::mem::take(&mut self.is_last_kept) {
            self.read.documents.pop();
        }
    }

    /// Gives the document at hand up.
    pub(super) fn lose_document(&mut self, refusal: Refusal) {
        self.start_over();
        self.trouble(refusal, true);
    }

    /// Adds a comment.
    pub(super) fn comment(&mut self, comment: Placed<String>) {
        if self.read.comments.len() < MAX_NODES {
            self.read.comments.push(comment);
        } else if !self.is_past_comments {
            self.is_past_comments = true;
            let reason = format!("the file holds more than {MAX_NODES} comments");
            self.note(Refusal::new(comment.place, reason));
        }
    }

    /// Ends the reading.
    pub(super) fn into_read(self) -> Read {
        self.read
    }

    /// Lists a trouble that loses nothing.
    pub(super) fn note(&mut self, refusal: Refusal) {
        self.trouble(refusal, false);
    }

    fn trouble(&mut self, refusal: Refusal, is_document_lost: bool) {
        let Refusal { place, reason } = refusal;
        let listed = self.read.troubles.len();
        if listed > MAX_TROUBLES {
            return;
        }
        self.read.troubles.push(if listed == MAX_TROUBLES {
            Trouble {
                place,
                reason: "the file has too many faults; the rest of them are not listed".to_owned(),
                is_document_lost: true,
            }
        } else {
            Trouble { place, reason, is_document_lost }
        });
    }

    fn start_over(&mut self) {
        self.open.clear();
        self.root = None;
        self.anchors.forget();
        self.document_nodes = 0;
    }

    fn count(&mut self, nodes: usize, place: &Place) -> Result<(), Refusal> {
        self.document_nodes += nodes;
        if self.kept_nodes + self.document_nodes > MAX_NODES {
            let reason = format!("the file holds more than {MAX_NODES} values");
            return Err(Refusal::new(place.clone(), reason));
        }
        Ok(())
    }

    fn open(
        &mut self,
        place: Place,
        properties: Properties,
        content: Content,
    ) -> Result<(), Refusal> {
        self.count(1, &place)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(Refusal::too_deep(place));
        }
        self.open.push(Open { place, properties, content });
        Ok(())
    }

    fn finish(
        &mut self,
        place: Place,
        properties: Properties,
        value: Value,
    ) -> Result<(), Refusal> {
        let Properties { anchor, tag } = properties;
        let end = (place.end_line, place.end_column);
        let node = Node { place, tag, value };
        if anchor != 0 {
            self.anchors.remember(anchor, &node)?;
        }
        self.add(node, end);
        Ok(())
    }

    fn add(&mut self, node: Node, end: (u32, u32)) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        (open.place.end_line, open.place.end_column) = end;
        match &mut open.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { entries, key } => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(node),
            },
        }
    }
}

/// Whether nothing is written where a document's content would stand.
fn is_left_out(root: &Node) -> bool {
    root.scalar().is_some_and(|scalar| scalar.is_plain && scalar.text.is_empty())
}
