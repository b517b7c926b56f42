//! Rings somebody for an offer, takes his answer, and keeps the call until it is handed over.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bereik_channel::{
    Alert, Answer, ChannelError, ErrorKind, Event, EventKind, Evidence, Label, Receipt, Retry,
    Scope,
};
use bereik_core::id::Key;
use bereik_core::{Address, OfferId};
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::invitation::{InviteAsyncResult, InviteOption};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::platform::CancellationToken;
use rsipstack::sip::{Header, Response, Uri};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::account::Acceptance;
use super::fault::fault;
use super::leg::{Heard, Leg, described, silence};
use super::rtp::{Rtp, Words};
use super::sdp;
use super::stack::{Stack, fault_of, unavailable};

/// So many offers ring or are held at once.
const OFFERS_MAX: usize = 1_024;
/// An offer counts as made when the server has tried for so long without saying no.
const TRIES_FOR: Duration = Duration::from_secs(4);
/// Between two times that the prompt is said.
const PAUSES_FOR: Duration = Duration::from_millis(800);
/// Shorter and longer than this nobody is rung.
const RINGS_BOUNDS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(170));

/// How others reach a call that rings, or was taken.
pub(super) struct Control {
    pub(super) stop: CancellationToken,
    pub(super) commands: mpsc::Sender<Command>,
}

/// What can be done with a call that was taken.
pub(super) enum Command {
    /// Hand it over to this URI.
    HandOver(String, oneshot::Sender<Result<(), ChannelError>>),
    /// Give it away.
    Release(oneshot::Sender<Leg>),
}

/// Whom to ring, and for what.
struct Call {
    offer: OfferId,
    key: Key,
    to: Address,
    uri: Uri,
    subject: Label,
    rings_for: Duration,
}

/// How it ended without anybody on the line, in which call.
enum End {
    CameBack(String, ChannelError),
    Declined(String),
    Withdrawn,
}

/// Says once that the offer was made, or was not.
struct Teller(Option<oneshot::Sender<Result<Receipt, ChannelError>>>);

impl Teller {
    /// Whether somebody heard it.
    fn tell(&mut self, made: Result<Receipt, ChannelError>) -> bool {
        self.0
            .take()
            .is_some_and(|teller| teller.send(made).is_ok())
    }

    fn made(&mut self) {
        self.tell(Ok(Receipt::new(Evidence::Taken)));
    }
}

/// Tells, as soon as it is known, whether somebody is rung.
pub(super) type Told = oneshot::Receiver<Result<Receipt, ChannelError>>;

/// Begins to ring, which goes on until the offer ends; none where it rings already.
pub(super) async fn offer(
    stack: Arc<Stack>,
    alert: &Alert,
    to: Address,
) -> Result<Option<Told>, ChannelError> {
    let uri = stack.account.uri(&to)?;
    let (shortest, longest) = RINGS_BOUNDS;
    let lasts = (alert.offer.until - alert.offer.made_at)
        .to_std()
        .unwrap_or(shortest);
    let call = Call {
        offer: alert.offer.id,
        key: alert.key(),
        to,
        uri,
        subject: subject(alert),
        rings_for: lasts.clamp(shortest, longest),
    };
    let (commands, ordered) = mpsc::channel(4);
    let stop = stack.stop.child_token();
    {
        let mut offers = stack.offers.lock().unwrap_or_else(PoisonError::into_inner);
        if offers.contains_key(&call.offer) {
            return Ok(None);
        }
        if offers.len() >= OFFERS_MAX {
            let full = ChannelError::new(ErrorKind::Throttled, Scope::Channel);
            return Err(full.with_retry(Retry::BackOff));
        }
        let stop = stop.clone();
        offers.insert(call.offer, Control { stop, commands });
    }
    let (teller, told) = oneshot::channel();
    tokio::spawn(live(stack, call, Teller(Some(teller)), stop, ordered));
    Ok(Some(told))
}

/// What it is about, short enough for a datagram that is not cut on its way (RFC 3261, 18.1.1).
fn subject(alert: &Alert) -> Label {
    const CHARACTERS_MAX: usize = 100;
    let words: String = alert.words().chars().take(CHARACTERS_MAX).collect();
    Label::flattened(&words)
}

/// The life of an offer, from the first ring to the end of the call.
async fn live(
    stack: Arc<Stack>,
    call: Call,
    mut teller: Teller,
    stop: CancellationToken,
    ordered: mpsc::Receiver<Command>,
) {
    match dial(&stack, &call, &mut teller, &stop).await {
        Ok(leg) => {
            teller.made();
            picked_up(&stack, &call, leg, &stop, ordered).await;
        }
        Err(End::CameBack(id, error)) => {
            // Whoever waits for it hears why; if nobody does, it came back.
            if !teller.tell(Err(error)) {
                keep(&stack, &id, "back", call.came_back()).await;
            }
        }
        Err(End::Declined(id)) => {
            teller.made();
            keep(&stack, &id, "answer", call.answered(Answer::Declined)).await;
        }
        Err(End::Withdrawn) => teller.made(),
    }
    let mut offers = stack.offers.lock().unwrap_or_else(PoisonError::into_inner);
    offers.remove(&call.offer);
}

impl Call {
    fn answered(&self, answer: Answer) -> EventKind {
        EventKind::Answered {
            offer: self.offer,
            answer,
            by: None,
            from: Some(self.to.clone()),
        }
    }

    fn came_back(&self) -> EventKind {
        let (of, evidence) = (self.key.clone(), Evidence::None);
        EventKind::Delivery { of, evidence }
    }
}

/// Whether what happened in this call is known to be kept.
async fn keep(stack: &Stack, id: &str, what: &str, kind: EventKind) -> bool {
    let id =
        Key::parse(&format!("C:{id}:{what}")).expect("a name that we made and a word are a key");
    stack.keep(Event { id, kind }).await.is_ok()
}

/// Rings until somebody or something picks up.
async fn dial(
    stack: &Arc<Stack>,
    call: &Call,
    teller: &mut Teller,
    stop: &CancellationToken,
) -> Result<Leg, End> {
    let (bound, seen_as) = stack.media;
    let began = Rtp::open(bound, seen_as).await.map_err(unavailable);
    let rtp = began.map_err(|error| End::CameBack(call.offer.to_string(), error))?;
    let (states, mut rings) = stack.dialogs.new_dialog_state_channel();
    let begun = stack
        .dialogs
        .do_invite_async(invite(stack, call, &rtp), states);
    let Ok((dialog, mut ringing)) = begun else {
        let error = ChannelError::unavailable();
        return Err(End::CameBack(call.offer.to_string(), error));
    };
    let id = dialog.id().call_id;
    let (mut is_heard, mut is_told) = (false, false);
    let (mut until, mut silent_until) = (
        std::pin::pin!(sleep(call.rings_for)),
        std::pin::pin!(sleep(stack.account.trying_within)),
    );
    let mut tried_until = std::pin::pin!(sleep(TRIES_FOR));
    let ended = loop {
        tokio::select! {
            // That it rang is known before how it ended.
            biased;
            () = stop.cancelled() => break End::Withdrawn,
            Some(state) = rings.recv() => {
                is_heard |= matches!(state, DialogState::Trying(_) | DialogState::Early(..));
                if let DialogState::Early(_, response) = state {
                    is_told = true;
                    let is_forwarded = response.status_code.code() == 181;
                    if is_forwarded && matches!(stack.account.acceptance, Acceptance::PickUp) {
                        break End::CameBack(id, fault(302, None).with_code("181"));
                    }
                    teller.made();
                }
            }
            () = &mut until => break End::CameBack(id, fault(487, None)),
            () = &mut silent_until, if !is_heard => {
                let silent = ChannelError::new(ErrorKind::TimedOut, Scope::Channel);
                break End::CameBack(id, silent.with_retry(Retry::BackOff));
            }
            () = &mut tried_until, if is_heard && !is_told => {
                is_told = true;
                teller.made();
            }
            done = &mut ringing => {
                let Ok(Ok((_, Some(response)))) = done else {
                    break End::CameBack(id, ChannelError::unavailable());
                };
                match response.status_code.code() {
                    200..=299 => return Ok(begin(stack, dialog, rings, rtp, &response)),
                    603 => break End::Declined(id),
                    _ => break End::CameBack(id, fault_of(&response)),
                }
            }
        }
    };
    give_up(stack, dialog, ringing, rings, rtp).await;
    Err(ended)
}

fn invite(stack: &Stack, call: &Call, rtp: &Rtp) -> InviteOption {
    let (_, body) = described(rtp);
    InviteOption {
        caller: stack.own.clone(),
        callee: call.uri.clone(),
        contact: stack.contact.clone(),
        credential: stack.account.credential(),
        headers: Some(vec![Header::Subject(call.subject.as_str().into())]),
        offer: Some(body),
        ..InviteOption::default()
    }
}

fn begin(
    stack: &Arc<Stack>,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    mut rtp: Rtp,
    response: &Response,
) -> Leg {
    if let Some(far) = sdp::read(&response.body) {
        rtp.meet(far);
    }
    Leg::new(Arc::clone(stack), dialog, states, rtp)
}

/// Stops ringing: a call that is dropped is cancelled, also when it is picked up at that moment.
async fn give_up(
    stack: &Arc<Stack>,
    dialog: InviteDialog,
    ringing: JoinHandle<InviteAsyncResult>,
    states: DialogStateReceiver,
    rtp: Rtp,
) {
    if ringing.is_finished() {
        drop(Leg::new(Arc::clone(stack), dialog, states, rtp));
        return;
    }
    ringing.abort();
    if let Ok(Ok((_, Some(_)))) = ringing.await {
        drop(Leg::new(Arc::clone(stack), dialog, states, rtp));
    }
}

async fn picked_up(
    stack: &Arc<Stack>,
    call: &Call,
    mut leg: Leg,
    stop: &CancellationToken,
    ordered: mpsc::Receiver<Command>,
) {
    let id = leg.id();
    let answer = tokio::select! {
        () = stop.cancelled() => return,
        answer = ask(&stack.account.acceptance, &mut leg) => answer,
    };
    let Some(answer) = answer else {
        keep(stack, &id, "back", call.came_back()).await;
        return;
    };
    let is_kept = keep(stack, &id, "answer", call.answered(answer)).await;
    // An answer that nobody hears of is none.
    if is_kept && answer == Answer::Accepted {
        hold(stack.account.holds_for, leg, stop, ordered).await;
    }
}

/// Whether he who picked up takes it; none when it cannot be known.
async fn ask(acceptance: &Acceptance, leg: &mut Leg) -> Option<Answer> {
    let (prompt, within) = match acceptance {
        Acceptance::PickUp => return Some(Answer::Accepted),
        Acceptance::Key { prompt, within } => (prompt, *within),
    };
    let asking = async {
        loop {
            let words = Words::new(vec![prompt.clone(), silence(PAUSES_FOR)]);
            match leg.say(words).await {
                Some(Heard::Key('1')) => return Some(Answer::Accepted),
                Some(Heard::Key('2')) => return Some(Answer::Declined),
                Some(Heard::Gone) => return None,
                _ => {}
            }
        }
    };
    timeout(within, asking).await.unwrap_or(None)
}

/// Keeps a call that was taken until something is done with it, it ends, or nobody did anything for so long.
async fn hold(
    holds_for: Duration,
    mut leg: Leg,
    stop: &CancellationToken,
    mut ordered: mpsc::Receiver<Command>,
) {
    let mut until = std::pin::pin!(sleep(holds_for));
    loop {
        let command = tokio::select! {
            () = stop.cancelled() => return,
            () = &mut until => return,
            heard = leg.hear() => match heard {
                Heard::Gone => return,
                _ => continue,
            },
            command = ordered.recv() => command,
        };
        match command {
            None => return,
            Some(Command::HandOver(to, teller)) => {
                let handed = leg.refer(&to).await;
                let is_done = handed.is_ok();
                let _ = teller.send(handed);
                if is_done {
                    return;
                }
            }
            Some(Command::Release(taker)) => {
                // Whoever asked may have gone: then it ends here.
                drop(taker.send(leg));
                return;
            }
        }
    }
}
