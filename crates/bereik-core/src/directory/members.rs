//! The members of groups that hold groups, each worked out once.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::Group;
use crate::id::{GroupId, PersonId};

/// The members of each group: its own in their order, then those of its groups in theirs, everybody
/// once. A group that is within itself is an error: its place, and the place among its groups of the
/// one that leads back to it.
///
/// References that lead nowhere are passed over. Work grows with the sum of all members.
pub(super) fn flatten(groups: &[Group]) -> Result<Vec<Vec<PersonId>>, (usize, usize)> {
    let places: BTreeMap<&GroupId, usize> = groups.iter().map(|group| &group.id).zip(0..).collect();
    let inner: Vec<Vec<usize>> = groups
        .iter()
        .map(|group| {
            let ids = group.groups.iter();
            ids.filter_map(|id| places.get(id).copied()).collect()
        })
        .collect();
    let mut outer: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
    for (at, inner) in inner.iter().enumerate() {
        for &within in inner {
            outer[within].push(at);
        }
    }
    let mut missing: Vec<usize> = inner.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..groups.len()).filter(|&at| missing[at] == 0).collect();
    let mut members: Vec<Option<Vec<PersonId>>> = vec![None; groups.len()];
    while let Some(at) = ready.pop() {
        let within = inner[at].iter().filter_map(|&at| members[at].as_deref());
        members[at] = Some(joined(&groups[at].members, within));
        for &outer in &outer[at] {
            missing[outer] -= 1;
            if missing[outer] == 0 {
                ready.push(outer);
            }
        }
    }
    match members.iter().position(Option::is_none) {
        Some(at) => Err(cycle(at, &inner, &members)),
        None => Ok(members.into_iter().flatten().collect()),
    }
}

fn joined<'a>(own: &[PersonId], within: impl Iterator<Item = &'a [PersonId]>) -> Vec<PersonId> {
    let mut seen = BTreeSet::new();
    let mut all: Vec<PersonId> = own.to_vec();
    all.extend(within.flatten().cloned());
    all.retain(|person| seen.insert(person.clone()));
    all
}

/// Goes from a group that has no end inwards, until one comes again.
fn cycle(mut at: usize, inner: &[Vec<usize>], members: &[Option<Vec<PersonId>>]) -> (usize, usize) {
    let mut seen = BTreeSet::new();
    loop {
        let place = inner[at]
            .iter()
            .position(|&within| members[within].is_none());
        let place = place.expect("a group without an end holds another");
        if !seen.insert(at) {
            return (at, place);
        }
        at = inner[at][place];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str, members: &[&str], groups: &[&str]) -> Group {
        let members = members.iter().map(|id| id.parse().expect("an id"));
        let mut group = Group::new(id.parse().expect("an id"), id, members.collect());
        group.groups = groups.iter().map(|id| id.parse().expect("an id")).collect();
        group
    }

    #[test]
    fn own_members_come_first_and_everybody_once() {
        let groups = [
            group("all", &["dina", "anna"], &["desk", "night"]),
            group("desk", &["anna", "bram"], &[]),
            group("night", &["chris"], &["desk"]),
        ];
        let members = flatten(&groups).expect("no group is within itself");
        let names = |at: usize| members[at].iter().map(PersonId::as_str).collect::<Vec<_>>();
        assert_eq!(names(0), ["dina", "anna", "bram", "chris"]);
        assert_eq!(names(2), ["chris", "anna", "bram"]);
    }

    #[test]
    fn a_group_within_itself_is_found_where_it_is_and_not_where_it_is_seen_from() {
        let groups = [
            group("outside", &[], &["one"]),
            group("end", &["anna"], &[]),
            group("one", &[], &["end", "two"]),
            group("two", &[], &["one"]),
        ];
        assert_eq!(flatten(&groups), Err((2, 1)));
        assert_eq!(flatten(&[group("self", &[], &["self"])]), Err((0, 0)));
    }

    #[test]
    fn what_is_wrong_with_a_group_is_said_with_where() {
        use crate::directory::Draft;
        use crate::group::Circle;
        use crate::person::Person;
        use crate::zone::Zone;

        let wrong = |change: fn(&mut Group)| {
            let mut desk = group("desk", &["anna"], &[]);
            change(&mut desk);
            let draft = Draft::new("Rivers & Co", Zone::utc());
            let draft = draft.with_person(Person::new("anna".parse().expect("an id"), "Anna"));
            let error = draft.with_group(desk).check();
            error.expect_err("something is wrong").to_string()
        };
        let own = |desk: &mut Group| desk.groups = vec![desk.id.clone()];
        assert_eq!(wrong(own), "group 1, groups 1: `desk` is within itself");
        let none = |desk: &mut Group| desk.members.clear();
        assert_eq!(
            wrong(none),
            "group 1, members: a group needs at least one member"
        );
        let many = |desk: &mut Group| desk.offers_at_once = 65;
        assert_eq!(
            wrong(many),
            "group 1, offers_at_once: 65 is not between 1 and 64"
        );
        let long = |desk: &mut Group| desk.knows_for_s = 31_536_001;
        let range = "group 1, knows_for_s: 31536001 is not between 0 and 31536000";
        assert_eq!(wrong(long), range);
        let low = |desk: &mut Group| {
            let lowers = [("bikes".parse().expect("an id"), 6)].into();
            desk.circles.push(Circle {
                lowers,
                ..Circle::default()
            });
        };
        let level = "group 1, circle 1, lowers, bikes: 6 is not between 1 and 5";
        assert_eq!(wrong(low), level);
    }
}
