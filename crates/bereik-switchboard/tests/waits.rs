//! What visitors see of a group in a meeting: how long it will take.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::contact::Addressee;
use bereik_core::directory::Draft;
use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::group::Group;
use bereik_core::interval::Interval;
use bereik_core::person::Person;
use bereik_core::public_view::{PublicBoard, Standing};
use bereik_core::signal::{Signal, SignalKind};
use bereik_core::zone::Zone;
use bereik_switchboard::{Clock, Switchboard};
use chrono::{DateTime, TimeDelta, Utc};

fn helpdesk(board: &PublicBoard) -> (Standing, Option<(u32, u32)>) {
    let (_, view) = &board.groups[0];
    let wait = view.expected_wait.map(|wait| (wait.p50_s, wait.p90_s));
    (view.standing, wait)
}

#[tokio::test(start_paused = true)]
async fn a_group_in_a_meeting_shows_the_wait_that_the_engine_predicts() {
    let at: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().unwrap();
    let anna = Person::new("anna".parse().unwrap(), "Anna");
    let mut group = Group::new(
        "helpdesk".parse().unwrap(),
        "Helpdesk",
        vec![anna.id.clone()],
    );
    group.is_public = true;
    let directory = Draft::new("Rivers & Co", Zone::utc())
        .with_person(anna.clone())
        .with_group(group)
        .check()
        .unwrap();
    let switchboard = Switchboard::builder(directory)
        .with_clock(Clock::starting_at(at))
        .start()
        .await
        .unwrap();
    let online = Signal {
        kind: SignalKind::Online(ChannelKind::WebChat),
        source: "desk".into(),
        at,
        expires_at: at + TimeDelta::hours(9),
    };
    switchboard.signal(anna.id.clone(), online).await.unwrap();
    let known = Interval::new(at - TimeDelta::days(1), at + TimeDelta::days(3)).unwrap();
    let free = FreeBusy::builder(known).build();
    switchboard
        .update_calendar(anna.id.clone(), free)
        .await
        .unwrap();
    assert_eq!(
        helpdesk(&switchboard.public_board()),
        (Standing::Available, None)
    );

    let meeting = Interval::new(at, at + TimeDelta::minutes(20)).unwrap();
    let busy = FreeBusy::builder(known)
        .claim(meeting, FreeBusyKind::Busy)
        .build();
    switchboard
        .update_calendar(anna.id.clone(), busy)
        .await
        .unwrap();
    let (standing, wait) = helpdesk(&switchboard.public_board());
    assert_eq!(standing, Standing::Busy);
    let (p50_s, p90_s) = wait.expect("it is known when she is back");
    assert!(
        (1_195..=1_205).contains(&p50_s),
        "{p50_s} s for a meeting of twenty minutes"
    );
    assert!(p50_s <= p90_s);

    let helpdesk = Addressee::Group("helpdesk".parse().unwrap());
    let asked = switchboard
        .ask(move |engine, _| engine.reachable(&helpdesk, ChannelKind::WebChat))
        .await
        .unwrap();
    assert_eq!((asked.now, asked.next_at), (0, Some(meeting.end())));
    let panicked = switchboard
        .ask(|_, _| panic!("a question of the embedder's"))
        .await;
    assert!(panicked.map(|(): ()| ()).is_err());
    let answers = switchboard.ask(|engine, _| engine.contacts().count()).await;
    assert_eq!(answers.unwrap(), 0, "and the next question is answered");
    switchboard.stop().await.unwrap();
}
