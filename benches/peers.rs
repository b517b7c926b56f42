//! bereik beside `icalendar` with `rrule`, and beside `calcard`, on the same bytes: seconds, and whether they agree.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

mod engine;

use std::hint::black_box;
use std::process::ExitCode;

use bereik_benches::table::Table;
use bereik_benches::timing::{Times, millis, ratio, speed, timed};
use bereik_benches::workload::{self, Person, Producer, Share};

use engine::icalendar_rrule::{self, Reader};
use engine::{Busy, Round};

/// Rounds, in each of which every engine has its turn.
const ROUNDS: usize = 7;

/// bereik comes first: the others are measured against it.
const ENGINES: [Engine; 4] = [
    Engine {
        name: "bereik",
        round: engine::bereik::round,
    },
    Engine {
        name: "calcard",
        round: engine::calcard::round,
    },
    Engine {
        name: "icalendar + rrule",
        round: |people| icalendar_rrule::round(people, Reader::Lines),
    },
    Engine {
        name: "... errors plain",
        round: |people| icalendar_rrule::round(people, Reader::Plain),
    },
];

struct Engine {
    name: &'static str,
    round: fn(&[Person]) -> Round,
}

/// In the order of the engines.
type Measured = [Results; ENGINES.len()];

#[derive(Default)]
struct Results {
    read: Times,
    expand: Times,
    hour: Times,
    together: Times,
    days: Vec<Busy>,
    in_hour: Vec<Busy>,
}

fn main() -> ExitCode {
    let people = workload::people();
    let bytes = describe(&people);
    let mut results: Measured = Default::default();
    let (mut line_ends, mut typed) = (Times::default(), Times::default());
    for round in 0..ROUNDS {
        for turn in 0..ENGINES.len() {
            let place = (round + turn) % ENGINES.len();
            let done = (ENGINES[place].round)(&people);
            let result = &mut results[place];
            result.read.push(done.read);
            result.expand.push(done.expand);
            result.hour.push(done.hour);
            result.together.push(done.together);
            (result.days, result.in_hour) = (done.days, done.in_hour);
        }
        typed.push(icalendar_rrule::read_typed(&people));
        line_ends.push(timed(|| find_line_ends(&people)).1);
    }
    print_times(&results, &typed, bytes);
    print_ceiling(&results[0], &line_ends, bytes);
    print_limits();
    compare(&people, &results)
}

fn describe(people: &[Person]) -> usize {
    let shares = people.iter().map(|person| Share::of(&person.ics));
    let share = shares.fold(Share::default(), Share::plus);
    let percent = |part: usize| 100.0 * part as f64 / share.bytes as f64;
    let (occurrences, problems) = engine::bereik::occurrences(people);
    let made_by = |producer: Producer| {
        let made = people.iter().filter(|person| person.producer == producer);
        made.count()
    };
    println!(
        "The workload: {} people, {} VEVENTs each, of which {:.1} have a rule and {:.1} are moved or called-off instances;\n\
         {:.1} MB in {} lines. Of the bytes {:.0} % are text (SUMMARY, DESCRIPTION, LOCATION, X-ALT-DESC) and {:.0} % say\n\
         nothing about time either (CREATED, PRIORITY, alarms ...). Files as of Google {}, Apple {}, Nextcloud {},\n\
         Outlook {}, Exchange {}. In the 90 days from {} there are {} occurrences, free ones among them.\n\
         bereik met {} problems.\n",
        people.len(),
        workload::EVENTS,
        share.series as f64 / people.len() as f64,
        share.moved as f64 / people.len() as f64,
        share.bytes as f64 / 1e6,
        share.lines,
        percent(share.text),
        percent(share.other),
        made_by(Producer::Google),
        made_by(Producer::Apple),
        made_by(Producer::Nextcloud),
        made_by(Producer::Outlook),
        made_by(Producer::Exchange),
        workload::window().0.date_naive(),
        occurrences,
        problems,
    );
    share.bytes
}

/// The place of each is used, so that the iterator cannot count them all at once.
fn find_line_ends(people: &[Person]) -> usize {
    let mut sum = 0usize;
    for person in people {
        for place in memchr::memchr_iter(b'\n', person.ics.as_bytes()) {
            sum = black_box(sum.wrapping_add(place));
        }
    }
    sum
}

fn print_times(results: &Measured, typed: &Times, bytes: usize) {
    println!(
        "Milliseconds of CPU time of one thread, best / median of {ROUNDS} rounds in which the engines take turns. Read:\n\
         all files, the results kept. Expand: all of these to merged busy time, over 90 days and over one hour.\n\
         Together: file after file, read, expanded over 90 days and dropped. Dropping is measured in the last only."
    );
    let mut table = Table::new([
        "engine", "read", "MB/s", "90 days", "1 hour", "together", "MB/s",
    ]);
    for (engine, result) in ENGINES.iter().zip(results) {
        table.row([
            engine.name.to_owned(),
            result.read.to_string(),
            speed(bytes, result.read.best()),
            result.expand.to_string(),
            result.hour.to_string(),
            result.together.to_string(),
            speed(bytes, result.together.best()),
        ]);
    }
    println!("{table}");
    println!(
        "icalendar reads in three ways: the second row of it tells no line with an error; as its README reads, into\n\
         owned, typed components, it takes {typed} ms for reading alone.\n"
    );
    println!("How many times as long as bereik, best by best (median by median).");
    let mut table = Table::new(["engine", "read", "90 days", "1 hour", "together"]);
    for (engine, result) in ENGINES.iter().zip(results).skip(1) {
        let of = |theirs: &Times, ours: &Times| {
            let best = ratio(theirs.best(), ours.best());
            let median = ratio(theirs.median(), ours.median());
            format!("{best:.1} ({median:.1})")
        };
        table.row([
            engine.name.to_owned(),
            of(&result.read, &results[0].read),
            of(&result.expand, &results[0].expand),
            of(&result.hour, &results[0].hour),
            of(&result.together, &results[0].together),
        ]);
    }
    println!("{table}");
    let [ours, calcard, rrule, _] = results;
    let times = |theirs: &Results| ratio(theirs.together.best(), ours.together.best());
    let verdict = |times: f64, goal: f64| match times >= goal {
        true => "reached",
        false => "missed",
    };
    println!(
        "The goal, together: 10 times calcard ({}) and 15 times icalendar + rrule ({}).",
        verdict(times(calcard), 10.0),
        verdict(times(rrule), 15.0)
    );
}

fn print_ceiling(bereik: &Results, line_ends: &Times, bytes: usize) {
    let times = ratio(bereik.read.best(), line_ends.best());
    println!(
        "memchr finds the ends of the lines of the same bytes, one by one, in {} ms ({} MB/s); bereik reads them in\n\
         {times:.1} times that. The goal is at most 4: {}.\n",
        millis(line_ends.best()),
        speed(bytes, line_ends.best()),
        if times <= 4.0 { "reached" } else { "missed" },
    );
}

fn print_limits() {
    println!(
        "What each does not do. calcard: no window (it expands from DTSTART on), no merging, no judgement of STATUS,\n\
         TRANSP, busy status or answers; it reads no VTIMEZONE, only its name. Its driver bounds rules by the window,\n\
         numbers UIDs so that overrides find their series, and says UNTIL on the wall. icalendar + rrule: none of\n\
         that either, no overrides, no Windows zone names, no jump to the window; UNTIL as a date beside a zone is\n\
         refused. Its driver supplies them, and leaves free events and rules that ended before the window alone.\n\
         Both keep the text, and take their input as checked UTF-8; bereik takes bytes and drops the text. All zones\n\
         are named: the machine's own is not asked. bereik works within its default limits, the others within none.\n"
    );
}

/// Prints who disagrees, and fails where bereik stands alone.
fn compare(people: &[Person], results: &Measured) -> ExitCode {
    println!(
        "Merged busy time of all people over the 90 days, and how many people an engine sees otherwise than bereik does,\n\
         over the 90 days and over the hour: in seconds, in stretches or in where these lie. Firm is busy and out of\n\
         office; taken has tentative with it."
    );
    let mut table = Table::new([
        "engine",
        "firm s",
        "taken s",
        "stretches",
        "differ, 90 d",
        "differ, 1 h",
    ]);
    let bereik = &results[0];
    for (engine, result) in ENGINES.iter().zip(results) {
        let sum = |of: fn(&Busy) -> i64| result.days.iter().map(of).sum::<i64>().to_string();
        table.row([
            engine.name.to_owned(),
            sum(|busy| busy.firm),
            sum(|busy| busy.taken),
            result
                .days
                .iter()
                .map(|busy| busy.stretches)
                .sum::<usize>()
                .to_string(),
            differing(&bereik.days, &result.days).len().to_string(),
            differing(&bereik.in_hour, &result.in_hour)
                .len()
                .to_string(),
        ]);
    }
    println!("{table}");
    let unguarded: Vec<Busy> = people
        .iter()
        .map(|person| engine::calcard::alone(person, engine::calcard::Until::AsRead))
        .collect();
    println!(
        "Were calcard given UNTIL as it stands, {} people would lose the last instance of a series.",
        differing(&bereik.days, &unguarded).len()
    );
    let alone = stands_alone(people, results);
    match alone {
        0 => {
            println!("Nowhere does bereik differ from both.");
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

fn differing(ours: &[Busy], theirs: &[Busy]) -> Vec<usize> {
    let pairs = ours.iter().zip(theirs).enumerate();
    pairs
        .filter(|(_, (ours, theirs))| ours != theirs)
        .map(|(place, _)| place)
        .collect()
}

/// How many people bereik sees otherwise than both others; each is printed.
fn stands_alone(people: &[Person], results: &Measured) -> usize {
    let [bereik, calcard, rrule, _] = results;
    let mut alone = 0;
    for (over, ours, one, other) in [
        ("90 days", &bereik.days, &calcard.days, &rrule.days),
        ("hour", &bereik.in_hour, &calcard.in_hour, &rrule.in_hour),
    ] {
        let others = differing(ours, other);
        for place in differing(ours, one) {
            if others.contains(&place) {
                alone += 1;
                println!(
                    "{over}, person {place} ({:?}): bereik {:?}, calcard {:?}, icalendar + rrule {:?}",
                    people[place].producer, ours[place], one[place], other[place]
                );
            }
        }
    }
    alone
}
