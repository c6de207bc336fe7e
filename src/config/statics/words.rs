//! Options whose value is one of a few words.

/// A closed set of words; the table of options lists the same ones (a test compares them).
pub(crate) trait Word: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];

    /// The variant of a word in the table's spelling; the first one for any other text.
    fn of(word: &str) -> Self {
        let mut all = Self::ALL.iter();
        let found = all.find(|(name, _)| *name == word);
        found.unwrap_or(&Self::ALL[0]).1
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl Word for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];
        }

        impl $name {
            /// The word that stands for it in the configuration.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.word())
            }
        }
    )*};
}

words! {
    /// `engine`: how the kernel is asked for input and output.
    Engine { Auto = "auto", Ring = "ring", Epoll = "epoll" }

    /// `core.defaultRuleSyntax`.
    RuleSyntax { V3 = "v3", V2 = "v2" }

    /// `log.level`, most talkative first.
    LogLevel {
        Trace = "TRACE", Debug = "DEBUG", Info = "INFO", Warn = "WARN", Error = "ERROR",
        Fatal = "FATAL", Panic = "PANIC"
    }

    /// `log.format`.
    LogFormat { Common = "common", Json = "json" }

    /// `accessLog.format`.
    AccessLogFormat { Common = "common", Json = "json", GenericClf = "genericCLF" }

    /// What happens to an access-log field.
    FieldMode { Keep = "keep", Drop = "drop" }

    /// What happens to a header in the access log.
    HeaderMode {
        Keep = "keep",
        Drop = "drop",
        /// The name stays, the value becomes `REDACTED`.
        Redact = "redact"
    }

    /// `http.underscoreHeadersStrategy`.
    UnderscoreHeaders {
        Keep = "keep",
        Delete = "delete",
        /// 400 for the whole request.
        Reject = "reject"
    }

    /// `observability.traceVerbosity`.
    TraceVerbosity { Minimal = "minimal", Detailed = "detailed" }
}
