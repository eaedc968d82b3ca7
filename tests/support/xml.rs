//! XML as trees for comparison: attributes are sorted, white space around character data and all comments are removed.
//! The rest is what canonical XML compares.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Element {
    name: String,
    /// Including namespace declarations.
    attributes: Vec<(String, String)>,
    nodes: Vec<Node>,
}

/// A child of an element.
#[derive(Debug, PartialEq, Eq)]
enum Node {
    Element(Element),
    Text(String),
}

/// Parses a document to its root element; `None` if it is not XML.
pub fn parse(text: &str) -> Option<Element> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    loop {
        let top = open.last_mut()?;
        match reader.read_event().ok()? {
            Event::Start(start) => open.push(element(&start)?),
            Event::End(_) => {
                let mut done = open.pop()?;
                done.trim();
                open.last_mut()?.nodes.push(Node::Element(done));
            }
            Event::Text(it) => top.push(&it.xml10_content()),
            Event::CData(it) => top.push(&it.xml10_content()),
            Event::GeneralRef(it) => match it.resolve_char_ref().ok()? {
                Some(c) => top.push(c.encode_utf8(&mut [0; 4])),
                None => top.push(quick_xml::escape::resolve_predefined_entity(&it)?),
            },
            Event::Eof => break,
            _ => {}
        }
    }
    let mut document = open.pop().filter(|_| open.is_empty())?;
    document.trim();
    match (document.nodes.pop(), document.nodes.is_empty()) {
        (Some(Node::Element(root)), true) => Some(root),
        _ => None,
    }
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let value = quick_xml::escape::unescape(&attribute.value).ok()?.into_owned();
        attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    attributes.sort();
    Some(Element { name: start.name().as_ref().to_owned(), attributes, nodes: Vec::new() })
}

impl Element {
    /// The same with children sorted by name and content, so that the entries of maps can be compared.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        for node in &mut self.nodes {
            if let Node::Element(it) = node {
                *it = std::mem::take(it).sorted();
            }
        }
        let name = |it: &Node| match it {
            Node::Element(it) => it.name.clone(),
            Node::Text(_) => String::new(),
        };
        self.nodes.sort_by_key(|it| (name(it), format!("{it:?}")));
        self
    }

    /// The same with children sorted by name, so that the members of structures can be compared: a list keeps its order.
    #[must_use]
    pub fn sorted_by_name(mut self) -> Self {
        for node in &mut self.nodes {
            if let Node::Element(it) = node {
                *it = std::mem::take(it).sorted_by_name();
            }
        }
        self.nodes.sort_by_key(|it| match it {
            Node::Element(it) => it.name.clone(),
            Node::Text(_) => String::new(),
        });
        self
    }

    fn push(&mut self, text: &str) {
        match self.nodes.last_mut() {
            Some(Node::Text(it)) => it.push_str(text),
            _ => self.nodes.push(Node::Text(text.to_owned())),
        }
    }

    fn trim(&mut self) {
        for node in &mut self.nodes {
            if let Node::Text(text) = node {
                *text = text.trim().to_owned();
            }
        }
        self.nodes.retain(|it| !matches!(it, Node::Text(it) if it.is_empty()));
    }
}
