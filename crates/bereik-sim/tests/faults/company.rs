//! A small busy company, and what can go wrong in it.

use bereik_core::Directory;
use bereik_sim::{Scenario, Source, Sources};

pub(crate) const FAULTS: [&str; 8] = [
    "[[fault]]\nkind = 'down'\nchannel = 'phone'\nfrom = '2026-11-23 08:10'\nto = '2026-11-23 08:35'\n",
    "[[fault]]\nkind = 'down'\ndepends_on = 'wire'\nfrom = '2026-11-23 08:20'\n",
    "[[fault]]\nkind = 'late'\nshare = 0.4\nby_s = 40\n",
    "[[fault]]\nkind = 'doubled'\nshare = 0.5\n",
    "[[fault]]\nkind = 'lost'\nshare = 0.2\n",
    "[[fault]]\nkind = 'stale-presence'\nfrom = '2026-11-23 08:20'\nto = '2026-11-23 08:50'\n",
    "[[fault]]\nkind = 'clock-jumps'\nfrom = '2026-11-23 08:15'\nto = '2026-11-23 08:25'\nby_s = 1200\n[[fault]]\nkind = 'clock-jumps'\nfrom = '2026-11-23 08:40'\nto = '2026-11-23 08:50'\nby_s = -600\n",
    "[[fault]]\nkind = 'restarts'\nshare = 0.02\n",
];

const COMPANY: &str = r#"
name = "A small busy company"
start = "2026-11-23 08:00"
hours = 1
calm_h = 30

[company]
name = "Rivers & Co"
zone = "Europe/Amsterdam"
default_hours = "office"
default_escalation = "standard"
hands = { capacity_total = 40, wrap_up_s = { phone = 20, web_chat = 15 }, warm_for_s = 30 }
incident = { contacts = 4, within_s = 300 }
calamity_lines = ["calamity"]
line = [
    { id = "calamity", channel = "phone", address = "tel:+44 7700 900301" },
    { id = "duty", channel = "phone", address = "tel:+44 7700 900302" },
]
person = [
    { id = "anna", name = "Anna", skills = { orders = 3 }, line = [{ id = "anna-phone", channel = "phone", address = "tel:+44 1632 960311", depends_on = ["wire"] }, { id = "anna-mobile", channel = "phone", address = "tel:+44 7700 900311" }, { id = "anna-mail", channel = "email", address = "anna@rivers.example" }] },
    { id = "bram", name = "Bram", skills = { orders = 2 }, line = [{ id = "bram-phone", channel = "phone", address = "tel:+44 1632 960312", depends_on = ["wire"] }, { id = "bram-mail", channel = "email", address = "bram@rivers.example" }] },
    { id = "ceren", name = "Ceren", skills = { fire = 3 }, capacity = { web_chat = 1 } },
    { id = "gijs", name = "Gijs", hours = "night" },
]
group = [
    { id = "desk", name = "Desk", members = ["anna", "bram"], circle = [{ after_s = 40, groups = ["second"] }] },
    { id = "second", name = "Second", members = ["ceren"], strategy = "ring-all" },
]
hours.office.week.mon = ["08:00-08:30", "08:35-17:00"]
hours.office.week.tue = ["08:00-17:00"]
hours.night.week.mon = ["22:00-06:00"]
escalation = [{ id = "standard", level = [{ ask = [{ line = "duty" }], for_s = 120 }] }]

[[customers]]
name = "callers"
channel = "phone"
group = "desk"
rate = [{ per_hour = 18 }]
handling = { mean_s = 200 }
patience = { mean_s = 120, shape = "exponential" }
second = { channel = "email", share = 0.7, after = { mean_s = 200 } }
also = { channel = "email", share = 0.2, after = { mean_s = 150 } }

[[customers]]
name = "visitors"
channel = "web_chat"
rate = [{ per_hour = 40 }]
handling = { mean_s = 300 }
patience = { mean_s = 200, shape = "exponential" }
messages = 2
pool = 20
also = { channel = "email", share = 0.2, after = { mean_s = 150 } }
away = { share = 0.3, after = { mean_s = 90 }, back_share = 0.6, back_after = { mean_s = 300 } }
writes_waiting = 2

[[customers]]
name = "letters"
channel = "email"
person = "bram"
rate = [{ per_hour = 8 }]
handling = { mean_s = 400 }

[[customers]]
name = "fires"
channel = "phone"
urgency = "calamity"
group = "second"
need = "fire"
rate = [{ per_hour = 3 }]
burst = [{ at = "2026-11-23 08:32", contacts = 8, within_s = 120 }]

[[habits]]
name = "all"
answers_after = { mean_s = 7 }
ignores = 0.1
declines = 0.05
forgets_to_close = 0.05
hands_on = 0.1
breaks = ["08:40-08:45"]

[habits.does]
consults = 0.4
invites = 0.2
transfers = 0.25
phones = 0.2
promises_calls = 0.1
forgets_calls = 0.4
praises = 0.8
says_nothing = 0.1
first_word_after_s = 20

[[answering]]
line = "duty"
by = "gijs"
ignores = 0.3

[[answering]]
line = "calamity"
by = "gijs"
answers_after = { mean_s = 40 }
"#;

pub(crate) fn scenario(faults: &str) -> (Scenario, Directory) {
    let source = Source::scenario("busy.toml", format!("{COMPANY}\n{faults}"));
    Sources::new(vec![source])
        .read()
        .unwrap_or_else(|error| panic!("{error}"))
}
