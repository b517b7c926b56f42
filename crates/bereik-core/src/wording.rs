//! The words in which customers are told facts, in each language that bereik speaks.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc, Weekday};

use crate::acknowledgement::Acknowledgement;
use crate::channel_kind::ChannelKind;
use crate::id::{LineId, PersonId};
use crate::language::{Language, Localised};
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

    /// How long most wait, in whole minutes or hours: a sentence with a space before it.
    fn most_wait(&self, (from_s, to_s): (u32, u32)) -> String {
        let (unit_s, english, dutch) = if to_s <= 5_400 {
            (60, "minutes", "minuten")
        } else {
            (3_600, "hours", "uur")
        };
        let to = to_s.div_ceil(unit_s).max(1);
        match (from_s / unit_s).min(to - 1) {
            0 if to == 1 => self.one_of(
                " Most wait at most a minute.",
                " De meesten wachten hooguit een minuut.",
            ),
            0 => self.one_of(
                format!(" Most wait at most {to} {english}."),
                format!(" De meesten wachten hooguit {to} {dutch}."),
            ),
            from => self.one_of(
                format!(" Most wait {from} to {to} {english}."),
                format!(" De meesten wachten {from} tot {to} {dutch}."),
            ),
        }
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
            Acknowledgement::Waiting {
                answer_by,
                ahead,
                expected_s,
            } => {
                let within = self.within(*answer_by);
                let expected = expected_s.map_or_else(String::new, |range| self.most_wait(range));
                let before = match ahead {
                    0 => self.one_of("you are next", "u bent de volgende"),
                    ahead => self.one_of(format!("{ahead} before you"), format!("{ahead} voor u")),
                };
                self.one_of(
                    format!("Everybody is helping somebody else; {before}.{expected} You will hear from us within {within}. You can keep writing."),
                    format!("Iedereen is met iemand anders bezig; {before}.{expected} Binnen {within} hoort u van ons. U kunt intussen doorschrijven."),
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
            Acknowledgement::BackOver(channel) => {
                let over = self.over(*channel);
                self.one_of(
                    format!("The other way did not work. We go on {over}; what you said is kept."),
                    format!(
                        "De andere weg lukte niet. We gaan verder {over}; wat u zei, is bewaard."
                    ),
                )
            }
            Acknowledgement::GoesOnOver { channel, person } => {
                let (name, over) = ((self.name_of)(person), self.over(*channel));
                self.one_of(
                    format!("{name} goes on with you {over}."),
                    format!("{name} gaat {over} met u verder."),
                )
            }
            _ => self.acknowledgement_of_escalation(said),
        }
    }

    fn over(&self, channel: ChannelKind) -> String {
        match channel {
            ChannelKind::Chat => self.one_of("in the chat", "in de chat"),
            ChannelKind::Email => self.one_of("by mail", "per mail"),
            ChannelKind::Meeting => self.one_of("in a meeting", "in een vergadering"),
            ChannelKind::Phone => self.one_of("by phone", "telefonisch"),
            ChannelKind::Social => self.one_of("by messages", "met berichten"),
            ChannelKind::Voicemail => self.one_of("by voicemail", "met voicemail"),
            ChannelKind::WebChat => self.one_of("here in the chat", "hier in de chat"),
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
            _ => self.acknowledgement_of_customer(said),
        }
    }

    fn acknowledgement_of_customer(&self, said: &Acknowledgement) -> String {
        match said {
            Acknowledgement::AddedToOpen { owner: Some(owner), .. } => {
                let name = (self.name_of)(owner);
                self.one_of(
                    format!("We have this with what you asked before; {name} has it."),
                    format!("We hebben dit bij uw eerdere vraag gevoegd; {name} heeft die."),
                )
            }
            Acknowledgement::AddedToOpen { hear_by: Some(by), .. } => {
                let at = self.instant(*by);
                self.one_of(
                    format!("We have this with what you asked before. You will hear from us by {at}."),
                    format!("We hebben dit bij uw eerdere vraag gevoegd. Uiterlijk {at} hoort u van ons."),
                )
            }
            Acknowledgement::AddedToOpen { .. } => self.one_of(
                "We have this with what you asked before; people are being asked.",
                "We hebben dit bij uw eerdere vraag gevoegd; er worden mensen gevraagd.",
            ),
            Acknowledgement::AnswerElsewhere { answer_by: None } => self.one_of(
                "Are you still there? If not, you will be answered at the address that you gave. You can go on here whenever you like.",
                "Bent u er nog? Zo niet, dan krijgt u antwoord op het adres dat u gaf. U kunt hier altijd verdergaan.",
            ),
            Acknowledgement::AnswerElsewhere { answer_by: Some(answer_by) } => {
                let at = self.instant(*answer_by);
                self.one_of(
                    format!("Are you still there? If not, you will have an answer by {at} at the address that you gave. You can go on here whenever you like."),
                    format!("Bent u er nog? Zo niet, dan hebt u om {at} antwoord op het adres dat u gaf. U kunt hier altijd verdergaan."),
                )
            }
            Acknowledgement::Merged => self.one_of(
                "Your conversations with us are one from now on. It goes on here.",
                "Uw gesprekken met ons zijn nu één gesprek. Het gaat hier verder.",
            ),
            Acknowledgement::StillThere { kept_until } => {
                let at = self.instant(*kept_until);
                self.one_of(
                    format!("Are you still there? We keep your place until {at}; write anything, or leave an address to be answered at."),
                    format!("Bent u er nog? We houden uw plaats vrij tot {at}; schrijf iets, of laat een adres achter waarop we u antwoorden."),
                )
            }
            Acknowledgement::TriageAsked { question, options, go_on_at } => {
                self.triage(question, options, *go_on_at)
            }
            _ => self.acknowledgement_of_incident(said),
        }
    }

    fn triage(
        &self,
        question: &Localised,
        options: &[Localised],
        go_on_at: DateTime<Utc>,
    ) -> String {
        let question = question.in_language(self.language);
        let numbered = options.iter().zip(1u32..).map(|(option, number)| {
            let label = option.in_language(self.language);
            format!("{number}. {label}")
        });
        let options: Vec<String> = numbered.collect();
        let (options, within) = (options.join(" "), self.within(go_on_at));
        self.one_of(
            format!("{question} {options} If you do not choose, we ask people within {within}."),
            format!("{question} {options} Kiest u niet, dan vragen we binnen {within} mensen."),
        )
    }

    fn acknowledgement_of_incident(&self, said: &Acknowledgement) -> String {
        match said {
            Acknowledgement::IncidentKnown { owner: Some(owner), next_word_by } => {
                let (name, at) = ((self.name_of)(owner), self.instant(*next_word_by));
                self.one_of(
                    format!("This is known, and {name} is working on it. The next word comes by {at}."),
                    format!("Dit is bekend en {name} werkt eraan. Uiterlijk {at} hoort u meer."),
                )
            }
            Acknowledgement::IncidentKnown { owner: None, next_word_by } => {
                let at = self.instant(*next_word_by);
                self.one_of(
                    format!("This is known, and people are being asked. The next word comes by {at}."),
                    format!("Dit is bekend en er worden mensen gevraagd. Uiterlijk {at} hoort u meer."),
                )
            }
            Acknowledgement::IncidentOver => self.one_of(
                "This is over. If it is not for you, write here and somebody looks at it.",
                "Dit is voorbij. Is dat bij u niet zo, schrijf het dan hier; er kijkt dan iemand naar.",
            ),
            Acknowledgement::IncidentWordLate { next_word_by } => {
                let at = self.instant(*next_word_by);
                self.one_of(
                    format!("There is no news yet. More people are being asked; the next word comes by {at}."),
                    format!("Er is nog geen nieuws. Er worden meer mensen gevraagd; uiterlijk {at} hoort u meer."),
                )
            }
            Acknowledgement::NextWord { next_word_by } => {
                let at = self.instant(*next_word_by);
                self.one_of(
                    format!("The next word comes by {at}."),
                    format!("Uiterlijk {at} hoort u meer."),
                )
            }
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
