use std::cmp::Ordering;

use super::{Outcome, Table, argument, count, text};
use crate::provider::template::print::plain;
use crate::provider::template::value::Value;

pub(super) const TABLE: Table = &[
    ("eq", |a, _| {
        let first = argument(a, 0)?;
        argument(a, 1)?;
        for other in a.iter().skip(1) {
            if equal(first, other)? {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }),
    ("ne", |a, _| {
        Ok(Value::Bool(!equal(argument(a, 0)?, argument(a, 1)?)?))
    }),
    ("lt", |a, _| ordered(a, Ordering::is_lt)),
    ("le", |a, _| ordered(a, Ordering::is_le)),
    ("gt", |a, _| ordered(a, Ordering::is_gt)),
    ("ge", |a, _| ordered(a, Ordering::is_ge)),
    ("not", |a, _| Ok(Value::Bool(!argument(a, 0)?.truth()))),
    ("len", |a, _| {
        let length = match argument(a, 0)? {
            Value::Text(text) => text.len(),
            Value::List(items) => items.len(),
            Value::Map(map) => map.borrow().len(),
            other @ (Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_)) => {
                return Err(format!("a {} has no length", other.kind()));
            }
        };
        Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
    }),
    ("index", |a, _| {
        let mut value = argument(a, 0)?.clone();
        for at in 1..a.len() {
            value = indexed(&value, a, at)?;
        }
        Ok(value)
    }),
    ("default", |a, _| {
        let given = a.get(1).filter(|value| value.truth());
        Ok(given.unwrap_or(argument(a, 0)?).clone())
    }),
    ("empty", |a, _| Ok(Value::Bool(!argument(a, 0)?.truth()))),
    ("coalesce", |a, _| {
        Ok(a.iter()
            .find(|value| value.truth())
            .cloned()
            .unwrap_or(Value::Nil))
    }),
    ("all", |a, _| Ok(Value::Bool(a.iter().all(Value::truth)))),
    ("any", |a, _| Ok(Value::Bool(a.iter().any(Value::truth)))),
    ("ternary", |a, _| {
        let chosen = usize::from(!argument(a, 2)?.truth());
        Ok(argument(a, chosen)?.clone())
    }),
    ("kindOf", |a, _| Ok(Value::text(argument(a, 0)?.kind()))),
    ("typeOf", |a, _| Ok(Value::text(argument(a, 0)?.kind()))),
    ("kindIs", |a, _| {
        Ok(Value::Bool(argument(a, 1)?.kind() == text(a, 0)?))
    }),
    ("typeIs", |a, _| {
        Ok(Value::Bool(argument(a, 1)?.kind() == text(a, 0)?))
    }),
    ("deepEqual", |a, _| {
        Ok(Value::Bool(argument(a, 0)?.same(argument(a, 1)?)))
    }),
];

#[expect(
    clippy::cast_precision_loss,
    reason = "large whole numbers compare as Go's floats do"
)]
fn equal(one: &Value, other: &Value) -> Result<bool, String> {
    match (one, other) {
        (Value::Int(a), Value::Float(b)) | (Value::Float(b), Value::Int(a)) => {
            Ok((*a as f64).total_cmp(b).is_eq())
        }
        (Value::Nil, _) | (_, Value::Nil) => Ok(one.same(other)),
        _ if one.kind() == other.kind() => Ok(one.same(other)),
        _ => Err(unlike(one, other)),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "large whole numbers compare as Go's floats do"
)]
fn ordered(a: &[Value], wanted: fn(Ordering) -> bool) -> Outcome {
    let (one, other) = (argument(a, 0)?, argument(a, 1)?);
    let order = match (one, other) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Int(a), Value::Float(b)) => (*a as f64).total_cmp(b),
        (Value::Float(a), Value::Int(b)) => a.total_cmp(&(*b as f64)),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => return Err(unlike(one, other)),
    };
    Ok(Value::Bool(wanted(order)))
}

fn unlike(one: &Value, other: &Value) -> String {
    format!(
        "a {} and a {} can not be compared",
        one.kind(),
        other.kind()
    )
}

fn indexed(value: &Value, a: &[Value], at: usize) -> Outcome {
    match value {
        Value::Map(map) => Ok(map
            .borrow()
            .get(&text(a, at)?)
            .cloned()
            .unwrap_or(Value::Nil)),
        Value::List(items) => {
            let index = count(a, at)?;
            items
                .get(index)
                .cloned()
                .ok_or_else(|| format!("{index} is out of range: there are {}", items.len()))
        }
        Value::Text(bytes) => {
            let index = count(a, at)?;
            let byte = bytes.as_bytes().get(index);
            byte.map(|byte| Value::Int(i64::from(*byte)))
                .ok_or_else(|| format!("{index} is out of range"))
        }
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            Err(format!("{} has no items", plain(value)))
        }
    }
}
