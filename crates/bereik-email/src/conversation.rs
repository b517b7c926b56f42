//! One connection to the server and the steps on it, each bounded: the only I/O of this crate.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bereik_channel::ChannelError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::config::{Security, SmtpConfig};
use crate::fault::{Cause, Step, fault};
use crate::lines::Lines;
use crate::wire::Mail;

/// A connection on which the server knows us and waits for mail.
pub(crate) struct Conversation {
    connection: AsyncSmtpConnection,
    until_data: Instant,
    answer_max: Duration,
}

/// How long we wait for a farewell; the mail is long delivered by then, or refused.
const FAREWELL_MAX: Duration = Duration::from_millis(500);

const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

type Told<T> = Result<T, lettre::transport::smtp::Error>;

async fn bounded<T>(
    until: Instant,
    step: Step,
    doing: impl Future<Output = Told<T>>,
) -> Result<T, ChannelError> {
    match timeout_at(until, doing).await {
        Ok(Ok(told)) => Ok(told),
        Ok(Err(error)) => Err(fault(step, &Cause::of(&error, step))),
        Err(_) => Err(fault(step, &Cause::Silent)),
    }
}

impl Conversation {
    /// Connects, encrypts and logs in.
    pub(crate) async fn open(
        config: &SmtpConfig,
        tls: Option<&TlsParameters>,
    ) -> Result<Self, ChannelError> {
        let until_data = sleep(config.until_data_max).deadline();
        let mut connection = connect(config, tls, until_data).await?;
        if let Some(login) = &config.server.login {
            let login = Credentials::new(login.user.clone(), login.password.clone());
            bounded(
                until_data,
                Step::Login,
                connection.auth(&MECHANISMS, &login),
            )
            .await?;
        }
        let answer_max = config.answer_max;
        Ok(Self {
            connection,
            until_data,
            answer_max,
        })
    }

    /// Sends one mail to its one recipient.
    pub(crate) async fn deliver(&mut self, mail: &Mail) -> Result<(), ChannelError> {
        let until = self.until_data;
        let connection = &mut self.connection;
        let from = MailFrom::new(Some(mail.from.clone()), Vec::new());
        bounded(until, Step::Sender, connection.command(from)).await?;
        let to = Rcpt::new(mail.to.clone(), Vec::new());
        bounded(until, Step::Recipient, connection.command(to)).await?;
        let answer = bounded(until, Step::Data, connection.command(Data)).await?;
        if !answer.has_code(354) {
            return Err(fault(Step::Data, &Cause::Garbage));
        }
        self.write_text(mail).await
    }

    async fn write_text(&mut self, mail: &Mail) -> Result<(), ChannelError> {
        let is_dot_next = AtomicBool::new(false);
        // Asked for a second part, all of the first has left: what follows is the final dot.
        let parts = std::iter::once(mail.bytes()).chain(std::iter::from_fn(|| {
            is_dot_next.store(true, Ordering::Relaxed);
            None
        }));
        let told = timeout(self.answer_max, self.connection.message_iter(parts)).await;
        let is_dot = is_dot_next.load(Ordering::Relaxed);
        let step = if is_dot { Step::Dot } else { Step::Text };
        match told {
            Ok(Ok(answer)) if is_completion(&answer) => Ok(()),
            Ok(Ok(_)) => Err(fault(step, &Cause::Garbage)),
            Ok(Err(error)) => Err(fault(step, &Cause::of(&error, step))),
            Err(_) => Err(fault(step, &Cause::Silent)),
        }
    }

    /// Says goodbye, and leaves without waiting for long.
    pub(crate) async fn close(mut self) {
        // Whatever is said to a goodbye changes nothing.
        let _ = timeout(FAREWELL_MAX, self.connection.quit()).await;
    }
}

fn is_completion(answer: &Response) -> bool {
    answer.code().severity == Severity::PositiveCompletion
}

async fn connect(
    config: &SmtpConfig,
    tls: Option<&TlsParameters>,
    until: Instant,
) -> Result<AsyncSmtpConnection, ChannelError> {
    let server = (&*config.server.host, config.server.port);
    let hello = hello(config);
    if let (Security::ImplicitTls, Some(tls)) = (config.security(), tls) {
        let tls = Some(tls.clone());
        let connecting = AsyncSmtpConnection::connect_tokio1(server, None, &hello, tls, None);
        return bounded(until, Step::Connect, connecting).await;
    }
    let tcp = match timeout_at(until, TcpStream::connect(server)).await {
        Ok(Ok(tcp)) => tcp,
        Ok(Err(_)) => return Err(fault(Step::Connect, &Cause::Closed)),
        Err(_) => return Err(fault(Step::Connect, &Cause::Silent)),
    };
    let lines = Box::new(Lines::new(tcp));
    let greeting = AsyncSmtpConnection::connect_with_transport(lines, &hello);
    let mut connection = bounded(until, Step::Greeting, greeting).await?;
    if let (Security::StartTls, Some(tls)) = (config.security(), tls) {
        let encrypting = connection.starttls(tls.clone(), &hello);
        bounded(until, Step::StartTls, encrypting).await?;
    }
    Ok(connection)
}

/// The name by which we greet: the domain of the sender.
fn hello(config: &SmtpConfig) -> ClientId {
    let domain = config
        .from()
        .value()
        .rsplit_once('@')
        .map(|(_, domain)| domain);
    ClientId::Domain(domain.unwrap_or("localhost").to_owned())
}
