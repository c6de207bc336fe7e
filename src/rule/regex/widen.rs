//! Go on bytes: a byte that is no UTF-8 counts as one character, U+FFFD.

use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, ClassUnicode, Hir, HirKind};
use regex_syntax::hir::{ClassUnicodeRange, Repetition};

/// What becomes of the groups of an expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Groups {
    Drop,
    Keep,
}

/// The same expression, in which a class that holds U+FFFD also takes any single
/// byte of broken UTF-8. (Of sound UTF-8 too, where a count of characters is asked for: `.{2}`
/// takes one two-byte character. Go does not; only such counted classes can tell.)
pub(super) fn widen(hir: &Hir, groups: Groups) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Class(Class::Unicode(class)) if takes_broken(class) => {
            let broken = ClassBytes::new([ClassBytesRange::new(0x80, 0xFF)]);
            Hir::alternation(vec![hir.clone(), Hir::class(Class::Bytes(broken))])
        }
        HirKind::Class(_) => hir.clone(),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            min: repetition.min,
            max: repetition.max,
            greedy: repetition.greedy,
            sub: Box::new(repeated(repetition, groups)),
        }),
        HirKind::Capture(capture) if groups == Groups::Keep => Hir::capture(Capture {
            index: capture.index,
            name: capture.name.clone(),
            sub: Box::new(widen(&capture.sub, groups)),
        }),
        HirKind::Capture(capture) => widen(&capture.sub, groups),
        HirKind::Concat(parts) => Hir::concat(all(parts, groups)),
        HirKind::Alternation(parts) => Hir::alternation(all(parts, groups)),
    }
}

fn all(parts: &[Hir], groups: Groups) -> Vec<Hir> {
    parts.iter().map(|part| widen(part, groups)).collect()
}

/// What is repeated. Under `*` and `+`, a class of all that is not ASCII (and some that is) takes
/// exactly the runs that its bytes take: then bytes are enough, and the automaton is small.
fn repeated(repetition: &Repetition, groups: Groups) -> Hir {
    let unbounded = repetition.max.is_none() && repetition.min <= 1;
    let bare = match groups {
        Groups::Drop => bare(&repetition.sub),
        Groups::Keep => &repetition.sub,
    };
    let HirKind::Class(Class::Unicode(class)) = bare.kind() else {
        return widen(bare, groups);
    };
    if !(unbounded && takes_all_beyond_ascii(class)) {
        return widen(bare, groups);
    }
    let ascii = class.ranges().iter().filter_map(|range| {
        let start = u8::try_from(range.start()).ok()?;
        let end = u8::try_from(range.end()).map_or(0x7F, |end| end.min(0x7F));
        (start <= end).then(|| ClassBytesRange::new(start, end))
    });
    let ranges = ascii.chain([ClassBytesRange::new(0x80, 0xFF)]);
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}

/// The expression inside of groups.
fn bare(hir: &Hir) -> &Hir {
    if let HirKind::Capture(capture) = hir.kind() {
        bare(&capture.sub)
    } else {
        hir
    }
}

fn takes_broken(class: &ClassUnicode) -> bool {
    let holds =
        |range: &ClassUnicodeRange| range.start() <= '\u{FFFD}' && '\u{FFFD}' <= range.end();
    class.ranges().iter().any(holds)
}

fn takes_all_beyond_ascii(class: &ClassUnicode) -> bool {
    let last = class.ranges().last();
    last.is_some_and(|range| range.start() <= '\u{80}' && range.end() == char::MAX)
}
