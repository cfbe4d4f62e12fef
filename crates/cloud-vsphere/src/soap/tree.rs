use std::ops::Range;

use crate::soap::{
    envelope::escape,
    xml::{Malformed, Sink, Types},
};

/// One object of a vCenter with all that was asked of it. The largest known are a cluster's configuration and a
/// host's list of machines.
const MAX_BYTES: usize = 32 << 20;

/// One element with everything inside, in two flat buffers that are used again for the next one.
#[derive(Debug, Default)]
pub struct Tree {
    elements: Vec<Element>,
    text: String,
    open: Vec<usize>,
}

#[derive(Debug)]
struct Element {
    name: Range<usize>,
    object: Range<usize>,
    value: Range<usize>,
    text: Range<usize>,
    /// Index of the first element after this one and all inside.
    after: usize,
}

impl Tree {
    pub fn clear(&mut self) {
        self.elements.clear();
        self.text.clear();
        self.open.clear();
    }

    /// The outermost element, once it is complete.
    pub fn root(&self) -> Option<Node<'_>> {
        let is_complete = self.open.is_empty() && !self.elements.is_empty();
        is_complete.then_some(Node { tree: self, index: 0 })
    }

    fn push(&mut self, text: &str) -> Range<usize> {
        let begin = self.text.len();
        self.text.push_str(text);
        begin..self.text.len()
    }
}

impl Sink for Tree {
    fn start(&mut self, name: &str, types: Types<'_>) -> Result<(), Malformed> {
        if self.text.len() + self.elements.len() * size_of::<Element>() > MAX_BYTES {
            return Err(Malformed(format!("a single object is larger than {MAX_BYTES} bytes")));
        }
        let (name, object, value) = (self.push(name), self.push(types.object), self.push(types.value));
        let end = self.text.len();
        self.open.push(self.elements.len());
        self.elements.push(Element { name, object, value, text: end..end, after: 0 });
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Malformed> {
        let last = self.elements.len().checked_sub(1);
        // Text beside elements is only indentation.
        if last.is_none() || self.open.last().copied() != last {
            return Ok(());
        }
        if self.text.len() + text.len() > MAX_BYTES {
            return Err(Malformed(format!("a single object is larger than {MAX_BYTES} bytes")));
        }
        self.text.push_str(text);
        if let Some(element) = self.elements.last_mut() {
            element.text.end = self.text.len();
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let after = self.elements.len();
        if let Some(element) = self.open.pop().and_then(|it| self.elements.get_mut(it)) {
            element.after = after;
        }
        Ok(())
    }
}

/// An element of a [`Tree`].
#[derive(Clone, Copy)]
pub struct Node<'a> {
    tree: &'a Tree,
    index: usize,
}

impl<'a> Node<'a> {
    pub fn name(self) -> &'a str {
        &self.tree.text[self.element().name.clone()]
    }

    /// The text of an element without children, else its indentation.
    pub fn text(self) -> &'a str {
        &self.tree.text[self.element().text.clone()]
    }

    /// `HostSystem`, where the element is a managed object reference.
    pub fn object_type(self) -> &'a str {
        &self.tree.text[self.element().object.clone()]
    }

    /// `xsi:type` without its prefix, empty where there is none.
    pub fn value_type(self) -> &'a str {
        &self.tree.text[self.element().value.clone()]
    }

    pub fn children(self) -> impl Iterator<Item = Node<'a>> {
        let end = self.element().after;
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            let node = (next < end).then_some(Node { tree: self.tree, index: next })?;
            next = node.element().after;
            Some(node)
        })
    }

    pub fn child(self, name: &str) -> Option<Node<'a>> {
        self.children().find(|it| it.name() == name)
    }

    /// The text of a child, empty where there is none.
    pub fn get(self, name: &str) -> &'a str {
        self.child(name).map(Node::text).unwrap_or_default()
    }

    /// As XML under another name, to send back what a vCenter told: types of the API are named without a prefix.
    pub fn write(self, name: &str) -> String {
        let kind = match self.value_type() {
            "" => String::new(),
            // Types of XML Schema begin with a small letter, those of the API with a capital one.
            kind if kind.starts_with(char::is_lowercase) => {
                format!(" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xsi:type=\"xsd:{}\"", escape(kind))
            }
            kind => format!(" xsi:type=\"{}\"", escape(kind)),
        };
        let object = match self.object_type() {
            "" => String::new(),
            object => format!(" type=\"{}\"", escape(object)),
        };
        let children: String = self.children().map(|it| it.write(it.name())).collect();
        let inside = if children.is_empty() { escape(self.text()) } else { children };
        format!("<{name}{object}{kind}>{inside}</{name}>")
    }

    fn element(self) -> &'a Element {
        &self.tree.elements[self.index]
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}>", self.name())
    }
}
