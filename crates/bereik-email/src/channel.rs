//! The channel: one mail server with one account.

use std::fmt;

use async_trait::async_trait;
use bereik_channel::{
    Alert, Capability, Channel, ChannelError, Evidence, Feature, Health, Outbound, Receipt,
};
use bereik_core::ChannelKind;
use lettre::transport::smtp::client::{Certificate, TlsParameters};

use crate::config::{NO_CERTIFICATE, Security, SmtpConfig};
use crate::conversation::Conversation;
use crate::error::{ConfigError, ConfigErrorKind};
use crate::invitation::{Invitation, compose_invitation};
use crate::wire::{Mail, compose_alert, compose_message};

/// E-mail through one server with one account: a connection and a transaction for each mail.
///
/// The [`Receipt`]'s provider id is the mail's `Message-ID`: what answers it will name.
///
/// ```no_run
/// # async fn lesson() -> Result<(), Box<dyn std::error::Error>> {
/// use bereik_channel::{Channel, Evidence, Outbound};
/// use bereik_core::{id::Key, message::Body};
/// use bereik_email::{Smtp, SmtpConfig};
/// use chrono::DateTime;
///
/// let mail = Smtp::new(SmtpConfig::parse("smtp://helpdesk%40example.org:secret@mail.example.org")?)?;
/// let at = DateTime::from_timestamp(1_795_000_000, 0).ok_or("an instant")?;
/// let message = Outbound::new(Key::parse("message/M12")?, "jan@example.org".parse()?, Body::parse("We are on it.")?, at);
/// assert_eq!(mail.send(&message).await?.evidence, Evidence::Taken);
/// # Ok(()) }
/// ```
pub struct Smtp {
    config: SmtpConfig,
    tls: Option<TlsParameters>,
    capability: Capability,
}

impl Smtp {
    /// Makes the channel; nothing is connected yet. Reads the files of certificates.
    ///
    /// # Errors
    /// When a password would be sent unencrypted to another machine, or the certificates cannot
    /// be read.
    pub fn new(config: SmtpConfig) -> Result<Self, ConfigError> {
        config.server.check()?;
        let is_plain = config.security() == Security::Plain;
        let tls = if is_plain {
            None
        } else {
            Some(read_tls(&config)?)
        };
        let capability = Capability::new(Evidence::Taken).with(&[
            Feature::Offer,
            Feature::Subject,
            Feature::Threads,
        ]);
        Ok(Self {
            config,
            tls,
            capability,
        })
    }

    /// Sends a message that invites its recipient to a meeting. What he answers comes in as
    /// [attendance](bereik_channel::EventKind::Attendance), where the sender's mailbox is read.
    ///
    /// # Errors
    /// As [`send`](Channel::send).
    pub async fn send_invitation(
        &self,
        message: &Outbound,
        invitation: &Invitation,
    ) -> Result<Receipt, ChannelError> {
        self.deliver(&compose_invitation(&self.config, message, invitation)?)
            .await
    }

    pub(crate) const fn config(&self) -> &SmtpConfig {
        &self.config
    }

    async fn deliver(&self, mail: &Mail) -> Result<Receipt, ChannelError> {
        let mut conversation = Conversation::open(&self.config, self.tls.as_ref()).await?;
        let delivered = conversation.deliver(mail).await;
        // A server that answered is told goodbye; one that fell silent or away is left.
        if delivered
            .as_ref()
            .err()
            .is_none_or(|error| error.code().is_some())
        {
            conversation.close().await;
        }
        delivered?;
        Ok(Receipt::new(Evidence::Taken).with_provider_id(mail.message_id()))
    }
}

fn read_tls(config: &SmtpConfig) -> Result<TlsParameters, ConfigError> {
    let refused = |what| ConfigError::new(ConfigErrorKind::Certificates, what);
    let mut builder = TlsParameters::builder(config.server.host.to_string());
    for pem in config.server.read_certificates()? {
        let root = Certificate::from_pem(&pem).map_err(|_| NO_CERTIFICATE)?;
        builder = builder.add_root_certificate(root);
    }
    let unusable = |_| refused("the trusted certificates cannot be used");
    builder.build().map_err(unusable)
}

#[async_trait]
impl Channel for Smtp {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn capability(&self) -> &Capability {
        &self.capability
    }

    async fn send(&self, message: &Outbound) -> Result<Receipt, ChannelError> {
        self.deliver(&compose_message(&self.config, message)?).await
    }

    async fn offer(&self, alert: &Alert) -> Result<Receipt, ChannelError> {
        self.deliver(&compose_alert(&self.config, alert)?).await
    }

    async fn probe(&self) -> Health {
        match Conversation::open(&self.config, self.tls.as_ref()).await {
            Ok(conversation) => {
                conversation.close().await;
                Health::Up
            }
            Err(error) => Health::from(&error),
        }
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.config.server.host)
            .field("port", &self.config.server.port)
            .field("security", &self.config.security())
            .finish_non_exhaustive()
    }
}
