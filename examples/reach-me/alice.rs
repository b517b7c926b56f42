//! Alice: all that rings or shows a message at her end.

use std::error::Error;
use std::time::Duration;

use bereik::channel::{Channel as _, Cursor, EventKind};
use bereik::xmpp::Xmpp;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::baresip::Baresip;
use crate::kamailio::Kamailio;
use crate::prosody::Prosody;
use crate::servers::{Mail, Messages};

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What reached her: over which line, and the words; none where it only rings.
type News = (&'static str, Option<String>);

pub(crate) struct Alice {
    heard: mpsc::UnboundedReceiver<News>,
}

impl Alice {
    /// Switches everything on that she has.
    pub(crate) async fn listen(
        prosody: &Prosody,
        kamailio: &Kamailio,
        messages: &mut Messages,
        mail: &Mail,
    ) -> Result<Self, Box<dyn Error>> {
        let (hears, heard) = mpsc::unbounded_channel();
        tokio::spawn(chats(Xmpp::new(prosody.config("u1"))?, hears.clone()));
        let phone = Baresip::start("alice", kamailio.port).await;
        tokio::spawn(is_rung(phone, hears.clone()));
        let inbox = messages.inbox.take().ok_or("her mobile is taken")?;
        tokio::spawn(texts(inbox, hears.clone()));
        tokio::spawn(reads(mail.mailbox("alice@bereik.test"), hears));
        Ok(Self { heard })
    }

    /// Waits until something that says this reaches her; over which line it did.
    pub(crate) async fn hears(&mut self, words: &str) -> &'static str {
        loop {
            match self.heard.recv().await {
                Some((line, heard)) if heard.as_ref().is_none_or(|heard| heard.contains(words)) => {
                    return line;
                }
                Some(_) => {}
                None => std::future::pending().await,
            }
        }
    }
}

async fn chats(client: Xmpp, heard: mpsc::UnboundedSender<News>) {
    let mut cursor = Cursor::START;
    loop {
        let Ok(batch) = client.receive(cursor.clone(), 16).await else {
            sleep(LOOK_EVERY).await;
            continue;
        };
        cursor = batch.cursor;
        for event in batch.events {
            if let EventKind::Message(message) = event.kind {
                let _ = heard.send(("alice-xmpp", Some(message.body.as_str().to_owned())));
            }
        }
    }
}

async fn is_rung(phone: Baresip, heard: mpsc::UnboundedSender<News>) {
    let mut known = 0;
    loop {
        let told = phone.told();
        let calls = told.iter().filter(|told| told["type"] == "CALL_INCOMING");
        let calls = calls.count();
        if calls > known {
            let _ = heard.send(("alice-desk", None));
        }
        known = calls;
        sleep(LOOK_EVERY).await;
    }
}

async fn texts(mut inbox: mpsc::UnboundedReceiver<String>, heard: mpsc::UnboundedSender<News>) {
    while let Some(words) = inbox.recv().await {
        let _ = heard.send(("alice-sms", Some(words)));
    }
}

async fn reads(mailbox: std::path::PathBuf, heard: mpsc::UnboundedSender<News>) {
    let mut known = std::collections::BTreeSet::new();
    loop {
        for mail in std::fs::read_dir(&mailbox).into_iter().flatten().flatten() {
            if known.insert(mail.file_name()) {
                let words = std::fs::read_to_string(mail.path()).unwrap_or_default();
                let _ = heard.send(("alice-mail", Some(words)));
            }
        }
        sleep(LOOK_EVERY).await;
    }
}
