//! XML over a connection (RFC 6120, 4): one element at a time, bounded in bytes and in depth.

use minidom::Element;
use rxml::error::EndOrError;
use rxml::{Event, Parse as _, Parser};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::fault::Fault;

/// Of an element that is longer than this nothing but its name and attributes is kept.
const KEPT_BYTES_MAX: usize = 256 * 1024;

/// What lies deeper in an element is not kept: to drop it takes a stack.
const KEPT_DEPTH_MAX: usize = 32;

/// An element that is longer than this, or deeper, is not read to its end: for each that opens, the parser looks through
/// all that are open.
const BYTES_MAX: usize = 4 * KEPT_BYTES_MAX;
const DEPTH_MAX: usize = 32 * KEPT_DEPTH_MAX;

const STREAM: &str = "http://etherx.jabber.org/streams";
const CLIENT: &str = "jabber:client";

/// What came over a stream.
#[derive(Debug)]
pub(crate) enum Item {
    /// A whole element.
    Element(Element),
    /// The other side has ended the stream.
    End,
    /// The start of an element that was too long or too deep.
    Start(Element),
}

/// A stream of XML over a connection. Dropping [`next`](Self::next) loses nothing.
pub(crate) struct Stream<S> {
    connection: S,
    parser: Parser,
    buffer: Box<[u8]>,
    unread: std::ops::Range<usize>,
    /// The elements that are open, the outermost first: the last is written to.
    open: Vec<Element>,
    depth: usize,
    /// How many bytes of the element came so far.
    bytes: usize,
    is_whole: bool,
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    // Blanks between elements keep a connection alive; they are not collected.
    parser.set_text_buffering(false);
    parser
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream<S> {
    pub(crate) fn new(connection: S) -> Self {
        Self {
            connection,
            parser: parser(),
            buffer: vec![0; 8 * 1024].into(),
            unread: 0..0,
            open: Vec::new(),
            depth: 0,
            bytes: 0,
            is_whole: true,
        }
    }

    /// Begins a stream, or begins it anew over the same connection.
    pub(crate) async fn begin(&mut self, to: &str) -> Result<(), Fault> {
        self.parser = parser();
        self.open.clear();
        (self.depth, self.bytes, self.is_whole) = (0, 0, true);
        let header = format!(
            "<?xml version='1.0'?><stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAM}' version='1.0' to='{to}'>"
        );
        self.write(&header).await
    }

    pub(crate) async fn write(&mut self, text: &str) -> Result<(), Fault> {
        self.connection.write_all(text.as_bytes()).await?;
        Ok(self.connection.flush().await?)
    }

    pub(crate) async fn send(&mut self, element: &Element) -> Result<(), Fault> {
        self.write(&written(element)).await
    }

    /// What comes next; the head of a stream is passed over.
    pub(crate) async fn next(&mut self) -> Result<Item, Fault> {
        loop {
            while let Some(event) = self.event()? {
                if let Some(item) = self.take(event)? {
                    return Ok(item);
                }
            }
            let count = self.connection.read(&mut self.buffer).await?;
            if count == 0 {
                return Err(Fault::Closed);
            }
            self.unread = 0..count;
        }
    }

    /// A whole element, where nothing else may come.
    pub(crate) async fn element(&mut self) -> Result<Element, Fault> {
        match self.next().await? {
            Item::Element(element) if element.is("error", STREAM) => {
                Err(Fault::of_stream(&element))
            }
            Item::Element(element) => Ok(element),
            Item::End => Err(Fault::Closed),
            Item::Start(_) => Err(Fault::Garbage),
        }
    }

    /// The connection itself; none where something came that nobody has read.
    pub(crate) fn into_connection(self) -> Option<S> {
        self.unread.is_empty().then_some(self.connection)
    }

    /// Ends the stream and the connection.
    pub(crate) async fn close(&mut self) -> Result<(), Fault> {
        self.write("</stream:stream>").await?;
        // What is on its way to us is read, or closing might take back what we sent.
        while !matches!(self.next().await?, Item::End) {}
        Ok(self.connection.shutdown().await?)
    }

    fn event(&mut self) -> Result<Option<Event>, Fault> {
        let mut rest = &self.buffer[self.unread.clone()];
        let before = rest.len();
        let event = self.parser.parse(&mut rest, false);
        let read = before - rest.len();
        self.unread.start += read;
        self.bytes += read;
        if self.bytes > BYTES_MAX || self.depth > DEPTH_MAX {
            return Err(Fault::Excess);
        }
        match event {
            Ok(event) => Ok(event),
            Err(EndOrError::NeedMoreData) => Ok(None),
            Err(EndOrError::Error(_)) => Err(Fault::Garbage),
        }
    }

    fn take(&mut self, event: Event) -> Result<Option<Item>, Fault> {
        match event {
            Event::XmlDeclaration(..) => {}
            Event::StartElement(_, (namespace, name), attributes) => {
                if self.depth == 0 {
                    let is_stream = namespace.as_str() == STREAM && name.as_str() == "stream";
                    self.depth = 1;
                    return is_stream.then_some(None).ok_or(Fault::Garbage);
                }
                self.depth += 1;
                if self.may_keep() || self.open.is_empty() {
                    let mut element = Element::bare(name.as_str(), namespace.as_str());
                    *element.attrs_mut() = attributes;
                    self.open.push(element);
                }
            }
            Event::Text(_, text) => {
                if self.may_keep()
                    && let Some(element) = self.open.last_mut()
                {
                    element.append_text_node(text);
                }
            }
            Event::EndElement(_) => return Ok(self.end()),
        }
        if self.depth == 1 {
            self.bytes = 0;
        }
        Ok(None)
    }

    fn may_keep(&mut self) -> bool {
        let fits = self.bytes <= KEPT_BYTES_MAX && self.depth <= KEPT_DEPTH_MAX;
        self.is_whole = self.is_whole && fits;
        self.is_whole
    }

    fn end(&mut self) -> Option<Item> {
        self.depth -= 1;
        match self.depth {
            0 => Some(Item::End),
            1 => {
                self.bytes = 0;
                let is_whole = std::mem::replace(&mut self.is_whole, true);
                let mut open = self.open.drain(..);
                let element = open.next()?;
                Some(if is_whole {
                    Item::Element(element)
                } else {
                    Item::Start(element)
                })
            }
            _ => {
                if self.is_whole
                    && let Some(child) = self.open.pop()
                    && let Some(parent) = self.open.last_mut()
                {
                    parent.append_child(child);
                }
                None
            }
        }
    }
}

/// An element as it goes over the wire.
pub(crate) fn written(element: &Element) -> String {
    let mut bytes = Vec::new();
    element
        .write_to(&mut bytes)
        .expect("its names are ours, and its texts have no character that XML forbids");
    String::from_utf8(bytes).expect("XML is written in UTF-8")
}
