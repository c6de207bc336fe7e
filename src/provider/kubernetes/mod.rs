//! The Kubernetes providers: `kubernetescrd` (IngressRoute and its relatives) and `kubernetes`
//! (Ingress), features 13.1 and 13.2.
//!
//! `objects` is what is kept of a cluster, `translate` what becomes of it, `manifests` the way in
//! from files, `live` the one from an API server.
//! Never here: what a rule or a middleware means; a shard.

mod live;
mod manifests;
pub mod objects;
mod render;
mod selector;
pub mod translate;

pub use live::{Settings, Watch, watch};
pub use manifests::{Manifests, Sieve, load, looks_like_manifests};
pub use render::{Rendering, Translated, render, translated};
pub use translate::Flavour;
