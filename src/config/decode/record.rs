use serde_json::{Map, Value as Json};

use super::nearest::did_you_mean;
use super::{Inspector, Manner, Reader, Setting, Writing};
use crate::config::tree::{Entries, Entry, Kind, Node};

/// What a value looks like from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A text, number or truth value.
    Word,
    List,
    /// Entries whose keys the user chooses.
    Map,
    /// Fields with names of ours.
    Record,
    /// Whatever stands there.
    Any,
}

/// What is special about a field.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each stands for itself, as in a bit set"
)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    /// `field: {}` and `field: true` mean that it is there, with all defaults. Without this an
    /// empty record or map refuses the file (features 15b.1).
    pub empty: bool,
    /// JSON holds it also when it is zero or false.
    pub always: bool,
    /// It is known and does nothing: using it is a warning.
    pub ignored: bool,
    /// Providers set it and JSON shows it; in a file there is no such field.
    pub provided: bool,
}

/// One field of a record.
#[derive(Debug)]
pub struct Field<T: 'static> {
    /// As users write it.
    pub name: &'static str,
    /// What it does, a line each, as in the source.
    pub doc: &'static [&'static str],
    pub flags: Flags,
    pub shape: Shape,
    pub set: fn(&mut T, Node<'_>, &mut Reader<'_>),
    pub is_omitted: fn(&T) -> bool,
    pub write: fn(&T, Writing) -> Json,
    pub inspect: fn(&T, &mut Inspector<'_>),
    pub paths: fn(&mut PathList),
}

/// A struct that `record!` made.
pub trait Record: Default + 'static {
    const FIELDS: &'static [Field<Self>];
}

/// Field paths in the making: `*` stands for a name of the user's, `[]` for an item.
#[derive(Debug, Default)]
pub struct PathList {
    prefix: String,
    found: Vec<String>,
}

impl PathList {
    /// Notes the present path as the path of a plain value.
    pub fn leaf(&mut self) {
        self.found.push(self.prefix.clone());
    }

    /// Lists what is under a name.
    pub fn under(&mut self, segment: &str, walk: impl FnOnce(&mut Self)) {
        let before = self.prefix.len();
        if before > 0 && segment != "[]" {
            self.prefix.push('.');
        }
        self.prefix.push_str(segment);
        walk(self);
        self.prefix.truncate(before);
    }
}

/// Every field path of a type, as in `http.routers.*.tls.domains[].main`.
pub fn field_paths<T: Setting>() -> Vec<String> {
    let mut list = PathList::default();
    T::paths(&mut list);
    list.found
}

/// Reads a record: starts from the defaults and sets what is given.
pub(crate) fn read_record<T: Record>(node: Node<'_>, reader: &mut Reader<'_>) -> Option<T> {
    let mut value = T::default();
    read_fields(T::FIELDS, &mut value, node, reader).then_some(value)
}

/// Reads the entries at `node` into `value` by the table `fields`.
pub(super) fn read_fields<T>(
    fields: &'static [Field<T>],
    value: &mut T,
    node: Node<'_>,
    reader: &mut Reader<'_>,
) -> bool {
    let entries = match node.kind() {
        Kind::Map(entries) => entries,
        Kind::Null => return true,
        Kind::Scalar(scalar) if scalar.text.eq_ignore_ascii_case("true") => return true,
        Kind::Scalar(_) | Kind::List(_) => {
            reader.expected(node, "a map", fields_hint(fields));
            return false;
        }
    };
    let mut seen = 0_u64;
    for entry in entries {
        let known = fields
            .iter()
            .position(|field| !field.flags.provided && field.name.eq_ignore_ascii_case(entry.key));
        let Some((index, field)) = known.and_then(|at| Some((at, fields.get(at)?))) else {
            unknown_key(fields, entry, entries, reader);
            continue;
        };
        if seen & (1 << (index & 63)) != 0 {
            reader.in_field(field.name, entry.at, |reader| {
                let hint = "upper and lower case make no difference in names of fields";
                reader.fault(entry.at, "the field is given twice", Some(hint.to_owned()));
            });
        }
        seen |= 1 << (index & 63);
        reader.in_field(field.name, entry.at, |reader| {
            read_field(field, value, entry, reader);
        });
    }
    true
}

fn read_field<T>(field: &Field<T>, value: &mut T, entry: Entry<'_>, reader: &mut Reader<'_>) {
    let holds_fields = matches!(field.shape, Shape::Record | Shape::Map);
    if field.flags.ignored {
        reader.warn(
            entry.at,
            "the field is known but has no effect any more",
            None,
        );
    }
    match entry.value.kind() {
        Kind::Null => {
            if holds_fields && reader.manner() != Manner::Part {
                let hint = format!("write `{}: {{}}` to have it with its defaults", field.name);
                reader.warn(
                    entry.at,
                    "the field has no value and is taken as not given",
                    field.flags.empty.then_some(hint),
                );
            }
        }
        Kind::Scalar(scalar) if holds_fields && field.flags.empty => {
            // `tls: true` switches on, any other text off: Traefik's loader does so.
            if scalar.text.eq_ignore_ascii_case("true") {
                (field.set)(value, entry.value, reader);
            }
        }
        Kind::Scalar(_) if holds_fields => reader.expected(entry.value, "a map", None),
        Kind::Map(entries)
            if holds_fields
                && entries.is_empty()
                && !field.flags.empty
                && reader.manner() == Manner::File =>
        {
            reader.fault(
                entry.at,
                "must not be empty",
                Some("give it a field, or leave it out".to_owned()),
            );
        }
        Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => {
            (field.set)(value, entry.value, reader);
        }
    }
}

fn unknown_key<T>(
    fields: &'static [Field<T>],
    entry: Entry<'_>,
    beside: Entries<'_>,
    reader: &mut Reader<'_>,
) {
    if reader.manner() == Manner::Part {
        return;
    }
    let used = |name: &str| beside.into_iter().any(|e| e.key.eq_ignore_ascii_case(name));
    let free = fields.iter().map(|field| field.name).filter(|n| !used(n));
    let hint = did_you_mean(entry.key, free).or_else(|| fields_hint(fields));
    let message = "there is no such field";
    let is_passed_over = reader.at_root() || reader.manner() == Manner::Object;
    reader.in_field(entry.key, entry.at, |reader| {
        if is_passed_over {
            reader.warn(entry.at, format!("{message}; it is not read"), hint);
        } else {
            reader.fault(entry.at, message, hint);
        }
    });
}

/// The names of all fields, when they are few enough to help.
fn fields_hint<T>(fields: &'static [Field<T>]) -> Option<String> {
    const SHOWN_MAX: usize = 12;
    if fields.is_empty() || fields.len() > SHOWN_MAX {
        return None;
    }
    let names: Vec<_> = fields.iter().map(|field| field.name).collect();
    Some(format!("the fields here are {}", names.join(", ")))
}

/// The JSON of a record: fields in their order, without the omitted.
pub(crate) fn write_record<T: Record>(value: &T, how: Writing) -> Json {
    let mut map = Map::new();
    for field in T::FIELDS {
        if field.flags.always || !(field.is_omitted)(value) {
            map.insert(field.name.to_owned(), (field.write)(value, how));
        }
    }
    Json::Object(map)
}

pub(crate) fn inspect_record<T: Record>(value: &T, inspector: &mut Inspector<'_>) {
    for field in T::FIELDS {
        inspector.inside(field.name, |inspector| (field.inspect)(value, inspector));
    }
}

/// A struct of settings, from one list of fields.
///
/// ```text
/// record! {
///     /// What it is.
///     pub struct Example {
///         /// What the field does.
///         field_name "fieldName": String,
///         with_default "withDefault" [always]: bool = true,
///     }
/// }
/// ```
/// Flags stand in brackets: see `Flags`.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(
                $(#[doc = $doc:literal])*
                $field:ident $key:literal $([$($flag:ident),*])? : $type:ty $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $field: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $( $field: $crate::config::decode::record!(@default $($default)?), )*
                }
            }
        }

        impl $crate::config::decode::Record for $name {
            const FIELDS: &'static [$crate::config::decode::Field<Self>] = &[$(
                $crate::config::decode::Field {
                    name: $key,
                    doc: &[$($doc),*],
                    flags: $crate::config::decode::Flags {
                        $($($flag: true,)*)?
                        ..$crate::config::decode::record!(@flags)
                    },
                    shape: <$type as $crate::config::decode::Setting>::SHAPE,
                    set: |record, node, reader| {
                        if let Some(value) = $crate::config::decode::Setting::read(node, reader) {
                            record.$field = value;
                        }
                    },
                    is_omitted: |record| {
                        $crate::config::decode::Setting::is_omitted(&record.$field)
                    },
                    write: |record, how| {
                        $crate::config::decode::Setting::write(&record.$field, how)
                    },
                    inspect: |record, inspector| {
                        $crate::config::decode::Setting::inspect(&record.$field, inspector);
                    },
                    paths: <$type as $crate::config::decode::Setting>::paths,
                },
            )*];
        }

        impl $crate::config::decode::Setting for $name {
            const SHAPE: $crate::config::decode::Shape = $crate::config::decode::Shape::Record;

            fn read(
                node: $crate::config::tree::Node<'_>,
                reader: &mut $crate::config::decode::Reader<'_>,
            ) -> Option<Self> {
                $crate::config::decode::read_record(node, reader)
            }

            fn is_omitted(&self) -> bool {
                false
            }

            fn write(&self, how: $crate::config::decode::Writing) -> serde_json::Value {
                $crate::config::decode::write_record(self, how)
            }

            fn inspect(&self, inspector: &mut $crate::config::decode::Inspector<'_>) {
                $crate::config::decode::inspect_record(self, inspector);
            }

            fn paths(list: &mut $crate::config::decode::PathList) {
                $crate::config::decode::record_paths::<Self>(list);
            }
        }
    };
    (@default) => { Default::default() };
    (@default $default:expr) => { $default };
    (@flags) => {
        $crate::config::decode::Flags {
            empty: false,
            always: false,
            ignored: false,
            provided: false,
        }
    };
}
pub(crate) use record;

/// Lists the paths of a record; a record without fields is a leaf.
pub(crate) fn record_paths<T: Record>(list: &mut PathList) {
    if T::FIELDS.is_empty() {
        list.leaf();
    }
    for field in T::FIELDS.iter().filter(|field| !field.flags.provided) {
        list.under(field.name, field.paths);
    }
}
