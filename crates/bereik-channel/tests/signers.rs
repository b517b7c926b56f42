//! Webhooks signed and judged by the packages of Twilio and Slack themselves: we say of each what they say.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use bereik_channel::signature::{Secrets, TwilioBody, verify_slack, verify_twilio};
use chrono::DateTime;
use serde_json::{Value, json};

/// Reads cases, one a line; says of each what its signature is, and what the package says of the one that it has.
const SCRIPT: &str = r#"
import json, sys
from urllib.parse import parse_qsl
from multidict import MultiDict
from slack_sdk.signature import Clock, SignatureVerifier
from twilio.request_validator import RequestValidator

class Still(Clock):
    def __init__(self, at): self.at = at
    def now(self): return self.at

for line in sys.stdin:
    case = json.loads(line)
    body = bytes.fromhex(case["body"])
    if case["by"] == "slack":
        verifier = SignatureVerifier(case["secret"], Still(case["now"]))
        signed = verifier.generate_signature(timestamp=case["at"], body=body)
        given = case.get("signature", signed)
        verdict = verifier.is_valid(body=body, timestamp=case["at"], signature=given)
    else:
        validator = RequestValidator(case["secret"])
        text = body.decode()
        fields = text if case["by"] == "twilio-json" else MultiDict(parse_qsl(text, keep_blank_values=True))
        signed = validator.compute_signature(case["url"], {} if case["by"] == "twilio-json" else fields)
        given = case.get("signature", signed)
        verdict = validator.validate(case["url"], fields, given)
    print(json.dumps({"signed": signed, "verdict": bool(verdict)}))
"#;

fn judged(cases: &[Value]) -> Vec<Value> {
    let folder = std::env::var_os("BEREIK_PYTHON");
    let folder = PathBuf::from(folder.expect("BEREIK_PYTHON names the folder of Python"));
    let mut python = Command::new(folder.join("python"))
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    let mut stdin = python.stdin.take().expect("it reads");
    let writing = std::thread::spawn(move || {
        for line in lines {
            writeln!(stdin, "{line}").expect("it reads on");
        }
    });
    let output = python.wait_with_output().expect("Python ends");
    writing.join().expect("all was written");
    let text = String::from_utf8(output.stdout).expect("text");
    let judged = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a judgement"));
    let judged: Vec<Value> = judged.collect();
    assert_eq!(judged.len(), cases.len(), "Python stopped early");
    judged
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text")
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What we say of a case.
fn is_believed(case: &Value) -> bool {
    let secrets = Secrets::new(text(case, "secret")).expect("a secret");
    let (body, signature) = (bytes(text(case, "body")), case["signature"].as_str());
    match text(case, "by") {
        "slack" => {
            let now = case["now"].as_i64().expect("an instant");
            let now = DateTime::from_timestamp(now, 0).expect("an instant");
            verify_slack(&secrets, case["at"].as_str(), signature, &body, now).is_ok()
        }
        "twilio-json" => {
            let posted = TwilioBody::Json(&body);
            verify_twilio(&secrets, text(case, "url"), signature, posted).is_ok()
        }
        _ => {
            let posted = TwilioBody::Form(&body);
            verify_twilio(&secrets, text(case, "url"), signature, posted).is_ok()
        }
    }
}

const SIGNED_AT: i64 = 1_795_000_000;

fn slack(body: &[u8]) -> Value {
    json!({"by": "slack", "secret": "8f74", "body": hex(body), "at": SIGNED_AT.to_string(), "now": SIGNED_AT})
}

fn twilio(url: &str, body: &str) -> Value {
    json!({"by": "twilio", "secret": "12345", "body": hex(body.as_bytes()), "url": url})
}

fn originals() -> Vec<Value> {
    let bodies = [
        "",
        "{}",
        "token=x&text=caf%C3%A9",
        "{\"text\":\"\u{1F525} caf\u{e9}\"}",
    ];
    let mut all: Vec<Value> = bodies.iter().map(|body| slack(body.as_bytes())).collect();
    let forms = [
        "",
        "A=1",
        "Body=hello+there&From=%2B31612345678&To=%2B31201234567",
        "b=2&a=1&B=3&a=0&a=1",
        "Body=caf%C3%A9+%F0%9F%94%A5&Empty=&NumMedia=0",
    ];
    let urls = [
        "https://example.org/hook",
        "https://example.org/hook?a=b&c=d%20e",
        "https://example.org:8443/hook",
        "http://example.org:8080/hook?x",
    ];
    for (form, url) in forms.iter().flat_map(|form| urls.map(|url| (form, url))) {
        all.push(twilio(url, form));
    }
    let hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let mut json = twilio(&format!("https://example.org/hook?bodySHA256={hash}"), "{}");
    json["by"] = "twilio-json".into();
    all.push(json);
    all
}

/// Each original with its signature, and changed in one place or another.
fn variations(original: &Value, signature: &str) -> Vec<Value> {
    let with = |name: &str, value: Value| {
        let mut changed = original.clone();
        changed["signature"] = signature.into();
        changed[name] = value;
        changed
    };
    let body = bytes(text(original, "body"));
    let mut all = vec![
        with("signature", signature.into()),
        with("signature", "".into()),
        with("signature", signature.to_uppercase().into()),
        with("secret", "another".into()),
        with("body", hex(&[&body[..], b"&z=1"].concat()).into()),
    ];
    if let Some(last) = body.last().filter(|last| last.is_ascii_alphanumeric()) {
        let mut other = body.clone();
        *other.last_mut().expect("it has one") = if *last == b'7' { b'8' } else { b'7' };
        all.push(with("body", hex(&other).into()));
    }
    if text(original, "by") == "slack" {
        for later in [-301, -300, -299, 299, 300, 301] {
            all.push(with("now", (SIGNED_AT + later).into()));
        }
        all.push(with("at", (SIGNED_AT + 1).to_string().into()));
    } else {
        let url = text(original, "url");
        all.push(with("url", format!("{url}/").into()));
        all.push(with(
            "url",
            url.replace("example.org/", "example.org:443/").into(),
        ));
        all.push(with("url", url.replacen("https", "http", 1).into()));
    }
    if text(original, "by") == "twilio" {
        let form = String::from_utf8(body).expect("text");
        let mut fields: Vec<&str> = form.split('&').collect();
        fields.reverse();
        all.push(with("body", hex(fields.join("&").as_bytes()).into()));
    }
    all
}

#[test]
#[ignore = "asks the packages of Twilio and Slack, which cargo xtask test installs"]
fn we_say_what_the_packages_of_twilio_and_slack_say() {
    let originals = originals();
    let signed = judged(&originals);
    let mut cases = Vec::new();
    for (original, judgement) in originals.iter().zip(&signed) {
        assert_eq!(judgement["verdict"], true, "{original}");
        cases.extend(variations(original, text(judgement, "signed")));
    }
    let judged = judged(&cases);
    let (mut believed, mut refused) = (0, 0);
    for (case, judgement) in cases.iter().zip(&judged) {
        let verdict = judgement["verdict"].as_bool().expect("a verdict");
        assert_eq!(is_believed(case), verdict, "{case}");
        *if verdict { &mut believed } else { &mut refused } += 1;
    }
    assert!(believed > 40 && refused > 100, "{believed} {refused}");
}
