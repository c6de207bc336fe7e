use serde_json::Value as Json;

use super::nearest::nearest;
use super::word::{Word, word_settings};
use super::{Inspector, Writing};

/// A closed set of texts, made by `words!`.
pub trait Closed: Copy + PartialEq + 'static {
    const ALL: &'static [(&'static str, Self)];
    /// True: a text out of the set disables the object; false: it is ignored with a warning.
    const STRICT: bool;

    /// How it is written.
    fn text(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, value)| *value == self)
            .map_or("", |(text, _)| text)
    }

    fn of_text(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == text)
            .map(|(_, value)| *value)
    }

    /// What would be right instead of `text`.
    fn hint(text: &str) -> String {
        let names = || Self::ALL.iter().map(|(known, _)| *known);
        let all = names().collect::<Vec<_>>().join(", ");
        match nearest(text, names()) {
            Some(near) => format!("did you mean {near:?}? It can be {all}"),
            None => format!("it can be {all}"),
        }
    }
}

/// One of a closed set, or a text out of it: then the object, not the file, is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice<E> {
    Known(E),
    Unknown(String),
}

impl<E: Closed> Choice<E> {
    /// The value, unless the text was unknown.
    pub fn known(&self) -> Option<E> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Unknown(_) => None,
        }
    }
}

word_settings!([E: Closed] Choice<E>);

impl<E: Closed> Word for Choice<E> {
    const WHAT: &'static str = "a text";

    fn parse(text: &str) -> Result<Self, Option<String>> {
        Ok(E::of_text(text).map_or_else(|| Self::Unknown(text.to_owned()), Self::Known))
    }

    fn is_zero(&self) -> bool {
        matches!(self, Self::Unknown(text) if text.is_empty())
    }

    fn json(&self, _how: Writing) -> Json {
        match self {
            Self::Known(value) => Json::from(value.text()),
            Self::Unknown(text) => Json::from(text.as_str()),
        }
    }

    fn look(&self, inspector: &mut Inspector<'_>) {
        let Self::Unknown(text) = self else { return };
        if text.is_empty() {
            return;
        }
        let message = format!("{text:?} is not known here");
        if E::STRICT {
            inspector.error(message, Some(E::hint(text)));
        } else {
            inspector.warning(format!("{message} and is ignored"), Some(E::hint(text)));
        }
    }
}

/// A closed set of texts as an enum.
///
/// As a field's type, the enum itself refuses the file on another text; `Choice` of it only the
/// object. `words! { strict pub enum … }` or `words! { lenient pub enum … }`: see `Closed::STRICT`.
macro_rules! words {
    (
        $(#[$meta:meta])*
        $strictness:ident pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident $text:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )*
        }

        impl $crate::config::decode::Closed for $name {
            const ALL: &'static [(&'static str, Self)] = &[$( ($text, Self::$variant) ),*];
            const STRICT: bool = $crate::config::decode::words!(@ $strictness);
        }

        impl $crate::config::decode::Word for $name {
            const WHAT: &'static str = concat!("one of" $(, " ", $text)*);

            fn parse(text: &str) -> Result<Self, Option<String>> {
                <Self as $crate::config::decode::Closed>::of_text(text)
                    .ok_or_else(|| Some(<Self as $crate::config::decode::Closed>::hint(text)))
            }

            fn is_zero(&self) -> bool {
                false
            }

            fn json(&self, _how: $crate::config::decode::Writing) -> serde_json::Value {
                serde_json::Value::from(<Self as $crate::config::decode::Closed>::text(*self))
            }
        }

        $crate::config::decode::word_settings!([] $name);

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(<Self as $crate::config::decode::Closed>::text(*self))
            }
        }
    };
    (@ strict) => { true };
    (@ lenient) => { false };
}
pub(crate) use words;
