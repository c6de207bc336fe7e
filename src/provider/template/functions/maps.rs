use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Outcome, Table, argument, bounded, map, text};
use crate::provider::template::value::{Map, Value};

pub(super) const TABLE: Table = &[
    ("dict", |a, _| {
        let mut entries = BTreeMap::new();
        for index in (0..a.len()).step_by(2) {
            let value = a.get(index + 1).cloned().unwrap_or_else(|| Value::text(""));
            entries.insert(text(a, index)?, value);
        }
        Ok(Value::map(entries))
    }),
    ("get", |a, _| {
        let value = map(a, 0)?.borrow().get(&text(a, 1)?).cloned();
        Ok(value.unwrap_or_else(|| Value::text("")))
    }),
    ("set", |a, _| {
        let (map, key, value) = (map(a, 0)?, text(a, 1)?, argument(a, 2)?.clone());
        if reaches(&value, &map, 0) {
            return Err("a dict can not hold itself".to_owned());
        }
        map.borrow_mut().insert(key, value);
        bounded(map.borrow().len())?;
        Ok(Value::Map(map))
    }),
    ("unset", |a, _| {
        let map = map(a, 0)?;
        map.borrow_mut().remove(&text(a, 1)?);
        Ok(Value::Map(map))
    }),
    ("hasKey", |a, _| {
        Ok(Value::Bool(map(a, 0)?.borrow().contains_key(&text(a, 1)?)))
    }),
    ("keys", |a, _| {
        let mut keys = Vec::new();
        for index in 0..a.len() {
            keys.extend(map(a, index)?.borrow().keys().cloned());
        }
        Ok(Value::texts(keys))
    }),
    ("values", |a, _| {
        Ok(Value::list(map(a, 0)?.borrow().values().cloned().collect()))
    }),
    ("pluck", |a, _| {
        let key = text(a, 0)?;
        let mut found = Vec::new();
        for index in 1..a.len() {
            found.extend(map(a, index)?.borrow().get(&key).cloned());
        }
        Ok(Value::list(found))
    }),
    ("pick", |a, _| select(a, true)),
    ("omit", |a, _| select(a, false)),
    ("merge", |a, _| merge(a, false)),
    ("mergeOverwrite", |a, _| merge(a, true)),
    ("deepCopy", |a, _| Ok(copy(argument(a, 0)?, 0))),
    ("dig", |a, _| {
        let Some((last, path)) = a.split_last() else {
            return Err("needs keys, a default and a dict".to_owned());
        };
        let Some((default, path)) = path.split_last() else {
            return Err("needs keys, a default and a dict".to_owned());
        };
        let mut value = last.clone();
        for index in 0..path.len() {
            let Value::Map(map) = &value else {
                return Ok(default.clone());
            };
            let Some(inner) = map.borrow().get(&text(path, index)?).cloned() else {
                return Ok(default.clone());
            };
            value = inner;
        }
        Ok(value)
    }),
];

/// How deep maps inside maps are looked at.
const DEPTH_MAX: usize = 64;

/// True when `wanted` lies somewhere in `value`: putting the one into the other makes a ring.
fn reaches(value: &Value, wanted: &Map, depth: usize) -> bool {
    if depth > DEPTH_MAX {
        return true;
    }
    match value {
        Value::Map(map) if Rc::ptr_eq(map, wanted) => true,
        Value::Map(map) => map
            .borrow()
            .values()
            .any(|value| reaches(value, wanted, depth + 1)),
        Value::List(items) => items.iter().any(|item| reaches(item, wanted, depth + 1)),
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => false,
    }
}

/// The entries that the other arguments name, or those that they do not.
fn select(a: &[Value], named: bool) -> Outcome {
    let mut keys = Vec::new();
    for index in 1..a.len() {
        keys.push(text(a, index)?);
    }
    let entries = map(a, 0)?
        .borrow()
        .iter()
        .filter(|(key, _)| keys.contains(key) == named)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Ok(Value::map(entries))
}

/// Puts the later maps into the first, level by level.
fn merge(a: &[Value], overwrite: bool) -> Outcome {
    let into = map(a, 0)?;
    for index in 1..a.len() {
        let from = copy(argument(a, index)?, 0);
        let Value::Map(from) = &from else {
            return Err(format!("expected a dict, got a {}", from.kind()));
        };
        merge_into(&into, from, overwrite);
    }
    Ok(Value::Map(into))
}

/// `from` is a fresh copy, so the two can not be the same map.
fn merge_into(into: &Map, from: &Map, overwrite: bool) {
    for (key, value) in from.borrow().iter() {
        let before = into.borrow().get(key).cloned();
        match (&before, value) {
            (Some(Value::Map(inner)), Value::Map(other)) => merge_into(inner, other, overwrite),
            (Some(old), _) if !overwrite && old.truth() => {}
            (_, value) => {
                into.borrow_mut().insert(key.clone(), value.clone());
            }
        }
    }
}

fn copy(value: &Value, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return Value::Nil;
    }
    match value {
        Value::Map(map) => Value::map(
            map.borrow()
                .iter()
                .map(|(key, value)| (key.clone(), copy(value, depth + 1)))
                .collect(),
        ),
        Value::List(items) => Value::list(items.iter().map(|item| copy(item, depth + 1)).collect()),
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {
            value.clone()
        }
    }
}
