use std::io;
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// A socket address in the kernel's form; may be handed to it by pointer and length.
#[repr(C)]
#[derive(Clone, Copy)]
pub(in crate::engine) union Raw {
    any: libc::sockaddr,
    v4: libc::sockaddr_in,
    v6: libc::sockaddr_in6,
}

const FAMILY_V4: libc::sa_family_t = small(libc::AF_INET);
const FAMILY_V6: libc::sa_family_t = small(libc::AF_INET6);

impl Raw {
    /// Room for the kernel to write an address of either family into.
    pub(in crate::engine) const fn room() -> Self {
        // SAFETY: every member is plain integers and arrays of them, for which zero is a value.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }

    pub(in crate::engine) const fn as_ptr(&self) -> *const libc::sockaddr {
        (&raw const *self).cast()
    }

    pub(in crate::engine) const fn as_mut_ptr(&mut self) -> *mut libc::sockaddr {
        (&raw mut *self).cast()
    }

    /// Bytes of this address that the kernel should read.
    pub(in crate::engine) const fn len(&self) -> libc::socklen_t {
        if self.family() == FAMILY_V6 {
            super::size_of::<libc::sockaddr_in6>()
        } else {
            super::size_of::<libc::sockaddr_in>()
        }
    }

    const fn family(&self) -> libc::sa_family_t {
        // SAFETY: all members begin with the family field, and every constructor wrote it.
        unsafe { self.any.sa_family }
    }
}

impl From<SocketAddr> for Raw {
    fn from(address: SocketAddr) -> Self {
        let mut raw = Self::room();
        match address {
            SocketAddr::V4(v4) => {
                raw.v4 = libc::sockaddr_in {
                    sin_family: FAMILY_V4,
                    sin_port: v4.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from_ne_bytes(v4.ip().octets()),
                    },
                    sin_zero: [0; 8],
                };
            }
            SocketAddr::V6(v6) => {
                raw.v6 = libc::sockaddr_in6 {
                    sin6_family: FAMILY_V6,
                    sin6_port: v6.port().to_be(),
                    sin6_flowinfo: v6.flowinfo(),
                    sin6_addr: libc::in6_addr {
                        s6_addr: v6.ip().octets(),
                    },
                    sin6_scope_id: v6.scope_id(),
                };
            }
        }
        raw
    }
}

impl TryFrom<&Raw> for SocketAddr {
    type Error = io::Error;

    fn try_from(raw: &Raw) -> io::Result<Self> {
        match raw.family() {
            FAMILY_V4 => {
                // SAFETY: the family says which member was written; all its bit patterns are valid.
                let v4 = unsafe { raw.v4 };
                let ip = Ipv4Addr::from(v4.sin_addr.s_addr.to_ne_bytes());
                Ok(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
            }
            FAMILY_V6 => {
                // SAFETY: as above.
                let v6 = unsafe { raw.v6 };
                let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
                let port = u16::from_be(v6.sin6_port);
                Ok(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, v6.sin6_scope_id).into())
            }
            _ => Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "address families are small positive numbers"
)]
const fn small(family: libc::c_int) -> libc::sa_family_t {
    family as libc::sa_family_t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_trip_through_the_kernels_form() {
        for text in [
            "127.0.0.1:80",
            "[::1]:443",
            "[fe80::1%7]:65535",
            "0.0.0.0:0",
        ] {
            let address: SocketAddr = text.parse().unwrap();
            assert_eq!(SocketAddr::try_from(&Raw::from(address)).unwrap(), address);
        }
    }
}
