//! Who hears an offer, over what, and how soon he answers.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::directory::Directory;
use bereik_core::id::{LineId, PersonId};
use bereik_core::offer::{Offer, Offered};

use super::Missing;
use crate::drill::company::{Moment, Planned, Standing, lines_of};
use crate::drill::rehearsal::Over;
use crate::drill::{Assumptions, FireDrill};

/// Who sits where at a moment.
pub(super) struct Ears<'a> {
    pub(super) directory: &'a Directory,
    pub(super) assumptions: &'a Assumptions,
    moment: &'a Moment,
}

/// What becomes of an offer in the world.
pub(super) struct Heard {
    /// Over what it went; `None` where there is neither desk nor line in service.
    pub(super) over: Option<Over>,
    /// Whether the line is lost.
    pub(super) is_lost: bool,
    /// Who hears it, and after how many seconds each answers; `None` is somebody from outside.
    pub(super) by: Vec<(Option<PersonId>, u32)>,
}

impl<'a> Ears<'a> {
    pub(super) fn new(drill: &'a FireDrill<'_>, moment: &'a Moment) -> Self {
        Self {
            directory: drill.directory,
            assumptions: &drill.assumptions,
            moment,
        }
    }

    pub(super) fn hear(&self, offer: &Offer, missing: &Missing) -> Heard {
        let mut heard = match &offer.to {
            Offered::Line(line) => self.hear_line(line, offer.channel),
            Offered::Person(person) => self.hear_person(person, offer.channel),
        };
        if let Some(Over::Line(line)) = &heard.over
            && missing.lines.contains(line)
        {
            heard.is_lost = true;
            heard.by.clear();
        }
        let is_there = |person: &PersonId| !missing.people.contains(person);
        heard
            .by
            .retain(|(who, _)| who.as_ref().is_none_or(is_there));
        heard
    }

    fn hear_person(&self, person: &PersonId, channel: ChannelKind) -> Heard {
        let answers = self.answers(person, channel);
        // Nobody who is on call at home sits at his desk, which he may have left open.
        let over = match channel {
            ChannelKind::WebChat => self.is_open(person, channel).then_some(Over::Desk),
            channel => self.own_line(person, channel).map(Over::Line),
        };
        let by = over.as_ref().and(answers);
        Heard {
            over,
            is_lost: false,
            by: by
                .map(|after_s| (Some(person.clone()), after_s))
                .into_iter()
                .collect(),
        }
    }

    fn hear_line(&self, id: &LineId, channel: ChannelKind) -> Heard {
        let owner = self.directory.line(id).and_then(|(_, owner)| owner);
        let mut by = Vec::new();
        if let Some(owner) = owner {
            let answers = self.answers(owner, channel);
            by.extend(answers.map(|after_s| (Some(owner.clone()), after_s)));
        } else {
            let people = self.directory.people().iter().zip(&self.moment.people);
            let on_call = people.filter(|(_, standing)| standing.is_on_call);
            by.extend(on_call.map(|(person, standing)| {
                let after_s = self.after_s(standing.reach[channel] == Planned::Open);
                (Some(person.id.clone()), after_s)
            }));
        }
        if self.assumptions.staffed.contains(id) {
            by.push((None, self.after_s(false)));
        }
        Heard {
            over: Some(Over::Line(id.clone())),
            is_lost: false,
            by,
        }
    }

    /// After how many seconds somebody answers over a kind of channel, if he does.
    fn answers(&self, person: &PersonId, channel: ChannelKind) -> Option<u32> {
        let standing = self.standing(person)?;
        match standing.reach[channel] {
            Planned::Open => Some(self.after_s(true)),
            Planned::OnCall => Some(self.after_s(false)),
            Planned::Closed | Planned::Unknown => None,
        }
    }

    const fn after_s(&self, is_open: bool) -> u32 {
        match is_open {
            true => self.assumptions.answers_after_s,
            false => self.assumptions.on_call_answers_after_s,
        }
    }

    fn standing(&self, person: &PersonId) -> Option<&Standing> {
        let people = self.directory.people();
        let place = people.iter().position(|other| other.id == *person)?;
        self.moment.people.get(place)
    }

    fn is_open(&self, person: &PersonId, channel: ChannelKind) -> bool {
        let standing = self.standing(person);
        standing.is_some_and(|standing| standing.reach[channel] == Planned::Open)
    }

    /// The first line of a person of this kind that is in service.
    fn own_line(&self, person: &PersonId, channel: ChannelKind) -> Option<LineId> {
        let lines = lines_of(self.directory).zip(&self.moment.in_service);
        let mut own = lines.filter(|((line, owner), is_open)| {
            let is_his = owner.is_some_and(|owner| owner.id == *person);
            is_his && **is_open && line.channel == channel
        });
        own.next().map(|((line, _), _)| line.id.clone())
    }
}
