//! Runs the examples that end by themselves, and compares what they print with the texts in
//! `tests/output`; `UPDATE=1` writes those anew.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// Where cargo has put the examples: beside the folder of this test. `cargo test` builds them;
/// `cargo test --test run` alone does not.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let folder = test
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("examples");
    let file = folder
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        file.is_file(),
        "`cargo build --examples` first: there is no {}",
        file.display()
    );
    let mut command = Command::new(file);
    command.current_dir(here()).env("RUST_BACKTRACE", "0");
    command
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// What an example prints, with its errors after it, is what the file says.
fn check(file: &str, name: &str, arguments: &[&str]) {
    let ran = example(name).args(arguments).output().unwrap();
    let (out, err) = (
        String::from_utf8(ran.stdout).unwrap(),
        String::from_utf8(ran.stderr).unwrap(),
    );
    let is = format!("{out}{err}exit {}\n", ran.status.code().unwrap());
    let path = here().join("tests/output").join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &is).unwrap();
    }
    let should = std::fs::read_to_string(&path).unwrap();
    assert_eq!(is, should, "{name} {arguments:?}");
}

#[test]
fn ask_the_author() {
    check("ask-the-author.txt", "ask-the-author", &[]);
}

#[test]
fn custom_channel() {
    check("custom-channel.txt", "custom-channel", &[]);
}

#[test]
fn explain() {
    check("explain.txt", "explain", &[]);
}

#[test]
#[ignore = "needs the servers that cargo xtask test installs"]
fn reach_me() {
    let ran = example("reach-me").output().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    // Which lines are tried in vain depends on what a probe has said of them by then.
    let reached = out.lines().filter(|line| line.ends_with("reaches Alice"));
    let over = reached.map(|line| line.split([' ', ':']).nth(5).unwrap_or_default());
    let should = ["xmpp", "desk", "sms", "mail", "xmpp"].map(|line| format!("alice-{line}"));
    assert_eq!(over.collect::<Vec<_>>(), should, "{out}{err}");
}

#[test]
fn virtual_time() {
    check("virtual-time.txt", "virtual-time", &[]);
}

#[test]
fn who_is_reachable() {
    let file = "webchat/directory.toml";
    for (name, instant) in [
        ("monday", "2026-11-23T09:10:00+01:00"),
        ("night", "2026-11-24T02:00:00+01:00"),
        ("lisbon", "2026-11-23T17:45:00+01:00"),
        ("christmas", "2026-12-25T10:00:00+01:00"),
        ("open-hour", "2026-11-26T19:10:00+01:00"),
    ] {
        check(
            &format!("reachable-{name}.txt"),
            "who-is-reachable",
            &[file, instant],
        );
    }
}

/// The map is a text as well: what is drawn is held like what is printed.
#[test]
fn coverage() {
    let svg = std::env::temp_dir().join(format!("bereik-coverage-{}", std::process::id()));
    std::fs::create_dir_all(&svg).unwrap();
    let svg = svg.join("coverage.svg");
    let to = svg.to_str().unwrap();
    let arguments = ["webchat/directory.toml", "2026-11-23", to];
    check("coverage.txt", "coverage", &arguments);
    let is = std::fs::read_to_string(&svg).unwrap();
    std::fs::remove_dir_all(svg.parent().unwrap()).unwrap();
    let path = here().join("tests/output/coverage.svg");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &is).unwrap();
    }
    assert!(
        is == std::fs::read_to_string(path).unwrap(),
        "it draws another map"
    );
}

#[test]
fn coverage_says_in_one_sentence_what_it_cannot_read() {
    let arguments = ["webchat/directory.toml", "monday"];
    check("coverage-date.txt", "coverage", &arguments);
}

const DRILL: [&str; 5] = [
    "--at",
    "2026-11-23T02:00:00+01:00",
    "--days",
    "14",
    "webchat/directory.toml",
];

/// What a fire drill draws is what the file says.
fn check_drill(file: &str, arguments: &[&str]) {
    let folder = std::env::temp_dir().join(format!("bereik-{file}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let svg = folder.join("strip.svg");
    let all = [&DRILL, arguments, &["--svg", svg.to_str().unwrap()]].concat();
    check(&format!("{file}.txt"), "fire-drill", &all);
    let is = std::fs::read_to_string(&svg).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    let path = here().join("tests/output").join(format!("{file}.svg"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &is).unwrap();
    }
    let should = std::fs::read_to_string(path).unwrap();
    assert!(is == should, "{file} is another strip");
}

#[test]
fn a_roster_without_a_gap_is_let_pass() {
    check_drill("fire-drill", &["--roster", "fire-drill/roster.toml"]);
}

#[test]
fn a_gap_of_seventeen_minutes_is_found_to_the_minute() {
    check_drill(
        "fire-drill-gap",
        &["--roster", "tests/faulty/roster-gap.toml"],
    );
    let text = std::fs::read_to_string(here().join("tests/output/fire-drill-gap.txt")).unwrap();
    assert!(text.ends_with("exit 1\n"));
    assert!(text.contains(
        "A customer would be alone, once, 17 min in all:\n    Wed 2 Dec 02:31 to 02:48  (17 min)\n\n"
    ));
}

#[test]
fn a_fire_drill_says_in_one_sentence_what_it_cannot_rehearse() {
    let roster = |file: &'static str| [&DRILL[..], &["--roster", file]].concat();
    for (file, arguments) in [
        ("fire-drill-usage", vec!["--days", "14"]),
        (
            "fire-drill-person",
            roster("tests/faulty/roster-person.toml"),
        ),
        ("fire-drill-line", roster("tests/faulty/roster-line.toml")),
        ("fire-drill-missing", roster("nowhere.toml")),
    ] {
        check(&format!("{file}.txt"), "fire-drill", &arguments);
    }
}

#[test]
fn problems_name_file_and_line() {
    let at = "2026-11-23T09:10:00+01:00";
    check(
        "reachable-missing.txt",
        "who-is-reachable",
        &["nowhere.toml", at],
    );
    check(
        "reachable-member.txt",
        "who-is-reachable",
        &["tests/faulty/member.toml", at],
    );
    check(
        "reachable-agenda.txt",
        "who-is-reachable",
        &["tests/faulty/agenda.toml", at],
    );
    check(
        "reachable-instant.txt",
        "who-is-reachable",
        &["webchat/directory.toml", "monday"],
    );
}

#[test]
fn webchat_says_in_one_sentence_why_it_cannot_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let says = |arguments: &[&str]| {
        let ran = example("webchat").args(arguments).output().unwrap();
        assert!(!ran.status.success() && ran.stdout.is_empty());
        String::from_utf8(ran.stderr).unwrap()
    };
    let port = says(&["--listen", &address]);
    assert!(
        port.starts_with(&format!("cannot listen on {address}: ")),
        "{port}"
    );
    let directory = says(&[
        "--directory",
        "tests/faulty/member.toml",
        "--listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(
        directory,
        "tests/faulty/member.toml:13: group 1, members 2: there is no person `ana`\n"
    );
}

/// A child that ends with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The answer to a GET, head and body.
fn fetch(address: &str, path: &str, cookie: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn embed_in_axum() {
    let mut child = Served(
        example("embed-in-axum")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let address = line.split_once("http://").unwrap().1.trim_end_matches('/');

    assert!(fetch(address, "/", "").contains("/help/widget.js"));
    assert!(fetch(address, "/help/widget.js", "").starts_with("HTTP/1.1 200"));
    assert!(fetch(address, "/help", "").contains("Rivers &amp; Co"));
    assert!(fetch(address, "/staff/desk", "").starts_with("HTTP/1.1 401"));
    assert!(fetch(address, "/sign-in/eve", "").starts_with("HTTP/1.1 403"));
    assert!(fetch(address, "/sign-in/anna", "").contains("set-cookie: user=anna;"));
    assert!(fetch(address, "/staff/desk", "user=anna").starts_with("HTTP/1.1 200"));
}

/// How often the board is looked at, ten times a second, before the test gives up.
const LOOKS_MAX: u32 = 300;

/// Waits until what the board says of somebody is, or is no longer, that he is available.
fn await_available(address: &str, person: &str, is_wanted: bool) {
    for _ in 0..LOOKS_MAX {
        let answer = fetch(address, "/bereik/board.json", "");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let board: serde_json::Value = serde_json::from_str(body).unwrap();
        let people = board["people"].as_array().unwrap();
        let standing = people.iter().find(|one| one["id"] == person);
        let is_available = standing.is_some_and(|one| one["standing"] == "available");
        if is_available == is_wanted {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{person} is not as the files say");
}

/// A copy of the company, to be written in.
fn company_of_its_own() -> PathBuf {
    let to = std::env::temp_dir().join(format!("bereik-company-{}", std::process::id()));
    std::fs::create_dir_all(to.join("agendas")).unwrap();
    let from = here().join("webchat");
    std::fs::copy(from.join("directory.toml"), to.join("directory.toml")).unwrap();
    for agenda in std::fs::read_dir(from.join("agendas")).unwrap() {
        let agenda = agenda.unwrap();
        std::fs::copy(agenda.path(), to.join("agendas").join(agenda.file_name())).unwrap();
    }
    to
}

#[test]
fn what_changes_on_disk_is_in_force_without_a_restart() {
    let folder = company_of_its_own();
    let mut child = Served(
        example("webchat")
            .args(["--at", "2026-11-23T09:10:00+01:00"])
            .args(["--listen", "127.0.0.1:0", "--directory"])
            .arg(folder.join("directory.toml"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let line = lines.nth(1).unwrap().unwrap();
    let address = line.split_once("http://").unwrap().1.trim_end_matches('/');
    await_available(address, "anna", true);

    let agenda = folder.join("agendas/anna.ics");
    let before = std::fs::read_to_string(&agenda).unwrap();
    let leave = "BEGIN:VEVENT\r\nUID:leave@kade.example\r\nDTSTAMP:20261120T080000Z\r\n\
        DTSTART;VALUE=DATE:20261123\r\nDTEND;VALUE=DATE:20261124\r\nSUMMARY:Leave\r\n\
        TRANSP:OPAQUE\r\nEND:VEVENT\r\nEND:VCALENDAR";
    std::fs::write(&agenda, before.replace("END:VCALENDAR", leave)).unwrap();
    await_available(address, "anna", false);
    std::fs::write(&agenda, &before).unwrap();
    await_available(address, "anna", true);

    // A directory that is not right is said in one sentence; the one before it stays in force.
    let directory = folder.join("directory.toml");
    let whole = std::fs::read_to_string(&directory).unwrap();
    std::fs::write(
        &directory,
        whole.replacen("\"anna\", \"bram\"", "\"ana\", \"bram\"", 1),
    )
    .unwrap();
    let mut complaints = BufReader::new(child.0.stderr.take().unwrap()).lines();
    let complaint = complaints.next().unwrap().unwrap();
    assert!(
        complaint.contains("directory.toml:") && complaint.contains("there is no person `ana`"),
        "{complaint}"
    );
    await_available(address, "anna", true);
    let renamed = whole
        .replacen("id = \"anna\"", "id = \"annika\"", 1)
        .replace("\"anna\"", "\"annika\"");
    std::fs::write(&directory, renamed.replace("anna =", "annika =")).unwrap();
    await_available(address, "annika", true);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A calendar in which somebody is busy all day, or is not.
fn day(is_busy: bool) -> String {
    let event = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:canary\r\nDTSTART:20261123T080000Z\r\n\
        DTEND:20261123T180000Z\r\nEND:VEVENT\r\n";
    let event = if is_busy { event } else { "" };
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n")
}

/// Serves a calendar over HTTP for as long as the test runs, whatever is asked.
fn serve(calendar: Arc<Mutex<String>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap()).lines();
            while request.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let body = calendar.lock().unwrap().clone();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            write!(stream, "{head}{body}").unwrap();
        }
    });
    address
}

/// The lines that a watch prints, without the time at which it prints them.
fn watched(arguments: &[&str]) -> (Served, impl Iterator<Item = String> + use<>) {
    let mut child = Served(
        example("watch-a-calendar")
            .args(["--at", "2026-11-23T09:00:00Z"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let untimed = |line: String| match line.split_once("  ") {
        Some((time, rest)) if time.starts_with("2026-11-23 ") => rest.to_owned(),
        _ => line,
    };
    (child, lines.map(move |line| untimed(line.unwrap())))
}

#[test]
fn watch_a_calendar() {
    let folder = std::env::temp_dir().join(format!("bereik-watched-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.ics"), day(true)).unwrap();
    let (_child, mut lines) = watched(&[folder.to_str().unwrap()]);
    assert_eq!(lines.next().unwrap(), "busy until 2026-11-23 18:00:00");
    std::fs::write(folder.join("a.ics"), day(false)).unwrap();
    assert_eq!(lines.next().unwrap(), "free until 2027-01-22 00:00:00");
    std::fs::write(folder.join("b.ics"), day(true)).unwrap();
    assert_eq!(lines.next().unwrap(), "busy until 2026-11-23 18:00:00");
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(lines.next().unwrap(), "busy until 2026-11-23 18:00:00");
    let trouble = lines.next().unwrap();
    assert!(
        trouble.contains(": cannot be read: there is no such file (since 2026-11-23 "),
        "{trouble}"
    );
    assert!(trouble.contains(", read last 2026-11-23 "), "{trouble}");

    let calendar = Arc::new(Mutex::new(day(true)));
    let address = serve(calendar.clone());
    let url = format!("http://{address}/anna.ics?key=s3cret");
    let every = [
        "--every",
        "1",
        "--zone",
        "Europe/Amsterdam",
        "--allow",
        &address,
    ];
    let (_child, mut lines) = watched(&[&every[..], &[&url]].concat());
    assert_eq!(lines.next().unwrap(), "busy until 2026-11-23 19:00:00");
    *calendar.lock().unwrap() = day(false);
    assert_eq!(lines.next().unwrap(), "free until 2027-01-22 01:00:00");
    *calendar.lock().unwrap() = "<html>sign in</html>".to_owned();
    assert_eq!(lines.next().unwrap(), "free until 2027-01-22 01:00:00");
    let trouble = lines.next().unwrap();
    let expected =
        format!("  http://{address}/…: cannot be read: the answer is not a whole calendar (since ");
    assert!(trouble.starts_with(&expected), "{trouble}");

    // What happens by itself is a line too, and after its time it ends.
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.ics"), day(true)).unwrap();
    let path = folder.join("a.ics");
    let ran = example("watch-a-calendar")
        .args(["--at", "2026-11-23T17:59:58Z", "--for", "4"])
        .args([path.as_os_str(), "https://10.0.0.1/".as_ref()])
        .output()
        .unwrap();
    let printed = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success() && ran.stderr.is_empty());
    assert_eq!(
        printed.matches("  busy until 2026-11-23 18:00:00").count(),
        1,
        "{printed}"
    );
    assert_eq!(printed.matches("  unknown\n").count(), 1, "{printed}");
    assert!(
        printed.contains("https://10.0.0.1/…: cannot be read: the address is refused"),
        "{printed}"
    );
    assert!(!printed.contains("canary"));
    std::fs::remove_dir_all(&folder).unwrap();
    check("watch-usage.txt", "watch-a-calendar", &["--for", "1"]);
}

/// What is ours in somebody's application, as it stands between the marks.
fn ours() -> Vec<String> {
    let text = std::fs::read_to_string(here().join("embed-in-axum.rs")).unwrap();
    let (mut blocks, mut is_ours) = (Vec::new(), false);
    for line in text.lines() {
        match line.trim() {
            "// >>> bereik" => {
                blocks.push(String::new());
                is_ours = true;
            }
            "// <<< bereik" => is_ours = false,
            _ if is_ours => *blocks.last_mut().unwrap() += &format!("{line}\n"),
            _ => {}
        }
    }
    blocks
}

#[test]
fn embedding_takes_at_most_thirty_lines() {
    let blocks = ours();
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let lines: usize = blocks
        .iter()
        .map(|block| block.lines().filter(is_code).count())
        .sum();
    assert!(
        lines < 30,
        "{lines} lines, and one for the tag on their page"
    );
    assert_eq!(blocks.len(), 2);
}

#[test]
fn the_readme_shows_the_same_code() {
    let readme = std::fs::read_to_string(here().join("../README.md")).unwrap();
    for block in ours() {
        let lines: Vec<_> = block
            .lines()
            .map(|line| line.strip_prefix("    ").unwrap_or(line))
            .collect();
        let is_nested = block.starts_with("    ");
        let block = if is_nested {
            lines.join("\n") + "\n"
        } else {
            block
        };
        assert!(readme.contains(&block), "the README lacks:\n{block}");
    }
}

#[test]
fn simulate() {
    let folder = std::env::temp_dir().join(format!("bereik-simulate-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (svg, timeline) = (folder.join("monday.svg"), folder.join("monday.jsonl"));
    let (svg, timeline) = (svg.to_str().unwrap(), timeline.to_str().unwrap());
    let monday = "simulate/scenarios/monday.toml";
    let arguments = [monday, "--check", "--svg", svg, "--timeline", timeline];
    check("simulate-monday.txt", "simulate", &arguments);
    assert!(std::fs::read_to_string(svg).unwrap().starts_with("<svg"));
    let entries = std::fs::read_to_string(timeline).unwrap();
    assert!(entries.lines().count() > 1_000);
    assert!(
        entries
            .lines()
            .all(|line| line.starts_with("{\"number\":") && line.ends_with('}'))
    );
    std::fs::remove_dir_all(folder).unwrap();
    let more = "simulate/scenarios/lunch-in-turns.toml";
    let lunch = "simulate/scenarios/lunch.toml";
    let arguments = [lunch, "--compare", more, "--seeds", "3", "--svg", "-"];
    check("simulate-compare.txt", "simulate", &arguments);
    let arguments = ["simulate/scenarios/kade.toml", "--svg", "-"];
    check("simulate-agendas.txt", "simulate", &arguments);
}

#[test]
fn simulate_says_in_one_sentence_what_it_cannot_read() {
    for (output, arguments) in [
        ("simulate-group.txt", ["tests/faulty/scenario-group.toml"]),
        ("simulate-field.txt", ["tests/faulty/scenario-field.toml"]),
        ("simulate-missing.txt", ["nowhere.toml"]),
    ] {
        check(output, "simulate", &arguments);
    }
}
