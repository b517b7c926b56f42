//! What an IMAP server says (RFC 3501, 7), read from lines and literals.

/// One response as it came: pieces of text, and between each two of them a literal.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub(crate) texts: Vec<Vec<u8>>,
    pub(crate) literals: Vec<Vec<u8>>,
}

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Response {
    /// It waits for the rest of a command.
    Continue,
    /// It tells something.
    Told(Told),
    /// It has done a command, or not.
    Done {
        tag: String,
        status: Status,
        code: Option<String>,
    },
}

/// What a server tells without being done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Capability(Vec<String>),
    Exists(u32),
    Fetch(Fetched),
    Other,
    Search(Vec<u32>),
    Status {
        status: Status,
        code: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Bad,
    Bye,
    No,
    Ok,
    PreAuth,
}

/// What is told of one mail.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fetched {
    pub(crate) uid: Option<u32>,
    pub(crate) size: Option<u64>,
    pub(crate) body: Option<Vec<u8>>,
}

/// How long the literal is that a line announces at its end, as `{12}`, and how long the line is
/// without that.
pub(crate) fn literal_after(line: &[u8]) -> Option<(u64, usize)> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(&inner[open + 1..]).ok()?;
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    // A number beyond all bounds is too long, not no literal.
    is_number.then(|| (digits.parse().unwrap_or(u64::MAX), open))
}

/// Reads one response; none where it is no IMAP.
pub(crate) fn read(mut raw: Raw) -> Option<Response> {
    let first = raw.texts.first()?;
    if first.first() == Some(&b'+') {
        return Some(Response::Continue);
    }
    let text = String::from_utf8_lossy(first).into_owned();
    let (tag, rest) = text.split_once(' ')?;
    if tag != "*" {
        let (status, code) = read_status(rest)?;
        let tag = tag.to_owned();
        return Some(Response::Done { tag, status, code });
    }
    if let Some((status, code)) = read_status(rest) {
        return Some(Response::Told(Told::Status { status, code }));
    }
    let (first_word, after) = rest.split_once(' ').unwrap_or((rest, ""));
    if let Ok(number) = first_word.parse::<u32>() {
        let word = after.split(' ').next().unwrap_or_default();
        return Some(Response::Told(if word.eq_ignore_ascii_case("EXISTS") {
            Told::Exists(number)
        } else if word.eq_ignore_ascii_case("FETCH") {
            Told::Fetch(read_fetch(&mut raw)?)
        } else {
            Told::Other
        }));
    }
    Some(Response::Told(
        if first_word.eq_ignore_ascii_case("CAPABILITY") {
            Told::Capability(words(after))
        } else if first_word.eq_ignore_ascii_case("SEARCH") {
            Told::Search(
                after
                    .split(' ')
                    .filter_map(|uid| uid.parse().ok())
                    .collect(),
            )
        } else {
            Told::Other
        },
    ))
}

/// Words in capitals.
pub(crate) fn words(text: &str) -> Vec<String> {
    let words = text.split_ascii_whitespace();
    words.map(str::to_ascii_uppercase).collect()
}

fn read_status(text: &str) -> Option<(Status, Option<String>)> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let status = match word.to_ascii_uppercase().as_str() {
        "BAD" => Status::Bad,
        "BYE" => Status::Bye,
        "NO" => Status::No,
        "OK" => Status::Ok,
        "PREAUTH" => Status::PreAuth,
        _ => return None,
    };
    let code = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let code = code.map(|(code, _)| code.to_ascii_uppercase());
    Some((status, code))
}

/// A piece of what is told of a mail.
#[derive(Debug, PartialEq)]
enum Token {
    Atom(String),
    Bytes(Vec<u8>),
    Close,
    Open,
}

/// Takes the mail out of its literal, so that it is in memory once.
fn read_fetch(raw: &mut Raw) -> Option<Fetched> {
    let mut tokens = tokens(raw)
        .into_iter()
        .skip_while(|token| *token != Token::Open);
    tokens.next()?;
    let mut fetched = Fetched::default();
    while let Some(Token::Atom(name)) = tokens.next() {
        let name = name.to_ascii_uppercase();
        match (name.as_str(), tokens.next()?) {
            (_, Token::Open) => skip_list(&mut tokens),
            ("UID", Token::Atom(number)) => fetched.uid = number.parse().ok(),
            ("RFC822.SIZE", Token::Atom(number)) => fetched.size = number.parse().ok(),
            (name, Token::Bytes(bytes)) if name.starts_with("BODY[") => fetched.body = Some(bytes),
            _ => {}
        }
    }
    Some(fetched)
}

fn skip_list(tokens: &mut impl Iterator<Item = Token>) {
    let mut depth = 1_usize;
    while depth > 0 {
        match tokens.next() {
            Some(Token::Open) => depth += 1,
            Some(Token::Close) => depth -= 1,
            Some(_) => {}
            None => return,
        }
    }
}

fn tokens(raw: &mut Raw) -> Vec<Token> {
    let mut literals = std::mem::take(&mut raw.literals).into_iter();
    let mut tokens = Vec::new();
    for text in &raw.texts {
        read_tokens(text, &mut tokens);
        tokens.extend(literals.next().map(Token::Bytes));
    }
    tokens
}

fn read_tokens(text: &[u8], tokens: &mut Vec<Token>) {
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = match first {
            b' ' => after,
            b'(' => {
                tokens.push(Token::Open);
                after
            }
            b')' => {
                tokens.push(Token::Close);
                after
            }
            b'"' => {
                let (bytes, after) = read_quoted(after);
                tokens.push(Token::Bytes(bytes));
                after
            }
            _ => {
                let length = atom_length(rest);
                let (atom, after) = rest.split_at(length);
                tokens.push(Token::Atom(String::from_utf8_lossy(atom).into_owned()));
                after
            }
        };
    }
}

/// An atom ends at a blank or a parenthesis; what stands in brackets belongs to it.
fn atom_length(text: &[u8]) -> usize {
    let mut is_in_brackets = false;
    let ends = |byte: &u8| {
        match byte {
            b'[' => is_in_brackets = true,
            b']' => is_in_brackets = false,
            _ => {}
        }
        !is_in_brackets && b" ()\"".contains(byte)
    };
    text.iter().position(ends).unwrap_or(text.len()).max(1)
}

fn read_quoted(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut bytes = Vec::new();
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return (bytes, rest),
            [b'"', after @ ..] => return (bytes, after),
            [b'\\', escaped, after @ ..] => {
                bytes.push(*escaped);
                after
            }
            [byte, after @ ..] => {
                bytes.push(*byte);
                after
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Fetched, Raw, Response, Status, Told, literal_after, read};
    use proptest::prelude::{Strategy, any, prop_oneof, proptest};

    fn line(text: &str) -> Option<Response> {
        let texts = vec![text.as_bytes().to_vec()];
        read(Raw {
            texts,
            literals: Vec::new(),
        })
    }

    fn told(text: &str) -> Told {
        match line(text) {
            Some(Response::Told(told)) => told,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn what_is_told_is_read() {
        assert_eq!(told("* 23 EXISTS"), Told::Exists(23));
        assert_eq!(told("* SEARCH 2 3 6"), Told::Search(vec![2, 3, 6]));
        assert_eq!(told("* SEARCH"), Told::Search(vec![]));
        assert_eq!(told("* 44 EXPUNGE"), Told::Other);
        let capability = Told::Capability(vec!["IMAP4REV1".into(), "IDLE".into()]);
        assert_eq!(told("* CAPABILITY IMAP4rev1 idle"), capability);
        let status = |status, code: Option<&str>| Told::Status {
            status,
            code: code.map(Into::into),
        };
        let validity = status(Status::Ok, Some("UIDVALIDITY 7"));
        assert_eq!(told("* OK [UIDVALIDITY 7] UIDs valid"), validity);
        assert_eq!(told("* BYE"), status(Status::Bye, None));
        assert_eq!(line("+ idling"), Some(Response::Continue));
        assert_eq!(line(""), None);
        assert_eq!(line("nonsense here"), None);
        let done = Response::Done {
            tag: "a1".into(),
            status: Status::No,
            code: Some("NONEXISTENT".into()),
        };
        assert_eq!(line("a1 NO [nonexistent] no such folder"), Some(done));
    }

    #[test]
    fn a_mail_is_read_from_a_literal_or_a_quoted_string() {
        let raw = Raw {
            texts: vec![
                b"* 2 FETCH (FLAGS (\\Seen (a b)) UID 41 BODY[]<0> ".to_vec(),
                b" RFC822.SIZE 5)".to_vec(),
            ],
            literals: vec![b"a) \"b".to_vec()],
        };
        let fetched = |body: &[u8]| {
            Some(Response::Told(Told::Fetch(Fetched {
                uid: Some(41),
                size: Some(5),
                body: Some(body.to_vec()),
            })))
        };
        assert_eq!(read(raw), fetched(b"a) \"b"));
        let quoted = line("* 2 FETCH (BODY[HEADER.FIELDS (X Y)] \"q\\\"x\" UID 41 RFC822.SIZE 5)");
        assert_eq!(quoted, fetched(b"q\"x"));
        let nil = told("* 2 FETCH (UID 41 BODY[] NIL)");
        assert!(matches!(
            nil,
            Told::Fetch(Fetched {
                body: None,
                uid: Some(41),
                ..
            })
        ));
    }

    #[test]
    fn a_literal_is_announced_at_the_end_of_a_line() {
        assert_eq!(literal_after(b"* 1 FETCH (BODY[] {12}"), Some((12, 18)));
        assert_eq!(
            literal_after(b"x {99999999999999999999}"),
            Some((u64::MAX, 2))
        );
        for line in [&b"x {12} "[..], b"x {}", b"x 12}", b"x {-1}", b"x {1a}"] {
            assert_eq!(literal_after(line), None);
        }
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..60),
            "\\* [0-9]{1,12} FETCH \\([A-Z\\[\\]()\"\\\\ 0-9]{0,40}".prop_map(String::into_bytes),
            "[*+a] (OK|NO|SEARCH|CAPABILITY|BYE)[\\[\\] A-Z0-9]{0,20}".prop_map(String::into_bytes),
        ]
    }

    proptest! {
        #[test]
        fn no_words_of_a_server_bring_a_panic(texts in proptest::collection::vec(text(), 0..4), literal in text()) {
            let literals = texts.iter().skip(1).map(|_| literal.clone()).collect();
            let _ = texts.first().map(|text| literal_after(text));
            let _ = read(Raw { texts, literals });
        }
    }
}
