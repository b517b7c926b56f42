//! The company as somebody sees it at an instant: how each stands, and until when that holds.

use std::collections::BTreeMap;

use bereik_core::address::Address;
use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::group::Group;
use bereik_core::hours::Hours;
use bereik_core::id::PersonId;
use bereik_core::line::Line;
use bereik_core::person::Person;
use bereik_core::presence::PresenceState;
use bereik_core::public_view::{InsideView, Standing, View};
use bereik_core::reachability::Reach;
use bereik_core::zone::Zone;
use chrono::{DateTime, TimeDelta, Utc};

use super::onlooker::Onlooker;
use super::view_rules::ViewField;
use crate::facts::PersonFacts;
use crate::reach::{Reacher, hours_of, reachability_at};
use crate::resolve::decision_stands_until;
use crate::rules::ReachRules;
use crate::sources::Sources;
use crate::subject::Subject;

/// How often an opening within hours is looked for anew, because nobody is there by then.
const TRIES_MAX: u32 = 32;

/// A view and until when it stands at least.
pub(super) struct Seen {
    pub(super) view: View,
    pub(super) until: Option<DateTime<Utc>>,
}

/// A member as he is seen.
struct Glimpse {
    standing: Standing,
    now_over: Vec<ChannelKind>,
    until: Option<DateTime<Utc>>,
}

/// The company as somebody sees it at an instant.
pub(super) struct Outside<'a> {
    pub(super) directory: &'a Directory,
    rules: &'a ReachRules,
    now: DateTime<Utc>,
    /// Whether lines that are not public are seen, and used.
    sees_private_lines: bool,
    /// Whether people are seen to be reachable outside their public hours.
    sees_outside_public_hours: bool,
    /// How far ahead "back at" is seen; none for as far as is known.
    horizon: Option<TimeDelta>,
    /// Which facts about a person are seen.
    inside: Option<Inside>,
}

/// Which facts about a person are seen besides his state.
#[derive(Clone, Copy)]
struct Inside {
    source: bool,
    until: bool,
    zone: bool,
}

impl<'a> Outside<'a> {
    pub(super) fn new(onlooker: &Onlooker<'a>, now: DateTime<Utc>) -> Self {
        let sees = |field| onlooker.sees(field);
        let horizon = TimeDelta::hours(onlooker.directory.draft().horizon_h.into());
        Self {
            directory: onlooker.directory,
            rules: onlooker.reach_rules,
            now,
            sees_private_lines: sees(ViewField::PrivateLines),
            sees_outside_public_hours: sees(ViewField::OutsidePublicHours),
            horizon: (!sees(ViewField::BackAtBeyondHorizon)).then_some(horizon),
            inside: sees(ViewField::State).then(|| Inside {
                source: sees(ViewField::Source),
                until: sees(ViewField::Until),
                zone: sees(ViewField::Zone),
            }),
        }
    }

    pub(super) fn person(&self, person: &'a Person, facts: &'a PersonFacts) -> Seen {
        let mut glimpse = self.glimpse(person, facts);
        let hours = person.public_hours.as_ref();
        let hours = hours.filter(|_| !self.sees_outside_public_hours);
        let hours = hours.and_then(|id| self.directory.hours(id));
        let zone = self.directory.zone_of(person);
        // Of one of whom nothing is known, hours tell nothing either.
        let closed = match glimpse.standing {
            Standing::Offline => Standing::Offline,
            _ => Standing::Away,
        };
        self.close_outside(hours, zone, closed, &mut glimpse);
        let back_at = self.back_at(glimpse.standing, (hours, zone), &[(person, facts)]);
        let own = self.shown_lines(&person.lines, self.directory.zone_of(person));
        let mut seen = self.seen(glimpse, back_at, own);
        seen.view.inside = self.inside_view(person, facts);
        if seen
            .view
            .inside
            .is_some_and(|seen| seen.utc_offset_min.is_some())
        {
            let zone = self.directory.zone_of(person);
            let moved = zone.next_transition_after(self.now);
            seen.until = [seen.until, moved].into_iter().flatten().min();
        }
        seen
    }

    fn inside_view(&self, person: &Person, facts: &PersonFacts) -> Option<InsideView> {
        let inside = self.inside?;
        let subject = Subject::new(self.directory, person, facts);
        let decision = subject.decide(self.now);
        let mut view = InsideView::new(decision.state);
        view.source = inside.source.then_some(decision.source);
        if inside.until {
            view.until = decision_stands_until(&subject, decision, self.now);
        }
        // Who works elsewhere may be in another zone.
        if inside.zone && decision.state != PresenceState::Elsewhere {
            view.utc_offset_min = Some(subject.zone.offset_at(self.now) / 60);
        }
        Some(view)
    }

    pub(super) fn group(
        &self,
        group: &'a Group,
        facts: &'a BTreeMap<PersonId, PersonFacts>,
    ) -> Seen {
        let nothing = PersonFacts::default();
        let members = self.directory.members_of(&group.id).iter();
        let members: Vec<(&Person, &PersonFacts)> = members
            .filter_map(|id| self.directory.person(id))
            .map(|person| (person, facts.get(&person.id).unwrap_or(&nothing)))
            .collect();
        let hours = group.hours.as_ref().and_then(|id| self.directory.hours(id));
        let mut glimpse = sum(members.iter().map(|(p, facts)| self.glimpse(p, facts)));
        let zone = self.directory.zone();
        self.close_outside(hours, zone, Standing::Closed, &mut glimpse);
        let back_at = self.back_at(glimpse.standing, (hours, zone), &members);
        self.seen(glimpse, back_at, Vec::new())
    }

    /// Nobody is seen to be reachable outside these hours, if there are any.
    fn close_outside(
        &self,
        hours: Option<&Hours>,
        zone: &Zone,
        closed: Standing,
        glimpse: &mut Glimpse,
    ) {
        let Some(hours) = hours else {
            return;
        };
        let change = hours.next_change_after(self.now, zone);
        glimpse.until = [glimpse.until, change].into_iter().flatten().min();
        if !hours.is_open_at(self.now, zone) {
            glimpse.standing = closed;
            glimpse.now_over.clear();
        }
    }

    fn glimpse(&self, person: &Person, facts: &PersonFacts) -> Glimpse {
        let (row, until) = reachability_at(self.directory, person, facts, self.rules, self.now);
        let now_over: Vec<ChannelKind> = row
            .iter()
            .filter(|(channel, reachability)| {
                reachability.reach == Reach::Now && self.is_usable(person, *channel)
            })
            .map(|(channel, _)| channel)
            .collect();
        let subject = Subject::new(self.directory, person, facts);
        let decision = subject.decide(self.now);
        let standing = match decision.state {
            PresenceState::Busy | PresenceState::DoNotDisturb => Standing::Busy,
            PresenceState::OffDuty | PresenceState::OnCall | PresenceState::OutOfOffice => {
                Standing::Away
            }
            state if state.is_available() && !now_over.is_empty() => Standing::Available,
            PresenceState::Idle if now_over.iter().any(|over| over.is_live()) => {
                Standing::Available
            }
            _ => Standing::Offline,
        };
        let zone = self.directory.zone_of(person);
        let others = [
            until,
            decision_stands_until(&subject, decision, self.now),
            self.lines_stand_until(&person.lines, zone),
        ];
        Glimpse {
            standing,
            now_over,
            until: others.into_iter().flatten().min(),
        }
    }

    fn seen(
        &self,
        glimpse: Glimpse,
        back_at: Option<DateTime<Utc>>,
        mut ways: Vec<(ChannelKind, Address)>,
    ) -> Seen {
        let appears_at = back_at
            .zip(self.horizon)
            .map(|(at, horizon)| at - horizon)
            .filter(|at| self.now < *at);
        for way in self.shown_lines(self.company_lines(), self.directory.zone()) {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        let mut view = View::new(glimpse.standing);
        view.now_over = glimpse.now_over;
        view.back_at = back_at.filter(|_| appears_at.is_none());
        view.ways = ways;
        Seen {
            view,
            until: [glimpse.until, appears_at].into_iter().flatten().min(),
        }
    }

    /// When one of these people can next be reached, within hours if there are any.
    fn back_at(
        &self,
        standing: Standing,
        (hours, zone): (Option<&Hours>, &Zone),
        people: &[(&Person, &PersonFacts)],
    ) -> Option<DateTime<Utc>> {
        if !matches!(standing, Standing::Busy | Standing::Away | Standing::Closed) {
            return None;
        }
        let mut at = self.now;
        for _ in 0..TRIES_MAX {
            let open = match hours {
                Some(hours) => hours.next_open_at(at, zone)?,
                None => at,
            };
            let back = people
                .iter()
                .filter_map(|(person, facts)| self.first_usable(person, facts, open))
                .min()?;
            if back == open || hours.is_none() {
                return Some(back);
            }
            at = back;
        }
        None
    }

    /// When the person can first be reached over what whoever looks can use, from an instant on.
    fn first_usable(
        &self,
        person: &Person,
        facts: &PersonFacts,
        from: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let reach = Reacher {
            sources: Subject::new(self.directory, person, facts),
            rules: self.rules,
        };
        let usable = ChannelKind::ALL.into_iter().filter(|channel| {
            channel.is_live()
                && (*channel == ChannelKind::WebChat || self.has_line(person, *channel))
        });
        usable
            .filter_map(|channel| reach.first_open_after(channel, from))
            .filter(|at| self.now < *at)
            .min()
    }

    /// Whether whoever looks can use this kind of channel to the person now.
    fn is_usable(&self, person: &Person, channel: ChannelKind) -> bool {
        let zone = self.directory.zone_of(person);
        let serves = |line: &Line, zone| line.channel == channel && self.is_shown(line, zone);
        channel == ChannelKind::WebChat
            || person.lines.iter().any(|line| serves(line, zone))
            || self
                .company_lines()
                .iter()
                .any(|line| serves(line, self.directory.zone()))
    }

    /// Whether there is a line of this kind that is seen, in service or not.
    fn has_line(&self, person: &Person, channel: ChannelKind) -> bool {
        let mut lines = person.lines.iter().chain(self.company_lines());
        lines.any(|line| line.channel == channel && self.is_seen(line))
    }

    pub(super) fn company_lines(&self) -> &'a [Line] {
        &self.directory.draft().lines
    }

    const fn is_seen(&self, line: &Line) -> bool {
        line.is_public || self.sees_private_lines
    }

    fn is_shown(&self, line: &Line, zone: &Zone) -> bool {
        let hours = hours_of(self.directory, line);
        self.is_seen(line) && hours.is_none_or(|hours| hours.is_open_at(self.now, zone))
    }

    fn shown_lines(&self, lines: &[Line], zone: &Zone) -> Vec<(ChannelKind, Address)> {
        lines
            .iter()
            .filter(|line| self.is_shown(line, zone))
            .map(|line| (line.channel, line.address.clone()))
            .collect()
    }

    /// When a line of these that is seen next goes into or out of service.
    pub(super) fn lines_stand_until(&self, lines: &[Line], zone: &Zone) -> Option<DateTime<Utc>> {
        lines
            .iter()
            .filter(|line| self.is_seen(line))
            .filter_map(|line| hours_of(self.directory, line))
            .filter_map(|hours| hours.next_change_after(self.now, zone))
            .min()
    }
}

/// The best standing of some people, and every channel that is open to one of them.
fn sum(members: impl Iterator<Item = Glimpse>) -> Glimpse {
    let nobody = Glimpse {
        standing: Standing::Offline,
        now_over: Vec::new(),
        until: None,
    };
    members.fold(nobody, |mut all, member| {
        if rank(member.standing) > rank(all.standing) {
            all.standing = member.standing;
        }
        all.now_over.extend(member.now_over);
        all.now_over.sort_unstable();
        all.now_over.dedup();
        all.until = [all.until, member.until].into_iter().flatten().min();
        all
    })
}

const fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Available => 3,
        Standing::Busy => 2,
        Standing::Away => 1,
        _ => 0,
    }
}
