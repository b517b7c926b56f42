//! The pulse of a group: what is asked of it, what rises, what waits longest, whom nobody thanked.

use std::collections::{BTreeMap, VecDeque};

use bereik_core::id::{ContactId, GroupId, PersonId, SkillId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// How many days are counted apart: this week's and the week's before.
const DAYS: usize = 14;
/// How many days make a week of it.
const WEEK: u64 = 7;
/// How many topics of a day are counted apart; the rest counts as [`Topic::Other`].
const TOPICS_MAX: usize = 64;
/// So many contacts within a week, at least, before a topic counts as rising.
const RISING_MIN: u32 = 3;
/// How many helps that nobody thanked are shown.
const UNTHANKED_MAX: usize = 100;

/// What a contact is about, as far as the company's own tables say: never a customer's words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Topic {
    /// None of the others.
    Other,
    /// It came from a page of this pattern.
    Page(String),
    /// It needs this skill.
    Skill(SkillId),
}

/// A topic that is asked for more than the week before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what, and two counts")]
pub struct Rising {
    /// What.
    pub topic: Topic,
    /// Contacts of the last seven days, today's among them.
    pub now: u32,
    /// Contacts of the seven days before.
    pub before: u32,
}

/// Somebody who helped in a contact of somebody else, and whom nobody has thanked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "who, and where")]
pub struct Help {
    /// Who helped.
    pub person: PersonId,
    /// In which contact.
    pub contact: ContactId,
}

/// How a group is doing. It holds no customer's words, names or addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pulse {
    /// What was asked in the last seven days, the most frequent first.
    pub asked: Vec<(Topic, u32)>,
    /// What is asked at least three times and at least twice as often as in the week before, the
    /// steepest first.
    pub rising: Vec<Rising>,
    /// How many contacts wait for somebody.
    pub waiting: u32,
    /// The open contact that came in first, and when.
    pub oldest_open: Option<(ContactId, DateTime<Utc>)>,
    /// Help that nobody praised, in contacts that the engine still holds: at most a hundred, the
    /// latest contact first.
    pub unthanked: Vec<Help>,
}

/// What was asked of one group on each of the last days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Asked(VecDeque<(NaiveDate, Vec<(Topic, u32)>)>);

/// What was asked of every group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pulses(BTreeMap<GroupId, Asked>);

impl Pulses {
    /// Counts a contact of that day.
    pub(crate) fn count(&mut self, group: &GroupId, topic: Topic, day: NaiveDate) {
        let Asked(days) = self.0.entry(group.clone()).or_default();
        // Clocks of the wall go back now and then: a day that is past counts as the last one.
        if days.back().is_none_or(|(last, _)| *last < day) {
            days.push_back((day, Vec::new()));
            if days.len() > DAYS {
                days.pop_front();
            }
        }
        let Some((_, counts)) = days.back_mut() else {
            return;
        };
        let place = |counts: &[(Topic, u32)], topic: &Topic| {
            counts.iter().position(|(counted, _)| counted == topic)
        };
        let is_counted = place(counts, &topic).is_some() || counts.len() < TOPICS_MAX;
        let topic = if is_counted { topic } else { Topic::Other };
        match place(counts, &topic) {
            Some(place) => counts[place].1 += 1,
            None => counts.push((topic, 1)),
        }
    }

    /// What was asked in the week that ends with this day, and what rises in it.
    pub(crate) fn week(
        &self,
        group: &GroupId,
        today: NaiveDate,
    ) -> (Vec<(Topic, u32)>, Vec<Rising>) {
        let mut counts: BTreeMap<&Topic, (u32, u32)> = BTreeMap::new();
        for (day, topics) in self.0.get(group).into_iter().flat_map(|Asked(days)| days) {
            let ago = today.signed_duration_since(*day).num_days();
            let Ok(weeks) = u64::try_from(ago.max(0)).map(|ago| ago / WEEK) else {
                continue;
            };
            for (topic, times) in topics {
                let (now, before) = counts.entry(topic).or_default();
                match weeks {
                    0 => *now += times,
                    1 => *before += times,
                    _ => {}
                }
            }
        }
        let mut asked: Vec<(Topic, u32)> = Vec::new();
        let mut rising: Vec<Rising> = Vec::new();
        for (topic, (now, before)) in counts {
            if now > 0 {
                asked.push((topic.clone(), now));
            }
            if now >= RISING_MIN && now >= before.saturating_mul(2) {
                let topic = topic.clone();
                rising.push(Rising { topic, now, before });
            }
        }
        asked.sort_by(|(a, m), (b, n)| n.cmp(m).then(a.cmp(b)));
        let steep = |rising: &Rising| rising.now - rising.before;
        rising.sort_by(|a, b| steep(b).cmp(&steep(a)).then(a.topic.cmp(&b.topic)));
        (asked, rising)
    }

    /// Forgets whatever is no longer a group.
    pub(crate) fn keep(&mut self, is_known: impl Fn(&GroupId) -> bool) {
        self.0.retain(|group, _| is_known(group));
    }
}

/// The latest help that nobody thanked.
pub(crate) fn latest(mut unthanked: Vec<Help>) -> Vec<Help> {
    unthanked.sort_by(|a, b| b.contact.cmp(&a.contact).then(a.person.cmp(&b.person)));
    unthanked.truncate(UNTHANKED_MAX);
    unthanked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, number).expect("a day of November")
    }

    #[test]
    fn what_doubles_within_a_week_rises() {
        let group: GroupId = "helpdesk".parse().expect("an id");
        let (page, skill) = (
            Topic::Page("/pay/*".into()),
            Topic::Skill("vat".parse().expect("an id")),
        );
        let mut pulses = Pulses::default();
        for number in 1..=14 {
            if ![4, 5, 6, 7, 8, 9].contains(&number) {
                pulses.count(&group, page.clone(), day(number));
            }
            if [2, 3, 4, 9, 10, 11, 12].contains(&number) {
                pulses.count(&group, skill.clone(), day(number));
            }
        }
        let (asked, rising) = pulses.week(&group, day(14));
        assert_eq!(asked, [(page.clone(), 5), (skill.clone(), 4)]);
        assert_eq!(rising, [], "five for three, four for three");
        let (_, rising) = pulses.week(&group, day(15));
        assert_eq!(
            rising,
            [Rising {
                topic: page,
                now: 5,
                before: 2
            }]
        );
        assert_eq!(pulses.week(&group, day(30)), (vec![], vec![]));
    }

    #[test]
    fn memory_is_bounded() {
        let group: GroupId = "helpdesk".parse().expect("an id");
        let mut pulses = Pulses::default();
        for number in 1..=30 {
            for page in 0..200 {
                pulses.count(&group, Topic::Page(format!("/{page}")), day(number));
            }
        }
        let Asked(days) = &pulses.0[&group];
        assert_eq!(days.len(), DAYS);
        assert!(
            days.iter()
                .all(|(_, topics)| topics.len() <= TOPICS_MAX + 1)
        );
        let all: u32 = days
            .iter()
            .flat_map(|(_, topics)| topics)
            .map(|(_, times)| times)
            .sum();
        assert_eq!(all, 200 * 14, "nothing is lost");
    }
}
