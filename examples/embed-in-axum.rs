//! Teaches embedding: somebody's axum application, with a sign-in of its own, gets a page that shows who
//! is reachable, a chat, and a desk behind that same sign-in. What is ours stands between marks.
//!
//! `cargo run --example embed-in-axum -- [--port N]`

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use axum::extract::{Path, Request};
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};

// >>> bereik
use bereik::core::{Person, Zone, directory::Draft, group::Group};
use bereik::switchboard::Switchboard;
use bereik::web::{SignedIn, Web, WebChat, WebConfig};

/// The staff as a helpdesk. Who has the desk open is there; calendars and hours can say more.
async fn helpdesk(staff: &[&str]) -> Result<Web, Box<dyn Error>> {
    let mut draft = Draft::new("Rivers & Co", Zone::named("Europe/Amsterdam")?);
    let mut members = Vec::new();
    for name in staff {
        let person = Person::new(name.to_lowercase().parse()?, *name);
        members.push(person.id.clone());
        draft = draft.with_person(person);
    }
    let mut group = Group::new("helpdesk".parse()?, "Helpdesk", members);
    group.is_public = true;
    let chat = WebChat::new();
    let builder = Switchboard::builder(draft.with_group(group).check()?);
    let switchboard = builder.with_channel(chat.clone()).start().await?;
    Ok(Web::new(switchboard, chat, WebConfig::default()))
}

/// Tells the desk whom the application's own sign-in let through.
async fn at_the_desk(user: Extension<User>, mut request: Request, next: Next) -> Response {
    if let Ok(person) = user.login.parse() {
        request.extensions_mut().insert(SignedIn::Person(person));
    }
    next.run(request).await
}
// <<< bereik

/// Who is signed in to the application.
#[derive(Clone)]
struct User {
    login: String,
}

const STAFF: [&str; 2] = ["Anna", "Bram"];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let staff_only = Router::new().route("/orders", get(async || "Three orders are waiting."));
    let app = Router::new()
        .route("/", get(home))
        .route("/sign-in/{name}", get(sign_in));
    // >>> bereik
    let web = helpdesk(&STAFF).await?;
    let desk = web.desk_router().layer(from_fn(at_the_desk));
    let staff_only = staff_only.nest("/desk", desk);
    let app = app.nest("/help", web.visitor_router());
    // <<< bereik
    let app = app.nest("/staff", staff_only.layer(from_fn(require_sign_in)));

    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port()?)).await?;
    let address = listener.local_addr()?;
    println!("the site          http://{address}/");
    println!("who is reachable  http://{address}/help");
    println!("Anna's desk       http://{address}/sign-in/anna");
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let stop = async || drop(tokio::signal::ctrl_c().await);
    axum::serve(listener, service)
        .with_graceful_shutdown(stop())
        .await?;
    Ok(())
}

const HOME: &str = r#"<!doctype html><title>Rivers & Co</title><h1>Boats to rent</h1>
<script src="/help/widget.js" defer></script>"#;

async fn home() -> Html<&'static str> {
    Html(HOME)
}

/// A toy: it asks for no password. Yours does.
async fn sign_in(Path(name): Path<String>) -> Response {
    let is_staff = STAFF.iter().any(|one| one.eq_ignore_ascii_case(&name));
    if !is_staff {
        return StatusCode::FORBIDDEN.into_response();
    }
    let cookie = format!(
        "user={}; Path=/staff; HttpOnly; SameSite=Strict",
        name.to_lowercase()
    );
    (
        StatusCode::SEE_OTHER,
        [(SET_COOKIE, cookie.as_str()), (LOCATION, "/staff/desk")],
    )
        .into_response()
}

async fn require_sign_in(headers: HeaderMap, mut request: Request, next: Next) -> Response {
    let cookies = headers
        .get(COOKIE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let Some(name) = cookies
        .split("; ")
        .find_map(|pair| pair.strip_prefix("user="))
    else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    request.extensions_mut().insert(User {
        login: name.to_owned(),
    });
    next.run(request).await
}

fn port() -> Result<u16, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next()) {
        (None, _) => Ok(0),
        (Some("--port"), Some(port)) => Ok(port.parse()?),
        _ => Err("usage: embed-in-axum [--port N]".into()),
    }
}
