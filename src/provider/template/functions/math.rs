use super::{Outcome, Table, argument, int};
use crate::provider::template::value::Value;

pub(super) const TABLE: Table = &[
    ("add", |a, _| fold(a, i64::wrapping_add)),
    ("add1", |a, _| Ok(Value::Int(int(a, 0)?.wrapping_add(1)))),
    ("sub", |a, _| {
        Ok(Value::Int(int(a, 0)?.wrapping_sub(int(a, 1)?)))
    }),
    ("mul", |a, _| fold(a, i64::wrapping_mul)),
    ("div", |a, _| divided(a, i64::checked_div)),
    ("mod", |a, _| divided(a, i64::checked_rem)),
    ("max", |a, _| fold(a, Ord::max)),
    ("min", |a, _| fold(a, Ord::min)),
    ("biggest", |a, _| fold(a, Ord::max)),
    ("int", |a, _| Ok(Value::Int(int(a, 0)?))),
    ("int64", |a, _| Ok(Value::Int(int(a, 0)?))),
    ("atoi", |a, _| Ok(Value::Int(int(a, 0)?))),
    ("float64", |a, _| Ok(Value::Float(float(a, 0)?))),
    ("addf", |a, _| fold_float(a, |x, y| x + y)),
    ("subf", |a, _| fold_float(a, |x, y| x - y)),
    ("mulf", |a, _| fold_float(a, |x, y| x * y)),
    ("divf", |a, _| fold_float(a, |x, y| x / y)),
    ("ceil", |a, _| Ok(Value::Float(float(a, 0)?.ceil()))),
    ("floor", |a, _| Ok(Value::Float(float(a, 0)?.floor()))),
    ("round", |a, _| {
        let digits = i32::try_from(int(a, 1)?).unwrap_or(0).clamp(-300, 300);
        let scale = 10_f64.powi(digits);
        Ok(Value::Float((float(a, 0)? * scale).round() / scale))
    }),
];

/// A whole number out of anything: texts are read, what is no number is 0.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a broken number is cut, as in sprig"
)]
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(number) => *number,
        Value::Float(number) => *number as i64,
        Value::Bool(truth) => i64::from(*truth),
        Value::Text(text) => text
            .trim()
            .parse::<i64>()
            .unwrap_or_else(|_| text.trim().parse::<f64>().map_or(0, |number| number as i64)),
        Value::Nil | Value::List(_) | Value::Map(_) => 0,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the function is asked for a broken number"
)]
fn float(a: &[Value], index: usize) -> Result<f64, String> {
    Ok(match argument(a, index)? {
        Value::Float(number) => *number,
        Value::Text(text) => text.trim().parse().unwrap_or(0.0),
        other @ (Value::Nil | Value::Bool(_) | Value::Int(_) | Value::List(_) | Value::Map(_)) => {
            to_int(other) as f64
        }
    })
}

fn fold(a: &[Value], f: impl Fn(i64, i64) -> i64) -> Outcome {
    let mut total = int(a, 0)?;
    for value in a.iter().skip(1) {
        total = f(total, to_int(value));
    }
    Ok(Value::Int(total))
}

fn fold_float(a: &[Value], f: impl Fn(f64, f64) -> f64) -> Outcome {
    let mut total = float(a, 0)?;
    for index in 1..a.len() {
        total = f(total, float(a, index)?);
    }
    Ok(Value::Float(total))
}

fn divided(a: &[Value], f: impl Fn(i64, i64) -> Option<i64>) -> Outcome {
    f(int(a, 0)?, int(a, 1)?)
        .map(Value::Int)
        .ok_or_else(|| "division by zero".to_owned())
}
