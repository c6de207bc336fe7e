use crate::config::decode::record;

record! {
    /// Puts something before the path.
    pub struct AddPrefix {
        prefix "prefix": String,
    }
}

record! {
    /// Cuts the first prefix that fits.
    pub struct StripPrefix {
        prefixes "prefixes": Vec<String>,
        /// What v2 had: a path cut whole becomes a slash at once.
        force_slash "forceSlash": Option<bool>,
    }
}

record! {
    /// Cuts what matches at the path's start.
    pub struct StripPrefixRegex {
        regex "regex": Vec<String>,
    }
}

record! {
    /// Sets another path.
    pub struct ReplacePath {
        path "path": String,
    }
}

record! {
    /// Rewrites the path by a regular expression.
    pub struct ReplacePathRegex {
        regex "regex": String,
        /// `$1` and `${1}` stand for groups.
        replacement "replacement": String,
    }
}

record! {
    /// Sends the client to an address made from the one it asked for.
    pub struct RedirectRegex {
        regex "regex": String,
        replacement "replacement": String,
        permanent "permanent": bool,
    }
}

record! {
    /// Sends the client to the same address under another scheme.
    pub struct RedirectScheme {
        scheme "scheme": String,
        port "port": String,
        permanent "permanent": bool,
    }
}
