//! The channel that sends and reads: a mail server and a mailbox as one.

use std::fmt;

use async_trait::async_trait;
use bereik_channel::{
    Alert, Batch, Capability, Channel, ChannelError, Cursor, Feature, Health, Outbound, Receipt,
};
use bereik_core::ChannelKind;

use crate::channel::Smtp;
use crate::invitation::Invitation;
use crate::mailbox::Mailbox;
use crate::read::MailReader;

/// E-mail both ways: sends through a server and reads a mailbox, in which answers to what was
/// sent lead back to it.
///
/// ```
/// use bereik_channel::{Channel, Feature};
/// use bereik_email::{Email, Mailbox, MailboxConfig, Smtp, SmtpConfig};
///
/// let smtp = SmtpConfig::parse("smtp://helpdesk%40example.org:secret@mail.example.org")?;
/// let imap = MailboxConfig::parse("imaps://helpdesk%40example.org:secret@mail.example.org")?;
/// let mail = Email::new(Smtp::new(smtp)?, Mailbox::new(imap)?);
/// assert!(mail.capability().can(Feature::Subject));
/// assert!(mail.capability().can(Feature::Receive));
/// # Ok::<(), bereik_email::ConfigError>(())
/// ```
pub struct Email {
    smtp: Smtp,
    mailbox: Mailbox,
    capability: Capability,
}

impl Email {
    /// Joins the two. The mailbox is read as one in which answers to this sender arrive.
    #[must_use]
    pub fn new(smtp: Smtp, mailbox: Mailbox) -> Self {
        let reader = MailReader::for_sender(smtp.config());
        let capability = smtp.capability().with(&[Feature::Receive, Feature::Replay]);
        Self {
            smtp,
            mailbox: mailbox.with_reader(reader),
            capability,
        }
    }

    /// Sends a message that invites its recipient to a meeting; what he answers comes in as
    /// [attendance](bereik_channel::EventKind::Attendance).
    ///
    /// # Errors
    /// As [`send`](Channel::send).
    pub async fn send_invitation(
        &self,
        message: &Outbound,
        invitation: &Invitation,
    ) -> Result<Receipt, ChannelError> {
        self.smtp.send_invitation(message, invitation).await
    }
}

#[async_trait]
impl Channel for Email {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.smtp.send(message).await
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        self.smtp.offer(alert).await
    }

    async fn receive(&self, after: Cursor, at_most: usize) -> Result<Batch, ChannelError> {
        self.mailbox.receive(after, at_most).await
    }

    /// As the server that sends is. Where the mailbox alone cannot be read, mail still goes out:
    /// then the channel is degraded, and the error of [`receive`](Channel::receive) says why.
    async fn probe(&self) -> Health {
        match (self.smtp.probe().await, self.mailbox.probe().await) {
            (Health::Up, Health::Up) => Health::Up,
            (Health::Up, _) => Health::Degraded,
            (otherwise, _) => otherwise,
        }
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email")
            .field("smtp", &self.smtp)
            .field("mailbox", &self.mailbox)
            .finish()
    }
}
