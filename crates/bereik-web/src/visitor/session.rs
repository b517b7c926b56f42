//! One connection of a visitor's browser, from its first frame to its last.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::close_code;
use bereik_channel::{Label, Outbound};
use bereik_core::address::{Address, AddressKind};
use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::{Addressee, ContactSummary, Customer};
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::{ContactId, Key, MessageId};
use bereik_core::language::Language;
use bereik_core::message::{Author, Body, MessageKind};
use bereik_core::urgency::Urgency;
use bereik_switchboard::{
    Notice, Opening, Subscription, Switchboard, SwitchboardError, SwitchboardErrorKind,
};
use tokio::time::timeout;

use super::board::{Board, board};
use super::shown::Teller;
use super::wire::{Asked, Hello, Reason, Say, Told};
use crate::channel::VisitorSeat;
use crate::limit::Room;
use crate::site::{Site, Stay, page_path};
use crate::socket::{Gone, Heard, Socket, heart};
use crate::token::{Token, Visitor};

/// How long a browser may take to say who it is.
const HELLO_MAX: Duration = Duration::from_secs(15);
/// The longest number that a browser may give a message, in bytes.
const KEY_BYTES_MAX: usize = 64;
/// The longest name of a customer, in characters.
const NAME_CHARACTERS_MAX: usize = 80;
/// When to try again what could not be kept, in seconds.
const RETRY_AFTER_S: u32 = 3;

/// One connection.
struct Session {
    site: Arc<Site>,
    socket: Socket,
    room: Room,
    visitor: Visitor,
    address: Address,
    language: Language,
    page: Option<String>,
    /// The contact that is shown, and that its visitor is there.
    contact: Option<(ContactId, Stay)>,
    /// The last entry of it that was read.
    read: u64,
    /// Whether the browser has asked to be told what happens.
    follows: bool,
    board: Option<Board>,
}

/// Serves one connection until it ends.
pub(crate) async fn serve(site: Arc<Site>, mut socket: Socket, room: Room) {
    let Ok(Ok(hello)) = timeout(HELLO_MAX, hello(&mut socket)).await else {
        return socket
            .close(close_code::POLICY, "the first frame is a hello")
            .await;
    };
    let token = match hello.token.as_deref() {
        None => Token::new()
            .ok()
            .map(|token| (token.visitor(), Some(token))),
        Some(text) => Token::parse(text).map(|token| (token.visitor(), None)),
    };
    let Some((visitor, token)) = token else {
        return socket.close(close_code::POLICY, "this is no token").await;
    };
    let session = Session {
        address: visitor.address(),
        language: Language::of_tags(&hello.language),
        page: page_path(hello.page),
        site,
        socket,
        room,
        visitor,
        contact: None,
        read: 0,
        follows: false,
        board: None,
    };
    // However it ends, the browser comes back by itself.
    let _ = session.run(token).await;
}

async fn hello(socket: &mut Socket) -> Result<Hello, Gone> {
    loop {
        match socket.hear::<Asked>().await? {
            Heard::Frame(Asked::Hello(hello)) => return Ok(hello),
            Heard::Nothing => {}
            Heard::Frame(_) | Heard::Nonsense => return Err(Gone),
        }
    }
}

impl Session {
    async fn run(mut self, token: Option<Token>) -> Result<(), Gone> {
        // First subscribe, then read: what happens in between comes twice rather than never.
        let mut happening = self.switchboard().subscribe();
        let mut seat = self.site.chat.join(&self.visitor);
        self.choose_contact().await;
        let contact = self.standing().await;
        let token = token.map(|token| token.reveal());
        self.socket
            .send(&Told::Welcome {
                token,
                contact,
                bytes_max: Body::BYTES_MAX,
            })
            .await?;
        self.tell_board().await?;
        self.go_on(&mut happening, &mut seat).await
    }

    async fn go_on(
        &mut self,
        happening: &mut Subscription,
        seat: &mut VisitorSeat,
    ) -> Result<(), Gone> {
        let mut heart = heart();
        loop {
            tokio::select! {
                heard = self.socket.hear::<Asked>() => match self.admit(heard?).await? {
                    Heard::Frame(asked) => self.take(asked).await?,
                    Heard::Nonsense => self.refuse(None, Reason::Other, None).await?,
                    Heard::Nothing => {}
                },
                notice = happening.next() => match notice {
                    Some(notice) => self.notice(&notice).await?,
                    None => return Ok(()),
                },
                Some(aside) = seat.asides.recv() => self.tell_aside(&aside).await?,
                _ = heart.tick() => {
                    self.socket.beat().await?;
                    // What is said of tomorrow changes at midnight, without anything happening.
                    self.tell_board().await?;
                }
            }
        }
    }

    /// Ends a connection that floods us with frames.
    async fn admit(&mut self, heard: Heard<Asked>) -> Result<Heard<Asked>, Gone> {
        if self.room.has_room_for_frame(self.site.switchboard.now()) {
            return Ok(heard);
        }
        self.socket
            .close(close_code::POLICY, "too many frames")
            .await;
        Err(Gone)
    }

    fn switchboard(&self) -> &Switchboard {
        &self.site.switchboard
    }

    fn contact_id(&self) -> Option<ContactId> {
        self.contact.as_ref().map(|(id, _)| *id)
    }

    fn is_own(&self, contact: &ContactSummary) -> bool {
        contact.customer.addresses.contains(&self.address)
    }

    /// Takes the contact that the visitor would go on with: the last that is open, else the last.
    async fn choose_contact(&mut self) {
        let found = self
            .switchboard()
            .find(&self.address)
            .await
            .unwrap_or_default();
        let last = found
            .iter()
            .max_by_key(|contact| (contact.state.is_open(), contact.id));
        if let Some(id) = last.map(|contact| contact.id) {
            self.show_contact(id);
        }
    }

    fn show_contact(&mut self, id: ContactId) {
        if self.contact_id() != Some(id) {
            let stay = self.site.arrive(id, self.page.clone());
            self.contact = Some((id, stay));
            self.read = 0;
        }
    }

    async fn summary(&mut self) -> Option<ContactSummary> {
        let id = self.contact_id()?;
        self.switchboard().contact(id).await.ok().flatten()
    }

    async fn standing(&mut self) -> Option<super::wire::Standing> {
        let summary = self.summary().await?;
        let directory = self.switchboard().directory();
        let teller = Teller {
            directory: &directory,
            language: self.language,
        };
        Some(teller.standing(&summary, self.switchboard().now()))
    }

    async fn tell_standing(&mut self) -> Result<(), Gone> {
        let contact = self.standing().await;
        self.socket.send(&Told::Contact { contact }).await
    }

    /// Tells the board, if it is another than before.
    async fn tell_board(&mut self) -> Result<(), Gone> {
        let board = board(self.switchboard(), self.language);
        if self.board.as_ref() == Some(&board) {
            return Ok(());
        }
        self.socket.send(&Told::Board { board: &board }).await?;
        self.board = Some(board);
        Ok(())
    }

    async fn tell_aside(&mut self, aside: &Outbound) -> Result<(), Gone> {
        let directory = self.switchboard().directory();
        let teller = Teller {
            directory: &directory,
            language: self.language,
        };
        let clock = teller.clock(aside.at, self.switchboard().now());
        let (id, text) = (aside.id.as_str(), aside.body.as_str());
        self.socket.send(&Told::Aside { id, clock, text }).await
    }

    async fn notice(&mut self, notice: &Notice) -> Result<(), Gone> {
        match notice {
            Notice::Board => self.tell_board().await,
            Notice::Entry(entry) => self.happened(entry).await,
            _ => {
                self.choose_contact().await;
                self.tell_board().await?;
                self.catch_up(true).await
            }
        }
    }

    async fn happened(&mut self, entry: &Entry) -> Result<(), Gone> {
        if let Fact::Opened { customer, .. } = &entry.fact {
            // Opened here, or in another tab of the same visitor.
            if customer.addresses.contains(&self.address) {
                self.show_contact(entry.contact);
            }
        }
        if self.contact_id() == Some(entry.contact) && entry.number > self.read {
            self.catch_up(true).await?;
        }
        Ok(())
    }

    /// Tells everything that was not told yet, in order, and then how the contact stands.
    async fn catch_up(&mut self, live: bool) -> Result<(), Gone> {
        let Some(contact) = self.contact_id().filter(|_| self.follows) else {
            return Ok(());
        };
        // What the store does not answer now is read with the next entry, or when the browser is
        // back.
        let entries = self
            .switchboard()
            .timeline(contact, self.read)
            .await
            .map_err(|_| Gone)?;
        if entries.is_empty() {
            return Ok(());
        }
        // The browser learns first which contact the entries are of.
        self.tell_standing().await?;
        let messages: Vec<_> = entries.iter().filter_map(for_customer).collect();
        let bodies = self
            .switchboard()
            .bodies(&messages)
            .await
            .map_err(|_| Gone)?;
        let mut bodies = messages.iter().zip(bodies);
        let directory = self.switchboard().directory();
        let teller = Teller {
            directory: &directory,
            language: self.language,
        };
        let now = self.switchboard().now();
        for entry in &entries {
            let body = for_customer(entry)
                .and_then(|_| bodies.next())
                .and_then(|(_, body)| body);
            if let Some(shown) = teller.show(entry, body) {
                let clock = teller.clock(entry.at, now);
                let told = Told::Entry {
                    contact: contact.number(),
                    number: entry.number,
                    clock,
                    live,
                    shown,
                };
                self.socket.feed(&told).await?;
            }
            self.read = entry.number;
        }
        self.socket.flush().await
    }

    async fn take(&mut self, asked: Asked) -> Result<(), Gone> {
        match asked {
            Asked::Say(say) => self.say(say).await,
            Asked::Follow { contact, after } => {
                self.follows = true;
                let is_same =
                    contact.is_some() && contact == self.contact_id().map(ContactId::number);
                self.read = if is_same { after } else { 0 };
                self.catch_up(false).await
            }
            Asked::Hello(_) => Ok(()),
            Asked::Page { page } => {
                self.page = page_path(page);
                if let Some((_, stay)) = &self.contact {
                    stay.move_to(self.page.clone());
                }
                Ok(())
            }
            other => self.command(other).await,
        }
    }

    /// What a visitor may ask about his contact besides writing.
    async fn command(&mut self, asked: Asked) -> Result<(), Gone> {
        if let Err(seconds) = self.room.take(self.switchboard().now()) {
            return self.refuse(None, Reason::Flood, Some(seconds)).await;
        }
        let Some(contact) = self.contact_id() else {
            return self.refuse(None, Reason::Other, None).await;
        };
        let switchboard = self.switchboard().clone();
        let done = match asked {
            Asked::Close => switchboard.close(contact, Author::Customer).await,
            Asked::Name { name, email } => {
                let customer = self.customer(Some(&name), Some(&email));
                switchboard.name_customer(contact, customer).await
            }
            Asked::Phone => switchboard.ask_phone(contact, Author::Customer).await,
            Asked::Urgency {
                urgency: urgency @ (Urgency::High | Urgency::Calamity),
            } => {
                switchboard
                    .change_urgency(contact, urgency, Author::Customer, None)
                    .await
            }
            _ => return self.refuse(None, Reason::Other, None).await,
        };
        match done {
            Ok(()) => Ok(()),
            Err(error) => {
                let (reason, _) = reason_of(&error);
                self.refuse(None, reason, None).await
            }
        }
    }

    async fn refuse(
        &mut self,
        key: Option<&str>,
        reason: Reason,
        retry_after_s: Option<u32>,
    ) -> Result<(), Gone> {
        self.socket
            .send(&Told::Refused {
                key,
                reason,
                retry_after_s,
            })
            .await
    }

    async fn say(&mut self, say: Say) -> Result<(), Gone> {
        let key = say.key.clone();
        if let Err(seconds) = self.room.take(self.switchboard().now()) {
            return self.refuse(Some(&key), Reason::Flood, Some(seconds)).await;
        }
        let Ok(body) = Body::parse(&say.text) else {
            return self.refuse(Some(&key), Reason::Body, None).await;
        };
        match self.keep(say, body).await {
            Ok((contact, message)) => {
                let message = message.map(MessageId::number);
                self.socket
                    .send(&Told::Kept {
                        key: &key,
                        contact: contact.number(),
                        message,
                    })
                    .await?;
                self.show_contact(contact);
                self.catch_up(true).await
            }
            Err((reason, seconds)) => self.refuse(Some(&key), reason, seconds).await,
        }
    }

    /// Keeps a message: in the contact that it names, which must be the visitor's own, or in a new
    /// one.
    async fn keep(
        &mut self,
        say: Say,
        body: Body,
    ) -> Result<(ContactId, Option<MessageId>), (Reason, Option<u32>)> {
        let key = self.key(&say.key).ok_or((Reason::Other, None))?;
        let switchboard = self.switchboard().clone();
        let Some(contact) = say.contact.map(ContactId::new) else {
            return self.open(key, say, body).await;
        };
        let summary = switchboard
            .contact(contact)
            .await
            .map_err(|error| reason_of(&error))?;
        if !summary.is_some_and(|summary| self.is_own(&summary)) {
            return Err((Reason::Other, None));
        }
        let said = switchboard
            .say(
                contact,
                Author::Customer,
                MessageKind::Text,
                key.clone(),
                body.clone(),
            )
            .await;
        match said {
            Ok(message) => Ok((contact, message)),
            // Closed so long ago that it cannot be taken up: the visitor is heard all the same.
            Err(error) if matches!(error.kind(), SwitchboardErrorKind::Refused(_)) => {
                self.open(key, say, body).await
            }
            Err(error) => Err(reason_of(&error)),
        }
    }

    /// The browser's number, made the visitor's own: nobody can repeat the number of another.
    fn key(&self, number: &str) -> Option<Key> {
        let fits = number.len() <= KEY_BYTES_MAX;
        fits.then(|| Key::parse(&format!("{}:{number}", self.visitor.as_str())).ok())?
    }

    /// The visitor as he names himself, with the address by which he is known.
    fn customer(&self, name: Option<&str>, email: Option<&str>) -> Customer {
        // An address of any other kind could be somebody else's.
        let email = email.and_then(|email| email.parse::<Address>().ok());
        let email = email.filter(|email| email.kind() == AddressKind::Email);
        let name = Label::flattened(name.unwrap_or_default());
        Customer {
            name: name.as_str().chars().take(NAME_CHARACTERS_MAX).collect(),
            addresses: std::iter::once(self.address.clone()).chain(email).collect(),
            language: self.language,
        }
    }

    async fn open(
        &mut self,
        key: Key,
        say: Say,
        body: Body,
    ) -> Result<(ContactId, Option<MessageId>), (Reason, Option<u32>)> {
        let customer = self.customer(say.name.as_deref(), say.email.as_deref());
        let directory = self.switchboard().directory();
        let to = say.to.and_then(|to| {
            let is_public = |id: &_| directory.group(id).is_some_and(|group| group.is_public);
            let group = to.group.filter(is_public).map(Addressee::Group);
            let is_public = |id: &_| directory.person(id).is_some_and(|person| person.is_public);
            group.or_else(|| to.person.filter(is_public).map(Addressee::Person))
        });
        let opening = Opening {
            key,
            customer,
            channel: ChannelKind::WebChat,
            line: None,
            addressee: to,
            page: self.page.clone(),
            urgency: Urgency::Normal,
            need: None,
        };
        let opened = self
            .switchboard()
            .open(opening, Some(body))
            .await
            .map_err(|error| reason_of(&error))?;
        Ok((opened.contact, opened.message))
    }
}

/// The message that an entry shows to the customer.
fn for_customer(entry: &Entry) -> Option<MessageId> {
    match &entry.fact {
        Fact::Said { message, .. } if entry.fact.is_for_customer() => Some(*message),
        _ => None,
    }
}

fn reason_of(error: &SwitchboardError) -> (Reason, Option<u32>) {
    match error.kind() {
        SwitchboardErrorKind::Refused(_) => (Reason::Other, None),
        _ => (Reason::Unavailable, Some(RETRY_AFTER_S)),
    }
}
