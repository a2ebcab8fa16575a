extension [UInt8] {
    /// A copy of raw bytes.
    ///
    /// `Array(bytes)` would be the same, but where its result ends up unused Swift 6.3.1 frees the array before it
    /// fills it: a write into memory that may belong to others by then.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.init(unsafeUninitializedCapacity: bytes.count) { copy, count in
            UnsafeMutableRawBufferPointer(copy).copyMemory(from: bytes)
            count = bytes.count
        }
    }

    /// A copy of a slice of raw bytes.
    public init(copying bytes: Slice<UnsafeRawBufferPointer>) {
        self.init(copying: UnsafeRawBufferPointer(rebasing: bytes))
    }
}
