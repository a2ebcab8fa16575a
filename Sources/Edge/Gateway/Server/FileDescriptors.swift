#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How many files and sockets this process may have open (`RLIMIT_NOFILE`).
public enum FileDescriptors {
    /// Kept for everything that is no client: the log and its maps, the search index, keys, the payment provider's
    /// connections, the event loops.
    static let reserve = 192

    /// Raises the limit to the most that the system allows, which needs no privilege.
    ///
    /// - Returns: the limit.
    public static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return Int(Int32.max) }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many clients fit within `limit`. Of a limit that is hardly more than the reserve, half.
    public static func connectionsMax(within limit: Int) -> Int {
        max(1, limit >= 2 * reserve ? limit - reserve : limit / 2)
    }

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif
}

extension ConnectionLimits {
    /// The limits for a process that may have `limit` files open: one address gets half of the connections at most.
    public mutating func fit(descriptors limit: Int) {
        connectionsMax = min(connectionsMax, FileDescriptors.connectionsMax(within: limit))
        connectionsPerAddressMax = min(connectionsPerAddressMax, max(1, connectionsMax / 2))
    }
}
