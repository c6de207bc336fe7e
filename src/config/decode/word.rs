use serde_json::Value as Json;

use super::{Inspector, Reader, Writing};
use crate::config::duration::GoDuration;
use crate::config::secret::{FileOrContent, Secret};
use crate::config::tree::{Kind, Node};

/// A value that is written as one text, number or truth value. Name it in `word_settings!`.
pub trait Word: Sized {
    /// What it is, for an error: *expected …*.
    const WHAT: &'static str;

    /// Reads the text; `Err` holds what would be right, if there is more to say.
    fn parse(text: &str) -> Result<Self, Option<String>>;

    /// True when JSON leaves it out.
    fn is_zero(&self) -> bool;

    fn json(&self, how: Writing) -> Json;

    /// Tells what is wrong in the value itself.
    fn look(&self, _inspector: &mut Inspector<'_>) {}
}

/// Reads a word from its scalar.
pub(crate) fn read_word<T: Word>(node: Node<'_>, reader: &mut Reader<'_>) -> Option<T> {
    let Kind::Scalar(scalar) = node.kind() else {
        reader.expected(node, T::WHAT, None);
        return None;
    };
    match T::parse(scalar.text) {
        Ok(value) => Some(value),
        Err(hint) => {
            let found = shortened(scalar.text);
            reader.fault(
                node.at(),
                format!("expected {}, found {found}", T::WHAT),
                hint,
            );
            None
        }
    }
}

/// Makes `Word`s usable as settings. The brackets hold generics. (A
/// blanket `impl` would forbid one for `Box`.)
macro_rules! word_settings {
    ($([$($generic:tt)*] $type:ty),* $(,)?) => {$(
        impl<$($generic)*> $crate::config::decode::Setting for $type {
            const SHAPE: $crate::config::decode::Shape = $crate::config::decode::Shape::Word;

            fn read(
                node: $crate::config::tree::Node<'_>,
                reader: &mut $crate::config::decode::Reader<'_>,
            ) -> Option<Self> {
                $crate::config::decode::read_word(node, reader)
            }

            fn is_omitted(&self) -> bool {
                $crate::config::decode::Word::is_zero(self)
            }

            fn write(&self, how: $crate::config::decode::Writing) -> serde_json::Value {
                $crate::config::decode::Word::json(self, how)
            }

            fn inspect(&self, inspector: &mut $crate::config::decode::Inspector<'_>) {
                $crate::config::decode::Word::look(self, inspector);
            }
        }
    )*};
}
pub(crate) use word_settings;

word_settings!([] String, [] bool, [] i64, [] i32, [] u64, [] u32, [] u16, [] u8, [] usize, [] f64);
word_settings!([] GoDuration, [] Secret, [] FileOrContent);

/// A text in quotes, cut where it gets long.
fn shortened(text: &str) -> String {
    const SHOWN_MAX: usize = 60;
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{:?}...", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

impl Word for String {
    const WHAT: &'static str = "a text";

    fn parse(text: &str) -> Result<Self, Option<String>> {
        Ok(text.to_owned())
    }

    fn is_zero(&self) -> bool {
        self.is_empty()
    }

    fn json(&self, _how: Writing) -> Json {
        Json::from(self.as_str())
    }
}

impl Word for bool {
    const WHAT: &'static str = "true or false";

    fn parse(text: &str) -> Result<Self, Option<String>> {
        match text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
            _ => Err(None),
        }
    }

    fn is_zero(&self) -> bool {
        !*self
    }

    fn json(&self, _how: Writing) -> Json {
        Json::from(*self)
    }
}

/// Whole and broken numbers.
macro_rules! number_words {
    ($($type:ty => $what:literal),* $(,)?) => {$(
        impl Word for $type {
            const WHAT: &'static str = $what;

            fn parse(text: &str) -> Result<Self, Option<String>> {
                text.parse().map_err(|_| None)
            }

            fn is_zero(&self) -> bool {
                *self == <$type>::default()
            }

            fn json(&self, _how: Writing) -> Json {
                Json::from(*self)
            }
        }
    )*};
}

number_words! {
    i64 => "a whole number",
    i32 => "a whole number of 32 bits",
    u64 => "a whole number, not below 0",
    u32 => "a whole number from 0 to 4294967295",
    u16 => "a whole number from 0 to 65535",
    u8 => "a whole number from 0 to 255",
    usize => "a whole number, not below 0",
    f64 => "a number",
}

impl Word for GoDuration {
    const WHAT: &'static str = "a duration";

    fn parse(text: &str) -> Result<Self, Option<String>> {
        let hint = "write 10s, 100ms, 1m30s or 2h; a bare whole number is seconds";
        text.parse().map_err(|_| Some(hint.to_owned()))
    }

    fn is_zero(&self) -> bool {
        Self::is_zero(*self)
    }

    fn json(&self, _how: Writing) -> Json {
        Json::from(self.to_string())
    }
}

impl Word for Secret {
    const WHAT: &'static str = "a text";

    fn parse(text: &str) -> Result<Self, Option<String>> {
        Ok(Self::new(text))
    }

    fn is_zero(&self) -> bool {
        self.is_empty()
    }

    fn json(&self, how: Writing) -> Json {
        Json::from(if how.redact {
            "[redacted]"
        } else {
            self.expose()
        })
    }
}

impl Word for FileOrContent {
    const WHAT: &'static str = "a file's path or its content";

    fn parse(text: &str) -> Result<Self, Option<String>> {
        Ok(Self::new(text))
    }

    fn is_zero(&self) -> bool {
        self.is_empty()
    }

    fn json(&self, how: Writing) -> Json {
        let hidden = how.redact && self.is_content();
        Json::from(if hidden { "[redacted]" } else { self.expose() })
    }
}
