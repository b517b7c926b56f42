//! Tests of messages that go out.

use bereik_core::address::AddressKind;
use bereik_core::{Address, ChannelKind};

use super::{Broken, OrFailed as _, Run, Verdict, What, is_true, is_unsupported};
use crate::capability::{Feature, Initiative, TextLimit};
use crate::error::{ChannelError, Retry, Scope, Sent};
use crate::label::Label;
use crate::outbound::Outbound;
use crate::receipt::Evidence;

/// What a careless adapter spoils: lines that begin with a dot or with `From`, long lines, blanks
/// at the end of a line, letters beyond ASCII, and what looks like markup or a header.
const HARD_TEXT: &str = "a first line\n.\n.. two dots\nFrom here on\n<b>&amp;</b> =3D =\n\
    Bcc: nobody@example.org\n\ttab and blanks  \n\n\u{e9}t\u{e9} \u{4f60}\u{597d} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\nlast";

const LONG_LINE_CHARACTERS: usize = 2_500;

pub(super) async fn check(run: &Run<'_>, passed: &mut Vec<&'static str>) -> Result<(), Broken> {
    let capability = *run.channel().capability();
    if capability.initiative == Initiative::Never {
        let answer = run
            .channel()
            .send(&message(run, "never", "to nobody"))
            .await;
        return run.record("sending is unsupported", is_unsupported(answer), passed);
    }
    let carries = run.channel().carries(&run.end.address());
    let carries = is_true(carries, "it says that it does not lead there");
    run.record("the address is one that it carries", carries, passed)?;
    run.record("a message arrives whole", arrives_whole(run).await, passed)?;
    run.record("a long line arrives whole", arrives_long(run).await, passed)?;
    run.record("debug shows no words", debug_is_silent(run).await, passed)?;
    if capability.can(Feature::Subject) {
        run.record("the subject arrives", subject_arrives(run).await, passed)?;
    }
    if capability.can(Feature::Idempotent) {
        let verdict = twice_arrives_once(run).await;
        run.record("the same message twice arrives once", verdict, passed)?;
    }
    if let Some(address) = unfit_address(run.channel().kind()) {
        let verdict = refuses(run, address, Retry::Never).await;
        run.record("an address of another kind is refused", verdict, passed)?;
    }
    if let Some(address) = run.end.unknown_address() {
        let verdict = refuses(run, address, Retry::Never).await;
        run.record("an unknown address is refused", verdict, passed)?;
    }
    if let Some(limit) = capability.text_limit {
        run.record(
            "a text too long is refused",
            refuses_long(run, limit).await,
            passed,
        )?;
    }
    Ok(())
}

fn message(run: &Run<'_>, what: &str, text: &str) -> Outbound {
    let text = cut(run, text);
    Outbound::new(run.key(what), run.end.address(), run.body(&text), run.at)
}

/// As much of a text as one message of this channel holds besides the run's name.
fn cut(run: &Run<'_>, text: &str) -> String {
    let Some(limit) = run.channel().capability().text_limit else {
        return text.to_owned();
    };
    let whole = format!("{} {text}", run.name);
    let parts = limit.split(&whole).unwrap_or_default();
    let first = parts.first().copied().unwrap_or_default();
    first
        .get(run.name.len() + 1..)
        .unwrap_or_default()
        .to_owned()
}

async fn send(run: &Run<'_>, message: &Outbound) -> Result<Evidence, What> {
    let receipt = run.channel().send(message).await.or_failed("send")?;
    let best = run.channel().capability().evidence_max;
    is_true(
        receipt.evidence <= best,
        "the receipt says more than the channel can know",
    )?;
    let least = best.min(Evidence::Taken);
    is_true(
        receipt.evidence >= least,
        "the receipt does not even say that it was taken",
    )?;
    Ok(receipt.evidence)
}

async fn arrives(run: &Run<'_>, what: &str, text: &str) -> Verdict {
    let message = message(run, what, text);
    send(run, &message).await?;
    let arrived = run.arrived_with(&first_line(&message), 1).await;
    is_true(!arrived.is_empty(), "it does not arrive")?;
    is_true(arrived.len() == 1, "it arrives more than once")?;
    let is_whole = arrived[0].text.trim_end() == message.body.as_str().trim_end();
    is_true(is_whole, "it arrives with another text")
}

fn first_line(message: &Outbound) -> String {
    let first = message.body.as_str().lines().next();
    first.unwrap_or_default().chars().take(60).collect()
}

async fn arrives_whole(run: &Run<'_>) -> Verdict {
    arrives(run, "whole", HARD_TEXT).await
}

async fn arrives_long(run: &Run<'_>) -> Verdict {
    let letters = "long line, ".chars().chain("xyz ".chars().cycle());
    let text: String = letters.take(LONG_LINE_CHARACTERS).collect();
    arrives(run, "long", &text).await
}

async fn debug_is_silent(run: &Run<'_>) -> Verdict {
    let message = message(run, "silent", "a text that is nobody's business");
    send(run, &message).await?;
    let shown = format!("{:?} {message:?}", run.channel());
    is_true(!shown.contains("nobody's business"), "the words are in it")
}

async fn subject_arrives(run: &Run<'_>) -> Verdict {
    let subject = "Caf\u{e9}: your question (=?utf-8?q?not_encoded?=) and rather a long subject it is, \
        so that it has to be folded somewhere on the way";
    let label = Label::parse(subject).expect("the suite's subject is a label");
    let message = message(run, "subject", "with a subject").with_subject(label);
    send(run, &message).await?;
    let arrived = run.arrived_with(message.body.as_str(), 1).await;
    let arrives = arrived.first().and_then(|one| one.subject.as_deref());
    is_true(
        arrives == Some(subject),
        "it arrives with another subject, or not at all",
    )
}

async fn twice_arrives_once(run: &Run<'_>) -> Verdict {
    let message = message(run, "twice", "given twice");
    send(run, &message).await?;
    send(run, &message).await?;
    let after = self::message(run, "after-twice", "after the one given twice");
    send(run, &after).await?;
    let arrived = run.arrived_with(after.body.as_str(), 1).await;
    is_true(arrived.len() == 1, "the message after it does not arrive")?;
    let arrived = run.arrived_with(message.body.as_str(), 1).await;
    is_true(arrived.len() == 1, "it arrives more or less than once")
}

fn unfit_address(kind: ChannelKind) -> Option<Address> {
    let examples = [
        "mailto:nobody@example.org",
        "tel:+31201234567",
        "web:nobody",
        "handle:net/nobody",
    ];
    let addresses = examples
        .iter()
        .filter_map(|text| text.parse::<Address>().ok());
    let mut unfit = addresses.filter(|address| !address.fits(kind));
    unfit.find(|address| address.kind() != AddressKind::Handle)
}

async fn refuses(run: &Run<'_>, to: Address, retry: Retry) -> Verdict {
    let body = run.body("to an address that cannot be");
    let message = Outbound::new(run.key("refused"), to, body, run.at);
    let error = refusal(run, &message).await?;
    is_true(
        error.scope() == Scope::Recipient,
        "the recipient is not what is at fault",
    )?;
    is_true(
        error.retry() == retry,
        "the advice on trying again is wrong",
    )?;
    is_true(error.sent() == Sent::No, "it may have been sent")
}

async fn refuses_long(run: &Run<'_>, limit: TextLimit) -> Verdict {
    let text = "x".repeat(8_000);
    if limit.fits(&format!("{} {text}", run.name)) {
        return Ok(());
    }
    let body = run.body(&text);
    let message = Outbound::new(run.key("too-long"), run.end.address(), body, run.at);
    let error = refusal(run, &message).await?;
    is_true(
        error.scope() == Scope::Message,
        "the message is not what is at fault",
    )?;
    is_true(error.sent() == Sent::No, "it may have been sent")
}

async fn refusal(run: &Run<'_>, message: &Outbound) -> Result<ChannelError, What> {
    match run.channel().send(message).await {
        Ok(_) => Err(What::Saw("it is taken")),
        Err(error) => Ok(error),
    }
}
