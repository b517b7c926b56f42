//! Microsoft Teams: judged by Microsoft's own packages, and the faults of its service.

#[path = "../../bereik-channel/tests/providers/alert.rs"]
mod alert;
#[path = "../../bereik-channel/tests/providers/fault.rs"]
mod fault;
#[path = "teams/service.rs"]
mod service;
#[path = "../../bereik-channel/tests/providers/verdict.rs"]
mod verdict;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use std::time::Duration;

use alert::alert;
use axum::Router;
use axum::routing::post;
use bereik_channel::http::Http;
use bereik_channel::{
    Answer, Batch, Channel, ChannelError, Cursor, ErrorKind, EventKind, Health, Retry, Scope, Sent,
    conformance,
};
use bereik_chat::{PresenceChange, Teams};
use bereik_core::id::Key;
use bereik_core::signal::SignalKind;
use bereik_core::{ChannelKind, OfferId};
use chrono::{DateTime, TimeDelta};
use fault::{Fault, Server};
use serde_json::{Value, json};
use service::{ANNA, APP, CHAT, Service, TENANT, app, http, inbox, packages};
use tokio::net::TcpListener;
use tokio::time::sleep;
use verdict::{AWAY, BROKEN, CREDENTIALS, INVALID, REFUSED, SLOWER};
use words::{at, message};

const ROOM: &str = "handle:teams/19:a1b2@thread.tacv2;messageid=1795000000000";

/// Gives tokens to everybody.
async fn login() -> String {
    let told = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": "a"}).to_string();
    let router = Router::new().route("/{*path}", post(|| async { told }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn teams(login: &str, service: &str) -> Teams {
    let http = Http::new().expect("a client");
    let http = http.with_answer_within(Duration::from_millis(1_000));
    Teams::new(http, app(login), inbox()).with_service(service)
}

#[tokio::test]
async fn each_fault_is_told_apart() {
    let says = |status, code: &str| {
        Fault::says(
            status,
            &format!(r#"{{"error":{{"code":"{code}","message":"secret"}}}}"#),
        )
    };
    let own = vec![
        (says(403, "ConversationBlockedByUser"), REFUSED),
        (says(403, "BotNotInConversationRoster"), REFUSED),
        (says(404, "ConversationNotFound"), REFUSED),
        (Fault::says(410, ""), REFUSED),
        (says(400, "BadSyntax"), INVALID),
        (says(413, "MessageSizeTooBig"), INVALID),
        (says(401, "Unauthorized"), CREDENTIALS),
        (says(429, "Throttled"), SLOWER),
        (says(412, "PreconditionFailed"), AWAY),
        (says(502, "ServiceError"), BROKEN),
    ];
    let login = login().await;
    verdict::hold(own, &message(ROOM), |url| teams(&login, url)).await;
}

#[tokio::test]
async fn an_address_is_a_conversation_or_a_person_and_nothing_else() {
    let others = [
        "handle:teams/",
        "handle:teams/general",
        "handle:teams/19:x?y",
        "handle:teams/19:%2e%2e",
        "handle:slack/19:a1b2@thread.v2",
        "tel:+31612345678",
    ];
    verdict::refuse(&others, &message(ROOM), |url| teams(url, url)).await;
}

#[tokio::test]
async fn without_a_token_nothing_was_sent() {
    for (fault, kind) in [
        (
            Fault::says(401, r#"{"error":"invalid_client"}"#),
            ErrorKind::Credentials,
        ),
        (
            Fault::says(400, r#"{"error":"unauthorized_client"}"#),
            ErrorKind::Credentials,
        ),
        (Fault::says(503, ""), ErrorKind::Unavailable),
        (Fault::says(200, "<html>"), ErrorKind::Protocol),
        (Fault::Silent, ErrorKind::TimedOut),
        (Fault::Closed, ErrorKind::Unavailable),
    ] {
        let (login, service) = (
            Server::start(fault).await,
            Server::start(Fault::Silent).await,
        );
        let teams = teams(&login.url(), &service.url());
        let error = teams.send(&message(ROOM)).await.expect_err("no token");
        assert_eq!((error.kind(), error.sent()), (kind, Sent::No));
        assert_eq!(service.asked(), 0);
        let needs = teams.probe().await == Health::NeedsCredentials;
        assert_eq!(needs, kind == ErrorKind::Credentials);
    }
}

#[tokio::test]
async fn nothing_goes_to_a_service_that_is_not_microsofts() {
    let home = "https://smba.trafficmanager.net";
    let others = [
        "https://smba.trafficmanager.net.evil.example/emea/",
        "https://smba.trafficmanager.net@evil.example/emea/",
        "https://smba.trafficmanager.net:8443/emea/",
        "https://smba.trafficmanager.net\\@evil.example/",
        "https://smba.trafficmanager.net/emea/../",
        "https://smba.trafficmanager.net/emea?x=",
        "http://smba.trafficmanager.net/emea/",
        "https://169.254.169.254/latest/",
    ];
    let references = others.map(|url| (format!("19:{url}"), url.to_owned()));
    let good = ("19:good".to_owned(), format!("{home}/emea/"));
    let teams = Teams::new(http(), app(home), inbox());
    let teams = teams.with_references(references.into_iter().chain([good.clone()]));
    assert_eq!(teams.references(), [good].into());
}

#[tokio::test]
#[ignore = "starts node with Microsoft's packages, which cargo xtask test installs"]
async fn the_contract_holds() {
    let service = Service::start();
    let tests = conformance::check(&service, "teams", at()).await;
    let tests = tests.expect("a channel that keeps the contract");
    for test in ["an answer comes in", "an older cursor brings it again"] {
        assert!(tests.contains(&test), "{tests:?}");
    }
    assert_eq!(service.violations().await, json!([]));
    assert_eq!(service.asked("token").await, 1, "a token is kept");
}

/// The method and the path of each request, without the number of an activity at its end.
fn shapes(requests: &[Value]) -> Vec<String> {
    let text = |request: &Value, name: &str| request[name].as_str().expect("text").to_owned();
    let shape = |request: &Value| {
        let path = text(request, "path");
        let path = path.trim_end_matches(|c: char| c.is_ascii_digit());
        format!("{} {path}", text(request, "method"))
    };
    requests.iter().map(shape).collect()
}

#[tokio::test]
#[ignore = "starts node with Microsoft's packages, which cargo xtask test installs"]
async fn microsofts_own_client_asks_the_same() {
    let service = Service::start();
    assert_eq!(service.teams.probe().await, Health::Up);
    let theirs = service.test("client", json!({})).await;
    let theirs = theirs["requests"].as_array().expect("a list").clone();

    let first = service
        .teams
        .send(&message(&format!("handle:teams/{ANNA}")))
        .await;
    let first = first.expect("a message that is taken");
    let first = Key::parse(&first.provider_id.expect("a name")).expect("a key");
    let answer = message(&format!("handle:teams/{CHAT}")).with_answers(vec![first]);
    service
        .teams
        .send(&answer)
        .await
        .expect("an answer that is taken");
    let offer = alert(&format!("handle:teams/{ANNA}"), 1);
    service
        .teams
        .offer(&offer)
        .await
        .expect("an offer that is taken");
    service
        .teams
        .withdraw(OfferId::new(1))
        .await
        .expect("taken back");

    let told = service.test("told", json!({})).await;
    let ours = &told["requests"].as_array().expect("a list")[theirs.len()..];
    let (theirs, mut ours) = (shapes(&theirs), shapes(ours));
    // The offer is a message of its own.
    assert_eq!(ours.remove(3), theirs[1]);
    assert_eq!(ours, theirs);
    let messages = told["messages"].as_array().expect("a list");
    let last = messages.last().expect("a message");
    assert_eq!(
        (&last["text"], &last["actions"]),
        (&json!("This offer stands no longer."), &json!([]))
    );
    assert_eq!(service.violations().await, json!([]));
}

/// Each claim or header that is not as it should be, and whether the token is good all the same.
fn variants(service: &Service, now: i64) -> Vec<(Value, &'static str, bool)> {
    let at = DateTime::from_timestamp(now, 0).expect("an instant");
    let with = |name: &str, value: Value| {
        let mut claims = service.claims(at);
        claims[name] = value;
        claims
    };
    let mut endless = service.claims(at);
    endless.as_object_mut().expect("claims").remove("nbf");
    vec![
        (service.claims(at), "good", true),
        (endless, "good", true),
        (with("exp", json!(now - 200)), "good", true),
        (with("exp", json!(now - 400)), "good", false),
        (with("nbf", json!(now + 200)), "good", true),
        (with("nbf", json!(now + 400)), "good", false),
        (with("nbf", json!("tomorrow")), "good", false),
        (
            with("iss", json!("https://sts.windows.net/")),
            "good",
            false,
        ),
        (with("aud", json!("another-app")), "good", false),
        (with("aud", Value::Null), "good", false),
        (
            with("serviceurl", json!("https://evil.example/")),
            "good",
            false,
        ),
        (with("serviceurl", Value::Null), "good", false),
        // A key that is endorsed for Skype alone, and one that nobody published.
        (service.claims(at), "other", false),
        (service.claims(at), "unknown", false),
    ]
}

#[tokio::test]
#[ignore = "starts node with Microsoft's packages, which cargo xtask test installs"]
async fn a_token_is_believed_where_microsofts_own_package_believes_it() {
    let service = Service::start();
    let now = service
        .test("sign", json!({"claims": {}, "key": "good"}))
        .await;
    let now = now["now"].as_i64().expect("an instant");
    let at = DateTime::from_timestamp(now, 0).expect("an instant");
    let mut tokens = Vec::new();
    for (claims, key, is_good) in variants(&service, now) {
        tokens.push((
            service.signed(&claims, key).await,
            is_good,
            claims.to_string(),
        ));
    }
    let good = tokens[0].0.clone();
    let (head, signature) = good.rsplit_once('.').expect("three parts");
    let forged = |header: &str, signature: &str| {
        let claims = head.split_once('.').expect("three parts").1;
        format!("Bearer {header}.{claims}.{signature}")
    };
    // {"alg":"none","kid":"good"}, and what an HMAC with the public key would be.
    let none = forged("eyJhbGciOiJub25lIiwia2lkIjoiZ29vZCJ9", "");
    let told =
        json!({"claims": service.claims(at), "key": "good", "secret": "key", "algorithm": "HS256"});
    let hmac = service.test("sign", told).await;
    for forged in [
        none,
        format!("Bearer {}", hmac["token"].as_str().expect("a token")),
        format!("{head}.{}", signature.replace('A', "B")),
        good.replace("Bearer ", "Basic "),
        good.replace("Bearer ", ""),
        head.to_owned(),
        "Bearer ..".to_owned(),
        String::new(),
    ] {
        tokens.push((forged.clone(), false, forged));
    }
    for (authorization, is_good, what) in tokens {
        let told = json!({"authorization": authorization, "serviceUrl": service.service(), "channelId": "msteams"});
        let theirs = service.test("official", told).await;
        assert_eq!(theirs["good"], is_good, "{what}: {theirs}");
        let heard = service
            .post(&service.activity("typing"), &authorization, at)
            .await;
        assert_eq!(heard.status == 200, is_good, "{what}: {heard:?}");
        assert!(is_good || heard.status == 401, "{what}");
    }
}

#[tokio::test]
#[ignore = "starts node with Microsoft's packages, which cargo xtask test installs"]
async fn made_up_keys_do_not_make_us_ask_and_new_keys_are_found() {
    let service = Service::start();
    let activity = service.activity("typing");
    let unknown = service.signed(&service.claims(at()), "unknown").await;
    for _ in 0..20 {
        assert_eq!(service.post(&activity, &unknown, at()).await.status, 401);
    }
    assert_eq!(service.asked("keys").await, 1);
    service
        .test("keys", json!({"named": ["good", "unknown"]}))
        .await;
    let soon = at() + TimeDelta::minutes(4);
    assert_eq!(service.post(&activity, &unknown, soon).await.status, 401);
    let later = at() + TimeDelta::minutes(5);
    assert_eq!(service.post(&activity, &unknown, later).await.status, 200);
    assert_eq!(service.asked("keys").await, 2);
    // A key that was taken back is good for a day at most.
    service.test("keys", json!({"named": ["good"]})).await;
    let tomorrow = later + TimeDelta::hours(25);
    let unknown = service.signed(&service.claims(tomorrow), "unknown").await;
    assert_eq!(
        service.post(&activity, &unknown, tomorrow).await.status,
        401
    );
    assert_eq!(service.asked("keys").await, 3);
}

#[tokio::test]
async fn without_keys_bot_framework_is_asked_to_come_again() {
    let metadata = Server::start(Fault::says(503, "")).await;
    let teams = teams(&metadata.url(), &metadata.url())
        .with_issuer("https://api.botframework.com", metadata.url());
    // {"alg":"RS256","kid":"good"}
    let authorization = "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6Imdvb2QifQ.e30.AAAA";
    let headers = [("authorization", authorization)];
    for _ in 0..5 {
        let request = bereik_channel::HookRequest {
            at: at(),
            body: b"{}",
            headers: &headers,
            is_get: false,
            query: "",
        };
        let heard = bereik_channel::Webhook::take(&teams, request).await;
        assert_eq!(heard.status, 503);
    }
    assert_eq!(metadata.asked(), 1);
}

async fn received(service: &Service) -> Batch {
    let batch = service.teams.receive(Cursor::START, 50).await;
    batch.expect("events")
}

#[tokio::test]
#[ignore = "starts node with Microsoft's packages, which cargo xtask test installs"]
async fn what_is_posted_is_kept_once_as_people_see_it() {
    let service = Service::start();
    let mut asked = service.activity("message");
    asked["text"] = "<at>Bereik</at> ask <at>Bob B</at> for <b> &amp; co".into();
    asked["replyToId"] = "1794999999999".into();
    asked["conversation"] = json!({"id": "19:a1b2@thread.tacv2;messageid=1", "conversationType": "channel", "isGroup": true, "tenantId": TENANT});
    asked["entities"] = json!([
        {"type": "mention", "text": "<at>Bereik</at>", "mentioned": {"id": format!("28:{APP}"), "name": "Bereik"}},
        {"type": "mention", "text": "<at>Bob B</at>", "mentioned": {"id": "29:1bob", "name": "Bob B"}},
    ]);
    let mut robot = service.activity("message");
    robot["text"] = "a build failed".into();
    robot["from"] = json!({"id": "28:another", "name": "Builder"});
    let mut ours = service.activity("message");
    ours["text"] = "hello".into();
    ours["from"] = ours["recipient"].clone();
    let mut joined = service.activity("conversationUpdate");
    joined["membersAdded"] = json!([{"id": "29:1anna"}]);
    let mut liked = service.activity("messageReaction");
    liked["reactionsAdded"] = json!([{"type": "like"}]);
    let typing = service.activity("typing");
    for activity in [&asked, &asked, &robot, &ours, &joined, &liked, &typing] {
        assert_eq!(service.say(activity).await.status, 200, "{activity}");
    }
    let batch = received(&service).await;
    let [first, second, third] = &batch.events[..] else {
        panic!("{:?}", batch.events)
    };
    let EventKind::Message(first) = &first.kind else {
        panic!("{first:?}")
    };
    assert_eq!(first.body.as_str(), "ask @Bob B for <b> &amp; co");
    assert_eq!(
        first.from.to_string(),
        "handle:teams/19:a1b2@thread.tacv2;messageid=1/29:1anna"
    );
    assert_eq!(
        first.from_name.as_ref().map(bereik_channel::Label::as_str),
        Some("Anna")
    );
    assert!(!first.is_automatic && first.answers.len() == 1);
    assert!(matches!(&second.kind, EventKind::Message(robot) if robot.is_automatic));
    let chat = format!("handle:teams/{CHAT}").parse().expect("an address");
    assert_eq!(third.kind, EventKind::Typing { from: chat });
    assert_eq!(service.violations().await, json!([]));
    assert_eq!(service.teams.references()[CHAT], service.service());
}

#[tokio::test]
#[ignore = "starts node with Microsoft's packages, which cargo xtask test installs"]
async fn strangers_are_turned_away() {
    let service = Service::start();
    let changed = |name: &str, value: Value| {
        let mut activity = service.activity("message");
        activity["text"] = "hello".into();
        activity[name] = value;
        activity
    };
    let strangers = [
        changed("channelData", json!({"tenant": {"id": "another-tenant"}})),
        changed("channelId", json!("skype")),
        changed("channelId", Value::Null),
        changed("serviceUrl", json!("https://evil.example/")),
    ];
    for activity in strangers {
        // Signed by Microsoft for this very service, all the same.
        let mut claims = service.claims(at());
        claims["serviceurl"] = activity["serviceUrl"].clone();
        let authorization = service.signed(&claims, "good").await;
        let heard = service.post(&activity, &authorization, at()).await;
        assert_eq!(heard.status, 401, "{activity}");
    }
    assert!(received(&service).await.events.is_empty());
    assert!(service.teams.references().is_empty());
}

#[tokio::test]
#[ignore = "starts node with Microsoft's packages, which cargo xtask test installs"]
async fn whoever_presses_a_button_has_answered() {
    let service = Service::start();
    let mut submitted = service.activity("message");
    submitted["value"] = json!({"bereik": "decline", "offer": "O3"});
    let mut executed = service.activity("invoke");
    executed["name"] = "adaptiveCard/action".into();
    executed["value"] = json!({"action": {"type": "Action.Execute", "verb": "accept", "data": {"bereik": "accept", "offer": "O4"}}});
    let mut strange = executed.clone();
    strange["value"]["action"]["data"] = json!({"offer": "O5"});
    let mut other = service.activity("invoke");
    other["name"] = "task/fetch".into();
    let heard = [&submitted, &executed, &strange, &other].map(|activity| service.say(activity));
    let mut told = Vec::new();
    for heard in heard {
        let heard = heard.await;
        let body: Value = serde_json::from_str(&heard.body).unwrap_or_default();
        told.push((heard.status, body["statusCode"].as_u64()));
    }
    assert_eq!(
        told,
        [(200, None), (200, Some(200)), (200, Some(400)), (501, None)]
    );
    let anna = format!("handle:teams/{ANNA}").parse().ok();
    let batch = received(&service).await;
    let answers: Vec<_> = batch
        .events
        .iter()
        .map(|event| match &event.kind {
            EventKind::Answered {
                offer,
                answer,
                from,
                ..
            } if *from == anna => (offer.to_string(), *answer),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [("O3", Answer::Declined), ("O4", Answer::Accepted)];
    assert_eq!(
        answers,
        expected.map(|(offer, answer)| (offer.to_owned(), answer))
    );
}

fn verdict_of(error: &ChannelError) -> (ErrorKind, Scope, Retry) {
    (error.kind(), error.scope(), error.retry())
}

#[tokio::test]
#[ignore = "starts node with Microsoft's packages, which cargo xtask test installs"]
async fn a_pace_is_kept_and_a_token_that_is_revoked_is_replaced() {
    let service = Service::start();
    let told = message(&format!("handle:teams/{CHAT}"));
    service
        .test(
            "status",
            json!({"status": 429, "body": {"error": {"code": "TooManyRequests"}}}),
        )
        .await;
    let slower = service.teams.send(&told).await.expect_err("too many");
    let wait = Retry::After(Duration::from_secs(7));
    assert_eq!(
        verdict_of(&slower),
        (ErrorKind::Throttled, Scope::Recipient, wait)
    );
    assert_eq!(slower.code(), Some("TooManyRequests"));
    service
        .teams
        .send(&told)
        .await
        .expect("a message that is taken");
    service.test("revoke", json!({})).await;
    let revoked = service.teams.send(&told).await.expect_err("no longer good");
    assert_eq!(revoked.kind(), ErrorKind::Credentials);
    service.teams.send(&told).await.expect("a new token");
    let stranger = message("handle:teams/5f3e9a10-0000-4000-8000-0000000000cc");
    let stranger = service
        .teams
        .send(&stranger)
        .await
        .expect_err("not installed for him");
    assert_eq!(
        verdict_of(&stranger),
        (ErrorKind::Refused, Scope::Recipient, Retry::Never)
    );
}

#[tokio::test]
#[ignore = "starts node with Microsoft's packages, which cargo xtask test installs"]
async fn presence_becomes_signals_that_come_and_go() {
    let service = Service::start();
    let id = |number: usize| format!("5f3e9a10-0000-4000-8000-{number:012}");
    let person = |number: usize| format!("p{number}").parse().expect("an id");
    let presence = service.presence((0..700).map(|n| (id(n), person(n))).collect());
    let presence = presence.with_pace(Duration::from_millis(300));
    let said = |availability: &str, activity: &str| json!({"availability": availability, "activity": activity, "outOfOfficeSettings": null});
    let away = json!({"availability": "Offline", "activity": "OffWork", "outOfOfficeSettings": {"isOutOfOffice": true}});
    service.test("presences", json!({
        id(0): said("Available", "Available"), id(1): said("Busy", "InACall"),
        id(2): said("DoNotDisturb", "Presenting"), id(3): said("DoNotDisturb", "Focusing"),
        id(4): said("BeRightBack", "BeRightBack"), id(5): away, id(6): said("PresenceUnknown", "PresenceUnknown"),
        id(7): said("StateOfTomorrow", "Strange"), id(699): said("BusyIdle", "InAMeeting"),
    })).await;
    let online = SignalKind::Online(ChannelKind::Chat);
    let kinds = |changes: Vec<(bereik_core::PersonId, PresenceChange)>| {
        let kind = |(person, change): (bereik_core::PersonId, PresenceChange)| match change {
            PresenceChange::Gone(kind) => (person.to_string(), kind, false),
            PresenceChange::Signal(signal) => {
                assert_eq!(signal.expires_at - signal.at, TimeDelta::milliseconds(900));
                (person.to_string(), signal.kind, true)
            }
        };
        changes.into_iter().map(kind).collect::<Vec<_>>()
    };
    let here = |number: usize, kind| (format!("p{number}"), kind, true);
    let begun_at = sleep(Duration::ZERO).deadline();
    let read = presence.read(at()).await.expect("an answer of Graph");
    assert_eq!(
        kinds(read),
        [
            here(0, online),
            here(1, SignalKind::InCall),
            here(1, online),
            here(2, SignalKind::Presenting),
            here(2, online),
            here(3, SignalKind::DoNotDisturb),
            here(3, online),
            here(4, SignalKind::Idle),
            here(5, SignalKind::AutomaticReply),
            here(699, SignalKind::Idle),
        ]
    );
    service
        .test("presences", json!({id(1): said("Available", "Available")}))
        .await;
    let read = presence.read(at()).await.expect("an answer of Graph");
    // However long an answer takes, two reads begin no sooner after each other.
    assert!(sleep(Duration::ZERO).deadline() - begun_at >= Duration::from_millis(300));
    let read = kinds(read);
    assert_eq!(read.len(), 10, "{read:?}");
    assert!(read.contains(&("p1".to_owned(), SignalKind::InCall, false)));
    assert!(read.contains(&here(1, online)));
    let told = service.test("told", json!({})).await;
    assert_eq!(
        told["requests"].as_array().map(Vec::len),
        Some(4),
        "650 a call"
    );
}

/// The names that we read of Graph's presence are those of Microsoft's own types.
#[test]
#[ignore = "reads Microsoft's types, which cargo xtask test installs"]
fn graphs_own_types_have_what_is_read() {
    let file =
        packages().join("node_modules/@microsoft/microsoft-graph-types/microsoft-graph.d.ts");
    let types = std::fs::read_to_string(file).expect("types");
    let fields = |name: &str| {
        let start = types
            .find(&format!("export interface {name} "))
            .expect(name);
        let end = types[start..].find("\n}").expect("an end");
        &types[start..start + end]
    };
    for name in ["activity?:", "availability?:", "outOfOfficeSettings?:"] {
        assert!(fields("Presence").contains(name), "{name}");
    }
    assert!(fields("OutOfOfficeSettings").contains("isOutOfOffice?:"));
}
