//! The static configuration: what is decided at start and stays.
//!
//! `table` knows every option; `flags`, `variables` and `file` turn what users write into
//! settings, `load` chooses among them, `build` makes the checked [`Static`].
//! Never here: what acts on an option; the dynamic configuration.

mod address;
mod build;
mod candidates;
mod entry_point;
mod file;
mod flags;
mod kubernetes;
mod load;
mod mark;
mod model;
mod nearest;
pub mod option;
mod path;
mod schema;
mod settings;
pub mod table;
mod value;
mod variables;
mod view;
mod words;

#[cfg(test)]
mod tests;

pub use address::{Address, AddressFault, ListenHost, Protocol};
pub use candidates::{candidates, values, wants_value};
pub use flags::Flags;
pub use kubernetes::{Cluster, IngressEndpoint, Kubernetes};
pub use load::{Loaded, Origin, Sources, load, load_text};
pub use model::{
    AccessLog, AccessLogFields, AccessLogFilters, Api, Domain, EncodedCharacters, EntryPoint,
    EntryPointHttp, EntryPointTls, FileProvider, FileSource, ForwardedHeaders, Http2, Http3,
    INTERNAL_ENTRY_POINT, Log, Observability, Ping, Prometheus, Providers, ProxyProtocol,
    Redirection, RedirectionTarget, Rotation, ServersTransport, Static, Transport,
};
pub use words::{
    AccessLogFormat, Engine, FieldMode, HeaderMode, LogFormat, LogLevel, RuleSyntax,
    TraceVerbosity, UnderscoreHeaders,
};
