//! Whole days as bytes: a small company and what happens there, read so that any bytes mean one.
//! Near bytes mean near days, so that a fuzzer finds its way.

use bereik_core::agreement::EscalationPolicy;
use bereik_core::group::Strategy;
use bereik_core::urgency::Urgency;

use super::act::{Act, Story};
use super::audit::{Held, LAWS, LAWS_OF_EQUALS, audit};
use super::company::{Choosing, Company, GROUPS, PEOPLE, POLICIES};
use super::hold::Hold;
use super::replaying;
use super::serving::Serving;
use super::trace::{DAYS_ON, Trace, play_on};

/// A day of more acts than this ends early.
const ACTS_MAX: usize = 80;

/// A company, what happens there, and where the day is told again.
pub(crate) struct Day {
    company: Company,
    story: Story,
    /// Whether one group, which widens, has equal contacts only.
    has_equals: bool,
    /// After how many inputs it is snapshot and restored when it is told again.
    cut: usize,
    /// Which of the dearer laws is tried on it.
    again: u8,
}

impl Day {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let (kind, again, cut) = (bytes.byte() % 4, bytes.byte(), bytes.byte());
        let company = bytes.company();
        let company = match kind {
            0 => company.layered(bytes.upto(60)),
            1 => company.teamed(),
            _ => company,
        };
        let mut story = Story::new();
        if kind == 1 {
            story.extend((0..PEOPLE).map(|person| (0, Act::Reach { person, how: 0 })));
        }
        while !bytes.0.is_empty() && story.len() < ACTS_MAX {
            story.push(match kind {
                0 => (bytes.below(12) as i64, bytes.busy_act()),
                1 => (bytes.short_wait(), bytes.act_among_colleagues()),
                _ => (bytes.wait(), bytes.act()),
            });
        }
        Self {
            cut: usize::from(cut) % (2 * story.len()).max(1),
            company,
            story,
            has_equals: kind == 0,
            again,
        }
    }

    /// What the engine says of it. Few days go on for long after the last act: then a search that
    /// nobody answers is all that is left, and repeats itself.
    pub(crate) fn play(&self) -> Trace {
        let hours_on = if self.again % 64 == 1 {
            &DAYS_ON
        } else {
            &DAYS_ON[..0]
        };
        play_on(&self.company, &self.story, hours_on)
    }

    /// Holds every law against what the engine said of this day: each invariant in one go through
    /// it, a replay from a snapshot, and now and then one of the laws that need further engines.
    pub(crate) fn check(&self, trace: &Trace) -> Held {
        let more = if self.has_equals { LAWS_OF_EQUALS } else { &[] };
        audit(trace, &[LAWS, more])?;
        replaying::replays_from(trace, self.cut)?;
        match self.again {
            0..4 => replaying::rearms_in_silence_a_bounded_number_of_times(trace),
            4..16 => replaying::sleeps_when_woken_for_nothing(trace),
            16..20 => replaying::takes_small_steps_as_big_ones(trace, 7),
            20..32 if self.is_without_change() => {
                replaying::dry_runs_tell_what_an_opening_does(trace)
            }
            _ => Ok(()),
        }
    }

    fn is_without_change(&self) -> bool {
        let mut acts = self.story.iter();
        !acts.any(|(_, act)| matches!(act, Act::Replace(_)))
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:?}", self.company)?;
        for (wait_s, act) in &self.story {
            writeln!(f, "{wait_s:>6} s later: {act:?}")?;
        }
        Ok(())
    }
}

/// What is left of the bytes; zeros follow their end.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or(0)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// A number that is smaller than this one, out of two bytes.
    fn upto(&mut self, end: u32) -> u32 {
        u32::from(u16::from_le_bytes([self.byte(), self.byte()])) % end
    }

    fn between(&mut self, from: u32, end: u32) -> u32 {
        from + self.upto(end - from)
    }

    /// Whether something of so many percent happens; never when the bytes are zero.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    fn contact(&mut self) -> usize {
        self.below(4)
    }

    fn person(&mut self) -> usize {
        self.below(PEOPLE)
    }

    fn maybe_person(&mut self, percent: usize) -> Option<usize> {
        self.chance(percent).then(|| self.person())
    }

    fn some(&mut self, percent: usize, from: u32, end: u32) -> Option<u32> {
        self.chance(percent).then(|| self.between(from, end))
    }

    fn urgency(&mut self) -> Urgency {
        match self.below(9) {
            0..5 => Urgency::Normal,
            5 => Urgency::Low,
            6 => Urgency::High,
            _ => Urgency::Calamity,
        }
    }

    fn wait(&mut self) -> i64 {
        i64::from(match self.byte() {
            0..110 => self.upto(4),
            110..180 => self.between(4, 40),
            180..245 => self.between(40, 400),
            245..254 => self.between(400, 8_000),
            254.. => 3 * self.between(2_700, 65_000),
        })
    }

    fn short_wait(&mut self) -> i64 {
        if self.chance(14) {
            self.wait()
        } else {
            self.below(15) as i64
        }
    }

    fn each<T>(&mut self, count: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..count).map(|_| one(self)).collect()
    }

    fn company(&mut self) -> Company {
        let levels = self.below(4);
        let circles = self.below(3);
        Company {
            capacities: self.each(PEOPLE, |b| b.byte() % 3),
            skilled: self.each(PEOPLE, |b| b.chance(50)),
            with_mobile: self.each(PEOPLE, |b| b.chance(50)),
            members: self.each(GROUPS, |b| {
                let count = 1 + b.below(3);
                b.each(count, Self::person)
            }),
            picks: self.each(GROUPS, Self::choosing),
            nested: self.chance(50),
            circles: self.each(circles, |b| (b.upto(90), b.chance(50), b.below(GROUPS))),
            drops: self.chance(50),
            offer_for_s: self.between(5, 60),
            turns: self.each(GROUPS, |b| {
                (b.below(POLICIES.len()), b.between(1, 12), b.some(50, 0, 3))
            }),
            answer_for_s: self.between(20, 300),
            has_agreement: self.chance(50),
            has_calamity_line: self.chance(50),
            levels: self.each(levels, |b| (b.below(12), b.between(10, 200))),
            repeat_max: match self.byte() % 16 {
                15 => EscalationPolicy::FOR_EVER,
                _ => self.upto(3),
            },
            next_answer_for_s: self.some(50, 20, 600),
            resolve_for_s: self.some(50, 100, 4_000),
            serving: self.serving(),
            hands: self.hold(),
        }
    }

    fn choosing(&mut self) -> Choosing {
        let strategy = match self.below(17) {
            0..5 => Strategy::OrderOfKeys,
            5..10 => Strategy::RingAll,
            10 => Strategy::FairShare,
            11 => Strategy::FewestContacts,
            12 => Strategy::LeastLoaded,
            13 => Strategy::LongestIdle,
            14 => Strategy::RoundRobin,
            15 => Strategy::TopDown,
            _ => Strategy::WeightedRandom,
        };
        Choosing {
            strategy,
            offers_at_once: 1 + self.byte() % 2,
            knows_for_s: match self.below(3) {
                0 => 14 * 86_400,
                1 => 0,
                _ => self.between(1, 500),
            },
            spares_rare_skills: self.chance(50),
            weight: 1 + self.upto(2),
        }
    }

    fn serving(&mut self) -> Serving {
        Serving {
            reopen_for_s: 2 * self.some(50, 1, 50_000).unwrap_or(0),
            triage_for_s: self.some(50, 1, 120),
            incident: (
                self.between(2, 5),
                self.some(50, 1, 3_000).unwrap_or(0),
                self.chance(50),
            ),
            silence_s: self.between(1, 300),
        }
    }

    fn hold(&mut self) -> Hold {
        Hold {
            chats_beside_call: self.chance(50).then(|| self.byte() % 3),
            capacity_total: self.chance(30).then(|| 10 + u16::from(self.byte()) % 30),
            wrap_up_s: self.some(50, 1, 300).unwrap_or(0),
            owner_away: self.below(3),
            owner_away_for_s: self.between(1, 1_200),
            warm_for_s: self.some(50, 1, 300).unwrap_or(0),
            consults: self.byte() % 3,
            cool_down_s: self.some(50, 1, 90).unwrap_or(120),
        }
    }
}

impl Bytes<'_> {
    /// Anything at all.
    fn act(&mut self) -> Act {
        match self.byte() {
            0..25 => self.open(),
            25..58 => Act::Reach {
                person: self.person(),
                how: self.below(9),
            },
            58..82 => Act::Accept {
                offer: self.below(6),
                by: self.maybe_person(20),
            },
            82..93 => Act::Decline {
                offer: self.below(6),
            },
            93..98 => Act::Fail {
                offer: self.below(6),
            },
            98..120 => self.ask(20, 20),
            120..170 => self.about_contact(),
            170..215 => self.about_customer(),
            215..220 => Act::TakeBack {
                offer: self.below(6),
                by: self.maybe_person(20),
            },
            220..226 => Act::WrapUp {
                person: self.person(),
                more_s: self.some(33, 1, 4_000).unwrap_or(0),
            },
            226..236 => Act::Replace(Box::new(self.company())),
            236.. => Act::Wait,
        }
    }

    fn open(&mut self) -> Act {
        Act::Open {
            whom: self.below(11),
            from: self.below(3),
            urgency: self.urgency(),
            by_mail: self.chance(30),
            sews: self.chance(30),
            again: self.chance(10),
            need: self.below(5),
        }
    }

    fn ask(&mut self, by_percent: usize, sews_percent: usize) -> Act {
        Act::Ask {
            contact: self.contact(),
            kind: self.below(3),
            whom: self.below(8),
            by: self.maybe_person(by_percent),
            sews: self.chance(sews_percent),
        }
    }

    fn hand_over(&mut self, by_percent: usize) -> Act {
        Act::HandOver {
            contact: self.contact(),
            to_phone: self.chance(50),
            by: self.maybe_person(by_percent),
        }
    }

    fn about_contact(&mut self) -> Act {
        let contact = self.contact();
        match self.below(24) {
            0..3 => Act::Call {
                contact,
                by: self.person(),
                in_s: self.some(70, 1, 3_000).map(i64::from),
            },
            3..5 => Act::Claim {
                contact,
                by: self.person(),
            },
            5..8 => Act::Close {
                contact,
                by: self.person(),
            },
            8 => Act::CallFailed { contact },
            9..12 => self.hand_over(20),
            12..15 => Act::Leave {
                contact,
                person: self.person(),
            },
            15 => Act::Phone { contact },
            16..18 => Act::Reopen { contact },
            18 => Act::Replan { contact },
            19..22 => Act::Say {
                contact,
                by: self.maybe_person(20),
                key: self.below(3),
            },
            _ => Act::Urgency {
                contact,
                urgency: self.urgency(),
                by: self.maybe_person(20),
            },
        }
    }

    fn about_customer(&mut self) -> Act {
        let contact = self.contact();
        match self.below(20) {
            0..2 => Act::Answer {
                contact,
                option: self.upto(4),
            },
            2..4 => Act::Declare {
                contact,
                need: 1 + self.below(2),
                by: self.person(),
            },
            4 => Act::Depart { contact },
            5 => Act::End {
                incident: 1 + self.below(2) as u64,
                by: self.person(),
            },
            6..8 => Act::Know {
                contact,
                from: self.below(3),
                need: self.below(3),
                urgency: self.urgency(),
                owner: self.maybe_person(50),
            },
            8 => Act::Leg {
                contact,
                is_mail: self.chance(50),
            },
            9..12 => Act::Merge {
                from: contact,
                into: self.contact(),
                by: self.person(),
            },
            12..14 => Act::Split {
                contact,
                message: 1 + self.below(5) as u64,
                key: self.below(3),
                by: self.person(),
            },
            14..16 => Act::Word {
                incident: 1 + self.below(2) as u64,
                key: self.below(3),
                by: self.person(),
            },
            16 => Act::Name {
                contact,
                from: self.below(3),
            },
            _ => Act::Gone {
                contact,
                is_back: self.chance(12),
            },
        }
    }

    /// What happens in one group that has much to do.
    fn busy_act(&mut self) -> Act {
        match self.below(21) {
            0..6 => equal(0),
            6..10 => Act::Accept {
                offer: self.below(4),
                by: None,
            },
            10..12 => Act::Decline {
                offer: self.below(4),
            },
            12..16 => Act::Close {
                contact: self.below(6),
                by: self.person(),
            },
            _ => Act::Reach {
                person: self.person(),
                how: [0, 0, 0, 0, 7, 8, 8][self.below(7)],
            },
        }
    }

    /// What happens where colleagues are asked, and contacts go over to the phone.
    fn act_among_colleagues(&mut self) -> Act {
        match self.below(51) {
            0..9 => equal(1),
            9..21 => Act::Accept {
                offer: self.below(3),
                by: None,
            },
            21..23 => Act::Decline {
                offer: self.below(3),
            },
            23 => Act::TakeBack {
                offer: self.below(3),
                by: None,
            },
            24..32 => self.ask(0, 0),
            32..36 => self.hand_over(0),
            36 => Act::CallFailed {
                contact: self.contact(),
            },
            37..39 => Act::Close {
                contact: self.contact(),
                by: self.person(),
            },
            39..41 => Act::Leave {
                contact: self.contact(),
                person: self.person(),
            },
            41..47 => Act::Reach {
                person: self.person(),
                how: [0, 0, 0, 0, 0, 0, 4, 5, 5][self.below(9)],
            },
            47 => Act::WrapUp {
                person: self.person(),
                more_s: 0,
            },
            48..50 => Act::Say {
                contact: self.contact(),
                by: None,
                key: self.below(9),
            },
            _ => Act::Reopen {
                contact: self.contact(),
            },
        }
    }
}

/// A chat for the first group as any other.
fn equal(from: usize) -> Act {
    Act::Open {
        whom: 0,
        from,
        urgency: Urgency::Normal,
        by_mail: false,
        sews: false,
        again: false,
        need: 0,
    }
}
