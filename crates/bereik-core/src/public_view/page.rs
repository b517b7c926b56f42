//! The public board as JSON for a page.

use chrono::{DateTime, Utc};

use super::{ExpectedWait, PublicBoard, PublicView, Standing};
use crate::address::Address;
use crate::channel_kind::ChannelKind;
use crate::directory::Directory;
use crate::language::Language;

/// The public board with the names that go with it, to be serialised for a page.
///
/// | field | is |
/// |---|---|
/// | `company` | its name |
/// | `language` | the tag of the language of the names |
/// | `at` | the instant at which all this was so |
/// | `groups`, `people` | one object each, in the directory's order |
/// | … `id`, `name` | as in the directory |
/// | … `standing` | `available`, `busy`, `away`, `closed` or `offline` |
/// | … `now_over` | the channels that are open now: `chat`, `email`, `meeting`, `phone`, `social`, `voicemail`, `web_chat` |
/// | … `back_at` | when it can be reached again, or `null` |
/// | … `expected_wait` | `{ "p50_s", "p90_s" }`, in seconds, or `null` |
/// | … `ways` | objects of a `channel` and an `address` with its scheme: `tel:`, `mailto:`, `handle:` |
///
/// Fields and lists have this order, always; instants are RFC 3339 with `Z`. Fields may be added, as may
/// words for standings and channels: read one that is not known as `offline`, or pass over it.
///
/// ```
/// use bereik_core::directory::Draft;
/// use bereik_core::language::Language;
/// use bereik_core::public_view::PublicBoard;
/// use bereik_core::public_view::page::BoardPage;
/// use bereik_core::zone::Zone;
///
/// let directory = Draft::new("Rivers & Co", Zone::utc()).check()?;
/// let board = PublicBoard::default();
/// let at = "2026-11-23T10:00:00Z".parse()?;
/// let page = BoardPage::new(&directory, &board, Language::English, at);
/// assert_eq!(page.company, "Rivers & Co");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BoardPage<'a> {
    /// The company's name.
    pub company: &'a str,
    /// The language of the names.
    pub language: Language,
    /// The instant at which it was so.
    pub at: DateTime<Utc>,
    /// The public groups.
    pub groups: Vec<PageEntry<'a>>,
    /// The public people.
    pub people: Vec<PageEntry<'a>>,
}

/// One group or person on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PageEntry<'a> {
    /// The id.
    pub id: &'a str,
    /// The name.
    pub name: &'a str,
    /// How it stands.
    pub standing: Standing,
    /// Over which channels it can be reached now.
    pub now_over: &'a [ChannelKind],
    /// When it can be reached again.
    pub back_at: Option<DateTime<Utc>>,
    /// How long the wait is.
    pub expected_wait: Option<ExpectedWait>,
    /// Ways to it.
    pub ways: Vec<PageWay<'a>>,
}

/// One way to a group or person on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PageWay<'a> {
    /// The kind of channel.
    pub channel: ChannelKind,
    /// Where it leads.
    pub address: &'a Address,
}

impl<'a> BoardPage<'a> {
    /// The page of a board. What is no longer in the directory is left out.
    #[must_use]
    pub fn new(
        directory: &'a Directory,
        board: &'a PublicBoard,
        language: Language,
        at: DateTime<Utc>,
    ) -> Self {
        let groups = board.groups.iter().filter_map(|(id, view)| {
            let name = directory.group(id)?.name.in_language(language);
            Some(PageEntry::new(id.as_str(), name, view))
        });
        let people = board.people.iter().filter_map(|(id, view)| {
            let name = &directory.person(id)?.name;
            Some(PageEntry::new(id.as_str(), name, view))
        });
        Self {
            company: directory.name(),
            language,
            at,
            groups: groups.collect(),
            people: people.collect(),
        }
    }
}

impl<'a> PageEntry<'a> {
    fn new(id: &'a str, name: &'a str, view: &'a PublicView) -> Self {
        let ways = view.other_ways.iter();
        Self {
            id,
            name,
            standing: view.standing,
            now_over: &view.now_over,
            back_at: view.back_at,
            expected_wait: view.expected_wait,
            ways: ways
                .map(|(channel, address)| PageWay {
                    channel: *channel,
                    address,
                })
                .collect(),
        }
    }
}
