/// Names one call of one connection, so that its reply finds the caller.
struct CallNumber: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt64
}
