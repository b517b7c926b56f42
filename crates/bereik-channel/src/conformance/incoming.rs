//! Tests of what comes in: messages, evidence, answers, and the cursor.

use bereik_core::message::Body;

use super::offers::alert;
use super::{Broken, OrFailed as _, PATIENCE, Run, Verdict, What, is_true, is_unsupported};
use crate::capability::Feature;
use crate::event::{Answer, Batch, Cursor, Event, EventKind};
use crate::outbound::Outbound;
use crate::receipt::Evidence;

/// How often receiving is tried before something that should come in counts as lost.
const POLLS_MAX: usize = 100;
const BATCH: usize = 16;

pub(super) async fn check(run: &Run<'_>, passed: &mut Vec<&'static str>) -> Result<(), Broken> {
    let capability = *run.channel().capability();
    if !capability.can(Feature::Receive) {
        let answer = run.channel().receive(Cursor::START, BATCH).await;
        return run.record("receiving is unsupported", is_unsupported(answer), passed);
    }
    if run.end.can_write() {
        run.record("a message comes in once", comes_in(run).await, passed)?;
    }
    if capability.can(Feature::Replay) && run.end.can_write() {
        run.record(
            "an older cursor brings it again",
            replays(run).await,
            passed,
        )?;
    }
    if capability.evidence_max > Evidence::Taken {
        run.record("evidence comes in", evidence_comes_in(run).await, passed)?;
    }
    if capability.can(Feature::Answer) && capability.can(Feature::Offer) {
        run.record("an answer comes in", answer_comes_in(run).await, passed)?;
    }
    Ok(())
}

async fn receive(run: &Run<'_>, after: &Cursor, at_most: usize) -> Result<Batch, What> {
    let received = run.channel().receive(after.clone(), at_most).await;
    let batch = received.or_failed("receive")?;
    is_true(
        batch.events.len() <= at_most,
        "more comes in than was asked for",
    )?;
    Ok(batch)
}

/// Reads on until an event is the one looked for; gives it and the cursors around its batch.
async fn find(
    run: &Run<'_>,
    from: &Cursor,
    is_it: impl Fn(&Event) -> bool,
) -> Result<(Event, Cursor, Cursor), What> {
    let search = async {
        let mut cursor = from.clone();
        for _ in 0..POLLS_MAX {
            let batch = receive(run, &cursor, BATCH).await?;
            if let Some(event) = batch.events.into_iter().find(&is_it) {
                return Ok((event, cursor, batch.cursor));
            }
            cursor = batch.cursor;
        }
        Err(What::Saw("it does not come in"))
    };
    let found = tokio::time::timeout(PATIENCE * 4, search).await;
    found.unwrap_or(Err(What::Saw("it does not come in")))
}

fn is_message(event: &Event, body: &Body) -> bool {
    let text = body.as_str().trim_end();
    matches!(&event.kind, EventKind::Message(message) if message.body.as_str().trim_end() == text)
}

async fn comes_in(run: &Run<'_>) -> Verdict {
    let (first, second) = (run.body("a first word in"), run.body("a second word in"));
    run.end.write(&first).await;
    let (event, _, after) = find(run, &Cursor::START, |event| is_message(event, &first)).await?;
    run.end.write(&second).await;
    let is_either = |event: &Event| is_message(event, &first) || is_message(event, &second);
    let (next, _, _) = find(run, &after, is_either).await?;
    is_true(
        is_message(&next, &second),
        "it comes in again after its cursor",
    )?;
    is_true(event.id != next.id, "two events have one id")
}

async fn replays(run: &Run<'_>) -> Verdict {
    let body = run.body("read more than once");
    run.end.write(&body).await;
    let (event, before, _) = find(run, &Cursor::START, |event| is_message(event, &body)).await?;
    let (again, _, _) = find(run, &before, |event| is_message(event, &body)).await?;
    is_true(event == again, "it comes in as another event")
}

async fn evidence_comes_in(run: &Run<'_>) -> Verdict {
    let body = run.body("with evidence");
    let message = Outbound::new(run.key("evidence"), run.end.address(), body, run.at);
    run.channel().send(&message).await.or_failed("send")?;
    let is_it = |event: &Event| {
        matches!(&event.kind, EventKind::Delivery { of, evidence }
            if *of == message.id && *evidence > Evidence::Taken)
    };
    find(run, &Cursor::START, is_it).await.map(drop)
}

async fn answer_comes_in(run: &Run<'_>) -> Verdict {
    let alert = alert(run, 5, "an offer that is answered");
    run.channel().offer(&alert).await.or_failed("offer")?;
    run.end.answer(alert.offer.id, Answer::Accepted).await;
    let is_it = |event: &Event| {
        matches!(&event.kind, EventKind::Answered { offer, answer: Answer::Accepted, .. }
            if *offer == alert.offer.id)
    };
    find(run, &Cursor::START, is_it).await.map(drop)
}
