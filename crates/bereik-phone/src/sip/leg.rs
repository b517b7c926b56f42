//! One call that was picked up: what is heard on it, what is said, and how it is handed over.

use std::sync::Arc;
use std::time::Duration;

use bereik_channel::{ChannelError, ErrorKind, Retry, Scope};
use bereik_core::message::Body;
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, Request, StatusCode};
use tokio::time::{interval, timeout};

use super::clip::Clip;
use super::fault::fault;
use super::rtp::{FRAME, Rtp, Sound, Words};
use super::sdp::{self, KEYS_PAYLOAD, Law};
use super::stack::{Stack, fault_of};

/// What is heard on a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It ended.
    Gone,
    /// A key.
    Key(char),
    /// How a call goes that was handed over, as a status.
    Referred(u16),
    /// Samples, and where they stand in the time of the other side.
    Samples { stamp: u32, samples: Vec<i16> },
}

/// How long an answer within a call may take, and the other side's trying of a call that is handed over to it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(8);
const REFERS_WITHIN: Duration = Duration::from_secs(60);
/// One packet each 20 ms.
pub(super) const FRAME_LASTS: Duration = Duration::from_millis(20);

/// A call that was picked up. It is hung up when it is dropped.
pub(super) struct Leg {
    stack: Arc<Stack>,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    pub(super) rtp: Rtp,
}

impl Leg {
    pub(super) const fn new(
        stack: Arc<Stack>,
        dialog: InviteDialog,
        states: DialogStateReceiver,
        rtp: Rtp,
    ) -> Self {
        Self {
            stack,
            dialog,
            states,
            rtp,
        }
    }

    /// The name of the call, which we or the other side made.
    pub(super) fn id(&self) -> String {
        self.dialog.id().call_id
    }

    /// Waits for what is heard. It may be dropped at any time.
    pub(super) async fn hear(&mut self) -> Heard {
        loop {
            tokio::select! {
                state = self.states.recv() => {
                    let Some(state) = state else {
                        return Heard::Gone;
                    };
                    if let Some(heard) = self.understand(state).await {
                        return heard;
                    }
                }
                sound = self.rtp.ears.hear() => return match sound {
                    Sound::Key(key) => Heard::Key(key),
                    Sound::Samples { stamp, samples } => Heard::Samples { stamp, samples },
                },
            }
        }
    }

    async fn understand(&mut self, state: DialogState) -> Option<Heard> {
        match state {
            DialogState::Terminated(..) => return Some(Heard::Gone),
            DialogState::Confirmed(..) if self.rtp.far().is_none() => {
                // Who called without saying what he hears says it now.
                let said = self.dialog.last_remote_ack().map(|ack| ack.body);
                if let Some(far) = said.as_deref().and_then(sdp::read) {
                    self.rtp.meet(far);
                }
            }
            DialogState::Info(_, request, asked) => {
                let _ = asked.reply(StatusCode::OK).await;
                return key_of(&request).map(Heard::Key);
            }
            DialogState::Notify(_, request, asked) => {
                let _ = asked.reply(StatusCode::OK).await;
                return referred(&request).map(Heard::Referred);
            }
            DialogState::Options(_, _, asked) => {
                let _ = asked.reply(StatusCode::OK).await;
            }
            DialogState::Updated(_, request, asked) => {
                let (headers, body) = match sdp::read(&request.body) {
                    Some(far) => {
                        self.rtp.meet(far);
                        described(&self.rtp)
                    }
                    None if request.body.is_empty() => described(&self.rtp),
                    None => {
                        let _ = asked.reply(StatusCode::NotAcceptableHere).await;
                        return None;
                    }
                };
                let _ = asked
                    .respond(StatusCode::OK, Some(headers), Some(body))
                    .await;
            }
            // Nobody makes us call somebody, and words within a call are nobody's.
            DialogState::Message(_, _, asked)
            | DialogState::Refer(_, _, asked)
            | DialogState::Publish(_, _, asked) => {
                let _ = asked.reply(StatusCode::MethodNotAllowed).await;
            }
            _ => {}
        }
        None
    }

    /// Says it, and listens meanwhile. Ends with a key or the end of the call; none when all is said.
    pub(super) async fn say(&mut self, mut words: Words) -> Option<Heard> {
        let mut tick = interval(FRAME_LASTS);
        loop {
            tokio::select! {
                _ = tick.tick() => match words.next() {
                    Some(samples) => self.rtp.mouth.say(samples),
                    None => return None,
                },
                heard = self.hear() => match heard {
                    Heard::Gone | Heard::Key(_) => return Some(heard),
                    Heard::Referred(_) | Heard::Samples { .. } => {}
                },
            }
        }
    }

    /// Writes to the other side within the call; a telephone that shows no words says so, and nothing follows from it.
    pub(super) async fn write(&self, text: &Body) {
        let plain = Header::ContentType("text/plain;charset=UTF-8".into());
        let words = text.as_str().as_bytes().to_vec();
        let writing = self.dialog.message(Some(vec![plain]), Some(words));
        let _ = timeout(ANSWERS_WITHIN, writing).await;
    }

    /// Asks the other side to go on with somebody else (RFC 3515), and waits until it has him.
    pub(super) async fn refer(&mut self, to: &str) -> Result<(), ChannelError> {
        let by = Header::ReferredBy(format!("<{}>", self.stack.own).into());
        let to = format!("<{to}>");
        let refer = self.dialog.refer(to.as_str(), Some(vec![by]), None);
        let Ok(Ok(Some(response))) = timeout(ANSWERS_WITHIN, refer).await else {
            return Err(silent());
        };
        if !(200..300).contains(&response.status_code.code()) {
            return Err(fault_of(&response));
        }
        let goes = async {
            loop {
                match self.hear().await {
                    // It went there, and needs us no more.
                    Heard::Gone | Heard::Referred(200..=299) => return Ok(()),
                    Heard::Referred(status @ 300..) => return Err(fault(status, None)),
                    _ => {}
                }
            }
        };
        timeout(REFERS_WITHIN, goes)
            .await
            .unwrap_or_else(|_| Err(silent()))
    }
}

const fn silent() -> ChannelError {
    let error = ChannelError::new(ErrorKind::TimedOut, Scope::Recipient);
    error.with_retry(Retry::BackOff).maybe_sent()
}

impl Drop for Leg {
    fn drop(&mut self) {
        let (dialog, dialogs) = (self.dialog.clone(), Arc::clone(&self.stack.dialogs));
        self.stack.spawn(async move {
            let _ = timeout(ANSWERS_WITHIN, dialog.hangup()).await;
            dialogs.remove_dialog(&dialog.id());
        });
    }
}

/// A while of nothing.
pub(super) fn silence(lasts: Duration) -> Clip {
    let frames = usize::try_from(lasts.as_millis() / FRAME_LASTS.as_millis()).unwrap_or(0);
    let samples = vec![0; frames.min(3_000) * FRAME];
    Clip::from_samples(samples).expect("a minute is short enough")
}

/// What we say of our media, in the words of the other side where it has spoken.
pub(super) fn described(rtp: &Rtp) -> (Vec<Header>, Vec<u8>) {
    let session = rtp.session();
    let body = match rtp.far() {
        Some(far) => sdp::write(
            rtp.at,
            session,
            &[far.law],
            far.keys.unwrap_or(KEYS_PAYLOAD),
        ),
        None => sdp::write(rtp.at, session, &[Law::A, Law::Mu], KEYS_PAYLOAD),
    };
    (vec![Header::ContentType("application/sdp".into())], body)
}

/// The key of an INFO: `Signal=1` (`application/dtmf-relay`), or the key itself (`application/dtmf`).
fn key_of(request: &Request) -> Option<char> {
    let media = request.headers.iter().find_map(|header| match header {
        Header::ContentType(media) => Some(media.value().trim().to_ascii_lowercase()),
        _ => None,
    })?;
    let text = std::str::from_utf8(&request.body).ok()?;
    let text = match media.as_str() {
        "application/dtmf" => text,
        "application/dtmf-relay" => text.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case("signal").then_some(value)
        })?,
        _ => return None,
    };
    let key = text.trim().chars().next()?.to_ascii_uppercase();
    "0123456789*#ABCD".contains(key).then_some(key)
}

/// The status in a NOTIFY about a REFER (RFC 3515, 2.4.5): the first line of a message of SIP.
fn referred(request: &Request) -> Option<u16> {
    let is_refer = request.headers.iter().any(|header| match header {
        Header::Event(event) => event
            .value()
            .trim()
            .to_ascii_lowercase()
            .starts_with("refer"),
        _ => false,
    });
    let text = std::str::from_utf8(&request.body)
        .ok()
        .filter(|_| is_refer)?;
    let status = text.trim_start().strip_prefix("SIP/2.0 ")?;
    status.split_ascii_whitespace().next()?.parse().ok()
}
