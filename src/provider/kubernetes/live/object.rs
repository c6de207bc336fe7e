//! What an API server sends, as trees: nothing in between is built, and what nobody reads
//! (`managedFields`, half of many an object) is passed over.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::config::tree::{Builder, Kind, Node, Position, Sort, Tree};

/// One object.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    pub(super) tree: Tree,
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) metadata: PageMeta,
    #[serde(default = "Vec::new", deserialize_with = "items")]
    pub(super) items: Vec<Raw>,
}

/// Where the page stands in its list.
#[derive(Deserialize)]
pub(super) struct PageMeta {
    #[serde(default, rename = "resourceVersion")]
    pub(super) resource_version: String,
    #[serde(default, rename = "continue")]
    pub(super) next: Option<String>,
}

/// An empty list may be null.
fn items<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Raw>, D::Error> {
    Ok(Option::<Vec<Raw>>::deserialize(from)?.unwrap_or_default())
}

impl Raw {
    /// The version that a watch goes on from.
    pub(super) fn resource_version(&self) -> Option<&str> {
        let metadata = entry(self.tree.root(), "metadata")?;
        match entry(metadata, "resourceVersion")?.kind() {
            Kind::Scalar(scalar) => Some(scalar.text),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }
}

fn entry<'tree>(node: Node<'tree>, name: &str) -> Option<Node<'tree>> {
    let Kind::Map(mut entries) = node.kind() else {
        return None;
    };
    let found = entries.find(|entry| entry.key == name)?;
    Some(found.value)
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut builder = Builder::new();
        Into(&mut builder).deserialize(from)?;
        let tree = builder.finish().map_err(fault)?;
        Ok(Self { tree })
    }
}

/// Builds a value into a tree.
struct Into<'tree>(&'tree mut Builder);

fn fault<E: Error>(fault: crate::config::tree::Fault) -> E {
    E::custom(fault.message)
}

const NOWHERE: Position = Position { line: 0, column: 0 };

impl<'de> DeserializeSeed<'de> for Into<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Into<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        let text = if value { "true" } else { "false" };
        self.0.scalar(text, Sort::Bool, NOWHERE).map_err(fault)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        let text = value.to_string();
        self.0.scalar(&text, Sort::Integer, NOWHERE).map_err(fault)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        let text = value.to_string();
        self.0.scalar(&text, Sort::Integer, NOWHERE).map_err(fault)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        let text = value.to_string();
        self.0.scalar(&text, Sort::Float, NOWHERE).map_err(fault)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.0.scalar(value, Sort::Text, NOWHERE).map_err(fault)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.null(NOWHERE).map_err(fault)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.start_list(NOWHERE).map_err(fault)?;
        while items.next_element_seed(Into(self.0))?.is_some() {}
        self.0.end().map_err(fault)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        self.0.start_map(NOWHERE).map_err(fault)?;
        while let Some(key) = entries.next_key::<Cow<'de, str>>()? {
            if key == "managedFields" {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            self.0.key(&key, NOWHERE).map_err(fault)?;
            entries.next_value_seed(Into(self.0))?;
        }
        self.0.end().map_err(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_is_passed_over() {
        let text = r#"{"metadata":{"resourceVersion":"7"},"items":[
            {"metadata":{"name":"a","resourceVersion":"5","managedFields":[{"x":1}]},
             "spec":{"port":80,"on":true,"none":null,"part":1.5,"list":["x"]}}]}"#;
        let page: Page = serde_json::from_str(text).unwrap();
        assert_eq!(page.metadata.resource_version, "7");
        let raw = &page.items[0];
        assert_eq!(raw.resource_version(), Some("5"));
        let metadata = entry(raw.tree.root(), "metadata").unwrap();
        assert!(entry(metadata, "managedFields").is_none());
        let spec = entry(raw.tree.root(), "spec").unwrap();
        assert!(matches!(entry(spec, "port").unwrap().kind(),
            Kind::Scalar(scalar) if scalar.text == "80" && scalar.sort == Sort::Integer));
        let empty: Page = serde_json::from_str(r#"{"metadata":{},"items":null}"#).unwrap();
        assert!(empty.items.is_empty());
    }
}
