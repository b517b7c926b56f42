//! One connection of a desk, from its first frame to its last.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::close_code;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::entry::{Entry, Fact};
use bereik_core::id::{ContactId, PersonId};
use bereik_core::language::Language;
use bereik_core::message::{Author, Body};
use bereik_core::offer::{Offer, Offered};
use bereik_core::signal::{Signal, SignalKind};
use bereik_switchboard::{Notice, Subscription, Switchboard};
use chrono::TimeDelta;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::row::{colleagues, groups, lines, offer_row, people, row};
use super::told::{Last, replace};
use super::wire::{Asked, Told};
use crate::channel::DeskSeat;
use crate::limit::Room;
use crate::sign_in::SignedIn;
use crate::site::Site;
use crate::socket::{Gone, Heard, Socket, heart};

mod command;

/// How long a desk may take to say who sits there.
const HELLO_MAX: Duration = Duration::from_secs(15);
/// How soon lists follow what happened; what happens at once is told at once.
const LISTS_EVERY: Duration = Duration::from_millis(150);
/// How often the outbox is looked at.
const MAILS_EVERY: Duration = Duration::from_secs(1);
/// How long an open desk counts without being heard of again: more than two beats.
const ONLINE_FOR: TimeDelta = TimeDelta::seconds(45);
/// Conversations that one desk follows at once; the oldest gives way.
const FOLLOWED_MAX: usize = 32;

/// One connection.
struct Session {
    site: Arc<Site>,
    socket: Socket,
    room: Room,
    signed_in: SignedIn,
    language: Language,
    /// Who sits here.
    seat: Option<DeskSeat>,
    /// The last entry that was told of each conversation that is followed.
    followed: BTreeMap<ContactId, u64>,
    told: Last,
}

/// Serves one connection until it ends.
pub(crate) async fn serve(site: Arc<Site>, socket: Socket, room: Room, signed_in: SignedIn) {
    let mut session = Session {
        site,
        socket,
        room,
        signed_in,
        language: Language::English,
        seat: None,
        followed: BTreeMap::new(),
        told: Last::default(),
    };
    // However it ends, the desk comes back by itself.
    let _ = session.run().await;
    session.stand_up().await;
}

impl Session {
    async fn run(&mut self) -> Result<(), Gone> {
        let mut happening = self.switchboard().subscribe();
        match timeout(HELLO_MAX, self.socket.hear::<Asked>()).await {
            Ok(Ok(Heard::Frame(Asked::Hello { person, language }))) => {
                self.language = Language::of_tags(&language);
                self.sit(person).await?;
            }
            _ => {
                self.socket
                    .close(close_code::POLICY, "the first frame is a hello")
                    .await;
                return Err(Gone);
            }
        }
        self.go_on(&mut happening).await
    }

    async fn go_on(&mut self, happening: &mut Subscription) -> Result<(), Gone> {
        let mut heart = heart();
        let mut lists = interval(LISTS_EVERY);
        lists.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut mails = interval(MAILS_EVERY);
        mails.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let has_outbox = self.site.config.outbox.is_some();
        let mut moved = self.site.watch();
        loop {
            tokio::select! {
                heard = self.socket.hear::<Asked>() => match self.admit(heard?).await? {
                    Heard::Frame(asked) => self.take(asked).await?,
                    Heard::Nonsense => self.refuse_nonsense().await?,
                    Heard::Nothing => {}
                },
                notice = happening.next() => match notice {
                    Some(notice) => self.notice(&notice).await?,
                    None => return Ok(()),
                },
                () = rung(&mut self.seat) => self.tell_offers().await?,
                Ok(()) = moved.changed() => self.told.is_stale = true,
                _ = lists.tick(), if self.told.is_stale => self.tell_lists().await?,
                _ = mails.tick(), if has_outbox => self.tell_outbox().await?,
                _ = heart.tick() => self.beat().await?,
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

    fn me(&self) -> Option<&PersonId> {
        self.seat.as_ref().map(DeskSeat::person)
    }

    /// Takes a seat: the person's own, or the one that he names where any member may.
    async fn sit(&mut self, named: Option<PersonId>) -> Result<(), Gone> {
        let directory = self.switchboard().directory();
        let person = match &self.signed_in {
            SignedIn::AnyMember => named,
            SignedIn::Person(person) => Some(person.clone()),
        };
        let person = person.filter(|person| directory.person(person).is_some());
        if self.me() != person.as_ref() || person.is_none() {
            self.stand_up().await;
            self.seat = person.map(|person| self.site.chat.sit(person));
        }
        self.stay_online().await;
        self.welcome().await?;
        self.told = Last::default();
        self.tell_offers().await?;
        self.tell_lists().await
    }

    async fn stand_up(&mut self) {
        if let Some(seat) = self.seat.take() {
            let kind = SignalKind::Online(ChannelKind::WebChat);
            let (person, source) = (seat.person().clone(), seat.source());
            drop(seat);
            // Without an answer the signal expires by itself.
            let _ = self.switchboard().clear_signal(person, kind, &source).await;
        }
    }

    /// Says that an open desk is there, for as long as two beats take.
    async fn stay_online(&mut self) {
        let Some(seat) = &self.seat else { return };
        let at = self.switchboard().now();
        let signal = Signal {
            kind: SignalKind::Online(ChannelKind::WebChat),
            source: seat.source().into(),
            at,
            expires_at: at + ONLINE_FOR,
        };
        let _ = self
            .switchboard()
            .signal(seat.person().clone(), signal)
            .await;
    }

    async fn beat(&mut self) -> Result<(), Gone> {
        self.socket.beat().await?;
        self.stay_online().await;
        self.told.is_stale = true;
        Ok(())
    }

    async fn welcome(&mut self) -> Result<(), Gone> {
        let directory = self.switchboard().directory();
        let welcome = Told::Welcome {
            company: directory.name(),
            me: self.seat.as_ref().map(DeskSeat::person),
            can_choose: self.signed_in == SignedIn::AnyMember,
            people: people(&directory),
            groups: groups(&directory, self.language),
            lines: lines(&directory),
            zone: directory.zone().name(),
            now: self.site.switchboard.now(),
            bytes_max: Body::BYTES_MAX,
            has_meetings: self.site.config.meetings.is_some(),
            has_outbox: self.site.config.outbox.is_some(),
        };
        self.socket.send(&welcome).await
    }

    async fn notice(&mut self, notice: &Notice) -> Result<(), Gone> {
        match notice {
            Notice::Board => self.told.is_stale = true,
            Notice::Entry(entry) => self.happened(entry).await?,
            _ => {
                self.told.is_stale = true;
                self.tell_offers().await?;
                for contact in self.followed.keys().copied().collect::<Vec<_>>() {
                    self.catch_up(contact).await?;
                }
            }
        }
        Ok(())
    }

    async fn happened(&mut self, entry: &Entry) -> Result<(), Gone> {
        self.told.is_stale = true;
        if matches!(entry.fact, Fact::Offered { .. } | Fact::OfferEnded { .. }) {
            self.tell_offers().await?;
        }
        let told = self.followed.get(&entry.contact);
        if told.is_some_and(|told| *told < entry.number) {
            self.catch_up(entry.contact).await?;
        }
        Ok(())
    }

    /// Follows a conversation from this entry on.
    async fn follow(&mut self, contact: ContactId, after: u64) -> Result<(), Gone> {
        if self.followed.len() >= FOLLOWED_MAX && !self.followed.contains_key(&contact) {
            self.followed.pop_first();
        }
        self.followed.insert(contact, after);
        self.catch_up(contact).await
    }

    /// Tells every entry of a conversation that was not told yet, in order, with its words.
    async fn catch_up(&mut self, contact: ContactId) -> Result<(), Gone> {
        let Some(told) = self.followed.get(&contact).copied() else {
            return Ok(());
        };
        let entries = self
            .switchboard()
            .timeline(contact, told)
            .await
            .map_err(|_| Gone)?;
        let messages: Vec<_> = entries.iter().filter_map(message_of).collect();
        let bodies = self
            .switchboard()
            .bodies(&messages)
            .await
            .map_err(|_| Gone)?;
        let mut bodies = bodies.into_iter();
        for entry in &entries {
            let body = message_of(entry).and_then(|_| bodies.next().flatten());
            let text = body.map(String::from);
            self.socket
                .feed(&Told::Entry {
                    contact: contact.number(),
                    entry,
                    text,
                })
                .await?;
            self.followed.insert(contact, entry.number);
        }
        self.socket.flush().await
    }

    /// The offers to whoever sits here, those to lines of people on call included.
    async fn tell_offers(&mut self) -> Result<(), Gone> {
        let Some(me) = self.me().cloned() else {
            return Ok(());
        };
        let directory = self.switchboard().directory();
        // Another's own line is his to answer; one of the company is anybody's.
        let is_anothers = |offer: &Offer| match &offer.to {
            Offered::Line(line) => {
                let owner = directory.line(line).and_then(|(_, owner)| owner);
                owner.is_some_and(|owner| *owner != me)
            }
            Offered::Person(_) => false,
        };
        let mut offers = self.switchboard().offers_to(&me);
        offers.extend(self.switchboard().offers_to_lines());
        offers.retain(|offer| !is_anothers(offer));
        let mut rows = Vec::with_capacity(offers.len());
        for offer in &offers {
            rows.extend(self.offer_row(offer).await);
        }
        if replace(&mut self.told.offers, rows) {
            let offers = self.told.offers.as_deref().unwrap_or_default();
            self.socket.send(&Told::Offers { offers }).await?;
        }
        Ok(())
    }

    async fn offer_row(&mut self, offer: &Offer) -> Option<super::row::OfferRow> {
        let contact = self
            .switchboard()
            .contact(offer.contact)
            .await
            .ok()
            .flatten()?;
        let entries = self
            .switchboard()
            .timeline(offer.contact, 0)
            .await
            .unwrap_or_default();
        let is_customers = |entry: &&Entry| {
            matches!(
                entry.fact,
                Fact::Said {
                    author: Author::Customer,
                    ..
                }
            )
        };
        let last = entries.iter().rfind(is_customers).and_then(message_of);
        let bodies = self
            .switchboard()
            .bodies(last.as_slice())
            .await
            .unwrap_or_default();
        let words = bodies.into_iter().flatten().next().map(String::from);
        Some(offer_row(
            offer,
            row(&self.site, &contact, self.language),
            words,
        ))
    }

    async fn tell_lists(&mut self) -> Result<(), Gone> {
        self.told.is_stale = false;
        if self.seat.is_none() {
            return Ok(());
        }
        let mut contacts = self.switchboard().open_contacts().await.map_err(|_| Gone)?;
        contacts.sort_by_key(|contact| (std::cmp::Reverse(contact.urgency), contact.id));
        let rows = contacts
            .iter()
            .map(|contact| row(&self.site, contact, self.language))
            .collect();
        if replace(&mut self.told.contacts, rows) {
            let rows = self.told.contacts.as_deref().unwrap_or_default();
            self.socket.send(&Told::Contacts { rows }).await?;
        }
        if replace(&mut self.told.colleagues, colleagues(&self.site)) {
            let people = self.told.colleagues.as_deref().unwrap_or_default();
            self.socket.send(&Told::Colleagues { people }).await?;
        }
        self.tell_outbox().await
    }

    /// Tells the mails that were kept; nobody tells us when one comes.
    async fn tell_outbox(&mut self) -> Result<(), Gone> {
        let mails = self.site.config.outbox.as_ref().map(|outbox| outbox.read());
        if mails.is_some_and(|mails| replace(&mut self.told.mails, mails)) {
            let mails = self.told.mails.as_deref().unwrap_or_default();
            self.socket.send(&Told::Outbox { mails }).await?;
        }
        Ok(())
    }
}

/// Waits until a desk rings; for ever where nobody sits.
async fn rung(seat: &mut Option<DeskSeat>) {
    let alert = match seat {
        Some(seat) => seat.alerts.recv().await,
        None => None,
    };
    if alert.is_none() {
        std::future::pending::<()>().await;
    }
}

fn message_of(entry: &Entry) -> Option<bereik_core::id::MessageId> {
    match &entry.fact {
        Fact::Said { message, .. } => Some(*message),
        _ => None,
    }
}
