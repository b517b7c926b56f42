//! One scenario on top of another: tables are merged, lists of named things by their names.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The fields by which the items of a list are told apart, the first that is there counting.
const NAMES: [&str; 3] = ["id", "name", "line"];

/// The same value with all spans moved on by `offset`.
pub(super) fn moved(value: Spanned<DeValue<'_>>, offset: usize) -> Spanned<DeValue<'_>> {
    let span = value.span();
    let inner = match value.into_inner() {
        DeValue::Array(array) => {
            DeValue::Array(array.into_iter().map(|item| moved(item, offset)).collect())
        }
        DeValue::Table(table) => DeValue::Table(moved_table(table, offset)),
        plain => plain,
    };
    Spanned::new(span.start + offset..span.end + offset, inner)
}

pub(super) fn moved_table(table: DeTable<'_>, offset: usize) -> DeTable<'_> {
    let entries = table.into_iter().map(|(key, value)| {
        let span = key.span();
        let key = Spanned::new(span.start + offset..span.end + offset, key.into_inner());
        (key, moved(value, offset))
    });
    entries.collect()
}

/// A table that holds another in one field.
pub(super) fn below<'t>(
    field: &'static str,
    table: DeTable<'t>,
    span: Range<usize>,
) -> DeTable<'t> {
    let key = Spanned::new(span.clone(), Cow::Borrowed(field));
    [(key, Spanned::new(span, DeValue::Table(table)))]
        .into_iter()
        .collect()
}

fn name_of<'t>(item: &'t Spanned<DeValue<'_>>) -> Option<&'t str> {
    let table = item.get_ref().as_table()?;
    let name = NAMES.iter().find_map(|name| table.get(*name))?;
    name.get_ref().as_str()
}

fn is_named(array: &DeArray<'_>) -> bool {
    !array.is_empty() && array.iter().all(|item| name_of(item).is_some())
}

/// Lays `over` on top of `under`.
pub(super) fn lay<'t>(under: &mut DeTable<'t>, over: DeTable<'t>) {
    for (key, value) in over {
        match under.get_mut(key.get_ref().as_ref()) {
            Some(below) => lay_value(below, value),
            None => {
                under.insert(key, value);
            }
        }
    }
}

fn lay_value<'t>(below: &mut Spanned<DeValue<'t>>, value: Spanned<DeValue<'t>>) {
    let both = |is: fn(&DeValue<'_>) -> bool| is(below.get_ref()) && is(value.get_ref());
    let are_merged =
        both(|value| value.is_table()) || both(|list| list.as_array().is_some_and(is_named));
    if !are_merged {
        *below = value;
        return;
    }
    match (below.get_mut(), value.into_inner()) {
        (DeValue::Table(below), DeValue::Table(over)) => lay(below, over),
        (DeValue::Array(below), DeValue::Array(over)) => {
            for item in over {
                let name = name_of(&item).map(str::to_owned);
                let same = below
                    .iter_mut()
                    .find(|other| name_of(other) == name.as_deref());
                match same {
                    Some(same) => lay_value(same, item),
                    None => below.push(item),
                }
            }
        }
        _ => {}
    }
}
