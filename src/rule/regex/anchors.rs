use regex_syntax::hir::literal::{ExtractKind, Extractor, Literal, Seq};
use regex_syntax::hir::{Hir, Look};

/// What an index may know of an expression without running it: necessary, not sufficient.
/// An empty list stands for "nothing is known".
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Anchors {
    /// A text in which it is found starts with one of these.
    pub starts: Texts,
    /// A text in which it is found ends with one of these.
    pub ends: Texts,
    /// A text in which it is found is one of these.
    pub whole: Texts,
}

type Texts = Box<[Box<[u8]>]>;

/// Texts kept in one list; a list that would be longer says nothing.
const TEXTS_MAX: usize = 32;

impl Anchors {
    pub(super) fn of(hir: &Hir) -> Self {
        let properties = hir.properties();
        let starts = properties.look_set_prefix().contains(Look::Start);
        let ends = properties.look_set_suffix().contains(Look::End);
        let mut anchors = Self::default();
        if starts {
            let found = Extractor::new().extract(hir);
            anchors.starts = texts(&found, |text, kept| text.starts_with(kept));
            if ends && found.is_exact() {
                anchors.whole = texts(&found, |_, _| false);
            }
        }
        if ends {
            let found = Extractor::new().kind(ExtractKind::Suffix).extract(hir);
            anchors.ends = texts(&found, |text, kept| text.ends_with(kept));
        }
        anchors
    }
}

/// The texts, without those that another one covers.
fn texts(found: &Seq, covers: impl Fn(&[u8], &[u8]) -> bool) -> Texts {
    let literals = found.literals().unwrap_or_default();
    let mut all: Vec<&[u8]> = literals.iter().map(Literal::as_bytes).collect();
    // Short ones first: only they can cover.
    all.sort_unstable_by_key(|text| (text.len(), *text));
    all.dedup();
    if all.first().is_none_or(|text| text.is_empty()) {
        return Texts::default();
    }
    let mut kept: Vec<&[u8]> = Vec::new();
    for text in all {
        if !kept.iter().any(|short| covers(text, short)) {
            kept.push(text);
        }
    }
    kept.sort_unstable();
    if kept.len() <= TEXTS_MAX {
        kept.into_iter().map(Box::from).collect()
    } else {
        Texts::default()
    }
}
