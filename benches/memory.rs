//! What a calendar that was read holds for each component, and what the free/busy time of a person holds.

#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};

use bereik::calendar::Limits;
use bereik::core::free_busy::FreeBusy;
use bereik_benches::agenda;
use bereik_benches::dice::Dice;
use bereik_benches::resident;
use bereik_benches::table::Table;
use bereik_benches::workload;

/// What 14 days of a person may hold, where all is on whole minutes.
const BYTES_MAX: f64 = 600.0;

/// People that are kept at once.
const PEOPLE: usize = 100_000;

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
    let kept: Vec<FreeBusy> = (0..PEOPLE)
        .map(|_| agenda::fortnight(&mut dice, odd))
        .collect();
    let after = resident::now().unwrap_or_default();
    let is_whole = |value: &FreeBusy| value.intervals().len() == agenda::MEETINGS;
    assert!(black_box(&kept).iter().all(is_whole), "no meeting is lost");
    let off_minute = |value: &FreeBusy| {
        let starts = value.intervals().map(|(interval, _)| interval.start());
        starts.filter(|start| start.timestamp() % 60 != 0).count()
    };
    assert_eq!(off_minute(&kept[PEOPLE - 1]), odd, "instants stay exact");
    after.saturating_sub(before)
}
