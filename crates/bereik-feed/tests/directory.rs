//! Whatever is wrong with a directory's file is one sentence that names file and line.

use std::path::{Path, PathBuf};

use bereik_core::Directory;
use bereik_feed::{DirectoryFileErrorKind as Kind, DirectoryWatch, FailureKind, read_directory};
use proptest::prelude::*;

/// A folder of its own for each test, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bereik-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    fn write(&self, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join("company.toml");
        std::fs::write(&path, bytes).expect("a temporary file can be written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const GOOD: &str = r#"name = "Rivers & Co"
zone = "Europe/Amsterdam"
default_hours = "office"

[hours.office.week]
mon = ["08:30-12:00", "12:30-17:00"]

[[line]]
id = "desk-phone"
channel = "phone"
address = "tel:+44 1632 960100"

[[person]]
id = "anna"
name = "Anna"
skills = { bikes = 4 }

[[person.line]]
id = "anna-mail"
channel = "email"
address = "anna@rivers.example"

[[group]]
id = "helpdesk"
name = { en = "Helpdesk", nl = "Helpdesk" }
members = [
    "anna",
]
offer_for_s = 30

[[escalation]]
id = "standard"
level = [
    { ask = [{ group = "helpdesk" }], for_s = 60 },
    { ask = [{ line = "desk-phone" }], for_s = 60 },
]
"#;

/// The good directory with one text put in the place of another.
fn with(before: &str, after: &str) -> String {
    assert_eq!(GOOD.matches(before).count(), 1, "{before} stands once");
    GOOD.replace(before, after)
}

fn sentence(folder: &Folder, bytes: impl AsRef<[u8]>) -> (Kind, Option<usize>, String) {
    let path = folder.write(bytes);
    let error = read_directory(&path).expect_err("the directory is not right");
    let shown = error.to_string();
    assert_eq!(shown.lines().count(), 1, "one line: {shown}");
    let prefix = match error.line() {
        Some(line) => format!("{}:{line}: ", path.display()),
        None => format!("{}: ", path.display()),
    };
    let reason = shown.strip_prefix(&prefix);
    let reason = reason.unwrap_or_else(|| panic!("{shown} names file and line"));
    (error.kind(), error.line(), reason.to_owned())
}

#[test]
fn a_good_directory_is_read() {
    let folder = Folder::new("good");
    let directory = read_directory(&folder.write(GOOD)).expect("it is right");
    assert_eq!(directory.name(), "Rivers & Co");
    assert_eq!(directory.people().len(), 1);
}

#[test]
fn what_leads_nowhere_is_named_with_its_line() {
    let folder = Folder::new("semantic");
    let cases = [
        (
            with("default_hours = \"office\"", "default_hours = \"nights\""),
            3,
            "default_hours: there is no hours `nights`",
        ),
        (
            with("    \"anna\",\n", "    \"anna\",\n    \"bo\",\n"),
            28,
            "group 1, members 2: there is no person `bo`",
        ),
        (
            with("id = \"anna-mail\"", "id = \"desk-phone\""),
            19,
            "person 1, line 1, id: `desk-phone` is given twice",
        ),
        (
            with("bikes = 4", "bikes = 9"),
            16,
            "person 1, skills, bikes: 9 is not between 1 and 5",
        ),
        (
            with("anna@rivers.example", "tel:+441632960101"),
            21,
            "person 1, line 1, address: this address cannot be used over email",
        ),
        (
            with("{ line = \"desk-phone\" }", "{ line = \"desk-telephone\" }"),
            35,
            "escalation 1, level 2, ask 1: there is no line `desk-telephone`",
        ),
        (
            with("offer_for_s = 30", "offer_for_s = 0"),
            29,
            "group 1, offer_for_s: 0 is not between 1 and 3600",
        ),
    ];
    for (text, line, reason) in cases {
        let found = sentence(&folder, text);
        assert_eq!(found, (Kind::Invalid, Some(line), reason.to_owned()));
    }
}

#[test]
fn what_is_out_of_range_is_named_with_its_line() {
    let folder = Folder::new("ranges");
    let cases = [
        (
            with("offer_for_s = 30", "cool_down_s = 0"),
            29,
            "group 1, cool_down_s: 0 is not between 1 and 86400",
        ),
        (
            with("[[line]]\n", "[hands]\nwarm_for_s = 86_401\n\n[[line]]\n"),
            9,
            "hands, warm_for_s: 86401 is not between 0 and 86400",
        ),
        (
            with(
                "offer_for_s = 30",
                "offer_for_s = 30\ngroups = [\"helpdesk\"]",
            ),
            30,
            "group 1, groups 1: `helpdesk` is within itself",
        ),
        (
            with("offer_for_s = 30", "offers_at_once = 65"),
            29,
            "group 1, offers_at_once: 65 is not between 1 and 64",
        ),
        (
            with("offer_for_s = 30", "knows_for_s = 31536001"),
            29,
            "group 1, knows_for_s: 31536001 is not between 0 and 31536000",
        ),
        (
            with(
                "offer_for_s = 30",
                "circle = [{ after_s = 9, lowers = { bikes = 6 } }]",
            ),
            29,
            "group 1, circle 1, lowers, bikes: 6 is not between 1 and 5",
        ),
        (
            with("offer_for_s = 30", "cap = 0"),
            29,
            "group 1, cap: 0 is not between 1 and 1000",
        ),
        (
            with("offer_for_s = 30", "reserve = 1001"),
            29,
            "group 1, reserve: 1001 is not between 0 and 1000",
        ),
    ];
    for (text, line, reason) in cases {
        let found = sentence(&folder, text);
        assert_eq!(found, (Kind::Invalid, Some(line), reason.to_owned()));
    }
}

#[test]
fn what_is_not_a_directory_is_named_with_its_line() {
    let folder = Folder::new("shape");
    let cases = [
        (
            with("Europe/Amsterdam", "Europe/Amsterdm"),
            2,
            "no time zone is named `Europe/Amsterdm`",
        ),
        (
            with("tel:+44 1632 960100", "tel:none"),
            11,
            "not an address",
        ),
        (
            with("id = \"anna\"\n", "id = \"anna smith\"\n"),
            14,
            "`anna smith` is not an id",
        ),
        (
            with("\"08:30-12:00\"", "\"8:30-12:00\""),
            6,
            "`8:30-12:00` is not a stretch of a day",
        ),
        (
            with("offer_for_s = 30", "offer_for_s = \"30\""),
            29,
            "invalid type: string, expected u32",
        ),
        (with("name = \"Anna\"\n", ""), 13, "missing field `name`"),
        (
            with("offer_for_s = 30", "offer_for = 30"),
            29,
            "unknown field `offer_for`",
        ),
        (
            with("channel = \"phone\"", "channel = \"fax\""),
            10,
            "unknown variant `fax`",
        ),
        (
            with("zone = \"Europe/Amsterdam\"\n", ""),
            1,
            "missing field `zone`",
        ),
    ];
    for (text, line, reason) in cases {
        let (kind, found, shown) = sentence(&folder, text);
        assert!(shown.starts_with(reason), "{shown} starts with {reason}");
        assert_eq!((kind, found), (Kind::Invalid, Some(line)), "{shown}");
    }
}

#[test]
fn what_is_not_toml_is_named_with_its_line() {
    let folder = Folder::new("syntax");
    let unfinished = with("name = \"Anna\"", "name = \"Anna");
    let (kind, line, reason) = sentence(&folder, unfinished);
    assert_eq!((kind, line), (Kind::Syntax, Some(15)), "{reason}");
    let twice = with("name = \"Anna\"", "id = \"anna\"");
    let (kind, line, reason) = sentence(&folder, twice);
    assert_eq!((kind, line), (Kind::Syntax, Some(15)), "{reason}");
    let mut latin = GOOD.as_bytes().to_vec();
    let anna = GOOD.find("Anna").expect("it stands there");
    latin[anna] = 0xE4;
    let (kind, line, reason) = sentence(&folder, latin);
    assert_eq!((kind, line), (Kind::Syntax, Some(15)));
    assert_eq!(reason, "this line is not text in UTF-8");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = Folder::new("unreadable");
    let of = |path: &Path| {
        let error = read_directory(path).expect_err("it cannot be read");
        assert_eq!(error.line(), None);
        (error.kind(), error.to_string())
    };
    let missing = folder.0.join("none.toml");
    let reason = "cannot be read: there is no such file";
    let shown = format!("{}: {reason}", missing.display());
    assert_eq!(of(&missing), (Kind::File(FailureKind::Missing), shown));
    assert_eq!(of(&folder.0).0, Kind::File(FailureKind::NotAFile));
    let long = folder.write(vec![b'#'; (4 << 20) + 1]);
    assert_eq!(of(&long).0, Kind::File(FailureKind::TooLong));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever a slip of the hand makes of a directory, it is read, or what is wrong is one
    /// sentence about a line that is there.
    #[test]
    fn a_slip_is_one_sentence(
        from in 0..GOOD.len(),
        len in 0..12_usize,
        typed in prop_oneof![
            "[ -~\n]{0,6}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..4),
        ],
    ) {
        let mut bytes = GOOD.as_bytes().to_vec();
        bytes.splice(from..(from + len).min(GOOD.len()), typed);
        let folder = Folder::new("slip");
        let path = folder.write(&bytes);
        if let Err(error) = read_directory(&path) {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            let shown = error.to_string();
            prop_assert!(!shown.chars().any(char::is_control), "{:?}", shown);
            prop_assert!(error.line().is_some_and(|line| (1..=lines).contains(&line)), "{}", shown);
            let prefix = format!("{}:", path.display());
            prop_assert!(shown.starts_with(&prefix));
        }
    }
}

fn named(name: &str) -> String {
    with("Rivers & Co", name)
}

#[tokio::test(start_paused = true)]
async fn a_watch_tells_what_is_new_and_what_is_wrong() {
    let folder = Folder::new("watch");
    let path = folder.write(GOOD);
    let current = read_directory(&path).expect("it is right");
    // It was changed before the watch began.
    folder.write(named("Lakes"));
    let mut watch = DirectoryWatch::new(&path, current);
    let name = |told: Result<Directory, _>| told.map(|directory| directory.name().to_owned());
    assert_eq!(name(watch.next().await), Ok("Lakes".to_owned()));

    folder.write(with(
        "default_hours = \"office\"",
        "default_hours = \"nights\"",
    ));
    let error = watch.next().await.expect_err("a version that is not right");
    assert_eq!(error.line(), Some(3));
    std::fs::remove_file(&path).expect("a temporary file can be removed");
    let error = watch.next().await.expect_err("a file that is gone");
    assert_eq!(error.kind(), Kind::File(FailureKind::Missing));
    // Back to what it was: the caller learns that it is right again.
    folder.write(named("Lakes"));
    assert_eq!(name(watch.next().await), Ok("Lakes".to_owned()));
    folder.write(named("Meadows"));
    assert_eq!(name(watch.next().await), Ok("Meadows".to_owned()));
}
