//! Twilio: one account, two channels.

mod account;
mod sms;
mod voice;
mod wire;

pub use account::TwilioAccount;
pub use sms::TwilioSms;
pub use voice::TwilioVoice;
