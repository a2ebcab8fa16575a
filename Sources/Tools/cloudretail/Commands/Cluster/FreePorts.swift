import Foundation

/// Ports of this machine that no program listens on.
enum FreePorts {
    /// Below those that the system gives to clients: one of them may otherwise sit on a node's port while it is down.
    private static let range = 20_000...29_999

    struct NoneLeft: Error, CustomStringConvertible {
        let description = "No free port was found between \(range.lowerBound) and \(range.upperBound)."
    }

    /// A free port that is none of `taken`, which then has it too.
    static func next(besides taken: inout Set<Int>) throws -> Int {
        for _ in range {
            let port = Int.random(in: range)
            guard !taken.contains(port), isFree(port) else { continue }
            taken.insert(port)
            return port
        }
        throw NoneLeft()
    }

    /// Whether a program could listen on it.
    static func isFree(_ port: Int) -> Bool {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Connections that have just ended keep no server from listening.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001).bigEndian)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
