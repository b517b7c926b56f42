//! Starts a switchboard: takes the lease, recovers what was, and goes on from there.

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::Channel;
use bereik_core::directory::Directory;
use bereik_core::id::{LineId, PersonId};
use bereik_routing::{Effect, Engine, Input, Output};
use bereik_store::{Recovered, Store, StoreError, StoreErrorKind};
use tokio::sync::{broadcast, mpsc};

use crate::channels::Channels;
use crate::clock::Clock;
use crate::deliver::Deliverer;
use crate::drive::{Driver, LEASE_FOR};
use crate::error::SwitchboardError;
use crate::keep::Unsaved;
use crate::look_up::{AT_ONCE, CustomerDirectory, LookUps, WITHIN};
use crate::order::Order;
use crate::people::People;
use crate::receive::pull;
use crate::switchboard::Switchboard;
use crate::view::{Shared, View};
use crate::watch::watch;

/// Commands that wait for their turn before another has to wait to be put in line.
const ORDERS_MAX: usize = 1_024;
/// Notices that a subscriber may fall behind.
const NOTICES_MAX: usize = 4_096;

/// Puts a switchboard together.
#[derive(Debug)]
pub struct Builder {
    directory: Directory,
    store: Option<Arc<dyn Store>>,
    channels: Vec<(Option<LineId>, Arc<dyn Channel>)>,
    clock: Clock,
    shard: String,
    owner: String,
    link: Option<String>,
    customers: Option<Arc<dyn CustomerDirectory>>,
    look_up_within: Duration,
    look_ups_at_once: usize,
}

impl Switchboard {
    /// Starts putting a switchboard together for this directory.
    #[must_use]
    pub fn builder(directory: Directory) -> Builder {
        Builder {
            directory,
            store: None,
            channels: Vec::new(),
            clock: Clock::system(),
            shard: "main".to_owned(),
            owner: "switchboard".to_owned(),
            link: None,
            customers: None,
            look_up_within: WITHIN,
            look_ups_at_once: AT_ONCE,
        }
    }
}

impl Builder {
    /// Keeps everything in this store.
    #[must_use]
    pub fn with_store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Reaches people over this channel. Of several of a kind, the first that
    /// [leads](Channel::carries) to an address is used; who is to be answered over the very account that
    /// he wrote to gives each a [line](Self::with_line).
    #[must_use]
    pub fn with_channel(mut self, channel: Arc<dyn Channel>) -> Self {
        self.channels.push((None, channel));
        self
    }

    /// Serves a line of the company with this channel: a mailbox, a number, an account.
    ///
    /// What comes in over it is a contact over that line: the row of the directory's table of pages that
    /// is [for the line](bereik_core::page::PageRule::pattern) says whom it is for and how pressing it
    /// is, and the customer is answered over the line that he used last. A person's line that is reached
    /// [via](bereik_core::line::Line::via) it is reached over this channel.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use bereik_channel::Memory;
    /// use bereik_core::channel_kind::ChannelKind;
    /// # use bereik_core::directory::Draft;
    /// # use bereik_core::{Person, Zone};
    /// # use bereik_core::group::Group;
    /// use bereik_core::line::Line;
    /// use bereik_switchboard::Switchboard;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut draft = Draft::new("Rivers & Co", Zone::utc())
    /// #     .with_person(Person::new("anna".parse()?, "Anna"))
    /// #     .with_group(Group::new("sales".parse()?, "Sales", vec!["anna".parse()?]));
    /// for (line, address) in [("sales-mail", "sales@rivers.example"), ("help-mail", "help@rivers.example")] {
    ///     draft.lines.push(Line::new(line.parse()?, ChannelKind::Email, address.parse()?));
    /// }
    /// let (sales, help) = (Memory::new(ChannelKind::Email), Memory::new(ChannelKind::Email));
    /// let switchboard = Switchboard::builder(draft.check()?)
    ///     .with_line("sales-mail".parse()?, Arc::new(sales))
    ///     .with_line("help-mail".parse()?, Arc::new(help))
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_line(mut self, line: LineId, channel: Arc<dyn Channel>) -> Self {
        self.channels.push((Some(line), channel));
        self
    }

    /// Takes the time from this clock instead of the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Serves this shard of the store, under this name of the serving process. Each running
    /// process needs a name of its own.
    #[must_use]
    pub fn with_shard(mut self, shard: impl Into<String>, owner: impl Into<String>) -> Self {
        (self.shard, self.owner) = (shard.into(), owner.into());
        self
    }

    /// Puts this link, followed by the contact's id, into alerts that go out of the house.
    #[must_use]
    pub fn with_desk_link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }

    /// Asks this customer directory who a customer is, where the directory of the company
    /// [says so](bereik_core::directory::Draft::looks_up_customers).
    #[must_use]
    pub fn with_customers(mut self, customers: Arc<dyn CustomerDirectory>) -> Self {
        self.customers = Some(customers);
        self
    }

    /// Gives each look-up of a customer so long, two seconds where nothing is said, and runs so
    /// many at once, 16 where nothing is said and one at the least.
    #[must_use]
    pub const fn with_look_up_limits(mut self, within: Duration, at_once: usize) -> Self {
        (self.look_up_within, self.look_ups_at_once) = (within, at_once);
        self
    }

    /// Starts.
    ///
    /// Without a store everything is kept in memory. Offers that were committed and had not left
    /// when the process before this one ended leave now, unless they have lapsed meanwhile.
    ///
    /// # Errors
    /// When the store is unavailable, is held by another process, or holds what this version
    /// cannot read.
    pub async fn start(self) -> Result<Switchboard, SwitchboardError> {
        let store = self
            .store
            .unwrap_or_else(|| Arc::new(bereik_store::Memory::new()));
        let now = self.clock.now();
        let lease = store
            .acquire(&self.shard, &self.owner, now, LEASE_FOR)
            .await?;
        let recovered = store.recover(&lease).await?;
        let (engine, wake_at) = replay(&self.directory, &recovered)?;
        let told_at = recovered.inputs.last().map_or(now, |(at, _)| now.max(*at));

        let (orders, orders_rx) = mpsc::channel(ORDERS_MAX);
        let (notices, _) = broadcast::channel(NOTICES_MAX);
        let directory = Arc::new(self.directory);
        let view = Shared::new(View::new(Arc::clone(&directory)));
        for contact in store.open_contacts().await? {
            let timeline = store.timeline(contact.id, 0).await?;
            timeline.iter().for_each(|entry| view.write().follow(entry));
        }
        let channels = Arc::new(Channels::new(self.channels));
        let link = self.link.map(Arc::from);
        let (within, at_once) = (self.look_up_within, self.look_ups_at_once);
        let look_ups = self
            .customers
            .map(|customers| LookUps::new(customers, within, at_once));
        let deliverer = Deliverer::new(
            Arc::clone(&channels),
            Arc::clone(&store),
            orders.downgrade(),
            link,
            look_ups,
        );
        let mut driver = Driver {
            engine,
            people: People::new(Arc::clone(&channels)),
            store: Arc::clone(&store),
            lease,
            renew_at: now,
            position: recovered.position,
            since_snapshot: 0,
            unsaved: Unsaved::default(),
            clock: self.clock.clone(),
            told_at,
            wake_at,
            view: view.clone(),
            notices,
            deliverer,
            leaving: pending(&recovered)?,
            done: Vec::new(),
        };
        let notices = driver.notices.downgrade();
        driver.begin(&directory).await?;
        tokio::spawn(driver.run(orders_rx));
        attend(&channels, &store, &orders);
        Ok(Switchboard {
            orders,
            notices,
            view,
            store,
            clock: self.clock,
            channels,
        })
    }
}

/// Reads each channel, and asks it how it is, for as long as the switchboard runs.
fn attend(channels: &Arc<Channels>, store: &Arc<dyn Store>, orders: &mpsc::Sender<Order>) {
    for served in channels.iter() {
        tokio::spawn(pull(
            Arc::clone(served),
            Arc::clone(channels),
            Arc::clone(store),
            orders.downgrade(),
        ));
        tokio::spawn(watch(Arc::clone(served), orders.downgrade()));
    }
}

impl Driver {
    /// Says what holds from now on: the directory, and that nothing is known of anybody yet.
    async fn begin(&mut self, directory: &Arc<Directory>) -> Result<(), SwitchboardError> {
        if self.position == 0 || self.engine.directory() != directory.as_ref() {
            // A snapshot stands first, so that a replay knows the directory it began with.
            self.since_snapshot = u32::MAX - 1;
            let directory = Box::new(Directory::clone(directory));
            self.tell(Input::DirectoryReplaced(directory), None);
        }
        let everybody: Vec<PersonId> = directory.people().iter().map(|p| p.id.clone()).collect();
        self.refresh(everybody);
        self.let_leave().await
    }
}

/// The engine as it was, by its last snapshot and the inputs after it.
fn replay(
    directory: &Directory,
    recovered: &Recovered,
) -> Result<(Engine, Option<chrono::DateTime<chrono::Utc>>), SwitchboardError> {
    let mut engine = match &recovered.snapshot {
        Some(bytes) => Engine::restore(bytes).map_err(|_| damaged())?,
        None => Engine::new(directory.clone()),
    };
    for (at, bytes) in &recovered.inputs {
        let input = serde_json::from_slice::<Input>(bytes).map_err(|_| damaged())?;
        engine.handle(*at, input);
        drained(&mut engine);
    }
    let wake_at = drained(&mut engine);
    Ok((engine, wake_at))
}

/// Takes the outputs of an engine that were committed long ago.
fn drained(engine: &mut Engine) -> Option<chrono::DateTime<chrono::Utc>> {
    loop {
        if let Output::Wait(until) = engine.poll_output() {
            return until;
        }
    }
}

fn pending(recovered: &Recovered) -> Result<Vec<Effect>, SwitchboardError> {
    let read = |bytes: &[u8]| serde_json::from_slice::<Effect>(bytes).map_err(|_| damaged());
    let effects = recovered.effects.iter().map(|effect| read(&effect.bytes));
    Ok(effects.collect::<Result<_, _>>()?)
}

fn damaged() -> StoreError {
    StoreErrorKind::Damaged.into()
}
