#if canImport(Glibc)
    import CMalloc
#endif

/// The allocator's settings for a process that frees as much as it takes, thousands of times a second: a node, a fold.
enum Heap {
    /// Free bytes at the end of a heap before they go back to the system. By default 128 KiB: the node then gave pages
    /// back and asked for them again with every order, which cost a tenth of its time.
    private static let trimThreshold: Int32 = 64 << 20
    /// By how much a heap grows at a time.
    private static let growth: Int32 = 4 << 20
    /// Larger blocks come from the system one by one: only the few that a batch, a page of results or an index needs.
    private static let mapThreshold: Int32 = 32 << 20

    /// To be called before there is much on the heap.
    static func configure() {
        #if canImport(Glibc)
            for (parameter, value) in [
                (M_TRIM_THRESHOLD, trimThreshold), (M_TOP_PAD, growth), (M_MMAP_THRESHOLD, mapThreshold)
            ] {
                let isSet = mallopt(parameter, value) == 1
                precondition(isSet, "the allocator knows its parameter \(parameter)")
            }
        #endif
    }
}
