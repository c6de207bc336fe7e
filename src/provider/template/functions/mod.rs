//! The functions that a template can call: Go's own and sprig's.

mod compare;
mod encode;
mod lists;
mod maps;
mod math;
mod patterns;
mod texts;

use super::World;
use super::print::plain;
use super::value::{Map, Value};
use crate::base::limits;
use crate::config::decode::nearest;

/// What functions may look at besides their arguments.
pub(super) struct Scope<'run> {
    pub(super) world: &'run dyn World,
}

pub(super) type Outcome = Result<Value, String>;
pub(super) type Function = fn(&[Value], &Scope<'_>) -> Outcome;
type Table = &'static [(&'static str, Function)];

const TABLES: [Table; 7] = [
    texts::TABLE,
    lists::TABLE,
    maps::TABLE,
    math::TABLE,
    compare::TABLE,
    encode::TABLE,
    patterns::TABLE,
];

/// What sprig has and we do not, with the reason.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &[
            "now",
            "date",
            "dateInZone",
            "dateModify",
            "ago",
            "htmlDate",
            "unixEpoch",
            "toDate",
        ],
        "a configuration must not change with the clock",
    ),
    (
        &[
            "randAlpha",
            "randAlphaNum",
            "randNumeric",
            "randAscii",
            "randBytes",
            "randInt",
            "uuidv4",
            "shuffle",
            "bcrypt",
            "genPrivateKey",
            "genCA",
            "genSelfSignedCert",
            "genSignedCert",
            "encryptAES",
            "decryptAES",
            "derivePassword",
        ],
        "a configuration must not change from one reading to the next",
    ),
    (
        &["getHostByName"],
        "a configuration must not wait for the network",
    ),
];

/// Looks a function up.
pub(super) fn find(name: &str) -> Option<(&'static str, Function)> {
    TABLES
        .into_iter()
        .flatten()
        .find(|(known, _)| *known == name)
        .copied()
}

/// What to say about a function that is not there.
pub(super) fn hint(name: &str) -> Option<String> {
    let refused = REFUSED.iter().find(|(names, _)| names.contains(&name));
    if let Some((_, reason)) = refused {
        return Some((*reason).to_owned());
    }
    let names = TABLES.into_iter().flatten().map(|(known, _)| *known);
    nearest(name, names).map(|near| format!("did you mean {near:?}?"))
}

/// The argument at `index`.
fn argument(arguments: &[Value], index: usize) -> Result<&Value, String> {
    arguments
        .get(index)
        .ok_or_else(|| format!("needs {} arguments, has {}", index + 1, arguments.len()))
}

/// The argument as text; numbers are printed.
fn text(arguments: &[Value], index: usize) -> Result<String, String> {
    Ok(as_text(argument(arguments, index)?))
}

fn as_text(value: &Value) -> String {
    if matches!(value, Value::Nil) {
        String::new()
    } else {
        plain(value)
    }
}

/// The argument as a whole number; texts are read, broken numbers are cut.
fn int(arguments: &[Value], index: usize) -> Result<i64, String> {
    Ok(math::to_int(argument(arguments, index)?))
}

/// The argument as a count, not below zero.
fn count(arguments: &[Value], index: usize) -> Result<usize, String> {
    Ok(usize::try_from(int(arguments, index)?).unwrap_or(0))
}

fn list(arguments: &[Value], index: usize) -> Result<Vec<Value>, String> {
    match argument(arguments, index)? {
        Value::List(items) => Ok(items.to_vec()),
        Value::Nil => Ok(Vec::new()),
        other @ (Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Map(_)) => Err(format!("expected a list, got a {}", other.kind())),
    }
}

fn map(arguments: &[Value], index: usize) -> Result<Map, String> {
    let value = argument(arguments, index)?;
    if let Value::Map(map) = value {
        Ok(Map::clone(map))
    } else {
        Err(format!("expected a dict, got a {}", value.kind()))
    }
}

/// Refuses texts and lists that grow without end.
fn bounded(size: usize) -> Result<(), String> {
    if size <= limits::TEMPLATE_VALUE_MAX {
        Ok(())
    } else {
        Err("the value is too large".to_owned())
    }
}
