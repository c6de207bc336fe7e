use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

use super::{Inspector, PathList, Reader, Setting, Shape, Writing};
use crate::config::tree::{Kind, Node, Scalar, Sort, Tree};

impl<T: Setting> Setting for Vec<T> {
    const SHAPE: Shape = Shape::List;

    /// A list, or (for plain items) one text with commas, as flags and labels write it.
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.kind() {
            Kind::Null => None,
            Kind::List(items) => {
                let mut values = Self::with_capacity(items.len());
                for (index, item) in items.enumerate() {
                    values.extend(reader.in_item(index, item.at(), |reader| T::read(item, reader)));
                }
                Some(values)
            }
            Kind::Scalar(scalar) if T::SHAPE == Shape::Word => Some(split(scalar, node, reader)),
            Kind::Scalar(_) | Kind::Map(_) => {
                reader.expected(node, "a list", None);
                None
            }
        }
    }

    fn is_omitted(&self) -> bool {
        self.is_empty()
    }

    fn write(&self, how: Writing) -> Json {
        Json::Array(self.iter().map(|item| item.write(how)).collect())
    }

    fn inspect(&self, inspector: &mut Inspector<'_>) {
        for (index, item) in self.iter().enumerate() {
            inspector.item(index, |inspector| item.inspect(inspector));
        }
    }

    fn paths(list: &mut PathList) {
        list.under("[]", T::paths);
    }
}

/// The items of `a,b , c`.
fn split<T: Setting>(scalar: Scalar<'_>, node: Node<'_>, reader: &mut Reader<'_>) -> Vec<T> {
    if scalar.text.is_empty() {
        return Vec::new();
    }
    let items = scalar.text.split(',').map(str::trim);
    items
        .filter_map(|item| {
            let tree = Tree::of_text(item, node.at());
            T::read(tree.root(), reader)
        })
        .collect()
}

impl<T: Setting> Setting for BTreeMap<String, T> {
    const SHAPE: Shape = Shape::Map;

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let entries = match node.kind() {
            Kind::Map(entries) => entries,
            Kind::Null => return None,
            Kind::Scalar(_) | Kind::List(_) => {
                reader.expected(node, "a map", None);
                return None;
            }
        };
        let mut map = Self::new();
        for entry in entries {
            reader.in_entry(entry.key, entry.at, |reader| {
                if matches!(entry.value.kind(), Kind::Null) && T::SHAPE != Shape::Any {
                    reader.warn(entry.at, "it has no content and is not read", None);
                } else if let Some(value) = T::read(entry.value, reader) {
                    map.insert(entry.key.to_owned(), value);
                }
            });
        }
        Some(map)
    }

    fn is_omitted(&self) -> bool {
        self.is_empty()
    }

    fn write(&self, how: Writing) -> Json {
        let entries = self.iter();
        Json::Object(
            entries
                .map(|(key, value)| (key.clone(), value.write(how)))
                .collect(),
        )
    }

    fn inspect(&self, inspector: &mut Inspector<'_>) {
        for (key, value) in self {
            inspector.inside(key, |inspector| value.inspect(inspector));
        }
    }

    fn paths(list: &mut PathList) {
        list.under("*", T::paths);
    }
}

impl<T: Setting> Setting for Option<T> {
    const SHAPE: Shape = T::SHAPE;

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Some)
    }

    fn is_omitted(&self) -> bool {
        self.is_none()
    }

    fn write(&self, how: Writing) -> Json {
        self.as_ref().map_or(Json::Null, |value| value.write(how))
    }

    fn inspect(&self, inspector: &mut Inspector<'_>) {
        if let Some(value) = self {
            value.inspect(inspector);
        }
    }

    fn paths(list: &mut PathList) {
        T::paths(list);
    }
}

/// Pointers are read and written as what they point to.
macro_rules! pointers {
    ($($pointer:ident),*) => {$(
        impl<T: Setting> Setting for $pointer<T> {
            const SHAPE: Shape = T::SHAPE;

            fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                T::read(node, reader).map($pointer::new)
            }

            fn is_omitted(&self) -> bool {
                (**self).is_omitted()
            }

            fn write(&self, how: Writing) -> Json {
                (**self).write(how)
            }

            fn inspect(&self, inspector: &mut Inspector<'_>) {
                (**self).inspect(inspector);
            }

            fn paths(list: &mut PathList) {
                T::paths(list);
            }
        }
    )*};
}

pointers!(Box, Arc);

/// Whatever stands there, for what only a plugin understands.
impl Setting for Json {
    const SHAPE: Shape = Shape::Any;

    fn read(node: Node<'_>, _reader: &mut Reader<'_>) -> Option<Self> {
        Some(raw(node))
    }

    fn is_omitted(&self) -> bool {
        self.is_null()
    }

    fn write(&self, _how: Writing) -> Json {
        self.clone()
    }
}

fn raw(node: Node<'_>) -> Json {
    match node.kind() {
        Kind::Null => Json::Null,
        Kind::Scalar(scalar) => raw_scalar(scalar),
        Kind::List(items) => Json::Array(items.map(raw).collect()),
        Kind::Map(entries) => Json::Object(
            entries
                .map(|entry| (entry.key.to_owned(), raw(entry.value)))
                .collect::<Map<_, _>>(),
        ),
    }
}

fn raw_scalar(scalar: Scalar<'_>) -> Json {
    let text = scalar.text;
    let typed = match scalar.sort {
        Sort::Text => None,
        Sort::Bool => Some(Json::from(text == "true")),
        Sort::Integer => match text.parse::<i64>() {
            Ok(number) => Some(Json::from(number)),
            Err(_) => text.parse::<u64>().ok().map(Json::from),
        },
        Sort::Float => text
            .replace('_', "")
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map(Json::Number),
    };
    typed.unwrap_or_else(|| Json::from(text))
}
