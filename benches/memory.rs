//! What a calendar that was read holds for each component, and what the free/busy time of a person holds.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};

use bereik::calendar::Limits;
use bereik::core::free_busy::{FreeBusy, FreeBusyKind};
use bereik::core::interval::Interval;
use bereik_benches::dice::Dice;
use bereik_benches::resident;
use bereik_benches::table::Table;
use bereik_benches::workload;
use chrono::TimeDelta;

/// What 14 days of a person may hold, where all is on whole minutes.
const BYTES_MAX: f64 = 600.0;

/// People that are kept at once.
const PEOPLE: usize = 100_000;

const DAYS: i64 = 14;

const MEETINGS_A_DAY: i64 = 10;

/// Each calendar is read so many times, and all are kept.
const COPIES: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.as_slice() {
        [_, child, what, value] if child == "child" => {
            let bytes = match what.as_str() {
                "calendars" => calendars(Path::new(value)),
                _ => free_busy(value.parse().expect("the parent wrote it")),
            };
            println!("{bytes}");
            ExitCode::SUCCESS
        }
        _ => measure_all(),
    }
}

fn measure_all() -> ExitCode {
    println!(
        "What a fresh process holds more (VmRSS) when the results stand in memory than just before, its input being in\n\
         memory before that; the containers that hold the results are counted with them."
    );
    let mut table = Table::new(["kept", "things", "MiB", "bytes each"]);
    let folder = std::env::temp_dir().join(format!("bereik-memory-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the temporary folder takes folders");
    for (number, person) in workload::people().into_iter().enumerate() {
        fs::write(folder.join(format!("{number}.ics")), person.ics).expect("it takes files too");
    }
    let held = child("calendars", &folder.to_string_lossy());
    fs::remove_dir_all(&folder).expect("it was just made");
    let components = COPIES * workload::PEOPLE * workload::EVENTS;
    row(&mut table, "a calendar, by VEVENT", components, held);
    let whole = child("free-busy", "0");
    row(&mut table, "14 days, on whole minutes", PEOPLE, whole);
    for odd in [3, 14] {
        let held = child("free-busy", &odd.to_string());
        let name = format!("14 days, {odd} meetings of 140 off the minute");
        row(&mut table, &name, PEOPLE, held);
    }
    println!("{table}");
    let each = whole as f64 / PEOPLE as f64;
    match each <= BYTES_MAX {
        true => {
            println!("{each:.0} bytes a person on whole minutes: at most {BYTES_MAX} are asked.");
            ExitCode::SUCCESS
        }
        false => {
            println!("{each:.0} bytes a person on whole minutes are more than {BYTES_MAX}.");
            ExitCode::FAILURE
        }
    }
}

fn row(table: &mut Table, name: &str, things: usize, held: usize) {
    table.row([
        name.to_owned(),
        things.to_string(),
        format!("{:.1}", held as f64 / f64::from(1 << 20)),
        format!("{:.0}", held as f64 / things as f64),
    ]);
}

fn child(what: &str, value: &str) -> usize {
    let program = std::env::current_exe().expect("a benchmark runs from a file");
    let mut command = Command::new(program);
    let output = command
        .args(["child", what, value])
        .output()
        .expect("the benchmark starts once more");
    let report = String::from_utf8_lossy(&output.stdout);
    report.trim().parse().expect("a child reports bytes")
}

/// Reads the calendars of a folder several times, keeps all, and tells what they hold.
fn calendars(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("the parent made it");
    let files: Vec<Vec<u8>> = entries
        .map(|entry| fs::read(entry.expect("nobody else writes there").path()))
        .collect::<Result<_, _>>()
        .expect("the parent wrote them");
    let before = resident::now().unwrap_or_default();
    let kept: Vec<_> = (0..COPIES)
        .flat_map(|_| &files)
        .map(|file| bereik::calendar::read(file, &Limits::default()))
        .collect();
    let after = resident::now().unwrap_or_default();
    assert_eq!(black_box(&kept).len(), COPIES * files.len());
    after.saturating_sub(before)
}

/// Keeps the free/busy time of many people, and tells what they hold.
fn free_busy(odd: usize) -> usize {
    let mut dice = Dice::new(2_026);
    let before = resident::now().unwrap_or_default();
    let kept: Vec<FreeBusy> = (0..PEOPLE).map(|_| person(&mut dice, odd)).collect();
    let after = resident::now().unwrap_or_default();
    let meetings = usize::try_from(DAYS * MEETINGS_A_DAY).expect("a small number");
    let is_whole = |value: &FreeBusy| value.intervals().len() == meetings;
    assert!(black_box(&kept).iter().all(is_whole), "no meeting is lost");
    let off_minute = |value: &FreeBusy| {
        let starts = value.intervals().map(|(interval, _)| interval.start());
        starts.filter(|start| start.timestamp() % 60 != 0).count()
    };
    assert_eq!(off_minute(&kept[PEOPLE - 1]), odd, "instants stay exact");
    after.saturating_sub(before)
}

/// Ten meetings a day that do not touch; `odd` of all begin off the minute.
fn person(dice: &mut Dice, odd: usize) -> FreeBusy {
    let start = workload::window().0;
    let known = Interval::new(start, start + TimeDelta::days(DAYS)).expect("days have a length");
    let mut builder = FreeBusy::builder(known);
    for number in 0..DAYS * MEETINGS_A_DAY {
        let (day, hour) = (number / MEETINGS_A_DAY, number % MEETINGS_A_DAY);
        let hour = start + TimeDelta::days(day) + TimeDelta::hours(8 + hour);
        // The odd ones are spread over the days.
        let is_odd = (number as usize * odd) / 140 != ((number as usize + 1) * odd) / 140;
        let seconds = if is_odd { dice.between(1, 59) } else { 0 };
        let from = hour + TimeDelta::minutes(dice.between(1, 14)) + TimeDelta::seconds(seconds);
        let to = hour + TimeDelta::minutes(dice.between(25, 59));
        let kind = match dice.roll(20) {
            0..2 => FreeBusyKind::Tentative,
            2 => FreeBusyKind::OutOfOffice,
            _ => FreeBusyKind::Busy,
        };
        builder.push(Interval::new(from, to).expect("it ends later"), kind);
    }
    builder.build()
}
