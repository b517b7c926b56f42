//! The stack: a thread with a runtime of its own, on which everything of the account happens.
//!
//! The library beneath writes each message whole to `tracing`, with what it says and with the digest of the password. On
//! this thread nothing is written.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bereik_channel::{
    Arrival, ChannelError, ErrorKind, Event, Health, Inbox, InboxError, Retry, Scope,
};
use bereik_core::OfferId;
use bereik_core::id::Key;
use rsipstack::EndpointBuilder;
use rsipstack::dialog::authenticate::{AuthRetry, handle_client_authenticate};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::registration::{RefreshOutcome, Registration};
use rsipstack::platform::CancellationToken;
use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::sip::{
    Header, Method, Request, Response, SipMessage, StatusCode, StatusCodeKind, Transport, Uri,
    typed,
};
use rsipstack::transaction::endpoint::{EndpointInnerRef, EndpointOption};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transaction::{CallIdFormat, Endpoint, TransactionReceiver, make_tag};
use rsipstack::transport::transport_layer::{DomainResolver, TransportLayer};
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipAddr, SipConnection};
use tokio::net::{UdpSocket, lookup_host};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tracing::subscriber::NoSubscriber;

use super::account::SipAccount;
use super::fault::{fault, retry_after};
use super::inbound::{self, Order};
use super::message;
use super::presence::{self, Publication, Watch};
use super::ring::Control;
use super::socket::Door;

/// What we understand.
const METHODS: [Method; 8] = [
    Method::Invite,
    Method::Ack,
    Method::Bye,
    Method::Cancel,
    Method::Info,
    Method::Message,
    Method::Notify,
    Method::Options,
];

/// How long a name may take to be looked up, and how long saying goodbye may take.
const LOOKUP_WITHIN: Duration = Duration::from_secs(10);
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);

/// What everything of one account shares.
pub(super) struct Stack {
    pub(super) account: SipAccount,
    pub(super) inbox: Arc<Inbox>,
    pub(super) dialogs: Arc<DialogLayer>,
    /// Who we are, and where we are reached.
    pub(super) own: Uri,
    pub(super) contact: Uri,
    /// Where media are bound, and where others reach them.
    pub(super) media: (IpAddr, IpAddr),
    /// The offers that ring, or were taken and not handed over yet.
    pub(super) offers: Mutex<BTreeMap<OfferId, Control>>,
    /// The callers who wait, by the keys of their calls.
    pub(super) callers: Mutex<BTreeMap<Key, mpsc::Sender<Order>>>,
    pub(super) published: Mutex<Option<Publication>>,
    pub(super) watched: Mutex<Vec<Watch>>,
    registered: Mutex<Registered>,
    handle: Handle,
    /// Ends what is under way; the endpoint goes on a moment longer, to say so.
    pub(super) stop: CancellationToken,
}

#[derive(Clone)]
enum Registered {
    NotYet,
    Refused(ChannelError),
    Yes,
}

/// Everything goes to the server: a name in a message is never looked up.
struct ToServer(SipAddr);

#[async_trait]
impl DomainResolver for ToServer {
    async fn resolve(&self, _: &SipAddr) -> rsipstack::Result<SipAddr> {
        Ok(self.0.clone())
    }
}

impl Stack {
    /// Binds a port and begins to register.
    pub(super) async fn start(
        account: SipAccount,
        inbox: Arc<Inbox>,
    ) -> Result<Arc<Self>, ChannelError> {
        let own = account.own_uri()?;
        let found = timeout(LOOKUP_WITHIN, lookup_host(&account.server)).await;
        let found = found.map_err(|_| ChannelError::unavailable())?;
        let servers: Vec<SocketAddr> = found.map_err(unavailable)?.collect();
        let is_v4 = account.local.is_ipv4();
        let server = servers.iter().find(|server| server.is_ipv4() == is_v4);
        let server = *server.ok_or_else(ChannelError::unavailable)?;

        let (socket, at) = bind(&account, server).map_err(unavailable)?;
        let closed = CancellationToken::new();
        // What cannot be started leaves no thread behind.
        let guard = closed.clone().drop_guard();
        let handle = own_thread(closed.clone()).await?;
        let peers = servers.iter().map(|server| server.ip().to_canonical());
        let peers = peers.chain(account.peers.iter().copied()).collect();
        let door = {
            let _inside = handle.enter();
            Door::new(UdpSocket::from_std(socket).map_err(unavailable)?, peers)
        };
        let endpoint = endpoint(door, at, server, closed.clone()).await?;
        let incoming = endpoint.incoming_transactions();
        let incoming = incoming.map_err(|_| ChannelError::unavailable())?;

        let mut contact = own.clone();
        contact.host_with_port = at.into();
        let stack = Arc::new(Self {
            media: (account.local.ip(), at.ip()),
            account,
            inbox,
            dialogs: Arc::new(DialogLayer::new(Arc::clone(&endpoint.inner))),
            own,
            contact,
            offers: Mutex::default(),
            callers: Mutex::default(),
            published: Mutex::default(),
            watched: Mutex::default(),
            registered: Mutex::new(Registered::NotYet),
            handle: handle.clone(),
            stop: CancellationToken::new(),
        });
        drop(handle.spawn(serve(Arc::clone(&stack), endpoint, incoming, closed)));
        guard.disarm();
        Ok(stack)
    }

    /// Does something on the stack's own thread. It goes on when the caller loses interest.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ChannelError>> + Send + 'static,
    ) -> Result<T, ChannelError> {
        let ended = self.handle.spawn(work).await;
        ended.unwrap_or_else(|_| Err(ChannelError::unavailable()))
    }

    /// The same without an answer.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(work));
    }

    pub(super) fn endpoint(&self) -> &EndpointInnerRef {
        &self.dialogs.endpoint
    }

    /// Keeps an event; when it ends well, it is kept. Events stand in the order in which they came.
    pub(super) async fn keep(&self, event: Event) -> Result<(), InboxError> {
        let arrival = Arrival { order: 0, event };
        self.inbox.keep(vec![arrival]).await.map(drop)
    }

    /// Asks outside of a call, and answers a challenge.
    ///
    /// Gives the final response, whatever it is; without one in time it may have been heard all the same.
    pub(super) async fn ask(
        &self,
        method: Method,
        to: Uri,
        headers: Vec<Header>,
        body: Vec<u8>,
    ) -> Result<Response, ChannelError> {
        let request = self.request(method, to, headers, body)?;
        self.ask_with(request).await
    }

    /// The same with a request that was made before.
    pub(super) async fn ask_with(&self, request: Request) -> Result<Response, ChannelError> {
        let asked = timeout(self.account.trying_within, self.answer_to(request)).await;
        match asked {
            Ok(Some(response)) => Ok(response),
            Ok(None) | Err(_) => {
                let silent = ChannelError::new(ErrorKind::TimedOut, Scope::Channel);
                Err(silent.with_retry(Retry::BackOff).maybe_sent())
            }
        }
    }

    async fn answer_to(&self, request: Request) -> Option<Response> {
        let key = TransactionKey::from_request(&request, TransactionRole::Client).ok()?;
        let endpoint = Arc::clone(self.endpoint());
        let mut asking = Transaction::new_client(key, request, endpoint, None);
        let mut challenges = AuthRetry::new();
        asking.send().await.ok()?;
        loop {
            let SipMessage::Response(response) = asking.receive().await? else {
                continue;
            };
            let is_challenge = matches!(response.status_code.code(), 401 | 407);
            if response.status_code.kind() == StatusCodeKind::Provisional {
                continue;
            }
            let credential = self.account.credential().filter(|_| is_challenge);
            let Some(credential) = credential.filter(|_| challenges.should_answer(&response))
            else {
                return Some(response);
            };
            let number = asking.original.cseq_header().ok()?.seq().ok()? + 1;
            let again = handle_client_authenticate(number, &asking, response.clone(), &credential);
            let Ok(again) = again.await else {
                // A challenge that cannot be understood is the answer.
                return Some(response);
            };
            asking = again;
            asking.send().await.ok()?;
        }
    }

    /// A request from us to somebody.
    pub(super) fn request(
        &self,
        method: Method,
        to: Uri,
        headers: Vec<Header>,
        body: Vec<u8>,
    ) -> Result<Request, ChannelError> {
        let endpoint = self.endpoint();
        let via = endpoint.get_via(None, None);
        let via = via.map_err(|_| ChannelError::unavailable())?;
        let from = typed::From {
            display_name: None,
            uri: self.own.clone(),
            params: Vec::new(),
        };
        let called = typed::To {
            display_name: None,
            uri: to.clone(),
            params: Vec::new(),
        };
        let (from, number) = (from.with_tag(make_tag()), self.dialogs.increment_last_seq());
        let mut request = endpoint.make_request(method, to, via, from, called, number, None);
        request.headers.extend(headers);
        request.body = body;
        Ok(request)
    }

    /// Whether the server is there, and takes us for whom we say we are.
    pub(super) async fn probe(&self) -> Health {
        let registered = self
            .registered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let server = Uri {
            auth: None,
            ..self.own.clone()
        };
        let asked = match registered {
            Registered::Refused(error) => return Health::from(&error),
            Registered::NotYet if self.account.registers() => {
                return Health::Down { retry_after: None };
            }
            _ => {
                self.ask(Method::Options, server, Vec::new(), Vec::new())
                    .await
            }
        };
        match asked {
            // Whatever it says, it is there.
            Ok(response) if response.status_code.code() != 503 => Health::Up,
            Ok(response) => Health::from(&fault_of(&response)),
            Err(error) => Health::from(&error),
        }
    }

    fn note(&self, registered: Registered) {
        *self
            .registered
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = registered;
    }
}

pub(super) fn unavailable(error: std::io::Error) -> ChannelError {
    ChannelError::unavailable().with_source(error)
}

/// What a final response says is at fault.
pub(super) fn fault_of(response: &Response) -> ChannelError {
    let wait = response.headers.iter().find_map(|header| match header {
        Header::RetryAfter(wait) => retry_after(wait.value()),
        _ => None,
    });
    fault(response.status_code.code(), wait)
}

/// A socket, and where others reach it.
fn bind(
    account: &SipAccount,
    server: SocketAddr,
) -> std::io::Result<(std::net::UdpSocket, SocketAddr)> {
    let socket = std::net::UdpSocket::bind(account.local)?;
    socket.set_nonblocking(true)?;
    let bound = socket.local_addr()?;
    let ip = match account.public {
        Some(public) => public,
        None if bound.ip().is_unspecified() => {
            // Nothing is sent: the machine says from where it would be.
            let any: IpAddr = match server {
                SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
                SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
            };
            let trial = std::net::UdpSocket::bind((any, 0))?;
            trial.connect(server)?;
            trial.local_addr()?.ip()
        }
        None => bound.ip(),
    };
    Ok((socket, SocketAddr::new(ip, bound.port())))
}

async fn endpoint(
    door: Door,
    at: SocketAddr,
    server: SocketAddr,
    closed: CancellationToken,
) -> Result<Endpoint, ChannelError> {
    let server = SipAddr::new(Transport::Udp, server.into());
    let resolver = Box::new(ToServer(server.clone()));
    let mut layer = TransportLayer::new_with_domain_resolver(closed.clone(), resolver);
    layer.outbound = Some(server);
    let udp = UdpConnection::from_socket(Arc::new(door), Some(at), Some(closed.clone())).await;
    let udp = udp.map_err(|_| ChannelError::unavailable())?;
    layer.add_transport(SipConnection::Udp(udp));
    let option = EndpointOption {
        callid_format: CallIdFormat::Uuid,
        ..EndpointOption::default()
    };
    let mut builder = EndpointBuilder::new();
    builder
        .with_user_agent(concat!("bereik/", env!("CARGO_PKG_VERSION")))
        .with_allows(METHODS.to_vec())
        .with_cancel_token(closed)
        .with_option(option)
        .with_transport_layer(layer);
    Ok(builder.build())
}

/// A thread with a runtime, on which nothing is logged, until it is closed.
async fn own_thread(closed: CancellationToken) -> Result<Handle, ChannelError> {
    let (teller, told) = oneshot::channel();
    let life = move || {
        let _silent = tracing::subscriber::set_default(NoSubscriber::new());
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return drop(teller.send(Err(unavailable(error)))),
        };
        if teller.send(Ok(runtime.handle().clone())).is_ok() {
            runtime.block_on(closed.cancelled());
        }
    };
    let thread = std::thread::Builder::new().name("bereik-sip".to_owned());
    thread.spawn(life).map_err(unavailable)?;
    told.await
        .unwrap_or_else(|_| Err(ChannelError::unavailable()))
}

/// The life of the account: until it is given up, or the endpoint ends by itself.
async fn serve(
    stack: Arc<Stack>,
    endpoint: Endpoint,
    incoming: TransactionReceiver,
    closed: CancellationToken,
) {
    let (inner, stop) = (Arc::clone(&endpoint.inner), stack.stop.clone());
    let ends = stop.clone();
    tokio::spawn(async move {
        let _ = inner.serve().await;
        ends.cancel();
    });
    tokio::spawn(answer(Arc::clone(&stack), incoming));
    let registration = tokio::spawn(register(stack));
    stop.cancelled().await;
    let _ = timeout(GOODBYE_WITHIN, registration).await;
    // What was under way says goodbye too.
    tokio::time::sleep(GOODBYE_WITHIN / 8).await;
    closed.cancel();
}

/// Registers again and again until the account is given up, and then no more.
async fn register(stack: Arc<Stack>) {
    let Some(credential) = stack.account.credential() else {
        return;
    };
    let mut registration = Registration::new(Arc::clone(stack.endpoint()), Some(credential));
    registration.contact = Some(typed::Contact {
        display_name: None,
        uri: stack.contact.clone(),
        params: Vec::new(),
    });
    let server = Uri {
        auth: None,
        ..stack.own.clone()
    };
    let seconds = stack.account.registers_for.as_secs().clamp(1, 86_400);
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    let note = |outcome: RefreshOutcome<'_>| {
        stack.note(match outcome {
            RefreshOutcome::Registered(_) => Registered::Yes,
            RefreshOutcome::Rejected(response) if response.status_code.code() == 403 => {
                let refused = ChannelError::new(ErrorKind::Credentials, Scope::Channel);
                Registered::Refused(refused.with_code("403"))
            }
            RefreshOutcome::Rejected(response) => Registered::Refused(fault_of(response)),
            RefreshOutcome::Failed(_) => Registered::Refused(ChannelError::unavailable()),
        });
    };
    registration
        .keep_alive(server.clone(), seconds, stack.stop.clone(), note)
        .await;
    let _ = registration.register(server, Some(0)).await;
}

/// Answers what comes in.
async fn answer(stack: Arc<Stack>, mut incoming: TransactionReceiver) {
    while let Some(mut asked) = incoming.recv().await {
        let stack = Arc::clone(&stack);
        tokio::spawn(async move {
            if let Some(mut dialog) = stack.dialogs.match_dialog(&asked) {
                let _ = dialog.handle(&mut asked).await;
                return;
            }
            let is_within = asked
                .original
                .to_header()
                .is_ok_and(|to| matches!(to.tag(), Ok(Some(_))));
            match asked.original.method {
                Method::Ack => {}
                Method::Notify => presence::notified(&stack, asked).await,
                _ if is_within => reply(&mut asked, StatusCode::CallTransactionDoesNotExist).await,
                Method::Invite => inbound::take(stack, asked).await,
                Method::Message => message::take(&stack, asked).await,
                Method::Options => reply(&mut asked, StatusCode::OK).await,
                // Nobody makes us call somebody.
                _ => reply(&mut asked, StatusCode::MethodNotAllowed).await,
            }
        });
    }
}

/// Says this, and stays to say it again.
pub(super) async fn reply(asked: &mut Transaction, status: StatusCode) {
    reply_with(asked, status, Vec::new()).await;
}

pub(super) async fn reply_with(asked: &mut Transaction, status: StatusCode, headers: Vec<Header>) {
    let _ = asked.reply_with(status, headers, None).await;
}
