//! What the allocator and the kernel make of the memory that is not used.

/// Asks the kernel to give single pages only. Where the machine hands out huge pages to all
/// (`transparent_hugepage=always`), a few used bytes would else hold 2 MiB each.
pub fn use_small_pages() {
    // SAFETY: the call takes numbers only, and changes nothing but how memory is backed.
    // It fails where the kernel knows no huge pages, and then nothing is to be done.
    let _unknown = unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) };
}

/// Gives what this thread, and threads that have ended, have freed back to the kernel. For
/// threads of the control wing, after something large: it may take milliseconds.
pub fn give_back() {
    // SAFETY: it takes no pointer, may be called on any thread at any time, and touches free
    // memory only.
    unsafe { libmimalloc_sys::mi_collect(true) };
}
