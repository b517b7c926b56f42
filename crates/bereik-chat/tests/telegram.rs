//! Telegram, against an emulator of its Bot API, and against answers that a provider gives on a bad day.

#[path = "telegram/emulator.rs"]
mod emulator;
#[path = "../../bereik-channel/tests/providers/fault.rs"]
mod fault;
#[path = "../../bereik-channel/tests/providers/verdict.rs"]
mod verdict;
#[path = "../../bereik-channel/tests/providers/words.rs"]
mod words;

use std::time::Duration;

use bereik_channel::http::Http;
use bereik_channel::{Channel, Health, Retry, conformance};
use bereik_chat::Telegram;
use emulator::Emulator;
use fault::{Fault, Server};
use verdict::{AWAY, BROKEN, CREDENTIALS, INVALID, REFUSED, SLOWER};
use words::{at, message};

#[tokio::test]
#[ignore = "starts an emulator of the Bot API, which cargo xtask test installs"]
async fn the_contract_holds() {
    let emulator = Emulator::start().await;
    let tests = conformance::check(&emulator, "telegram", at()).await;
    let tests = tests.expect("a channel that keeps the contract");
    for test in [
        "an offer arrives",
        "an answer comes in",
        "a message comes in once",
    ] {
        assert!(tests.contains(&test), "{tests:?}");
    }
}

fn telegram(api: &str) -> Telegram {
    let http = Http::new().expect("a client");
    let http = http.with_answer_within(Duration::from_millis(1_000));
    Telegram::new(http, "123:secret-token").with_api(api)
}

#[tokio::test]
async fn each_fault_is_told_apart() {
    let says = |code: u16, words: &str| {
        let said = format!(r#"{{"ok":false,"error_code":{code},"description":"{words}"}}"#);
        Fault::Says(code, said)
    };
    let slower = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
    let (kind, scope, _, sent) = SLOWER;
    let slower_for = (kind, scope, Retry::After(Duration::from_secs(7)), sent);
    let own = vec![
        (says(400, "Bad Request: chat not found"), REFUSED),
        (says(403, "Forbidden: bot was blocked by the user"), REFUSED),
        (says(400, "Bad Request: message is too long"), INVALID),
        (says(401, "Unauthorized"), CREDENTIALS),
        (
            says(409, "Conflict: terminated by other getUpdates request"),
            AWAY,
        ),
        (Fault::says(502, "<html>Bad Gateway</html>"), BROKEN),
        (Fault::says(429, slower), slower_for),
    ];
    verdict::hold(own, &message("handle:telegram/7"), telegram).await;
}

#[tokio::test]
async fn an_address_is_a_chat_and_nothing_else() {
    let others = [
        "handle:telegram/",
        "handle:telegram/7/x",
        "handle:telegram/7?a=b",
        "handle:telegram/bob",
        "handle:slack/7",
        "tel:+31612345678",
    ];
    verdict::refuse(&others, &message("handle:telegram/7"), telegram).await;
}

#[tokio::test]
async fn a_probe_says_what_is_wrong() {
    let unknown = Fault::says(
        401,
        r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#,
    );
    let up = Fault::says(200, r#"{"ok":true,"result":{"id":123,"is_bot":true}}"#);
    let down = Health::Down { retry_after: None };
    for (fault, expected) in [
        (unknown, Health::NeedsCredentials),
        (up, Health::Up),
        (Fault::Away, down),
    ] {
        let server = Server::start(fault).await;
        assert_eq!(telegram(&server.url()).probe().await, expected);
    }
}
