//! How an expression is run: a whole automaton when it is small, else one that is made while it
//! runs, in memory that the caller lends.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::hybrid;
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

use crate::base::limits::{
    REGEX_CACHE_BYTES_MAX, REGEX_CACHES_MAX, REGEX_DFA_BYTES_MAX, REGEX_NFA_BYTES_MAX,
};

pub(super) struct Engine {
    automaton: Box<Kind>,
    /// Anchored at the start: a search ends where it cannot begin.
    anchored: Anchored,
}

enum Kind {
    Whole(dense::DFA<Vec<u32>>),
    Growing { number: u64, dfa: hybrid::dfa::DFA },
}

/// What growing automata remember between searches.
#[derive(Default)]
pub(in crate::rule) struct Caches(HashMap<u64, hybrid::dfa::Cache, ahash::RandomState>);

impl Engine {
    pub(super) fn new(hir: &Hir) -> Result<Self, String> {
        let config = thompson::Config::new()
            .utf8(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(REGEX_NFA_BYTES_MAX));
        let nfa = thompson::Compiler::new()
            .configure(config)
            .build_from_hir(hir)
            .map_err(|_| format!("its automaton needs more than {REGEX_NFA_BYTES_MAX} bytes"))?;
        let anchored = if nfa.is_always_start_anchored() {
            Anchored::Yes
        } else {
            Anchored::No
        };
        let kind = match whole(&nfa, anchored) {
            Some(dfa) => Kind::Whole(dfa),
            None => growing(nfa)?,
        };
        Ok(Self {
            automaton: Box::new(kind),
            anchored,
        })
    }

    #[inline]
    pub(super) fn finds(&self, text: &[u8], caches: &mut Caches) -> bool {
        let input = Input::new(text).earliest(true).anchored(self.anchored);
        // No error can come: neither automaton gives up, and neither was told to quit at a byte.
        match &*self.automaton {
            Kind::Whole(dfa) => matches!(dfa.try_search_fwd(&input), Ok(Some(_))),
            Kind::Growing { number, dfa } => {
                let cache = caches.of(*number, dfa);
                matches!(dfa.try_search_fwd(cache, &input), Ok(Some(_)))
            }
        }
    }
}

fn whole(nfa: &NFA, anchored: Anchored) -> Option<dense::DFA<Vec<u32>>> {
    let start = match anchored {
        Anchored::Yes | Anchored::Pattern(_) => StartKind::Anchored,
        Anchored::No => StartKind::Unanchored,
    };
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(start)
        .determinize_size_limit(Some(4 * REGEX_DFA_BYTES_MAX))
        .dfa_size_limit(Some(REGEX_DFA_BYTES_MAX));
    let mut builder = dense::Builder::new();
    builder.configure(config).build_from_nfa(nfa).ok()
}

fn growing(nfa: NFA) -> Result<Kind, String> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let config = hybrid::dfa::Config::new()
        .match_kind(MatchKind::All)
        .cache_capacity(REGEX_CACHE_BYTES_MAX)
        .skip_cache_capacity_check(true);
    let dfa = hybrid::dfa::Builder::new()
        .configure(config)
        .build_from_nfa(nfa)
        .map_err(|error| error.to_string())?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Ok(Kind::Growing { number, dfa })
}

impl Caches {
    fn of(&mut self, number: u64, dfa: &hybrid::dfa::DFA) -> &mut hybrid::dfa::Cache {
        if self.0.len() >= REGEX_CACHES_MAX && !self.0.contains_key(&number) {
            self.0.clear();
        }
        self.0.entry(number).or_insert_with(|| dfa.create_cache())
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Caches({})", self.0.len())
    }
}
