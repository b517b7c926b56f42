//! The words in which customers are told facts, in each language that bereik speaks.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc, Weekday};

use crate::acknowledgement::Acknowledgement;
use crate::id::{LineId, PersonId};
use crate::language::Language;
use crate::public_view::{ExpectedWait, Standing};
use crate::zone::Zone;

/// What the words need to know: the language, where the reader is, when he reads, and how people
/// and lines are called.
pub struct Wording<'a> {
    /// The language.
    pub language: Language,
    /// The zone in which times are told.
    pub zone: &'a Zone,
    /// The instant at which it is told: times of the same day are told without their day.
    pub now: DateTime<Utc>,
    /// The name of a person, as customers see it.
    pub name_of: &'a dyn Fn(&PersonId) -> String,
    /// The address of a line, as customers see it.
    pub address_of: &'a dyn Fn(&LineId) -> String,
}

impl std::fmt::Debug for Wording<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wording")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

impl Wording<'_> {
    fn one_of(&self, english: impl Into<String>, dutch: impl Into<String>) -> String {
        match self.language {
            Language::Dutch => dutch.into(),
            Language::English => english.into(),
        }
    }

    /// An instant as a person says it: `14:05`, `Monday 08:30`, `Monday 30 November 08:30`.
    #[must_use]
    pub fn instant(&self, at: DateTime<Utc>) -> String {
        let (local, today) = (self.zone.local_at(at), self.zone.local_at(self.now).date());
        let clock = local.format("%H:%M");
        let days = (local.date() - today).num_days();
        match days {
            0 => clock.to_string(),
            1..=6 => format!("{} {clock}", weekday(self.language, local.weekday())),
            _ => format!("{} {clock}", date(self.language, local.date())),
        }
    }

    /// How somebody stands, as customers read it: `Reachable now`, `Back at Monday 08:30`.
    #[must_use]
    pub fn standing(
        &self,
        standing: Standing,
        back_at: Option<DateTime<Utc>>,
        wait: Option<ExpectedWait>,
    ) -> String {
        let back_at = back_at.map(|at| self.instant(at));
        match (standing, back_at, wait) {
            (Standing::Available, ..) => self.one_of("Reachable now", "Nu bereikbaar"),
            (Standing::Busy, _, Some(wait)) => {
                let wait = self.within(self.now + TimeDelta::seconds(wait.p50_s.into()));
                self.one_of(
                    format!("Busy, the wait is about {wait}"),
                    format!("Bezig, de wachttijd is ongeveer {wait}"),
                )
            }
            (Standing::Busy, ..) => {
                self.one_of("Busy, the wait is longer", "Bezig, de wachttijd is langer")
            }
            (Standing::Closed, Some(at), _) => {
                self.one_of(format!("Open at {at}"), format!("Open: {at}"))
            }
            (Standing::Closed, ..) => self.one_of("Closed", "Gesloten"),
            (_, Some(at), _) => self.one_of(format!("Back at {at}"), format!("Terug: {at}")),
            (Standing::Away, ..) => self.one_of("Not reachable right now", "Nu niet bereikbaar"),
            _ => self.one_of("Leave a message", "Laat een bericht achter"),
        }
    }

    /// How long it will take until an instant, in whole minutes rounded up: `2 minutes`.
    #[must_use]
    pub fn within(&self, by: DateTime<Utc>) -> String {
        let seconds = (by - self.now).num_seconds().max(0);
        if seconds <= 90 {
            return self.one_of(
                format!("{} seconds", seconds.max(1)),
                format!("{} seconden", seconds.max(1)),
            );
        }
        let minutes = (seconds + 59) / 60;
        if minutes <= 90 {
            return self.one_of(format!("{minutes} minutes"), format!("{minutes} minuten"));
        }
        let hours = (minutes + 59) / 60;
        self.one_of(format!("{hours} hours"), format!("{hours} uur"))
    }

    /// The words of an acknowledgement.
    #[must_use]
    pub fn acknowledgement(&self, said: &Acknowledgement) -> String {
        match said {
            Acknowledgement::Asking { answer_by } => {
                let within = self.within(*answer_by);
                self.one_of(
                    format!("We have your message and are asking people now. You will hear from somebody within {within}. You can keep writing."),
                    format!("We hebben uw bericht en vragen nu mensen. Binnen {within} hoort u van iemand. U kunt intussen doorschrijven."),
                )
            }
            Acknowledgement::Waiting { answer_by, ahead } => {
                let within = self.within(*answer_by);
                let before = match ahead {
                    0 => self.one_of("you are next", "u bent de volgende"),
                    ahead => self.one_of(format!("{ahead} before you"), format!("{ahead} voor u")),
                };
                self.one_of(
                    format!("Everybody is helping somebody else; {before}. You will hear from us within {within}. You can keep writing."),
                    format!("Iedereen is met iemand anders bezig; {before}. Binnen {within} hoort u van ons. U kunt intussen doorschrijven."),
                )
            }
            Acknowledgement::Owned(person) => {
                let name = (self.name_of)(person);
                self.one_of(
                    format!("{name} is here for you."),
                    format!("{name} is er voor u."),
                )
            }
            Acknowledgement::Joined(person) => {
                let name = (self.name_of)(person);
                self.one_of(
                    format!("{name} has joined the conversation."),
                    format!("{name} doet mee aan het gesprek."),
                )
            }
            Acknowledgement::Left(person) => {
                let name = (self.name_of)(person);
                self.one_of(
                    format!("{name} has left the conversation."),
                    format!("{name} heeft het gesprek verlaten."),
                )
            }
            _ => self.acknowledgement_of_escalation(said),
        }
    }

    fn acknowledgement_of_escalation(&self, said: &Acknowledgement) -> String {
        match said {
            Acknowledgement::CalamityRaised => self.one_of(
                "This is a calamity. The calamity line has been alerted and people are being asked at once.",
                "Dit is een calamiteit. De calamiteitenlijn is gewaarschuwd en er worden meteen mensen gevraagd.",
            ),
            Acknowledgement::OnCallAsked => self.one_of(
                "Nobody was free to answer. The person on call is being alerted with your message.",
                "Niemand kon antwoorden. Wie dienst heeft, wordt nu met uw bericht gewaarschuwd.",
            ),
            Acknowledgement::NobodyReachable { back_at: Some(back_at) } => {
                let at = self.instant(*back_at);
                self.one_of(
                    format!("Nobody can be reached right now. Leave your message here; somebody will be there at {at}."),
                    format!("Er is nu niemand bereikbaar. Laat uw bericht hier achter; {at} is er weer iemand."),
                )
            }
            Acknowledgement::NobodyReachable { back_at: None } => self.one_of(
                "Nobody can be reached right now. Leave your message here; the person on call gets it.",
                "Er is nu niemand bereikbaar. Laat uw bericht hier achter; wie dienst heeft, krijgt het.",
            ),
            Acknowledgement::PhoneOffered { line, .. } => {
                let number = (self.address_of)(line);
                self.one_of(format!("You can go on by phone: {number}"), format!("U kunt telefonisch verder: {number}"))
            }
            Acknowledgement::StillAsking { answer_by } => {
                let within = self.within(*answer_by);
                self.one_of(
                    format!("It takes longer than we said. People are still being asked; you will hear from somebody within {within}."),
                    format!("Het duurt langer dan we zeiden. Er worden nog steeds mensen gevraagd; binnen {within} hoort u van iemand."),
                )
            }
            Acknowledgement::AlertFailed => self.one_of(
                "The person on call could not be alerted from here. Your message stands on the list that we work through.",
                "Wie dienst heeft, kon van hieruit niet worden gewaarschuwd. Uw bericht staat op de lijst die we afwerken.",
            ),
            Acknowledgement::NoPhone => self.one_of(
                "There is no number to give you right now. You can keep writing here.",
                "Er is op dit moment geen nummer dat we u kunnen geven. U kunt hier doorschrijven.",
            ),
            Acknowledgement::OnTheList { next_try_at } => {
                let at = self.instant(*next_try_at);
                self.one_of(
                    format!("Nobody has answered yet. Your message stands on the list that we work through; the next try is at {at}."),
                    format!("Er heeft nog niemand geantwoord. Uw bericht staat op de lijst die we afwerken; om {at} proberen we het weer."),
                )
            }
            Acknowledgement::Closed => self.one_of(
                "This conversation is closed. You can come back to it here whenever you like.",
                "Dit gesprek is gesloten. U kunt er hier altijd op terugkomen.",
            ),
            _ => self.acknowledgement_of_instant(said),
        }
    }

    fn acknowledgement_of_instant(&self, said: &Acknowledgement) -> String {
        match said {
            Acknowledgement::CallBack { at, person } => {
                let (at, name) = (self.instant(*at), (self.name_of)(person));
                self.one_of(
                    format!("{name} will call you back at {at}."),
                    format!("{name} belt u terug: {at}."),
                )
            }
            Acknowledgement::StillAlerting { again_at } => {
                let at = self.instant(*again_at);
                self.one_of(
                    format!("Nobody on call has answered yet. They are being alerted again, and once more by {at}. Your message is kept."),
                    format!("Wie dienst heeft, heeft nog niet geantwoord. Er wordt opnieuw gewaarschuwd, en nog eens uiterlijk {at}. Uw bericht blijft staan."),
                )
            }
            Acknowledgement::CallBackMissed { at } => {
                let at = self.instant(*at);
                self.one_of(
                    format!("We said that we would call you at {at}, and we have not. Somebody else is being asked now."),
                    format!("We hebben gezegd dat we u zouden bellen ({at}), en dat is niet gebeurd. Er wordt nu iemand anders gevraagd."),
                )
            }
            _ => String::new(),
        }
    }
}

/// A day of the week: `Monday`.
#[must_use]
pub const fn weekday(language: Language, day: Weekday) -> &'static str {
    let (english, dutch) = DAYS[day.num_days_from_monday() as usize];
    match language {
        Language::Dutch => dutch,
        Language::English => english,
    }
}

/// A date without its year: `Monday 30 November`.
///
/// ```
/// use bereik_core::language::Language;
/// use bereik_core::wording::date;
/// let christmas = "2026-12-25".parse()?;
/// assert_eq!(date(Language::Dutch, christmas), "vrijdag 25 december");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[must_use]
pub fn date(language: Language, date: NaiveDate) -> String {
    let (english, dutch) = MONTHS[date.month0() as usize];
    let month = match language {
        Language::Dutch => dutch,
        Language::English => english,
    };
    format!(
        "{} {} {month}",
        weekday(language, date.weekday()),
        date.day()
    )
}

const DAYS: [(&str, &str); 7] = [
    ("Monday", "maandag"),
    ("Tuesday", "dinsdag"),
    ("Wednesday", "woensdag"),
    ("Thursday", "donderdag"),
    ("Friday", "vrijdag"),
    ("Saturday", "zaterdag"),
    ("Sunday", "zondag"),
];

const MONTHS: [(&str, &str); 12] = [
    ("January", "januari"),
    ("February", "februari"),
    ("March", "maart"),
    ("April", "april"),
    ("May", "mei"),
    ("June", "juni"),
    ("July", "juli"),
    ("August", "augustus"),
    ("September", "september"),
    ("October", "oktober"),
    ("November", "november"),
    ("December", "december"),
];
