//! The running thing on tokio: drives the routing engine, the channels and the store.
//!
//! A [`Switchboard`] is a handle. Its commands are plain async functions that return once what was
//! decided is durable; everything that happens is told to whoever [subscribes](Switchboard::subscribe).
//!
//! 1. An order comes in: a command, a calendar, a signal, the end of an effect.
//! 2. The engine is told, at the instant that the one [`Clock`] shows, and decides.
//! 3. Input, entries, rows and effects are committed together.
//! 4. Subscribers hear of the entries, and the effects leave over the channels.
//!
//! Nothing rings before it is durable. After a crash the next switchboard on the same store replays
//! the inputs after the last snapshot and goes on: offers that had not left leave now, deadlines
//! that passed meanwhile fire at once.
//!
//! ```
//! use bereik_core::channel_kind::ChannelKind;
//! use bereik_core::contact::Customer;
//! use bereik_core::directory::Draft;
//! use bereik_core::{Fact, Person, Urgency, Zone};
//! use bereik_core::group::Group;
//! use bereik_routing::Opening;
//! use bereik_switchboard::{Notice, Switchboard};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = Draft::new("Rivers & Co", Zone::utc())
//!     .with_person(Person::new("anna".parse()?, "Anna"))
//!     .with_group(Group::new("helpdesk".parse()?, "Helpdesk", vec!["anna".parse()?]))
//!     .check()?;
//! let switchboard = Switchboard::builder(directory).start().await?;
//! let mut happening = switchboard.subscribe();
//!
//! let opening = Opening {
//!     key: "tab-1:1".parse()?,
//!     customer: Customer::default(),
//!     channel: ChannelKind::WebChat,
//!     line: None,
//!     addressee: None,
//!     page: Some("/shop".into()),
//!     urgency: Urgency::Normal,
//!     need: None,
//! };
//! let opened = switchboard.open(opening, None).await?;
//! let Some(Notice::Entry(entry)) = happening.next().await else { panic!("something happens") };
//! assert_eq!(entry.contact, opened.contact);
//! assert!(matches!(entry.fact, Fact::Opened { .. }));
//! # Ok(())
//! # }
//! ```

mod channels;
mod clock;
mod colleagues;
mod compose;
mod customers;
mod deliver;
mod drive;
mod error;
mod keep;
mod lines;
mod look_up;
mod observe;
mod order;
mod peers;
mod people;
mod receive;
mod start;
mod switchboard;
mod view;
mod watch;

pub use bereik_routing::{Opening, Refusal};
pub use clock::Clock;
pub use error::{SwitchboardError, SwitchboardErrorKind};
pub use lines::{LineState, TestOutcome, Tested};
pub use look_up::{CustomerDirectory, LookUpError};
pub use observe::{Notice, Subscription};
pub use order::Opened;
pub use start::Builder;
pub use switchboard::{Acceptance, Switchboard};
