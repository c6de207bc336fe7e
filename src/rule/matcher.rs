//! The leaves of a rule: one question about a request each, checked when made.

use std::fmt;

use super::fault::ValueFault;
use super::regex::Pattern;
use crate::base::Network;
use crate::wire::HeaderName;

/// One question about a request (or, where said, about a TCP connection).
/// The constructors check; the semantics are those of features 4.1, 4.2 and 7.2.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Matcher {
    /// `Host`, and `HostSNI` of a connection.
    Host(HostPattern),
    /// `HostRegexp`, and `HostSNIRegexp` of a connection.
    HostRegexp(Pattern),
    /// `Path`: the whole routing path.
    Path(Box<str>),
    /// `PathPrefix`: a plain string prefix, blind to segments.
    PathPrefix(Box<str>),
    PathRegexp(Pattern),
    /// Upper-case; the request's method is compared as sent.
    Method(Box<str>),
    /// Some value of the header equals `value`.
    Header {
        name: HeaderName,
        value: Box<str>,
    },
    HeaderRegexp {
        name: HeaderName,
        pattern: Pattern,
    },
    /// Some value of the parameter equals `value`; with one argument that is the empty string.
    Query {
        key: Box<str>,
        value: Box<str>,
    },
    QueryRegexp {
        key: Box<str>,
        pattern: Pattern,
    },
    /// As v2 asks: only the first value of the parameter counts.
    QueryFirst {
        key: Box<str>,
        pattern: Pattern,
    },
    /// The address that the connection comes from.
    ClientIp(Client),
    /// A protocol that the TLS client offers.
    Alpn(Box<str>),
}

/// The value of `Host`: lower-case, without trailing dot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostPattern {
    /// `*`: every request, also one without host.
    Any,
    /// `*.example.com`, held as `example.com`: exactly one label more.
    OneLabel(Box<str>),
    Exact(Box<str>),
}

/// The value of `ClientIP`: a range, and the text it was read from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    pub network: Network,
    text: Box<str>,
}

impl Matcher {
    /// `Host` of an HTTP rule.
    pub fn host(value: &str) -> Result<Self, ValueFault> {
        ascii("Host", value)?;
        Ok(Self::Host(HostPattern::new(value)))
    }

    /// `HostSNI` of a TCP rule.
    pub fn sni(value: &str) -> Result<Self, ValueFault> {
        ascii("HostSNI", value)?;
        let pattern = HostPattern::new(value);
        let fits = |name: &str| {
            let part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-:".contains(&byte);
            name.bytes().all(part)
        };
        let good = match &pattern {
            HostPattern::Any => true,
            HostPattern::OneLabel(name) | HostPattern::Exact(name) => fits(name),
        };
        if good {
            Ok(Self::Host(pattern))
        } else {
            Err(ValueFault::new(
                format!("`{value}` is no host name"),
                "write a host name, `*.` and a host name, or `*`; \
                 for a pattern use HostSNIRegexp",
            ))
        }
    }

    /// `HostRegexp`, and `HostSNIRegexp`.
    pub fn host_regexp(value: &str) -> Result<Self, ValueFault> {
        ascii("HostRegexp", value)?;
        Pattern::new(value).map(Self::HostRegexp)
    }

    /// `HostRegexp` of a v2 template, from which `pattern` was made.
    pub(super) fn host_regexp_of(template: &str, pattern: Pattern) -> Result<Self, ValueFault> {
        ascii("HostRegexp", template)?;
        Ok(Self::HostRegexp(pattern))
    }

    pub fn path(value: &str) -> Result<Self, ValueFault> {
        rooted(value)?;
        Ok(Self::Path(value.into()))
    }

    pub fn path_prefix(value: &str) -> Result<Self, ValueFault> {
        rooted(value)?;
        Ok(Self::PathPrefix(value.into()))
    }

    pub fn path_regexp(value: &str) -> Result<Self, ValueFault> {
        filled(value)?;
        Pattern::new(value).map(Self::PathRegexp)
    }

    pub fn method(value: &str) -> Result<Self, ValueFault> {
        filled(value)?;
        Ok(Self::Method(value.to_uppercase().into()))
    }

    pub fn header(name: &str, value: &str) -> Result<Self, ValueFault> {
        filled(value)?;
        Ok(Self::Header {
            name: header_name(name)?,
            value: value.into(),
        })
    }

    pub fn header_regexp(name: &str, value: &str) -> Result<Self, ValueFault> {
        filled(value)?;
        Ok(Self::HeaderRegexp {
            name: header_name(name)?,
            pattern: Pattern::new(value)?,
        })
    }

    /// `Query` with two arguments.
    pub fn query(key: &str, value: &str) -> Result<Self, ValueFault> {
        filled(key)?;
        filled(value)?;
        Ok(Self::Query {
            key: key.into(),
            value: value.into(),
        })
    }

    /// `Query` with one argument: the parameter is there with an empty value.
    pub fn query_empty(key: &str) -> Result<Self, ValueFault> {
        filled(key)?;
        Ok(Self::Query {
            key: key.into(),
            value: Box::default(),
        })
    }

    pub fn query_regexp(key: &str, value: &str) -> Result<Self, ValueFault> {
        filled(key)?;
        filled(value)?;
        Ok(Self::QueryRegexp {
            key: key.into(),
            pattern: Pattern::new(value)?,
        })
    }

    pub fn client_ip(value: &str) -> Result<Self, ValueFault> {
        filled(value)?;
        let network = value.parse().map_err(|_| {
            ValueFault::new(
                format!("`{value}` is no address and no range"),
                "write an address (`10.0.0.1`, `::1`) or a range (`10.0.0.0/8`)",
            )
        })?;
        Ok(Self::ClientIp(Client {
            network,
            text: value.into(),
        }))
    }

    /// `ALPN` of a TCP rule.
    pub fn alpn(value: &str) -> Result<Self, ValueFault> {
        filled(value)?;
        if value == "acme-tls/1" {
            return Err(ValueFault::new(
                "`acme-tls/1` belongs to ACME challenges and cannot be routed",
                "leave it to the certificate resolver",
            ));
        }
        Ok(Self::Alpn(value.into()))
    }
}

impl HostPattern {
    fn new(value: &str) -> Self {
        let value = value.to_ascii_lowercase();
        let value = without_dot(&value);
        match value.strip_prefix("*.") {
            _ if value == "*" => Self::Any,
            Some(rest) if !rest.is_empty() => Self::OneLabel(rest.into()),
            Some(_) | None => Self::Exact(value.into()),
        }
    }
}

/// A host without the dot at its end, if it has one.
fn without_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

impl fmt::Display for HostPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => out.write_str("*"),
            Self::OneLabel(rest) => write!(out, "*.{rest}"),
            Self::Exact(host) => out.write_str(host),
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

fn filled(value: &str) -> Result<(), ValueFault> {
    if value.is_empty() {
        Err(ValueFault::new("this value is empty", "give it a value"))
    } else {
        Ok(())
    }
}

fn ascii(what: &str, value: &str) -> Result<(), ValueFault> {
    filled(value)?;
    if value.is_ascii() {
        Ok(())
    } else {
        Err(ValueFault::new(
            format!("{what} takes ASCII only, not `{value}`"),
            "write the host in its punycode form (xn--...)",
        ))
    }
}

fn rooted(value: &str) -> Result<(), ValueFault> {
    filled(value)?;
    if value.starts_with('/') {
        Ok(())
    } else {
        Err(ValueFault::new(
            format!("the path `{value}` does not start with `/`"),
            format!("write `/{value}`"),
        ))
    }
}

fn header_name(name: &str) -> Result<HeaderName, ValueFault> {
    filled(name)?;
    HeaderName::new(name).map_err(|_| {
        ValueFault::new(
            format!("`{name}` is no header name"),
            "use letters, digits and hyphens",
        )
    })
}
