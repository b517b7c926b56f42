//! Names, titles, places and prose, as much of it as people write.

use crate::dice::Dice;

const FIRST_NAMES: [&str; 20] = [
    "Anna", "Bram", "Chloé", "Daan", "Emma", "Farid", "Grace", "Hugo", "Inés", "Jan", "Kaya",
    "Liam", "Mila", "Noah", "Olga", "Pieter", "Rachel", "Sven", "Tess", "Zoë",
];

const LAST_NAMES: [&str; 20] = [
    "Bakker",
    "Cohen",
    "de Vries",
    "Ellis",
    "Fischer",
    "García",
    "Hansen",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Müller",
    "Nguyen",
    "O'Brien",
    "Peters",
    "Romano",
    "Smit",
    "Taylor",
    "van den Berg",
    "Yılmaz",
];

const WORDS: [&str; 72] = [
    "agenda",
    "the",
    "customer",
    "before",
    "release",
    "we",
    "review",
    "open",
    "points",
    "and",
    "decide",
    "on",
    "planning",
    "for",
    "next",
    "quarter",
    "please",
    "bring",
    "your",
    "numbers",
    "een",
    "overleg",
    "over",
    "de",
    "voortgang",
    "van",
    "het",
    "project",
    "met",
    "klant",
    "budget",
    "risks",
    "with",
    "design",
    "proposal",
    "attached",
    "document",
    "contains",
    "last",
    "week's",
    "notes",
    "if",
    "you",
    "cannot",
    "join",
    "let",
    "me",
    "know",
    "so",
    "that",
    "can",
    "move",
    "it",
    "to",
    "another",
    "day",
    "support",
    "rota",
    "incident",
    "follow-up",
    "hiring",
    "interview",
    "candidate",
    "supplier",
    "contract",
    "roadmap",
    "café",
    "naïve",
    "coöperatie",
    "demo",
    "workshop",
    "results",
];

const TITLES: [&str; 24] = [
    "Stand-up",
    "1:1",
    "Planning",
    "Retro",
    "Sprint review",
    "Customer call",
    "Budget",
    "Design review",
    "Interview",
    "Onboarding",
    "All hands",
    "Team lunch",
    "Werkoverleg",
    "Voortgang",
    "Supplier",
    "Roadmap",
    "Support rota",
    "Incident review",
    "Demo",
    "Training",
    "Architecture board",
    "Sales pipeline",
    "Security",
    "Office hours",
];

const ROOMS: [&str; 12] = [
    "Amstel (8), 2nd floor",
    "Dam, ground floor",
    "Hudson; video",
    "Meeting room 4.12",
    "Online",
    "Keizersgracht 452, 1016 GD Amsterdam, Netherlands",
    "Zaal Rembrandt",
    "350 5th Ave, New York, NY 10118, United States",
    "Phone",
    "Café De Zwarte Kat, Utrecht",
    "Vergaderruimte Noord; beamer aanwezig",
    "HQ 3-East (12) [video]",
];

/// How many people there are to name.
pub(crate) const PEOPLE: usize = FIRST_NAMES.len() * LAST_NAMES.len();

/// The name of a person.
pub(crate) fn name(person: usize) -> String {
    let (first, last) = both(person);
    format!("{first} {last}")
}

/// The address of a person: plain letters, whatever the name has.
pub(crate) fn address(person: usize) -> String {
    let (first, last) = both(person);
    let plain = |name: &str| -> String {
        let letters = name.to_lowercase();
        let letters = letters.chars().filter_map(|letter| match letter {
            'a'..='z' => Some(letter),
            'é' | 'ë' => Some('e'),
            'ü' => Some('u'),
            'í' | 'ı' => Some('i'),
            _ => None,
        });
        letters.collect()
    };
    format!("{}.{}@example.org", plain(first), plain(last))
}

fn both(person: usize) -> (&'static str, &'static str) {
    let first = FIRST_NAMES[person % FIRST_NAMES.len()];
    let last = LAST_NAMES[person / FIRST_NAMES.len() % LAST_NAMES.len()];
    (first, last)
}

/// What stands in a calendar's cell.
pub(crate) fn title(dice: &mut Dice) -> String {
    let title = dice.pick(&TITLES);
    match dice.roll(4) {
        0 => title.to_owned(),
        1 => format!("{title}: {} {}", word(dice), word(dice)),
        2 => format!("{title} - {}, {}", word(dice), word(dice)),
        _ => format!("{title} {} {} {}", word(dice), word(dice), word(dice)),
    }
}

/// Where people meet; often nothing.
pub(crate) fn room(dice: &mut Dice) -> &'static str {
    match dice.chance(60) {
        true => dice.pick(&ROOMS),
        false => "",
    }
}

/// That many sentences, in paragraphs.
pub(crate) fn prose(dice: &mut Dice, sentences: u64) -> String {
    let mut text = String::new();
    for sentence in 0..sentences {
        let words = 6 + dice.roll(12);
        for place in 0..words {
            let word = word(dice);
            match place {
                0 => text.extend(word.chars().take(1).flat_map(char::to_uppercase)),
                _ => text.push(' '),
            }
            let rest = word.char_indices().nth(1).map_or("", |(at, _)| &word[at..]);
            text.push_str(if place == 0 { rest } else { word });
            if place > 0 && place + 1 < words && dice.chance(8) {
                text.push(if dice.chance(80) { ',' } else { ';' });
            }
        }
        text.push('.');
        if sentence + 1 < sentences {
            text.push_str(if dice.chance(25) { "\n\n" } else { " " });
        }
    }
    text
}

fn word(dice: &mut Dice) -> &'static str {
    dice.pick(&WORDS)
}
