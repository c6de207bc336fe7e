use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Digest;
use serde_json::Value as Json;

use super::{Outcome, Table, argument, as_text, text};
use crate::provider::template::value::Value;

pub(super) const TABLE: Table = &[
    ("b64enc", |a, _| {
        Ok(Value::text(STANDARD.encode(text(a, 0)?)))
    }),
    ("b64dec", |a, _| {
        let bytes = STANDARD
            .decode(text(a, 0)?)
            .map_err(|error| error.to_string())?;
        Ok(Value::text(String::from_utf8_lossy(&bytes)))
    }),
    ("sha1sum", |a, _| {
        Ok(Value::text(hex(&sha1::Sha1::digest(text(a, 0)?))))
    }),
    ("md5sum", |a, _| {
        Ok(Value::text(hex(&md5::Md5::digest(text(a, 0)?))))
    }),
    ("htpasswd", |a, _| htpasswd(&text(a, 0)?, &text(a, 1)?)),
    ("toJson", |a, _| {
        Ok(Value::text(to_json(argument(a, 0)?).to_string()))
    }),
    ("mustToJson", |a, _| {
        Ok(Value::text(to_json(argument(a, 0)?).to_string()))
    }),
    ("toRawJson", |a, _| {
        Ok(Value::text(to_json(argument(a, 0)?).to_string()))
    }),
    ("toPrettyJson", |a, _| {
        Ok(Value::text(format!("{:#}", to_json(argument(a, 0)?))))
    }),
    ("fromJson", |a, _| from_text(&text(a, 0)?)),
    ("mustFromJson", |a, _| from_text(&text(a, 0)?)),
    ("urlquery", |a, _| Ok(Value::text(escape(a, query)))),
    ("html", |a, _| Ok(Value::text(escape(a, html)))),
    ("js", |a, _| Ok(Value::text(escape(a, js)))),
];

/// A line for basicAuth. The salt comes of the user's name alone, so that reading the file again
/// gives the same line, and tells nothing of the password.
fn htpasswd(user: &str, password: &str) -> Outcome {
    const COST: u32 = 10;
    if user.contains(':') {
        return Err("a user's name can not hold a colon".to_owned());
    }
    let salt = md5::Md5::digest(format!("ringway htpasswd {user}"));
    let hash =
        bcrypt::hash_with_salt(password, COST, salt.into()).map_err(|error| error.to_string())?;
    Ok(Value::text(format!("{user}:{hash}")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Bool(truth) => Json::from(*truth),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Text(text) => Json::from(&**text),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(map) => {
            let map = map.borrow();
            let entries = map.iter().map(|(key, value)| (key.clone(), to_json(value)));
            Json::Object(entries.collect())
        }
    }
}

fn from_text(text: &str) -> Outcome {
    let json: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(from_json(&json))
}

fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap_or(0.0)),
        },
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(map) => Value::map(
            map.iter()
                .map(|(key, value)| (key.clone(), from_json(value)))
                .collect(),
        ),
    }
}

fn escape(values: &[Value], f: fn(&str) -> String) -> String {
    f(&values.iter().map(as_text).collect::<String>())
}

fn query(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

fn js(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('"', "\\\"")
        .replace('<', "\\u003C")
        .replace('>', "\\u003E")
        .replace('&', "\\u0026")
        .replace('=', "\\u003D")
        .replace('\n', "\\u000A")
}
