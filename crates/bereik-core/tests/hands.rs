//! What a directory says about how much people hold: what is there where nobody says, and what
//! cannot be right.

use bereik_core::ChannelKind;
use bereik_core::directory::{Directory, Draft};
use bereik_core::group::Group;
use bereik_core::hands::{AtOnce, Beside, Hands, OwnerAway};
use bereik_core::person::Person;
use bereik_core::zone::Zone;

fn draft() -> Draft {
    let anna: bereik_core::PersonId = "anna".parse().unwrap();
    let group = Group::new("helpdesk".parse().unwrap(), "Helpdesk", vec![anna.clone()]);
    let draft = Draft::new("Rivers & Co", Zone::utc());
    let draft = draft.with_person(Person::new(anna, "Anna"));
    draft.with_group(group)
}

fn fault(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = draft();
    change(&mut draft);
    draft.check().unwrap_err().to_string()
}

#[test]
fn what_cannot_be_right_is_named_by_its_place() {
    let same = Beside {
        holding: ChannelKind::Phone,
        of: ChannelKind::Phone,
        at_most: 1,
    };
    let nobody = "how many of one kind are held is said by the capacity";
    assert_eq!(
        fault(|draft| draft.hands.beside = vec![same]),
        format!("hands, beside 1, of: {nobody}")
    );
    assert_eq!(
        fault(|draft| draft.people[0].beside = Some(vec![same])),
        format!("person 1, beside 1, of: {nobody}")
    );
    assert_eq!(
        fault(|draft| draft.hands.consult_asked_max = 0),
        "hands, consult_asked_max: 0 is not between 1 and 64"
    );
    assert_eq!(
        fault(|draft| draft.hands.consult_for_s = 59),
        "hands, consult_for_s: 59 is not between 60 and 604800"
    );
    assert_eq!(
        fault(|draft| draft.hands.owner_away.for_s = 0),
        "hands, owner_away, for_s: 0 is not between 1 and 2592000"
    );
    assert_eq!(
        fault(|draft| draft.groups[0].cool_down_s = 0),
        "group 1, cool_down_s: 0 is not between 1 and 86400"
    );
    assert_eq!(
        fault(|draft| {
            let wrap_up_s = &mut draft.people[0].wrap_up_s;
            wrap_up_s.insert(ChannelKind::Phone, 3_601);
        }),
        "person 1, wrap_up_s, phone: 3601 is not between 0 and 3600"
    );
    let away = OwnerAway {
        live_for_s: 86_401,
        ..OwnerAway::default()
    };
    assert_eq!(
        fault(|draft| draft.groups[0].owner_away = Some(away)),
        "group 1, owner_away, live_for_s: 86401 is not between 1 and 86400"
    );
}

#[test]
fn wrap_up_is_the_persons_then_the_groups_then_the_companys() {
    let phone = ChannelKind::Phone;
    let seconds = |draft: Draft| {
        let directory = draft.check().unwrap();
        let (person, group) = (&directory.people()[0], &directory.groups()[0]);
        directory.wrap_up_s(person, Some(group), phone)
    };
    let mut draft = draft();
    assert_eq!(seconds(draft.clone()), 0);
    draft.hands.wrap_up_s.insert(phone, 30);
    assert_eq!(seconds(draft.clone()), 30);
    draft.groups[0].wrap_up_s.insert(phone, 20);
    assert_eq!(seconds(draft.clone()), 20);
    draft.people[0].wrap_up_s.insert(phone, 0);
    assert_eq!(seconds(draft), 0);
}

#[test]
fn what_is_not_written_down_is_as_it_is_where_nobody_says() {
    let read = |text: &str| serde_json::from_str::<Hands>(text).unwrap();
    assert_eq!(read("{}"), Hands::default());
    assert_eq!(read(r#"{"beside": []}"#).beside, []);
    let away = read(r#"{"owner_away": {"at_once": "reroute-waiting"}}"#).owner_away;
    assert_eq!(away.at_once, AtOnce::RerouteWaiting);
    assert_eq!(away.live_for_s, OwnerAway::default().live_for_s);
    let directory: Directory = draft().check().unwrap();
    let written = serde_json::to_value(&directory).unwrap();
    assert_eq!(written.get("hands"), None);
}
