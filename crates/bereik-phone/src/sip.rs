//! SIP: one account at a registrar or PBX, rung, written and asked over UDP.

mod account;
mod caller;
mod clip;
mod fault;
mod inbound;
mod leg;
mod message;
mod phone;
mod pidf;
mod presence;
mod reception;
mod ring;
mod rtp;
mod sdp;
mod socket;
mod stack;

pub use account::{Acceptance, SipAccount};
pub use clip::{Clip, ClipError};
pub use phone::SipPhone;
pub use reception::{Phrase, Reception};
