//! XML as servers answer it: the known elements as a tree, within bounds of depth and number.

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

/// Elements inside elements; answers of CalDAV nest eight deep.
const DEPTH_MAX: usize = 32;
/// Elements of one answer, those that are not known included.
const ELEMENTS_MAX: usize = 200_000;

/// What makes a text not XML, or more of it than is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum XmlError {
    /// It ends before its first element does.
    #[error("the XML is cut off")]
    CutOff,
    /// It declares a document type. WebDAV needs none, and entities come with it.
    #[error("the XML has a document type")]
    DocumentType,
    /// It names an entity that is not one of the five of XML itself.
    #[error("the XML has an entity of its own")]
    Entity,
    /// It is not well-formed, or its namespaces are not.
    #[error("the XML is not well-formed")]
    Malformed,
    /// It is not UTF-8.
    #[error("the XML is not UTF-8")]
    NotUtf8,
    /// More elements inside elements than are read.
    #[error("the XML is nested too deep")]
    TooDeep,
    /// More elements than are read.
    #[error("the XML has too many elements")]
    TooMany,
}

macro_rules! names {
    ($($name:ident = $namespace:ident $local:literal,)*) => {
        /// The elements that matter here, by namespace and local name; prefixes do not count.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Name {
            $($name,)*
        }

        impl Name {
            fn of(namespace: &str, local: &str) -> Option<Self> {
                match (namespace, local) {
                    $(($namespace, $local) => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

const DAV: &str = "DAV:";
const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// Where getctag lives.
const SERVER: &str = "http://calendarserver.org/ns/";

names! {
    Calendar = CALDAV "calendar",
    CalendarData = CALDAV "calendar-data",
    CalendarHomeSet = CALDAV "calendar-home-set",
    Collection = DAV "collection",
    Comp = CALDAV "comp",
    Ctag = SERVER "getctag",
    CurrentUserPrincipal = DAV "current-user-principal",
    Title = DAV "displayname",
    Error = DAV "error",
    Etag = DAV "getetag",
    Href = DAV "href",
    Multistatus = DAV "multistatus",
    NumberOfMatches = DAV "number-of-matches-within-limits",
    Prop = DAV "prop",
    Propstat = DAV "propstat",
    ResourceType = DAV "resourcetype",
    Response = DAV "response",
    Status = DAV "status",
    SupportedComponents = CALDAV "supported-calendar-component-set",
    SyncToken = DAV "sync-token",
    Transparency = CALDAV "schedule-calendar-transp",
    Transparent = CALDAV "transparent",
    Unauthenticated = DAV "unauthenticated",
    ValidSyncToken = DAV "valid-sync-token",
}

/// A known element. What stands in elements that are not known is left out, known or not.
#[derive(Clone)]
pub(crate) struct Element {
    name: Name,
    /// The attribute `name`, which CALDAV:comp has.
    called: Option<String>,
    text: String,
    children: Vec<Self>,
}

impl Element {
    /// Reads a text of one element that is known at its root; `None` where the root is another.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, XmlError> {
        let text = std::str::from_utf8(bytes).map_err(|_| XmlError::NotUtf8)?;
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = NsReader::from_str(text);
        let mut tree = Tree::default();
        loop {
            let event = reader.read_event().map_err(|_| XmlError::Malformed)?;
            match event {
                Event::Start(start) => {
                    tree.begin(known(&reader, &start), &start)?;
                }
                Event::Empty(start) => {
                    tree.begin(known(&reader, &start), &start)?;
                    tree.end();
                }
                Event::End(_) => tree.end(),
                Event::Text(text) => tree.text(&text.xml10_content())?,
                Event::CData(text) => tree.text(&text.xml10_content())?,
                Event::GeneralRef(reference) => tree.letter(resolved(&reference)?)?,
                Event::DocType(_) => return Err(XmlError::DocumentType),
                Event::Eof => return tree.finish(),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    pub(crate) const fn name(&self) -> Name {
        self.name
    }

    /// The attribute `name`.
    pub(crate) fn called(&self) -> Option<&str> {
        self.called.as_deref()
    }

    /// The text that stands directly in it, without the space around.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The same, as it stands.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    pub(crate) fn children(&self) -> impl Iterator<Item = &Self> {
        self.children.iter()
    }

    pub(crate) fn into_children(self) -> impl Iterator<Item = Self> {
        self.children.into_iter()
    }

    /// The children of this name.
    pub(crate) fn all(&self, name: Name) -> impl Iterator<Item = &Self> {
        self.children().filter(move |child| child.name == name)
    }

    /// The first child of this name.
    pub(crate) fn first(&self, name: Name) -> Option<&Self> {
        self.all(name).next()
    }
}

/// The name of an element, if it is known.
fn known(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Option<Name> {
    match reader.resolver().resolve_element(start.name()) {
        (ResolveResult::Bound(Namespace(namespace)), local) => {
            Name::of(namespace, local.into_inner())
        }
        _ => None,
    }
}

/// The letter that a reference stands for: a number, or one of the five names of XML.
fn resolved(reference: &BytesRef<'_>) -> Result<char, XmlError> {
    if let Some(letter) = reference
        .resolve_char_ref()
        .map_err(|_| XmlError::Malformed)?
    {
        return Ok(letter);
    }
    match &*reference.xml10_content() {
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "gt" => Ok('>'),
        "lt" => Ok('<'),
        "quot" => Ok('"'),
        _ => Err(XmlError::Entity),
    }
}

/// The elements that are open, and the root once it has closed.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    /// Elements open inside the first that is not known, that one included.
    unknown: usize,
    elements: usize,
    root: Option<Element>,
    has_root: bool,
}

impl Tree {
    fn begin(&mut self, name: Option<Name>, start: &BytesStart<'_>) -> Result<(), XmlError> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(XmlError::TooMany);
        }
        if self.open.len() + self.unknown >= DEPTH_MAX {
            return Err(XmlError::TooDeep);
        }
        if self.is_outside() {
            if self.has_root {
                return Err(XmlError::Malformed);
            }
            self.has_root = true;
        }
        match name {
            Some(name) if self.unknown == 0 => self.open.push(Element {
                name,
                called: called(name, start)?,
                text: String::new(),
                children: Vec::new(),
            }),
            _ => self.unknown += 1,
        }
        Ok(())
    }

    fn end(&mut self) {
        if self.unknown > 0 {
            self.unknown -= 1;
            return;
        }
        let Some(element) = self.open.pop() else {
            return;
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        if self.is_outside() {
            return match text.trim().is_empty() {
                true => Ok(()),
                false => Err(XmlError::Malformed),
            };
        }
        if let Some(element) = self.open.last_mut().filter(|_| self.unknown == 0) {
            element.text.push_str(text);
        }
        Ok(())
    }

    fn letter(&mut self, letter: char) -> Result<(), XmlError> {
        self.text(letter.encode_utf8(&mut [0; 4]))
    }

    fn is_outside(&self) -> bool {
        self.open.is_empty() && self.unknown == 0
    }

    fn finish(self) -> Result<Option<Element>, XmlError> {
        match self.is_outside() && self.has_root {
            true => Ok(self.root),
            false => Err(XmlError::CutOff),
        }
    }
}

/// The attribute `name` of an element that has one.
fn called(name: Name, start: &BytesStart<'_>) -> Result<Option<String>, XmlError> {
    if name != Name::Comp {
        return Ok(None);
    }
    let attribute = start
        .try_get_attribute("name")
        .map_err(|_| XmlError::Malformed)?;
    Ok(attribute.map(|attribute| attribute.value.into_owned()))
}
