use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

use super::Configuration;
use crate::config::decode::{Setting, Writing};

/// Names every map of objects once: variant, path, field of `Configuration`, field in there.
/// `with_sections! { each }` calls the macro `each` with this list.
macro_rules! with_sections {
    ($each:ident) => {
        $each! {
            HttpRouters "http.routers" http routers,
            HttpServices "http.services" http services,
            HttpMiddlewares "http.middlewares" http middlewares,
            HttpServersTransports "http.serversTransports" http servers_transports,
            TcpRouters "tcp.routers" tcp routers,
            TcpServices "tcp.services" tcp services,
            TcpMiddlewares "tcp.middlewares" tcp middlewares,
            TcpServersTransports "tcp.serversTransports" tcp servers_transports,
            UdpRouters "udp.routers" udp routers,
            UdpServices "udp.services" udp services,
            TlsOptions "tls.options" tls options,
            TlsStores "tls.stores" tls stores,
        }
    };
}
pub(super) use with_sections;

macro_rules! section_enum {
    ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
        /// A map of objects in a configuration.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Section {
            $( $variant, )*
        }

        impl Section {
            pub const ALL: &'static [Self] = &[$( Self::$variant ),*];

            /// Its path in a file, such as `http.routers`.
            pub fn path(self) -> &'static str {
                match self {
                    $( Self::$variant => $path, )*
                }
            }
        }
    };
}
with_sections! { section_enum }

impl Section {
    /// The path of an object of a provider in its file: what `Places` knows it by.
    pub fn of(self, name: &str) -> String {
        format!("{}.{name}", self.path())
    }
}

impl fmt::Display for Section {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.path())
    }
}

impl Configuration {
    /// How many objects there are, certificates included.
    pub fn object_count(&self) -> usize {
        fn count<T>(map: &BTreeMap<String, Arc<T>>) -> usize {
            map.len()
        }
        macro_rules! count_all {
            ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
                [$( count(&self.$half.$map) ),*]
            };
        }
        let counts = with_sections! { count_all };
        counts.into_iter().sum::<usize>() + self.tls.certificates.len()
    }

    /// True when it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.object_count() == 0
    }

    /// Takes the objects of `other` too. Of two with one name the first stays, and the name is
    /// given back.
    pub fn absorb(&mut self, other: Self) -> Vec<(Section, String)> {
        fn take<T>(
            mine: &mut BTreeMap<String, Arc<T>>,
            theirs: BTreeMap<String, Arc<T>>,
            section: Section,
            double: &mut Vec<(Section, String)>,
        ) {
            if mine.is_empty() {
                *mine = theirs;
                return;
            }
            for (name, object) in theirs {
                match mine.entry(name) {
                    Entry::Vacant(seat) => {
                        seat.insert(object);
                    }
                    Entry::Occupied(seat) => double.push((section, seat.key().clone())),
                }
            }
        }
        let mut double = Vec::new();
        macro_rules! take_all {
            ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
                $( take(&mut self.$half.$map, other.$half.$map, Section::$variant, &mut double); )*
            };
        }
        with_sections! { take_all }
        self.tls.certificates.extend(other.tls.certificates);
        double
    }

    /// Takes over the objects of `before` that are equal, so that later stages see by address
    /// what did not change.
    pub fn reuse(&mut self, before: &Self) {
        fn keep<T: PartialEq>(
            mine: &mut BTreeMap<String, Arc<T>>,
            before: &BTreeMap<String, Arc<T>>,
        ) {
            let mut olds = before.iter().peekable();
            for (name, object) in mine {
                while olds.next_if(|(old, _)| *old < name).is_some() {}
                if let Some((_, old)) = olds.next_if(|(old, _)| *old == name)
                    && **old == **object
                {
                    *object = Arc::clone(old);
                }
            }
        }
        macro_rules! keep_all {
            ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
                $( keep(&mut self.$half.$map, &before.$half.$map); )*
            };
        }
        with_sections! { keep_all }
        for certificate in &mut self.tls.certificates {
            if let Some(old) = before
                .tls
                .certificates
                .iter()
                .find(|old| *old == certificate)
            {
                *certificate = Arc::clone(old);
            }
        }
    }

    /// The names of all objects, section by section; certificates have none.
    pub fn names(&self) -> impl Iterator<Item = (Section, String)> {
        let mut all = Vec::new();
        macro_rules! name_all {
            ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
                $( all.extend(
                    self.$half.$map.keys().map(|name| (Section::$variant, name.clone())),
                ); )*
            };
        }
        with_sections! { name_all }
        all.into_iter()
    }

    /// True when both have the very same object (by its address) under a name.
    pub fn shares(&self, other: &Self, section: Section, name: &str) -> bool {
        fn same<T>(
            one: &BTreeMap<String, Arc<T>>,
            other: &BTreeMap<String, Arc<T>>,
            name: &str,
        ) -> bool {
            matches!((one.get(name), other.get(name)),
                (Some(one), Some(other)) if Arc::ptr_eq(one, other))
        }
        macro_rules! same_in {
            ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
                match section {
                    $( Section::$variant => same(&self.$half.$map, &other.$half.$map, name), )*
                }
            };
        }
        with_sections! { same_in }
    }

    /// Takes an object of `from` over, in place of the one that has its name.
    pub fn put_from(&mut self, from: &Self, section: Section, name: &str) {
        fn put<T>(
            into: &mut BTreeMap<String, Arc<T>>,
            from: &BTreeMap<String, Arc<T>>,
            name: &str,
        ) {
            if let Some(object) = from.get(name) {
                into.insert(name.to_owned(), Arc::clone(object));
            }
        }
        macro_rules! put_in {
            ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
                match section {
                    $( Section::$variant => put(&mut self.$half.$map, &from.$half.$map, name), )*
                }
            };
        }
        with_sections! { put_in }
    }

    /// Takes an object out.
    pub fn take_out(&mut self, section: Section, name: &str) {
        macro_rules! take_from {
            ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
                match section {
                    $( Section::$variant => drop(self.$half.$map.remove(name)), )*
                }
            };
        }
        with_sections! { take_from }
    }

    /// Its JSON in Traefik's names and shapes.
    pub fn to_json(&self, how: Writing) -> Json {
        let mut json = self.write(how);
        if let Json::Object(map) = &mut json {
            map.retain(|_, half| half.as_object().is_some_and(|half| !half.is_empty()));
        }
        json
    }
}
