//! XML text, written so that no value can become markup.

use std::fmt::Write as _;

/// An XML document that is being written: what is begun is ended, and all text is escaped.
pub(super) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    pub(super) fn new() -> Self {
        Self {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            open: Vec::new(),
        }
    }

    /// Begins an element that holds others.
    pub(super) fn begin(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// Ends the element that was begun last.
    pub(super) fn end(&mut self) {
        let name = self.open.pop().expect("each end has its beginning");
        self.indent();
        let _ = writeln!(self.text, "</{name}>");
    }

    /// An element that holds nothing.
    pub(super) fn empty(&mut self, name: &str) {
        self.tag(name, &[]);
        self.text.push_str("/>\n");
    }

    /// An element that holds text.
    pub(super) fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.tag(name, attributes);
        self.text.push('>');
        self.escape(text);
        let _ = writeln!(self.text, "</{name}>");
    }

    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.text
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        let _ = write!(self.text, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"");
            self.escape(value);
            self.text.push('"');
        }
    }

    fn indent(&mut self) {
        for _ in &self.open {
            self.text.push_str("  ");
        }
    }

    /// Blanks that a reader would change are written as numbers; what XML 1.0 cannot hold (section
    /// 2.2) becomes U+FFFD.
    fn escape(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\t' | '\n' | '\r' => {
                    let _ = write!(self.text, "&#{};", u32::from(c));
                }
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.text.push('\u{fffd}'),
                c => self.text.push(c),
            }
        }
    }
}
