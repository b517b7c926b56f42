//! Calls that come in: picked up, told of, put through, or recorded.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bereik_channel::{Attachment, ChannelError, Event, EventKind, Inbound, Label};
use bereik_core::Address;
use bereik_core::id::Key;
use bereik_core::message::Body;
use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::sip::{Request, StatusCode, ToTypedHeader as _};
use rsipstack::transaction::transaction::Transaction;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{interval, sleep, timeout};

use super::caller::{call_id, caller};
use super::clip::{Clip, RATE};
use super::leg::{FRAME_LASTS, Heard, Leg, described};
use super::reception::{Phrase, Reception};
use super::rtp::{Recording, Rtp, Words};
use super::sdp;
use super::stack::{Stack, reply};

/// So many callers are received at once.
pub(super) const CALLS_MAX: usize = 256;
/// With this key a caller keeps his place and hangs up.
const KEEPS_PLACE: char = '1';
/// With this key he ends his message.
const ENDS_MESSAGE: char = '#';

/// What can be done with a caller who waits.
pub(super) enum Order {
    HandOver(String, oneshot::Sender<Result<(), ChannelError>>),
    HangUp,
    PutThrough(Leg),
    Record,
    Say(Vec<Clip>),
    Write(Body),
}

/// Who called, and how his call is known.
struct Caller {
    call: Key,
    from: Address,
    from_name: Option<Label>,
    dialled: Label,
}

impl Caller {
    fn read(request: &Request) -> Option<Self> {
        let (from, from_name) = caller(request);
        let call = Key::parse(&format!("C:{}", call_id(request)?)).ok()?;
        let dialled = Label::flattened(&dialled(request)?);
        Some(Self {
            call,
            from,
            from_name,
            dialled,
        })
    }

    /// Something of this call, in a word that stands in brackets because nobody wrote it.
    fn event(&self, what: &str, sound: Option<Clip>) -> Event {
        let body = Body::parse(&format!("[{what}]")).expect("a word in brackets is a body");
        let mut message = Inbound::new(self.from.clone(), body);
        message.from_name.clone_from(&self.from_name);
        message.subject = Some(self.dialled.clone());
        match what {
            CALL => message.provider_id = Some(self.call.clone()),
            _ => message.answers = vec![self.call.clone()],
        }
        if let Some(sound) = sound {
            let file = Attachment::new("message.wav", "audio/wav", sound.to_wav());
            message.attachments.add(file);
        }
        let id = format!("{}:{}", self.call.as_str(), what.replace(' ', "-"));
        let id = Key::parse(&id).expect("a key that is short enough for a word more");
        Event {
            id,
            kind: EventKind::Message(message),
        }
    }
}

const CALL: &str = "call";
const CALL_BACK: &str = "call back";
const HUNG_UP: &str = "hung up";
const VOICE_MESSAGE: &str = "voice message";

/// What was dialled: where the request goes if that is a number, as a trunk says it, else to whom it was meant.
fn dialled(request: &Request) -> Option<String> {
    let is_number = |user: &&str| {
        let digits = user.strip_prefix('+').unwrap_or(user);
        !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit())
    };
    let to = request.to_header().ok()?.typed().ok()?;
    let user = request.uri.user().filter(is_number).or(to.uri.user());
    user.map(str::to_owned)
}

/// Takes a call that comes in, or says why not.
pub(super) async fn take(stack: Arc<Stack>, mut asked: Transaction) {
    let (caller, reception) = match check(&stack, &asked.original) {
        Ok(taken) => taken,
        Err(status) => return reply(&mut asked, status).await,
    };
    let (bound, seen_as) = stack.media;
    let Ok(mut rtp) = Rtp::open(bound, seen_as).await else {
        return reply(&mut asked, StatusCode::ServiceUnavailable).await;
    };
    if let Some(far) = sdp::read(&asked.original.body) {
        rtp.meet(far);
    }
    let (sender, states) = stack.dialogs.new_dialog_state_channel();
    let contact = Some(stack.contact.clone());
    let dialog = stack
        .dialogs
        .get_or_create_server_invite(&asked, sender, None, contact);
    let Ok(dialog) = dialog else {
        return reply(&mut asked, StatusCode::ServiceUnavailable).await;
    };
    // Whoever hears that we picked up is known of.
    if stack.keep(caller.event(CALL, None)).await.is_err() {
        stack.dialogs.remove_dialog(&dialog.id());
        return reply(&mut asked, StatusCode::ServiceUnavailable).await;
    }
    let (orders, ordered) = mpsc::channel(16);
    let call = caller.call.clone();
    stack
        .callers
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(call.clone(), orders);
    let (headers, body) = described(&rtp);
    let _ = dialog.accept(Some(headers), Some(body));
    let leg = Leg::new(Arc::clone(&stack), dialog.clone(), states, rtp);
    let serving = Arc::clone(&stack);
    tokio::spawn(async move {
        let reception = Arc::new(reception);
        receive(&serving, &caller, &reception, leg, ordered).await;
        serving
            .callers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&call);
    });
    let mut driven = dialog;
    let _ = driven.handle(&mut asked).await;
}

fn check(stack: &Stack, request: &Request) -> Result<(Caller, Reception), StatusCode> {
    let reception = stack.account.reception.clone();
    let reception = reception.ok_or(StatusCode::TemporarilyUnavailable)?;
    let from = request
        .from_header()
        .ok()
        .and_then(|from| from.typed().ok());
    let from = from.ok_or(StatusCode::BadRequest)?;
    let forwards = request.max_forwards_header().ok();
    if forwards.is_some_and(|forwards| forwards.value().trim() == "0") {
        return Err(StatusCode::TooManyHops);
    }
    // Whom we ring sent the call back to us.
    if from.uri.user() == stack.own.user() && from.uri.host() == stack.own.host() {
        return Err(StatusCode::LoopDetected);
    }
    if !request.body.is_empty() && sdp::read(&request.body).is_none() {
        return Err(StatusCode::NotAcceptableHere);
    }
    if stack
        .callers
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .len()
        >= CALLS_MAX
    {
        return Err(StatusCode::BusyHere);
    }
    let caller = Caller::read(request).ok_or(StatusCode::BadRequest)?;
    Ok((caller, reception))
}

/// The life of a call that came in.
async fn receive(
    stack: &Arc<Stack>,
    caller: &Caller,
    reception: &Reception,
    mut leg: Leg,
    mut ordered: mpsc::Receiver<Order>,
) {
    let mut words = Words::new(reception.clip(Phrase::Welcome).into_iter().collect());
    let hold = reception.clip(Phrase::Hold);
    let mut until = std::pin::pin!(sleep(reception.waits_for));
    let mut tick = interval(FRAME_LASTS);
    loop {
        let order = tokio::select! {
            () = stack.stop.cancelled() => return,
            () = &mut until => Order::Record,
            order = ordered.recv() => order.unwrap_or(Order::HangUp),
            _ = tick.tick() => {
                match words.next() {
                    Some(samples) => leg.rtp.mouth.say(samples),
                    None => words = Words::new(hold.clone().into_iter().collect()),
                }
                continue;
            }
            heard = leg.hear() => match heard {
                Heard::Gone => return keep(stack, caller.event(HUNG_UP, None)).await,
                Heard::Key(KEEPS_PLACE) => {
                    keep(stack, caller.event(CALL_BACK, None)).await;
                    let goodbye = reception.clip(Phrase::Goodbye);
                    leg.say(Words::new(goodbye.into_iter().collect())).await;
                    return;
                }
                _ => continue,
            },
        };
        match order {
            Order::HandOver(to, teller) => {
                let handed = leg.refer(&to).await;
                let is_done = handed.is_ok();
                let _ = teller.send(handed);
                if is_done {
                    return;
                }
            }
            Order::HangUp => return,
            Order::PutThrough(other) => return relay(stack, leg, other).await,
            Order::Record => return record(stack, caller, reception, leg).await,
            Order::Say(clips) => words = Words::new(clips),
            Order::Write(text) => leg.write(&text).await,
        }
    }
}

async fn keep(stack: &Stack, event: Event) {
    // It cannot be told to anybody else: the caller has gone.
    let _ = stack.keep(event).await;
}

/// Each hears what the other says, until one of them hangs up.
async fn relay(stack: &Stack, mut one: Leg, mut other: Leg) {
    loop {
        tokio::select! {
            () = stack.stop.cancelled() => return,
            heard = one.hear() => match heard {
                Heard::Gone => return,
                Heard::Samples { samples, .. } => other.rtp.mouth.say(&samples),
                Heard::Key(_) | Heard::Referred(_) => {}
            },
            heard = other.hear() => match heard {
                Heard::Gone => return,
                Heard::Samples { samples, .. } => one.rtp.mouth.say(&samples),
                Heard::Key(_) | Heard::Referred(_) => {}
            },
        }
    }
}

/// Takes a message: until he hangs up, says that he is done, or has spoken as long as he may.
async fn record(stack: &Stack, caller: &Caller, reception: &Reception, mut leg: Leg) {
    let asks = reception
        .clip(Phrase::LeaveMessage)
        .into_iter()
        .chain([tone()]);
    if leg.say(Words::new(asks.collect())).await == Some(Heard::Gone) {
        return keep(stack, caller.event(HUNG_UP, None)).await;
    }
    let seconds = usize::try_from(reception.records_for.as_secs()).unwrap_or(usize::MAX);
    let mut recording = Recording::new(seconds.saturating_mul(RATE));
    let listening = async {
        loop {
            tokio::select! {
                () = stack.stop.cancelled() => return,
                heard = leg.hear() => match heard {
                    Heard::Samples { stamp, samples } => recording.add(stamp, &samples),
                    Heard::Gone | Heard::Key(ENDS_MESSAGE) => return,
                    Heard::Key(_) | Heard::Referred(_) => {}
                },
            }
        }
    };
    // Longer than that nobody is listened to.
    let _ = timeout(reception.records_for, listening).await;
    let event = match recording.finish() {
        Some(sound) => caller.event(VOICE_MESSAGE, Some(sound)),
        None => caller.event(HUNG_UP, None),
    };
    keep(stack, event).await;
    let goodbye = reception.clip(Phrase::Goodbye);
    leg.say(Words::new(goodbye.into_iter().collect())).await;
}

/// A tone of a third of a second, after which one speaks.
fn tone() -> Clip {
    const HALF_WAVE: usize = 4;
    let wave = (0..RATE / 3).map(|at| match at / HALF_WAVE % 2 {
        0 => 6_000,
        _ => -6_000,
    });
    Clip::from_samples(wave.collect::<Vec<i16>>()).expect("it is short")
}

/// How long an order to a caller's call may wait.
pub(super) const ORDERS_WITHIN: Duration = Duration::from_secs(5);
