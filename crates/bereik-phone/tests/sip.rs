//! SIP: against kamailio as the registrar, sipp and baresip as telephones.
#![cfg(feature = "sip")]

#[path = "../../bereik-channel/tests/providers/alert.rs"]
mod alert;
#[path = "sip/baresip.rs"]
mod baresip;
#[path = "sip/contract.rs"]
mod contract;
#[path = "sip/desk.rs"]
mod desk;
#[path = "sip/kamailio.rs"]
mod kamailio;
#[path = "sip/leash.rs"]
mod leash;
#[path = "sip/outcomes.rs"]
mod outcomes;
#[path = "sip/served.rs"]
mod served;
#[path = "sip/sipp.rs"]
mod sipp;
#[path = "sip/torture.rs"]
mod torture;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;
