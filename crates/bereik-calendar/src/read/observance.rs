//! The properties of a STANDARD or DAYLIGHT of a VTIMEZONE (RFC 5545 section 3.6.5).

use super::property::{Name, Property};
use super::value::{self, When};
use crate::civil::DAY;
use crate::component::Observance;
use crate::recurrence::Rule;

/// Takes one property into an observance; what cannot be read flaws it.
pub(super) fn property(
    observance: &mut Observance,
    name: Name,
    property: &Property<'_>,
    dates_max: usize,
) {
    let mut is_read = true;
    match name {
        Name::DtStart => {
            observance.start = wall(property.value);
            is_read = observance.start.is_some();
        }
        Name::TzOffsetFrom => {
            observance.offset_from = value::utc_offset(property.value);
            is_read = observance.offset_from.is_some();
        }
        Name::TzOffsetTo => {
            observance.offset_to = value::utc_offset(property.value);
            is_read = observance.offset_to.is_some();
        }
        Name::RRule => match Rule::parse(property.value) {
            Ok(rule) => observance.rules.push(rule),
            Err(_) => is_read = false,
        },
        Name::RDate => {
            for text in property.value.split(|byte| *byte == b',') {
                let text = text.split(|byte| *byte == b'/').next().unwrap_or(text);
                match wall(text).filter(|_| observance.extra.len() < dates_max) {
                    Some(wall) => observance.extra.push(wall),
                    None => is_read = false,
                }
            }
        }
        _ => {}
    }
    observance.is_flawed |= !is_read;
}

/// A time as the wall shows it, whatever is said of its zone.
fn wall(text: &[u8]) -> Option<i64> {
    Some(match value::when(text)? {
        When::Wall(wall) | When::Utc(wall) => wall,
        When::Date(day) => i64::from(day) * DAY,
    })
}
