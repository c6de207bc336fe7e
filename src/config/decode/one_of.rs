use serde_json::{Map, Value as Json};

use super::record::{Field, read_fields};
use super::{Inspector, PathList, Reader};
use crate::config::tree::Node;

/// Reads all kinds that stand at `node`; right is exactly one.
pub(crate) fn read_kinds<T>(
    fields: &'static [Field<Vec<T>>],
    node: Node<'_>,
    reader: &mut Reader<'_>,
) -> Option<Vec<T>> {
    let mut kinds = Vec::with_capacity(1);
    read_fields(fields, &mut kinds, node, reader).then_some(kinds)
}

/// The JSON of all kinds in one map.
pub(crate) fn write_kinds(kinds: impl Iterator<Item = (&'static str, Json)>) -> Json {
    Json::Object(
        kinds
            .map(|(name, json)| (name.to_owned(), json))
            .collect::<Map<_, _>>(),
    )
}

/// Tells that there is no kind, or more than one.
pub(crate) fn inspect_mixed(names: &[&str], all: &[&str], inspector: &mut Inspector<'_>) {
    if names.is_empty() {
        let hint = format!("give it one of {}", all.join(", "));
        inspector.error("it has no type", Some(hint));
    } else {
        inspector.error(
            format!("it has several types at once: {}", names.join(", ")),
            Some("make an object of its own for each".to_owned()),
        );
    }
}

/// Lists the paths of all kinds.
pub(crate) fn kind_paths<T>(fields: &'static [Field<Vec<T>>], list: &mut PathList) {
    for field in fields {
        list.under(field.name, field.paths);
    }
}

/// An enum of kinds, of which an object has exactly one. What has none or several is `Mixed`.
///
/// ```text
/// one_of! {
///     /// What it is.
///     pub enum Example {
///         /// What this kind does.
///         First "first": FirstRecord,
///         Second "second" [empty]: SecondRecord,
///     }
/// }
/// ```
macro_rules! one_of {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $(
                $(#[doc = $doc:literal])*
                $variant:ident $key:literal $([$($flag:ident),*])? : $type:ty
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug)]
        pub enum $name {
            $( $(#[doc = $doc])* $variant(Box<$type>), )*
            /// None, or more than one: wrong, and kept so that it can be shown.
            Mixed(Vec<Self>),
        }

        impl $name {
            /// The names of all kinds.
            pub const KINDS: &'static [&'static str] = &[$($key),*];

            /// The kind as users write it; empty when mixed.
            pub fn kind(&self) -> &'static str {
                match self {
                    $( Self::$variant(_) => $key, )*
                    Self::Mixed(_) => "",
                }
            }

            const FIELDS: &'static [$crate::config::decode::Field<Vec<Self>>] = &[$(
                $crate::config::decode::Field {
                    name: $key,
                    doc: &[$($doc),*],
                    flags: $crate::config::decode::Flags {
                        $($($flag: true,)*)?
                        ..$crate::config::decode::record!(@flags)
                    },
                    shape: <$type as $crate::config::decode::Setting>::SHAPE,
                    set: |kinds, node, reader| {
                        if let Some(value) = $crate::config::decode::Setting::read(node, reader) {
                            kinds.push(Self::$variant(value));
                        }
                    },
                    is_omitted: |_| true,
                    write: |_, _| serde_json::Value::Null,
                    inspect: |_, _| {},
                    paths: <$type as $crate::config::decode::Setting>::paths,
                },
            )*];
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Mixed(Vec::new())
            }
        }

        impl $crate::config::decode::Setting for $name {
            const SHAPE: $crate::config::decode::Shape = $crate::config::decode::Shape::Record;

            fn read(
                node: $crate::config::tree::Node<'_>,
                reader: &mut $crate::config::decode::Reader<'_>,
            ) -> Option<Self> {
                let mut kinds = $crate::config::decode::read_kinds(Self::FIELDS, node, reader)?;
                Some(match kinds.pop() {
                    Some(only) if kinds.is_empty() => only,
                    Some(last) => {
                        kinds.push(last);
                        Self::Mixed(kinds)
                    }
                    None => Self::Mixed(kinds),
                })
            }

            fn is_omitted(&self) -> bool {
                false
            }

            fn write(&self, how: $crate::config::decode::Writing) -> serde_json::Value {
                let parts = match self {
                    Self::Mixed(parts) => parts.as_slice(),
                    $( Self::$variant(_) )|* => std::slice::from_ref(self),
                };
                $crate::config::decode::write_kinds(parts.iter().map(|part| match part {
                    $( Self::$variant(value) => {
                        ($key, $crate::config::decode::Setting::write(value, how))
                    } )*
                    Self::Mixed(_) => ("", serde_json::Value::Null),
                }))
            }

            fn inspect(&self, inspector: &mut $crate::config::decode::Inspector<'_>) {
                match self {
                    $( Self::$variant(value) => inspector.inside($key, |inspector| {
                        $crate::config::decode::Setting::inspect(value, inspector);
                    }), )*
                    Self::Mixed(parts) => {
                        let names: Vec<_> = parts.iter().map(Self::kind).collect();
                        $crate::config::decode::inspect_mixed(&names, Self::KINDS, inspector);
                    }
                }
            }

            fn paths(list: &mut $crate::config::decode::PathList) {
                $crate::config::decode::kind_paths(Self::FIELDS, list);
            }
        }
    };
}
pub(crate) use one_of;
