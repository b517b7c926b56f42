//! A small company's website with chat: from agendas on disk to an answered visitor.
//!
//! `cargo run --example webchat` prints two addresses: the page that visitors see, and the link
//! that opens the desk. See `examples/webchat/README.md` for who is when where, and what to try.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to its user"
)]

mod arguments;
mod feeds;
mod outbox;
mod shop;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use bereik::channel::{Channel, Memory};
use bereik::core::{ChannelKind, Directory};
use bereik::email::{Smtp, SmtpConfig};
use bereik::feed::read_directory;
use bereik::switchboard::{Clock, Switchboard};
use bereik::web::{SignInLink, Web, WebChat, WebConfig};
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

use crate::arguments::{Arguments, USAGE};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Runs until Ctrl-C. What cannot be done is said in one sentence.
async fn run(arguments: Arguments) -> Result<(), String> {
    let directory = read_directory(&arguments.directory).map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", arguments.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let clock = arguments.at.map_or_else(Clock::system, Clock::starting_at);

    let chat = WebChat::new();
    let (mail, config) = mail(&arguments, clock.now())?;
    let config = arguments
        .origins
        .iter()
        .try_fold(config, |config, origin| {
            let origin = origin
                .parse()
                .map_err(|error| format!("--origin {origin}: {error}"))?;
            Ok::<_, String>(config.with_origin(origin))
        })?;
    let switchboard = Switchboard::builder(directory.clone())
        .with_channel(chat.clone())
        .with_channel(mail)
        .with_clock(clock)
        .with_desk_link(format!("http://{address}/desk/#"))
        .start()
        .await
        .map_err(|error| error.to_string())?;
    tokio::spawn(feeds::follow(
        switchboard.clone(),
        arguments.directory.clone(),
    ));

    let web = Web::new(switchboard.clone(), chat, config);
    let link = SignInLink::new().map_err(|error| error.to_string())?;
    let to_visitors = || async { axum::response::Redirect::to("/bereik") };
    let to_desk = || async { axum::response::Redirect::to("/desk") };
    let app = axum::Router::new()
        .route("/", axum::routing::get(to_visitors))
        .route("/bereik/", axum::routing::get(to_visitors))
        .route("/desk/", axum::routing::get(to_desk))
        .merge(shop::site())
        .nest("/bereik", web.visitor_router())
        .nest("/desk", link.guard(web.desk_router()));
    greet(&directory, &switchboard, &address.to_string(), &link);
    let stopping = switchboard.clone();
    // Frames are small and wanted at once.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    // With the visitors' network addresses, so that the limits for each hold.
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            let _ = tokio::signal::ctrl_c().await;
            let _ = stopping.stop().await;
        })
        .await
        .map_err(|error| error.to_string())
}

/// The channel for mail: a server where one is named, else an outbox that the desk shows.
fn mail(
    arguments: &Arguments,
    now: DateTime<Utc>,
) -> Result<(Arc<dyn Channel>, WebConfig), String> {
    let config = WebConfig::default();
    let Some(url) = &arguments.smtp else {
        let held = Arc::new(Memory::holding(ChannelKind::Email));
        let config = config.with_outbox(outbox::shown(held.clone()));
        return Ok((held, config));
    };
    // This example begins with an empty memory each time: the mark keeps its mails apart from those
    // of the run before.
    let mark = now
        .timestamp_millis()
        .to_string()
        .parse()
        .map_err(|error| format!("{error}"))?;
    let smtp = SmtpConfig::parse(url).and_then(|smtp| Smtp::new(smtp.with_mark(mark)));
    let smtp = smtp.map_err(|error| format!("--smtp: {error}"))?;
    Ok((Arc::new(smtp), config))
}

fn greet(directory: &Directory, switchboard: &Switchboard, address: &str, link: &SignInLink) {
    let now = directory.zone().local_at(switchboard.now());
    println!(
        "{}: it is {} in {}",
        directory.name(),
        now.format("%A %Y-%m-%d %H:%M"),
        directory.zone().name()
    );
    println!("visitors:  http://{address}/");
    println!("the shop:  http://{address}/shop");
    println!("the desk:  http://{address}/desk/{}", link.path());
    println!("Open the desk as one of the company, then a visitor's page beside it. Ctrl-C stops.");
}
