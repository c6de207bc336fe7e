use regex_automata::meta::Regex;

use crate::wire::{Method, RequestHead, ResponseHead, names};

use super::plain;

/// Who may read answers from other origins (features 6, headers; Fetch 3.2).
#[derive(Debug)]
pub struct Cors {
    pub origins: Origins,
    /// `accessControlAllowCredentials`.
    pub credentials: bool,
    /// Values as they are sent; none where the option is unset.
    pub methods: Option<Box<[u8]>>,
    pub headers: Option<Box<[u8]>>,
    pub expose: Option<Box<[u8]>>,
    pub max_age: Option<Box<[u8]>>,
    pub vary: bool,
}

/// Which origins are let in.
#[derive(Debug)]
pub enum Origins {
    /// `*` is among those listed.
    Any,
    Listed {
        names: Box<[Box<[u8]>]>,
        patterns: Box<[Regex]>,
    },
}

impl Cors {
    /// True when any option of it is set.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        let values = [&self.methods, &self.headers, &self.expose, &self.max_age];
        let none = matches!(&self.origins, Origins::Listed { names, patterns }
            if names.is_empty() && patterns.is_empty());
        !none || self.credentials || self.vary || values.iter().any(|value| value.is_some())
    }

    /// The answer to a preflight request; none when this is no preflight.
    pub(super) fn preflight(&self, head: &RequestHead) -> Option<ResponseHead> {
        let asked = head.value(&names::ACCESS_CONTROL_REQUEST_METHOD)?;
        let origin = head.value(&names::ORIGIN)?;
        if head.method() != Method::Options || asked.is_empty() || origin.is_empty() {
            return None;
        }
        let mut answer = plain(200);
        if self.credentials {
            answer.set(&names::ACCESS_CONTROL_ALLOW_CREDENTIALS, b"true");
        }
        let pairs = [
            (&names::ACCESS_CONTROL_ALLOW_HEADERS, &self.headers),
            (&names::ACCESS_CONTROL_ALLOW_METHODS, &self.methods),
            (&names::ACCESS_CONTROL_MAX_AGE, &self.max_age),
        ];
        for (name, value) in pairs {
            if let Some(value) = value {
                answer.set(name, value);
            }
        }
        if let Some(allowed) = self.allowed(origin) {
            answer.set(&names::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        }
        Some(answer)
    }

    /// Fields of an answer to a request of that origin (empty: it named none).
    pub(super) fn on_response(&self, origin: &[u8], response: &mut ResponseHead) {
        if let Some(allowed) = self.allowed(origin) {
            response.set(&names::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        }
        if self.credentials {
            response.set(&names::ACCESS_CONTROL_ALLOW_CREDENTIALS, b"true");
        }
        if let Some(expose) = &self.expose {
            response.set(&names::ACCESS_CONTROL_EXPOSE_HEADERS, expose);
        }
        let told = |response: &ResponseHead| {
            let mut values = response.values(&names::VARY);
            values.any(|value| value.eq_ignore_ascii_case(b"origin"))
        };
        if self.vary && !told(response) {
            response.append(&names::VARY, b"Origin");
        }
    }

    /// What `Access-Control-Allow-Origin` says: a `*` together with credentials would mean
    /// nothing to a browser, so the origin itself is named then.
    fn allowed<'value>(&self, origin: &'value [u8]) -> Option<&'value [u8]> {
        let named = match &self.origins {
            Origins::Any if !self.credentials => return Some(b"*"),
            Origins::Any => true,
            Origins::Listed { names, patterns } => {
                names.iter().any(|known| **known == *origin)
                    || patterns.iter().any(|pattern| pattern.is_match(origin))
            }
        };
        (named && !origin.is_empty()).then_some(origin)
    }
}
