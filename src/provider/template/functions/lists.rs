use super::{Outcome, Table, argument, bounded, count, int, list};
use crate::provider::template::print::plain;
use crate::provider::template::value::Value;

pub(super) const TABLE: Table = &[
    ("list", |a, _| Ok(Value::list(a.to_vec()))),
    ("tuple", |a, _| Ok(Value::list(a.to_vec()))),
    ("first", |a, _| {
        Ok(list(a, 0)?.first().cloned().unwrap_or(Value::Nil))
    }),
    ("last", |a, _| {
        Ok(list(a, 0)?.last().cloned().unwrap_or(Value::Nil))
    }),
    ("rest", |a, _| {
        Ok(Value::list(list(a, 0)?.into_iter().skip(1).collect()))
    }),
    ("initial", |a, _| {
        let mut items = list(a, 0)?;
        items.pop();
        Ok(Value::list(items))
    }),
    ("append", |a, _| push(list(a, 0)?, argument(a, 1)?)),
    ("push", |a, _| push(list(a, 0)?, argument(a, 1)?)),
    ("prepend", |a, _| {
        let mut items = vec![argument(a, 1)?.clone()];
        items.extend(list(a, 0)?);
        bounded(items.len())?;
        Ok(Value::list(items))
    }),
    ("concat", |a, _| {
        let mut items = Vec::new();
        for index in 0..a.len() {
            items.extend(list(a, index)?);
            bounded(items.len())?;
        }
        Ok(Value::list(items))
    }),
    ("reverse", |a, _| {
        Ok(Value::list(list(a, 0)?.into_iter().rev().collect()))
    }),
    ("uniq", |a, _| {
        let mut items: Vec<Value> = Vec::new();
        for item in list(a, 0)? {
            if !holds(&items, &item) {
                items.push(item);
            }
        }
        Ok(Value::list(items))
    }),
    ("compact", |a, _| {
        Ok(Value::list(
            list(a, 0)?.into_iter().filter(Value::truth).collect(),
        ))
    }),
    ("without", |a, _| {
        let unwanted = a.get(1..).unwrap_or_default();
        let items = list(a, 0)?
            .into_iter()
            .filter(|item| !holds(unwanted, item));
        Ok(Value::list(items.collect()))
    }),
    ("has", |a, _| {
        Ok(Value::Bool(holds(&list(a, 1)?, argument(a, 0)?)))
    }),
    ("sortAlpha", |a, _| {
        let mut items: Vec<_> = list(a, 0)?.iter().map(plain).collect();
        items.sort();
        Ok(Value::texts(items))
    }),
    ("slice", slice_of),
    ("chunk", |a, _| {
        let size = count(a, 0)?.max(1);
        let items = list(a, 1)?;
        Ok(Value::list(
            items
                .chunks(size)
                .map(|c| Value::list(c.to_vec()))
                .collect(),
        ))
    }),
    ("until", |a, _| {
        let end = int(a, 0)?;
        steps(0, end, if end < 0 { -1 } else { 1 })
    }),
    ("untilStep", |a, _| {
        steps(int(a, 0)?, int(a, 1)?, int(a, 2)?)
    }),
    ("seq", |a, _| {
        let (from, by, to) = match a.len() {
            0 => return Ok(Value::text("")),
            1 => (1, if int(a, 0)? < 1 { -1 } else { 1 }, int(a, 0)?),
            2 => (
                int(a, 0)?,
                if int(a, 1)? < int(a, 0)? { -1 } else { 1 },
                int(a, 1)?,
            ),
            _ => (int(a, 0)?, int(a, 1)?, int(a, 2)?),
        };
        let Value::List(numbers) = steps(from, to.saturating_add(by.signum()), by)? else {
            return Ok(Value::text(""));
        };
        Ok(Value::text(
            numbers.iter().map(plain).collect::<Vec<_>>().join(" "),
        ))
    }),
];

fn holds(items: &[Value], wanted: &Value) -> bool {
    items.iter().any(|item| item.same(wanted))
}

fn push(mut items: Vec<Value>, item: &Value) -> Outcome {
    items.push(item.clone());
    bounded(items.len())?;
    Ok(Value::list(items))
}

/// A part of a list or of a text.
fn slice_of(a: &[Value], _: &super::Scope<'_>) -> Outcome {
    let whole = argument(a, 0)?;
    let length = match whole {
        Value::Text(text) => text.len(),
        Value::List(items) => items.len(),
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Map(_) => {
            return Err(format!("a {} has no parts", whole.kind()));
        }
    };
    let start = if a.len() > 1 { count(a, 1)? } else { 0 };
    let end = if a.len() > 2 { count(a, 2)? } else { length };
    let part = if let Value::List(items) = whole {
        items
            .get(start..end)
            .map(|items| Value::list(items.to_vec()))
    } else {
        plain(whole).get(start..end).map(Value::text)
    };
    part.ok_or_else(|| format!("{start} to {end} is out of range: the length is {length}"))
}

/// `from`, `from + by`, ... up to but without `to`.
fn steps(from: i64, to: i64, by: i64) -> Outcome {
    if by == 0 || (to > from) != (by > 0) {
        return Ok(Value::list(Vec::new()));
    }
    let length = to.abs_diff(from).div_ceil(by.unsigned_abs());
    bounded(usize::try_from(length).unwrap_or(usize::MAX))?;
    let mut items = Vec::new();
    let mut next = from;
    while (by > 0 && next < to) || (by < 0 && next > to) {
        items.push(Value::Int(next));
        next = next.saturating_add(by);
    }
    Ok(Value::list(items))
}
