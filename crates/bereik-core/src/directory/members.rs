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
}
